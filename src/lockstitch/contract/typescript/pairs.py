"""FastAPI exports a model twice, `Pet-Input` and `Pet-Output`; most often the two are the same."""

from dataclasses import replace
from typing import Final

from lockstitch.contract.algebra import Array, Object, Reference, Schema, Union
from lockstitch.contract.document import Document

INPUT: Final = "-Input"
OUTPUT: Final = "-Output"


def twins(document: Document) -> dict[str, str]:
    """Return the input key and output key of each pair, whether or not the two are the same."""
    found = {}
    for key in document.schemas:
        base = key.removesuffix(INPUT)
        output = base + OUTPUT
        if base != key and output in document.schemas and base not in document.schemas:
            found[key] = output
    return found


def identical_twins(document: Document) -> dict[str, str]:
    """Return the pairs of which both sides accept the same values by the same names.

    Pairs refer to each other, so all are held to be the same until one is found to differ.
    """
    same = twins(document)
    while True:
        differing = [
            given
            for given, made in same.items()
            if _aligned(document.schemas[given], same) != document.schemas[made]
        ]
        if not differing:
            return same
        for key in differing:
            del same[key]


def _aligned(schema: Schema, same: dict[str, str]) -> Schema:
    """Return the schema with references to input sides replaced by their output sides."""
    match schema:
        case Reference():
            return replace(schema, key=same.get(schema.key, schema.key))
        case Array():
            prefix = tuple(_aligned(item, same) for item in schema.prefix)
            return replace(schema, prefix=prefix, items=_aligned(schema.items, same))
        case Object():
            return replace(
                schema,
                properties=tuple(
                    replace(member, schema=_aligned(member.schema, same))
                    for member in schema.properties
                ),
                patterns=tuple((p, _aligned(inner, same)) for p, inner in schema.patterns),
                additional=_aligned(schema.additional, same),
                names=None if schema.names is None else _aligned(schema.names, same),
            )
        case Union():
            return replace(schema, members=tuple(_aligned(m, same) for m in schema.members))
        case _:
            return schema
