"""Documents like those that real services have, each with what has broken some generator."""

import shutil
from pathlib import Path

import pytest
from client_project import TOOLS, compile_errors, write_client
from typescript_inspection import forbidden_syntax

from lockstitch.contract.sources import read_source
from lockstitch.contract.typescript.client import make_client

FOLDER = Path(__file__).parent / "hostile"
SOURCES = [*sorted(FOLDER.glob("*.*")), FOLDER / "split" / "openapi.yaml"]


@pytest.fixture(scope="module")
def clients() -> Path:
    folder = TOOLS / "clients" / "hostile"
    shutil.rmtree(folder, ignore_errors=True)
    for source in SOURCES:
        write_client(f"hostile/{source.stem}", read_source(source))
    return folder


def test_every_client_passes_the_strictest_compiler(clients: Path) -> None:
    assert compile_errors(clients) == []


def test_no_client_looks_away_from_a_type(clients: Path) -> None:
    texts = {path: path.read_text() for path in clients.rglob("api/**/*.ts")}

    found = {path: faults for path, text in texts.items() if (faults := forbidden_syntax(text))}

    assert len(texts) > 50 * len(SOURCES)
    assert found == {}


def test_what_a_document_says_amiss_is_told_with_its_place() -> None:
    told = {
        source.stem: {warn.pointer for warn in make_client(read_source(source)).warnings}
        for source in SOURCES
    }

    assert told["payments"] == told["openapi"] == told["forge"] == set()
    assert any(pointer.endswith("~1proxy~1{path}/trace") for pointer in told["cluster"])
    assert told["zoo"] == {"/components/schemas/Visit"}
    words = {"contains", "maxContains", "if", "then", "else", "dependentRequired", "not"}
    assert words <= {pointer.rpartition("/")[2] for pointer in told["modern"]}
    assert "/paths/~1b/post" in told["names"]


def test_types_are_as_the_documents_mean(clients: Path) -> None:
    types = {
        source.stem: (clients / source.stem / "api" / "types.ts").read_text() for source in SOURCES
    }

    assert "  defaultSource?: string | PaymentSource | null\n" in types["payments"]
    assert "  port?: number | string\n" in types["cluster"] or "IntOrString" in types["cluster"]
    assert "export type Animal = Cat | Dog | WildCat" in types["zoo"]
    assert "export type Visit = SchoolVisit | NightVisit" in types["zoo"]
    assert "  pair: [string, number]\n" in types["modern"]
    assert "  nothing: null\n" in types["modern"]
    assert "'no' | 'yes' | 'off' | '2026-11-22' | '1:30' | '0o17'" in " ".join(
        types["pointers"].split()
    )
    assert "  replaces?: Order | null\n" in types["openapi"]
    assert "Order2" not in types["openapi"]
