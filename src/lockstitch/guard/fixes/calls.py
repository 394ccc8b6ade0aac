"""Changing the arguments of a call."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from lockstitch.guard.fixes.source_file import SourceFile, indented

# Ruff's and Black's own width; what is longer gets a line for each argument.
WIDTH: Final = 88


def call_code(name: str, arguments: Sequence[str], indent: int, *, brackets: str = "()") -> str:
    """Return the code of a call, on one line if it fits there at that indentation."""
    line = f"{name}{brackets[0]}{', '.join(arguments)}{brackets[1]}"
    if indent + len(line) <= WIDTH:
        return line
    inner = "".join(f"{indented(one, '    ')},\n" for one in arguments)
    return f"{name}{brackets[0]}\n{inner}{brackets[1]}"


def change_call(
    file: SourceFile,
    call: ast.Call,
    keywords: Mapping[str, str | None],
    *,
    first: str | None = None,
) -> None:
    """Set keywords of a call, take those without a text away, replace its first argument.

    A call on one line stays on one as long as it fits; of others only the changed part is touched.
    """
    if call.lineno == call.end_lineno:
        _rewrite(file, call, keywords, first)
        return
    if first is not None and call.args:
        file.replace(file.start(call.args[0]), file.end(call.args[0]), first)
    present = {one.arg: one for one in call.keywords}
    for name, text in keywords.items():
        if name not in present:
            continue
        if text is None:
            _remove(file, call, present[name])
        else:
            value = present[name].value
            file.replace(file.start(value), file.end(value), text)
    added = [f"{k}={v}" for k, v in keywords.items() if v is not None and k not in present]
    _append(file, call, added)


def _rewrite(
    file: SourceFile, call: ast.Call, keywords: Mapping[str, str | None], first: str | None
) -> None:
    arguments = [file.code(one) for one in call.args]
    if first is not None and arguments:
        arguments[0] = first
    named: dict[str, str | None] = {
        one.arg: file.code(one.value) for one in call.keywords if one.arg is not None
    }
    added = {name: text for name, text in keywords.items() if name not in named}
    # A new default reads best as the first argument.
    named = {"default": added.get("default"), **named, **keywords}
    spread = [file.code(one) for one in call.keywords if one.arg is None]
    arguments += [f"{name}={text}" for name, text in named.items() if text is not None]
    arguments += spread
    line = file.text[file.line_start(call.lineno) : file.start(call)]
    code = call_code(file.code(call.func), arguments, len(line))
    code = code.replace("\n", f"\n{file.indentation(call)}")
    file.replace(file.start(call), file.end(call), code)


def _append(file: SourceFile, call: ast.Call, added: list[str]) -> None:
    arguments = _arguments(call)
    if not added or not arguments:
        end = file.end(call) - 1
        file.replace(end, end, ", ".join(added))
        return
    # Where the last argument has a line of its own, so do the new ones.
    last = arguments[-1]
    separator = f",\n{' ' * last.col_offset}" if file.begins_line(last) else ", "
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
