"""Input that is made to do harm: refused with a problem that names the place, never with a 500.

The operations and their texts come from the contract, so that a new one is tried without a new
test.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from conftest import signed_up
from contract_requests import ContractRequests, content_of
from fastapi import FastAPI
from quick_application import app as quick_application
from quick_application import make_application

from lockstitch import Settings
from lockstitch.api.json_depth import is_deeper
from lockstitch.contract.algebra import Array, Object, Schema, Text, Union
from lockstitch.contract.document import Operation

REQUESTS = ContractRequests(quick_application)
PREDICT = "/v1/models/repeat/predictions"
JSON = {"content-type": "application/json"}
NUL = "\0"


@pytest.fixture
async def caller(start: Callable, settings: Settings) -> httpx2.AsyncClient:
    return await signed_up(await start(make_application(settings)))


def problem(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition(":")[2]


def nested(levels: int) -> bytes:
    return b'{"text":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


HOSTILE: list[tuple[bytes, int, str]] = [
    (nested(64), 422, "invalid-request"),
    (nested(65), 400, "body-too-deep"),
    (b"[" * 900 + b"]" * 900, 400, "body-too-deep"),
    (b'{"text":' * 200, 400, "body-too-deep"),
    (b'{"text":"' + b"[" * 900 + b'"}', 422, "invalid-request"),
    (b'{"text":"' + b'\\"[' * 500 + b'"}', 422, "invalid-request"),
    (b'{"text":"a","volume":' + b"9" * 1500 + b"}", 422, "invalid-request"),
    (b'{"text":"a","volume":1e99999}', 422, "invalid-request"),
    (b'{"text":"a","volume":' + b"1" * 1500, 400, "malformed-body"),
    (b'{"text":"\\ud800"}', 400, "malformed-body"),
    (b'{"text":"\\ud83d\\u0041"}', 400, "malformed-body"),
    (b'{"text":"\xed\xa0\x80"}', 400, "malformed-body"),
    (b'{"text":"\xff"}', 400, "malformed-body"),
    (b'{"text":"a\x00b"}', 400, "malformed-body"),
    (b'{"text":"a\\u0000b"}', 422, "invalid-request"),
    (b'{"text":"a","notes":{"\\u0000":1}}', 422, "invalid-request"),
    (b'\xef\xbb\xbf{"text":"a"}', 400, "malformed-body"),
    ('{"text":"a"}'.encode("utf-16"), 400, "malformed-body"),
    (b'"' * 1999, 400, "malformed-body"),
    (b'{"text":"a"}' + b" " * 1999, 413, "body-too-large"),
]


async def test_a_hostile_body_is_refused_in_plain_words(client: httpx2.AsyncClient) -> None:
    for body, status, says in HOSTILE:
        answer = await client.post(PREDICT, content=body, headers=JSON)

        assert (answer.status_code, problem(answer)) == (status, says), (body[:80], answer.text)


async def test_a_hundred_thousand_nested_arrays_are_refused_at_once(
    settings: Settings, start: Callable
) -> None:
    roomy = Settings(**{**dict(settings), "max_body_bytes": 1_048_576})
    client = await signed_up(await start(make_application(roomy)))

    for body in (b"[" * 100_000, b'{"a":' * 100_000, b'{"text":' + b'"\\"' * 300_000):
        answer = await client.post(PREDICT, content=body, headers=JSON)

        assert problem(answer) in {"body-too-deep", "malformed-body"}


async def test_of_a_member_that_is_there_twice_the_last_one_counts(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post(PREDICT, content=b'{"text":"a","text":"b"}', headers=JSON)

    assert answer.json()["output"]["text"] == "b"


async def test_what_only_looks_like_a_nul_is_a_text(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PREDICT, content=b'{"text":"a\\\\u0000b"}', headers=JSON)

    assert answer.json()["output"]["text"] == "a\\u0000b"


async def test_the_depth_is_a_setting(settings: Settings, start: Callable) -> None:
    shallow = Settings(**{**dict(settings), "max_json_depth": 2})
    client = await signed_up(await start(make_application(shallow)))

    answers = [
        await client.post(PREDICT, json={"text": "a", "notes": notes})
        for notes in ({"a": 1.0}, {"a": [1.0]})
    ]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert "may stand 2 deep" in answers[1].json()["detail"]


@pytest.mark.parametrize("levels", range(1, 7))
def test_depth_is_counted_as_json_counts_it(levels: int) -> None:
    values: list[Any] = [[], {}, [1, [2]], {"a": {"b": [[]]}}, ["[[[["], {'\\"[[[': "]]]"}]

    def depth(value: Any) -> int:
        if isinstance(value, dict):
            return 1 + max(map(depth, value.values()), default=0)
        return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0

    for value in values:
        assert is_deeper(json.dumps(value).encode(), levels) == (depth(value) > levels), value


ENCODINGS = ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"]


async def test_a_compressed_body_is_never_unpacked(client: httpx2.AsyncClient) -> None:
    for encoding in ENCODINGS:
        packed = gzip.compress(b'{"text":"a"}')
        headers = {"content-encoding": encoding}
        form = {"data": {"name": "Reviews"}, "files": {"file": ("r.csv", b"a\n1\n")}}

        as_json = await client.post(PREDICT, content=packed, headers={**JSON, **headers})
        as_form = await client.post("/v1/datasets", headers=headers, **form)

        assert [as_json.status_code, as_form.status_code] == [415, 415]
        assert problem(as_json) == problem(as_form) == "unsupported-media-type"
        plain = {"content-encoding": "identity"}
        assert (await client.post("/v1/datasets", headers=plain, **form)).status_code == 201


@dataclass(frozen=True)
class Place:
    """A text of a request body, by the steps that lead to it."""

    operation: Operation
    steps: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.operation.id}/{'/'.join(map(str, self.steps))}"


def texts(schema: Schema, steps: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield where a value of this schema may hold a text of the caller's choice."""
    schema = REQUESTS.document.resolve(schema)
    if isinstance(schema, Text) and schema.format != "binary":
        yield steps
    elif isinstance(schema, Union):
        found = ([*texts(member, steps)] for member in schema.members)
        yield from next(filter(None, found), [])
    elif isinstance(schema, Array):
        yield from texts(schema.items, (*steps, 0))
    elif isinstance(schema, Object):
        for member in schema.properties:
            yield from texts(member.schema, (*steps, member.name))


