"""Schemas that lead to themselves: which references there are, and which say nothing."""

from collections.abc import Callable, Iterator, Mapping

from lockstitch.contract.algebra import Reference, Schema, Union, children
from lockstitch.errors import UndecodableSchema


def references(schema: Schema) -> Iterator[str]:
    """Yield the keys that a schema refers to."""
    if isinstance(schema, Reference):
        yield schema.key
    for inner in children(schema):
        yield from references(inner)


def refuse_empty_cycles(schemas: Mapping[str, Schema], pointer: Callable[[str], str]) -> None:
    """Refuse schemas that are themselves, or a union of themselves, with nothing in between.

    Args:
        schemas: The schemas by their keys.
        pointer: Tells where a key stands in the document.

    Raises:
        UndecodableSchema: There is such a schema.
    """
    done: set[str] = set()

    def check(key: str, chain: list[str]) -> None:
        if key in chain:
            names = " → ".join([*chain[chain.index(key) :], key])
            message = f"The schema is only itself, or one of itself: {names}."
            raise UndecodableSchema(message, pointer=pointer(key))
        if key not in done:
            for goal in _alternatives(schemas[key]):
                check(goal, [*chain, key])
            done.add(key)

    for key in schemas:
        check(key, [])


def _alternatives(schema: Schema) -> Iterator[str]:
    """Yield the keys of the schemas that a schema is, or is one of."""
    if isinstance(schema, Reference):
        yield schema.key
    elif isinstance(schema, Union):
        for member in schema.members:
            yield from _alternatives(member)
