"""Changing the `model_config` of a class."""

import ast
from collections.abc import Iterable, Mapping

from lockstitch.guard.fixes.calls import call_code, change_call
from lockstitch.guard.fixes.edits import EditRefused, SetConfig, TakeEitherName
from lockstitch.guard.fixes.source_file import SourceFile, class_named, indented, is_docstring


def set_configs(
    file: SourceFile, edits: Iterable[SetConfig], renamed: Iterable[TakeEitherName]
) -> bool:
    """Write what the edits ask of the configurations of classes; return whether there was any."""
    configs: dict[str, dict[str, str | None]] = {}
    for edit in edits:
        configs.setdefault(edit.owner, {}).update(edit.keywords)
    pairs: dict[str, list[TakeEitherName]] = {}
    for one in renamed:
        pairs.setdefault(one.owner, []).append(one)
    for owner, names in pairs.items():
        configs.setdefault(owner, {})["json_schema_extra"] = _either(names)
    for owner, keywords in configs.items():
        _set_config(file, owner, keywords)
    return bool(configs)


def _either(pairs: list[TakeEitherName]) -> str:
    """Return the keywords that say: of each pair of names, one must be there."""
    choices = [
        f'{{"anyOf": [{{"required": ["{pair.new}"]}}, {{"required": ["{pair.old}"]}}]}}'
        for pair in pairs
    ]
    return choices[0] if len(choices) == 1 else f'{{"allOf": [{", ".join(choices)}]}}'


def _set_config(file: SourceFile, owner: str, keywords: Mapping[str, str | None]) -> None:
    node = class_named(file, owner)
    for statement in node.body:
        if isinstance(statement, ast.Assign) and file.code(statement).startswith("model_config"):
            _change(file, owner, statement.value, keywords)
            return
    given = [f"{name}={text}" for name, text in keywords.items() if text is not None]
    first = node.body[0]
    indent = " " * first.col_offset
    code = indented(call_code("model_config = ConfigDict", given, len(indent)), indent)
    if is_docstring(first):
        file.insert_lines(file.line_end(first), f"\n{code}")
    else:
        file.insert_lines(file.line_start(first.lineno), f"{code}\n\n")


def _change(
    file: SourceFile, owner: str, value: ast.expr, keywords: Mapping[str, str | None]
) -> None:
    if not isinstance(value, ast.Call):
        raise EditRefused(f"{owner}.model_config is no call of ConfigDict.")
    present = {one.arg for one in value.keywords}
    if "json_schema_extra" in present & keywords.keys():
        raise EditRefused(f"{owner}.model_config has a json_schema_extra already.")
    change_call(file, value, keywords)
