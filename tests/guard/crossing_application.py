"""A small service of notes for several organisations, with crossings that can be switched on.

`FAULTS` names each with the findings, as (rule, operation), of which at least one must be made.
"""

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Form, Header, HTTPException, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from lockstitch.guard.isolation.callers import Caller, Parties

FAULTS = {
    "id-in-path": {("isolation-read", "GET /notes/{note_id}")},
    "delete-by-path": {("isolation-write", "DELETE /notes/{note_id}")},
    "id-in-query": {("isolation-read", "GET /export")},
    "id-in-body": {("isolation-read", "POST /shares")},
    "id-in-nested-body": {("isolation-write", "POST /comments")},
    "batch-with-one-foreign-id": {("isolation-reached", "POST /notes:archive")},
    "filter-by-organisation": {("isolation-read", "GET /notes")},
    "person-from-body": {("isolation-write", "PUT /nickname")},
    "person-from-form": {("isolation-write", "POST /feedback")},
    "foreign-version-live": {("isolation-reached", "PUT /models/live")},
    "statistics-of-all": {("isolation-influence", "GET /statistics")},
    "head-oracle": {("isolation-oracle", "GET /notes/{note_id}")},
    "etag-oracle": {("isolation-oracle", "GET /notes/{note_id}")},
    "forbidden-oracle": {("isolation-oracle", "GET /notes/{note_id}")},
    "taken-name-oracle": {("isolation-oracle", "POST /shares")},
    "cache-without-tenant": {("isolation-read", "GET /summary")},
    "service-role-without-sign-in": {("isolation-read", "GET /admin/notes")},
    "organisation-from-header": {("isolation-read", "GET /report")},
    "link-to-foreign-folder": {("isolation-reached", "POST /notes")},
    "counted-ids": {("isolation-read", "GET /invoices/{number}")},
    "cursor-holds-organisation": {("isolation-read", "GET /pages")},
    "slug-in-path": {("isolation-read", "GET /folders/{slug}")},
    "put-by-path": {("isolation-write", "PUT /notes/{note_id}")},
    "row-of-another-in-the-list": {("isolation-read", "GET /folders")},
}


@dataclass
class Person:
    name: str
    organisation_id: UUID
    id: UUID = field(default_factory=uuid4)
    nickname: str = ""


