"""A component that shows what arrives, and neither that it is awaited nor that it failed."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.effects import Effect, effects
from lockstitch.audit.typescript.front import Front, sends
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    arguments_of,
    callee_of,
    component_of,
    function_of,
    has_spread,
    inner,
    member,
    name_of_function,
    names_in,
    outward,
    text_of,
    uses,
    walk,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "missing-states"
_QUERY: Final = re.compile(
    r"^use(SWR|SWRImmutable|SWRInfinite|Query|InfiniteQuery|LiveQuery"
    r"|(Get|List|Fetch|Read|Search|Find|Load)\w*Query)$"
)
_ERROR: Final = {"error", "isError", "status", "failureReason", "isLoadingError", "isSuccess"}
_LOADING: Final = {
    "isLoading",
    "isPending",
    "isFetching",
    "status",
    "isValidating",
    "isSuccess",
} | {
    "fetchStatus",
    "isInitialLoading",
    "loading",
    "fetching",
}
_GLOBAL_HANDLER: Final = re.compile(
    rb"(QueryCache|MutationCache)\(\{[^}]*onError|<SWRConfig[^>]*onError|throwOnError:"
    rb"|useErrorBoundary: true|suspense: true"
)
_HYDRATED: Final = re.compile(rb"HydrationBoundary|dehydrate\(|initialData|fallbackData")
_LOADING_WORDS: Final = re.compile(
    r"loading|pending|fetching|skeleton|spinner|busy|suspense|status\b|isReady", re.IGNORECASE
)
_TELLS: Final = re.compile(
    r"\bset[A-Z]\w*\(|dispatch\(|toast|notify|alert|throw\b|reject\(|snackbar|message\.error"
    r"|onError|showError|reportError|handleError|notification|captureException",
    re.IGNORECASE,
)
_RESULT: Final = re.compile(
    r"(?<!console)(?<!logger)(?<!log)\.(ok|error|success|isErr)\b|\{[^}]*\berror\b[^}]*\}\s*="
)
_FIX: Final = "Show that it is loading, and say in a sentence that it failed with a way to retry."


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find queries, effects and handlers whose waiting or failing nobody sees."""
    handles_globally = front.mentions(_GLOBAL_HANDLER)
    is_hydrated = front.mentions(_HYDRATED)
    for call in script.nodes["call"]:
        name = callee_of(call).rpartition(".")[2]
        if _QUERY.match(name):
            missing = _missing_of_query(call, is_hydrated=is_hydrated)
            if handles_globally:
                missing.discard("error")
            yield from _report(script, call, missing)
        elif name == "useMutation" and not handles_globally and not _mutation_tells(call):
            yield from _report(script, call, {"error"})
    for effect in effects(script, front):
        yield from _report(script, effect.call, _missing_of_effect(effect))
    yield from _handlers(script, front)


def _report(script: Script, node: Node, missing: set[str]) -> Iterator[Finding]:
    if not missing or component_of(node) is None:
        return
    what = " and no ".join(sorted(missing, reverse=True))
    component = component_of(node)
    name = name_of_function(component) if component is not None else ""
    yield script.finding(RULE, node, f"{name} has no {what} state for this call.", _FIX)


def _missing_of_query(call: Node, *, is_hydrated: bool) -> set[str]:
    holder = outward(call).parent
    pattern = holder.child_by_field_name("name") if holder is not None else None
    scope = function_of(call)
    if holder is None or holder.type != "variable_declarator" or pattern is None or scope is None:
        return set()
    if pattern.type == "identifier":
        taken = _members_used(text_of(pattern), scope, pattern.end_byte)
        local = f"{text_of(pattern)}.data"
    else:
        taken = names_in(pattern) if pattern.type == "object_pattern" else None
        local = (taken or {}).get("data", "")
    if taken is None or "..." in taken or "data" not in taken:
        return set()
    missing = set()
    if not _ERROR & taken.keys() and not re.search(r"throwOnError|onError", text_of(call)):
        missing.add("error")
    if not _LOADING & taken.keys() and not is_hydrated and not _is_awaited(local, scope, call):
        missing.add("loading")
    return missing


