"""Conditions that say what a value is: a failed request, an array."""

import re

from tree_sitter import Node

from lockstitch.contract.usage.lowering.scopes import text_of

# 202, 204 and the like are one success among others: what has not one of them has not failed.
_FAILURE = re.compile(
    r"""
      !\s*[\w.?]+\.(ok|success)\b
    | \.(ok|success)\s*===?\s*false
    | \.status(Code)?\s*(>=?\s*[345]\d\d|===?\s*[45]\d\d|!==?\s*20[01])
    | \bis(Axios)?Error\b | \binstanceof\s+\w*(Error|Problem)\b
    """,
    re.VERBOSE,
)
_SUCCESS = re.compile(
    r"""
      (?<![!\w.])[\w.?]+\.(ok|success)\b(?!\s*===?\s*false)
    | \.status(Code)?\s*(===?\s*20[01]\b|<\s*[34]\d\d)
    """,
    re.VERBOSE,
)
_ARRAY = re.compile(r"(!?)\s*Array\.isArray\((\w+)\)")
_EXITS = {"return_statement", "throw_statement", "continue_statement", "break_statement"}


def failure_in(condition: Node | None) -> tuple[bool, bool]:
    """Tell whether a request has failed where a condition holds, and where it does not."""
    text = text_of(condition) if condition is not None else ""
    if _FAILURE.search(text):
        return True, False
    return False, bool(_SUCCESS.search(text)) and "||" not in text


def array_in(condition: Node | None) -> tuple[str, bool] | None:
    """Return the name that a condition is about, and whether it is an array where that holds."""
    text = text_of(condition).strip("() ") + ")" if condition is not None else ""
    found = _ARRAY.fullmatch(text)
    return (found[2], not found[1]) if found else None


def exits(statement: Node | None) -> bool:
    """Whether what follows a statement is not reached through it."""
    if statement is None:
        return False
    if statement.type == "statement_block":
        inner = [child for child in statement.named_children if child.type != "comment"]
        return bool(inner) and exits(inner[-1])
    return statement.type in _EXITS
