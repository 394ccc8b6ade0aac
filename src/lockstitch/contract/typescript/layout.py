"""A small pretty-printer: what fits on a line stays on it, what does not is broken inside out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 100
INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Group:
    """An opening, items and a closing: a call, an array, an object literal."""

    opening: str
    items: tuple["Node", ...]
    closing: str
    padded: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? yes : no`."""

    condition: str
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Row:
    """Parts side by side; only the last of them may be broken."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`a | b | c`, one a line when they do not fit."""

    members: tuple[str, ...]


Node = str | Group | Choice | Row | Alternatives


def call(name: str, *arguments: Node) -> Group:
    """Return the call of a function."""
    return Group(f"{name}(", arguments, ")")


def literal(members: Sequence[Node]) -> Group:
    """Return an object literal that is always broken, one member a line."""
    return Group("{", tuple(members), "}", padded=True)


def flat(node: Node, room: float = math.inf) -> str | None:
    """Return the node on one line, or None as soon as that is seen to be longer than `room`."""
    if isinstance(node, str):
        return node if len(node) <= room else None
    match node:
        case Group():
            pad = " " if node.padded and node.items else ""
            opening, closing = node.opening + pad, pad + node.closing
            inner = _joined(node.items, ", ", room - len(opening) - len(closing))
            return None if inner is None else f"{opening}{inner}{closing}"
        case Choice():
            return _joined((f"{node.condition} ? ", node.yes, " : ", node.no), "", room)
        case Row():
            return _joined(node.parts, "", room)
        case Alternatives():
            return _joined(node.members, " | ", room)


def _joined(nodes: Sequence[Node], between: str, room: float) -> str | None:
    left = room - len(between) * (len(nodes) - 1)
    lines: list[str] = []
    for node in nodes:
        line = node if isinstance(node, str) else flat(node, left)
        if line is None:
            return None
        left -= len(line)
        if left < 0:
            return None
        lines.append(line)
    return between.join(lines)


def render(node: Node, indent: int = 0, column: int = 0, tail: int = 0) -> str:
    """Return the node laid out; `column` is where it starts, `tail` what must follow it."""
    if isinstance(node, str):
        return node
    line = flat(node, WIDTH - column - tail)
    if line is not None:
        return line
    inner = INDENT * (indent + 1)
    match node:
        case Group():
            items = [render(i, indent + 1, len(inner), 1) for i in node.items]
            lines = "".join([f"\n{inner}{item}," for item in items])
            return f"{node.opening}{lines}\n{INDENT * indent}{node.closing}"
        case Choice():
            yes = render(node.yes, indent + 1, len(inner) + 2)
            no = render(node.no, indent + 1, len(inner) + 2, tail)
            return f"{node.condition}\n{inner}? {yes}\n{inner}: {no}"
        case Row():
            head = _joined(node.parts[:-1], "", math.inf) or ""
            return head + render(node.parts[-1], indent, column + len(head), tail)
        case Alternatives():
            return "".join([f"\n{inner}| {member}" for member in node.members])


def statement(node: Node, indent: int = 1) -> str:
    """Return the node as a line (or lines) of its own."""
    margin = INDENT * indent
    return margin + render(node, indent, len(margin))


def comment(lines: Sequence[str], indent: int = 0) -> str:
    """Return a doc comment with a line break at its end, or nothing if there are no words."""
    safe = [line.rstrip().replace("*/", "*\\/") for line in lines]
    while safe and not safe[-1]:
        safe.pop()
    if not safe:
        return ""
    margin = INDENT * indent
    if len(safe) == 1 and len(safe[0]) + len(margin) + 7 <= WIDTH:
        return f"{margin}/** {safe[0]} */\n"
    body = "".join(f"{margin} * {line}".rstrip() + "\n" for line in safe)
    return f"{margin}/**\n{body}{margin} */\n"
