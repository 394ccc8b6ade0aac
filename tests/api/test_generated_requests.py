"""Thousands of generated requests to the whole example application, by four kinds of callers.

schemathesis makes them from the contract: examples, boundaries, random values, and walks through
several operations. Every answer is held against the contract to the letter: a status that is not
documented, a member that is not declared, a failure of the server are each a finding.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from product_thread import product_serving, roomy_settings
from pydantic import BaseModel
from trained import trained_sentiment

from examples.sentiment.model import ReviewSentiment
from lockstitch import Lockstitch
from lockstitch.guard.isolation.callers import Caller
from lockstitch.guard.isolation.organisations import OrganisationMaker
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.exchange import Exchange, Sender
from lockstitch.guard.verify.findings import Ledger
from lockstitch.guard.verify.inspection import Inspector
from lockstitch.guard.verify.requests_made import Effort, make_requests

# About so many requests come of one example for each operation; the test counts what was made.
CASES_OF_ONE_EXAMPLE = 160
REQUEST_SECONDS = 30.0


class LiteralInspector(Inspector):
    """Takes no status for granted, not even those that frameworks answer by themselves."""

    def _goes_without_saying(self, exchange: Exchange, names: Mapping[str, str]) -> bool:
        del exchange, names
        return False


@dataclass
class Run:
    """What was asked and found as one caller; `succeeded` counts by operation."""

    cases: int
    succeeded: dict[str, int]
    findings: list[str]
    skipped: tuple[str, ...]


@dataclass
class Service:
    """The application while it runs."""

    url: str
    contract: dict[str, Any]
    examples: int
    maker: OrganisationMaker = field(init=False)

    def __post_init__(self) -> None:
        self.maker = OrganisationMaker(self.url)

    def asked_by(self, caller: Caller, seed: int) -> Run:
        credentials = Credentials(caller.headers, caller.renew)
        ledger = Ledger(seed=seed, secrets=credentials.names)
        effort = Effort(seed=seed, examples=self.examples, request_seconds=REQUEST_SECONDS)
        with Sender(REQUEST_SECONDS) as sender:
            inspector = LiteralInspector(
                without_undeclared(self.contract), self.url, sender, credentials, ledger
            )
            outcome = make_requests(self.contract, self.url, inspector, credentials, effort)
            inspector.finish()
        coverage = inspector.coverage
        findings = [finding.as_text() for finding in ledger.findings()]
        cases = coverage.answered.total()
        return Run(cases, dict(coverage.succeeded), findings, outcome.skipped)


def without_undeclared(contract: dict[str, Any]) -> dict[str, Any]:
    """Return a contract whose objects have the members that they declare, and no others."""

    def closed(node: Any) -> Any:
        if isinstance(node, list):
            return [closed(one) for one in node]
        if not isinstance(node, dict):
            return node
        found = {name: closed(inner) for name, inner in node.items()}
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            found.setdefault("additionalProperties", False)
        return found

    whole: dict[str, Any] = closed(contract)
    return whole


@pytest.fixture
def service(database_dsn: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    (tmp_path / "artefacts").symlink_to(trained_sentiment(request.config.cache))
    application = FastAPI()
    settings = roomy_settings(database_dsn, tmp_path)
    Lockstitch(application, models=[ReviewSentiment], settings=settings)
    with product_serving(application) as url:
        examples = -(-request.config.getoption("--cases") // CASES_OF_ONE_EXAMPLE)
        yield Service(url, application.openapi(), examples)


# The service runs in a thread of this process: what it draws at random looks to hypothesis as if a
# strategy had. As an error that would end the requests to an operation.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_thousands_of_requests_find_no_failure_and_no_breach_of_the_contract(
    service: Service, pytestconfig: pytest.Config
) -> None:
    # Organisations of their own: an owner revokes whatever key there is.
    callers = [
        service.maker.founder(),
        service.maker.person(service.maker.founder(), "viewer"),
        service.maker.key(service.maker.founder()),
        Caller("nobody"),
    ]

    runs = [service.asked_by(caller, seed) for seed, caller in enumerate(callers, 1)]

    assert [finding for run in runs for finding in run.findings] == []
    assert [sentence for run in runs for sentence in run.skipped] == []
    assert sum(run.cases for run in runs) >= pytestconfig.getoption("--cases")
    owner, viewer, key, nobody = (run.succeeded for run in runs)
    # Each was really who they are: what they may do was done, and what they may not was refused.
    # The other operations need a letter, a provider of sign-ins, or somebody else's consent.
    assert len([one for one in owner.values() if one]) >= 0.5 * len(owner)
    assert viewer["list_predictions"] > 0 == viewer["create_api_key"] + viewer["upload_dataset"]
    assert key["predict_sentiment"] > 0 == key["list_predictions"] + key["create_api_key"]
    assert nobody["create_account"] > 0 == nobody["list_predictions"] + nobody["predict_sentiment"]


class Thing(BaseModel):
    name: str


def careless_application() -> FastAPI:
    application = FastAPI()

    @application.get("/undeclared", response_model=Thing)
    def undeclared() -> JSONResponse:
        return JSONResponse({"name": "a", "owner_password": "b"})

    @application.get("/undocumented/{number}", responses={422: {"description": "No number."}})
    def undocumented(number: int) -> Thing:
        raise HTTPException(404 if number else 410)

    @application.get("/failing")
    def failing() -> Thing:
        raise ValueError

    return application


def test_what_it_looks_for_it_finds() -> None:
    application = careless_application()
    with product_serving(application) as url:
        run = Service(url, application.openapi(), examples=32).asked_by(Caller("nobody"), 1)

    found = "\n".join(run.findings)
    assert "response-schema: GET /undeclared" in found
    assert "The contract does not have 'owner_password'" in found
    assert "undocumented-status: GET /undocumented/{number} answers with status 404" in found
    assert "server-error: GET /failing" in found
