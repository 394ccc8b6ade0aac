"""Comparing the parameters of an operation."""

import re
from dataclasses import replace
from typing import Final

from lockstitch.contract.algebra import (
    ABSENT,
    Array,
    Boolean,
    Enumeration,
    Number,
    Schema,
    Text,
    noted,
    without_null,
)
from lockstitch.contract.difference.deltas import Delta, delta, spoken
from lockstitch.contract.difference.lifecycle import compare_deprecation, removal_rule
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Document, Operation, Parameter
from lockstitch.contract.pointers import resolve
from lockstitch.errors import UnreadableDocument

_NAME_IN_PATH: Final = re.compile(r"\{([^{}]+)\}")
Key = tuple[str, str]


def compare_parameters(walk: Walk, site: Site, operation: Operation, twin: Operation) -> None:
    """Add the changes of an operation's parameters."""
    old, new = _by_key(operation), _by_key(twin)
    for key, parameter in old.items():
        if key in new:
            _compare(walk, _site(site, parameter), parameter, new[key])
        else:
            _removed(walk, _site(site, parameter), parameter)
    for key, parameter in new.items():
        if key not in old:
            needed = "required" if parameter.required else "optional"
            walk.tell(
                f"parameter-added-{needed}",
                _site(site, parameter),
                f"is new and {needed}",
                revision=parameter.pointer,
            )


def _by_key(operation: Operation) -> dict[Key, Parameter]:
    """Index parameters by what travels: those of a path by their position, headers without case."""
    places = {name: f"{n}" for n, name in enumerate(_NAME_IN_PATH.findall(operation.path))}
    found: dict[Key, Parameter] = {}
    for one in operation.parameters:
        name = one.name.lower() if one.place == "header" else one.name
        found[one.place, places.get(name, name) if one.place == "path" else name] = one
    return found


def _site(site: Site, parameter: Parameter) -> Site:
    spoken_name = f"the {parameter.place} parameter {parameter.name}"
    return replace(site, direction="request", part=parameter.name, spoken=spoken_name)


def _removed(walk: Walk, site: Site, parameter: Parameter) -> None:
    raw = _raw(walk.base, parameter)
    rule, words = removal_rule(walk.policy, "parameter", raw, deprecated=parameter.deprecated)
    walk.tell(rule, site, words, base=parameter.pointer)


def _raw(document: Document, parameter: Parameter) -> dict[str, object]:
    try:
        found = resolve(document.raw, parameter.pointer, parameter.pointer)
    except UnreadableDocument:
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _compare(walk: Walk, site: Site, old: Parameter, new: Parameter) -> None:
    pointers = (old.pointer, new.pointer)
    if new.required and not old.required:
        words = "must be given now"
        walk.tell("parameter-now-required", site, words, base=pointers[0], revision=pointers[1])
    elif old.required and not new.required:
        words = "may be left out now"
        walk.tell("parameter-now-optional", site, words, base=pointers[0], revision=pointers[1])
    raws = (_raw(walk.base, old), _raw(walk.revision, new))
    compare_deprecation(walk, "parameter", site, raws, pointers)
    generalized = _generalized(walk, old, new)
    if generalized is None:
        _compare_serialization(walk, site, old, new)
        walk.schemas("parameter", site, *_without_idle_defaults(old, new))
        return
    for step in walk.comparer.steps(old.schema, new.schema):
        chosen = generalized if step.kind == "type-changed" and not step.member else step
        walk.step("parameter", site, old.schema, new.schema, chosen)


def _without_idle_defaults(old: Parameter, new: Parameter) -> tuple[Schema, Schema]:
    """Return both schemas, without defaults where nobody could leave the parameter out before.

    A default answers only callers who send nothing, and there were none.
    """
    if not old.required:
        return old.schema, new.schema
    bare = [noted(one.schema, replace(one.schema.notes, default=ABSENT)) for one in (old, new)]
    return bare[0], bare[1]


def _compare_serialization(walk: Walk, site: Site, old: Parameter, new: Parameter) -> None:
    """Style and explode matter only where a value has parts."""
    if old.media_type != new.media_type:
        words = f"travels as {new.media_type or new.style}, which was {old.media_type or old.style}"
    elif _has_parts(walk.base, old.schema) and (old.style, old.explode) != (new.style, new.explode):
        words = f"is written in the style {_style(new)}, which was {_style(old)}"
    else:
        return
    walk.tell(
        "parameter-serialization-changed", site, words, base=old.pointer, revision=new.pointer
    )


def _style(parameter: Parameter) -> str:
    return f"{parameter.style}{' (exploded)' if parameter.explode else ''}"


def _has_parts(document: Document, schema: Schema) -> bool:
    shape = without_null(document.resolve(schema))[0]
    return not isinstance(document.resolve(shape), Boolean | Number | Text | Enumeration)


def _generalized(walk: Walk, old: Parameter, new: Parameter) -> Delta | None:
    """Return the step to a type that holds every text which was sent before, or None.

    A parameter travels as text: any text may be what was a number, and one value is a list of one.
    """
    ours = walk.base.resolve(old.schema)
    theirs = walk.revision.resolve(new.schema)
    scalar = isinstance(ours, Number | Boolean | Text | Enumeration)
    if old.media_type or new.media_type or not scalar:
        return None
    words = f"is {spoken(theirs)}, which was {spoken(ours)}"
    if isinstance(theirs, Array) and _is_list(new, theirs):
        inner = walk.revision.resolve(theirs.items)
        if _holds(walk, ours, theirs.items, inner):
            return delta("type-widened", "widens", words, ours, theirs)
    if theirs == Text() and walk.comparer.narrowed.of(ours, theirs) != "yes":
        return delta("type-widened", "widens", words, ours, theirs)
    return None


def _is_list(parameter: Parameter, schema: Array) -> bool:
    single = schema.min_items <= 1 and (schema.max_items is None or schema.max_items >= 1)
    return single and parameter.style in {"form", "simple"} and not schema.prefix


def _holds(walk: Walk, ours: Schema, items: Schema, inner: Schema) -> bool:
    return inner == Text() or walk.comparer.narrowed.of(ours, items) == "yes"
