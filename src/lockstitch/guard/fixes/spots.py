"""Where a value of a request or response is declared: a field of a class, or an argument."""

import ast
import re
from dataclasses import dataclass

from lockstitch.contract.algebra import Schema
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import Keywords, NeedImport, SetSlot
from lockstitch.guard.sources import FieldSource, ModelSource, ParameterSource
from lockstitch.guard.sources.syntax import Function, arguments, fields
from lockstitch.guard.sources.trails import Trail

_PARAMETER_CALLS = {"query": "Query", "header": "Header", "cookie": "Cookie", "path": "Path"}


@dataclass(frozen=True, slots=True)
class Spot:
    """One annotated name in the source; `call` makes what carries its constraints."""

    file: str
    owner: str
    name: str
    annotation: str
    call: str = "Field"
    model: ModelSource | None = None

    def set(
        self,
        *,
        annotation: str | None = None,
        default: str | None = None,
        keywords: Keywords = (),
    ) -> SetSlot:
        """Return the edit that changes this spot."""
        return SetSlot(self.file, self.owner, self.name, annotation, default, keywords, self.call)

    def needs(self, module: str, *names: str) -> tuple[NeedImport, ...]:
        """Return the imports of names into this spot's file."""
        return tuple(NeedImport(self.file, module, name) for name in names)

    def carries(self, keyword: str) -> bool:
        """Whether the annotation itself gives that constraint."""
        return re.search(rf"\b{keyword}\s*=", self.annotation) is not None


def spot_of_field(case: Case, model: ModelSource, source: FieldSource) -> Spot | None:
    """Return the spot of a field, if it has an annotation."""
    file = case.now(source.file)
    node = file.definitions.get(source.owner)
    statement = fields(node).get(source.name) if isinstance(node, ast.ClassDef) else None
    if statement is None:
        return None
    code = file.code(statement.annotation)
    return Spot(source.file, source.owner, source.name, code, model=model)


def spot_of_parameter(case: Case, source: ParameterSource) -> Spot | None:
    """Return the spot of a parameter, if it has an annotation."""
    file = case.now(source.file)
    node = file.definitions.get(source.owner)
    call = _PARAMETER_CALLS.get(source.place, "Body")
    annotation: ast.expr | None = None
    if isinstance(node, ast.ClassDef):
        statement = fields(node).get(source.name)
        annotation, call = (statement.annotation if statement else None), "Field"
    elif isinstance(node, Function):
        argument = arguments(node).get(source.name)
        annotation = argument.annotation if argument else None
    if annotation is None:
        return None
    return Spot(source.file, source.owner, source.name, file.code(annotation), call)


def spot_of_trail(case: Case, trail: Trail) -> Spot | None:
    """Return the spot of the member to which a way through the revision led."""
    step = trail.owner
    model = case.sources.model(step.key) if step else None
    source = model.field(step.name) if model and step else None
    if model is None or source is None or source.file not in case.texts:
        return None
    return spot_of_field(case, model, source)


def without_none(annotation: str) -> str:
    """Return an annotation that no longer names None."""
    node = ast.parse(annotation.strip(), mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Optional"):
        return ast.unparse(node.slice)
    parts = [part for part in _alternatives(node) if not _is_none(part)]
    return " | ".join(ast.get_source_segment(annotation.strip(), part) or "" for part in parts)


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


@dataclass(frozen=True, slots=True)
class Sides:
    """What the base and the revision say of one value."""

    base: Schema
    revision: Schema
    base_required: bool = False
    revision_required: bool = False
    nested: bool = False
