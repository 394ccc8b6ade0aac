"""Steps between objects."""

from collections.abc import Iterator
from dataclasses import replace

from lockstitch.contract.algebra import ABSENT, Anything, Nothing, Object, Property, Schema
from lockstitch.contract.difference.arrays import Comparing
from lockstitch.contract.difference.deltas import ANY_MEMBER, Delta, below, default_of, delta
from lockstitch.contract.difference.scalars import limit_steps
from lockstitch.contract.mock.texts import finds
from lockstitch.contract.pointers import child


def object_steps(comparer: Comparing, base: Object, revision: Object) -> Iterator[Delta]:
    """Yield the steps between two objects."""
    for member in filter(_is_meant, base.properties):
        twin = revision.member(member.name)
        if twin is None:
            yield from _removed(comparer, base, revision, member)
        else:
            yield from _kept(comparer, base, revision, member, twin)
    for member in filter(_is_meant, revision.properties):
        if base.member(member.name) is None:
            yield from _added(comparer, base, revision, member)
    yield from _other_members(comparer, base, revision)
    yield from _pattern_members(comparer, base, revision)
    yield from _names(comparer, base, revision)
    yield from limit_steps(
        base,
        revision,
        "min-properties",
        -1,
        base.min_properties or None,
        revision.min_properties or None,
    )
    yield from limit_steps(
        base, revision, "max-properties", 1, base.max_properties, revision.max_properties
    )


def _is_meant(member: Property) -> bool:
    """Whether a member is one at all: an empty line in the list of required names is a slip."""
    return member.name != "" or member.schema.notes.pointer != ""


def _kept(
    comparer: Comparing, base: Object, revision: Object, member: Property, twin: Property
) -> Iterator[Delta]:
    found: list[Delta] = []
    if twin.required and not member.required:
        found.append(_step("became-required", "narrows", "is required now", member, twin))
    if member.required and not twin.required:
        given = default_of(twin.schema, comparer.narrowed.other) is not ABSENT
        kind = "became-optional-with-default" if given else "became-optional"
        found.append(_step(kind, "widens", "may be missing now", member, twin))
    found = [replace(one, base=base, revision=revision, of_owner=True) for one in found]
    found += _mutability(member, twin)
    found += comparer.steps(member.schema, twin.schema)
    yield from below(
        member.name,
        found,
        # A member that one side alone calls so is judged as the stricter revision has it.
        read_only=twin.read_only,
        write_only=twin.write_only,
    )


def _mutability(member: Property, twin: Property) -> Iterator[Delta]:
    needed = "required" if member.required else "optional"
    for old, new, name in (
        (member.read_only, twin.read_only, "read-only"),
        (member.write_only, twin.write_only, "write-only"),
    ):
        if new and not old:
            yield _step(f"{needed}-became-{name}", "notes", f"is {name} now", member, twin)
        elif old and not new:
            kind = f"{needed}-became-not-{name}"
            yield _step(kind, "notes", f"is {name} no more", member, twin)


def _removed(
    comparer: Comparing, base: Object, revision: Object, member: Property
) -> Iterator[Delta]:
    found: list[Delta] = []
    rest = _other_schema(revision, member.name)
    if member.required:
        found.append(
            _gone("required-property-removed", "widens", base, revision, member, "is gone")
        )
    else:
        found.append(_gone("optional-property-removed", "notes", base, revision, member, "is gone"))
    if isinstance(rest, Nothing):
        words = "is refused now, for the object is closed"
        found.append(_gone("property-refused", "narrows", base, revision, member, words))
    elif not isinstance(rest, Anything):
        found += comparer.steps(member.schema, rest)
    yield from below(member.name, found, read_only=member.read_only, write_only=member.write_only)


def _gone(
    kind: str, effect: str, base: Object, revision: Object, member: Property, words: str
) -> Delta:
    return Delta(
        kind=kind,
        effect=effect,  # type: ignore[arg-type]
        words=words,
        base=base,
        revision=revision,
        base_pointer=_pointer(base, member),
        revision_pointer=revision.notes.pointer or None,
        of_owner=True,
    )


def _added(
    comparer: Comparing, base: Object, revision: Object, member: Property
) -> Iterator[Delta]:
    found: list[Delta] = []
    rest = _other_schema(base, member.name)
    kind, effect, words = "optional-property-added", "notes", "is new and optional"
    if member.required:
        kind, effect, words = "required-property-added", "narrows", "is new and required"
    elif isinstance(rest, Nothing):
        effect = "widens"
    found.append(
        Delta(
            kind=kind,
            effect=effect,  # type: ignore[arg-type]
            words=words,
            base=base,
            revision=revision,
            base_pointer=base.notes.pointer or None,
            revision_pointer=_pointer(revision, member),
            of_owner=True,
        )
    )
    if not isinstance(rest, Anything | Nothing):
        found += comparer.steps(rest, member.schema)
    yield from below(member.name, found, read_only=member.read_only, write_only=member.write_only)


def _step(kind: str, effect: str, words: str, member: Property, twin: Property) -> Delta:
    return delta(kind, effect, words, member.schema, twin.schema)  # type: ignore[arg-type]


def _pointer(owner: Object, member: Property) -> str | None:
    if member.schema.notes.pointer:
        return member.schema.notes.pointer
    # It is only in the list of the required ones.
    return child(owner.notes.pointer, "required") if owner.notes.pointer else None


def _other_schema(schema: Object, name: str) -> Schema:
    """Return what a member without a name of its own must be."""
    for pattern, inner in schema.patterns:
        if finds(pattern, name):
            return inner
    return schema.additional


def _other_members(comparer: Comparing, base: Object, revision: Object) -> Iterator[Delta]:
    old, new = base.additional, revision.additional
    if isinstance(old, Nothing) and isinstance(new, Nothing):
        return
    if isinstance(new, Nothing):
        words = "refuses members that it does not name"
        yield delta("additional-properties-closed", "narrows", words, base, revision)
    elif isinstance(old, Nothing):
        words = "may have members that it does not name"
        yield delta("additional-properties-opened", "widens", words, base, revision)
    elif not (isinstance(old, Anything) and isinstance(new, Anything)):
        yield from below(ANY_MEMBER, comparer.steps(old, new))


def _pattern_members(comparer: Comparing, base: Object, revision: Object) -> Iterator[Delta]:
    old, new = dict(base.patterns), dict(revision.patterns)
    for pattern, schema in old.items():
        if pattern in new:
            yield from below(ANY_MEMBER, comparer.steps(schema, new[pattern]))
        else:
            closed = isinstance(revision.additional, Nothing)
            words = f"has no rule for members like {pattern} any more"
            effect = "narrows" if closed else "widens"
            yield delta("pattern-properties-removed", effect, words, base, revision)  # type: ignore[arg-type]
    for pattern in new:
        if pattern not in old:
            closed = isinstance(base.additional, Nothing)
            words = f"has a rule for members like {pattern} now"
            effect = "widens" if closed else "narrows"
            yield delta("pattern-properties-added", effect, words, base, revision)  # type: ignore[arg-type]


def _names(comparer: Comparing, base: Object, revision: Object) -> Iterator[Delta]:
    if base.names is None and revision.names is not None:
        words = "has a rule for the names of its members now"
        yield delta("property-names-added", "narrows", words, base, revision)
    elif revision.names is None and base.names is not None:
        words = "has no rule for the names of its members any more"
        yield delta("property-names-removed", "widens", words, base, revision)
    elif base.names is not None and revision.names is not None:
        yield from comparer.steps(base.names, revision.names)
