"""Requests that the contract allows, with given ids in their slots."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from lockstitch.contract.algebra import (
    ABSENT,
    Array,
    Boolean,
    Enumeration,
    Null,
    Number,
    Object,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.document import Content, Document, Operation, Parameter
from lockstitch.contract.mock.numbers import number_recipe
from lockstitch.contract.mock.recipe import Cookbook
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.mock.texts import accepts, text_recipe
from lockstitch.guard.isolation.belongings import Value
from lockstitch.guard.isolation.slots import ITEM, Slot
from lockstitch.guard.verify.exchange import Request

Filling = dict[Slot, list[Value]]

_DEEPEST: Final = 6
_AHEAD: Final = timedelta(days=30)
_PAGE_SIZE: Final = re.compile(r"^(limit|per_?page|page_?size|size|first|top)$", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"e_?mail", re.IGNORECASE)
_BOUNDARY: Final = "lockstitch-isolation"


@dataclass(frozen=True, slots=True)
class Style:
    """How the rest of a request is written.

    Attributes:
        marker: A text that appears nowhere else; put wherever a free text may stand.
        address: The e-mail address that a request may name.
        full: Whether what is optional is sent, too.
        page_size: How many items a list is asked for; None is not to say.
        others: Members that every object of the body gets besides.
    """

    marker: str
    address: str = "newcomer@example.com"
    full: bool = False
    page_size: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


class Drafter:
    """Writes requests to the operations of one document."""

    def __init__(self, document: Document, base_url: str) -> None:
        self._document = document
        self._base_url = base_url.rstrip("/")

    def draft(self, operation: Operation, filling: Filling, style: Style) -> Request:
        """Return a request, without a credential.

        What a slot is not filled with is left out where it may be, and made up where it may not.
        """
        values = {(slot.place, *slot.path): list(given) for slot, given in filling.items()}
        path = operation.path
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {}
        for parameter in operation.parameters:
            texts = self._texts(parameter, values, style)
            if parameter.place == "path":
                text = quote(texts[0] if texts else style.marker, safe="")
                path = path.replace(f"{{{parameter.name}}}", text)
            elif parameter.place == "query":
                query += [(parameter.name, text) for text in texts]
            elif parameter.place == "header":
                headers |= {parameter.name.lower(): text for text in texts[:1]}
        url = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")
        body, media_type = self._body(operation, values, style)
        if media_type:
            headers["content-type"] = media_type
        return Request(operation.method.upper(), url, headers, body)

    def _texts(
        self, parameter: Parameter, values: Mapping[tuple[str, ...], list[Value]], style: Style
    ) -> list[str]:
        given = values.get((parameter.place, parameter.name))
        given = given or values.get((parameter.place, parameter.name, ITEM))
        if given is not None:
            return [str(one) for one in given]
        if _PAGE_SIZE.match(parameter.name) and style.page_size is not None:
            return [str(style.page_size)]
        if not parameter.required:
            return []
        pen = _Pen(self._document, {}, style)
        value = pen.write(parameter.schema, (parameter.place, parameter.name))
        return [one if isinstance(one, str) else json.dumps(one) for one in _as_list(value)]

    def _body(
        self, operation: Operation, values: dict[tuple[str, ...], list[Value]], style: Style
    ) -> tuple[bytes, str]:
        if operation.body is None or not operation.body.contents:
            return b"", ""
        content = operation.body.contents[0]
        pen = _Pen(self._document, values, style)
        value = pen.write(content.schema, ("body",)) if content.schema is not None else {}
        return _encoded(content, value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class _Pen:
    """Writes one value of a schema."""

    def __init__(
        self, document: Document, values: Mapping[tuple[str, ...], list[Value]], style: Style
    ) -> None:
        self._document = document
        self._values = values
        self._style = style

    def write(self, schema: Schema, path: tuple[str, ...], depth: int = 0) -> Any:
        """Return a value of the schema; ids go where their slots are."""
        if path in self._values:
            return self._values[path][0]
        schema, _ = without_null(self._document.resolve(schema))
        schema = self._document.resolve(schema)
        match schema:
            case Object():
                return self._object(schema, path, depth)
            case Array():
                return self._array(schema, path, depth)
            case Union():
                return self.write(self._member(schema, path), path, depth + 1)
            case _:
                return self._scalar(schema, path[-1])

    def _scalar(self, schema: Schema, name: str) -> Any:
        match schema:
            case Text():
                return self._text(schema, name)
            case Enumeration():
                return schema.values[0]
            case Number():
                recipe = number_recipe(schema)
                return 1 if recipe is None else sample(recipe, name, Cookbook())
            case Boolean() | Null():
                return False if isinstance(schema, Boolean) else None
            case _:
                return self._style.marker

    def _object(self, schema: Object, path: tuple[str, ...], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for member in schema.properties:
            inner = (*path, member.name)
            wanted = member.required or (self._style.full and depth < _DEEPEST)
            filled = any(key[: len(inner)] == inner for key in self._values)
            if (wanted or filled) and not member.read_only:
                found[member.name] = self.write(member.schema, inner, depth + 1)
        return {**found, **self._style.others} if depth == 0 else found

    def _array(self, schema: Array, path: tuple[str, ...], depth: int) -> list[Any]:
        inner = (*path, ITEM)
        filled = [key for key in self._values if key[: len(inner)] == inner]
        if filled:
            count = max(len(self._values[key]) for key in filled)
            return [self._item(schema, path, place, depth) for place in range(count)]
        wanted = max(schema.min_items, 0 if depth > _DEEPEST else 1)
        return [self.write(schema.items, inner, depth + 1) for _ in range(wanted)]

    def _item(self, schema: Array, path: tuple[str, ...], place: int, depth: int) -> Any:
        inner = (*path, ITEM)
        values = {
            key: [given[min(place, len(given) - 1)]] if key[: len(inner)] == inner else given
            for key, given in self._values.items()
        }
        return _Pen(self._document, values, self._style).write(schema.items, inner, depth + 1)

    def _member(self, schema: Union, path: tuple[str, ...]) -> Schema:
        """Return the member of a union to write: the one that has a slot to fill, else the first.

        A discriminator is an enumeration of one, so it is written rightly by itself.
        """
        wanted = {key[len(path)] for key in self._values if key[: len(path)] == path}
        members = [self._document.resolve(one) for one in schema.members]
        for one in members:
            if isinstance(one, Object) and wanted & {member.name for member in one.properties}:
                return one
        return next((one for one in members if not isinstance(one, Null)), members[0])

    def _text(self, schema: Text, name: str) -> str:
        style = self._style
        made = {
            "uuid": str(uuid4()),
            "date-time": (datetime.now(UTC) + _AHEAD).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "date": (datetime.now(UTC) + _AHEAD).strftime("%Y-%m-%d"),
            "email": style.address,
            "binary": f"text,label\n{style.marker},1\nother,0\n",
        }.get(schema.format or "")
        if made is not None:
            return made
        if _ADDRESS.search(name) and accepts(schema, style.address):
            return style.address
        for text in (style.marker, style.marker[: schema.max_length]):
            if schema.format is None and accepts(schema, text):
                return text
        if schema.notes.examples or isinstance(schema.notes.default, str):
            examples = [*schema.notes.examples, schema.notes.default]
            return str(next(one for one in examples if one is not ABSENT))
        recipe = text_recipe(schema)
        return style.marker if recipe is None else str(sample(recipe, name, Cookbook()))


def _encoded(content: Content, value: Any) -> tuple[bytes, str]:
    if content.kind == "multipart" and isinstance(value, dict):
        return _multipart(value), f"multipart/form-data; boundary={_BOUNDARY}"
    if content.kind == "form" and isinstance(value, dict):
        pairs = [(name, _plain(one)) for name, many in value.items() for one in _as_list(many)]
        return urlencode(pairs).encode(), content.media_type
    if content.kind == "json":
        return json.dumps(value).encode(), content.media_type.replace("*/*", "application/json")
    return str(value).encode(), content.media_type


def _multipart(value: dict[str, Any]) -> bytes:
    parts = []
    for name, one in ((name, one) for name, many in value.items() for one in _as_list(many)):
        is_file = isinstance(one, str) and "\n" in one
        head = f'Content-Disposition: form-data; name="{name}"'
        head += '; filename="rows.csv"\r\nContent-Type: text/csv' if is_file else ""
        parts.append(f"--{_BOUNDARY}\r\n{head}\r\n\r\n{_plain(one)}\r\n")
    return f"{''.join(parts)}--{_BOUNDARY}--\r\n".encode()


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
