"""Generated channels against a real service over a real WebSocket, from Node and from a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import live_service
import pytest
from browser import visiting
from bundle import bundled
from client_project import compile_errors, run_module, write_client
from cutting_proxy import CuttingProxy
from job_log import JobLog
from listening import Listening, listening

HERE = Path(__file__).parent
EVENTS = 12
# A page on a busy machine; else it takes seven.
PAGE_SECONDS = 100


@pytest.fixture(scope="module")
def folder() -> Path:
    """The generated client, with the scenarios beside it."""
    api = write_client("live", live_service.app.openapi(), asyncapi=live_service.channels())
    scenarios = api.parent / "scenarios"
    shutil.rmtree(scenarios, ignore_errors=True)
    shutil.copytree(HERE / "channel_scenarios", scenarios)
    return api.parent


@pytest.fixture(scope="module")
def service() -> Iterator[Listening]:
    with listening(live_service.app) as found:
        yield found


@pytest.fixture(scope="module")
def proxy(service: Listening) -> Iterator[str]:
    proxy = CuttingProxy(service.port)
    yield f"http://127.0.0.1:{service.run(proxy.listen())}"
    service.run(proxy.close())


@pytest.fixture(scope="module", params=["node", "browser"])
def told(
    request: pytest.FixtureRequest, folder: Path, service: Listening, proxy: str
) -> dict[str, Any]:
    """What every scenario saw."""
    if request.param == "node":
        report: dict[str, Any] = run_module(folder / "scenarios" / "node.ts", service.url, proxy)
        return report
    live_service.page["script"] = bundled(folder / "scenarios" / "page.ts")
    with visiting(f"{service.url}/page?proxy={proxy}"):
        report = service.run(live_service.reports.get(), seconds=PAGE_SECONDS)
    assert "failed" not in report, report["failed"]
    return report


def whole(count: int) -> list[str]:
    """What a reader of an undisturbed job sees."""
    log = JobLog("job")
    log.append(count)
    offsets = [str(offset) for offset in range(2, count + 1)]
    return ["1 true", *offsets, f"end {count} {log.checksum()}"]


def test_the_documentation_shows_how_the_service_describes_its_channels() -> None:
    page = (HERE.parents[1] / "docs" / "contract" / "channels.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]

    assert code in (HERE / "live_service.py").read_text("utf-8")


def test_client_and_scenarios_compile(folder: Path) -> None:
    assert compile_errors(folder, lib=["es2024", "dom", "dom.iterable"]) == []


def test_whatever_byte_a_connection_is_cut_at_nothing_is_lost_or_comes_twice(
    told: dict[str, Any],
) -> None:
    assert len(told["cuts"]) > 30
    assert {byte: seen for byte, seen in told["cuts"].items() if seen != whole(EVENTS)} == {}


def test_what_the_service_no_longer_has_is_a_gap(told: dict[str, Any]) -> None:
    log = JobLog("job")
    log.epoch = 2
    log.append(9)

    assert told["gaps"] == [
        *("gap >1:2 retention", "3", "4"),
        *("gap 1:4>1:7 retention", "8"),
        *("gap 1:8>2:7 restored", "8", "9", f"end 9 {log.checksum()}"),
    ]


def test_a_token_is_renewed_on_the_open_socket_and_refreshed_after_a_close(
    told: dict[str, Any],
) -> None:
    assert told["tokens"] == {
        "seen": whole(4),
        "wishes": [False, False, True],
        # The expiry of the first token closed nothing any more, that of the second did.
        "closes": [live_service.EXPIRED, 0],
    }


def test_refusals_are_final_and_a_drain_is_not(told: dict[str, Any]) -> None:
    assert told["closes"]["failures"] == {
        "absent": ["problem", 404, "There is no such job."],
        "nameless": ["invalid-request", None, "The request was not valid."],
        "nobody": ["problem", 401, "Sign in."],
        "outsider": ["network", live_service.FORBIDDEN, "The service cannot be reached."],
        "old": ["network", live_service.TOO_OLD, "The service cannot be reached."],
    }
    assert told["closes"]["seen"] == whole(3)
    both, one = told["closes"]["streams"]
    assert [stream.rpartition("-")[2] for stream in both] == ["closes", "other"]
    assert [stream.rpartition("-")[2] for stream in one] == ["closes"]
    codes = (live_service.FORBIDDEN, live_service.TOO_OLD, live_service.DRAIN)
    # Without the five subscriptions above: two streams, one socket before the drain, one after.
    assert told["closes"]["closes"] == [0, 0, *codes, 0]


def test_a_reader_who_is_too_slow_is_sent_away_and_misses_nothing(told: dict[str, Any]) -> None:
    assert live_service.SLOW in told["slow"]["closes"]
    assert told["slow"]["seen"] == whole(1200)
