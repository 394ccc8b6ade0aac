"""docs/guard/audit.md: each example shows what it says, and each rule has one."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from audited import findings
from twins import ROOT

from lockstitch.audit import RULES

PAGE = (ROOT / "docs" / "guard" / "audit.md").read_text()
ABOUT_COMMENTS = {"suppression-without-reason", "unused-suppression"}
EXAMPLE = re.compile(
    r"```(?P<language>ts|tsx|python)\n(//|#) (?P<verdict>Found|Not found)\.\n(?P<code>.*?)```",
    re.DOTALL,
)

# What the examples of an application leave out.
APPLICATION = """
import httpx, requests
from typing import Annotated
from fastapi import Depends, FastAPI, Form, HTTPException
app = FastAPI()
def get_current_user(): raise HTTPException(401, "Sign in.")
CurrentUser = Annotated[Person, Depends(get_current_user)]
@app.get("/me")
def me(user: CurrentUser): return user
"""


@dataclass(frozen=True)
class Example:
    rule: str
    language: str
    is_found: bool
    code: str

    def __str__(self) -> str:
        return f"{self.rule} {self.language} {'found' if self.is_found else 'not found'}"


def examples() -> list[Example]:
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    return [
        Example(section.split()[0], one["language"], one["verdict"] == "Found", one["code"])
        for section in sections
        for one in EXAMPLE.finditer(section)
    ]


@pytest.mark.parametrize("example", examples(), ids=str)
def test_example_shows_what_it_says(tmp_path: Path, example: Example) -> None:
    if example.language == "python":
        is_plain = re.match(r"[a-z_]+ = |requests", example.code)
        code = example.code
        if is_plain:
            code = "def run(db):\n" + "".join(f"    {line}\n" for line in code.splitlines())
        files = {"app.py": APPLICATION + code}
    else:
        files = {f"page.{example.language}": example.code}

    assert bool(findings(tmp_path, files, example.rule)) is example.is_found


def test_every_rule_has_a_row_and_an_example_that_is_found_and_one_that_is_not() -> None:
    rules = {rule.id for rule in RULES} - ABOUT_COMMENTS

    assert set(re.findall(r"^\| \[`([a-z-]+)`\]", PAGE, flags=re.MULTILINE)) == rules
    for is_found in (True, False):
        assert {one.rule for one in examples() if one.is_found is is_found} == rules
    assert all(rule in PAGE for rule in ABOUT_COMMENTS)


def test_every_language_of_a_rule_has_examples() -> None:
    for row in re.findall(r"^\| \[`.*$", PAGE, flags=re.MULTILINE):
        rule = row.split("`")[1]
        languages = {one.language.replace("tsx", "ts") for one in examples() if one.rule == rule}

        assert ("TypeScript" in row.split("|")[3]) == ("ts" in languages)
        assert ("Python" in row.split("|")[3]) == ("python" in languages)
