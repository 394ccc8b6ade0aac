"""What each step of a schema is called, and how bad it is in either direction."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from pairs import answering, asking, contract, difference, requesting, told
from steps import COMPONENTS, INTEGER, STEPS, STRING, Step, thing


def side(made: Callable[..., dict[str, Any]], schema: Any) -> dict[str, Any]:
    return made(schema, components=COMPONENTS)


def described(step: Step) -> str:
    return f"{step.kind}-{STEPS.index(step)}"


@pytest.mark.parametrize("step", STEPS, ids=described)
def test_level_in_a_request(step: Step) -> None:
    found = told(side(requesting, step.base), side(requesting, step.revision))

    assert found.get(f"request-{step.kind}") == step.request
    assert "error" not in found.values() or step.request == "error"


@pytest.mark.parametrize("step", STEPS, ids=described)
def test_level_in_a_response(step: Step) -> None:
    found = told(side(answering, step.base), side(answering, step.revision))

    assert found.get(f"response-{step.kind}") == step.response
    assert "error" not in found.values() or step.response == "error"


@pytest.mark.parametrize("step", STEPS, ids=described)
def test_the_same_schema_twice_is_no_step(step: Step) -> None:
    assert told(side(requesting, step.revision), side(requesting, step.revision)) == {}


def test_a_step_is_found_below_members_items_and_references() -> None:
    def nested(leaf: Any) -> dict[str, Any]:
        inner = {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}}
        leaf_schema = {"components": {"schemas": {"Leaf": thing(value=leaf)}}}
        return answering(thing(("list",), list=inner), **leaf_schema)

    (change,) = difference(nested(STRING), nested(INTEGER)).changes

    assert change.member == ("list", "*", "value")
    assert change.revision_pointer == "/components/schemas/Leaf/properties/value"
    assert change.operation == "post /things"
    assert (change.method, change.path, change.part) == ("POST", "/things", "200")


def test_a_schema_that_contains_itself_is_compared_once() -> None:
    def tree(value: Any) -> dict[str, Any]:
        node = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
        schemas = {"components": {"schemas": {"Tree": thing(value=value, children=node)}}}
        return requesting({"$ref": "#/components/schemas/Tree"}, **schemas)

    assert told(tree(STRING), tree(INTEGER)) == {"request-type-changed": "error"}
    assert told(tree(STRING), tree(STRING)) == {}


def test_schemas_that_contain_each_other_are_compared_from_each_of_them() -> None:
    def rings(value: Any) -> dict[str, Any]:
        schemas = {
            "A": thing(value=value, b={"$ref": "#/components/schemas/B"}),
            "B": thing(a={"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}),
        }
        found = contract(components={"schemas": schemas})
        for name in schemas:
            content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
            answer = {"responses": {"200": {"description": "", "content": content}}}
            found["paths"][f"/{name}"] = {"get": answer}
        return found

    changes = difference(rings(STRING), rings(INTEGER)).changes

    assert {(change.path, change.member) for change in changes} == {
        ("/A", ("value",)),
        ("/B", ("a", "value")),
    }


def test_unions_that_contain_each_other_come_to_an_end() -> None:
    def filters(value: Any) -> dict[str, Any]:
        either = {
            "oneOf": [{"$ref": "#/components/schemas/Leaf"}, {"$ref": "#/components/schemas/All"}]
        }
        schemas = {
            "Leaf": thing(("key",), key=value),
            "All": thing(("all",), all={"type": "array", "items": either}),
        }
        return requesting(either, components={"schemas": schemas})

    assert told(filters(STRING), filters(STRING)) == {}
    assert told(filters(STRING), filters(INTEGER)) == {"request-type-changed": "error"}


def test_a_schema_may_move_into_a_component() -> None:
    inline = requesting(thing(("a",), a=STRING))
    reference = {"$ref": "#/components/schemas/Thing"}
    schemas = {"components": {"schemas": {"Thing": thing(("a",), a=STRING)}}}

    assert told(inline, requesting(reference, **schemas)) == {}


def test_a_union_in_another_order_is_the_same() -> None:
    one = {"anyOf": [STRING, thing(("a",), a=INTEGER), {"type": "null"}]}
    other = {"anyOf": [{"type": "null"}, thing(("a",), a=INTEGER), STRING]}

    assert told(answering(one), answering(other)) == {}


def test_a_union_and_a_list_of_types_are_the_same() -> None:
    assert (
        told(requesting({"type": ["string", "integer"]}), requesting({"oneOf": [STRING, INTEGER]}))
        == {}
    )


def test_a_union_that_gives_way_to_the_wider_alternative_is_the_same() -> None:
    union = {"anyOf": [INTEGER, {"type": "number"}]}

    assert "error" not in told(answering(union), answering({"type": "number"})).values()
    assert "error" not in told(requesting(union), requesting({"type": "number"})).values()


def test_a_named_alternative_counts_by_its_name() -> None:
    def pets(*names: str) -> dict[str, Any]:
        schemas = {name: thing(name=STRING) for name in ("Cat", "Cow", "Dog")}
        union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
        return requesting(union, components={"schemas": schemas})

    (change,) = difference(pets("Cat", "Cow", "Dog"), pets("Cat", "Dog")).breaking

    assert change.rule == "request-named-alternative-removed"
    assert not change.is_schema_level
    assert (change.witness, change.unwitnessed) == (None, "by-name")


def test_allof_is_compared_by_what_it_demands() -> None:
    parts = {"allOf": [thing(("a",), a=STRING), thing(b=INTEGER)]}
    whole = thing(("a",), a=STRING, b=INTEGER)

    assert set(told(requesting(parts), requesting(whole)).values()) <= {"information"}
    assert (
        "error"
        in told(requesting(parts), requesting(thing(("a", "b"), a=STRING, b=INTEGER))).values()
    )


def test_limits_of_a_read_only_member_do_not_matter_in_a_request() -> None:
    def member(longest: int) -> dict[str, Any]:
        return thing(a={**STRING, "maxLength": longest, "readOnly": True})

    assert told(requesting(member(9)), requesting(member(5))) == {
        "request-max-length-decreased": "information"
    }
    assert told(answering(member(5)), answering(member(9))) == {
        "response-max-length-increased": "error"
    }


def test_a_limit_of_another_type_is_told_without_a_witness() -> None:
    base, revision = ({**STRING, "maximum": limit} for limit in (9, 5))
    (change,) = difference(requesting(base), requesting(revision)).breaking

    assert change.rule == "request-idle-keyword-changed"
    assert "which cannot apply to string" in change.message
    assert not change.is_schema_level
    assert (change.witness, change.unwitnessed) == (None, "does-not-apply")


def test_a_parameter_may_become_a_list_of_what_it_was() -> None:
    assert told(asking(INTEGER), asking({"type": "array", "items": INTEGER})) == {
        "parameter-type-widened": "information"
    }
    assert told(asking(INTEGER), asking({"type": "array", "items": {"type": "boolean"}})) == {
        "parameter-type-changed": "error"
    }


def test_a_parameter_may_become_any_text() -> None:
    assert told(asking(INTEGER), asking(STRING)) == {"parameter-type-widened": "information"}
    assert "error" in told(asking(STRING), asking(INTEGER)).values()


def test_the_default_of_a_parameter_is_part_of_what_it_does() -> None:
    assert told(asking(INTEGER), asking({**INTEGER, "default": 10})) == {
        "parameter-default-added": "error"
    }


def test_openapi_3_0_and_3_1_spellings_mean_the_same() -> None:
    old = requesting(
        thing(a={**STRING, "nullable": True}, b={**INTEGER, "minimum": 1, "exclusiveMinimum": True})
    )
    new = requesting(thing(a={"type": ["string", "null"]}, b={**INTEGER, "exclusiveMinimum": 1}))

    assert told({**old, "openapi": "3.0.3"}, new) == {}


def test_an_empty_line_in_the_list_of_required_names_is_no_member() -> None:
    slip = {**thing(a=STRING), "required": [""]}

    assert told(requesting(thing(("a",), a=STRING)), requesting(slip)) == {
        "request-became-optional": "information"
    }


def test_what_is_only_described_for_a_type_accepts_the_others() -> None:
    described_only = {"properties": {"a": STRING}}
    declared = {**described_only, "type": ["object", "null"]}

    assert told(requesting(declared), requesting(described_only)) == {
        "request-type-widened": "information"
    }
    assert told(requesting(described_only), requesting(declared)) == {
        "request-type-narrowed": "error"
    }


@pytest.mark.parametrize("tagged", [True, False])
def test_a_named_alternative_may_be_renamed(tagged: bool) -> None:
    def pets(*names: str) -> dict[str, Any]:
        schemas = {
            name: thing(
                ("kind", f"m{n}"), **{"kind": {"const": n} if tagged else STRING, f"m{n}": STRING}
            )
            for n, name in enumerate(names)
        }
        union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
        return requesting(union, components={"schemas": schemas})

    found = difference(pets("Cat", "Dog"), pets("Feline", "Canine"))

    assert {change.rule for change in found.changes} == {"component-schema-removed"}


def test_schemas_that_all_contain_each_other_are_compared_in_time() -> None:
    def net(kind: Any, count: int = 10) -> dict[str, Any]:
        names = [f"N{place}" for place in range(count)]
        ways = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
        schemas = {name: thing(("v",), v=kind, **ways) for name in names}
        return requesting(ways["N0"], components={"schemas": schemas})

    began = time.process_time()
    changes = difference(net(STRING), net(INTEGER)).breaking
    seconds = time.process_time() - began

    assert len({change.base_pointer for change in changes}) == 10
    assert all(change.witness is not None for change in changes)
    # A comparison of every way through them would take hours.
    assert seconds < 60


@pytest.mark.parametrize(
    ("one", "other"),
    [("minimum", "exclusiveMinimum"), ("exclusiveMaximum", "maximum")],
)
def test_an_integer_above_a_bound_is_one_of_at_least_the_next(one: str, other: str) -> None:
    base, revision = {**INTEGER, one: 1}, {**INTEGER, other: 0}

    for made in (requesting, answering):
        assert told(side(made, base), side(made, revision)) == {}
        assert told(side(made, revision), side(made, base)) == {}