def places() -> Iterator[Place]:
    for operation in REQUESTS.document.operations:
        content = content_of(operation)
        if content is not None and content.schema is not None:
            for steps in texts(content.schema, ()):
                yield Place(operation, steps)


PLACES = list(places())


def test_every_text_of_the_contract_is_found() -> None:
    found = {str(place) for place in PLACES}

    assert {
        *("create_account/email", "create_account/password", "create_account/organisation_name"),
        *("create_api_key/name", "upload_dataset/name", "accept_invitation/token"),
        *("predict_repeat/text", "predict_repeat/id", "predict_repeat/heard_at"),
    } <= found


async def test_no_text_of_any_operation_may_hold_a_nul(caller: httpx2.AsyncClient) -> None:
    for place in PLACES:
        await refuses_a_nul(caller, place)


def put(body: Any, steps: tuple[str | int, ...], text: str) -> None:
    """Put a text at a place, making what leads there."""
    here = body
    for step, following in pairwise(steps):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, str):
            here = here.setdefault(step, empty)
            continue
        if not here:
            here.append(empty)
        here = here[step]
    last = steps[-1]
    if isinstance(last, int):
        here[:] = [text]
    else:
        here[last] = text


async def refuses_a_nul(caller: httpx2.AsyncClient, place: Place) -> None:
    arguments = REQUESTS.valid(place.operation, "one").arguments
    body = arguments.get("json", arguments.get("data"))
    put(body, place.steps, f"a@b.example{NUL}long enough")
    path = place.operation.path.replace("{id}", "00000000-0000-0000-0000-000000000000")

    answer = await caller.request(place.operation.method.upper(), path, **arguments)

    if place.operation.path.endswith(":batch") and answer.status_code == 200:
        # A batch answers each of its items.
        (item,) = answer.json()["items"]
        assert item["outcome"] == "failed"
        assert {reason["in"] for reason in item["error"]["errors"]} == {"body"}
        return
    assert answer.status_code == 422, (str(place), answer.text)
    pointers = [reason["pointer"] for reason in answer.json()["errors"]]
    assert any(pointer.startswith(f"/{place.steps[0]}") for pointer in pointers), pointers


TEXTS = [
    NUL,
    "a\0b",
    "\x1b[2J",
    "\x85",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
]