class Folder(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    organisation_id: UUID
    name: str
    slug: str


class Note(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    number: int
    organisation_id: UUID
    text: str
    folder_id: UUID | None = None
    archived: bool = False
    comments: list[str] = []


class NewFolder(BaseModel):
    name: str = Field(max_length=80)


class NewNote(BaseModel):
    text: str = Field(min_length=1, max_length=80)
    folder_id: UUID | None = None


class Target(BaseModel):
    note_id: UUID


class NewComment(BaseModel):
    text: str
    target: Target


class Ids(BaseModel):
    note_ids: list[UUID] = Field(min_length=1)


class Nickname(BaseModel):
    nickname: str
    user_id: UUID | None = None


class Version(BaseModel):
    version_id: UUID


class Me(BaseModel):
    id: UUID
    organisation_id: UUID
    nickname: str


class Counts(BaseModel):
    notes: int
    organisations: int


class Page(BaseModel):
    items: list[Note]
    next_cursor: str | None


bearer = HTTPBearer()


@dataclass
class House:
    """What the service keeps; `tokens` sign in."""

    faults: frozenset[str]
    tokens: dict[str, Person] = field(default_factory=dict)
    folders: dict[UUID, Folder] = field(default_factory=dict)
    notes: dict[UUID, Note] = field(default_factory=dict)
    feedback: list[tuple[UUID, str]] = field(default_factory=list)
    versions: dict[UUID, UUID] = field(default_factory=dict)
    live: dict[UUID, UUID] = field(default_factory=dict)
    cache: dict[str, Any] = field(default_factory=dict)
    # Never the same again, as a sequence of Postgres: what was deleted leaves a gap.
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def caller(self, credentials: HTTPAuthorizationCredentials) -> Person:
        person = self.tokens.get(credentials.credentials)
        if person is None:
            raise HTTPException(401)
        return person

    def note(self, person: Person, identity: UUID, fault: str) -> Note:
        note = self.notes.get(identity)
        if note is None:
            raise HTTPException(404)
        if note.organisation_id != person.organisation_id and fault not in self.faults:
            tells = fault == "id-in-path" and "forbidden-oracle" in self.faults
            raise HTTPException(403 if tells else 404)
        return note

    def mine(self, person: Person) -> list[Note]:
        return [one for one in self.notes.values() if one.organisation_id == person.organisation_id]

    def join(self, name: str, organisation: UUID) -> Caller:
        token = uuid4().hex
        self.tokens[token] = Person(name, organisation)
        return Caller(name, {"authorization": f"Bearer {token}"})

    def parties(self) -> Parties:
        victims, others = uuid4(), uuid4()
        self.versions |= {uuid4(): victims, uuid4(): others}
        rightful = self.join("owner", victims)
        strangers = (self.join("other owner", others), self.join("other viewer", others))
        return Parties((rightful,), strangers)


def notes_service(house: House) -> FastAPI:  # noqa: C901, PLR0915 - many small routes
    app = FastAPI()
    wrong = house.faults

    def signed_in(
        credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
    ) -> Person:
        return house.caller(credentials)

    Signed = Annotated[Person, Depends(signed_in)]  # noqa: N806

    @app.get("/me")
    def me(person: Signed) -> Me:
        return Me(id=person.id, organisation_id=person.organisation_id, nickname=person.nickname)

    @app.post("/folders", status_code=201)
    def add_folder(new: NewFolder, person: Signed) -> Folder:
        slug = f"{new.name}-{len(house.folders)}"
        folder = Folder(organisation_id=person.organisation_id, name=new.name, slug=slug)
        house.folders[folder.id] = folder
        return folder

    @app.get("/folders")
    def folders(person: Signed) -> list[Folder]:
        everything = "row-of-another-in-the-list" in wrong
        return [
            one
            for one in house.folders.values()
            if everything or one.organisation_id == person.organisation_id
        ]

    @app.get("/folders/{slug}")
    def folder(slug: str, person: Signed) -> Folder:
        for one in house.folders.values():
            mine = one.organisation_id == person.organisation_id or "slug-in-path" in wrong
            if one.slug == slug and mine:
                return one
        raise HTTPException(404)

    @app.post("/notes", status_code=201)
    def add_note(new: NewNote, person: Signed) -> Note:
        linked = house.folders.get(new.folder_id) if new.folder_id else None
        if new.folder_id and linked is None:
            raise HTTPException(404)
        foreign = linked is not None and linked.organisation_id != person.organisation_id
        if foreign and "link-to-foreign-folder" not in wrong:
            raise HTTPException(404)
        note = Note(
            number=next(house.numbers),
            organisation_id=person.organisation_id,
            text=new.text,
            folder_id=new.folder_id,
        )
        house.notes[note.id] = note
        return note

    @app.get("/notes")
    def notes(person: Signed, organisation_id: UUID | None = None) -> list[Note]:
        wanted = organisation_id or person.organisation_id
        if "filter-by-organisation" not in wrong and wanted != person.organisation_id:
            return []
        return [one for one in house.notes.values() if one.organisation_id == wanted]

    @app.get("/pages")
    def pages(
        person: Signed, limit: Annotated[int, Query(ge=1)] = 20, cursor: str | None = None
    ) -> Page:
        start, owner = 0, str(person.organisation_id)
        if cursor:
            try:
                start, owner = json.loads(b64decode(cursor))
            except ValueError:
                raise HTTPException(422) from None
        if "cursor-holds-organisation" not in wrong:
            owner = str(person.organisation_id)
        found = [one for one in house.notes.values() if str(one.organisation_id) == owner]
        end = start + limit
        following = b64encode(json.dumps([end, owner]).encode()).decode()
        return Page(items=found[start:end], next_cursor=following if end < len(found) else None)

    @app.api_route("/notes/{note_id}", methods=["HEAD"], include_in_schema=False)
    def head_note(note_id: UUID, person: Signed) -> Response:
        house.note(person, note_id, "head-oracle")
        return Response()

    @app.get("/notes/{note_id}")
    def note(note_id: UUID, person: Signed, request: Request, response: Response) -> Note:
        known = house.notes.get(note_id)
        tag = "" if known is None else f'"{sha256(known.text.encode()).hexdigest()}"'
        asked = request.headers.get("if-none-match")
        if "etag-oracle" in wrong and asked and asked == tag:
            raise HTTPException(304)
        found = house.note(person, note_id, "id-in-path")
        response.headers["etag"] = tag
        return found

    @app.put("/notes/{note_id}")
    def change_note(note_id: UUID, new: NewNote, person: Signed) -> Note:
        found = house.note(person, note_id, "put-by-path")
        found.text = new.text
        return found

    @app.delete("/notes/{note_id}", status_code=204)
    def delete_note(note_id: UUID, person: Signed) -> None:
        del house.notes[house.note(person, note_id, "delete-by-path").id]

    @app.get("/export")
    def export(note_id: UUID, person: Signed) -> str:
        return house.note(person, note_id, "id-in-query").text

    @app.post("/shares", status_code=201)
    def share(target: Target, person: Signed) -> Note:
        known = house.notes.get(target.note_id)
        if "taken-name-oracle" in wrong and known is not None:
            house.note(person, target.note_id, "")
        elif "taken-name-oracle" in wrong:
            raise HTTPException(404, "There is no such note anywhere")
        return house.note(person, target.note_id, "id-in-body")

    @app.post("/comments", status_code=201)
    def comment(new: NewComment, person: Signed) -> None:
        found = house.note(person, new.target.note_id, "id-in-nested-body")
        found.comments.append(new.text)

    @app.post("/notes:archive", status_code=204)
    def archive(ids: Ids, person: Signed) -> None:
        first, *rest = ids.note_ids
        found = [house.note(person, first, "")]
        found += [house.note(person, one, "batch-with-one-foreign-id") for one in rest]
        for one in found:
            one.archived = True

    @app.put("/nickname")
    def nickname(new: Nickname, person: Signed) -> str:
        meant = person
        if "person-from-body" in wrong and new.user_id:
            meant = next((one for one in house.tokens.values() if one.id == new.user_id), person)
        meant.nickname = new.nickname
        return "done"

    @app.post("/feedback")
    def feedback(
        text: Annotated[str, Form()], person: Signed, user_id: Annotated[UUID | None, Form()] = None
    ) -> str:
        trusted = user_id if "person-from-form" in wrong and user_id else person.id
        house.feedback.append((trusted, text))
        return "thanks"

    @app.get("/feedback")
    def my_feedback(person: Signed) -> list[str]:
        return [text for one, text in house.feedback if one == person.id]

    @app.get("/versions")
    def versions(person: Signed) -> list[Version]:
        mine = (one for one, owner in house.versions.items() if owner == person.organisation_id)
        return [Version(version_id=one) for one in mine]

    @app.put("/models/live")
    def go_live(version: Version, person: Signed) -> str:
        owner = house.versions.get(version.version_id)
        if owner is None:
            raise HTTPException(404)
        if owner != person.organisation_id and "foreign-version-live" not in wrong:
            raise HTTPException(404)
        house.live[person.organisation_id] = version.version_id
        return "live"

    @app.get("/statistics")
    def statistics(person: Signed) -> Counts:
        counted = Counter(one.organisation_id for one in house.notes.values())
        if "statistics-of-all" in wrong:
            return Counts(notes=counted.total(), organisations=2)
        return Counts(notes=counted[person.organisation_id], organisations=1)

    @app.get("/summary")
    def summary(person: Signed) -> list[str]:
        fresh = [one.text for one in house.mine(person)]
        if "cache-without-tenant" not in wrong or not fresh:
            return fresh
        key = f"summary of {len(fresh) > 1}"
        return house.cache.setdefault(key, fresh)

    @app.get("/admin/notes")
    def admin_notes(request: Request) -> list[Note]:
        if "service-role-without-sign-in" in wrong:
            return list(house.notes.values())
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in house.tokens:
            raise HTTPException(401)
        return house.mine(house.tokens[token])

    @app.get("/report")
    def report(
        person: Signed, x_organisation_id: Annotated[UUID | None, Header()] = None
    ) -> list[str]:
        wanted = x_organisation_id or person.organisation_id
        if "organisation-from-header" not in wrong:
            wanted = person.organisation_id
        return [one.text for one in house.notes.values() if one.organisation_id == wanted]

    @app.get("/invoices/{number}")
    def invoice(number: int, person: Signed) -> Note:
        for one in house.notes.values():
            mine = one.organisation_id == person.organisation_id or "counted-ids" in wrong
            if one.number == number and mine:
                return one
        raise HTTPException(404)

    return app
