"""Schemas of a contract as Python: annotations, and plain values to begin with."""

import json
import math
from dataclasses import dataclass
from typing import Final

from lockstitch.contract.algebra import (
    ABSENT,
    Array,
    Boolean,
    Enumeration,
    Null,
    Number,
    Object,
    Reference,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.document import Document
from lockstitch.guard.sources import ApplicationSources

_FORMATS: Final = {
    "date": ("datetime", "date"),
    "date-time": ("datetime", "datetime"),
    "time": ("datetime", "time"),
    "uuid": ("uuid", "UUID"),
}
_PLACEHOLDER: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A Python annotation, and the imports that it needs, as pairs of module and name."""

    code: str
    imports: tuple[tuple[str, str], ...] = ()


def annotation_of(schema: Schema, document: Document, sources: ApplicationSources) -> Annotation:
    """Return an annotation for the values of a schema; constraints are left out."""
    inner, null = without_null(schema)
    found = _annotation(inner, document, sources)
    if not null:
        return found
    return Annotation("None" if isinstance(inner, Null) else f"{found.code} | None", found.imports)


def _annotation(  # noqa: C901, PLR0911 - one return for each shape
    schema: Schema, document: Document, sources: ApplicationSources
) -> Annotation:
    match schema:
        case Reference():
            model = sources.model(schema.key)
            if model is not None and "[" not in schema.key:
                return Annotation(model.qualname)
            return annotation_of(document.resolve(schema), document, sources)
        case Boolean():
            return Annotation("bool")
        case Number():
            return Annotation("int" if schema.integer else "float")
        case Text():
            module, name = _FORMATS.get(schema.format or "", ("", "str"))
            return Annotation(name, ((module, name),) if module else ())
        case Enumeration():
            values = ", ".join(json.dumps(value, ensure_ascii=False) for value in schema.values)
            return Annotation(f"Literal[{values}]", (("typing", "Literal"),))
        case Array():
            item = annotation_of(schema.items, document, sources)
            return Annotation(f"list[{item.code}]", item.imports)
        case Union():
            parts = [annotation_of(member, document, sources) for member in schema.members]
            imports = tuple(pair for part in parts for pair in part.imports)
            return Annotation(" | ".join(part.code for part in parts), imports)
        case Object() if schema.is_map and schema.additional != Object().additional:
            value = annotation_of(schema.additional, document, sources)
            return Annotation(f"dict[str, {value.code}]", value.imports)
        case Object():
            return Annotation("dict[str, Any]", (("typing", "Any"),))
        case _:
            return Annotation("Any", (("typing", "Any"),))


def plain_value(  # noqa: C901, PLR0911 - one return for each shape
    schema: Schema, document: Document, sources: ApplicationSources
) -> str | None:
    """Return a value of the schema as Python code: the plainest one, or None when there is none."""
    if schema.notes.default is not ABSENT and isinstance(schema.notes.default, str | int | float):
        return _literal(schema.notes.default)
    inner, null = without_null(schema)
    if null:
        return "None"
    if isinstance(inner, Reference):
        return _plain_model(inner, document, sources)
    match inner:
        case Boolean():
            return "False"
        case Enumeration():
            return _literal(inner.values[0])
        case Number():
            return _plain_number(inner)
        case Text() if inner.format is None and not inner.patterns:
            return _plain_text(inner)
        case Array() if not inner.min_items:
            return "[]"
        case Object() if not any(member.required for member in inner.properties):
            return "{}"
        case Union():
            tried = (plain_value(member, document, sources) for member in inner.members)
            return next((value for value in tried if value is not None), None)
        case _:
            return None


def _plain_model(schema: Reference, document: Document, sources: ApplicationSources) -> str | None:
    model, shape = sources.model(schema.key), document.resolve(schema)
    if model is None:
        return plain_value(shape, document, sources)
    if isinstance(shape, Enumeration):
        member = model.field(str(shape.values[0]))
        return f"{model.qualname}.{member.name}" if member else None
    if isinstance(shape, Object) and not any(member.required for member in shape.properties):
        return f"{model.qualname}()"
    return None


def _literal(value: float | str) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _plain_number(schema: Number) -> str | None:
    low = -math.inf if schema.minimum is None else schema.minimum
    high = math.inf if schema.maximum is None else schema.maximum
    step = schema.multiple_of or 1
    value = min(max(0.0, low), high)
    value = math.ceil(value / step) * step
    if schema.exclusive_minimum and value <= low:
        value += step
    if value > high or (schema.exclusive_maximum and value >= high):
        return None
    return str(int(value)) if schema.integer or float(value).is_integer() else str(value)


def _plain_text(schema: Text) -> str:
    text = "" if not schema.min_length else _PLACEHOLDER.ljust(schema.min_length, "-")
    return json.dumps(text[: schema.max_length])
