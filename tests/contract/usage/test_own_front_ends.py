"""The repository's own front ends keep to their contracts, and every call in them is seen."""

import importlib
import re
import shutil
import sys
from pathlib import Path

import pytest

from lockstitch.contract.generation import GeneratedFolder
from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.client import make_client
from lockstitch.contract.usage import find_calls, read_front_end, usage_findings

ROOT = Path(__file__).parents[3]
CONSOLE = ROOT / "ts" / "apps" / "console"
EXAMPLE = ROOT / "ts" / "nextjs-example"


def test_the_console_reads_only_what_its_contract_answers() -> None:
    document = read_document(ROOT / "examples" / "sentiment" / "openapi.json")
    usage = find_calls(read_front_end(CONSOLE), document)

    assert usage_findings(usage, document) == []
    assert usage.unfinished == ()
    # One model's predictions go to a path that the console reads from the list of models, and
    # many at once are for programs; an upload is handed to the runtime as data, a download is a
    # link, and a sign-in provider sends the browser to where it ends.
    assert {operation.id for operation in document.operations} - {
        call.operation for call in usage.calls
    } <= {
        "download_dataset",
        "finish_sign_in",
        "get_dataset",
        "get_liveness",
        "get_readiness",
        "predict_sentiment",
        "predict_sentiment_batch",
        "upload_dataset",
    }
    # Props of a row in another file than the query.
    row = CONSOLE / "src" / "predictions" / "history-list.tsx"
    line = next(
        number
        for number, text in enumerate(row.read_text().splitlines(), 1)
        if "prediction.modelVersion" in text
    )
    reads = {
        (read.path, read.spot.file, read.spot.line)
        for call in usage.of("list_predictions")
        for read in call.reads
    }
    assert (("items", "*", "model_version"), "src/predictions/history-list.tsx", line) in reads


def test_the_nextjs_example_reads_only_what_its_contract_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delitem(sys.modules, "service", raising=False)
    raw = importlib.import_module("service").app.openapi()
    shutil.copytree(
        EXAMPLE,
        tmp_path,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("node_modules", ".next", "api"),
    )
    GeneratedFolder(tmp_path / "api").write(make_client(raw).files)
    document = read_document(raw)

    usage = find_calls(read_front_end(tmp_path), document)

    assert usage_findings(usage, document) == []
    assert {call.operation for call in usage.calls} == {
        "list_tasks",
        "read_task",
        "add_task",
        "rename_task",
    }
    assert all(not re.match(r"api/", call.spot.file) for call in usage.calls)
