"""The subset test: against a table, and against a validator that knows nothing of the algebra."""

from itertools import islice
from typing import Any

import pytest
from random_schemas import Maker, document

from lockstitch.contract.difference.candidates import Candidates, Sampling
from lockstitch.contract.difference.subset import is_subset
from lockstitch.contract.reading import read_document
from tests.contract.independent import Independent

ROOT = "/components/schemas/Root"
PAIRS = 150
TREE = {"$ref": "#/components/schemas/Tree"}

TABLE: list[tuple[str, Any, Any, str]] = [
    ("a schema and itself", {"type": "string"}, {"type": "string"}, "yes"),
    ("an integer is a number", {"type": "integer"}, {"type": "number"}, "yes"),
    ("not every number is an integer", {"type": "number"}, {"type": "integer"}, "no"),
    (
        "multiples of 2 are integers",
        {"type": "number", "multipleOf": 2},
        {"type": "integer"},
        "yes",
    ),
    (
        "multiples of 6 are multiples of 3",
        {"type": "integer", "multipleOf": 6},
        {"type": "integer", "multipleOf": 3},
        "yes",
    ),
    (
        "the greatest multiple counts, not the limit",
        {"type": "integer", "multipleOf": 10, "minimum": 0, "maximum": 15},
        {"type": "integer", "maximum": 12},
        "yes",
    ),
    (
        "an exclusive limit of integers",
        {"type": "integer", "exclusiveMinimum": 4},
        {"type": "integer", "minimum": 5},
        "yes",
    ),
    (
        "an exclusive limit of numbers",
        {"type": "number", "minimum": 4},
        {"type": "number", "exclusiveMinimum": 4},
        "no",
    ),
    ("values of a list", {"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, "yes"),
    ("a list that is longer", {"enum": ["a", "z"]}, {"enum": ["a", "b"]}, "no"),
    ("a constant and its type", {"const": 3}, {"type": "integer"}, "yes"),
    (
        "few integers, all listed",
        {"type": "integer", "minimum": 1, "maximum": 2},
        {"enum": [1, 2, 3]},
        "yes",
    ),
    ("both booleans, both listed", {"type": "boolean"}, {"enum": [True, False]}, "yes"),
    ("1 is not true", {"const": 1}, {"const": True}, "no"),
    ("null is no string", {"type": ["string", "null"]}, {"type": "string"}, "no"),
    (
        "an alternative of a union",
        {"type": "string"},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "yes",
    ),
    (
        "alternatives in another order",
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "yes",
    ),
    (
        "one that more than one alternative accepts",
        {"const": 4},
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        "no",
    ),
    (
        "any value, by all types",
        True,
        {"type": ["string", "number", "boolean", "null", "array", "object"]},
        "yes",
    ),
    (
        "shorter strings",
        {"type": "string", "maxLength": 3},
        {"type": "string", "maxLength": 4},
        "yes",
    ),
    ("longer strings", {"type": "string"}, {"type": "string", "maxLength": 4}, "no"),
    ("a pattern that is gone", {"type": "string", "pattern": "^a"}, {"type": "string"}, "yes"),
    ("a pattern of everything", {"type": "string"}, {"type": "string", "pattern": ".*"}, "yes"),
    (
        "another pattern",
        {"type": "string", "pattern": "^ab"},
        {"type": "string", "pattern": "^a"},
        "unknown",
    ),
    ("a format that is gone", {"type": "string", "format": "uuid"}, {"type": "string"}, "yes"),
    ("a format that is new", {"type": "string"}, {"type": "string", "format": "uuid"}, "unknown"),
    (
        "32 bits in 64",
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        "yes",
    ),
    (
        "a required member that was optional",
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        "no",
    ),
    (
        "an optional member that is new",
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": {}, "b": {"type": "string"}}},
        "yes",
    ),
    (
        "a member of a dictionary",
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"b": {"type": "string"}}},
        "no",
    ),
    (
        "a closed object",
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        "no",
    ),
    (
        "members by pattern",
        {
            "type": "object",
            "patternProperties": {"^x": {"type": "integer"}},
            "additionalProperties": False,
        },
        {"type": "object", "patternProperties": {"^x": {"type": "number"}}},
        "yes",
    ),
    ("fewer items", {"type": "array", "maxItems": 2}, {"type": "array", "maxItems": 3}, "yes"),
    (
        "items of another type",
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "integer"}},
        "no",
    ),
    (
        "no items at all",
        {"type": "array", "items": {"type": "string"}, "maxItems": 0},
        {"type": "array", "items": {"type": "integer"}},
        "yes",
    ),
    (
        "a tuple and a list",
        {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "integer"}],
            "items": False,
            "minItems": 2,
        },
        {"type": "array", "items": {"type": "number"}, "minItems": 1},
        "yes",
    ),
    ("repeated items", {"type": "array"}, {"type": "array", "uniqueItems": True}, "no"),
    ("a schema that contains itself", TREE, TREE, "yes"),
    (
        "a keyword that is not expressed",
        {"type": "string"},
        {"type": "string", "not": {"const": "a"}},
        "unknown",
    ),
]


