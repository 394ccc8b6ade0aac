"""The levels of everyday changes are those that other judges of contracts give."""

from typing import Any

import pytest
from pairs import difference
from verdicts import ID, PAIRS, Pair

WORST = ("error", "warning", "information")
SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {"type": "oauth2", "flows": {}},
}


def document(operation: dict[str, Any] | None) -> dict[str, Any]:
    item = {} if operation is None else {"parameters": [ID], "post": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": {"/things/{id}": item} if item else {},
        "components": {"securitySchemes": SCHEMES},
    }


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_worst_level_is_the_usual_one(pair: Pair) -> None:
    changes = difference(document(pair.base), document(pair.revision)).changes
    levels = {change.severity for change in changes}

    assert next((level for level in WORST if level in levels), None) == pair.level


def test_no_two_pairs_have_one_name() -> None:
    names = [pair.name for pair in PAIRS]

    assert len(names) == len(set(names)) >= 100
