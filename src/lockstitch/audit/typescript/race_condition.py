"""Answers and writes that overtake each other."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.effects import effects, state_setters
from lockstitch.audit.typescript.front import Front, sends
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    arguments_of,
    callee_of,
    calls_in,
    component_of,
    function_of,
    inner,
    text_of,
    uses,
    walk,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "race-condition"
# Something that makes a late answer recognisable.
_GUARD: Final = re.compile(
    r"abort|ignore|cancel|isMounted|mounted|stale|latest|sequence|requestId|\bactive\b|\.current\b"
    r"|startTransition|useDeferred",
    re.IGNORECASE,
)
_LATE_FIX: Final = (
    "Abort the request, or set a flag, in the function that the effect returns; "
    "a query cache does it by its key."
)
_LOOKS: Final = re.compile(rb"\.(findUnique|findFirst|findOne|maybeSingle|single)\(")
_FIND: Final = re.compile(r"\.(findUnique|findFirst|findOne|maybeSingle|single)$")
_INSERT: Final = re.compile(r"\.(create|insert|save|insertOne)$")
_SAFE_INSERT: Final = re.compile(
    r"\$transaction|upsert|onConflict|P2002|23505|connectOrCreate|catch\b", re.IGNORECASE
)


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find late answers that overwrite newer state, stale updates, and checks before inserts."""
    for effect in effects(script, front):
        # An effect without dependencies that change runs once.
        if effect.dependencies == () or effect.has_cleanup:
            continue
        if not _GUARD.search(text_of(effect.callback)):
            over = ", ".join(effect.dependencies or ())
            yield script.finding(
                RULE,
                effect.call,
                f"When {over or 'anything'} changes again before the answer is there, the older "
                f"answer may come last and overwrite {effect.states[0]}.",
                _LATE_FIX,
            )
    yield from _typed_ahead(script, front)
    yield from _stale_updates(script, front)
    yield from _checked_inserts(script)


def _typed_ahead(script: Script, front: Front) -> Iterator[Finding]:
    """Find `onChange` handlers that send for each key and show whatever comes last."""
    for attribute in script.nodes["attribute"]:
        parts = attribute.named_children
        if len(parts) < 2 or text_of(parts[0]) not in {"onChange", "onInput", "onKeyUp"}:  # noqa: PLR2004
            continue
        value = next(iter(parts[1].named_children), None)
        handler = inner(value) if value is not None else None
        if handler is not None and handler.type == "identifier":
            handler = script.functions.get(text_of(handler))
        if handler is None or handler.type not in FUNCTIONS:
            continue
        setters = state_setters(component_of(attribute))
        sent = sends(front, script, handler)
        sets = [
            call
            for call in calls_in(handler)
            if callee_of(call) in setters and sent and call.start_byte > sent[0].start_byte
        ]
        if sets and not _GUARD.search(text_of(handler)):
            yield script.finding(
                RULE,
                handler,
                "Each key sends a request, and the answer that comes last wins, not the one to "
                "the last key.",
                "Keep the text in state and read the answer by it: a query cache, or an effect "
                "that aborts.",
                subject=text_of(parts[0]),
            )


def _stale_updates(script: Script, front: Front) -> Iterator[Finding]:
    """Find `setTodos([...todos, added])` behind an `await`: `todos` is what it was before."""
    if b"useState" not in script.source.code:
        return
    for function in script.nodes["function"]:
        component = component_of(function)
        if component is None or not sends(front, script, function):
            continue
        awaits = [
            node.end_byte
            for node in walk(function)
            if node.type == "await_expression" and function_of(node) == function
        ]
        if not awaits:
            continue
        setters = state_setters(component)
        for call in calls_in(function):
            state = setters.get(callee_of(call))
            given = arguments_of(call)
            if state is None or not given or call.start_byte < min(awaits):
                continue
            if given[0].type not in FUNCTIONS and uses(state, given[0]):
                yield script.finding(
                    RULE,
                    call,
                    f"{state} is what it was before the await; what others have added meanwhile "
                    "is lost.",
                    f"Pass a function: {callee_of(call)}((current) => …).",
                )


def _checked_inserts(script: Script) -> Iterator[Finding]:
    """Find a look whether a row is there, followed by its insertion."""
    if not _LOOKS.search(script.source.code):
        return
    for function in script.nodes["function"]:
        found: dict[str, Node] = {}
        for call in calls_in(function):
            if function_of(call) != function:
                continue
            callee = callee_of(call)
            if _FIND.search(callee):
                found[_table(callee)] = call
            elif _INSERT.search(callee) and _table(callee) in found:
                text = text_of(function)
                asks = re.search(r"if\s*\(\s*!?\s*(existing|exist|found|already|\w+)\b", text)
                if asks is not None and not _SAFE_INSERT.search(text):
                    yield script.finding(
                        RULE,
                        call,
                        "Two calls at once both find nothing and both insert.",
                        "Let a unique index decide: upsert, or insert and handle the conflict.",
                    )
                    break


def _table(callee: str) -> str:
    """Return what a call works on: `prisma.user` of `prisma.user.create`."""
    named = re.search(r"\.from\(['\"](\w+)['\"]\)", callee)
    return named[1] if named is not None else callee.rpartition(".")[0]
