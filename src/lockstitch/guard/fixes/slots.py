"""Changing a field of a class, or an argument of a function: annotation, default, constraints."""

import ast
from dataclasses import dataclass

from lockstitch.guard.fixes.calls import call_code, change_call
from lockstitch.guard.fixes.edits import EditRefused, Slot
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources.syntax import Function, arguments, fields

# Whoever makes these from an annotation takes the same keywords as `Field`.
_FIELD_CALLS = frozenset({"Field", "Query", "Header", "Cookie", "Path", "Body", "Form", "File"})


@dataclass(frozen=True, slots=True)
class _Found:
    annotation: ast.expr
    value: ast.expr | None
    function: Function | None = None
    argument: ast.arg | None = None


def change_slot(file: SourceFile, owner: str, name: str, slot: Slot) -> None:
    """Write what the edits ask of one field or argument."""
    found = _find(file, owner, name)
    keywords = dict(slot.keywords)
    for call in _calls(found):
        own = {k: v for k, v in keywords.items() if k in {one.arg for one in call.keywords}}
        if own and call is not _value_call(found):
            change_call(file, call, own)
            keywords = {k: v for k, v in keywords.items() if k not in own}
    if slot.annotation is not None:
        # What spans several lines is written as at the beginning of a line.
        code = slot.annotation.replace("\n", f"\n{file.indentation(found.annotation)}")
        file.replace(file.start(found.annotation), file.end(found.annotation), code)
    written = _value_call(found)
    if written is None:
        new = {k: v for k, v in keywords.items() if v is not None}
        _set_default(file, found, slot, new)
    elif keywords or slot.default is not None:
        _change_value(file, found, written, slot.default, keywords)


def _value_call(found: _Found) -> ast.Call | None:
    """Return the `Field(...)` behind the equals sign."""
    value = found.value
    return value if isinstance(value, ast.Call) and _name(value) in _FIELD_CALLS else None


def _change_value(
    file: SourceFile,
    found: _Found,
    call: ast.Call,
    default: str | None,
    keywords: dict[str, str | None],
) -> None:
    removed = {name for name, text in keywords.items() if text is None}
    only_removed = default is None and len(removed) == len(keywords)
    if only_removed and not call.args and {one.arg for one in call.keywords} <= removed:
        # Nothing would be left in it.
        file.replace(file.end(found.annotation), file.end(call), "")
        return
    given = {} if default is None or call.args else {"default": default}
    change_call(file, call, given | keywords, first=default)


def _set_default(file: SourceFile, found: _Found, slot: Slot, new: dict[str, str]) -> None:
    value, default = found.value, slot.default
    inside = next((c for c in _calls(found) if c is not value and _name(c) in _FIELD_CALLS), None)
    if inside is not None and new:
        change_call(file, inside, new)
        new = {}
    if new:
        kept = file.code(value) if value else None
        chosen = default or kept
        given_code = [f"{k}={v}" for k, v in new.items()]
        if chosen is not None:
            given_code.insert(0, f"default={chosen}")
        default = _fitting(file, found, slot.call, given_code)
    if default is None:
        return
    if value is not None:
        file.replace(file.start(value), file.end(value), default)
    else:
        end = file.end(found.annotation)
        file.replace(end, end, f" = {default}")
        _allow_default(file, found)


def _allow_default(file: SourceFile, found: _Found) -> None:
    """Name the arguments of a function where one without a default follows one with a default.

    FastAPI passes every argument by its name.
    """
    function, argument = found.function, found.argument
    if function is None or argument not in function.args.args:
        return
    spec = function.args
    place = spec.args.index(argument)
    first_default = len(spec.args) - len(spec.defaults)
    if place + 1 < first_default:
        start = file.start(spec.args[0])
        file.replace(start, start, "*, ")


def _find(file: SourceFile, owner: str, name: str) -> _Found:
    node = file.definitions.get(owner)
    if isinstance(node, ast.ClassDef):
        statement = fields(node).get(name)
        if statement is None:
            raise EditRefused(f"{owner} has no field {name}.")
        return _Found(statement.annotation, statement.value)
    argument = arguments(node).get(name) if isinstance(node, Function) else None
    if not isinstance(node, Function) or argument is None or argument.annotation is None:
        raise EditRefused(f"{owner} has no annotated argument {name}.")
    return _Found(argument.annotation, _default_of(node, argument), node, argument)


def _default_of(function: Function, argument: ast.arg) -> ast.expr | None:
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [
        *zip(reversed(positional), reversed(spec.defaults), strict=False),
        *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
    ]
    return next((default for one, default in pairs if one is argument), None)


def _calls(found: _Found) -> list[ast.Call]:
    """Return the calls that may carry constraints: those of the annotation, then the value."""
    places = [found.annotation, *([found.value] if found.value else [])]
    return [node for place in places for node in ast.walk(place) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _fitting(file: SourceFile, found: _Found, name: str, arguments: list[str]) -> str:
    """Return a call as the value of a field, on one line if it fits behind the annotation."""
    end = file.end(found.annotation)
    before = file.text[:end].rpartition("\n")[2]
    code = call_code(name, arguments, len(f"{before} = "))
    return code.replace("\n", f"\n{file.indentation(found.annotation)}")
