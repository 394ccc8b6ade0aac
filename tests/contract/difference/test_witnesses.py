"""Breaking steps come with a value, and a validator of another make confirms each."""

from typing import Any

import pytest
from pairs import answering, difference, requesting
from random_schemas import Maker, document
from steps import COMPONENTS, STEPS, STRING, thing

from lockstitch.contract.difference import Change
from tests.contract.independent import Independent

PAIRS = 120
SIDES = (requesting, answering)


def confirm(change: Change, base: dict[str, Any], revision: dict[str, Any]) -> None:
    assert change.witness is not None
    judges = {
        "base": Independent(base).at(change.witness.base_pointer),
        "revision": Independent(revision).at(change.witness.revision_pointer),
    }
    assert judges[change.witness.accepted_by].is_valid(change.witness.value)
    # What JSON Schema only notes is told apart: a validator that is told nothing accepts it.
    refused = not judges[change.witness.refused_by].is_valid(change.witness.value)
    assert refused != change.witness.asserted


def test_nearly_every_breaking_step_has_a_confirmed_witness() -> None:
    shown, missing = 0, []
    for step in STEPS:
        for side in SIDES:
            base = side(step.base, components=COMPONENTS)
            revision = side(step.revision, components=COMPONENTS)
            for change in difference(base, revision).breaking:
                if change.witness is not None:
                    confirm(change, base, revision)
                    shown += 1
                elif change.unwitnessed == "not-found":
                    missing.append((side.__name__, step.kind))

    assert shown / (shown + len(missing)) >= 0.95, missing


def test_nearly_every_breaking_change_of_random_schemas_has_a_confirmed_witness() -> None:
    shown, missing = 0, []
    for seed in range(PAIRS):
        maker = Maker(seed)
        schema = maker.schema()
        other = maker.edited(schema)
        components = document(schema)["components"]
        for side in SIDES:
            base, revision = side(schema, components=components), side(other, components=components)
            for change in difference(base, revision).breaking:
                if change.witness is not None:
                    confirm(change, base, revision)
                    shown += 1
                elif change.unwitnessed == "not-found":
                    missing.append((seed, change.rule))

    assert shown > PAIRS
    assert shown / (shown + len(missing)) >= 0.9, missing


def test_a_witness_is_a_whole_body_in_which_one_member_is_wrong() -> None:
    def body(size: dict[str, Any]) -> dict[str, Any]:
        return requesting(thing(("name", "size"), name=STRING, size=size))

    (change,) = difference(body({"type": "number"}), body({"type": "integer"})).breaking

    assert change.witness is not None
    assert change.witness.at == "root"
    assert set(change.witness.value) == {"name", "size"}
    assert "integer" in change.witness.refusal


def test_the_witness_of_a_response_is_what_only_the_revision_may_answer() -> None:
    (change,) = difference(answering(STRING), answering({"type": ["string", "null"]})).breaking

    assert change.witness is not None
    assert change.witness.value is None
    assert (change.witness.accepted_by, change.witness.refused_by) == ("revision", "base")


def test_a_media_type_that_holds_every_text_has_no_witness() -> None:
    words = {"contentMediaType": "text/html"}
    (change,) = difference(requesting(STRING), requesting({**STRING, **words})).breaking

    assert (change.witness, change.unwitnessed) == (None, "not-checked")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"contentEncoding": "base64"}),
        ({"contentEncoding": "base64"}, {"contentEncoding": "base32"}),
        ({"contentEncoding": "base64"}, {"contentEncoding": "base64url"}),
        ({"contentEncoding": "base64"}, {"contentEncoding": "quoted-printable"}),
        ({"contentEncoding": "base16"}, {"contentEncoding": "7bit", "contentMediaType": "a/b+xml"}),
        ({"contentMediaType": "application/json"}, {"contentMediaType": "application/xml"}),
        ({"contentMediaType": "text/plain"}, {"contentMediaType": "application/json"}),
        ({"contentSchema": STRING}, {"contentSchema": {**STRING, "minLength": 3}}),
        (
            {"contentEncoding": "base64", "contentMediaType": "image/png"},
            {"contentEncoding": "base64", "contentMediaType": "image/jpeg"},
        ),
        ({"format": "byte"}, {"format": "date"}),
        ({}, {"format": "byte"}),
    ],
)
def test_what_a_text_holds_is_shown_by_asserting_it(old: Any, new: Any) -> None:
    base, revision = requesting({**STRING, **old}), requesting({**STRING, **new})
    changes = difference(base, revision).breaking

    assert changes
    for change in changes:
        confirm(change, base, revision)


