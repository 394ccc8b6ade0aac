"""Putting lines into a file: members, arguments, statements, decorators, definitions."""

import ast

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
    ReplaceText,
    SetDecorator,
)
from lockstitch.guard.fixes.source_file import SourceFile, class_named, indented, is_docstring
from lockstitch.guard.sources.syntax import Function, fields


def insert(file: SourceFile, edit: Edit) -> None:
    """Make an edit that stands alone; others are made together with their like."""
    match edit:
        case AddMember():
            _add_member(file, edit)
        case AddStatement():
            _add_statement(file, edit)
        case AddDecorator():
            start = file.line_start(_function(file, edit.owner).decorator_list[0].lineno)
            indent = " " * _function(file, edit.owner).col_offset
            file.insert_lines(start, indented(edit.code, indent))
        case SetDecorator():
            _set_decorator(file, edit)
        case AddAtEnd():
            _add_at_end(file, edit)
        case AddAfterStatement():
            _add_after_statement(file, edit)
        case ReplaceText():
            file.replace(edit.start, edit.end, edit.text)


def add_before(file: SourceFile, edits: list[AddBefore]) -> None:
    """Put each definition before the first of those that ask for it."""
    added: set[str] = set()
    for edit in sorted(edits, key=lambda edit: _beginning(file, edit.owner)):
        if edit.code not in added:
            added.add(edit.code)
            file.insert_lines(_beginning(file, edit.owner), f"{edit.code}\n\n\n")


def add_argument(file: SourceFile, edit: AddArgument) -> None:
    """Give a function one more argument, as the last one."""
    node = _function(file, edit.owner)
    spec = node.args
    everything = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    if spec.vararg or spec.kwarg:
        raise EditRefused(f"{edit.owner} takes any arguments.")
    if not everything:
        opening = file.text.index("(", file.start(node) + len("def ")) + 1
        file.replace(opening, opening, edit.code)
        return
    last = everything[-1]
    defaults = spec.kw_defaults if spec.kwonlyargs else spec.defaults
    default = defaults[-1] if defaults else None
    end = _behind_brackets(file, last, default) if default else file.end(last)
    separator = f",\n{' ' * last.col_offset}" if file.begins_line(last) else ", "
    file.replace(end, end, f"{separator}{edit.code}")


def _behind_brackets(file: SourceFile, argument: ast.arg, default: ast.expr) -> int:
    """Return where a default ends, with the brackets that the syntax tree does not tell of."""
    opened = file.text.count("(", file.end(argument), file.start(default))
    end = file.end(default)
    for _ in range(opened):
        end = file.text.index(")", end) + 1
    return end


def _beginning(file: SourceFile, name: str) -> int:
    node = file.definitions.get(name)
    if node is None:
        raise EditRefused(f"There is no {name}.")
    return file.line_start(min(node.lineno, *(one.lineno for one in (node, *node.decorator_list))))


def _add_member(file: SourceFile, edit: AddMember) -> None:
    node = class_named(file, edit.owner)
    behind: ast.stmt = node.body[-1]
    if edit.after is not None:
        behind = fields(node).get(edit.after, behind)
    indent = " " * node.body[0].col_offset
    file.insert_lines(file.line_end(behind), indented(edit.code, indent))


def _add_statement(file: SourceFile, edit: AddStatement) -> None:
    node = _function(file, edit.owner)
    first, *rest = node.body
    at = rest[0] if is_docstring(first) and rest else first
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


def _add_at_end(file: SourceFile, edit: AddAtEnd) -> None:
    last = file.tree.body[-1]
    if isinstance(last, ast.If):
        file.insert_lines(file.line_start(last.lineno), f"{edit.code}\n\n\n")
    else:
        file.insert_lines(len(file.text), f"\n\n{edit.code}")


def _add_after_statement(file: SourceFile, edit: AddAfterStatement) -> None:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.stmt) and file.code(node) == edit.statement:
            code = indented(edit.code, " " * node.col_offset)
            file.insert_lines(file.line_end(node), code)
            return
    raise EditRefused(f"There is no statement {edit.statement}.")


def _function(file: SourceFile, name: str) -> Function:
    node = file.definitions.get(name)
    if not isinstance(node, Function):
        raise EditRefused(f"There is no function {name}.")
    return node
