"""Effects of components that send a request and put its answer into state."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.front import Front, sends
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    arguments_of,
    callee_of,
    calls_in,
    component_of,
    text_of,
    walk,
)
from lockstitch.audit.typescript.script import Script

_EFFECT: Final = re.compile(r"^(React\.)?use(Layout|Insertion)?Effect$")


@dataclass(frozen=True, eq=False)
class Effect:
    """One call of useEffect that sends."""

    call: Node
    callback: Node
    # None where there is no list of dependencies.
    dependencies: tuple[str, ...] | None
    # The names of the state variables that it sets.
    states: tuple[str, ...]

    @property
    def has_cleanup(self) -> bool:
        """Whether React is given something to call before the next run."""
        body = self.callback.child_by_field_name("body")
        if body is None or body.type != "statement_block":
            return False
        return any(
            statement.type == "return_statement" and statement.named_children
            for statement in body.named_children
        )


def effects(script: Script, front: Front) -> Iterator[Effect]:
    """Yield the effects of a script that send a request and set state."""
    for call in script.nodes["call"]:
        given = arguments_of(call)
        if not _EFFECT.match(callee_of(call)) or not given or given[0].type not in FUNCTIONS:
            continue
        callback = _with_called(script, given[0])
        setters = state_setters(component_of(call))
        # A setter is called, or given away as in `.then(setTodos)`.
        states = tuple(
            setters[text_of(node)]
            for part in callback
            for node in walk(part)
            if node.type == "identifier" and text_of(node) in setters
        )
        if states and any(sends(front, script, part) for part in callback):
            listed = given[1] if len(given) > 1 else None
            yield Effect(call, given[0], _names(listed), states)


def _with_called(script: Script, callback: Node) -> list[Node]:
    """Return the callback and the functions of the same component that it calls."""
    parts = [callback]
    component = component_of(callback)
    for call in calls_in(callback):
        function = script.functions.get(callee_of(call))
        is_inside = function is not None and component_of(function) == component
        if function is not None and is_inside and component is not None:
            parts.append(function)
    return parts


def state_setters(component: Node | None) -> dict[str, str]:
    """Return the setters of a component's state, each with the name of its state."""
    setters = {}
    for node in walk(component) if component is not None else ():
        if node.type != "variable_declarator":
            continue
        pattern, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if pattern is None or value is None or pattern.type != "array_pattern":
            continue
        made = value.type == "call_expression" and callee_of(value).endswith("useState")
        names = [text_of(one) for one in pattern.named_children]
        if made and len(names) == 2:  # noqa: PLR2004
            setters[names[1]] = names[0]
    return setters


def _names(listed: Node | None) -> tuple[str, ...] | None:
    if listed is None or listed.type != "array":
        return None
    return tuple(text_of(one) for one in listed.named_children)
