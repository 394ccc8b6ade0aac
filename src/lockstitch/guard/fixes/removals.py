"""A field that was removed comes back: in its class, and where the class is made."""

import ast
import builtins
from collections.abc import Iterator

from lockstitch.contract.algebra import Property
from lockstitch.guard.fixes.annotations import annotation_of, plain_value
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.constraints import constrained
from lockstitch.guard.fixes.edits import AddMember, Edit, NeedImport, ReplaceText, SetConfig
from lockstitch.guard.fixes.migrations import Migration, column_type, keep_column
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.renames import python_name
from lockstitch.guard.fixes.responses import ALWAYS_SENT
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources import ModelSource
from lockstitch.guard.sources.syntax import Function, fields


def restore_field(
    case: Case, model: ModelSource, old: Property, *, answered: bool
) -> Iterator[Proposal]:
    """Yield the fix that brings a field back, marked as deprecated."""
    name = python_name(case, model, old.name)
    if name is None:
        return
    annotation, imports = _annotation(case, model, old, name)
    filled = tuple(_arguments(case, model, name)) if answered else ()
    # Where every value is set again, the field needs no default, and is what it was.
    whole = bool(filled) and len(filled) == _calls_of(case, model)
    value = plain_value(old.schema, case.base, case.sources)
    if value is None and not whole:
        value, annotation = "None", f"{annotation} | None"
    annotation = constrained(annotation, old.schema)
    if "Annotated[" in annotation:
        imports = (*imports, NeedImport(model.file, "typing", "Annotated"))
    given = ["deprecated=True"] if whole else [f"default={value}", "deprecated=True"]
    code = call_code(f"{name}: {annotation} = Field", given, 4)
    edits: tuple[Edit, ...] = (
        AddMember(model.file, model.qualname, code, after=_last_field(case, model)),
        NeedImport(model.file, "pydantic", "Field"),
        *imports,
        *filled,
    )
    if answered and old.required and not whole:
        edits = (*edits, SetConfig(model.file, model.qualname, (ALWAYS_SENT,)))
    words = "with the values of before" if filled else f"as {value} where nothing sets it"
    yield Proposal(
        kind="field-restored",
        explanation=(
            f"`{model.qualname}.{name}` is there again {words}, marked as deprecated, until "
            "no caller uses it any more."
        ),
        edits=edits,
        migrations=tuple(_column(case, model, name, old)),
    )


def _column(case: Case, model: ModelSource, name: str, old: Property) -> Iterator[Migration]:
    if model.table is not None:
        yield keep_column(f"{model.table}.{name}", column_type(old.schema, case.base))


def _annotation(
    case: Case, model: ModelSource, old: Property, name: str
) -> tuple[str, tuple[NeedImport, ...]]:
    """Return the annotation that the field had, else one made of its schema."""
    before = case.before(model.file)
    node = before.definitions.get(model.qualname)
    statement = fields(node).get(name) if isinstance(node, ast.ClassDef) else None
    made = annotation_of(old.schema, case.base, case.sources)
    imports = tuple(NeedImport(model.file, *pair) for pair in made.imports)
    if statement is None:
        return made.code, imports
    return before.code(statement.annotation), imports


def _last_field(case: Case, model: ModelSource) -> str | None:
    node = case.now(model.file).definitions.get(model.qualname)
    return next(reversed(fields(node)), None) if isinstance(node, ast.ClassDef) else None


def _arguments(case: Case, model: ModelSource, name: str) -> Iterator[Edit]:
    """Yield the edits that pass the field to its class again, as the base passes it.

    The nth call of the class within a function of the base is the nth of the same function now.
    """
    for file in sorted(case.texts):
        now, before = case.now(file), case.before(file)
        for scope in (None, *now.definitions):
            old_calls = _calls(before, scope, model.qualname)
            new_calls = _calls(now, scope, model.qualname)
            if len(old_calls) != len(new_calls):
                continue
            for old, new in zip(old_calls, new_calls, strict=True):
                given = next((one.value for one in old.keywords if one.arg == name), None)
                if given is not None and new.keywords and _known(now, scope, given):
                    last = new.keywords[-1]
                    line = f",\n{now.indentation(last)}" if now.begins_line(last) else ", "
                    code = f"{line}{name}={before.code(given)}"
                    yield ReplaceText(file, now.end(last), now.end(last), code)


def _calls_of(case: Case, model: ModelSource) -> int:
    """Return how often the class is called in all files."""
    return sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for name in [model.qualname]
        for text in case.texts.values()
        for node in ast.walk(ast.parse(text))
    )


def _calls(file: SourceFile, scope: str | None, name: str) -> list[ast.Call]:
    node: ast.AST | None = file.definitions.get(scope) if scope else None
    body: list[ast.stmt] = []
    if isinstance(node, Function):
        body = node.body
    elif scope is None:
        body = [one for one in file.tree.body if not isinstance(one, Function | ast.ClassDef)]
    return [
        one
        for statement in body
        for one in ast.walk(statement)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name
    ]


def _known(file: SourceFile, scope: str | None, value: ast.expr) -> bool:
    """Whether every name of a value is still something there."""
    node: ast.AST = file.definitions[scope] if scope else file.tree
    used = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
    local = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    local |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    top = {one.id for one in ast.walk(file.tree) if isinstance(one, ast.Name)}
    top |= {one.asname or one.name for one in ast.walk(file.tree) if isinstance(one, ast.alias)}
    return used <= local | top | file.definitions.keys() | set(dir(builtins))
