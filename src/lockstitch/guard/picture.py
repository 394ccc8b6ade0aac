"""The integration points of an application: page, component, hook, operation, model, table."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, computed_field

from lockstitch.contract.document import Document, Operation
from lockstitch.contract.usage import Usage
from lockstitch.database.catalogue.data import Catalogue, Table
from lockstitch.database.stored import declaration_of
from lockstitch.guard.tiers.reaching import Reach, reach_of
from lockstitch.guard.tiers.routes import Route

Kind = Literal["page", "component", "hook", "function", "operation", "model", "table"]
KINDS: tuple[Kind, ...] = (
    "page",
    "component",
    "hook",
    "function",
    "operation",
    "model",
    "table",
)
_SHAPES: dict[Kind, tuple[str, str]] = {
    "operation": ("([", "])"),
    "table": ("[(", ")]"),
    "model": ("[[", "]]"),
}


class Node(BaseModel):
    """A point of the picture.

    Attributes:
        place: Its file and line, where it has one.
        errors: What can go wrong there: of an operation its problems, of a table its constraints,
            of everything before an operation what that operation may answer.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    name: str
    place: str | None = None
    errors: tuple[str, ...] = ()


class Edge(BaseModel):
    """Who uses whom; `label` says how, where there are several ways."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    label: str = ""


class Picture(BaseModel):
    """The points and edges, and the same as a Mermaid flowchart."""

    model_config = ConfigDict(frozen=True)

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def mermaid(self) -> str:
        """A flowchart from left to right, one frame for each kind."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        short = {node.id: f"n{number}" for number, node in enumerate(self.nodes)}
        yield "flowchart LR"
        for kind in KINDS:
            members = [node for node in self.nodes if node.kind == kind]
            if members:
                yield f"  subgraph {kind}s"
                yield from (f"    {short[node.id]}{_shape(node)}" for node in members)
                yield "  end"
        for edge in self.edges:
            arrow = f"-->|{edge.label}|" if edge.label else "-->"
            yield f"  {short[edge.source]} {arrow} {short[edge.target]}"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, ("[", "]"))
    lines = [node.name]
    if node.errors and node.kind in {"operation", "table"}:
        lines.append("<small>" + ", ".join(node.errors) + "</small>")
    return f'{opening}"{"<br/>".join(lines)}"{closing}'.replace("{", "#123;").replace("}", "#125;")


def draw(
    document: Document,
    usages: Iterable[Usage],
    routes: Iterable[Route],
    catalogue: Catalogue | None,
    project: Path,
) -> Picture:
    """Return the picture of a project.

    Args:
        document: The contract.
        usages: What each front end does with it.
        routes: The operations of the live application.
        catalogue: The tables, where the project has any.
        project: The folder whose functions are read for the tables that they reach.
    """
    sketch = _Sketch()
    for operation in document.operations:
        sketch.add_operation(operation)
    by_name = {f"{one.method.upper()} {one.path}": one.id for one in document.operations}
    for usage in usages:
        sketch.add_front_end(usage)
    for route in routes:
        if route.name in by_name:
            sketch.add_models(by_name[route.name], route, catalogue)
            if catalogue is not None:
                reach = reach_of(route.functions, catalogue, project)
                sketch.add_tables(by_name[route.name], reach, catalogue)
    return sketch.picture()


class _Sketch:
    """Collects nodes and edges, each once."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, str], Edge] = {}

    def add_operation(self, operation: Operation) -> None:
        name = f"{operation.method.upper()} {operation.path}"
        self._add("operation", operation.id, name, errors=tuple(_problems(operation)))

    def add_front_end(self, usage: Usage) -> None:
        for stage in usage.stages:
            self._add(stage.kind, stage.key, stage.name, place=str(stage.spot.place))
        kinds = {stage.key: stage.kind for stage in usage.stages}
        for user, used in usage.uses:
            if user in kinds and used in kinds:
                self._join(kinds[user], user, kinds[used], used)
        for call in usage.calls:
            if call.operation is not None and call.owner in kinds:
                self._join(kinds[call.owner], call.owner, "operation", call.operation)

    def add_models(self, operation: str, route: Route, catalogue: Catalogue | None) -> None:
        for use in route.uses:
            declared = declaration_of(use.model)
            if declared is None and not use.direct:
                continue
            name = use.model.__name__
            self._add("model", name, name)
            self._join("operation", operation, "model", name, use.side)
            for table in sorted(declared.tables) if declared else ():
                self._add_table(table, catalogue)
                self._join("model", name, "table", table)

    def add_tables(self, operation: str, reach: Reach, catalogue: Catalogue) -> None:
        """Add what the code of a route reaches by itself."""
        for table, verbs in sorted(reach.tables.items()):
            self._add_table(table, catalogue)
            self._join("operation", operation, "table", table, ", ".join(sorted(verbs)))

    def _add_table(self, name: str, catalogue: Catalogue | None) -> None:
        table = None if catalogue is None else catalogue.table(name)
        errors = () if table is None else tuple(_constraints(table))
        self._add("table", name, name, errors=errors)

    def _add(
        self,
        kind: Kind,
        name: str,
        shown: str,
        *,
        place: str | None = None,
        errors: tuple[str, ...] = (),
    ) -> None:
        key = f"{kind}:{name}"
        node = Node(id=key, kind=kind, name=shown, place=place, errors=errors)
        self._nodes.setdefault(key, node)

    def _join(self, kind: Kind, source: str, to: Kind, target: str, label: str = "") -> None:
        edge = Edge(source=f"{kind}:{source}", target=f"{to}:{target}", label=label)
        if edge.source in self._nodes and edge.target in self._nodes:
            self._edges[edge.source, edge.target, label] = edge

    def picture(self) -> Picture:
        edges = tuple(self._edges.values())
        following: dict[str, list[str]] = {}
        for edge in edges:
            following.setdefault(edge.source, []).append(edge.target)
        nodes = (self._with_errors(node, following) for node in self._nodes.values())
        ordered = sorted(nodes, key=lambda node: (KINDS.index(node.kind), node.id))
        return Picture(nodes=tuple(ordered), edges=edges)

    def _with_errors(self, node: Node, following: dict[str, list[str]]) -> Node:
        """Return a point of the front end with what the operations behind it may answer."""
        if node.kind in {"operation", "model", "table"}:
            return node
        seen, waiting = {node.id}, [node.id]
        errors: dict[str, None] = {}
        while waiting:
            for target in following.get(waiting.pop(), ()):
                if target in seen:
                    continue
                seen.add(target)
                waiting.append(target)
                if self._nodes[target].kind == "operation":
                    errors.update(dict.fromkeys(self._nodes[target].errors))
        return node.model_copy(update={"errors": tuple(sorted(errors))})


def _problems(operation: Operation) -> Iterator[str]:
    for response in operation.responses:
        if not response.status.startswith(("1", "2", "3")):
            yield f"{response.status} {_phrase(response.status)}".strip()


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase if status.isdigit() else ""


def _constraints(table: Table) -> Iterator[str]:
    parts: tuple[tuple[Any, ...], ...] = (table.keys, table.foreign_keys, table.checks)
    for part in parts:
        yield from (one.name for one in part)
