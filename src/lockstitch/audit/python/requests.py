"""Where Python code sends requests, and through which library."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lockstitch.audit.python.module import Module, keyword, parameters, text_value

IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_LIBRARIES: Final = frozenset({"requests", "httpx", "httpx2", "aiohttp"})
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_CLIENTS: Final = re.compile(
    r"^(requests|httpx2?|aiohttp)\.(\w+\.)*(Session|session|Client|AsyncClient|ClientSession)$"
)


@dataclass(frozen=True, eq=False)
class Request:
    """A call that sends a request."""

    module: Module
    call: ast.Call
    library: str
    # None where the code decides it at run time.
    method: str | None
    url: ast.expr | None


# Several rules ask this of one module after another.
@lru_cache(maxsize=4)
def requests_of(module: Module) -> list[Request]:
    """Return the requests that a module sends."""
    if not re.search(r"\b(requests|httpx2?|aiohttp|urlopen)\b", module.text):
        return []
    return list(_requests(module))


def _requests(module: Module) -> Iterator[Request]:
    clients = clients_of(module)
    for call in module.calls:
        dotted = module.callee(call)
        owner, _, verb = dotted.rpartition(".")
        if dotted == "urllib.request.urlopen":
            method = "POST" if keyword(call, "data") is not None else "GET"
            yield Request(module, call, "urllib", method, call.args[0] if call.args else None)
        elif verb in _VERBS and (owner in _LIBRARIES or owner in clients):
            library = owner if owner in _LIBRARIES else clients[owner]
            yield _request(module, call, library, verb)
        elif isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS:
            # `requests.Session().get(…)`
            made = call.func.value
            if isinstance(made, ast.Call) and _CLIENTS.match(module.callee(made)):
                library = module.callee(made).partition(".")[0]
                yield _request(module, call, library, call.func.attr)


def _request(module: Module, call: ast.Call, library: str, verb: str) -> Request:
    url = call.args[0] if call.args else keyword(call, "url")
    method: str | None = verb.upper()
    if verb == "request":
        given = call.args[0] if call.args else keyword(call, "method")
        text = text_value(given)
        method = text.upper() if text is not None else None
        url = call.args[1] if len(call.args) > 1 else keyword(call, "url")
    return Request(module, call, library, method, url)


@lru_cache(maxsize=4)
def clients_of(module: Module) -> dict[str, str]:
    """Return the variables, members and parameters that hold a client, each with its library."""
    found: dict[str, str] = {}
    for name, made in _held(module):
        dotted = module.dotted(made.func if isinstance(made, ast.Call) else made)
        if _CLIENTS.match(dotted):
            found[name] = dotted.partition(".")[0]
    return found


def _held(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for assignment in module.of_kind(ast.Assign):
        yield module.dotted(assignment.targets[0]), assignment.value
    for annotated in module.of_kind(ast.AnnAssign):
        yield module.dotted(annotated.target), annotated.annotation
    for item in module.of_kind(ast.withitem):
        if item.optional_vars is not None:
            yield module.dotted(item.optional_vars), item.context_expr
    for function in module.functions:
        for parameter, _ in parameters(function):
            for part in ast.walk(parameter.annotation) if parameter.annotation else ():
                if isinstance(part, ast.Attribute | ast.Name):
                    yield parameter.arg, part
