"""Any page of the web may call with the visitor's cookies."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, keyword, text_value
from lockstitch.findings import Finding

RULE: Final = "open-cors"
# Origins that nobody would allow on purpose.
_STRANGERS: Final = ("https://stranger.example", "http://stranger.example:8080")


def find(module: Module, _: Backend) -> Iterator[Finding]:
    """Find CORS settings that allow credentials to every origin."""
    if "cors" not in module.text.lower():
        return
    for call in module.calls:
        named = " ".join([module.callee(call), *(module.dotted(one) for one in call.args)])
        if "cors" not in named.lower():
            continue
        credentials = keyword(call, "allow_credentials") or keyword(call, "supports_credentials")
        if not isinstance(credentials, ast.Constant) or credentials.value is not True:
            continue
        how = _how_open(module, call)
        if how is not None:
            yield module.finding(
                RULE,
                call,
                f"{how} allows every page of the web to call with the visitor's cookies.",
                "List the origins of your own front ends.",
                severity="error",
                subject=how,
            )


def _how_open(module: Module, call: ast.Call) -> str | None:
    for name in ("allow_origins", "origins"):
        given = keyword(call, name)
        if isinstance(given, ast.Name):
            given = module.constants.get(given.id, given)
        listed = given.elts if isinstance(given, ast.List | ast.Tuple | ast.Set) else [given]
        if any(text_value(one) == "*" for one in listed):
            return f'{name} "*" with credentials'
    pattern = text_value(keyword(call, "allow_origin_regex"))
    if pattern is not None and _matches_strangers(pattern):
        return f"allow_origin_regex {pattern!r} with credentials"
    return None


def _matches_strangers(pattern: str) -> bool:
    try:
        return any(re.fullmatch(pattern, origin) for origin in _STRANGERS)
    except re.error:
        return False
