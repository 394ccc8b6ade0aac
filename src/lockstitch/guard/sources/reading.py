"""Reading the places of models and routes from a live FastAPI application."""

import ast
import dataclasses
import inspect
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints, is_typeddict

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_fields_from_routes
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import AliasChoices, BaseModel

from lockstitch.database.stored import declaration_of
from lockstitch.guard.sources.places import (
    ApplicationSources,
    FieldSource,
    ModelKind,
    ModelSource,
    ParameterPlace,
    ParameterSource,
    RouteSource,
)
from lockstitch.guard.sources.syntax import Definition, arguments, definitions, members


class SourceReader:
    """Finds the files and lines of one application, as far as they are in its folder."""

    def __init__(self, root: Path, texts: Mapping[str, str]) -> None:
        """Take the folder, and texts that stand for what its files hold."""
        self._root = root.resolve()
        self._texts = texts
        self._definitions: dict[str, dict[str, Definition]] = {}

    def read(self, app: FastAPI) -> ApplicationSources:
        """Return the places of the application's models and routes."""
        keys = app.openapi().get("components", {}).get("schemas", {})
        fields = get_fields_from_routes(list(app.routes))
        found: dict[type, None] = {}
        for field in fields:
            _collect(field.field_info.annotation, found)
        models = (self._model(one, _keys_of(one, keys)) for one in found)
        return ApplicationSources(
            models=tuple(model for model in models if model),
            routes=tuple(self._routes(app)),
        )

    # Models

    def _model(self, cls: type, keys: tuple[str, ...]) -> ModelSource | None:
        at = self._definition(cls.__module__, _qualname(cls))
        kind = _kind(cls)
        if at is None or kind is None:
            return None
        file, node = at
        names, stored = _members_of(cls), declaration_of(cls)
        declared = (self._field(cls, name, wires) for name, wires in names.items())
        return ModelSource(
            keys=keys,
            qualname=_qualname(cls),
            kind=kind,
            file=file,
            line=node.lineno,
            fields=tuple(field for field in declared if field),
            table=stored.table if stored else None,
        )

    def _field(self, cls: type, name: str, wires: tuple[str, ...]) -> FieldSource | None:
        """Return the field in the nearest class that declares it."""
        for owner in inspect.getmro(cls):
            at = self._definition(owner.__module__, _qualname(owner))
            if at is None or not isinstance(at[1], ast.ClassDef):
                continue
            statement = members(at[1]).get(name)
            if statement is not None:
                return FieldSource(
                    name=name,
                    wires=wires,
                    owner=_qualname(owner),
                    file=at[0],
                    line=statement.lineno,
                    column=_column(cls, name),
                )
        return None

    # Routes

    def _routes(self, app: FastAPI) -> Iterator[RouteSource]:
        for context in iter_route_contexts(app.routes):
            route = context.original_route
            if not isinstance(route, APIRoute) or not route.include_in_schema:
                continue
            at = self._function(route.endpoint)
            if at is None:
                continue
            file, name, node = at
            parameters = tuple(self._parameters(route.dependant))
            for method in sorted(context.methods or ()):
                yield RouteSource(
                    method=method.lower(),
                    path=context.path_format or route.path_format,
                    function=name,
                    file=file,
                    line=node.lineno,
                    parameters=parameters,
                )

    def _parameters(self, dependant: Dependant) -> Iterator[ParameterSource]:
        at = self._function(dependant.call) if dependant.call else None
        groups: tuple[tuple[ParameterPlace, list[Any]], ...] = (
            ("path", dependant.path_params),
            ("query", dependant.query_params),
            ("header", dependant.header_params),
            ("cookie", dependant.cookie_params),
            ("body", dependant.body_params),
        )
        for place, fields in groups:
            for field in fields:
                yield from self._members_of_model(place, field)
                if at is not None and isinstance(at[2], ast.FunctionDef | ast.AsyncFunctionDef):
                    file, owner, node = at
                    argument = arguments(at[2]).get(field.name)
                    line = argument.lineno if argument else node.lineno
                    yield ParameterSource(
                        place=place,
                        wire=field.alias,
                        name=field.name,
                        owner=owner,
                        file=file,
                        line=line,
                    )
        for inner in dependant.dependencies:
            yield from self._parameters(inner)

    def _members_of_model(self, place: ParameterPlace, field: Any) -> Iterator[ParameterSource]:
        """Yield the fields of a model that stands for several parameters of one place."""
        model = field.field_info.annotation
        if place == "body" or not (inspect.isclass(model) and issubclass(model, BaseModel)):
            return
        for name, wires in _members_of(model).items():
            source = self._field(model, name, wires)
            for wire in wires if source else ():
                assert source is not None  # noqa: S101 - the line above says so
                yield ParameterSource(
                    place=place,
                    wire=wire,
                    name=name,
                    owner=source.owner,
                    file=source.file,
                    line=source.line,
                    in_class=True,
                )

    # Files

    def _function(self, call: Callable[..., Any]) -> tuple[str, str, Definition] | None:
        function = inspect.unwrap(call)
        name = getattr(function, "__qualname__", "")
        at = self._definition(getattr(function, "__module__", ""), name)
        return (at[0], name, at[1]) if at else None

    def _definition(self, module: str, qualname: str) -> tuple[str, Definition] | None:
        file = self._file(module)
        if file is None:
            return None
        if file not in self._definitions:
            text = self._texts.get(file)
            text = _text(self._root / file) if text is None else text
            self._definitions[file] = definitions(ast.parse(text))
        node = self._definitions[file].get(qualname)
        return (file, node) if node else None

    def _file(self, module: str) -> str | None:
        return own_file(module, self._root)


