"""Small contracts that differ in one place."""

from collections.abc import Mapping
from typing import Any

from lockstitch.contract.difference import Change, Difference, Policy, compare_raw

JSON = "application/json"
PATH = "/things"


def contract(operation: Mapping[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    """Return a document with one operation, `POST /things`."""
    found = {"responses": {"200": {"description": "Done."}}, **(operation or {})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": {PATH: {"post": found}},
        **others,
    }


def requesting(schema: Any, **others: Any) -> dict[str, Any]:
    body = {"required": True, "content": {JSON: {"schema": schema}}}
    return contract({"requestBody": body}, **others)


def answering(schema: Any, **others: Any) -> dict[str, Any]:
    responses = {"200": {"description": "Done.", "content": {JSON: {"schema": schema}}}}
    return contract({"responses": responses}, **others)


def asking(schema: Any, **words: Any) -> dict[str, Any]:
    parameter = {"name": "limit", "in": "query", "schema": schema, **words}
    return contract({"parameters": [parameter]})


def difference(
    base: Mapping[str, Any], revision: Mapping[str, Any], policy: Policy | None = None
) -> Difference:
    return compare_raw(base, revision, policy or Policy())


def told(base: Mapping[str, Any], revision: Mapping[str, Any]) -> dict[str, str]:
    """Return the level of each rule that applies."""
    return {change.rule: change.severity for change in difference(base, revision).changes}


def only(base: Mapping[str, Any], revision: Mapping[str, Any]) -> Change:
    """Return the one change that there is."""
    (change,) = difference(base, revision).changes
    return change
