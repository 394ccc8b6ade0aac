"""Datasets: upload, versions, preview, download, deletion, and what is refused."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from lockstitch import Lockstitch, Settings
from lockstitch.database.session import Actor, Database
from lockstitch.datasets.storage import DatasetStorage

CSV = b"text,stars\ngood,5\nbad,1\n"
PATH = "/v1/datasets"


async def upload(
    client: httpx2.AsyncClient, content: bytes = CSV, name: str = "Reviews", file: str = "r.csv"
) -> httpx2.Response:
    return await client.post(PATH, data={"name": name}, files={"file": (file, content)})


def stored(settings: Settings) -> list[Path]:
    files = (settings.data / "storage").rglob("*")
    return [path for path in files if path.is_file() and path.suffix != ".lock"]


async def join(owner: httpx2.AsyncClient, guest: httpx2.AsyncClient, role: str) -> None:
    email = (await guest.get("/v1/sessions/current")).json()["person"]["email"]
    invited = await owner.post("/v1/invitations", json={"email": email, "role": role})
    accepted = await guest.post("/v1/invitations:accept", json={"token": invited.json()["token"]})
    assert accepted.status_code == 204


async def test_an_upload_answers_what_the_file_is_and_the_same_name_is_a_new_version(
    client: httpx2.AsyncClient, settings: Settings
) -> None:
    first = (await upload(client)).json()
    # Neither its name nor its declared type says what a file is.
    second = (await upload(client, b'{"a":1}\n', file="r.csv")).json()

    assert first["version"] == 1
    assert (first["media_type"], first["row_count"]) == ("text/csv", 2)
    assert (first["size_bytes"], first["digest"]) == (len(CSV), sha256(CSV).hexdigest())
    assert first["columns"] == [
        {"name": "text", "type": "text", "missing_count": 0},
        {"name": "stars", "type": "integer", "missing_count": 0},
    ]
    preview = {"columns": ["text", "stars"], "rows": [["good", "5"], ["bad", "1"]]}
    assert first["preview"] == preview
    assert (second["version"], second["media_type"]) == (2, "application/jsonl")
    assert (await client.get(f"{PATH}/{first['id']}/preview")).json() == preview
    assert len(stored(settings)) == 2


async def test_datasets_are_listed_in_pages_got_downloaded_and_deleted(
    client: httpx2.AsyncClient, settings: Settings
) -> None:
    for _ in range(3):
        assert (await upload(client, name='R/"é')).status_code == 201

    page = (await client.get(PATH, params={"limit": 2})).json()
    rest = (await client.get(PATH, params={"cursor": page["next_cursor"]})).json()
    assert [item["version"] for item in page["items"] + rest["items"]] == [3, 2, 1]
    one = f"{PATH}/{rest['items'][0]['id']}"
    assert (await client.get(one)).json() == rest["items"][0]

    content = await client.get(f"{one}/content")
    assert content.content == CSV
    assert content.headers["content-disposition"] == (
        "attachment; filename=\"R----v1.csv\"; filename*=UTF-8''R%2F%22%C3%A9%20v1.csv"
    )
    assert content.headers["content-type"] == "application/octet-stream"
    assert content.headers["x-content-type-options"] == "nosniff"
    assert content.headers["content-length"] == str(len(CSV))

    assert (await client.delete(one)).status_code == 204
    assert (await client.delete(one)).status_code == 404
    assert (await client.get(f"{one}/content")).status_code == 404
    assert len(stored(settings)) == 2
    log = (await client.get("/v1/audit-log")).json()["items"]
    assert any("user_datasets" in f"{one['action']} {one['subject']}" for one in log)


async def test_what_is_of_another_organisation_is_not_there(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    one = f"{PATH}/{(await upload(client)).json()['id']}"

    for path in (one, f"{one}/preview", f"{one}/content"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.delete(one)).status_code == 404
    assert (await stranger.get(PATH)).json()["items"] == []
    assert (await upload(stranger)).json()["version"] == 1


async def test_a_viewer_reads_and_changes_nothing_and_nobody_else_comes_in(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, app: FastAPI, start: Callable
) -> None:
    one = f"{PATH}/{(await upload(client)).json()['id']}"
    await join(client, stranger, "viewer")

    assert (await stranger.get(f"{one}/content")).content == CSV
    assert (await upload(stranger)).status_code == 403
    assert (await stranger.delete(one)).status_code == 403
    assert (await upload(await start(app))).status_code == 401


async def test_the_row_of_the_object_stands_and_falls_with_the_dataset(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    one = (await upload(client)).json()
    find = "select metadata ->> 'size' from storage.objects where name like %s"

    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        rows = await (await connection.execute(find, [f"%/{one['id']}"])).fetchall()
        await client.delete(f"{PATH}/{one['id']}")
        gone = await (await connection.execute(find, [f"%/{one['id']}"])).fetchall()

    assert (rows, gone) == ([(str(len(CSV)),)], [])


@pytest.mark.parametrize(
    ("content", "rule", "says"),
    [
        (b"a,b\n1,2\n1\n", "ragged_row", "Line 3: "),
        (b"a,b\n1,\xff\n", "encoding", "Line 2: "),
        (b"a,b\n1,\0\n", "nul_byte", "Line 2: "),
        (b'{"a":1}\n3\n', "no_object", "Line 2: "),
        (gzip.compress(CSV, mtime=0), "compressed", "The file is gzip"),
        (b"", "empty", "The file is empty"),
    ],
)
async def test_what_is_no_dataset_is_refused_and_leaves_nothing(
    client: httpx2.AsyncClient, settings: Settings, content: bytes, rule: str, says: str
) -> None:
    refused = await upload(client, content)

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["in"], error["pointer"], error["rule"]) == ("body", "/file", rule)
    assert error["message"].startswith(says)
    assert stored(settings) == []
    assert (await client.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    ("fields", "files", "expected"),
    [
        ({"name": "a", "colour": "red"}, [("file", ("a.csv", CSV))], {"/colour"}),
        ({}, [("file", ("a.csv", CSV))], {"/name"}),
        ({"name": "a"}, [("other", ("a.csv", CSV))], {"/other", "/file"}),
        ({"name": "a"}, [("file", ("a.csv", CSV)), ("file", ("b.csv", CSV))], {"/file"}),
        ({"name": "a"}, [("file", ("../a.csv", CSV))], {"/file"}),
        ({"name": "a"}, [("file", ("a\\b.csv", CSV))], {"/file"}),
        ({"name": "a\0b"}, [("file", ("a.csv", CSV))], {"/name"}),
        ({"name": "a", "file": "text"}, [("other", ("a.csv", CSV))], {"/file", "/other"}),
        ({"name": "x" * 201}, [("file", ("a.csv", CSV))], {"/name"}),
    ],
)
async def test_a_form_is_strict_and_each_reason_has_its_place(
    client: httpx2.AsyncClient, settings: Settings, fields: dict, files: list, expected: set[str]
) -> None:
    refused = await client.post(PATH, data=fields, files=files)

    assert refused.status_code == 422, refused.text
    assert {error["pointer"] for error in refused.json()["errors"]} == expected
    assert stored(settings) == []


async def test_a_body_that_is_no_form_is_refused_by_its_own_problem(
    client: httpx2.AsyncClient,
) -> None:
    form = {"content-type": "multipart/form-data; boundary=xyz"}
    cut = b'--xyz\r\nContent-Disposition: form-data; name="name"\r\n\r\nab'

    json = await client.post(PATH, json={"name": "a"})
    nonsense = await client.post(PATH, content=b"nonsense", headers=form)
    short = await client.post(PATH, content=cut, headers=form)

    assert json.status_code == 415
    for refused in (nonsense, short):
        assert refused.json()["type"] == "urn:lockstitch:problem:malformed-form"


async def test_a_file_beyond_the_limit_is_refused_while_it_arrives(
    settings: Settings, start: Callable
) -> None:
    application = FastAPI()
    small = settings.model_copy(update={"max_dataset_bytes": 2_000_000})
    Lockstitch(application, settings=small)
    client = await start(application)
    account = {"email": "a@example.com", "password": "correct horse battery"}
    await client.post("/v1/accounts", json=account)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            sent += 100_000
            yield b"x" * 100_000

    form = {"content-type": "multipart/form-data; boundary=xyz"}
    refused = await client.post(PATH, content=endless(), headers=form)

    assert refused.json()["type"] == "urn:lockstitch:problem:body-too-large"
    assert stored(settings) == []
    fits = b"a\n" + b"1\n" * 999_999
    assert (await upload(client, fits)).json()["row_count"] == 999_999


async def test_uploads_of_one_name_at_once_get_a_version_each(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(upload(client) for _ in range(6)))

    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_a_row_that_is_refused_leaves_no_file(
    client: httpx2.AsyncClient, settings: Settings, owner_dsn: str
) -> None:
    """The database refuses after the file has its place: the policy was taken away meanwhile."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute("drop policy members_upload on public.user_datasets")

    refused = await upload(client)

    assert refused.status_code == 403
    assert stored(settings) == []


