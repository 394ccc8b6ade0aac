"""Files to train on, of an organisation: `/v1/datasets`."""

import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, Literal
from urllib.parse import quote
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Query
from psycopg.errors import InsufficientPrivilege
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import StreamingResponse
from uuid_utils.compat import uuid7

from lockstitch.api import dataset_files
from lockstitch.api.form_body import MULTIPART, ReceivedFile
from lockstitch.api.idempotency import keep_answer
from lockstitch.api.json_body import ONE_LINE
from lockstitch.api.paging import PageQuery
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, idempotent, invalidates, pages
from lockstitch.database.session import Connection
from lockstitch.database.stored import stored_in
from lockstitch.datasets.column_types import ColumnType
from lockstitch.datasets.inspection import first_rows, inspect_file
from lockstitch.datasets.sniffing import MediaType
from lockstitch.errors import LockstitchError, NotFound, RoleTooLow
from lockstitch.identity.audience import person
from lockstitch.identity.principal import Principal

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["datasets"])

_ENDINGS: Final[dict[str, str]] = {"text/csv": "csv", "application/jsonl": "jsonl"}
_CHUNK_BYTES: Final = 262_144

_SELECT = """
select
    id, person_id, name, version, media_type, size_bytes, digest, columns, row_count, created_at,
    storage_path
from public.user_datasets
where organisation_id = %(organisation_id)s
"""
_PAGE = f"""
{_SELECT}
and (
    %(created_at)s::timestamptz is null
    or (created_at, id) < (%(created_at)s, %(id)s::uuid)
)
order by created_at desc, id desc
limit %(limit)s
"""
_ONE = f"{_SELECT} and id = %(id)s"


class DatasetColumn(BaseModel):
    """One column, as its values were found to be."""

    name: str
    type: ColumnType
    missing_count: int = Field(description="In how many rows it is empty, null or not there.")


@stored_in("public.user_datasets")
class Dataset(BaseModel):
    """A file to train on. The same name again is its next version."""

    id: UUID
    person_id: UUID | None = Field(description="Null: who uploaded it is gone.")
    name: str
    version: int
    media_type: Literal["text/csv", "application/jsonl"]
    size_bytes: int
    digest: str = Field(description="sha256 of the file, in hexadecimal.")
    columns: list[DatasetColumn]
    row_count: int | None
    created_at: Timestamp


class DatasetPage(BaseModel):
    """Some datasets, the newest first, and where the next page begins."""

    items: list[Dataset]
    next_cursor: str | None


class DatasetPreview(BaseModel):
    """The first rows of a dataset."""

    columns: list[str]
    rows: list[list[str | None]] = Field(
        description="Each value as text, cut at 200 characters; null where it is missing."
    )


class UploadedDataset(Dataset):
    """A new dataset, with its first rows."""

    preview: DatasetPreview


class DatasetUpload(BaseModel):
    """A file and what it is to be called."""

    name: str = Field(title="Name", min_length=1, max_length=200, pattern=ONE_LINE)
    file: ReceivedFile = Field(title="File", description="CSV with a header, or JSON lines.")


@router.post(
    "/datasets",
    operation_id="upload_dataset",
    summary="Upload a dataset",
    status_code=201,
    **declare(idempotent(), invalidates("list_datasets", "list_audit_log")),
)
async def upload_dataset(
    upload: Annotated[DatasetUpload, Form(media_type=MULTIPART)],
    request: Request,
    principal: Annotated[Principal, Depends(person(role="member"))],
) -> UploadedDataset:
    """Read the whole file, keep it, and answer its columns and first rows.

    What the file is, CSV or JSON lines, is read from its content.
    """
    file = upload.file
    found = await to_thread.run_sync(inspect_file, file.path)
    identity = uuid7()
    values: dict[str, Any] = {
        "id": identity,
        "organisation_id": principal.organisation_id,
        "person_id": principal.person_id,
        "name": upload.name,
        "media_type": found.media_type,
        "size_bytes": file.size_bytes,
        "digest": file.digest,
        "storage_path": f"{principal.organisation_id}/{identity}",
        "columns": [asdict(column) for column in found.columns],
        "row_count": found.row_count,
    }
    names = [column.name for column in found.columns]
    preview = await to_thread.run_sync(_preview, file.path, found.media_type, names)
    house = services(request)
    uploaded: list[UploadedDataset] = []

    async def finish(connection: Connection, row: dict[str, Any]) -> None:
        uploaded.append(UploadedDataset(**row, preview=preview))
        await keep_answer(request, connection, uploaded[0])

    try:
        await dataset_files.store(
            house.database, house.storage, principal.actor, file, values, finish
        )
    except InsufficientPrivilege:
        raise RoleTooLow("Your role no longer lets you upload datasets.") from None
    return uploaded[0]


