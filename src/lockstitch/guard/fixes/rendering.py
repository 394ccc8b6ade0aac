"""Writing edits into the text of their files; what no edit names stays as it is, byte for byte."""

import ast
from collections.abc import Iterable, Mapping
from typing import assert_never

from lockstitch.guard.fixes.calls import change_call
from lockstitch.guard.fixes.edits import (
    AddAfterStatement,
    AddArgument,
    AddAtEnd,
    AddBefore,
    AddDecorator,
    AddMember,
    AddStatement,
    Edit,
    EditRefused,
    NeedImport,
    ReplaceText,
    SetConfig,
    SetDecorator,
    SetSlot,
    Slot,
    TakeEitherName,
)
from lockstitch.guard.fixes.imports import add_imports
from lockstitch.guard.fixes.slots import change_slot
from lockstitch.guard.fixes.source_file import SourceFile, indented
from lockstitch.guard.sources.syntax import Function, fields


def render(texts: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """Return the new texts of the files that the edits change.

    Raises:
        EditRefused: A file, or what is to be changed in it, is not there.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        by_file.setdefault(edit.file, []).append(edit)
    missing = by_file.keys() - texts.keys()
    if missing:
        raise EditRefused(f"{min(missing)} is not a file of the application.")
    changed = {file: _rendered(texts[file], part) for file, part in by_file.items()}
    return {file: text for file, text in changed.items() if text != texts[file]}


def _rendered(text: str, edits: list[Edit]) -> str:
    file = SourceFile(text)
    slots: dict[tuple[str, str], Slot] = {}
    configs: dict[str, dict[str, str | None]] = {}
    renamed: dict[str, list[TakeEitherName]] = {}
    further: list[AddArgument] = []
    before: list[AddBefore] = []
    imports: list[NeedImport] = []
    for edit in edits:
        match edit:
            case AddArgument():
                further.append(edit)
            case AddBefore():
                before.append(edit)
            case NeedImport():
                imports.append(edit)
            case SetSlot():
                slots.setdefault((edit.owner, edit.name), Slot()).add(edit)
            case SetConfig():
                configs.setdefault(edit.owner, {}).update(edit.keywords)
            case TakeEitherName():
                renamed.setdefault(edit.owner, []).append(edit)
            case _:
                _apply(file, edit)
    _add_before(file, before)
    for (owner, name), slot in slots.items():
        change_slot(file, owner, name, slot)
    for argument in further:  # Behind the defaults that the arguments before it were given.
        _add_argument(file, argument)
    for owner, pairs in renamed.items():
        configs.setdefault(owner, {})["json_schema_extra"] = _either(pairs)
    for owner, keywords in configs.items():
        _set_config(file, owner, keywords)
    if configs:
        imports.append(NeedImport("", "pydantic", "ConfigDict"))
    add_imports(file, imports)
    return file.rendered()


def _either(pairs: list[TakeEitherName]) -> str:
    """Return the keywords that say: of each pair of names, one must be there."""
    choices = [
        f'{{"anyOf": [{{"required": ["{pair.new}"]}}, {{"required": ["{pair.old}"]}}]}}'
        for pair in pairs
    ]
    return choices[0] if len(choices) == 1 else f'{{"allOf": [{", ".join(choices)}]}}'


def _apply(
    file: SourceFile,
    edit: AddMember
    | AddStatement
    | AddDecorator
    | SetDecorator
    | AddAtEnd
    | AddAfterStatement
    | ReplaceText,
) -> None:
    match edit:
        case AddMember():
            _add_member(file, edit)
        case AddStatement():
            _add_statement(file, edit)
        case AddDecorator():
            node = _function(file, edit.owner)
            first = node.decorator_list[0]
            indent = " " * node.col_offset
            start = file.line_start(first.lineno)
            file.insert_lines(start, indented(edit.code, indent))
        case SetDecorator():
            _set_decorator(file, edit)
        case AddAtEnd():
            last = file.tree.body[-1]
            is_main = isinstance(last, ast.If)
            end = file.line_start(last.lineno) if is_main else len(file.text)
            file.insert_lines(end, f"{edit.code}\n\n" if is_main else f"\n\n{edit.code}")
        case AddAfterStatement():
            _add_after_statement(file, edit)
        case ReplaceText():
            file.replace(edit.start, edit.end, edit.text)
        case _:
            assert_never(edit)


def _add_before(file: SourceFile, edits: list[AddBefore]) -> None:
    """Put each definition before the first of those that ask for it."""
    added: set[str] = set()
    for edit in sorted(edits, key=lambda edit: _beginning(file, edit.owner)):
        if edit.code not in added:
            added.add(edit.code)
            file.insert_lines(_beginning(file, edit.owner), f"{edit.code}\n\n")


def _beginning(file: SourceFile, name: str) -> int:
    node = file.definitions.get(name)
    if node is None:
        raise EditRefused(f"There is no {name}.")
    return file.line_start(min(node.lineno, *(one.lineno for one in (node, *node.decorator_list))))


def _add_member(file: SourceFile, edit: AddMember) -> None:
    node = file.definitions.get(edit.owner)
    if not isinstance(node, ast.ClassDef):
        raise EditRefused(f"There is no class {edit.owner}.")
    behind: ast.stmt = node.body[-1]
    if edit.after is not None:
        behind = fields(node).get(edit.after, behind)
    indent = " " * node.body[0].col_offset
    file.insert_lines(file.line_end(behind), indented(edit.code, indent))


def _add_argument(file: SourceFile, edit: AddArgument) -> None:
    node = _function(file, edit.owner)
    spec = node.args
    everything = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    if not everything or spec.vararg or spec.kwarg:
        opening = file.text.index("(", file.start(node) + len("def "))
        file.replace(opening + 1, opening + 1, edit.code if not everything else f"{edit.code}, ")
        return
    last = everything[-1]
    default = spec.kw_defaults[-1] if spec.kwonlyargs else (spec.defaults or [None])[-1]
    end = max(file.end(last), file.end(default) if default else 0)
    own_line = file.text[file.line_start(last.lineno) : file.start(last)].isspace()
    separator = f",\n{' ' * last.col_offset}" if own_line else ", "
    file.replace(end, end, f"{separator}{edit.code}")


def _add_statement(file: SourceFile, edit: AddStatement) -> None:
    node = _function(file, edit.owner)
    first, *rest = node.body
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    at = rest[0] if documented and rest else first
    if at.lineno == node.lineno:
        raise EditRefused(f"{edit.owner} is written on one line.")
    code = indented(edit.code, " " * at.col_offset)
    file.insert_lines(file.line_start(at.lineno), code)


def _set_decorator(file: SourceFile, edit: SetDecorator) -> None:
    for one in _function(file, edit.owner).decorator_list:
        if isinstance(one, ast.Call) and file.code(one).startswith(edit.start):
            change_call(file, one, dict(edit.keywords), first=edit.first)
            return
    raise EditRefused(f"{edit.owner} has no decorator {edit.start}.")


def _add_after_statement(file: SourceFile, edit: AddAfterStatement) -> None:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.stmt) and file.code(node) == edit.statement:
            code = indented(edit.code, " " * node.col_offset)
            file.insert_lines(file.line_end(node), code)
            return
    raise EditRefused(f"There is no statement {edit.statement}.")


def _set_config(file: SourceFile, owner: str, keywords: Mapping[str, str | None]) -> None:
    node = file.definitions.get(owner)
    if not isinstance(node, ast.ClassDef):
        raise EditRefused(f"There is no class {owner}.")
    for statement in node.body:
        if isinstance(statement, ast.Assign) and file.code(statement).startswith("model_config"):
            if not isinstance(statement.value, ast.Call):
                raise EditRefused(f"{owner}.model_config is no call of ConfigDict.")
            change_call(file, statement.value, keywords)
            return
    given = ", ".join(f"{name}={text}" for name, text in keywords.items() if text is not None)
    indent = " " * node.body[0].col_offset
    code = f"{indent}model_config = ConfigDict({given})\n"
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if documented:
        file.insert_lines(file.line_end(first), f"\n{code}")
    else:
        file.insert_lines(file.line_start(first.lineno), f"{code}\n")


def _function(file: SourceFile, name: str) -> Function:
    node = file.definitions.get(name)
    if not isinstance(node, Function):
        raise EditRefused(f"There is no function {name}.")
    return node
