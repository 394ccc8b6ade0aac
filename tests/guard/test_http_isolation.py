"""Tenants attacked over HTTP: the product itself, and services with planted crossings."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import psycopg
import pytest
from crossing_application import FAULTS, House, bearer, notes_service
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from product_thread import product_serving, roomy_settings
from pydantic import BaseModel
from service_thread import serving
from starlette.requests import Request
from trained import trained_sentiment

from examples.sentiment.model import ReviewSentiment
from lockstitch import Lockstitch
from lockstitch.api.services import services
from lockstitch.cli.isolation import isolation
from lockstitch.database.session import Actor
from lockstitch.errors import NotFound
from lockstitch.guard.isolation.callers import Parties
from lockstitch.guard.isolation.organisations import OrganisationMaker
from lockstitch.guard.isolation.rules import RULES
from lockstitch.guard.isolation.run import Isolation, prove_isolation
from lockstitch.guard.isolation.witnesses import rows_of
from lockstitch.identity.audience import person, public
from lockstitch.identity.principal import Principal


@pytest.fixture
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "artefacts").symlink_to(trained_sentiment(request.config.cache))
    return tmp_path


def attacked(application: FastAPI, owner_dsn: str, *paths: str) -> Isolation:
    with product_serving(application) as url, rows_of(owner_dsn) as rows:
        maker = OrganisationMaker(url)
        parties = maker.parties()
        late = maker.person(parties.rightful[0], "admin")
        late.name, late.renew, late.outside = "a session that is over", None, True
        (known,) = rows.connection.execute(
            "select id::text from auth.users where email = %s", [late.email]
        ).fetchone()
        late.ids = frozenset({known})
        rows.connection.execute(
            "update private.sessions set created_at = now() - interval '2 days', "
            "expires_at = now() - interval '1 day' "
            "where person_id = %s",
            [known],
        )
        parties = replace(parties, strangers=(*parties.strangers, late))
        link_elsewhere(rows.connection, parties)
        return prove_isolation(attacked_contract(application, paths), url, parties, rows=rows)


# Left out of the attack, each for a reason; all others must be proved.
NOT_ATTACKED = {
    "list_outbox": "On loopback without a mail server, it shows every letter to everybody.",
    "start_linking": "It sends people to a provider of sign-ins, and needs one that runs.",
    "create_organisation": "Its caller makes the id up, at random; one that is taken is refused.",
}


def attacked_contract(application: FastAPI, beginnings: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the contract without what cannot be attacked; with `beginnings`, these paths only."""
    contract: dict[str, Any] = application.openapi()
    paths = {
        path: {
            method: operation
            for method, operation in methods.items()
            if operation["operationId"] not in NOT_ATTACKED
        }
        for path, methods in contract["paths"].items()
        if path.startswith(beginnings or "/")
    }
    return {**contract, "paths": paths}


def link_elsewhere(connection: "psycopg.Connection[Any]", parties: Parties) -> None:
    """Let owners have what only a provider of sign-ins can give them, where there are such."""
    (known,) = connection.execute("select to_regclass('private.linked_identities')").fetchone()
    for caller in (parties.rightful[0], parties.strangers[0]) if known else ():
        connection.execute(
            "insert into private.linked_identities (person_id, provider, issuer, subject) "
            "select id, 'elsewhere', 'https://elsewhere.example', email from auth.users "
            "where email = %s",
            [caller.email],
        )


def test_no_stranger_crosses_into_an_organisation_by_any_operation(
    database_dsn: str, owner_dsn: str, data: Path
) -> None:
    application = FastAPI()
    Lockstitch(application, models=[ReviewSentiment], settings=roomy_settings(database_dsn, data))

    result = attacked(application, owner_dsn)

    assert [finding.as_text() for finding in result.report.findings] == []
    assert len(result.proved) > 20
    # What is for everybody has no owner to prove it; all else was filled with the victim's ids.
    assert [one for one in result.unfilled if " " in one] == []


def notes_attacked(*faults: str) -> Isolation:
    house = House(frozenset(faults))
    application = notes_service(house)
    with serving(application) as url:
        return prove_isolation(application.openapi(), url, house.parties())


def found_in(result: Isolation) -> set[tuple[str, str]]:
    return {(one.rule, one.place.name) for one in result.report.findings}


