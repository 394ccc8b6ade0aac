"""What generated operations put on the wire, by every style and kind of body of OpenAPI."""

import copy
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Annotated, Any
from urllib.parse import unquote_plus

import pytest
from client_project import compile_errors, run_module, write_client
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from wire import CONTRACT, EVENTS

from lockstitch.contract.typescript.client import emit_client, make_client
from lockstitch.errors import UndecodableSchema, UnreadableDocument

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder() -> Path:
    api = write_client("wire", CONTRACT, asyncapi=EVENTS)
    scenarios = api.parent / "scenarios"
    shutil.rmtree(scenarios, ignore_errors=True)
    shutil.copytree(HERE / "wire_scenarios", scenarios)
    return api.parent


@pytest.fixture(scope="module")
def requests(folder: Path) -> Any:
    return run_module(folder / "scenarios" / "encode.ts")


def test_client_and_scenarios_compile(folder: Path) -> None:
    assert compile_errors(folder) == []


def test_query_parameters_follow_their_styles(requests: Any) -> None:
    assert requests["query"]["path"].partition("?")[2].split("&") == [
        "form_list=blue",
        "form_list=bl+ack",
        "form_list_flat=blue,bl+ack",
        "spaceDelimited_list_flat=blue%20black",
        "pipeDelimited_list_flat=blue%7Cbl+ack",
        "deep_point%5Bx_axis%5D=1",
        "deep_point%5By_axis%5D=2",
        "deep_point%5Binner_list%5D%5B0%5D=blue",
        "deep_point%5Binner_list%5D%5B1%5D=bl+ack",
        "flat_point=x_axis,1,y_axis,2",
        "x_axis=1",
        "y_axis=2",
        "json_point=%7B%22x_axis%22%3A1%2C%22y_axis%22%3A2%7D",
    ]


def test_an_item_that_holds_what_separates_it_is_refused_with_its_place(requests: Any) -> None:
    assert [(issue["pointer"], issue["rule"]) for issue in requests["separators"]] == [
        ("/spaceDelimited_list_flat", "a list whose items have no space"),
        ("/pipeDelimited_list_flat", "a list whose items have no bar"),
    ]


ITEMS = ["a,b", "c", "d&e=f", "g%2Ch", "i j|k", "ü", "+"]


def test_items_with_commas_arrive_whole_where_the_query_is_split_before_it_is_decoded(
    folder: Path,
) -> None:
    with recording() as (base_url, targets):
        run_module(folder / "scenarios" / "delimited.ts", base_url, *ITEMS)

    pairs = [pair.partition("=") for pair in targets[0].partition("?")[2].split("&")]
    sent = {name: value for name, _, value in pairs}

    assert [unquote_plus(item) for item in sent["form_list_flat"].split(",")] == ITEMS
    assert "a%2Cb,c" in sent["form_list_flat"]
    plain = [item.replace(" ", "").replace("|", "") for item in ITEMS]
    assert unquote_plus(sent["spaceDelimited_list_flat"]).split(" ") == plain
    assert unquote_plus(sent["pipeDelimited_list_flat"]).split("|") == plain


def test_fastapi_reads_a_delimited_list_as_one_item_and_a_repeated_one_as_many(
    folder: Path,
) -> None:
    with recording() as (base_url, targets):
        run_module(folder / "scenarios" / "delimited.ts", base_url, *ITEMS)
    application = FastAPI()

    @application.get("/query")
    def read(
        form_list: Annotated[list[str], Query()], form_list_flat: Annotated[list[str], Query()]
    ) -> Any:
        return [form_list, form_list_flat]

    assert TestClient(application).get(targets[0]).json() == [ITEMS, [",".join(ITEMS)]]


