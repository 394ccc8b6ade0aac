"""Clients of libraries: axios, ky, ofetch, openapi-fetch."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.access import of_record
from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back, setting
from lockstitch.contract.usage.following.natives.requests import Asked, ask, on_base
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Client,
    Native,
    Reply,
    Value,
    joined,
    one,
    plain,
    shape,
    text,
)

_BODY_METHODS: Final = frozenset({"post", "put", "patch"})
_RESPONSE: Final = "interceptors.response"


def _base(call: Invocation, *names: str) -> Value:
    if not isinstance(call.target, Client):
        return NOTHING
    settings = call.target.settings
    return joined(*(of_record(call.engine, settings, name) for name in names))


def _derived(call: Invocation, kind: str) -> Value:
    """Return a client with settings of its own, over those of what it was made from."""
    record = call.engine.record(call.frame, call.node, kind)
    if isinstance(call.target, Client):
        call.engine.write(record.spreads, one(call.target.settings))
    call.engine.write(record.spreads, call.argument(0))
    return one(Client(kind, record))


def axios(call: Invocation) -> Value:
    """`axios.get(url, settings)`, `axios.post(url, data, settings)`, `axios(settings)`."""
    name = call.name.lower()
    if name == "create":
        return _derived(call, "axios")
    url, settings, body = call.argument(0), call.argument(1), NOTHING
    method = text(call.name)
    if name in _BODY_METHODS:
        body, settings = call.argument(1), call.argument(2)
    elif name in {"", "request"}:
        if setting(call, url, "url"):
            url, settings = setting(call, url, "url"), url
        method = setting(call, settings, "method")
        body = setting(call, settings, "data")
    elif name == "delete":
        body = setting(call, settings, "data")
    given = name in _BODY_METHODS and len(call.arguments) > 1
    base = setting(call, settings, "baseURL") or _base(call, "baseURL")
    asked = Asked(
        style="axios",
        url=on_base(base, url),
        method=method,
        body=body,
        query=setting(call, settings, "params"),
        has_body=given or bool(body),
    )
    answers = ask(call, asked)
    return _intercepted(call, shape(data=answers)) if answers else NOTHING


def _intercepted(call: Invocation, response: Value) -> Value:
    if not isinstance(call.target, Client):
        return response
    handlers = of_record(call.engine, call.target.settings, _RESPONSE)
    return call_back(call, handlers, response) if handlers else response


def intercept(call: Invocation) -> Value:
    """`api.interceptors.response.use(handler)`."""
    if isinstance(call.target, Native):
        for value in call.target.values:
            for atom in value:
                if isinstance(atom, Client):
                    put(call.engine, atom.settings, _RESPONSE, call.argument(0))
    return NOTHING


def ky(call: Invocation) -> Value:
    """`ky.get(url, settings).json()`."""
    if call.name in {"create", "extend"}:
        return _derived(call, "ky")
    settings = call.argument(1)
    body = joined(setting(call, settings, "json"), setting(call, settings, "body"))
    asked = Asked(
        style="ky",
        url=on_base(_base(call, "prefixUrl", "prefix"), call.argument(0)),
        method=text(call.name) if call.name else setting(call, settings, "method"),
        body=body,
        query=setting(call, settings, "searchParams"),
        has_body=bool(body),
    )
    answers = ask(call, asked)
    return one(Reply(answers)) if answers else NOTHING


def ofetch(call: Invocation) -> Value:
    """`$fetch(url, settings)`, which returns the body itself."""
    if call.name == "create":
        return _derived(call, "ofetch")
    settings = call.argument(1)
    body = setting(call, settings, "body")
    base = setting(call, settings, "baseURL") or _base(call, "baseURL")
    asked = Asked(
        style="fetch",
        url=on_base(base, call.argument(0)),
        method=setting(call, settings, "method"),
        body=body,
        query=joined(setting(call, settings, "query"), setting(call, settings, "params")),
        has_body=bool(body),
    )
    return ask(call, asked)


def new_openapi_fetch(call: Invocation) -> Value:
    """`createClient({baseUrl})` of openapi-fetch."""
    return _derived(call, "openapi-fetch")


def openapi_fetch(call: Invocation) -> Value:
    """`client.GET('/tasks/{id}', {params, body})`."""
    answers = _openapi(call, text(call.name), call.argument(0), call.argument(1))
    return shape(data=answers) if answers else NOTHING


def _openapi(call: Invocation, method: Value, url: Value, settings: Value) -> Value:
    body = setting(call, settings, "body")
    asked = Asked(
        style="openapi-fetch",
        url=on_base(_base(call, "baseUrl"), url),
        method=method,
        body=body,
        query=setting(call, setting(call, settings, "params"), "query"),
        has_body=bool(body),
    )
    return ask(call, asked)


def new_openapi_query(call: Invocation) -> Value:
    """`createClient(fetchClient)` of openapi-react-query."""
    found = [
        Client("openapi-query", one_.settings)
        for one_ in call.argument(0)
        if isinstance(one_, Client)
    ]
    return frozenset(found)


def openapi_query(call: Invocation) -> Value:
    """`$api.useQuery('get', '/tasks', settings)`."""
    method, url, settings = call.argument(0), call.argument(1), call.argument(2)
    if "Mutation" in call.name:
        cell = call.engine.cell(call.frame, call.node)
        mutate = one(Native("openapi-mutate", (cell,), (one(call.target), method, url)))
        return shape(data=call.engine.read(cell), mutate=mutate, mutateAsync=mutate)
    return shape(data=_openapi(call, method, url, settings))


def openapi_mutate(call: Invocation) -> Value:
    """`mutation.mutate({params, body})`."""
    if not isinstance(call.target, Native):
        return NOTHING
    (cell,), (clients, method, url) = call.target.cells, call.target.values
    for client in clients:
        call.target = client
        call.engine.write(cell, _openapi(call, method, url, call.argument(0)))
    return call.engine.read(cell)


def client_method(call: Invocation) -> Value:
    """`const get = api.get`: a method without its object."""
    if not isinstance(call.target, Native):
        return NOTHING
    clients, names = call.target.values
    found: list[Value] = []
    for client in clients:
        for name in sorted(plain(names)):
            call.target, call.name = client, name
            if isinstance(client, Client):
                found.append(call.engine.library.clients[client.kind](call))
    return joined(*found)


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "openapi-fetch:default": new_openapi_fetch,
    "openapi-react-query:default": new_openapi_query,
}
CLIENTS: Final[Mapping[str, Handler]] = {
    "axios": axios,
    "ky": ky,
    "ofetch": ofetch,
    "openapi-fetch": openapi_fetch,
    "openapi-query": openapi_query,
}
NATIVES: Final[Mapping[str, Handler]] = {
    "interceptors": intercept,
    "client-method": client_method,
    "openapi-mutate": openapi_mutate,
}
