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
    assert not judges[change.witness.refused_by].is_valid(change.witness.value)


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


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"contentEncoding": "base64"}, "not-checked"),
        ({"contentMediaType": "text/html"}, "not-checked"),
    ],
)
def test_what_json_schema_does_not_check_has_no_witness(words: dict[str, Any], reason: str) -> None:
    changes = difference(requesting(STRING), requesting({**STRING, **words})).breaking

    assert changes
    assert {change.unwitnessed for change in changes} == {reason}


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
