"""Emission of `keys.ts` and `queries.ts`: options for TanStack Query 5."""

import re
from collections.abc import Iterator

from lockstitch.contract.algebra import Object, Text, without_null
from lockstitch.contract.typescript.calls import Call, Calls
from lockstitch.contract.typescript.fields import Selecting, selecting
from lockstitch.contract.typescript.layout import (
    WIDTH,
    Group,
    Node,
    Row,
    call,
    comment,
    statement,
)
from lockstitch.contract.typescript.module import Module, header
from lockstitch.contract.typescript.names import access, member_key, quoted
from lockstitch.contract.typescript.operations import (
    argument,
    deprecation,
    fenced,
    given_argument,
    input_parameter,
)
from lockstitch.errors import UnreadableDocument

TANSTACK = "@tanstack/react-query"
RUNTIME = "./runtime/index.js"


def emit_keys(calls: Calls) -> str:
    """Return `keys.ts`: the beginning of the cache key of each operation."""
    service = _service(calls)
    members = "".join(
        f"  {member_key(one.function)}: [{quoted(service)}, {quoted(one.function)}],\n"
        for one in calls.calls
    )
    words = comment(["Under its key stands every cached answer of an operation."])
    return f"{header(calls.plan.document)}{words}export const keys = {{\n{members}}} as const\n"


def _service(calls: Calls) -> str:
    """Return the service's name, which keeps the caches of two services apart."""
    words = re.findall(r"[a-z0-9]+", calls.plan.document.title.lower())
    return "-".join(words) or "service"


def emit_queries(calls: Calls) -> str:
    """Return `queries.ts`."""
    module = Module(calls.plan.document, calls.names)
    return module.text(block for one in calls.calls for block in _blocks(calls, one, module))


def _blocks(calls: Calls, one: Call, module: Module) -> Iterator[str]:
    if one.is_read:
        if one.answers.type == "undefined":
            return
        yield _query(calls, one, module)
        yield _prefetch(one, module)
        if one.facts.pages is not None:
            yield _pages(calls, one, module)
        found = selecting(calls, one)
        if found is not None:
            yield _fields(found, module)
        return
    if one.facts.invalidates:
        yield _invalidation(calls, one, module)
    yield _mutation(one, module)


def arrow(name: str, parameters: list[str], body: Node, *, words: str = "") -> str:
    """Return an exported arrow function of one expression."""
    head = f"export const {name} = ({', '.join(parameters)}) =>"
    if len(head) > WIDTH:
        listed = "".join(f"  {parameter},\n" for parameter in parameters)
        head = f"export const {name} = (\n{listed}) =>"
    return f"{words}{head}\n{statement(body)}\n"


def parameters_of(one: Call, module: Module) -> list[str]:
    """Return the parameters of a factory: the client, and the input where there is one."""
    return [f"client: {module.type(RUNTIME, 'Client')}", *typed_input(one, module)]


def typed_input(one: Call, module: Module) -> list[str]:
    """Return the input as a parameter, its types imported."""
    import_declared(one, module)
    return input_parameter(one)


def import_declared(one: Call, module: Module) -> None:
    """Import the type of an input from where it is declared."""
    taken = one.input
    if taken.declared:
        module.type("./operations.js", taken.type)
    elif taken.places:
        module.type("./types.js", taken.type)
    elif taken.body is not None and taken.body.root is not None:
        module.type("./types.js", taken.body.root.type)


def key_of(one: Call, module: Module, *parts: str) -> str:
    """Return the cache key."""
    keys = module.value("./keys.js", "keys")
    return f"[{', '.join([f'...{keys}.{one.function}', *parts])}]"


def key_input(one: Call) -> list[str]:
    """Return the input as the last part of a key."""
    return ["input"] if one.takes_input else []


def milliseconds(one: Call) -> int | None:
    """Return for how long an answer is fresh."""
    freshness = one.facts.freshness
    return None if freshness is None else freshness.seconds * 1000


def _query(calls: Calls, one: Call, module: Module) -> str:
    function = module.value("./operations.js", one.function)
    asked = (
        f"{function}(client, {argument(one)}, {{ signal }})"
        if one.takes_input
        else (f"{function}(client, {{ signal }})")
    )
    fetch = f"queryFn: ({{ signal }}) => {asked}"
    if "undefined" in one.answers.type.split(" | "):
        # The cache takes no undefined.
        fetch = f"queryFn: async ({{ signal }}) => (await {asked}) ?? null"
    members: list[Node] = [f"queryKey: {key_of(one, module, *key_input(one))}", fetch]
    members += _staleness(one)
    options = options_of(module.value(TANSTACK, "queryOptions"), members)
    given = ", ".join(["client", *given_argument(calls, one)])
    example = fenced([f"const {{ data }} = useQuery({one.function}Query({given}))"])
    words = comment([f"{{@link {one.function}}} for `useQuery`.", *example, *deprecation(one)])
    return arrow(f"{one.function}Query", parameters_of(one, module), options, words=words)


def options_of(name: str, members: list[Node]) -> Node:
    """Return the call of a function that takes one object."""
    return Group(f"{name}({{", tuple(members), "})", padded=True)


def _staleness(one: Call) -> list[Node]:
    fresh = milliseconds(one)
    members: list[Node] = [] if fresh is None else [f"staleTime: {fresh:_}"]
    # The client has retried already, within its deadline and budget.
    return [*members, "retry: false"]


def _prefetch(one: Call, module: Module) -> str:
    parameters = [f"queries: {module.type(TANSTACK, 'QueryClient')}", *parameters_of(one, module)]
    inner = ", ".join(["client", *key_input(one)])
    body = f"queries.prefetchQuery({one.function}Query({inner}))"
    words = comment(
        [
            f"Fills the cache with {{@link {one.function}}} before it is asked for.",
            *deprecation(one),
        ]
    )
    name = f"prefetch{one.function[0].upper()}{one.function[1:]}"
    return arrow(name, parameters, body, words=words)


