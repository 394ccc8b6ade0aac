"""A request that may wait for ever."""

import ast
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, has_double_star, keyword
from lockstitch.audit.python.requests import clients_of, requests_of
from lockstitch.findings import Finding

RULE: Final = "missing-timeout"
# requests and urllib wait for ever unless told; httpx and aiohttp have a default.
_PATIENT: Final = frozenset({"requests", "urllib"})
_URLOPEN_TIMEOUT: Final = 2


def find(module: Module, _: Backend) -> Iterator[Finding]:
    """Find requests without a timeout, and clients that are told to have none."""
    for request in requests_of(module):
        given = keyword(request.call, "timeout")
        by_position = request.library == "urllib" and len(request.call.args) > _URLOPEN_TIMEOUT
        is_missing = (
            given is None
            and request.library in _PATIENT
            and not (has_double_star(request.call) or by_position or _sets_timeout(module))
        )
        if is_missing or _is_none(given):
            yield _finding(module, request.call)
    if clients_of(module):
        for call in module.calls:
            made = module.callee(call).rpartition(".")[2]
            if made in {"Client", "AsyncClient", "ClientSession"} and _is_none(
                keyword(call, "timeout")
            ):
                yield _finding(module, call)


def _finding(module: Module, call: ast.Call) -> Finding:
    return module.finding(
        RULE,
        call,
        "The request has no deadline: when the service hangs, so does whoever waits for it.",
        "Pass timeout=10, or what the caller can wait.",
    )


def _is_none(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is None
    if isinstance(value, ast.Call) and ast.unparse(value.func).endswith(("Timeout", "timeout")):
        first = value.args[0] if value.args else keyword(value, "total")
        return _is_none(first) and len(value.keywords) <= 1
    return False


def _sets_timeout(module: Module) -> bool:
    """Whether a default is set for all requests, as by an adapter."""
    return "setdefaulttimeout" in module.text or "TimeoutAdapter" in module.text
