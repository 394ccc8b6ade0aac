"""`lockstitch generate` as a program."""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

APPLICATION = """
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Small")

class Model(BaseModel):
    model_name: str

@app.get("/models/{model_id}")
async def read_model(model_id: int) -> Model: ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "small.py").write_text(APPLICATION)
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def lockstitch(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        # -P, so that nothing is found in the folder just because it is the folder.
        [sys.executable, "-P", "-m", "lockstitch.cli.main", *arguments],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def generate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lockstitch(project, "generate", "small:app", "-o", "api", *arguments)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_any_fastapi_application_gives_a_client_twice_the_same(project: Path) -> None:
    first = generate(project)
    once = folder_bytes(project / "api")
    second = lockstitch(project, "generate", "small:app", "-o", "again", "--json")

    assert first.returncode == 0, first.stderr
    assert "export function readModel(" in once["operations.ts"].decode()
    assert folder_bytes(project / "again") == once
    assert len(json.loads(second.stdout)["written"]) == len(once) - 1


def test_check_fails_once_the_application_has_changed(project: Path) -> None:
    generate(project)
    assert generate(project, "--check").returncode == 0

    source = project / "small.py"
    source.write_text(source.read_text().replace("model_name: str", "model_name: str | None"))
    stale = generate(project, "--check", "--json")

    assert stale.returncode == 1
    findings = json.loads(stale.stdout)["report"]["findings"]
    assert {"types.ts", "decode.ts"} <= {Path(one["place"]["file"]).name for one in findings}
    assert generate(project).returncode == 0
    assert generate(project, "--check").returncode == 0


def test_flags_choose_the_files_and_how_they_name_each_other(project: Path) -> None:
    generate(project)

    run = generate(project, "--only", "operations", "--imports", "js", "--names", "wire")

    assert run.returncode == 0, run.stderr
    files = folder_bytes(project / "api")
    assert {"operations.ts", "types.ts"} <= files.keys()
    assert not {"queries.ts", "swr.ts", "channels.ts", "schemas.ts", "mock.ts"} & files.keys()
    assert b"model_name: string" in files["types.ts"]
    assert b"from './types.js'" in files["operations.ts"]


def test_a_refused_contract_is_exit_code_2_with_its_pointer(project: Path) -> None:
    contract = {
        "openapi": "3.1.0",
        "info": {"title": "Bad", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": {"properties": {"a_b": {}, "aB": {}}}}},
    }
    (project / "bad.json").write_text(json.dumps(contract))

    run = lockstitch(project, "generate", "bad.json", "-o", "api")

    assert run.returncode == 2
    assert "/components/schemas/A" in run.stderr
    assert not (project / "api").exists()


def test_a_declaration_that_names_nothing_is_refused_with_its_pointer(project: Path) -> None:
    operation = {"x-lockstitch-invalidates": ["nobody"], "responses": {"204": {}}}
    contract = {
        "openapi": "3.1.0",
        "info": {"title": "Bad", "version": "1"},
        "paths": {"/a": {"post": operation}},
    }
    (project / "bad.json").write_text(json.dumps(contract))

    run = lockstitch(project, "generate", "bad.json", "-o", "api")

    assert run.returncode == 2
    assert "/paths/~1a/post/x-lockstitch-invalidates: There is no operation 'nobody'" in run.stderr


def test_what_is_not_checked_is_a_warning_with_its_pointer(project: Path) -> None:
    schemas = {
        "A": {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?i)abc$"}}},
        "B": {"type": "string", "pattern": "[[:alpha:]]"},
        "C": {"type": "string", "not": {"const": "x"}},
        "D": {"properties": {"d": {"type": "string", "nullable": True}}},
    }
    contract = {
        "openapi": "3.1.0",
        "info": {"title": "Odd", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    (project / "odd.json").write_text(json.dumps(contract))

    told = lockstitch(project, "generate", "odd.json", "-o", "api")
    listed = lockstitch(project, "generate", "odd.json", "-o", "api", "--check", "--json")

    assert (told.returncode, listed.returncode) == (0, 0), told.stderr
    assert "5 warnings about the contract, all of them with --json:" in told.stdout
    findings = json.loads(listed.stdout)["report"]["findings"]
    assert {(one["rule"], one["severity"], one["place"]["pointer"]) for one in findings} == {
        ("not-checked", "warning", "/components/schemas/A/properties/a"),
        ("not-checked", "warning", "/components/schemas/B"),
        ("not-checked", "warning", "/components/schemas/C/not"),
        ("read-as-meant", "warning", "/components/schemas/D"),
        ("read-as-meant", "warning", "/components/schemas/D/properties/d"),
    }


def test_a_contract_is_fetched_from_a_url(project: Path) -> None:
    contract = {"openapi": "3.1.0", "info": {"title": "Far", "version": "1"}, "paths": {}}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/openapi.json"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(json.dumps(contract).encode() if found else b"")

        def log_message(self, *arguments: object) -> None:
            del arguments

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        there = lockstitch(project, "generate", f"{address}/openapi.json", "-o", "api")
        absent = lockstitch(project, "generate", f"{address}/absent.json", "-o", "other")
        server.shutdown()

    assert there.returncode == 0, there.stderr
    assert "contract of Far" in (project / "api" / "types.ts").read_text()
    assert absent.returncode == 2
    assert f"{address}/absent.json answers with status 404." in absent.stderr
    assert "developer.mozilla.org" not in absent.stderr


def test_watch_generates_again_after_each_change(project: Path) -> None:
    command = ["generate", "small:app", "-o", "api", "--watch"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lockstitch.cli.main", *command],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert "written" in process.stdout.readline()
        source = project / "small.py"
        source.write_text(source.read_text().replace("model_name", "given_name"))
        assert "3 written" in process.stdout.readline()
        assert "givenName: string" in (project / "api" / "types.ts").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        process.stdout.close()
    assert process.returncode == 0


@pytest.mark.parametrize("verb", [["generate", "-o", "api"], ["mock", "--port", "0"]])
def test_a_contract_that_is_nested_too_deeply_is_named(project: Path, verb: list[str]) -> None:
    schema = '{"items": ' * 900 + "{}" + "}" * 900
    contract = (
        f'{{"openapi": "3.1.0", "paths": {{}}, "components": {{"schemas": {{"A": {schema}}}}}}}'
    )
    (project / "deep.json").write_text(contract)

    run = lockstitch(project, verb[0], "deep.json", *verb[1:])

    assert (run.returncode, run.stderr) == (2, "deep.json is nested too deeply.\n")


def test_paths_that_are_no_object_are_told(project: Path) -> None:
    (project / "contract.json").write_text('{"openapi": "3.1.0", "paths": []}')

    run = lockstitch(project, "generate", "contract.json", "-o", "api")

    assert (run.returncode, run.stderr) == (2, '/paths: "paths" must be an object, not [].\n')


def test_an_application_is_found_in_the_project_first_and_then_in_the_folder(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.lockstitch]\napplication = 'small:app'\n")
    inner = project / "services" / "inner"
    inner.mkdir(parents=True)
    (inner / "nearby.py").write_text(APPLICATION.replace("Small", "Nearby"))
    (inner / "small.py").write_text(APPLICATION.replace("Small", "Hidden"))

    ran = [lockstitch(inner, "generate", f"{name}:app", "-o", name) for name in ("nearby", "small")]
    missing = lockstitch(inner, "generate", "nowhere:app", "-o", "api")

    assert [one.returncode for one in ran] == [0, 0], ran
    assert "contract of Nearby." in (inner / "nearby" / "types.ts").read_text()
    assert "contract of Small." in (inner / "small" / "types.ts").read_text()
    assert f"There is no module 'nowhere' in {project} or {inner}." in missing.stderr


TRAINED = """
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch import Lockstitch, Model
from lockstitch.serving.artefact import ArtefactFacts, Progress
from lockstitch.serving.parity import record_parity


