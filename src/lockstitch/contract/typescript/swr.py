"""Emission of `swr.ts`: keys and fetchers for SWR, the same as those of `queries.ts`."""

from collections.abc import Iterator

from lockstitch.contract.typescript.calls import Call, Calls
from lockstitch.contract.typescript.layout import Group, Node, Row, call, comment, literal
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import access, member_key
from lockstitch.contract.typescript.operations import deprecation, fenced, given_argument
from lockstitch.contract.typescript.queries import (
    RUNTIME,
    after,
    arrow,
    check_pages,
    import_declared,
    invalidated,
    key_input,
    key_of,
    milliseconds,
    mutation_input,
    paged_input,
    parameters_of,
)


def emit_swr(calls: Calls) -> str:
    """Return `swr.ts`."""
    module = Module(calls.plan.document, calls.names)
    return module.text(block for one in calls.calls for block in _blocks(calls, one, module))


def _blocks(calls: Calls, one: Call, module: Module) -> Iterator[str]:
    if not one.is_read:
        if one.facts.invalidates:
            yield _revalidation(calls, one, module)
        yield _mutation(one, module)
        return
    yield _query(calls, one, module)
    if one.facts.pages is not None:
        yield _pages(calls, one, module)


def _arguments(name: str, parameters: list[str], items: tuple[Node, ...], words: str) -> str:
    """Return a factory of the arguments of a hook, to be spread into it."""
    return arrow(name, parameters, Group("[", items, "] as const"), words=words)


def _configuration(one: Call) -> Node:
    fresh = milliseconds(one)
    members: list[Node] = [] if fresh is None else [f"dedupingInterval: {fresh:_}"]
    # The client has retried already, within its deadline and budget.
    return literal([*members, "shouldRetryOnError: false"])


def _options(module: Module) -> str:
    """Return the last parameter of a fetcher: SWR gives none, `useRead` for React does."""
    return f"options?: {module.type(RUNTIME, 'CallOptions')}"


def _query(calls: Calls, one: Call, module: Module) -> str:
    function = module.value("./operations.js", one.function)
    asked = call(function, "client", *key_input(one), "options")
    items = (
        key_of(one, module, *key_input(one)),
        Row((f"(_key?: unknown, {_options(module)}) => ", asked)),
        _configuration(one),
    )
    given = ", ".join(["client", *given_argument(calls, one)])
    example = fenced([f"const {{ data }} = useSWR(...{one.function}Swr({given}))"])
    words = comment([f"{{@link {one.function}}} for `useSWR`.", *example, *deprecation(one)])
    return _arguments(f"{one.function}Swr", parameters_of(one, module), items, words)


def _pages(calls: Calls, one: Call, module: Module) -> str:
    cursor, following = check_pages(calls, one)
    function = module.value("./operations.js", one.function)
    import_declared(one, module)
    page = module.type("./types.js", one.answers.type)
    next_page = access("previous", following).replace("previous", "previous?", 1)
    key = key_of(one, module, "'pages'", "input", f"{next_page} || ''")
    asked = f"from ? {{ ...input, {member_key(cursor)}: from }} : input"
    items: tuple[Node, ...] = (
        Row(
            (
                f"(index: number, previous: {page} | null) => ",
                f"index > 0 && !{next_page} ? null : ({key} as const)",
            )
        ),
        Row(
            (
                "([, , , , from]: readonly [string, string, string, unknown, string]",
                f", {_options(module)}) => ",
                call(function, "client", asked, "options"),
            )
        ),
        _configuration(one),
    )
    parameters = [f"client: {module.type(RUNTIME, 'Client')}", paged_input(one, cursor)]
    words = comment(
        [f"{{@link {one.function}}} page by page, for `useSWRInfinite`.", *deprecation(one)]
    )
    return _arguments(f"{one.function}SwrPages", parameters, items, words)


def _revalidation(calls: Calls, one: Call, module: Module) -> str:
    keys = module.value("./keys.js", "keys")
    is_under = module.value("./runtime/query-keys.js", "isUnder")
    mutate = module.type("./runtime/query-keys.js", "MutateMatching")
    stale = tuple(
        f"mutate({is_under}({keys}.{other.function}))" for other in invalidated(calls, one)
    )
    body = call("Promise.all", Group("[", stale, "]"))
    words = comment([f"Asks again for what {{@link {one.function}}} changes.", *deprecation(one)])
    return arrow(after(one), [f"mutate: {mutate}"], body, words=words)


def _mutation(one: Call, module: Module) -> str:
    function = module.value("./operations.js", one.function)
    import_declared(one, module)
    takes = f"(_key: unknown, {{ arg }}: {{ arg: {mutation_input(one)} }})"
    inner = ["client", "arg"] if one.takes_input else ["client"]
    head = f"{takes if one.takes_input else '()'} => "
    items: tuple[Node, ...] = (
        f"{module.value('./keys.js', 'keys')}.{one.function}",
        Row((head, call(function, *inner))),
    )
    words = comment([f"{{@link {one.function}}} for `useSWRMutation`.", *deprecation(one)])
    parameters = [f"client: {module.type(RUNTIME, 'Client')}"]
    return _arguments(f"{one.function}Swr", parameters, items, words)
