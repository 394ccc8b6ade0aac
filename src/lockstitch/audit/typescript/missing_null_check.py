"""A value of the service that may not be there, used as if it were."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.effects import state_setters
from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    ancestors,
    arguments_of,
    callee_of,
    component_of,
    function_of,
    inner,
    names_in,
    outward,
    text_of,
    uses,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "missing-null-check"
_QUERY: Final = re.compile(r"^use(SWR\w*|\w*Query|\w*Mutation)$")
_ALWAYS_THERE: Final = re.compile(r"Suspense|suspense:\s*true|fallbackData|initialData")
_WAITS: Final = re.compile(
    r"if\s*\([^)]*\b(isLoading|isPending|loading|pending|isSuccess|status|ready)\b"
)
_MAY_BE_NOTHING: Final = re.compile(
    r"(localStorage|sessionStorage)\.getItem\(|searchParams\.get\(|\.headers\.get\(|cookies\.get\("
)
_FIX: Final = "Ask first (if, ?. or ??), and say what is shown or done when it is not there."


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find `!`, casts and accesses that pass over null or undefined."""
    yield from _asserted(script, front)
    yield from _cast_away(script)
    yield from _of_queries(script)
    yield from _of_states(script)
    yield from _of_searches(script, front)


def _asserted(script: Script, front: Front) -> Iterator[Finding]:
    """Find `data!.items` where data comes from a query, from state or from a request."""
    for node in script.nodes["non_null"]:
        # In `a!.b!` the inner one is told.
        if any(one.type == "non_null_expression" for one in _inside(node)):
            continue
        root = _root(node)
        if root.type == "call_expression":
            may_be_nothing = _MAY_BE_NOTHING.search(text_of(node)) is not None
            is_data = may_be_nothing or front.is_api_call(script, root)
        else:
            is_data = root.type == "identifier" and _is_data(script, front, root)
        if is_data:
            yield script.finding(
                RULE, node, f"{text_of(node)} claims that it is there; nothing makes sure.", _FIX
            )


def _inside(node: Node) -> Iterator[Node]:
    current: Node | None = node.named_children[0] if node.named_children else None
    while current is not None:
        yield current
        current = current.child_by_field_name("object") or (
            current.named_children[0] if current.type == "non_null_expression" else None
        )


def _root(node: Node) -> Node:
    current = inner(node)
    while current.type in {"member_expression", "subscript_expression", "non_null_expression"}:
        owner = current.child_by_field_name("object")
        current = inner(owner if owner is not None else current.named_children[0])
    return current


def _is_data(script: Script, front: Front, name: Node) -> bool:
    component = component_of(name)
    if component is not None and text_of(name) in state_setters(component).values():
        return True
    return any(
        _comes_from_service(script, front, declarator)
        for declarator in script.nodes["variable"]
        if text_of(name) in _declared(declarator)
    )


def _declared(declarator: Node) -> set[str]:
    pattern = declarator.child_by_field_name("name")
    if pattern is None:
        return set()
    if pattern.type == "object_pattern":
        return set(names_in(pattern).values())
    return {text_of(pattern)} if pattern.type == "identifier" else set()


def _comes_from_service(script: Script, front: Front, declarator: Node) -> bool:
    value = declarator.child_by_field_name("value")
    made = inner(value) if value is not None else None
    if made is None or made.type != "call_expression":
        return False
    callee = callee_of(made).rpartition(".")[2]
    is_query = _QUERY.match(callee) is not None
    return is_query or front.is_api_call(script, made) or callee_of(made).endswith(".json")


def _cast_away(script: Script) -> Iterator[Finding]:
    """Find `localStorage.getItem('id') as string`."""
    for claim in script.nodes["claim"]:
        made = inner(claim)
        if made.type != "call_expression" or not _MAY_BE_NOTHING.search(text_of(made)):
            continue
        if callee_of(made).endswith(("getItem", ".get")):
            claimed = text_of(claim.named_children[-1])
            if claimed not in {"unknown", "const", "any"} and "null" not in claimed:
                yield script.finding(
                    RULE, claim, f"The cast to {claimed} hides that it may be null.", _FIX
                )


