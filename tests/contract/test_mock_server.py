"""`lockstitch mock` over real HTTP, and the mock fetch beside it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mockable import contract
from test_mock_values import in_node, write_mock

Answer = tuple[int, str, Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    from lockstitch.api.listener import free_port

    source = tmp_path_factory.mktemp("mock") / "openapi.json"
    source.write_text(json.dumps(contract()))
    command = [sys.executable, "-m", "lockstitch.cli.main", "mock", str(source)]
    process = subprocess.Popen(
        [*command, "--port", str(free_port()), "--seed", "7", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    running = json.loads(process.stdout.readline())
    assert running["seed"] == 7
    with httpx2.Client(base_url=running["url"], timeout=10) as client:
        yield client
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


def test_each_declared_status_can_be_asked_for(served: httpx2.Client) -> None:
    codes = {}
    for asked in (200, 404, 418, 503):
        answer = served.get("/tree/a", headers={"X-Mock-Status": str(asked)})
        codes[answer.status_code] = answer.headers.get("content-type")

    assert codes == {
        200: "application/json",
        404: "application/problem+json",
        418: "application/json",
        503: None,
    }


def test_a_status_that_is_not_declared_is_refused(served: httpx2.Client) -> None:
    answer = served.get("/events", headers={"X-Mock-Status": "404"})

    assert answer.status_code == 400
    assert answer.json()["detail"] == "watch declares 200, not 404."


def test_a_request_that_breaks_the_contract_is_refused_with_its_place(
    served: httpx2.Client,
) -> None:
    query = served.get("/tree/a", params={"limit": "6"})
    body = served.post("/echo", json={"plain_text": 1})
    malformed = served.post("/echo", content=b"{", headers={"content-type": "application/json"})
    kind = served.post("/echo", content=b"x", headers={"content-type": "text/plain"})

    # The operation declares another shape for 4XX, so it answers in that shape.
    assert (query.status_code, set(query.json())) == (422, {"message"})
    assert query.headers["x-mock-refused"] == "query /limit: Must be at most 5."
    assert body.status_code == 422
    assert "body /short_text: Is required." in body.headers["x-mock-refused"]
    assert (malformed.status_code, kind.status_code) == (400, 415)


def test_a_list_with_commas_is_split_before_it_is_decoded(served: httpx2.Client) -> None:
    # No item has more than three characters, and there are at most two.
    right = [served.get(f"/lists?{query}").status_code for query in LISTS]
    wrong = [served.get(f"/lists?{query}").status_code for query in LISTS_OF_THREE]

    assert right == [200] * len(LISTS)
    assert wrong == [422] * len(LISTS_OF_THREE)


LISTS = ("flat=a%2Cb,c", "spaces=a%20b", "spaces=a+b", "pipes=a%7Cb", "pipes=a|b")
LISTS_OF_THREE = ("flat=a,b,c", "spaces=a%20b%20c", "spaces=a+b+c", "pipes=a%7Cb%7cc")


def test_paths_and_methods_that_the_contract_lacks_are_problems(served: httpx2.Client) -> None:
    unknown, method = served.get("/nowhere"), served.delete("/tree/a")

    assert (unknown.status_code, unknown.json()["type"]) == (
        404,
        "urn:lockstitch:problem:not-found",
    )
    assert (method.status_code, method.json()["detail"]) == (405, "This path has GET.")


def test_the_same_request_has_the_same_answer_and_another_one_another(
    served: httpx2.Client,
) -> None:
    first, again, other = (served.get(f"/tree/{name}").json() for name in ("a", "a", "b"))

    assert first == again
    assert first != other


def test_an_answer_can_be_late_or_malformed(served: httpx2.Client) -> None:
    began = time.monotonic()
    late = served.get("/tree/a", headers={"X-Mock-Delay": "0.3"})
    waited = time.monotonic() - began
    broken = served.get("/tree/a", headers={"X-Mock-Malformed": "json"})
    page = served.get("/tree/a", headers={"X-Mock-Malformed": "html"})

    assert late.status_code == 200
    assert waited >= 0.3
    assert late.content.startswith(broken.content)
    assert 0 < len(broken.content) < len(late.content)
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_a_page_of_this_machine_may_call_and_no_other(served: httpx2.Client) -> None:
    asks = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-mock-status",
    }
    local = served.options("/echo", headers={"origin": "http://localhost:3000", **asks})
    foreign = served.options("/echo", headers={"origin": "https://example.com", **asks})

    assert local.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert local.headers["access-control-allow-headers"] == "x-mock-status"
    assert "access-control-allow-origin" not in foreign.headers


def test_events_are_streamed(served: httpx2.Client) -> None:
    answer = served.get("/events")
    frames = answer.text.strip().split("\n\n")

    assert answer.headers["content-type"] == "text/event-stream"
    assert len(frames) == 3
    assert all(frame.splitlines()[0] in {"event: token", "event: end"} for frame in frames)
    data = [json.loads(frame.splitlines()[1].removeprefix("data: ")) for frame in frames]
    assert all(isinstance(one["token"], str) for one in data)


def test_the_mock_fetch_answers_what_the_server_answers(
    served: httpx2.Client, tmp_path: Path
) -> None:
    write_mock(tmp_path)
    body = {"content-type": "application/json", "X-Mock-Status": "200"}
    asked = [
        ("GET", "/tree/a%20b?limit=3", {}, None),
        ("GET", "/overlap/x", {"X-Mock-Status": "404"}, None),
        ("GET", "/texts/x", {"X-Mock-Status": "418"}, None),
        ("POST", "/echo", body, '{"é":1}'),
        ("GET", "/events", {}, None),
    ]
    questions = []
    for method, path, headers, content in asked:
        status = int(headers.get("X-Mock-Status", "200"))
        names = ("getOverlap", "getTexts")
        scenarios = {name: {"status": status} for name in names} if status != 200 else {}
        init = {"method": method, "headers": headers, **({"body": content} if content else {})}
        questions.append([path, init, {"seed": 7, "scenarios": scenarios}])

    made = json.loads(in_node("mock_fetch.mjs", tmp_path, questions))

    for (method, path, headers, content), one in zip(asked, made, strict=True):
        answer = served.request(method, path, headers=headers, content=content)
        expected = answer.headers.get("content-type")
        assert (answer.status_code, expected) == (one["status"], one["type"]), path
        if expected == "text/event-stream":
            assert answer.text == one["body"]
        else:
            assert answer.json() == json.loads(one["body"]), path


def test_the_mock_fetch_fails_as_it_is_told_and_never_reaches_the_network(tmp_path: Path) -> None:
    write_mock(tmp_path)
    scenarios = {"getTree": {"malformed": "network"}, "getTexts": {"malformed": "html"}}
    questions: list[Any] = [
        ["https://example.com/tree/a", {}, {"scenarios": scenarios}],
        ["https://example.com/texts/a", {}, {"scenarios": scenarios}],
        ["https://example.com/numbers/a", {}, {"scenarios": {"getNumbers": {"malformed": "json"}}}],
        ["https://example.com/unknown", {}, {}],
        ["/api/tree/a", {}, {"basePath": "/api"}],
        ["/events", {}, {"scenarios": {"watch": {"status": 404}}}],
    ]

    network, page, broken, unknown, based, undeclared = json.loads(
        in_node("mock_fetch.mjs", tmp_path, questions)
    )

    assert network == {"error": "TypeError: fetch failed"}
    assert (page["status"], page["type"]) == (502, "text/html")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(broken["body"])
    assert unknown == {"error": "TypeError: No mock answers GET /unknown."}
    assert based["status"] == 200
    assert undeclared == {"error": "Error: watch declares 200, not 404."}
