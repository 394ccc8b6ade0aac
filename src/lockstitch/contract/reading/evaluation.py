"""`unevaluatedProperties`: which objects it can be applied to, and how."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from lockstitch.contract.algebra import Object, Schema, Union
from lockstitch.contract.reading.keywords import Raw

# Their branches know members that are not read.
_CONDITIONS: Final = frozenset({"dependentSchemas", "else", "if", "then"})


def is_evaluated(schema: Schema, parts: Sequence[Schema], raw: Raw) -> bool:
    """Whether every member that the parts of a schema know is among those of its objects."""
    objects = list(_objects_of(schema))
    hidden = _CONDITIONS.intersection(word for part in parts for word, _ in part.notes.unchecked)
    # Members that several alternatives know together would be seen only by trying all of them.
    apart = len(objects) < 2 or (isinstance(schema, Union) and schema.exclusive)  # noqa: PLR2004 - one is alone
    return bool(objects) and apart and not hidden and not _CONDITIONS.intersection(raw)


def closed(schema: Schema, rest: Schema) -> Schema:
    """Return the schema with another one for the members that its objects do not know."""
    if isinstance(schema, Union):
        return replace(schema, members=tuple(closed(one, rest) for one in schema.members))
    # Where additionalProperties is spelled out, it has looked at every member already.
    if not isinstance(schema, Object) or schema.declared:
        return schema
    return replace(schema, additional=rest, declared=True)


def _objects_of(schema: Schema) -> Iterator[Object]:
    members = schema.members if isinstance(schema, Union) else (schema,)
    yield from (member for member in members if isinstance(member, Object))
