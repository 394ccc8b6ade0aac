"""Changing the arguments of a call."""

import ast
from collections.abc import Mapping

from lockstitch.guard.fixes.source_file import SourceFile


def change_call(
    file: SourceFile,
    call: ast.Call,
    keywords: Mapping[str, str | None],
    *,
    first: str | None = None,
) -> None:
    """Set keywords of a call, take those without a text away, replace its first argument."""
    if first is not None and call.args:
        file.replace(file.start(call.args[0]), file.end(call.args[0]), first)
    present = {one.arg: one for one in call.keywords}
    for name, text in keywords.items():
        if text is not None and name in present:
            value = present[name].value
            file.replace(file.start(value), file.end(value), text)
        elif text is None and name in present:
            _remove(file, call, present[name])
    added = [
        f"{name}={text}"
        for name, text in keywords.items()
        if text is not None and name not in present
    ]
    _append(file, call, added, {name for name, text in keywords.items() if text is None})


def _append(file: SourceFile, call: ast.Call, added: list[str], removed: set[str]) -> None:
    if not added:
        return
    arguments = _arguments(call)
    kept = [one for one in arguments if not _is_keyword(one, removed)]
    text = ", ".join(added)
    if not arguments:
        end = file.end(call) - 1
        file.replace(end, end, text)
    elif not kept:
        start = file.start(arguments[0])
        file.replace(start, start, text)
    else:
        # At the beginning of the line where an argument has a line of its own, so do the new ones.
        last = kept[-1]
        own_line = file.text[file.line_start(last.lineno) : file.start(last)].isspace()
        separator = f",\n{' ' * last.col_offset}" if own_line else ", "
        file.replace(file.end(last), file.end(last), f"{separator}{separator.join(added)}")


def _remove(file: SourceFile, call: ast.Call, keyword: ast.keyword) -> None:
    arguments = _arguments(call)
    place = arguments.index(keyword)
    if place + 1 < len(arguments):
        file.replace(file.start(keyword), file.start(arguments[place + 1]), "")
    elif place:
        file.replace(file.end(arguments[place - 1]), file.end(keyword), "")
    else:
        file.replace(file.start(keyword), file.end(call) - 1, "")


def _arguments(call: ast.Call) -> list[ast.expr | ast.keyword]:
    everything: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    return sorted(everything, key=lambda one: (one.lineno, one.col_offset))


def _is_keyword(argument: ast.expr | ast.keyword, names: set[str]) -> bool:
    return isinstance(argument, ast.keyword) and argument.arg in names
