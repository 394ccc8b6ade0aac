"""The integration map as a picture: a Mermaid flowchart."""

import re
from collections.abc import Iterator
from typing import Final

from lockstitch.contract.usage.mapping import Map, MapOperation, MapStage

# Mermaid reads these within quotes; the rest stands for itself.
_SPECIAL: Final = re.compile(r'["#<>&\n\r`]')
_SHAPES: Final = {
    "page": ("[", "]"),
    "component": ("(", ")"),
    "hook": ("{{", "}}"),
    "function": ("([", "])"),
}


def flowchart(chart: Map) -> str:
    """Return a flowchart from left to right, with stable names for its nodes."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(chart))]) + "\n"


def _lines(chart: Map) -> Iterator[str]:
    names: dict[str, str] = {}
    for number, stage in enumerate(chart.stages, 1):
        names[stage.key] = f"stage{number}"
        yield _stage(names[stage.key], stage)
    for number, operation in enumerate(chart.operations, 1):
        names[operation.id] = f"operation{number}"
        yield _operation(names[operation.id], operation)
    models = dict.fromkeys(
        name for one in chart.operations for name in (*one.request, *one.response)
    )
    for number, name in enumerate(models, 1):
        names[f"model {name}"] = f"model{number}"
        yield f'model{number}[/"{_escaped(name)}"/]'
    tables = dict.fromkeys(table for found in chart.tables.values() for table in found)
    for number, name in enumerate(tables, 1):
        names[f"table {name}"] = f"table{number}"
        yield f'table{number}[("{_escaped(name)}")]'
    yield from _links(chart, names)


def _links(chart: Map, names: dict[str, str]) -> Iterator[str]:
    for link in chart.links:
        yield f"{names[link.source]} --> {names[link.target]}"
    for operation in chart.operations:
        for name in operation.request:
            yield f"{names[operation.id]} -- takes --> {names[f'model {name}']}"
        for name in operation.response:
            yield f"{names[operation.id]} -- answers --> {names[f'model {name}']}"
    for model, tables in chart.tables.items():
        for table in tables:
            yield f"{names[f'model {model}']} --- {names[f'table {table}']}"


def _stage(name: str, stage: MapStage) -> str:
    opening, closing = _SHAPES[stage.kind]
    place = f"{_escaped(stage.file)}:{stage.line}"
    return f'{name}{opening}"{_escaped(stage.name)}<br/>{place}"{closing}'


def _operation(name: str, operation: MapOperation) -> str:
    label = f"{_escaped(operation.method)} {_escaped(operation.path)}"
    if operation.errors:
        label += "<br/>fails with " + ", ".join(_escaped(one.status) for one in operation.errors)
    return f'{name}[["{label}"]]'


def _escaped(text: str) -> str:
    """Write what Mermaid would read as its own as the number of the character."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)