async def test_no_parameter_of_any_operation_ends_in_a_500(caller: httpx2.AsyncClient) -> None:
    for text in TEXTS:
        tried = 0
        for operation in REQUESTS.document.operations:
            body = REQUESTS.valid(operation, "one").arguments
            for parameter in operation.parameters_in("path"):
                place = operation.path.replace(f"{{{parameter.name}}}", quote(text, safe=""))
                answer = await caller.request(operation.method.upper(), place, **body)
                assert answer.status_code in {403, 404, 422}, (operation.id, answer.text)
                tried += 1
            for parameter in operation.parameters_in("query"):
                query = {parameter.name: text}
                answer = await caller.request(
                    operation.method.upper(), operation.path, params=query, **body
                )
                assert answer.status_code in {403, 404, 422}, (operation.id, answer.text)
                tried += 1
        assert tried > 10


NO_FILE_NAMES = [
    *("", " ", "../x", "a/b", "a\\b", "..", ".", "a\x00b", "a\x1bb", "a\x85b", "a\nb"),
    *("a\u202egpj.exe", "\u200b", "a\u2028b", "CON", "con.txt", "Nul.tar.gz", "COM1"),
    *("lpt².csv", "x" * 256, "é" * 200),
]


async def test_a_file_name_is_a_name_on_every_system(client: httpx2.AsyncClient) -> None:
    for name in NO_FILE_NAMES:
        answer = await client.post("/v1/datasets", **form_of(name.encode()))

        assert answer.status_code == 422, answer.text
        assert {reason["rule"] for reason in answer.json()["errors"]} <= {"file_name", "missing"}
        assert answer.json()["errors"][0]["pointer"] == "/file"


FILE_NAMES = ["r.csv", "Bewertungen für März.csv", "評価.csv", "console.csv", "a:b.csv", "x" * 255]


async def test_an_honest_file_name_is_taken(client: httpx2.AsyncClient) -> None:
    for name in FILE_NAMES:
        answer = await client.post("/v1/datasets", **form_of(name.encode()))

        assert answer.status_code == 201, answer.text


def form_of(file_name: bytes) -> dict[str, Any]:
    """Return a form whose file name is exactly this: a client would spell it otherwise."""
    file_name = file_name.replace(b"\\", b"\\\\")
    parts = (
        b'--edge\r\ncontent-disposition: form-data; name="name"\r\n\r\nReviews\r\n'
        b'--edge\r\ncontent-disposition: form-data; name="file"; filename="'
        + file_name
        + b'"\r\n\r\na,b\n1,2\n\r\n--edge--\r\n'
    )
    return {"content": parts, "headers": {"content-type": "multipart/form-data; boundary=edge"}}


NO_NAMES = [
    *("", " ", "\t", "a\tb", "a\nb", "a\x7fb", "a\x85b", "a\x9bb", "a\u2028b", "a\u202eb"),
    *("a\u2066b", "\u200b", "\u200b \ufeff", "\u061c", "a\u200fb"),
]


async def test_names_cannot_be_blank_or_play_with_what_stands_around_them(
    anonymous: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    for name in NO_NAMES:
        account = {"email": "ada@example.com", "password": "correct horse battery"}
        form = {"data": {"name": name}, "files": {"file": ("r.csv", b"a\n1\n")}}

        answers = [
            await client.post("/v1/api-keys", json={"name": name, "scopes": ["predict"]}),
            await client.post("/v1/datasets", **form),
            await anonymous.post("/v1/accounts", json={**account, "organisation_name": name}),
        ]

        assert [answer.status_code for answer in answers] == [422, 422, 422]


NAMES = ["Ada & Söhne", "می‌خواهم", "👩‍🔬 Lab", "株式会社", "O'Neil <x>"]


async def test_honest_names_are_taken(client: httpx2.AsyncClient) -> None:
    for name in NAMES:
        made = await client.post("/v1/api-keys", json={"name": name, "scopes": ["predict"]})

        assert made.status_code == 201, made.text
        assert made.json()["name"] == name


async def test_a_page_has_at_most_a_hundred_rows(client: httpx2.AsyncClient, app: FastAPI) -> None:
    for operation in ContractRequests(app).document.operations:
        if "x-lockstitch-pages" not in operation.extensions:
            continue
        for limit in ("0", "101", "1e9", "-1", "99999999999999999999", ""):
            answer = await client.get(operation.path, params={"limit": limit})
            assert answer.status_code == 422, (operation.id, limit)
        assert (await client.get(operation.path, params={"limit": "100"})).status_code == 200
