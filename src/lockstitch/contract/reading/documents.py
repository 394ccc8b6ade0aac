"""Reading a whole OpenAPI document."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast, get_args

from lockstitch.contract.algebra import Text
from lockstitch.contract.document import (
    Body,
    Content,
    Document,
    Header,
    Method,
    Operation,
    Parameter,
    PartEncoding,
    Place,
    Response,
    SecurityScheme,
    Style,
    Warn,
)
from lockstitch.contract.pointers import child, resolve, target
from lockstitch.contract.reading.keywords import (
    MAX_REFERENCES,
    Raw,
    mapping,
    sequence,
    text,
    words,
    wrong,
)
from lockstitch.contract.reading.schemas import SchemaReader
from lockstitch.contract.sources import read_source
from lockstitch.errors import UnreadableDocument

METHODS: Final[tuple[str, ...]] = get_args(Method)
PLACES: Final[tuple[str, ...]] = get_args(Place)
STYLES: Final[tuple[str, ...]] = get_args(Style)
_IN_PATH: Final = re.compile(r"\{([^{}]+)\}")
# Swagger and FastAPI both leave these to the transport.
IGNORED_HEADERS: Final = frozenset({"accept", "authorization", "content-type"})


def read_document(source: str | Path | Mapping[str, Any]) -> Document:
    """Read an OpenAPI 3.0, 3.1 or 3.2 document.

    Args:
        source: A JSON or YAML file, or a document that is parsed already.

    Raises:
        UnreadableDocument: The source is not an OpenAPI 3 document; the message has the pointer.
        UndecodableSchema: A schema contains itself without end.
    """
    return _DocumentReader(read_source(source)).read()


def _kind(raw: Mapping[str, Any], version: str) -> str:
    """Return what a document is that cannot be read, and what to do with it."""
    if "swagger" in raw:
        return f"Swagger {raw['swagger']}, which converters such as swagger2openapi bring to 3.0"
    return f"OpenAPI {version}" if version else "no OpenAPI document"


class _DocumentReader:
    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._warnings: dict[Warn, None] = {}
        self._version = str(raw.get("openapi", ""))
        if not self._version.startswith(("3.0", "3.1", "3.2")):
            raise UnreadableDocument(
                f"This is {_kind(raw, self._version)}; OpenAPI 3.0, 3.1 and 3.2 can be read."
            )
        self._schemas = SchemaReader(
            raw, self._warn, self._unchecked, old=self._version.startswith("3.0")
        )

    def read(self) -> Document:
        info = mapping(self._raw, "info", "")
        components = mapping(self._raw, "components", "")
        for name in mapping(components, "schemas", "/components"):
            self._schemas.named(name)
        operations = tuple(self._operations())
        self._schemas.finish()
        servers = sequence(self._raw, "servers", "")
        return Document(
            version=self._version,
            title=str(info.get("title", "")),
            description=words(info, "description"),
            schemas=self._schemas.schemas,
            operations=operations,
            servers=tuple(str(s["url"]) for s in servers if isinstance(s, Mapping) and "url" in s),
            security_schemes=tuple(self._security_schemes(components)),
            extensions=_extensions(self._raw),
            warnings=tuple(self._warnings),
            raw=self._raw,
        )

    def _warn(self, pointer: str, message: str) -> None:
        self._warnings[Warn(pointer=pointer, message=message)] = None

    def _unchecked(self, pointer: str, message: str) -> None:
        self._warnings[Warn(pointer=pointer, message=message, rule="not-checked")] = None

    def _left_out(self, pointer: str, message: str) -> None:
        self._warnings[Warn(pointer=pointer, message=message, rule="left-out")] = None

    def _follow(self, raw: Any, pointer: str) -> tuple[Raw, str]:
        """Return what stands behind the references of a parameter, response or other part."""
        asker = pointer
        for _ in range(MAX_REFERENCES):
            if raw is None:
                # An empty entry of a YAML document.
                return {}, pointer
            if not isinstance(raw, Mapping):
                raise UnreadableDocument("An object is expected here.", pointer=pointer)
            if not isinstance(raw.get("$ref"), str):
                return raw, pointer
            pointer = target(raw["$ref"], pointer)
            raw = resolve(self._raw, pointer, asker)
        raise UnreadableDocument('"$ref" refers to itself.', pointer=asker)

    # Operations

    def _operations(self) -> Iterator[Operation]:
        seen: dict[str, str] = {}
        for path, one in mapping(self._raw, "paths", "").items():
            if path.startswith("x-"):
                continue
            item, here = self._follow(one, child("/paths", path))
            for method in mapping(item, "additionalOperations", here):
                pointer = child(here, "additionalOperations", method)
                self._left_out(pointer, f"No function calls the method {method}.")
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item, here)
                    yield self._claimed(operation, seen)

    def _claimed(self, operation: Operation, seen: dict[str, str]) -> Operation:
        """Return the operation under an id that no other has."""
        if operation.id in seen:
            message = f"operationId {operation.id!r} is also that of {seen[operation.id]}; renamed."
            self._warn(operation.pointer, message)
            operation = replace(operation, id=f"{operation.method} {operation.path}")
        seen[operation.id] = operation.pointer
        return operation

    def _operation(self, path: str, method: str, item: Raw, here: str) -> Operation:
        pointer = child(here, method)
        raw = mapping(item, method, here)
        security = raw.get("security", self._raw.get("security", []))
        return Operation(
            id=text(raw, "operationId", pointer) or f"{method} {path}",
            method=cast("Method", method),
            path=path,
            summary=words(raw, "summary") or words(item, "summary"),
            description=words(raw, "description") or words(item, "description"),
            tags=tuple(str(tag) for tag in sequence(raw, "tags", pointer)),
            deprecated=raw.get("deprecated") is True,
            parameters=self._parameters(path, item, here, raw, pointer),
            body=self._body(raw, pointer),
            responses=tuple(self._responses(raw, pointer)),
            security=tuple(_requirements(security, child(pointer, "security"))),
            extensions=_extensions(raw),
            pointer=pointer,
        )

    def _parameters(
        self, path: str, item: Raw, here: str, raw: Raw, pointer: str
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for owner, place in ((item, here), (raw, pointer)):
            for index, one in enumerate(sequence(owner, "parameters", place)):
                listed, at = self._follow(one, child(place, "parameters", index))
                if (
                    listed.get("in") == "header"
                    and str(listed.get("name")).lower() in IGNORED_HEADERS
                ):
                    continue
                parameter = self._parameter(listed, at)
                found[parameter.place, parameter.name] = parameter
        return (*found.values(), *self._undeclared(path, found, pointer))

    def _undeclared(
        self, path: str, found: Collection[tuple[str, str]], pointer: str
    ) -> Iterator[Parameter]:
        """Yield what the path names and nobody describes, so that it is asked for all the same."""
        for name in dict.fromkeys(_IN_PATH.findall(path)):
            if ("path", name) not in found:
                self._warn(pointer, f"Path parameter {name!r} is not declared; read as a string.")
                yield Parameter(
                    name=name,
                    place="path",
                    schema=Text(min_length=1),
                    required=True,
                    style="simple",
                    explode=False,
                    pointer=pointer,
                )

    def _parameter(self, raw: Raw, pointer: str) -> Parameter:
        place, name = raw.get("in"), raw.get("name")
        if place not in PLACES:
            raise wrong(raw, "in", pointer, '"path", "query", "header" or "cookie"')
        if not isinstance(name, str):
            raise wrong(raw, "name", pointer, "a string")
        default_style = "form" if place in {"query", "cookie"} else "simple"
        style = raw.get("style", default_style)
        if style not in STYLES:
            raise wrong(raw, "style", pointer, "a style of OpenAPI")
        contents = tuple(self._contents(raw, pointer))
        if contents and contents[0].schema is not None:
            schema = contents[0].schema
        else:
            schema = self._schemas.read(raw.get("schema", True), child(pointer, "schema"))
        return Parameter(
            name=name,
            place=cast("Place", place),
            schema=schema,
            required=place == "path" or raw.get("required") is True,
            style=cast("Style", style),
            explode=raw.get("explode", style in {"form", "cookie"}) is True,
            allow_reserved=raw.get("allowReserved") is True,
            media_type=contents[0].media_type if contents else None,
            description=words(raw, "description"),
            deprecated=raw.get("deprecated") is True,
            examples=(*self._examples(raw, pointer), *(contents[0].examples if contents else ())),
            pointer=pointer,
        )

    def _examples(self, raw: Raw, pointer: str) -> tuple[Any, ...]:
        """Return the examples of a parameter or of a media type, which may have names."""
        found = [raw["example"]] if "example" in raw else []
        listed = raw.get("examples")
        for name, one in listed.items() if isinstance(listed, Mapping) else ():
            here = child(pointer, "examples", name)
            try:
                example, _ = self._follow(one, here)
            except UnreadableDocument:
                self._warn(here, "The example is not there; ignored.")
                continue
            # An external or serialised one is no JSON value.
            found += [example[word] for word in ("dataValue", "value") if word in example][:1]
        return tuple(found)

    def _body(self, operation: Raw, pointer: str) -> Body | None:
        if "requestBody" not in operation:
            return None
        raw, here = self._follow(operation["requestBody"], child(pointer, "requestBody"))
        return Body(
            contents=tuple(self._contents(raw, here)),
            required=raw.get("required") is True,
            description=words(raw, "description"),
            pointer=here,
        )

    def _responses(self, operation: Raw, pointer: str) -> Iterator[Response]:
        for status, one in mapping(operation, "responses", pointer).items():
            if str(status).startswith("x-"):
                continue
            raw, here = self._follow(one, child(pointer, "responses", status))
            yield Response(
                status=str(status).upper() if str(status) != "default" else "default",
                description=words(raw, "description") or "",
                contents=tuple(self._contents(raw, here)),
                headers=tuple(self._headers(raw, here)),
                pointer=here,
            )

    def _headers(self, response: Raw, pointer: str) -> Iterator[Header]:
        for name, one in mapping(response, "headers", pointer).items():
            raw, here = self._follow(one, child(pointer, "headers", name))
            yield Header(
                name=name,
                schema=self._schemas.read(raw.get("schema", True), child(here, "schema")),
                required=raw.get("required") is True,
                description=words(raw, "description"),
                pointer=here,
            )

    def _contents(self, owner: Raw, pointer: str) -> Iterator[Content]:
        for media_type, one in mapping(owner, "content", pointer).items():
            raw, here = self._follow(one, child(pointer, "content", media_type))
            encoding = mapping(raw, "encoding", here)
            yield Content(
                media_type=media_type,
                schema=self._optional(raw, "schema", here),
                item=self._optional(raw, "itemSchema", here),
                encoding={name: _part(part) for name, part in encoding.items()},
                examples=self._examples(raw, here),
                pointer=here,
            )

    def _optional(self, raw: Raw, word: str, pointer: str) -> Any:
        return self._schemas.read(raw[word], child(pointer, word)) if word in raw else None

    def _security_schemes(self, components: Raw) -> Iterator[SecurityScheme]:
        schemes = mapping(components, "securitySchemes", "/components")
        for name, one in schemes.items():
            raw, here = self._follow(one, child("/components/securitySchemes", name))
            yield SecurityScheme(
                name=name,
                type=text(raw, "type", here) or "",
                place=text(raw, "in", here),
                parameter=text(raw, "name", here),
                scheme=text(raw, "scheme", here),
                raw=raw,
            )


def _requirements(raw: Any, pointer: str) -> Iterator[Mapping[str, tuple[str, ...]]]:
    """Yield the alternatives of a security requirement."""
    for one in raw if isinstance(raw, list) else [raw] if raw else []:
        if not isinstance(one, Mapping) or not all(_is_scopes(scopes) for scopes in one.values()):
            message = "Each requirement must map schemes to their scopes."
            raise UnreadableDocument(message, pointer=pointer)
        yield {name: tuple(scopes or ()) for name, scopes in one.items()}


def _is_scopes(raw: Any) -> bool:
    return raw is None or (isinstance(raw, list) and all(isinstance(one, str) for one in raw))


def _part(raw: Raw) -> PartEncoding:
    style = raw.get("style")
    return PartEncoding(
        content_type=raw.get("contentType"),
        style=cast("Style", style) if style in STYLES else None,
        explode=raw.get("explode"),
    )


def _extensions(raw: Raw) -> Mapping[str, Any]:
    return {name: value for name, value in raw.items() if name.startswith("x-")}
