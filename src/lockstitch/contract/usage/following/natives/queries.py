"""Caches of answers: SWR and TanStack Query."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back, setting
from lockstitch.contract.usage.following.natives.requests import GET, Asked, ask
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Client,
    Closure,
    Native,
    Sequence,
    Text,
    Value,
    joined,
    one,
    shape,
)

_POSITIONAL: Final = 2
_CALLABLE = (Closure, Native, Client)


def use_swr(call: Invocation) -> Value:
    """`useSWR(key, fetcher)`."""
    answer = _swr(call, call.argument(0))
    return _state(answer)


def _state(answer: Value) -> Value:
    return shape(data=answer, mutate=one(Native("swr-mutate", values=(answer,))))


def _swr(call: Invocation, key: Value) -> Value:
    """Return what a fetcher returns for a key; without one, the key is what is asked for."""
    settings = call.argument(1) if _fetcher(call.argument(1)) == NOTHING else call.argument(2)
    functions = frozenset(atom for atom in key if isinstance(atom, Closure))
    if functions:
        key = joined(key - functions, call_back(call, functions, NOTHING, NOTHING))
    fetcher = _fetcher(call.argument(1)) or _fetcher(setting(call, settings, "fetcher"))
    if not fetcher:
        fetcher = _fetcher(call.engine.read(call.engine.shared_record("swr").spreads))
    if not fetcher:
        unknown = len(call.arguments) > 1 and not call.argument(1)
        if unknown or call.engine.configures_swr:
            return NOTHING
        return ask(call, Asked(style="swr", url=_first(key), method=GET))
    return joined(*(call_back(call, one(atom), *_key_arguments(atom, key)) for atom in fetcher))


def _fetcher(value: Value) -> Value:
    return frozenset(atom for atom in value if isinstance(atom, _CALLABLE))


def _first(key: Value) -> Value:
    found = [
        atom.items[0] if isinstance(atom, Sequence) and atom.items else one(atom) for atom in key
    ]
    return frozenset(atom for atom in joined(*found) if isinstance(atom, Text))


def _key_arguments(fetcher: object, key: Value) -> list[Value]:
    """An array goes to the fetcher whole (version 2), or item by item (version 1)."""
    many = isinstance(fetcher, Closure) and len(fetcher.function.parameters) > 1
    for atom in key:
        if isinstance(atom, Sequence) and many:
            return list(atom.items)
    return [key]


def use_swr_infinite(call: Invocation) -> Value:
    """`useSWRInfinite(keyOfPage, fetcher)`: the data is a list of pages."""
    answer = _swr(call, call.argument(0))
    # What the next key is made of is the page before.
    call_back(call, call.argument(0), NOTHING, answer)
    return _state(one(Sequence((), answer)) if answer else NOTHING)


def use_swr_mutation(call: Invocation) -> Value:
    """`useSWRMutation(key, fetcher)`."""
    cell = call.engine.cell(call.frame, call.node)
    trigger = Native("swr-trigger", (cell,), (call.argument(1), call.argument(0)))
    return shape(data=call.engine.read(cell), trigger=one(trigger))


def swr_trigger(call: Invocation) -> Value:
    """`trigger(argument)`."""
    if not isinstance(call.target, Native):
        return NOTHING
    (cell,), (fetcher, key) = call.target.cells, call.target.values
    call.engine.write(cell, call_back(call, fetcher, key, shape(arg=call.argument(0))))
    return call.engine.read(cell)


def swr_mutate(call: Invocation) -> Value:
    """`mutate((data) => next)`: the function is given what the cache holds."""
    if not isinstance(call.target, Native):
        return NOTHING
    (answer,) = call.target.values
    return call_back(call, call.argument(0), answer)


def _options(call: Invocation) -> Value:
    """`useQuery(options)`, and `useQuery(key, function, options)` of older versions."""
    return call.argument(0)


def _query(call: Invocation, options: Value) -> Value:
    function = setting(call, options, "queryFn")
    if not function and len(call.arguments) > 1:
        function = frozenset(atom for atom in call.argument(1) if isinstance(atom, Closure))
    key = setting(call, options, "queryKey")
    if not function and len(call.arguments) < _POSITIONAL:
        # A query client may have one function for all keys.
        function = call.engine.read(call.engine.shared_record("query-client").spreads)
    return call_back(call, function, shape(queryKey=key))


def _selected(call: Invocation, options: Value, answer: Value) -> Value:
    select = setting(call, options, "select")
    return call_back(call, select, answer) if select else answer


def use_query(call: Invocation) -> Value:
    """`useQuery({queryKey, queryFn, select})`."""
    options = _options(call)
    answer = _query(call, options)
    call_back(call, setting(call, options, "onSuccess"), answer)
    interval = setting(call, options, "refetchInterval")
    state = shape(state=shape(data=answer))
    call_back(call, frozenset(atom for atom in interval if isinstance(atom, Closure)), state)
    data = _selected(call, options, answer)
    return shape(data=data, refetch=one(Native("returns", values=(shape(data=data),))))


def use_infinite_query(call: Invocation) -> Value:
    """`useInfiniteQuery(options)`: the data holds pages."""
    options = _options(call)
    answer = _query(call, options)
    call_back(call, setting(call, options, "getNextPageParam"), answer)
    pages = one(Sequence((), answer)) if answer else NOTHING
    return shape(data=_selected(call, options, shape(pages=pages)))


def use_queries(call: Invocation) -> Value:
    """`useQueries({queries})`."""
    queries = setting(call, call.argument(0), "queries")
    found: list[Value] = []
    for atom in queries:
        if isinstance(atom, Sequence):
            items = [shape(data=_query(call, item)) for item in atom.items]
            rest = shape(data=_query(call, atom.rest)) if atom.rest else NOTHING
            found.append(one(Sequence(tuple(items), rest)))
    return joined(*found)


def use_mutation(call: Invocation) -> Value:
    """`useMutation({mutationFn, onSuccess})`."""
    options = _options(call)
    cell = call.engine.cell(call.frame, call.node)
    function = setting(call, options, "mutationFn") or frozenset(
        atom for atom in options if isinstance(atom, Closure)
    )
    mutate = one(Native("mutation", (cell,), (function, options)))
    data = call.engine.read(cell)
    return shape(data=data, mutate=mutate, mutateAsync=mutate)


def mutate(call: Invocation) -> Value:
    """`mutation.mutate(variables, {onSuccess})`."""
    if not isinstance(call.target, Native):
        return NOTHING
    (cell,), (function, options) = call.target.cells, call.target.values
    answer = call_back(call, function, call.argument(0))
    call.engine.write(cell, answer)
    for one_ in (options, call.argument(1)):
        for name in ("onSuccess", "onSettled"):
            call_back(call, setting(call, one_, name), answer, call.argument(0))
    return answer


def returns(call: Invocation) -> Value:
    """A function that is known to return some value."""
    return joined(*call.target.values) if isinstance(call.target, Native) else NOTHING


def query_client(call: Invocation) -> Value:
    """`useQueryClient()` and `new QueryClient({defaultOptions})`."""
    defaults = setting(call, call.argument(0), "defaultOptions")
    function = setting(call, setting(call, defaults, "queries"), "queryFn")
    call.engine.write(call.engine.shared_record("query-client").spreads, function)
    return one(Client("query-client", call.engine.shared_record("query-client")))


def query_client_method(call: Invocation) -> Value:
    """`queries.fetchQuery(options)`."""
    if call.name in {"fetchQuery", "ensureQueryData", "prefetchQuery"}:
        return _query(call, call.argument(0))
    if call.name in {"setQueryData", "setQueriesData"}:
        call_back(call, call.argument(1), NOTHING)
    return NOTHING


def same(call: Invocation) -> Value:
    """`queryOptions(options)`."""
    return call.argument(0)


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "swr:default": use_swr,
    "useSWR": use_swr,
    "swr/immutable:default": use_swr,
    "useSWRImmutable": use_swr,
    "swr/infinite:default": use_swr_infinite,
    "useSWRInfinite": use_swr_infinite,
    "swr/mutation:default": use_swr_mutation,
    "useSWRMutation": use_swr_mutation,
    "useQuery": use_query,
    "useSuspenseQuery": use_query,
    "useInfiniteQuery": use_infinite_query,
    "useSuspenseInfiniteQuery": use_infinite_query,
    "useQueries": use_queries,
    "useSuspenseQueries": use_queries,
    "useMutation": use_mutation,
    "useQueryClient": query_client,
    "new QueryClient": query_client,
    "queryOptions": same,
    "infiniteQueryOptions": same,
    "mutationOptions": same,
}
CLIENTS: Final[Mapping[str, Handler]] = {"query-client": query_client_method}
NATIVES: Final[Mapping[str, Handler]] = {
    "mutation": mutate,
    "returns": returns,
    "swr-trigger": swr_trigger,
    "swr-mutate": swr_mutate,
}