def test_nothing_is_found_in_a_careful_service() -> None:
    result = notes_attacked()

    assert [finding.as_text() for finding in result.report.findings] == []


def groups() -> list[list[str]]:
    """Return the faults in groups of which no two are in the same operation."""
    # Other faults delete notes, and with them the numbers that this one shows.
    alone = "counted-ids"
    made: list[list[str]] = []
    for fault, findings in FAULTS.items():
        if fault == alone:
            continue
        operations = {operation for _, operation in findings}
        for group in made:
            if not operations & {place for one in group for _, place in FAULTS[one]}:
                group.append(fault)
                break
        else:
            made.append([fault])
    return [*made, [alone]]


@pytest.mark.parametrize("group", groups(), ids=len)
def test_every_planted_crossing_is_found_and_no_other(group: list[str]) -> None:
    found = found_in(notes_attacked(*group))

    assert {fault for fault in group if not found & FAULTS[fault]} == set()
    planted = {place for fault in group for _, place in FAULTS[fault]}
    assert {place for _, place in found} <= planted


SERVICE_ROLE = Actor.of_role("service_role")
Signed = Annotated[Principal, Depends(person())]


class Move(BaseModel):
    organisation_id: UUID
    note: str


def careless_routes() -> APIRouter:
    """Routes that nobody has written a test for, and that trust the role which no policy binds."""
    router = APIRouter(prefix="/v1")
    everything = "select id, input from public.inference_results"

    @router.get("/exports", dependencies=[Depends(public())])
    async def exports(request: Request) -> list[dict[str, Any]]:
        async with services(request).database.transaction(SERVICE_ROLE) as connection:
            return await (await connection.execute(everything)).fetchall()

    @router.get("/predictions/{prediction_id}/input")
    async def prediction_input(
        prediction_id: UUID, request: Request, caller: Signed
    ) -> dict[str, Any]:
        statement = f"{everything} where id = %s"
        async with services(request).database.transaction(SERVICE_ROLE) as connection:
            row = await (await connection.execute(statement, [prediction_id])).fetchone()
        if row is None:
            raise NotFound("There is no such prediction.")
        return dict(row)

    @router.post("/notes", status_code=204)
    async def note(move: Move, request: Request, caller: Signed) -> None:
        statement = (
            "insert into public.streams (organisation_id, name, class) values (%s, %s, 'log')"
        )
        async with services(request).database.transaction(SERVICE_ROLE) as connection:
            await connection.execute(statement, [move.organisation_id, move.note])

    return router


def test_a_new_route_is_attacked_without_a_new_test(
    database_dsn: str, owner_dsn: str, data: Path
) -> None:
    application = FastAPI()
    Lockstitch(application, models=[ReviewSentiment], settings=roomy_settings(database_dsn, data))
    application.include_router(careless_routes())

    paths = ("/v1/predictions", "/v1/models/sentiment", "/v1/sessions", "/v1/exports", "/v1/notes")
    found = found_in(attacked(application, owner_dsn, *paths))

    assert found >= {
        ("isolation-read", "GET /v1/exports"),
        ("isolation-influence", "GET /v1/exports"),
        ("isolation-read", "GET /v1/predictions/{prediction_id}/input"),
        ("isolation-reached", "GET /v1/predictions/{prediction_id}/input"),
        ("isolation-write", "POST /v1/notes"),
    }
    assert {operation for _, operation in found} == {
        "GET /v1/exports",
        "GET /v1/predictions/{prediction_id}/input",
        "POST /v1/notes",
    }


def test_an_operation_that_nobody_may_use_is_named() -> None:
    house = House(frozenset())
    application = notes_service(house)

    @application.get("/locked/{note_id}", dependencies=[Depends(bearer)])
    def locked(note_id: UUID) -> None:
        raise HTTPException(404)

    with serving(application) as url:
        result = prove_isolation(application.openapi(), url, house.parties())

    assert found_in(result) == {("isolation-unproved", "GET /locked/{note_id}")}


def test_every_rule_and_flag_of_isolation_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "isolation.md").read_text()
    flags = {f"--{name.replace('_', '-')}" for name in isolation.__annotations__}
    flags -= {"--service", "--return"}

    assert {rule.id for rule in RULES if f"`{rule.id}`" not in page} == set()
    assert {flag for flag in flags if flag not in page} == set()