@pytest.mark.parametrize(
    ("narrow", "wide", "answer"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_subset_of(narrow: Any, wide: Any, answer: str) -> None:
    one, other = read_document(document(narrow)), read_document(document(wide))

    assert is_subset(one.schemas["Root"], other.schemas["Root"], one, other) == answer


def test_a_hidden_member_is_not_demanded_in_its_direction() -> None:
    members = {"id": {"type": "string", "readOnly": True}}
    one = read_document(document({"type": "object", "properties": members}))
    other = read_document(document({"type": "object", "properties": members, "required": ["id"]}))
    narrow, wide = one.schemas["Root"], other.schemas["Root"]

    assert is_subset(narrow, wide, one, other, "write") == "yes"
    assert is_subset(narrow, wide, one, other, "read") == "no"


def test_a_discriminator_tells_alternatives_apart() -> None:
    def union(*names: str) -> dict[str, Any]:
        parts = [
            {"type": "object", "properties": {"kind": {"const": name}}, "required": ["kind"]}
            for name in names
        ]
        return {"oneOf": parts, "discriminator": {"propertyName": "kind"}}

    one, other = (
        read_document(document(union("a", "b"))),
        read_document(document(union("b", "c", "a"))),
    )

    assert is_subset(one.schemas["Root"], other.schemas["Root"], one, other) == "yes"
    assert is_subset(other.schemas["Root"], one.schemas["Root"], other, one) == "no"


def test_random_pairs_agree_with_an_independent_validator() -> None:
    """What is called a subset has no counter-example; what is not nearly always has one."""
    refused = shown = 0
    for seed in range(PAIRS):
        maker = Maker(seed)
        schema = maker.schema()
        raws = document(schema), document(maker.edited(schema), "string" if seed % 5 else "integer")
        for ours, theirs in (raws, raws[::-1]):
            answer, example = judged(ours, theirs)
            assert answer != "yes" or example is None, (seed, example)
            refused += answer == "no"
            shown += answer == "no" and example is not None

    assert refused > PAIRS / 2
    assert shown / refused > 0.9


def judged(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[str, tuple[Any] | None]:
    """Return the answer, and a value that the one accepts and the other refuses."""
    one, other = read_document(ours), read_document(theirs)
    narrow, wide = one.schemas["Root"], other.schemas["Root"]
    accepting, refusing = Independent(ours).at(ROOT), Independent(theirs).at(ROOT)
    values = islice(Candidates(Sampling(one), other).of(narrow, wide), 300)
    found = ((v,) for v in values if accepting.is_valid(v) and not refusing.is_valid(v))
    return is_subset(narrow, wide, one, other), next(found, None)