class Number(BaseModel):
    value: float


class Twice(Model[Number, Number]):
    def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
        rows = [Number(value=float(row)) for row in range(3)]
        record_parity(directory, rows, outputs=[Number(value=2 * row.value) for row in rows])
        return ArtefactFacts()

    def predict(self, batch: list[Number]) -> list[Number]:
        return [Number(value=FACTOR * row.value) for row in batch]


app = FastAPI()
Lockstitch(app, models=[Twice])
"""


@pytest.mark.parametrize(("factor", "passes"), [(2, True), (3, False)])
def test_the_written_test_tells_serving_from_training(
    tmp_path: Path, factor: int, passes: bool
) -> None:
    (tmp_path / "doubling.py").write_text(TRAINED.replace("FACTOR", str(factor)))
    written = tmp_path / "tests" / "test_parity.py"
    arguments = ["doubling:app", "--parity-test", str(written)]
    made = lockstitch(tmp_path, "generate", *arguments)
    assert made.returncode == 0, made.stderr

    tried = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(written)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
    )

    assert (tried.returncode == 0) is passes, tried.stdout
    if not passes:
        assert (
            "Difference(row=1, pointer='output/value', training=2.0, serving=3.0)" in tried.stdout
        )


def test_a_parity_test_needs_an_application(tmp_path: Path) -> None:
    refused = lockstitch(tmp_path, "generate", "openapi.json", "--parity-test", "test_parity.py")

    assert refused.returncode == 2
    assert "is no application" in refused.stderr
