"""Validators of what a contract describes, each compiled when it is first needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

from lockstitch.contract.mock.formats import has_format
from lockstitch.contract.pointers import child
from lockstitch.guard.modern_schemas import modern_document

_BASE: Final = "urn:lockstitch:contract"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SHOWN_OPTIONS: Final = 12
# A time of day has no offset for anybody but RFC 3339; what else Python writes is no other format.
_FORMATS: Final = {
    "time": lambda text: has_format("time", text),
    "duration": lambda text: has_format("duration", text),
}
_HINTS: Final = {"date-time": " with an offset, as RFC 3339 has it: 2026-01-31T12:30:00Z"}

Error = jsonschema_rs.ValidationError


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where a value is not what its schema says; the value itself is not in it.

    Attributes:
        pointer: The keyword in the contract.
        place: The JSON pointer within the value.
        keyword: The keyword's name.
        message: One sentence.
    """

    pointer: str
    place: str
    keyword: str
    message: str


class AnswerSchemas:
    """Compares values with the schemas that stand in one document.

    A number that JavaScript reads as an integer is one; formats are asserted.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(_BASE, modern_document(document))])
        self._validators: dict[str, jsonschema_rs.Validator | None] = {}

    def departures(self, pointer: str, value: Any) -> Iterator[Departure]:
        """Yield where a value leaves the schema that stands at a pointer of the document."""
        validator = self._validator(pointer)
        if validator is None or validator.is_valid(value):
            return
        for error in validator.iter_errors(value):
            yield _departure(error)

    def _validator(self, pointer: str) -> jsonschema_rs.Validator | None:
        """Return the validator of a pointer; None when its schema is none that can be used."""
        if pointer not in self._validators:
            try:
                self._validators[pointer] = self._compiled(pointer)
            except (ValueError, jsonschema_rs.ReferencingError):
                self._validators[pointer] = None
        return self._validators[pointer]

    def _compiled(self, pointer: str) -> jsonschema_rs.Validator:
        return jsonschema_rs.validator_for(
            {"$schema": _DIALECT, "$ref": f"{_BASE}#{_fragment(pointer)}"},
            registry=self._registry,
            formats=_FORMATS,
            validate_formats=True,
            offline=True,
        )


def _fragment(pointer: str) -> str:
    """Return a pointer as the fragment of a URI (RFC 6901, section 6)."""
    from urllib.parse import quote

    return quote(pointer, safe="/~!$&'()*+,;=:@-._")


def _departure(error: Error) -> Departure:
    error = _deepest(error)
    return Departure(
        pointer=child("", *error.schema_path) if error.schema_path else "",
        place=child("", *error.instance_path) if error.instance_path else "",
        keyword=error.kind.name,
        message=_sentence(error),
    )


def _deepest(error: Error) -> Error:
    """Return the reason within a union of something and null; other unions have several."""
    kind = error.kind
    if not isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        return error
    branches = [branch for branch in kind.context if not _only_null(branch)]
    if len(branches) == 1 and len(branches[0]) == 1:
        return _deepest(branches[0][0])
    return error


def _only_null(branch: list[Error]) -> bool:
    kind = branch[0].kind if branch else None
    return isinstance(kind, jsonschema_rs.ValidationErrorKind.Type) and kind.types == ["null"]


def _sentence(error: Error) -> str:  # noqa: PLR0911 - one sentence for each keyword
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Required(property=name):
            return f"The member {name!r} is missing."
        case kinds.Type(types=types):
            wanted = " or ".join(map(_with_article, types))
            return f"Must be {wanted}, not {_with_article(_type(error.instance))}."
        case kinds.Format(format=name):
            return f"Must be a {name}{_HINTS.get(name, '')}."
        case kinds.Enum(options=options):
            return f"Must be one of {', '.join(map(repr, options[:_SHOWN_OPTIONS]))}."
        case kinds.Constant(expected_value=value):
            return f"Must be {value!r}."
        case kinds.AdditionalProperties(unexpected=names):
            return f"The contract does not have {', '.join(map(repr, names))}."
        case kinds.AnyOf() | kinds.OneOfNotValid():
            return "Is none of the alternatives."
        case kinds.OneOfMultipleValid():
            return "Is more than one of the alternatives."
    return f"Breaks {error.kind.name} {error.kind.value!r}."


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")


def _with_article(name: str) -> str:
    return name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
