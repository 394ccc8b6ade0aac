"""A room imports only from lower floors."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "lockstitch"

FLOORS = [
    {"errors", "findings", "settings", "tracing"},
    {"contract", "datasets", "checkpoints", "costs", "database"},
    {"clouds", "audit", "identity"},
    {"streams", "guard"},
    {"serving"},
    {"jobs"},
    {"training"},
    {"api"},
    {"supabase", "console", "scaffold", "mcp"},
    {"cli"},
]
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "lockstitch":
            rooms |= {alias.name for alias in node.names}
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        rooms |= {name.split(".")[1] for name in names if name.startswith("lockstitch.")}
    return rooms


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in MODULES} <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_from_lower_floors(path: Path) -> None:
    own = room_of(path)
    higher = {
        room
        for room in imported_rooms(path)
        if room != own and (FLOOR_OF[room] > FLOOR_OF[own] or (FLOOR_OF[room] == FLOOR_OF[own] > 0))
    }

    assert not higher, f"{own} is on floor {FLOOR_OF[own] + 1} and imports {sorted(higher)}"
