"""The places of an application's models, fields, routes and parameters."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lockstitch.findings import Place

ModelKind = Literal["model", "dataclass", "dictionary", "enumeration"]
ParameterPlace = Literal["path", "query", "header", "cookie", "body"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class FieldSource(_Frozen):
    """A field of a model, or a member of an enumeration, in the class that declares it.

    `wires` are the names that it has in JSON; an enumeration's member has its value there.
    `column` is `schema.table.column`, if the model is declared to be stored.
    """

    name: str
    wires: tuple[str, ...]
    owner: str
    file: str
    line: int
    column: str | None = None

    @property
    def place(self) -> Place:
        """Where the field is declared."""
        return Place(file=self.file, line=self.line, name=f"{self.owner}.{self.name}")


class ModelSource(_Frozen):
    """A class behind a named schema; `keys` are the schema's names in the contract.

    `table` is the table, as `schema.name`, that it is declared to be stored in.
    """

    keys: tuple[str, ...]
    qualname: str
    kind: ModelKind
    file: str
    line: int
    fields: tuple[FieldSource, ...] = ()
    table: str | None = None

    @property
    def place(self) -> Place:
        """Where the class begins."""
        return Place(file=self.file, line=self.line, name=self.qualname)

    def field(self, wire: str) -> FieldSource | None:
        """Return the field that has that name in JSON."""
        return next((field for field in self.fields if wire in field.wires), None)


class ParameterSource(_Frozen):
    """A parameter of an operation: an argument of `owner`, or a field when that is a class."""

    place: ParameterPlace
    wire: str
    name: str
    owner: str
    file: str
    line: int
    in_class: bool = False

    @property
    def source(self) -> Place:
        """Where the parameter is declared."""
        return Place(file=self.file, line=self.line, name=f"{self.owner}.{self.name}")


class RouteSource(_Frozen):
    """The function behind an operation."""

    method: str
    path: str
    function: str
    file: str
    line: int
    parameters: tuple[ParameterSource, ...] = ()

    @property
    def source(self) -> Place:
        """Where the function begins."""
        return Place(file=self.file, line=self.line, name=self.function)

    def parameter(self, wire: str, *places: ParameterPlace) -> ParameterSource | None:
        """Return the parameter of that name in a request, at one of some places."""
        return next((p for p in self.parameters if p.wire == wire and p.place in places), None)


class ApplicationSources(_Frozen):
    """All places of an application; files are relative to its folder."""

    models: tuple[ModelSource, ...] = ()
    routes: tuple[RouteSource, ...] = ()

    def model(self, key: str | None) -> ModelSource | None:
        """Return the class behind the named schema."""
        return next((model for model in self.models if key in model.keys), None)

    def model_place(self, key: str | None) -> Place | None:
        """Return where the class behind a named schema begins."""
        model = self.model(key)
        return model.place if model else None

    def route(self, method: str, path: str | None) -> RouteSource | None:
        """Return the function behind a method of a path, whatever its parameters are called."""
        if path is None:
            return None
        shape = path_shape(path)
        return next(
            (r for r in self.routes if r.method == method and path_shape(r.path) == shape), None
        )


def path_shape(path: str) -> str:
    """Return a path without the names of its parameters, which callers never send."""
    return re.sub(r"\{[^}]*\}", "{}", path)