@contextmanager
def recording() -> Iterator[tuple[str, list[str]]]:
    """Serve 204 on a port of its own; what was asked for is collected as it came."""
    targets: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            targets.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_QUERY(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", targets
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_path_parameters_follow_their_styles(requests: Any) -> None:
    # The table of the OpenAPI specification, "Style Examples".
    assert requests["path"]["path"].split("/")[2:] == [
        "blue,bl%20ack",
        "x_axis,1,y_axis,2",
        "blue,bl%20ack",
        "x_axis=1,y_axis=2",
        ".blue,bl%20ack",
        ".x_axis,1,y_axis,2",
        ".blue.bl%20ack",
        ".x_axis=1.y_axis=2",
        ";matrix_list_flat=blue,bl%20ack",
        ";matrix_point_flat=x_axis,1,y_axis,2",
        ";matrix_list_exploded=blue;matrix_list_exploded=bl%20ack",
        ";x_axis=1;y_axis=2",
    ]


def test_headers_are_joined_and_cookies_left_to_the_browser(requests: Any) -> None:
    headers = requests["header"]["headers"]

    assert headers == {"X-Colours": "blue,bl ack", "X-Point": "x_axis=1,y_axis=2"}


def test_places_that_share_a_name_are_members_of_their_own(requests: Any) -> None:
    assert requests["same"]["path"] == "/same/p?id=3"
    assert requests["same"]["json"] == {"x_axis": 1, "y_axis": 2}


def test_bodies_go_in_their_media_type(requests: Any) -> None:
    assert requests["form"] == (
        "top_point%5Bx_axis%5D=1&top_point%5By_axis%5D=2&a_list=blue&a_list=bl+ack"
    )
    assert requests["formHeaders"]["content-type"].startswith("application/x-www-form-urlencoded")
    assert requests["patch"]["headers"] == {"content-type": "application/merge-patch+json"}
    assert requests["lines"]["body"] == '{"x_axis":1,"y_axis":2}\n' * 2
    assert requests["text"]["body"] == "a,b"
    assert requests["text"]["headers"] == {"content-type": "text/csv"}


def test_the_answer_that_is_read_is_asked_for(requests: Any) -> None:
    assert requests["either"]["headers"] == {"accept": "application/json"}


def test_answers_are_read_by_status_and_media_type(folder: Path) -> None:
    result = run_module(folder / "scenarios" / "decode.ts")
    point = {"xAxis": 1, "yAxis": 2}

    assert result["json"] == {"ok": True, "value": point}
    assert result["text"] == {"ok": True, "value": '{"x_axis":1,"y_axis":2}'}
    assert (result["notJson"], result["nothing"], result["read"]) == (False, True, "text")
    assert result["rows"] == {"ok": True, "value": [point, point]}
    assert [issue["pointer"] for issue in result["badRow"]["issues"]] == ["/1/x_axis"]
    assert result["refused"] == {"ok": True, "value": point}
    assert result["failures"] == ["4XX", "default"]


def test_a_parameter_that_leads_elsewhere_is_refused_with_its_place(requests: Any) -> None:
    assert [issue["pointer"] for issue in requests["refused"]] == ["/id"]


def test_channels_have_typed_events_and_named_streams(folder: Path) -> None:
    assert run_module(folder / "scenarios" / "channels.ts") == {
        "stream": {"ok": True, "value": "jobs/a/b"},
        "nothing": False,
        "started": True,
        "done": 1,
        "unknown": False,
    }
    assert "jobEvents" not in (folder / "api" / "mock.ts").read_text()
    # What the service only takes is no stream of events.
    assert "commands" not in (folder / "api" / "channels.ts").read_text()


def test_imports_are_as_bundlers_want_them_and_parts_may_be_left_out() -> None:
    files = emit_client(CONTRACT, parts=["operations"])

    assert "queries.ts" not in files
    assert "channels.ts" not in files
    assert "from './types'" in files["operations.ts"]
    assert not [name for name, text in files.items() if "js'" in text or ".ts'" in text]


def test_asyncapi_of_another_version_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"AsyncAPI 2\.6\.0; version 3"):
        emit_client(CONTRACT, asyncapi={"asyncapi": "2.6.0"})


