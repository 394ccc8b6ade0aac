"""The constraints that a value had before, as keywords of `Field`."""

import json
from typing import Any

from lockstitch.contract.algebra import Array, Number, Schema, Text, without_null
from lockstitch.guard.fixes.edits import Keywords
from lockstitch.guard.fixes.spots import Spot, without_none


def restored_constraints(spot: Spot, base: Schema, revision: Schema, *, nested: bool) -> Keywords:
    """Return the constraints of the base that the revision has not, or has otherwise.

    Those of an item are only changed where the annotation spells them out; elsewhere they would
    become constraints of the whole.
    """
    if type(base) is not type(revision):
        return ()
    before, after = constraints_of(base), constraints_of(revision)
    changed = tuple(
        (name, _code(before.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    )
    return tuple(pair for pair in changed if not nested or spot.carries(pair[0]))


def constrained(annotation: str, schema: Schema) -> str:
    """Return an annotation that also says which constraints the schema has.

    An annotation that gives constraints itself stays as it is.
    """
    inner, null = without_null(schema)
    found = {name: _code(value) for name, value in constraints_of(inner).items()}
    if not found or "=" in annotation:
        return annotation
    given = ", ".join(f"{name}={code}" for name, code in found.items())
    code = f"Annotated[{without_none(annotation)}, Field({given})]"
    return f"{code} | None" if null else code


def constraints_of(schema: Schema) -> dict[str, Any]:
    """Return the constraints of a schema by the keywords of `Field`."""
    found: dict[str, Any]
    match schema:
        case Number():
            low = "gt" if schema.exclusive_minimum else "ge"
            high = "lt" if schema.exclusive_maximum else "le"
            found = {low: schema.minimum, high: schema.maximum, "multiple_of": schema.multiple_of}
        case Text():
            found = {"min_length": schema.min_length or None, "max_length": schema.max_length}
            found |= {"pattern": schema.patterns[0] if schema.patterns else None}
        case Array():
            found = {"min_length": schema.min_items or None, "max_length": schema.max_items}
        case _:
            found = {}
    return {name: value for name, value in found.items() if value is not None}


def _code(value: float | str | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        # A raw string reads as the pattern does, where it can hold it.
        return f'r"{value}"' if "\\" in value and '"' not in value else json.dumps(value)
    return str(int(value)) if float(value).is_integer() else repr(value)
