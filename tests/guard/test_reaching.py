"""What the code of a route does with the database is read without running it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import reaching

from lockstitch.database.catalogue.data import Catalogue, Table
from lockstitch.guard.tiers.reaching import reach_of

NAMES = ("companies", "comments", "expenses")
CATALOGUE = Catalogue(
    version=18,
    tables=tuple(Table(namespace="public", name=name) for name in NAMES),
    roles=("anon", "authenticated", "postgres", "service_role"),
)
E, C = "public.expenses", "public.comments"


@pytest.mark.parametrize(
    ("function", "tables"),
    [
        (reaching.by_constant, {E: {"select"}, "public.companies": {"select"}}),
        (reaching.by_text, {C: {"insert", "delete"}, E: {"update"}}),
        (reaching.by_client, {C: {"insert"}, E: {"select"}}),
        (reaching.by_call, {E: {"select"}, "public.companies": {"select"}}),
        (reaching.by_recursion, {C: {"insert", "delete"}, E: {"update"}}),
        (reaching.by_parts, {C: {"select"}}),
        (reaching.by_words, {}),
        (reaching.by_role, {}),
    ],
)
def test_tables_of_a_function(function: Callable[..., Any], tables: dict[str, set[str]]) -> None:
    assert reach_of((function,), CATALOGUE, Path(__file__).parent).tables == tables


@pytest.mark.parametrize(
    ("function", "roles", "logins"),
    [
        (reaching.by_role, {"authenticated"}, set()),
        (reaching.by_principal, {"authenticated"}, set()),
        (reaching.by_actor, {"anon"}, set()),
        (reaching.by_admin, {"service_role"}, set()),
        (reaching.by_key, {"service_role"}, set()),
        (reaching.by_login, set(), {"postgres"}),
        (reaching.by_client, set(), set()),
        (reaching.by_constant, set(), set()),
    ],
)
def test_roles_of_a_function(
    function: Callable[..., Any], roles: set[str], logins: set[str]
) -> None:
    found = reach_of((function,), CATALOGUE, Path(__file__).parent)

    assert (found.roles, found.logins) == (roles, logins)


def test_functions_outside_of_the_project_are_not_followed(tmp_path: Path) -> None:
    assert reach_of((reaching.by_call,), CATALOGUE, tmp_path).tables == {}