def _declaring(name: str, value: Any) -> dict[str, Any]:
    contract = copy.deepcopy(CONTRACT)
    contract["paths"]["/either"]["get"][f"x-lockstitch-{name}"] = value
    return contract


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("pages", {}, "need a query parameter 'cursor'"),
        ("pages", {"curser": "c"}, "x-lockstitch-pages/curser: Extra inputs"),
        ("fields", {}, "must be a named object"),
        ("batch", {"operation": "lines"}, "does not fit as batch twin"),
        ("batch", {"operation": "none"}, "no operation 'none'"),
        ("freshness", {"seconds": -1}, "x-lockstitch-freshness/seconds"),
        ("idempotency", "maybe", "x-lockstitch-idempotency"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(name: str, value: Any, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"/paths/~1either/get.*{words}"):
        emit_client(_declaring(name, value))


def _posting(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    body = {"content": {media_type: {"schema": schema}}}
    operation = {"requestBody": body, "responses": {"204": {"description": ""}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Posts", "version": "1"},
        "paths": {"/miss/{x}": {"post": operation}},
    }


def test_a_path_parameter_that_nobody_declares_is_a_required_string() -> None:
    client = make_client(_posting("application/json", {"type": "string"}))

    assert re.search(r"  x: string$", client.files["types.ts"], re.MULTILINE)
    assert [(one.pointer, one.message) for one in client.warnings] == [
        ("/paths/~1miss~1{x}/post", "Path parameter 'x' is not declared; read as a string.")
    ]


def test_a_multipart_body_without_names_is_refused_with_its_pointer() -> None:
    with pytest.raises(UndecodableSchema, match="its schema must be an object") as refused:
        make_client(_posting("multipart/form-data", {"type": "array"}))

    assert refused.value.pointer.endswith("/requestBody/content/multipart~1form-data")


def test_another_multipart_than_form_data_is_a_warning() -> None:
    client = make_client(_posting("multipart/mixed", {"type": "object"}))

    assert "multipart/mixed is sent as multipart/form-data." in [w.message for w in client.warnings]


ROWS: dict[str, Any] = {
    "openapi": "3.2.0",
    "info": {"title": "Rows", "version": "1"},
    "paths": {
        "/rows": {
            "query": {
                "operationId": "find",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "array", "items": {}}}},
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"type": "array"}}},
                    }
                },
            },
            "trace": {"operationId": "trace", "responses": {"200": {"description": ""}}},
            "additionalOperations": {"COPY": {"operationId": "copy"}},
        }
    },
}


def test_a_query_is_a_read_with_a_body() -> None:
    api = write_client("query", ROWS)
    program = api.parent / "ask.ts"
    program.write_text(
        "import { createClient, find } from './api/index.js'\n"
        "import { findQuery } from './api/queries.js'\n"
        "const client = createClient({ baseUrl: process.argv[2] ?? '' })\n"
        "const { queryKey } = findQuery(client, [1])\n"
        "console.log(JSON.stringify([await find(client, [1, 'a']), queryKey]))\n"
    )

    with recording() as (base_url, _):
        result = run_module(program, base_url)

    assert compile_errors(api.parent) == []
    assert result == [[1, "a"], ["rows", "find", [1]]]


def test_methods_that_cannot_be_sent_are_left_out_with_a_warning() -> None:
    client = make_client(ROWS)

    assert [(one.pointer, one.rule) for one in client.warnings] == [
        ("/paths/~1rows/additionalOperations/COPY", "left-out"),
        ("/paths/~1rows/trace", "left-out"),
    ]
    assert "export function trace" not in client.files["operations.ts"]


def test_an_operation_id_that_two_have_is_changed_with_a_warning() -> None:
    contract = copy.deepcopy(CONTRACT)
    contract["paths"]["/text"]["post"]["operationId"] = "lines"

    client = make_client(contract, asyncapi=EVENTS)

    assert [one.message for one in client.warnings] == [
        "operationId 'lines' is also that of /paths/~1lines/post; renamed."
    ]
    assert "export function postText(" in client.files["operations.ts"]