def _of_queries(script: Script) -> Iterator[Finding]:
    """Find `data.items` right behind `const { data } = useQuery(…)`."""
    for declarator in script.nodes["variable"]:
        pattern, value = (
            declarator.child_by_field_name("name"),
            declarator.child_by_field_name("value"),
        )
        if pattern is None or value is None or value.type != "call_expression":
            continue
        callee = callee_of(value).rpartition(".")[2]
        if not _QUERY.match(callee) or _ALWAYS_THERE.search(text_of(value)):
            continue
        scope = function_of(declarator)
        if scope is None or pattern.type != "object_pattern":
            continue
        taken = names_in(pattern)
        # A default stands in for what is not there.
        if "data" in taken and not re.search(r"\bdata\s*(:\s*\w+\s*)?=", text_of(pattern)):
            yield from _unguarded(script, taken["data"], scope, declarator)


def _of_states(script: Script) -> Iterator[Finding]:
    """Find `user.name` where `useState(null)` holds the user until it is loaded."""
    for declarator in script.nodes["variable"]:
        pattern, value = (
            declarator.child_by_field_name("name"),
            declarator.child_by_field_name("value"),
        )
        if pattern is None or value is None or pattern.type != "array_pattern":
            continue
        if value.type != "call_expression" or not callee_of(value).endswith("useState"):
            continue
        given = arguments_of(value)
        types = value.child_by_field_name("type_arguments")
        begins_empty = not given or given[0].type in {"null", "undefined"}
        # With any other type the compiler asks for the check.
        is_untyped = types is None or text_of(types) in {"<any>", "<any | null>"}
        scope = function_of(declarator)
        if begins_empty and is_untyped and scope is not None and pattern.named_children:
            yield from _unguarded(script, text_of(pattern.named_children[0]), scope, declarator)


def _unguarded(script: Script, name: str, scope: Node, declarator: Node) -> Iterator[Finding]:
    text = text_of(scope)
    if _WAITS.search(text) or _leaves_without(name, scope, declarator):
        return
    for use in uses(name, scope, after=declarator.end_byte):
        holder = use.parent
        if holder is None or holder.type not in {"member_expression", "subscript_expression"}:
            continue
        if holder.child_by_field_name("object") != use or _is_guarded(use, name, scope):
            continue
        optional = any(child.type in {"optional_chain", "?."} for child in holder.children)
        if not optional:
            yield script.finding(
                RULE, outward(holder), f"{name} is undefined until the answer is there.", _FIX
            )
            return


def _leaves_without(name: str, scope: Node, declarator: Node) -> bool:
    """Whether the function returns early when the value is not there."""
    pattern = re.escape(name)
    behind = text_of(scope)[max(0, declarator.end_byte - scope.start_byte) :]
    asked = rf"if\s*\([^{{;]*?(!\s*{pattern}\b|\b{pattern}(\?\.\w+)*\s*={{2,3}}\s*(null|undefined))"
    return re.search(asked, behind) is not None


def _is_guarded(use: Node, name: str, scope: Node) -> bool:
    """Whether a condition around the use asks for the value."""
    child = use
    asks = re.compile(rf"(?<![.\w]){re.escape(name)}\b")
    for one in ancestors(use):
        if one == scope:
            return False
        condition = None
        if one.type in {"ternary_expression", "if_statement", "while_statement"}:
            condition = one.child_by_field_name("condition")
        elif one.type == "binary_expression":
            operator = one.child_by_field_name("operator")
            if operator is not None and operator.text in {b"&&", b"||"}:
                condition = one.child_by_field_name("left")
        if condition is not None and condition != child and asks.search(text_of(condition)):
            return True
        child = one
    return False


def _of_searches(script: Script, front: Front) -> Iterator[Finding]:
    """Find `todos.find(…).title` and `rows[0]!` on lists of the service."""
    if script.path not in front.requests:
        return
    for node in script.nodes["member"]:
        owner = node.child_by_field_name("object")
        if owner is None or any(child.type == "optional_chain" for child in node.children):
            continue
        made = inner(owner)
        if made.type != "call_expression" or not callee_of(made).endswith(".find"):
            continue
        given = arguments_of(made)
        if given and given[0].type in {"arrow_function", "function_expression"}:
            yield script.finding(
                RULE, node, "find returns undefined when there is no such entry.", _FIX
            )
