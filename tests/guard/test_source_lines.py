"""The lines at which an application declares what its contract says."""

from pathlib import Path

import pytest

from lockstitch.contract.difference import compare
from lockstitch.contract.reading import read_document
from lockstitch.errors import ConfigurationError
from lockstitch.guard.fixes import Side, with_lines
from lockstitch.guard.sources import ApplicationSources, describe

APPLICATION = """\
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Form, Header, Query
from pydantic import BaseModel, Field, computed_field

T = TypeVar("T")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Stamped(BaseModel):
    created_at: str = Field(alias="createdAt")


class Item(Stamped):
    name: str
    colour: Colour = Colour.RED

    @computed_field
    @property
    def label(self) -> str:
        return self.name


class Page(BaseModel, Generic[T]):
    items: list[T]


@dataclass
class Point:
    x: float


class Filter(BaseModel):
    limit: int = 10


def paging(cursor: str = "") -> str:
    return cursor


router = APIRouter(prefix="/items")


@router.get("")
def list_items(
    cursor: Annotated[str, Depends(paging)],
    chosen: Annotated[Filter, Query()],
    x_trace: Annotated[str, Header()] = "",
) -> Page[Item]:
    raise NotImplementedError


@router.post("/{item_id}")
def store(item_id: int, item: Item) -> Point:
    raise NotImplementedError


def create() -> FastAPI:
    app = FastAPI()
    app.include_router(router, prefix="/v1")

    @app.post("/forms")
    def send(title: Annotated[str, Form()]) -> None:
        return None

    return app


app = create()
"""


def line_of(text: str, program: str = APPLICATION) -> int:
    lines = program.split("\n")
    assert sum(text in line for line in lines) == 1, text
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> ApplicationSources:
    folder = tmp_path_factory.mktemp("project")
    (folder / "described.py").write_text(APPLICATION)
    return describe("described:app", folder).sources


@pytest.mark.parametrize(
    ("key", "wire", "line"),
    [
        ("Item", "name", "    name: str"),
        ("Item", "createdAt", "    created_at: str"),
        ("Item", "label", "    def label"),
        ("Item-Input", "colour", "    colour: Colour"),
        ("Page_Item_", "items", "    items: list[T]"),
        ("Point", "x", "    x: float"),
        ("Colour", "blue", '    BLUE = "blue"'),
    ],
)
def test_a_member_of_a_schema_is_found_where_it_is_declared(
    sources: ApplicationSources, key: str, wire: str, line: str
) -> None:
    keys = {key, f"{key}-Output"}
    model = next(model for model in sources.models if keys & set(model.keys))

    field = model.field(wire)

    assert field is not None
    assert (field.file, field.line) == ("described.py", line_of(line))


@pytest.mark.parametrize(
    ("method", "path", "wire", "line"),
    [
        ("get", "/v1/items", "cursor", "def paging("),
        ("get", "/v1/items", "limit", "    limit: int"),
        ("get", "/v1/items", "x-trace", "    x_trace:"),
        ("post", "/v1/items/{id}", "item_id", "def store("),
        ("post", "/forms", "title", "    def send("),
    ],
)
def test_a_parameter_is_found_where_it_is_declared(
    sources: ApplicationSources, method: str, path: str, wire: str, line: str
) -> None:
    route = sources.route(method, path)

    assert route is not None
    found = {one.line for one in route.parameters if one.wire == wire}
    assert found == {line_of(line)}


def test_what_is_no_part_of_the_folder_has_no_place(sources: ApplicationSources) -> None:
    assert {model.file for model in sources.models} == {"described.py"}
    assert sources.model("HTTPValidationError") is None


CHANGES = [
    ("    name: str", "    name: str = Field(max_length=5)", "    name: str"),
    ("    items: list[T]", "    entries: list[T]", "class Page("),
    ("    x: float", "    x: str", "    x: str"),
    ("    limit: int = 10", "    limit: int = Field(10, le=50)", "    limit: int"),
    ('cursor: str = ""', "cursor: str", "def paging("),
    ("title: Annotated[str, Form()]", "title: Annotated[int, Form()]", "    def send("),
    ('@router.post("/{item_id}")', '@router.post("/{item_id}", status_code=201)', "def store("),
]


@pytest.mark.parametrize(("old", "new", "line"), CHANGES)
def test_a_change_is_told_with_the_line_of_the_source(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    revised = APPLICATION.replace(old, new)
    (tmp_path / "before.py").write_text(APPLICATION)
    (tmp_path / "after.py").write_text(revised)
    sides = [Side.of_application(f"{name}:app", tmp_path) for name in ("before", "after")]

    difference = compare(*(read_document(side.document) for side in sides))
    told = with_lines(difference, *sides)

    hit = [change for change in told.changes if change.severity != "information"]
    assert hit
    for change in hit:
        assert change.source is not None
        assert (change.source.file, change.source.line) == ("after.py", line_of(line, revised))


def test_a_removed_route_is_told_with_its_line_in_the_base(tmp_path: Path) -> None:
    (tmp_path / "before.py").write_text(APPLICATION)
    (tmp_path / "after.py").write_text(APPLICATION.replace('@router.post("/{item_id}")\n', ""))
    sides = [Side.of_application(f"{name}:app", tmp_path) for name in ("before", "after")]

    difference = compare(*(read_document(side.document) for side in sides))
    (change,) = with_lines(difference, *sides).breaking

    assert change.source is not None
    assert (change.source.file, change.source.line) == ("before.py", line_of("def store("))


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import no_such_package", "no_such_package"),
        ("app = 1", "is not a FastAPI application"),
        ("raise SystemExit(3)", "ended its process"),
        ("app = (", "SyntaxError"),
    ],
)
def test_an_application_that_fails_is_told_in_a_sentence(
    tmp_path: Path, program: str, words: str
) -> None:
    (tmp_path / "failing.py").write_text(program)

    with pytest.raises(ConfigurationError, match=words):
        describe("failing:app", tmp_path)


def test_what_an_application_prints_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text('print("{}")\n' + APPLICATION)

    assert describe("loud:app", tmp_path).main == "loud.py"


def test_texts_stand_for_files_even_where_bytecode_is_there(tmp_path: Path) -> None:
    (tmp_path / "described.py").write_text(APPLICATION)
    describe("described:app", tmp_path)

    changed = APPLICATION.replace('prefix="/v1"', 'prefix="/v2"')
    found = describe("described:app", tmp_path, {"described.py": changed})

    assert "/v2/items" in found.document["paths"]
    assert (tmp_path / "described.py").read_text() == APPLICATION
