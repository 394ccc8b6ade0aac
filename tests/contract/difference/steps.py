"""Steps of schemas, with the kind that names each and its level in a request and in a response."""

from typing import Any, NamedTuple

E, W, I = "error", "warning", "information"  # noqa: E741 - the columns of a table
STRING: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}


class Step(NamedTuple):
    """From one schema to another: the kind, and the level in a request and in a response."""

    kind: str
    base: Any
    revision: Any
    request: str
    response: str


def thing(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required)}


def listing(**words: Any) -> dict[str, Any]:
    return {"type": "array", "items": STRING, **words}


STEPS = [
    # Types
    Step("type-changed", STRING, INTEGER, E, E),
    Step("type-changed", thing(a=STRING), listing(), E, E),
    Step("type-widened", INTEGER, {"type": "number"}, I, E),
    Step("type-narrowed", {"type": "number"}, INTEGER, E, I),
    Step("type-widened", STRING, {}, I, E),
    Step("type-narrowed", {}, STRING, E, I),
    Step("type-narrowed", {"properties": {"a": STRING}}, thing(a=STRING), E, I),
    Step("became-nullable", STRING, {"type": ["string", "null"]}, I, E),
    Step("became-not-nullable", {"type": ["string", "null"]}, STRING, E, I),
    Step("became-nullable", STRING, {"anyOf": [STRING, {"type": "null"}]}, I, E),
    # Unions
    Step("alternative-added", STRING, {"anyOf": [STRING, INTEGER]}, I, E),
    Step("alternative-removed", {"oneOf": [STRING, INTEGER]}, STRING, E, I),
    Step(
        "alternative-added",
        {"type": ["string", "boolean"]},
        {"type": ["string", "boolean", "integer"]},
        I,
        E,
    ),
    # Numbers
    Step("max-decreased", {**INTEGER, "maximum": 9}, {**INTEGER, "maximum": 8}, E, I),
    Step("max-increased", {**INTEGER, "maximum": 8}, {**INTEGER, "maximum": 9}, I, E),
    Step("max-decreased", {**INTEGER, "maximum": 9}, {**INTEGER, "exclusiveMaximum": 9}, E, I),
    Step("max-set", INTEGER, {**INTEGER, "maximum": 9}, W, I),
    Step("max-unset", {**INTEGER, "maximum": 9}, INTEGER, I, E),
    Step(
        "min-increased", {"type": "number", "minimum": 1}, {"type": "number", "minimum": 1.5}, E, I
    ),
    Step("min-decreased", {**INTEGER, "minimum": 2}, {**INTEGER, "minimum": 1}, I, E),
    Step("min-set", INTEGER, {**INTEGER, "minimum": 1}, W, I),
    Step("min-unset", {**INTEGER, "minimum": 1}, INTEGER, I, E),
    Step("multiple-of-set", INTEGER, {**INTEGER, "multipleOf": 5}, E, I),
    Step("multiple-of-unset", {**INTEGER, "multipleOf": 5}, INTEGER, I, E),
    Step("multiple-of-changed", {**INTEGER, "multipleOf": 5}, {**INTEGER, "multipleOf": 10}, E, I),
    Step("multiple-of-changed", {**INTEGER, "multipleOf": 6}, {**INTEGER, "multipleOf": 4}, E, E),
    Step("format-widened", {**INTEGER, "format": "int32"}, {**INTEGER, "format": "int64"}, I, E),
    # Strings
    Step("min-length-increased", STRING, {**STRING, "minLength": 2}, E, I),
    Step("min-length-decreased", {**STRING, "minLength": 2}, {**STRING, "minLength": 1}, I, E),
    Step("max-length-set", STRING, {**STRING, "maxLength": 5}, W, I),
    Step("max-length-decreased", {**STRING, "maxLength": 9}, {**STRING, "maxLength": 5}, E, I),
    Step("max-length-increased", {**STRING, "maxLength": 5}, {**STRING, "maxLength": 9}, I, E),
    Step("max-length-unset", {**STRING, "maxLength": 5}, STRING, I, E),
    Step("pattern-added", STRING, {**STRING, "pattern": "^[a-z]+$"}, E, I),
    Step("pattern-removed", {**STRING, "pattern": "^[a-z]+$"}, STRING, I, I),
    Step(
        "pattern-changed",
        {**STRING, "pattern": "^[a-z]+$"},
        {**STRING, "pattern": "^[a-y]+$"},
        W,
        I,
    ),
    Step(
        "pattern-generalized", {**STRING, "pattern": "^[a-z]+$"}, {**STRING, "pattern": ".*"}, I, I
    ),
    Step("format-added", STRING, {**STRING, "format": "uuid"}, E, I),
    Step("format-removed", {**STRING, "format": "uuid"}, STRING, I, E),
    Step("format-changed", {**STRING, "format": "date"}, {**STRING, "format": "date-time"}, E, E),
    Step(
        "content-encoding-changed",
        {**STRING, "contentEncoding": "base64"},
        {**STRING, "contentEncoding": "base32"},
        E,
        E,
    ),
    # Lists of values
    Step("enum-value-removed", {"enum": ["a", "b"]}, {"enum": ["a"]}, E, I),
    Step("enum-value-added", {"enum": ["a"]}, {"enum": ["a", "b"]}, I, W),
    Step("type-changed", {"const": "a"}, {"const": "b"}, E, E),
    Step("became-enum", STRING, {"enum": ["a", "b"]}, E, I),
    Step("no-longer-enum", {"enum": ["a", "b"]}, STRING, I, E),
    Step(
        "extensible-enum-value-removed",
        {**STRING, "x-extensible-enum": ["a", "b"]},
        {**STRING, "x-extensible-enum": ["a"]},
        E,
        I,
    ),
    Step(
        "extensible-enum-value-added",
        {**STRING, "x-extensible-enum": ["a"]},
        {**STRING, "x-extensible-enum": ["a", "b"]},
        I,
        I,
    ),
    # Objects
    Step("became-required", thing(a=STRING), thing(("a",), a=STRING), E, I),
    Step("became-optional", thing(("a",), a=STRING), thing(a=STRING), I, E),
    Step(
        "became-optional-with-default",
        thing(("a",), a=STRING),
        thing(a={**STRING, "default": "x"}),
        I,
        W,
    ),
    Step("optional-property-added", thing(a=STRING), thing(a=STRING, b=STRING), I, I),
    Step("required-property-added", thing(a=STRING), thing(("b",), a=STRING, b=STRING), E, I),
    Step("optional-property-removed", thing(a=STRING, b=STRING), thing(a=STRING), W, W),
    Step("required-property-removed", thing(("b",), a=STRING, b=STRING), thing(a=STRING), W, E),
    Step(
        "additional-properties-closed",
        thing(a=STRING),
        {**thing(a=STRING), "additionalProperties": False},
        E,
        I,
    ),
    Step(
        "additional-properties-opened",
        {**thing(a=STRING), "additionalProperties": False},
        thing(a=STRING),
        I,
        I,
    ),
    Step(
        "pattern-properties-added",
        thing(a=STRING),
        {**thing(a=STRING), "patternProperties": {"^x": INTEGER}},
        E,
        I,
    ),
    Step(
        "pattern-properties-removed",
        {**thing(a=STRING), "patternProperties": {"^x": INTEGER}},
        thing(a=STRING),
        I,
        E,
    ),
    Step(
        "property-names-added",
        thing(a=STRING),
        {**thing(a=STRING), "propertyNames": {"pattern": "^[a-z]$"}},
        E,
        I,
    ),
    Step("max-properties-set", thing(a=STRING), {**thing(a=STRING), "maxProperties": 2}, E, I),
    Step("min-properties-set", thing(a=STRING), {**thing(a=STRING), "minProperties": 1}, E, I),
    Step("optional-became-read-only", thing(a=STRING), thing(a={**STRING, "readOnly": True}), I, I),
    Step(
        "required-became-not-write-only",
        thing(("a",), a={**STRING, "writeOnly": True}),
        thing(("a",), a=STRING),
        I,
        W,
    ),
    # Arrays
    Step("min-items-set", listing(), listing(minItems=1), W, I),
    Step("min-items-increased", listing(minItems=1), listing(minItems=2), E, I),
    Step("min-items-decreased", listing(minItems=2), listing(minItems=1), I, E),
    Step("max-items-set", listing(), listing(maxItems=3), W, I),
    Step("max-items-decreased", listing(maxItems=3), listing(maxItems=2), E, I),
    Step("max-items-unset", listing(maxItems=3), listing(), I, E),
    Step("unique-items-set", listing(), listing(uniqueItems=True), E, I),
    Step("unique-items-unset", listing(uniqueItems=True), listing(), I, E),
    Step("prefix-items-added", {"type": "array"}, {"type": "array", "prefixItems": [STRING]}, E, I),
    Step(
        "items-closed",
        {"type": "array", "prefixItems": [STRING]},
        {"type": "array", "prefixItems": [STRING], "items": False},
        E,
        I,
    ),
    Step("type-changed", listing(), {"type": "array", "items": INTEGER}, E, E),
    # What the algebra does not express
    Step("not-added", STRING, {**STRING, "not": {"const": "amber"}}, E, I),
    Step("not-removed", {**STRING, "not": {"const": "amber"}}, STRING, I, E),
    Step("contains-added", listing(), listing(contains={"const": "amber"}), E, I),
    Step(
        "min-contains-increased",
        listing(contains={"const": "amber"}),
        listing(contains={"const": "amber"}, minContains=2),
        E,
        I,
    ),
    Step(
        "dependent-required-added",
        thing(a=STRING, b=STRING),
        {**thing(a=STRING, b=STRING), "dependentRequired": {"a": ["b"]}},
        E,
        I,
    ),
    Step(
        "dependent-required-removed",
        {**thing(a=STRING, b=STRING), "dependentRequired": {"a": ["b"]}},
        thing(a=STRING, b=STRING),
        I,
        E,
    ),
    Step(
        "dependent-schema-added",
        thing(a=STRING),
        {**thing(a=STRING), "dependentSchemas": {"a": thing(("b",), b=STRING)}},
        E,
        I,
    ),
    Step(
        "then-added",
        {**thing(a=STRING), "if": thing(("a",), a={"const": "x"})},
        {**thing(a=STRING), "if": thing(("a",), a={"const": "x"}), "then": thing(("b",), b=STRING)},
        E,
        I,
    ),
    Step(
        "unevaluated-properties-changed",
        {**thing(a=STRING), "unevaluatedProperties": INTEGER, "if": True},
        {**thing(a=STRING), "unevaluatedProperties": STRING, "if": True},
        E,
        E,
    ),
    # Words
    Step("default-added", STRING, {**STRING, "default": "a"}, I, I),
    Step("default-changed", {**STRING, "default": "a"}, {**STRING, "default": "b"}, I, I),
    Step("member-deprecated", STRING, {**STRING, "deprecated": True}, I, I),
    Step("part-added", thing(a=STRING), {**thing(a=STRING), "allOf": [{"title": "A thing"}]}, I, I),
]


