"""No change of an application that leaves every caller whole is called breaking."""

from pathlib import Path

import pytest

from lockstitch.contract.difference import compare
from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from tests.guard.changed_programs import ProgramChange, exported, read_changes

HARMLESS = Path(__file__).parent / "harmless"
SHOP = (HARMLESS / "shop.py").read_text()
CHANGES = [change for path in sorted(HARMLESS.glob("*.diff")) for change in read_changes(path)]


@pytest.fixture(scope="module")
def shop() -> Document:
    return read_document(exported(SHOP))


def test_there_are_enough_changes_that_show_in_the_contract() -> None:
    base = exported(SHOP)
    shown = [change for change in CHANGES if exported(change.applied(SHOP)) != base]

    assert len(shown) >= 60


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_harmless_change_breaks_nothing(change: ProgramChange, shop: Document) -> None:
    revision = read_document(exported(change.applied(SHOP)))

    breaking = compare(shop, revision).breaking

    assert [f"{one.rule} {one.place} {one.message}" for one in breaking] == []
