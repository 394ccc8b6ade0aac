"""Projects keep their tenants in many ways; each of them is found, and so are its leaks."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from attack.faults import MEMBER, change

from lockstitch.database.attack.attack import attack
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.prelude import prepare_database

PROJECTS = Path(__file__).parent / "attack" / "projects"

# Of each project: the tables of tenants and members, and policies that are then opened.
WAYS = [
    ("teams", "public.teams", "public.team_members", ("folders", "events", "bookings")),
    ("claimed_organisation", "public.organizations", None, ("projects", "organizations")),
    ("companies_without_keys", "public.companies", "public.company_users", ("companies", "docs")),
    ("people_without_keys", None, None, ("posts", "comments")),
    (
        "workspaces_of_profiles",
        "public.workspaces",
        "public.workspace_members",
        ("pages", "workspaces"),
    ),
    ("tenant_in_profile", "public.tenants", "public.profiles", ("orders", "profiles")),
    ("claimed_tenant_text", None, None, ("items",)),
]


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a database with what Supabase has, and nothing else."""
    name = f"project_{uuid4().hex}"
    prepare_database(postgres.dsn, name)
    yield name
    change(postgres.dsn("supabase_admin", "postgres"), f"drop database {name} with (force)")


@pytest.mark.parametrize(("project", "tenants", "members", "opened"), WAYS)
def test_the_tenants_of_a_project_are_found_and_attacked(
    postgres: EmbeddedPostgres,
    empty: str,
    project: str,
    tenants: str | None,
    members: str | None,
    opened: tuple[str, ...],
) -> None:
    admin, owner = postgres.dsn("supabase_admin", empty), postgres.dsn("postgres", empty)
    change(admin, (PROJECTS / f"{project}.sql").read_text())
    careful = attack(owner)
    for table in opened:
        grant = f"grant select on {table} to authenticated"
        policy = f"create policy leak on {table} for select to authenticated using (true)"
        change(admin, f"{grant}; {policy}")
    careless = attack(owner)

    assert [f"{one.place} {one.message}" for one in careful.report.findings] == []
    assert (careful.tenants, careful.members) == (tenants, members)
    reached = {
        one.relation
        for one in careless.cells
        if (one.verb, one.actor, one.outcome) == ("select", MEMBER, "reached")
    }
    assert {f"public.{table}" for table in opened} <= reached


def test_a_table_that_asks_who_reads_and_names_nobody_is_told(
    postgres: EmbeddedPostgres, empty: str
) -> None:
    table = (
        "create table letters (id bigint primary key, reader text); "
        "alter table letters enable row level security; "
        "create policy own on letters for select to authenticated "
        "using (reader = (auth.jwt() ->> 'email'))"
    )
    change(postgres.dsn("supabase_admin", empty), table)

    result = attack(postgres.dsn("postgres", empty))

    assert [(one.rule, str(one.place)) for one in result.report.findings] == [
        ("isolation-unowned", "public.letters")
    ]
