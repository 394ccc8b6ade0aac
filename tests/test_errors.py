"""The error tree, and the catalogue that documents it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockstitch import errors
from lockstitch.errors import InvalidRequest, LockstitchError, Violation

CATALOGUE = Path(__file__).parent.parent / "docs" / "problems"


def tree(kind: type[LockstitchError]) -> Iterator[type[LockstitchError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


# A room may refine an error for its own use; whoever catches it reads the one in the tree.
KINDS = [
    kind for kind in tree(LockstitchError) if kind.__module__.startswith(f"{errors.__name__}.")
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_problem_has_a_page_with_its_title_and_status(kind: type[LockstitchError]) -> None:
    page = (CATALOGUE / f"{kind.problem}.md").read_text()

    assert page.startswith(f"# {kind.title}\n")
    assert f"`urn:lockstitch:problem:{kind.problem}` · status" in page
    assert kind is errors.RequestRefused or f"status {kind.status}\n" in page
    assert "**What to do:**" in page
    assert f"[{kind.problem}]({kind.problem}.md)" in (CATALOGUE / "README.md").read_text()


def test_the_catalogue_has_no_page_too_many() -> None:
    pages = {path.stem for path in CATALOGUE.glob("*.md")} - {"README"}

    assert pages == {kind.problem for kind in KINDS}


def test_every_error_has_a_problem_of_its_own_and_stands_in_the_printed_tree() -> None:
    assert len({kind.problem for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert re.search(rf"(^|[ ─]){kind.__name__}$", str(errors.__doc__), re.MULTILINE)


def test_a_violation_names_place_and_rule_and_never_the_value() -> None:
    error = InvalidRequest([Violation("body", "/text", "string_too_short", "Too short")])

    assert error.extensions() == {
        "errors": [
            {
                "in": "body",
                "pointer": "/text",
                "rule": "string_too_short",
                "message": "Too short",
            }
        ]
    }
