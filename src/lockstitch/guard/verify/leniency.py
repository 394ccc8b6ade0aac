"""Which requests a contract refuses beyond doubt.

Frameworks read more than the contract says: Pydantic takes "5" for 5, `yes` for true and a number
for a date. What only such a reading accepts is no fault of the service.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from lockstitch.contract.algebra import Array, Boolean, Enumeration, Number, Schema, Text, Union
from lockstitch.contract.document import Document, Operation, Parameter
from lockstitch.contract.mock.formats import has_format
from lockstitch.contract.mock.requests import Received, RequestChecker
from lockstitch.contract.mock.validation import Issue, Validator
from lockstitch.errors import InvalidRequest, RequestError, Violation

_BOOLEANS: Final = frozenset({"0", "1", "f", "t", "n", "y", "no", "off", "on", "yes"}) | {
    "false",
    "true",
}
_DIGIT: Final = re.compile(r"\d")
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{32}")


class RequestJudge:
    """Compares requests with the operations of one document."""

    def __init__(self, document: Document) -> None:
        self._strict = RequestChecker(document)
        self._lenient = RequestChecker(document, LenientValidator(document, "write"))

    def allows(self, operation: Operation, received: Received) -> bool:
        """Whether the request is to the letter what the contract allows."""
        try:
            self._strict.check(operation, received)
        except RequestError:
            return False
        # It knows formats that the strict reading leaves unchecked.
        return not self.refuses(operation, received)

    def refuses(self, operation: Operation, received: Received) -> list[Violation]:
        """Return why a request must be refused, however leniently it is read."""
        if _ambiguous(operation, received):
            return []
        # Some take an empty text in a query for a text, others for nothing at all.
        sent = [pair for pair in received.query_string.split("&") if pair.partition("=")[2]]
        fuller = replace(received, query_string="&".join(sent))
        return self._refusals(operation, received) and self._refusals(operation, fuller)

    def _refusals(self, operation: Operation, received: Received) -> list[Violation]:
        try:
            self._lenient.check(operation, received)
        except InvalidRequest as error:
            return error.violations
        except RequestError:
            # Whether a body without the right media type is read is not for the contract to say.
            return []
        return []


class LenientValidator(Validator):
    """Accepts what any usual framework would read as a value of the schema."""

    def issues(self, schema: Schema, value: Any, pointer: str = "") -> Iterator[Issue]:
        """Yield where the value breaks the schema however leniently it is read."""
        schema = self.document.resolve(schema)
        match schema:
            case Number():
                schema, value = replace(schema, multiple_of=None), _number(schema, value)
            case Boolean():
                value = _boolean(value)
            case Enumeration():
                value = _chosen(schema, value)
            case Array():
                schema = replace(schema, unique=False)
            case Text():
                yield from self._lenient_text(schema, value, pointer)
                return
        yield from Validator.issues(self, schema, value, pointer)

    def _lenient_text(self, schema: Text, value: Any, pointer: str) -> Iterator[Issue]:
        may_fit = _may_have_format(schema.format, value)
        if not isinstance(value, str):
            if not may_fit:
                yield from Validator.issues(self, schema, value, pointer)
            return
        if schema.format is not None and not may_fit:
            yield Issue(pointer, "format", f"Must be a {schema.format}.")
        schema = replace(schema, format=None)
        found = list(Validator.issues(self, schema, value, pointer))
        if found and value != value.strip():
            # Spaces around may be stripped before anything is asked of the text.
            found = list(Validator.issues(self, schema, value.strip(), pointer))
        yield from found


def _number(schema: Number, value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return value
    try:
        number = float(value.strip().replace("_", ""))
    except ValueError:
        return value
    return int(number) if schema.integer and number.is_integer() else number


def _boolean(value: Any) -> Any:
    spelled = value.strip().lower() if isinstance(value, str) else value
    if spelled in _BOOLEANS or (isinstance(spelled, int | float) and spelled in {0, 1}):
        return True
    return value


def _chosen(schema: Enumeration, value: Any) -> Any:
    """Return the member of an enumeration that a value may stand for."""
    for option in schema.values:
        if str(option) == str(value) or option == value:
            return option
    return value


def _may_have_format(name: str | None, value: Any) -> bool:
    """Whether some parser might take a value for one of the format."""
    if name is None or isinstance(value, bool):
        return False
    if not isinstance(value, str):
        return isinstance(value, int | float) and name in _TEMPORAL
    check = _LENIENT.get(name)
    return True if check is None else check(value)


def _is_uuid(text: str) -> bool:
    digits = text.strip().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    return _HEXADECIMAL.fullmatch(digits) is not None


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_interface(text))
    return False


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


_TEMPORAL: Final = frozenset({"date", "date-time", "time", "duration"})
_LENIENT: Final[Mapping[str, Callable[[str], bool]]] = {
    **dict.fromkeys(_TEMPORAL, _has_digit),
    "uuid": _is_uuid,
    "email": lambda text: "@" in text,
    "uri": lambda text: ":" in text,
    "ipv4": _is_address,
    "ipv6": _is_address,
    "decimal": lambda text: has_format("decimal", text.strip().replace("_", "")),
}


def _ambiguous(operation: Operation, received: Received) -> bool:
    """Whether a parameter comes more than once although it is one value."""
    names = [name for name, _ in received.query]
    repeated = {name for name in names if names.count(name) > 1}
    return any(
        parameter.name in repeated and not _many(parameter)
        for parameter in operation.parameters_in("query")
    )


def _many(parameter: Parameter) -> bool:
    schema = parameter.schema
    members = schema.members if isinstance(schema, Union) else (schema,)
    return any(isinstance(member, Array) for member in members)
