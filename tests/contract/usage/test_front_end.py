"""Sources are read once, by the rules of the tools that build them."""

import json
from pathlib import Path

from lockstitch.contract.usage import read_front_end
from tests.contract.usage.written import findings_of, told, usage_of, write

READ = "export const read = async (path: string) => (await fetch(path)).json()"
USE = """
    import {{ read }} from '{source}'
    export const due = async () => (await read('/tasks')).items[0].due
"""


def test_packages_build_output_and_tests_are_left_out(tmp_path: Path) -> None:
    for name in (
        "node_modules/a/index.ts",
        ".next/server.js",
        "dist/index.js",
        "src/__tests__/a.ts",
        "src/a.test.tsx",
        "src/types.d.ts",
        "src/app.min.js",
        "src/notes.md",
        "src/page.tsx",
    ):
        write(tmp_path, **{name.replace("/", "__"): "fetch('/tasks')"})
    (tmp_path / "src" / "bundle.js").write_text("x" * 700_000)
    (tmp_path / "src" / "lost.ts").symlink_to(tmp_path / "nowhere.ts")

    front_end = read_front_end(tmp_path)

    assert set(front_end.sources) == {"src/page.tsx"}
    assert front_end.skipped == ("src/bundle.js",)
    assert set(read_front_end(tmp_path / "src", within=tmp_path).sources) == {"src/page.tsx"}


def test_imports_are_found_as_the_tools_find_them(tmp_path: Path) -> None:
    files = {
        "web__tsconfig.json": """{
            // comments, and a comma too many
            "extends": "./tsconfig.base.json", "compilerOptions": { "strict": true, },
        }""",
        "web__tsconfig.base.json": json.dumps(
            {"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["./src/*"]}}}
        ),
        "web__package.json": json.dumps({"name": "web", "imports": {"#lib/*": "./src/lib/*"}}),
        "packages__api__package.json": json.dumps({"name": "@acme/api", "main": "./lib/all.ts"}),
        "packages__api__lib__all.ts": "export * from './read.js'",
        "packages__api__lib__read.ts": READ,
        "web__src__lib__read.ts": READ,
        "web__src__lib__index.ts": "export { read } from './read'",
    }
    sources = {
        "relative": "../lib/read",
        "compiled": "../lib/read.js",
        "folder": "../lib",
        "alias": "@/lib/read",
        "root": "src/lib/read",
        "private": "#lib/read.ts",
        "workspace": "@acme/api",
    }
    uses = {f"web__src__use__{name}.ts": USE.format(source=one) for name, one in sources.items()}

    findings = findings_of(tmp_path, **files, **uses)

    assert told(findings) == sorted(
        ("undeclared-read", f"web/src/use/{name}.ts:3:64") for name in sources
    )


def test_columns_count_characters(tmp_path: Path) -> None:
    code = "export const a = async () => ['ü€😀', (await (await fetch('/tasks')).json()).gone]"

    (finding,) = findings_of(tmp_path, code=code)

    assert finding.place.column == code.index("gone") + 1


def test_broken_and_odd_sources_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    deep = "export const x = " + "(" * 3000 + "1" + ")" * 3000
    long = "export const y = " + " + ".join(["a"] * 5000)
    code = """
        export async function due() {
          const page = await (await fetch('/tasks')).json()
          return page.gone
        }
        export const broken = ({ [
    """

    findings = findings_of(
        tmp_path, deep=deep, long=long, code=code, empty="", binary="\x00\x01\x02 fetch("
    )

    assert told(findings) == [("undeclared-read", "code.ts:4:15")]


def test_functions_that_call_themselves_come_to_an_end(tmp_path: Path) -> None:
    code = """
        type Tree = { children: Tree[]; due: string }
        const state: any = {}
        export async function all(path = '/tasks', depth = 0): Promise<any[]> {
          const page = await (await fetch(path)).json()
          Object.assign(state, { ...state, page, next: () => all(`${path}/${depth}`, depth + 1) })
          state.self = state
          const more = page.next_cursor ? await all(path + '?cursor=' + page.next_cursor) : []
          return [...page.items, ...more]
        }
        function walk(tree: any, visit: (one: any) => void): void {
          visit(tree)
          tree.children.forEach((child: any) => walk(child, (one) => visit({ one, tree, state })))
        }
        export const run = async () => {
          for (const task of await all()) walk({ children: [task], due: task.gone }, walk as any)
        }
    """

    usage = usage_of(tmp_path, code=code)

    (task,) = {read.spot.line for call in usage.calls for read in call.reads if read.name == "gone"}
    assert task == 16
    assert {call.operation for call in usage.calls} >= {"list_tasks"}