@router.get(
    "/datasets", operation_id="list_datasets", summary="List the datasets", **declare(pages())
)
async def list_datasets(
    query: Annotated[PageQuery, Query()],
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> DatasetPage:
    """Return the organisation's datasets, the newest first."""
    values = {"organisation_id": principal.organisation_id} | query.position()
    async with services(request).database.transaction(principal.actor) as connection:
        rows = await (await connection.execute(_PAGE, values)).fetchall()
    items, next_cursor = query.cut(rows, lambda row: Dataset(**row))
    return DatasetPage(items=items, next_cursor=next_cursor)


@router.get("/datasets/{id}", operation_id="get_dataset", summary="Get a dataset")
async def get_dataset(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> Dataset:
    """Return one dataset of the organisation."""
    return Dataset(**await _row(request, principal, id))


@router.get("/datasets/{id}/preview", operation_id="preview_dataset", summary="Preview a dataset")
async def preview_dataset(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> DatasetPreview:
    """Return the first rows of a dataset."""
    row = await _row(request, principal, id)
    path = services(request).storage.path(row["storage_path"])
    names = [column["name"] for column in row["columns"]]
    try:
        return await to_thread.run_sync(_preview, path, row["media_type"], names)
    except FileNotFoundError:
        raise await _without_file(request, principal, id) from None


@router.get(
    "/datasets/{id}/content",
    operation_id="download_dataset",
    summary="Download a dataset",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file as it was uploaded.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def download_dataset(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> StreamingResponse:
    """Return the file, byte for byte, as an attachment that no browser shows or runs."""
    row = await _row(request, principal, id)
    path = services(request).storage.path(row["storage_path"])
    try:
        # Open before the answer begins: a file that is deleted meanwhile is still sent whole.
        file = await to_thread.run_sync(path.open, "rb")
    except FileNotFoundError:
        raise await _without_file(request, principal, id) from None
    headers = {
        "content-length": str(row["size_bytes"]),
        "content-disposition": _attachment(row),
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
    }
    return StreamingResponse(_content(file), 200, headers, "application/octet-stream")


@router.delete(
    "/datasets/{id}",
    operation_id="delete_dataset",
    summary="Delete a dataset",
    status_code=204,
    **declare(invalidates("list_datasets", "list_audit_log")),
)
async def delete_dataset(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person(role="member"))],
) -> None:
    """Delete one version of a dataset and its file, for good."""
    house = services(request)
    values = {"organisation_id": principal.organisation_id, "id": id}
    if not await dataset_files.remove(house.database, house.storage, principal.actor, values):
        raise _not_found()


def _preview(path: Path, media_type: MediaType, names: list[str]) -> DatasetPreview:
    return DatasetPreview(columns=names, rows=first_rows(path, media_type, names))


async def _row(request: Request, principal: Principal, identity: UUID) -> dict[str, Any]:
    values = {"organisation_id": principal.organisation_id, "id": identity}
    async with services(request).database.transaction(principal.actor) as connection:
        row = await (await connection.execute(_ONE, values)).fetchone()
    if row is None:
        raise _not_found()
    return row


async def _without_file(request: Request, principal: Principal, identity: UUID) -> LockstitchError:
    """Return why a file is missing: it was deleted a moment ago, or it was lost."""
    await _row(request, principal, identity)
    return LockstitchError(
        "The file of this dataset is not on the server. Each server needs the same data directory."
    )


def _not_found() -> NotFound:
    return NotFound("There is no such dataset in your organisation.")


def _attachment(row: dict[str, Any]) -> str:
    """Return a Content-Disposition with the name in plain ASCII and, for browsers, in full."""
    stem = f"{row['name']} v{row['version']}"
    ending = _ENDINGS[row["media_type"]]
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", stem)
    full = quote(f"{stem}.{ending}", safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{full}"


async def _content(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await to_thread.run_sync(file.read, _CHUNK_BYTES):
            yield chunk
    finally:
        file.close()