async def test_the_next_start_removes_what_a_dead_process_left_and_nothing_else(
    client: httpx2.AsyncClient, settings: Settings, start: Callable
) -> None:
    kept = (await upload(client)).json()
    (file,) = stored(settings)
    organisation = UUID(file.parent.name)
    storage = DatasetStorage(settings.data / "storage")
    orphan = storage.path(f"{organisation}/{uuid4()}")
    of_another_database = storage.path(f"{uuid4()}/{uuid4()}")
    of_another_database.parent.mkdir()
    for path in (orphan, of_another_database, file.parent / "notes.txt"):
        path.write_bytes(CSV)

    again = FastAPI()
    Lockstitch(again, settings=settings)
    await start(again)

    assert not orphan.exists()
    assert of_another_database.exists()
    assert (file.parent / "notes.txt").exists()
    assert (await client.get(f"{PATH}/{kept['id']}/content")).content == CSV


async def test_a_member_cannot_insert_a_dataset_in_anothers_name(
    client: httpx2.AsyncClient, database: Database
) -> None:
    session = (await client.get("/v1/sessions/current")).json()
    organisation = session["organisation"]["id"]
    insert = (
        "insert into public.user_datasets (organisation_id, person_id, name, media_type, "
        "size_bytes, digest, storage_path) values (%s, %s, 'x', 'text/csv', 1, %s, %s)"
    )

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(Actor.person(uuid4())) as connection:
            await connection.execute(
                insert, [organisation, session["person"]["id"], "0" * 64, f"{organisation}/x"]
            )
