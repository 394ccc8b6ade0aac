"""Documents with something wrong in them: what cannot be read is told, and nothing falls over."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from pairs import JSON, contract, difference, requesting
from steps import COMPONENTS, STEPS, STRING, thing

from lockstitch.errors import UnreadableDocument

NONSENSE: tuple[Any, ...] = (
    None,
    True,
    -1,
    "x",
    [],
    {},
    [None],
    ["a", {}],
    {"$ref": "#/nowhere"},
    {"type": ["string", None]},
    {"allOf": []},
    {"type": "object", "required": "a"},
)
TRIES = 600


def whole(schema: Any) -> dict[str, Any]:
    """Return a document with a schema in each place that one can have."""
    content = {JSON: {"schema": schema}}
    headers = {"X-Total": {"schema": schema}}
    return contract(
        {
            "parameters": [{"name": "limit", "in": "query", "schema": schema}],
            "requestBody": {"content": content},
            "responses": {"200": {"description": "", "content": content, "headers": headers}},
            "security": [{"key": ["read"]}],
            "tags": ["a"],
        },
        components={**COMPONENTS, "securitySchemes": {"key": {"type": "http", "scheme": "basic"}}},
    )


def nodes(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        yield value
        for one in inner:
            yield from nodes(one)


def spoiled(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    found = copy.deepcopy(document)
    node = chance.choice([one for one in nodes(found["paths"]) if one])
    key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
    node[key] = copy.deepcopy(chance.choice(NONSENSE))
    return found


def test_nonsense_anywhere_is_told_and_never_crashes() -> None:
    chance = random.Random(1)
    left_out = 0
    for _ in range(TRIES):
        step = chance.choice(STEPS)
        base, revision = spoiled(whole(step.base), chance), spoiled(whole(step.revision), chance)
        changes = difference(base, revision).changes
        left_out += any(change.rule == "part-unreadable" for change in changes)

    assert left_out > TRIES / 4


def test_what_cannot_be_read_is_named_by_its_place() -> None:
    base = requesting(thing(a=STRING))
    revision = requesting(thing(a={"type": "strange"}))
    found = {one.rule: one for one in difference(base, revision).changes}

    schema = "/paths/~1things/post/requestBody/content/application~1json/schema"
    assert found["part-unreadable"].revision_pointer == f"{schema}/properties/a"


def test_a_document_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="no OpenAPI document"):
        difference(contract(), {"info": {}})


def test_what_cannot_be_read_is_told_of_its_side() -> None:
    broken = requesting({"$ref": "#/nowhere"})
    base, revision = difference(broken, broken).changes

    assert (base.base_pointer, base.revision_pointer) == (revision.revision_pointer, None)
    assert " of the base cannot be read" in base.message + revision.message
    assert " of the revision cannot be read" in base.message + revision.message
    assert not base.message.endswith("..")
    assert base.fix == "Mend this part of the document, and compare again."


def test_a_swagger_document_is_refused_with_the_way_out() -> None:
    swagger = {"swagger": "2.0", "info": {}, "paths": {}}

    with pytest.raises(UnreadableDocument, match=r"The revision .* Swagger 2.0, .*swagger2openapi"):
        difference(contract(), swagger)
