"""Inheritance as OpenAPI spells it: schemas that extend a base by `allOf`, told apart by a tag."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lockstitch.contract.pointers import child, split
from lockstitch.contract.reading.keywords import Raw

COMPONENTS: Final = "/components/schemas/"
_REFERENCE: Final = f"#{COMPONENTS}"
_UNIONS: Final = ("oneOf", "anyOf")
_SPEAKS: Final = frozenset({*_UNIONS, "discriminator"})
# What makes of a base more than its own members.
_OF_THE_FAMILY: Final = _SPEAKS | {"nullable"}


@dataclass(frozen=True, slots=True)
class Family:
    """What a value of a base schema may be.

    Attributes:
        heirs: The names of the schemas, the base's own name perhaps among them.
        extending: The schemas that have the base's members already, the base among them.
        property: The member that tells them apart, or None.
        mapping: Its values, each with the place of an heir.
        listed: Whether the base lists its heirs itself, in a union.
    """

    heirs: tuple[str, ...]
    extending: frozenset[str]
    property: str | None
    mapping: tuple[tuple[str, int], ...]
    listed: bool


def base_key(name: str) -> str:
    """Return the key of what a base schema says itself, without its heirs."""
    return child(COMPONENTS[:-1], name)


def is_base_key(key: str) -> bool:
    """Whether a key is that of a base schema without its heirs."""
    return key.startswith(COMPONENTS) and "/" not in key[len(COMPONENTS) :]


def own_part(raw: Raw) -> Raw:
    """Return a base schema without what speaks of its heirs."""
    return {word: value for word, value in raw.items() if word not in _OF_THE_FAMILY}


def extends(pointer: str) -> bool:
    """Whether what stands at a pointer is a part of the `allOf` of a named schema."""
    tokens = split(pointer)
    steps = tokens[3:]
    in_all_of = all(word == "allOf" for word in steps[::2]) and len(steps) % 2 == 0
    return bool(steps) and in_all_of and pointer.startswith(COMPONENTS)


def families(schemas: Raw) -> dict[str, Family]:
    """Return the families of a document by the name of their base.

    A base has a `discriminator` without a union, and heirs by its mapping or by their `allOf`; or
    it has a union whose members extend it in turn.
    """
    named = {name: raw for name, raw in schemas.items() if isinstance(raw, Mapping)}
    children: dict[str, list[str]] = {}
    for name, raw in named.items():
        for parent in dict.fromkeys(_parents(raw)):
            children.setdefault(parent, []).append(name)
    found = {}
    for name, raw in named.items():
        speaks = name in children and not _SPEAKS.isdisjoint(raw)
        heirs = _descendants(name, children) if speaks else []
        family = _family(name, raw, heirs, named) if heirs else None
        if family is not None:
            found[name] = family
    return found


def _family(name: str, raw: Raw, heirs: list[str], named: Raw) -> Family | None:
    property_, goals = _tag(raw, named)
    if any(word in raw for word in _UNIONS):
        members = _listed(raw)
        if not set(members) & set(heirs):
            return None
    elif property_ is None:
        return None
    elif goals:
        members = list(goals.values())
    else:
        known = _known_tags(raw, property_)
        members = heirs if known and name not in known else [*heirs, name]
        goals = {one: one for one in members}
        # Names that the tag never has tell nothing.
        property_ = property_ if not known or known.intersection(goals) else None
    unique = tuple(dict.fromkeys(members))
    return Family(
        heirs=unique,
        extending=frozenset(
            one for one in (*heirs, name) if one in unique or one == name or _adds(named[one])
        ),
        property=property_,
        mapping=tuple((tag, unique.index(goal)) for tag, goal in goals.items() if goal in unique),
        listed=any(word in raw for word in _UNIONS),
    )


def mapping_of(raw: Raw) -> dict[str, str]:
    """Return what the mapping of a discriminator names, by the values of its property."""
    words = raw.get("discriminator")
    mapped = words.get("mapping") if isinstance(words, Mapping) else None
    pairs = mapped.items() if isinstance(mapped, Mapping) else ()
    return {str(value): str(goal).rpartition("/")[2] for value, goal in pairs}


def _tag(raw: Raw, named: Raw) -> tuple[str | None, dict[str, str]]:
    """Return the discriminator's property, and the schemas that its mapping names."""
    words = raw.get("discriminator")
    name = words.get("propertyName") if isinstance(words, Mapping) else None
    known = {value: goal for value, goal in mapping_of(raw).items() if goal in named}
    return name if isinstance(name, str) else None, known


def _listed(raw: Raw) -> list[str]:
    """Return the named schemas that a union consists of, or nothing when it has others."""
    union = next((raw[word] for word in _UNIONS if word in raw), None)
    listed = [_named_by(one) for one in union] if isinstance(union, list) else []
    found = [one for one in listed if one is not None]
    return found if len(found) == len(listed) else []


def _adds(raw: Raw) -> bool:
    """Whether a schema is more than another name for what it refers to."""
    return "properties" in raw or len(raw.get("allOf", ())) > 1


def _known_tags(raw: Raw, name: str) -> frozenset[str] | None:
    """Return the values that a base lists for its tag, or None when it lists none."""
    properties = raw.get("properties")
    tag = properties.get(name) if isinstance(properties, Mapping) else None
    values = tag.get("enum") if isinstance(tag, Mapping) else None
    return frozenset(map(str, values)) if isinstance(values, list) else None


def _parents(raw: Any) -> Iterator[str]:
    """Yield the named schemas that a schema extends."""
    parts = raw.get("allOf") if isinstance(raw, Mapping) else None
    if not isinstance(parts, list) or (raw.get("nullable") is True and not _adds(raw)):
        return
    for part in parts:
        goal = _named_by(part)
        if goal is not None:
            yield goal
        yield from _parents(part)


def _named_by(raw: Any) -> str | None:
    reference = raw.get("$ref") if isinstance(raw, Mapping) else None
    if not isinstance(reference, str) or not reference.startswith(_REFERENCE):
        return None
    return split(f"/{reference[len(_REFERENCE) :]}")[0]


def _descendants(name: str, children: Mapping[str, list[str]]) -> list[str]:
    seen: dict[str, None] = {}
    waiting = [*children[name]]
    while waiting:
        one = waiting.pop(0)
        if one not in seen and one != name:
            seen[one] = None
            waiting.extend(children.get(one, ()))
    return [*seen]