def having(word: str, value: Any = None, base: Any = STRING) -> dict[str, Any]:
    """Return a schema with one more keyword, or without it."""
    return base if value is None else {**base, word: value}


def set_and_unset(
    word: str, name: str, one: Any, other: Any, base: Any = STRING, levels: str = "EIIEEE"
) -> list[Step]:
    """Return the steps of a keyword that narrows: it comes, goes, and is changed."""
    column = {"E": E, "W": W, "I": I}
    levels_of = [column[level] for level in levels]
    without, ours, theirs = base, having(word, one, base), having(word, other, base)
    return [
        Step(f"{name}-added", without, ours, *levels_of[:2]),
        Step(f"{name}-removed", ours, without, *levels_of[2:4]),
        Step(f"{name}-changed", ours, theirs, *levels_of[4:]),
    ]


PAIR = thing(a=STRING, b=STRING)
BOTH = {"oneOf": [thing(("k",), k={"const": "a"}), thing(("k",), k={"const": "b"})]}
NAMED = {"$ref": "#/components/schemas/Thing"}
WHEN = thing(("a",), a={"const": "x"})
STEPS += [
    *set_and_unset("contentEncoding", "content-encoding", "base64", "base32"),
    *set_and_unset("contentMediaType", "content-media-type", "text/css", "text/html"),
    *set_and_unset("contentSchema", "content-schema", STRING, INTEGER),
    *set_and_unset("not", "not", {"const": "amber"}, {"const": "birch"}),
    *set_and_unset("contains", "contains", {"const": "amber"}, {"const": "birch"}, listing()),
    *set_and_unset("if", "if", WHEN, thing(("b",), b=STRING), {**PAIR, "then": thing(("b",))}),
    *set_and_unset("then", "then", thing(("b",)), thing(("c",)), {**PAIR, "if": WHEN}),
    *set_and_unset("else", "else", thing(("b",)), thing(("c",)), {**PAIR, "if": WHEN}),
    *set_and_unset("unevaluatedItems", "unevaluated-items", INTEGER, STRING, {"type": "array"}),
    *set_and_unset(
        "unevaluatedProperties", "unevaluated-properties", INTEGER, STRING, {**PAIR, "if": True}
    ),
    Step(
        "dependent-required-changed",
        {**PAIR, "dependentRequired": {"a": ["b"]}},
        {**PAIR, "dependentRequired": {"a": ["b", "c"]}},
        E,
        I,
    ),
    Step(
        "dependent-schema-changed",
        {**PAIR, "dependentSchemas": {"a": thing(("b",))}},
        {**PAIR, "dependentSchemas": {"a": thing(("c",))}},
        E,
        E,
    ),
    Step(
        "dependent-schema-removed", {**PAIR, "dependentSchemas": {"a": thing(("b",))}}, PAIR, I, E
    ),
    Step("discriminator-added", BOTH, {**BOTH, "discriminator": {"propertyName": "k"}}, I, I),
    Step("discriminator-removed", {**BOTH, "discriminator": {"propertyName": "k"}}, BOTH, I, I),
    Step(
        "discriminator-changed",
        {**PAIR, "discriminator": {"propertyName": "a"}},
        {**PAIR, "discriminator": {"propertyName": "b"}},
        I,
        I,
    ),
    Step("default-removed", {**STRING, "default": "a"}, STRING, I, I),
    Step("member-reactivated", {**STRING, "deprecated": True}, STRING, I, I),
    Step("format-narrowed", {**INTEGER, "format": "int64"}, {**INTEGER, "format": "int32"}, E, I),
    Step(
        "items-opened",
        {"type": "array", "prefixItems": [STRING], "items": False},
        {"type": "array", "prefixItems": [STRING]},
        I,
        E,
    ),
    Step(
        "prefix-items-removed", {"type": "array", "prefixItems": [STRING]}, {"type": "array"}, I, E
    ),
    Step("max-items-increased", listing(maxItems=2), listing(maxItems=3), I, E),
    Step("min-items-unset", listing(minItems=2), listing(), I, E),
    Step(
        "max-properties-decreased", {**PAIR, "maxProperties": 3}, {**PAIR, "maxProperties": 1}, E, I
    ),
    Step(
        "max-properties-increased", {**PAIR, "maxProperties": 1}, {**PAIR, "maxProperties": 3}, I, E
    ),
    Step("max-properties-unset", {**PAIR, "maxProperties": 1}, PAIR, I, E),
    Step(
        "min-properties-decreased", {**PAIR, "minProperties": 2}, {**PAIR, "minProperties": 1}, I, E
    ),
    Step(
        "min-properties-increased", {**PAIR, "minProperties": 1}, {**PAIR, "minProperties": 2}, E, I
    ),
    Step("min-properties-unset", {**PAIR, "minProperties": 1}, PAIR, I, E),
    Step(
        "min-contains-decreased",
        listing(contains={"const": "amber"}, minContains=2),
        listing(contains={"const": "amber"}),
        I,
        E,
    ),
    Step(
        "max-contains-decreased",
        listing(contains={"const": "amber"}, maxContains=3),
        listing(contains={"const": "amber"}, maxContains=2),
        E,
        I,
    ),
    Step(
        "max-contains-increased",
        listing(contains={"const": "amber"}, maxContains=2),
        listing(contains={"const": "amber"}, maxContains=3),
        I,
        E,
    ),
    Step("property-names-removed", {**PAIR, "propertyNames": {"pattern": "^[ab]$"}}, PAIR, I, E),
    Step(
        "property-refused",
        {**PAIR, "additionalProperties": False},
        {**thing(a=STRING), "additionalProperties": False},
        E,
        I,
    ),
    Step("named-part-added", PAIR, {**PAIR, "allOf": [NAMED]}, E, I),
    Step("named-part-removed", {**PAIR, "allOf": [NAMED]}, PAIR, I, E),
    Step(
        "named-alternative-added",
        {"anyOf": [NAMED, STRING]},
        {"anyOf": [NAMED, STRING, {"$ref": "#/components/schemas/Twin"}]},
        I,
        E,
    ),
    Step(
        "named-alternative-removed",
        {"anyOf": [NAMED, STRING, {"$ref": "#/components/schemas/Twin"}]},
        {"anyOf": [NAMED, STRING]},
        E,
        I,
    ),
    Step("idle-keyword-changed", {**STRING, "maximum": 9}, {**STRING, "maximum": 5}, E, I),
    Step("part-removed", {**PAIR, "allOf": [{"title": "A thing"}]}, PAIR, I, I),
    Step(
        "optional-became-not-read-only",
        thing(a={**STRING, "readOnly": True}),
        thing(a=STRING),
        I,
        I,
    ),
    Step(
        "optional-became-write-only", thing(a=STRING), thing(a={**STRING, "writeOnly": True}), I, I
    ),
    Step(
        "optional-became-not-write-only",
        thing(a={**STRING, "writeOnly": True}),
        thing(a=STRING),
        I,
        I,
    ),
    Step(
        "required-became-read-only",
        thing(("a",), a=STRING),
        thing(("a",), a={**STRING, "readOnly": True}),
        I,
        I,
    ),
    Step(
        "required-became-not-read-only",
        thing(("a",), a={**STRING, "readOnly": True}),
        thing(("a",), a=STRING),
        I,
        I,
    ),
    Step(
        "required-became-write-only",
        thing(("a",), a=STRING),
        thing(("a",), a={**STRING, "writeOnly": True}),
        I,
        I,
    ),
]
# What the references of the steps lead to.
COMPONENTS = {"schemas": {"Thing": thing(c=STRING), "Twin": thing(c=STRING)}}
