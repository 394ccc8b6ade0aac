"""The integration points of an application: page, component, hook, operation, model, table."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field

from lockstitch.contract.document import Document, Operation
from lockstitch.contract.usage import Map, Usage, integration_map
from lockstitch.database.catalogue.data import Catalogue, Table
from lockstitch.database.stored import declaration_of
from lockstitch.guard.mermaid import flowchart
from lockstitch.guard.points import KINDS, Edge, Kind, Node
from lockstitch.guard.tiers.reaching import Reach, reach_of
from lockstitch.guard.tiers.routes import Route


class Picture(BaseModel):
    """The points and edges, and the same as a Mermaid flowchart."""

    model_config = ConfigDict(frozen=True)

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def mermaid(self) -> str:
        """A flowchart from left to right, one frame for each kind."""
        return flowchart(self.nodes, self.edges)


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
        sketch.add_front_end(integration_map(usage, document))
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

    def add_front_end(self, seen: Map) -> None:
        """Add the pages, components and hooks that lead to an operation."""
        kinds: dict[str, Kind] = {stage.key: stage.kind for stage in seen.stages}
        for stage in seen.stages:
            self._add(stage.kind, stage.key, stage.name, place=f"{stage.file}:{stage.line}")
        for link in seen.links:
            to = kinds.get(link.target, "operation")
            self._join(kinds[link.source], link.source, to, link.target)

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