def _text(path: Path) -> str:
    """Return a Python file in the encoding that it declares."""
    with tokenize.open(path) as file:
        return file.read()


def own_files(root: Path) -> tuple[str, ...]:
    """Return the files of a folder that have been imported."""
    found = (own_file(module, root) for module in list(sys.modules))
    return tuple(sorted({file for file in found if file}))


def own_file(module: str, root: Path) -> str | None:
    """Return the file of an imported module, relative to the folder that it is part of."""
    name = getattr(sys.modules.get(module), "__file__", None)
    path = Path(name).resolve() if name else None
    if path is None or path.suffix != ".py" or not path.is_relative_to(root.resolve()):
        return None
    own = path.relative_to(root.resolve())
    # A virtual environment may lie in the folder; what is installed there is not the project's.
    return None if "site-packages" in own.parts else own.as_posix()


def _qualname(cls: type) -> str:
    """Return the name of a class; of `Page[Item]` that of `Page`, which is what a file holds."""
    metadata = getattr(cls, "__pydantic_generic_metadata__", None)
    origin = metadata["origin"] if metadata else None
    return str((origin or cls).__qualname__)


def _keys_of(cls: type, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a class has among the schemas: `Item`, `Item-Input`, `app__Item`."""
    plain = "".join(c if c.isalnum() or c in ".-_" else "_" for c in cls.__name__)
    qualified = "".join(
        c if c.isalnum() or c in "-_" else "_"
        for c in f"{cls.__module__}.{cls.__qualname__}".replace(".", "__")
    )
    stems = {key: key.removesuffix("-Input").removesuffix("-Output") for key in keys}
    exact = tuple(key for key, stem in stems.items() if stem == qualified)
    return exact or tuple(key for key, stem in stems.items() if stem == plain)


def _kind(cls: type) -> ModelKind | None:
    if issubclass(cls, BaseModel):
        return "model"
    if issubclass(cls, Enum):
        return "enumeration"
    if dataclasses.is_dataclass(cls):
        return "dataclass"
    return "dictionary" if is_typeddict(cls) else None


def _column(cls: type, name: str) -> str | None:
    """Return the column that holds a field, if the class is declared to be stored."""
    stored = declaration_of(cls)
    if stored is None or name in stored.computed:
        return None
    return ".".join(stored.column(name))


def _members_of(cls: type) -> dict[str, tuple[str, ...]]:
    """Return the names in JSON by the names in Python."""
    if issubclass(cls, BaseModel):
        found = {name: _wires(name, field) for name, field in cls.model_fields.items()}
        computed = cls.model_computed_fields
        return found | {name: (field.alias or name,) for name, field in computed.items()}
    if issubclass(cls, Enum):
        return {member.name: (str(member.value),) for member in cls}
    return {name: (name,) for name in get_type_hints(cls)}


def _wires(name: str, field: Any) -> tuple[str, ...]:
    validation = field.validation_alias
    choices = validation.choices if isinstance(validation, AliasChoices) else [validation]
    aliases = [*choices, field.serialization_alias, field.alias]
    texts = [alias for alias in aliases if isinstance(alias, str)]
    return tuple(dict.fromkeys(texts)) or (name,)


def _collect(annotation: Any, found: dict[type, None]) -> None:
    """Add the classes that an annotation leads to, each with those that its fields lead to."""
    value = getattr(annotation, "__value__", None)
    for part in (*get_args(annotation), *((value,) if value is not None else ())):
        _collect(part, found)
    if not inspect.isclass(annotation) or annotation in found or _kind(annotation) is None:
        return
    found[annotation] = None
    if issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            _collect(field.annotation, found)
        for computed in annotation.model_computed_fields.values():
            _collect(computed.return_type, found)
    elif not issubclass(annotation, Enum):
        for hint in get_type_hints(annotation).values():
            _collect(hint, found)
