"""A base with a discriminator is any of the schemas that extend it; nothing of them is lost."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generated import Generated, write
from test_generated_code import contract
from test_reading import document, to

from lockstitch.contract.algebra import Discriminator, Null, Object, Reference, Schema, Union

Made = dict[str, Any]
TEXT = {"type": "string"}


def struct(*required: str, **properties: Any) -> Made:
    return {"type": "object", "properties": properties, "required": list(required)}


def extending(name: str, **properties: Any) -> Made:
    return {"allOf": [to(name), {"type": "object", "properties": properties}]}


PET = {
    **struct("pet_type", pet_type=TEXT, mother=to("Pet")),
    "discriminator": {"propertyName": "pet_type"},
}
PETS: Made = {
    "Pet": PET,
    "Cat": extending("Pet", hunting_skill=TEXT),
    "Dog": extending("Pet", pack_size={"type": "integer"}),
    "Owner": struct("pets", pets={"type": "array", "items": to("Pet")}),
}


def mapped(**mapping: str) -> Made:
    schemas = copy.deepcopy(PETS)
    schemas["Pet"]["discriminator"]["mapping"] = mapping
    return schemas


@pytest.fixture
def pets(tmp_path: Path) -> Iterator[Generated]:
    with Generated(write(contract(mapped(cat="Cat", dog=to("Dog")["$ref"])), tmp_path)) as one:
        yield one


def keys(schema: Schema) -> list[str]:
    assert isinstance(schema, Union)
    return [one.key for one in schema.members if isinstance(one, Reference)]


def test_the_members_of_a_child_arrive_where_the_base_is_referred_to(pets: Generated) -> None:
    cat = {
        "pet_type": "cat",
        "hunting_skill": "lazy",
        "mother": {"pet_type": "dog", "pack_size": 3},
    }

    answer = pets.decode("Owner", json.dumps({"pets": [cat]}))
    back = pets.round_trip("Owner", "Owner", json.dumps({"pets": [cat]}))

    assert answer["value"]["pets"] == [
        {"petType": "cat", "huntingSkill": "lazy", "mother": {"petType": "dog", "packSize": 3}}
    ]
    assert back["value"] == {"pets": [cat]}


def test_a_child_is_checked_by_its_tag(pets: Generated) -> None:
    wrong = pets.decode("Pet", json.dumps({"pet_type": "dog", "pack_size": "three"}))
    unknown = pets.decode("Pet", json.dumps({"pet_type": "hamster"}))

    assert [issue["pointer"] for issue in wrong["issues"]] == ["/pack_size"]
    assert [issue["pointer"] for issue in unknown["issues"]] == ["/pet_type"]


def test_heirs_are_those_of_the_mapping() -> None:
    pet = document("3.0.3", **mapped(cat="Cat")).schemas["Pet"]
    both = document("3.0.3", **mapped(cat="Cat", dog="Dog")).schemas["Pet"]

    assert pet == Reference("Cat")
    assert isinstance(both, Union)
    assert both.discriminator == Discriminator(
        property="pet_type", mapping=(("cat", 0), ("dog", 1))
    )


def test_without_a_mapping_everybody_who_extends_it_goes_by_his_name_and_so_does_the_base() -> None:
    schemas = {**PETS, "Persian": extending("Cat", hair=TEXT)}

    pet = document("3.0.3", **schemas).schemas["Pet"]

    assert keys(pet) == ["Cat", "Dog", "Persian", "/components/schemas/Pet"]
    assert isinstance(pet, Union)
    assert pet.discriminator == Discriminator(
        property="pet_type", mapping=(("Cat", 0), ("Dog", 1), ("Persian", 2), ("Pet", 3))
    )


def test_a_base_whose_tag_has_other_values_is_told_apart_by_what_the_children_say() -> None:
    schemas = copy.deepcopy(PETS)
    schemas["Pet"]["properties"]["pet_type"] = {"type": "string", "enum": ["c", "d"]}
    schemas["Cat"]["allOf"][1]["properties"]["pet_type"] = {"enum": ["c"]}
    schemas["Dog"]["allOf"][1]["properties"]["pet_type"] = {"enum": ["d"]}

    pet = document("3.0.3", **schemas).schemas["Pet"]

    assert keys(pet) == ["Cat", "Dog"]
    assert isinstance(pet, Union)
    assert pet.discriminator is None


def test_a_child_holds_the_members_of_its_base_and_not_those_of_its_siblings() -> None:
    cat = document("3.0.3", **PETS).schemas["Cat"]

    assert isinstance(cat, Object)
    assert [member.name for member in cat.properties] == ["pet_type", "mother", "hunting_skill"]


def test_a_reference_that_only_has_other_words_is_a_value() -> None:
    schemas = mapped(cat="Cat", dog="Dog")
    schemas["Owner"]["properties"]["first"] = {"allOf": [to("Pet")], "nullable": True}
    schemas["OurPet"] = {"allOf": [to("Pet")], "description": "The pet of the house."}

    read = document("3.0.3", **schemas).schemas

    owner = read["Owner"]
    assert isinstance(owner, Object)
    assert owner.properties[1].schema == Union(members=(Reference("Pet"), Null()))
    assert read["OurPet"] == Reference("Pet")


def test_the_children_of_a_base_that_lists_them_extend_it_without_end() -> None:
    parent = {
        **struct("kind", kind=TEXT),
        "oneOf": [to("A"), to("B")],
        "discriminator": {"propertyName": "kind", "mapping": {"a": "A", "b": "B"}},
    }
    found = document(Parent=parent, A=extending("Parent", x=TEXT), B=extending("Parent", y=TEXT))

    assert found.schemas["Parent"] == Union(
        members=(Reference("A"), Reference("B")),
        discriminator=Discriminator(property="kind", mapping=(("a", 0), ("b", 1))),
        exclusive=True,
    )
    child = found.schemas["B"]
    assert isinstance(child, Object)
    assert [member.name for member in child.properties] == ["kind", "y"]
    assert [warn.message for warn in found.warnings] == [
        "The members of the union extend it; read as their base."
    ]


def test_a_listed_member_that_does_not_extend_the_base_has_its_members_all_the_same() -> None:
    parent = {**struct("kind", kind=TEXT), "oneOf": [to("A"), to("Other")]}

    found = document(Parent=parent, A=extending("Parent", x=TEXT), Other=struct(z=TEXT)).schemas

    union = found["Parent"]
    assert isinstance(union, Union)
    assert union.members[0] == Reference("A")
    assert isinstance(union.members[1], Object)
    assert {member.name for member in union.members[1].properties} == {"kind", "z"}


def test_a_mapping_to_nowhere_is_a_warning_with_its_place() -> None:
    found = document("3.0.3", **mapped(cat="Cat", fish="Fish"))

    assert [(warn.pointer, warn.message) for warn in found.warnings] == [
        (
            "/components/schemas/Pet/discriminator/mapping/fish",
            "Fish is not a schema of the family; ignored.",
        )
    ]
