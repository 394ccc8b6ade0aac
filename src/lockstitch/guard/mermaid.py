"""A picture as a Mermaid flowchart."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lockstitch.guard.points import KINDS, Edge, Kind, Node

# Mermaid reads these within quotes; the rest stands for itself.
_SPECIAL: Final = re.compile(r'["#<>&\n\r`]')
_SHAPES: Final[dict[Kind, tuple[str, str]]] = {
    "page": ("[", "]"),
    "component": ("(", ")"),
    "hook": ("{{", "}}"),
    "function": ("([", "])"),
    "operation": ("[[", "]]"),
    "model": ("[/", "/]"),
    "table": ("[(", ")]"),
}


def flowchart(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """Return a flowchart from left to right, with a frame around each kind."""
    return "\n".join(_lines(nodes, edges)) + "\n"


def _lines(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[str]:
    names = {node.id: f"n{number}" for number, node in enumerate(nodes)}
    yield "flowchart LR"
    for kind in KINDS:
        members = [node for node in nodes if node.kind == kind]
        if members:
            yield f"  subgraph {kind}s"
            yield from (f"    {names[node.id]}{_shape(node)}" for node in members)
            yield "  end"
    for edge in edges:
        arrow = f"-- {_escaped(edge.label)} -->" if edge.label else "-->"
        yield f"  {names[edge.source]} {arrow} {names[edge.target]}"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES[node.kind]
    lines = [_escaped(node.name)]
    if node.place is not None:
        lines.append(_escaped(node.place))
    elif node.errors:
        lines.append("fails with " + ", ".join(map(_escaped, node.errors)))
    return f'{opening}"{"<br/>".join(lines)}"{closing}'


def _escaped(text: str) -> str:
    """Write what Mermaid would read as its own as the number of the character."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)