def _members_used(name: str, scope: Node, after: int) -> dict[str, str] | None:
    """Return the members that are read of a variable, or None when it goes elsewhere whole."""
    members = {}
    for use in uses(name, scope, after=after):
        holder = use.parent
        if holder is None or holder.type != "member_expression":
            return None
        property_name = text_of(holder.child_by_field_name("property") or holder)
        members[property_name] = property_name
    return members


def _is_awaited(local: str, scope: Node, call: Node) -> bool:
    """Whether the code asks if the value is there yet, or hands it on whole."""
    handed = rf"(=\{{|\(|,|\breturn )\s*{re.escape(local)}\s*(\}}|\)|,|$)"
    text = text_of(scope)[max(0, call.end_byte - scope.start_byte) :]
    return _is_asked(local, text) or re.search(handed, text, re.MULTILINE) is not None


def _is_asked(local: str, text: str) -> bool:
    """Whether a text asks if a value is there."""
    pattern = re.escape(local)
    asked = rf"!\s*{pattern}\b(?!\.)|\b{pattern}\s*(\?(?![.?])|&&|\?\?|===?|!==?|\|\|)"
    return re.search(asked, text) is not None


def _mutation_tells(call: Node) -> bool:
    holder = outward(call).parent
    given = arguments_of(call)
    options = given[-1] if given else None
    # What is made elsewhere may well handle its errors.
    if options is None or options.type != "object" or has_spread(options):
        return True
    if member(options, "onError") is not None or member(options, "onSettled") is not None:
        return True
    pattern = holder.child_by_field_name("name") if holder is not None else None
    scope = function_of(call)
    if holder is None or holder.type != "variable_declarator" or pattern is None or scope is None:
        return True
    taken = (
        names_in(pattern)
        if pattern.type == "object_pattern"
        else _members_used(text_of(pattern), scope, pattern.end_byte)
    )
    if taken is None or "..." in taken or _ERROR & taken.keys():
        return True
    return re.search(r"\bonError\b|\bcatch\b", text_of(scope)) is not None


def _missing_of_effect(effect: Effect) -> set[str]:
    missing = set()
    if not _tells_failure(effect.callback):
        missing.add("error")
    component = component_of(effect.call)
    text = text_of(component) if component is not None else ""
    shows = _LOADING_WORDS.search(text) or any(_is_asked(state, text) for state in effect.states)
    return missing if shows else missing | {"loading"}


def _tells_failure(scope: Node) -> bool:
    """Whether a failure in a scope reaches a person: more than a line on the console."""
    for node in walk(scope):
        if node.type == "catch_clause" and _TELLS.search(text_of(node)):
            return True
        if node.type == "call_expression":
            callee, given = callee_of(node), arguments_of(node)
            if callee.endswith(".catch") and given and _is_telling(given[0]):
                return True
            if callee.endswith(".then") and len(given) > 1 and _is_telling(given[1]):
                return True
    return _RESULT.search(text_of(scope)) is not None


def _is_telling(handler: Node) -> bool:
    if handler.type in FUNCTIONS:
        return _TELLS.search(text_of(handler)) is not None
    return not text_of(handler).startswith("console.")


def _handlers(script: Script, front: Front) -> Iterator[Finding]:
    """Find handlers of events that send and leave a failure to nobody."""
    for attribute in script.nodes["attribute"]:
        parts = attribute.named_children
        if len(parts) < 2 or not re.match(r"on[A-Z]", text_of(parts[0])):  # noqa: PLR2004
            continue
        value = next(iter(parts[1].named_children), None)
        handler = _handler(script, inner(value)) if value is not None else None
        component = component_of(attribute)
        if handler is None or component is None:
            continue
        if sends(front, script, handler) and not _tells_failure(handler):
            yield script.finding(
                RULE,
                handler,
                f"{name_of_function(component)} does not say when {text_of(parts[0])} fails.",
                _FIX,
                subject=f"{text_of(parts[0])} {name_of_function(handler)}",
            )


def _handler(script: Script, value: Node) -> Node | None:
    if value.type in FUNCTIONS:
        return value
    return script.functions.get(text_of(value)) if value.type == "identifier" else None