@pytest.mark.parametrize(("old", "new"), [("int64", "int32"), ("double", "float"), (None, "int8")])
def test_formats_of_numbers_are_shown_by_their_ranges(old: str | None, new: str) -> None:
    kind = "number" if new == "float" else "integer"
    base, revision = (requesting({"type": kind, "format": name}) for name in (old, new))
    if old is None:
        base = requesting({"type": kind})
    (change,) = difference(base, revision).breaking

    confirm(change, base, revision)
    assert change.witness is not None
    assert change.witness.asserted
    assert "when contents and formats are checked" in change.message


def test_a_limit_beside_a_list_of_values_is_shown_where_it_takes_one_away() -> None:
    words = {**STRING, "enum": ["oak", "hawthorn"]}
    base, revision = (requesting({**words, "maxLength": longest}) for longest in (9, 7))
    (change,) = difference(base, revision).breaking

    confirm(change, base, revision)
    assert change.rule == "request-max-length-decreased"


def test_the_witness_of_a_required_member_is_without_it() -> None:
    base, revision = (
        thing(a=STRING, b=STRING),
        thing(("b",), a=STRING, b={**STRING, "minLength": 1}),
    )
    required, longer = difference(requesting(base), requesting(revision)).breaking
    if required.rule != "request-became-required":
        required, longer = longer, required

    assert required.witness is not None
    assert longer.witness is not None
    assert "b" not in required.witness.value
    assert longer.witness.value["b"] == ""


def test_a_witness_is_refused_for_the_step_that_it_shows() -> None:
    base = thing(("a",), a={**STRING, "maxLength": 80}, b=STRING)
    revision = thing(("a", "b"), a={**STRING, "maxLength": 40}, b=STRING)
    found = {
        one.rule: one.witness for one in difference(requesting(base), requesting(revision)).breaking
    }

    shorter, needed = found["request-max-length-decreased"], found["request-became-required"]
    assert shorter is not None
    assert needed is not None
    assert len(shorter.value["a"]) > 40
    assert "b" in shorter.value
    assert "longer than 40" in shorter.refusal
    assert "b" not in needed.value
    assert len(needed.value["a"]) <= 40


def test_the_refusal_names_the_alternative_that_nearly_fits() -> None:
    def optional(longest: int) -> dict[str, Any]:
        text = {**STRING, "maxLength": longest}
        return requesting(thing(a={"anyOf": [text, {"type": "null"}]}))

    (change,) = difference(optional(9), optional(5)).breaking

    assert change.witness is not None
    assert "longer than 5" in change.witness.refusal


def test_the_witness_of_an_item_is_one_item() -> None:
    def listed(kind: str) -> dict[str, Any]:
        return answering({"type": "array", "items": thing(("id",), id={"type": kind})})

    (change,) = difference(listed("integer"), listed("string")).breaking

    assert change.witness is not None
    assert len(change.witness.value) == 1


def test_all_but_the_step_is_as_both_sides_want_it() -> None:
    """The base may leave out what the revision needs, and write null where it wants a text."""

    def task(*needed: str, longest: int, due: Any) -> dict[str, Any]:
        title = {**STRING, "maxLength": longest}
        return requesting(thing(("title", *needed), title=title, due=due))

    base = task(longest=80, due={"anyOf": [STRING, {"type": "null"}]})
    revision = task("due", longest=40, due=STRING)
    found = {one.rule: one.witness for one in difference(base, revision).breaking}
    shorter = found["request-max-length-decreased"]

    assert shorter is not None
    assert isinstance(shorter.value["due"], str)
