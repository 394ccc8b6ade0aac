"""A generated client against the real service that it was generated from."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import service
from awkward_names import colliding_names
from client_project import compile_errors, run_module, write_client
from listening import listening

HERE = Path(__file__).parent
Run = Callable[[str], Any]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The service, listening for real."""
    with listening(service.app) as found:
        yield found.url


@pytest.fixture(scope="module")
def folder() -> Path:
    """The generated client, with the scenarios beside it."""
    api = write_client("service", service.app.openapi())
    scenarios = api.parent / "scenarios"
    shutil.rmtree(scenarios, ignore_errors=True)
    shutil.copytree(HERE / "scenarios", scenarios)
    return api.parent


@pytest.fixture
def run(address: str, folder: Path) -> Run:
    service.app.state.calls.clear()
    return lambda name: run_module(folder / "scenarios" / f"{name}.ts", address)


def test_client_and_scenarios_compile(folder: Path) -> None:
    assert compile_errors(folder) == []


def test_no_name_of_a_contract_meets_another_of_the_client() -> None:
    assert compile_errors(write_client("names", colliding_names())) == []


def test_a_contract_without_operations_compiles() -> None:
    contract = {"openapi": "3.1.0", "info": {"title": "Empty"}, "paths": {}}

    assert compile_errors(write_client("empty", contract)) == []


def test_client_compiles_in_a_project_as_next_makes_it() -> None:
    api = write_client("next", service.app.openapi(), imports="bare")
    # The tsconfig.json of create-next-app, as far as types are concerned.
    settings = {"target": "es2017", "module": "esnext", "moduleResolution": "bundler"}

    assert compile_errors(api, **settings, lib=["dom", "dom.iterable", "esnext"]) == []


def test_every_name_is_renamed_on_the_way_out_and_back(run: Run) -> None:
    result = run("renaming")

    assert result["created"]["modelName"] == "model-2"
    assert result["created"]["createdAt"] == "2026-03-01T10:00:00.123Z"
    assert result["created"]["labelNames"]["created"] == "2026-03-01 10:00:00.123000+00:00"
    assert result["model"]["labelNames"] == {"name": "a&b ü?", "x": "trace-1"}
    assert result["seen"]["query"] == [
        ["created_after", "2026-03-01T10:00:00.123Z"],
        ["tag_names", "first tag"],
        ["tag_names", "a&b"],
    ]
    assert result["seen"]["headers"] == {"x-trace-id": "trace-2"}
    assert result["seen"]["path"] == "/seen/x%20y%26z/2026-05-06"
    assert result["uploaded"] == {
        "fileName": "rows.csv",
        "sizeBytes": 10,
        "rowCount": 10,
        "takenAt": "2026-03-01T10:00:00.123Z",
        "tagNames": ["a", "b"],
    }
    assert result["form"] == {"first_name": ["Ada & co"], "born_on": ["2026-05-06"]}
    assert result["dates"] == [True, True, True]


def test_keys_of_free_dictionaries_are_data(run: Run) -> None:
    assert run("caching")["labels"] == {"snake_key": "kept", "0": "negative"}


def test_failures_are_told_apart_by_their_status(run: Run) -> None:
    assert run("failures") == {
        "existing": "first",
        "title": "There is no such model",
        "html": ["undecodable", 500],
        "away": ["invalid-request", None],
        "nothing": ["invalid-request", None],
        "header": ["invalid-request", None],
        "invalidDate": ["invalid-request", None],
    }


def test_texts_bytes_and_nothing_are_read_as_such(run: Run) -> None:
    expected = {"note": "snake_case stays", "size": 256, "gone": True, "frames": []}

    assert run("bodies") == expected


def test_calls_of_one_tick_travel_as_one_batch(run: Run) -> None:
    result = run("batching")

    assert [one["outputLabel"] for one in result["together"]] == ["ONE", "TWO", "THREE"]
    assert {one["batchSize"] for one in result["together"]} == {3}
    assert result["alone"] == {"outputLabel": "FOUR", "batchSize": 1}
    assert result["calls"] == ["POST /answers:batch", "POST /answers"]


def test_chosen_fields_are_all_that_is_sent_and_typed(run: Run) -> None:
    result = run("fields")

    assert result["name"] == "model-2"
    assert result["isDate"]
    assert result["keys"] == ["modelName", "createdAt"]
    assert result["whole"] == 2


def test_events_are_decoded_and_a_cut_stream_is_resumed(run: Run) -> None:
    result = run("streams")

    assert result["ticks"] == [[0, True], [1, True], [2, True]]
    assert result["raw"] == [
        {"type": "named", "data": {"snake_key": 1}},
        {"type": "message", "data": "no JSON"},
    ]
    assert result["job"] == [1, 0.5, 1, "end"]


def test_a_plain_stream_with_ids_is_resumed_after_each_cut(run: Run) -> None:
    assert run("streams")["numbers"] == [1, 2, 3, 4, 5]
    assert service.app.state.breaks[-2:] == [2, 4]


def test_queries_are_fresh_paged_and_invalidated_as_the_contract_says(run: Run) -> None:
    result = run("caching")

    assert result["asked"] == ["GET /models"]
    assert result["names"] == [f"model-{number}" for number in range(6)]
    assert result["some"] == ["modelName"]
    assert (result["staleBefore"], result["staleAfter"]) == (False, True)
    # The client has its own retries; the cache must not multiply them.
    assert result["failures"] == 1


def test_freshness_is_sent_kept_while_the_service_fails_and_keys_are_made(run: Run) -> None:
    assert run("degrading") == {
        "cacheControl": "private, max-age=30, stale-if-error=60",
        "same": True,
        "isStale": True,
        "key": True,
    }


def test_swr_has_the_same_keys_and_fetchers(run: Run) -> None:
    result = run("swr")

    assert result["key"] == ["model-service", "listModels", {"tagNames": ["a"]}]
    assert result["configuration"] == {"dedupingInterval": 30_000, "shouldRetryOnError": False}
    assert (result["first"], result["second"], result["end"]) == (2, "model-2", None)
    assert result["stale"] == [True, False, True]


def test_schemas_name_the_members_as_a_form_does(run: Run) -> None:
    result = run("schemas")

    assert result["good"] is True
    assert result["bad"] == [["modelName"], ["createdAt"]]
    assert ["model_name"] in result["wire"]


def test_every_operation_has_an_example_that_compiles(folder: Path) -> None:
    calls = (folder / "api" / "operations.ts").read_text()
    streams = (folder / "api" / "channels.ts").read_text()
    examples = re.findall(r"@example\n \* ```ts\n((?: \* .*\n)+?) \* ```", calls + streams)
    declared = len(re.findall(r"^export function (?!\w+Fields<)", calls + streams, re.MULTILINE))
    assert len(examples) == declared

    checked = folder / "examples"
    checked.mkdir(exist_ok=True)
    for number, example in enumerate(examples):
        body = re.sub(r"^ \* ", "", example, flags=re.MULTILINE)
        used = sorted({name for name in re.findall(r"(\w+)\(", body) if name in calls + streams})
        names = ", ".join(name for name in used if f"export function {name}(" in calls + streams)
        (checked / f"example{number}.ts").write_text(
            f"import {{ type Client, {names} }} from '../api/index.js'\n"
            "declare const client: Client\n"
            f"declare const input: Parameters<typeof {names.split(', ')[0]}>[1]\n"
            f"{body}export {{ client, input }}\n"
            + ("export { answer }\n" if "const answer =" in body else "")
            + ("export { result }\n" if "const result =" in body else "")
        )
    assert compile_errors(folder) == []
