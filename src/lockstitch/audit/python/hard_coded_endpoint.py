"""An address of a service that stands in the code."""

import ast
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, keyword, text_value
from lockstitch.audit.python.requests import requests_of
from lockstitch.audit.typescript.hard_coded_endpoint import FIXED_ADDRESS, is_public
from lockstitch.findings import Finding

RULE: Final = "hard-coded-endpoint"
_SERVICE: Final = re.compile(
    r"(API|BASE|BACKEND|SERVER|SERVICE|ENDPOINT|GATEWAY|WEBHOOK)\w*(URL|URI|BASE|HOST|ENDPOINT)$"
    r"|^(BASE_?)?(URL|URI|ENDPOINT)$",
    re.IGNORECASE,
)
_NOT_A_SERVICE: Final = re.compile(
    r"doc|schema|example|homepage|repo|issue|link|namespace|license|test|default_?test",
    re.IGNORECASE,
)
_LOCAL: Final = re.compile(
    r"^(localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)"
)
_FIX: Final = "Read it from the settings, and fail at the start when it is not there."


def find(module: Module, _: Backend) -> Iterator[Finding]:
    """Find addresses that requests go to, and local ones behind unset variables."""
    yield from _requested(module)
    if "http" in module.text:
        yield from _named(module)
        yield from _fallbacks(module)


def _requested(module: Module) -> Iterator[Finding]:
    for request in requests_of(module):
        if request.url is not None:
            yield from _at(module, request.url)
    for call in module.calls:
        base = keyword(call, "base_url")
        # One with a transport of its own goes nowhere, as to an application in this process.
        if base is not None and keyword(call, "transport") is None:
            yield from _at(module, base)


def _named(module: Module) -> Iterator[Finding]:
    """Find `API_URL = "http://…"` at the top of a module that sends requests."""
    if not requests_of(module):
        return
    for statement in module.tree.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        if _SERVICE.search(name) and not _NOT_A_SERVICE.search(name):
            yield from _at(module, statement.value)


def _at(module: Module, node: ast.expr) -> Iterator[Finding]:
    address = text_value(node)
    if address is None or not FIXED_ADDRESS.match(address) or is_public(address):
        return
    yield module.finding(
        RULE,
        node,
        f"The address {_origin(address)} stands in the code.",
        _FIX,
        subject=_origin(address),
    )


def _fallbacks(module: Module) -> Iterator[Finding]:
    """Find `os.getenv("SERVICE_URL", "http://localhost:54321")`."""
    for call in module.calls:
        if module.callee(call) not in {"os.getenv", "os.environ.get"} or len(call.args) < 2:  # noqa: PLR2004
            continue
        address = text_value(call.args[1]) or ""
        host = urlsplit(address).hostname or "" if "://" in address else ""
        if address.startswith(("http", "ws")) and _LOCAL.match(host):
            yield module.finding(
                RULE,
                call,
                f"Where {text_value(call.args[0])} is not set, {_origin(address)} is called.",
                "Fail at the start when it is not set.",
                severity="information",
                subject=text_value(call.args[0]),
            )


def _origin(address: str) -> str:
    parts = urlsplit(address.replace("{}", "x"))
    return f"{parts.scheme}://{parts.netloc}"