# Pages


def check_pages(calls: Calls, one: Call) -> tuple[str, str]:
    """Return the members that take and give the cursor.

    Raises:
        UnreadableDocument: They are not there, or no strings.
    """
    pages = one.facts.pages
    name = pages.cursor if pages else ""
    root = one.input.places.get("query")
    taken = calls.plan.units[root.type].schema if root else None
    given = calls.plan.units.get(one.answers.type)
    cursor = taken.member(name) if isinstance(taken, Object) else None
    following = pages.next if pages else ""
    answer = given.schema if given else None
    member = answer.member(following) if isinstance(answer, Object) else None
    for found, what in ((cursor, f"query parameter {name!r}"), (member, f"member {following!r}")):
        text = without_null(found.schema)[0] if found else None
        if not isinstance(text, Text) or text.format is not None or one.input.nested:
            raise UnreadableDocument(
                f"The pages of {one.operation.id} need a {what} that is a string.",
                pointer=one.operation.pointer,
            )
    return calls.plan.member_name(name), calls.plan.member_name(following)


def paged_input(one: Call, cursor: str) -> str:
    """Return the parameter of what is paged: the input without its cursor."""
    default = " = {}" if one.input.optional else ""
    return f"input: Omit<{one.input.type}, {quoted(cursor)}>{default}"


def _pages(calls: Calls, one: Call, module: Module) -> str:
    cursor, following = check_pages(calls, one)
    function = module.value("./operations.js", one.function)
    import_declared(one, module)
    page = f"pageParam ? {{ ...input, {member_key(cursor)}: pageParam }} : input"
    members: list[Node] = [
        f"queryKey: {key_of(one, module, quoted('pages'), 'input')}",
        Row(("queryFn: ({ pageParam, signal }) => ", call(function, "client", page, "{ signal }"))),
        "initialPageParam: ''",
        f"getNextPageParam: (page) => {access('page', following)} || undefined",
        *_staleness(one),
    ]
    options = options_of(module.value(TANSTACK, "infiniteQueryOptions"), members)
    parameters = [f"client: {module.type(RUNTIME, 'Client')}", paged_input(one, cursor)]
    words = comment(
        [f"{{@link {one.function}}} page by page, for `useInfiniteQuery`.", *deprecation(one)]
    )
    return arrow(f"{one.function}Pages", parameters, options, words=words)


# Some members only


def _fields(found: Selecting, module: Module) -> str:
    one = found.call
    function = module.value("./operations.js", found.function)
    import_declared(one, module)
    members: list[Node] = [
        f"queryKey: {key_of(one, module, quoted('fields'), 'fields', 'input')}",
        f"queryFn: ({{ signal }}) => {function}(client, fields, input, {{ signal }})",
        *_staleness(one),
    ]
    options = options_of(module.value(TANSTACK, "queryOptions"), members)
    default = " = {}" if one.input.optional else ""
    head = Group(
        f"export const {found.function}Query = "
        f"<Key extends keyof {module.type('./types.js', found.item)}>(",
        (
            f"client: {module.type(RUNTIME, 'Client')}",
            "fields: readonly Key[]",
            f"input: {found.input}{default}",
        ),
        ") =>",
    )
    words = comment([f"{{@link {found.function}}} for `useQuery`."])
    return f"{words}{statement(head, 0)}\n{statement(options)}\n"


# Mutations


def invalidated(calls: Calls, one: Call) -> list[Call]:
    """Return the calls whose answers a write makes stale."""
    found = (calls.of(operation) for operation in one.facts.invalidates)
    return [other for other in found if other is not None]


def _invalidation(calls: Calls, one: Call, module: Module) -> str:
    keys = module.value("./keys.js", "keys")
    stale = tuple(
        f"queries.invalidateQueries({{ queryKey: {keys}.{other.function} }})"
        for other in invalidated(calls, one)
    )
    body = call("Promise.all", Group("[", stale, "]"))
    words = comment([f"Marks as stale what {{@link {one.function}}} changes.", *deprecation(one)])
    parameters = [f"queries: {module.type(TANSTACK, 'QueryClient')}"]
    return arrow(after(one), parameters, body, words=words)


def after(one: Call) -> str:
    """Return the name of what follows a write."""
    return f"invalidateAfter{one.function[0].upper()}{one.function[1:]}"


def _mutation(one: Call, module: Module) -> str:
    function = module.value("./operations.js", one.function)
    import_declared(one, module)
    takes = "()" if not one.takes_input else f"(input: {mutation_input(one)})"
    members: list[Node] = [
        f"mutationKey: {module.value('./keys.js', 'keys')}.{one.function}",
        Row((f"mutationFn: {takes} => ", call(function, "client", *key_input(one)))),
    ]
    if one.facts.invalidates:
        members.append(
            f"onSuccess: (_answer, _input, _result, context) => {after(one)}(context.client)"
        )
    options = options_of(module.value(TANSTACK, "mutationOptions"), members)
    about = "; what it changes is asked for again" if one.facts.invalidates else ""
    words = comment([f"{{@link {one.function}}} for `useMutation`{about}.", *deprecation(one)])
    parameters = [f"client: {module.type(RUNTIME, 'Client')}"]
    return arrow(f"{one.function}Mutation", parameters, options, words=words)


def mutation_input(one: Call) -> str:
    """Return the type of what a mutation is given; nothing where it may be left out."""
    taken = one.input
    if taken.optional and not taken.type.endswith("undefined"):
        return f"{taken.type} | undefined"
    return taken.type
