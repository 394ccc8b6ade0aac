"""The OWASP API Security Top 10 (2023), generated from the contract: every operation, every item.

docs/owasp.md says which mechanism and which test stands behind each item. The first item, access to
the objects of others, is tests/guard/test_http_isolation.py.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from product_thread import product_serving, roomy_settings
from trained import trained_sentiment

from examples.sentiment.model import ReviewSentiment
from lockstitch import Lockstitch
from lockstitch.contract.algebra import Object, Reference, Text, children
from lockstitch.contract.document import Document, Operation
from lockstitch.contract.extensions import read_extensions
from lockstitch.contract.reading import read_document
from lockstitch.guard.conformance import Answer
from lockstitch.guard.isolation.callers import ANONYMOUS, Caller
from lockstitch.guard.isolation.drafting import Drafter, Style
from lockstitch.guard.isolation.organisations import OrganisationMaker
from lockstitch.guard.isolation.survey import Survey
from lockstitch.guard.isolation.witnesses import Rows
from lockstitch.guard.verify.exchange import SUCCESSES, Request, Sender, answered_json
from lockstitch.identity.keys import new_key
from lockstitch.settings import Settings

SOURCES = Path(__file__).parents[2] / "src" / "lockstitch"
ROLES = ("viewer", "member", "admin", "owner")

# Routes beside the contract, which FastAPI mounts to show it.
OF_THE_FRAMEWORK = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
# Served modules that speak to another service, and why that one is believed.
SPEAKS_TO_OTHERS = {
    "api/throw_away.py": "`verify` signs in to the application that it has started itself.",
    "identity/key_sets.py": "Public keys, from the issuers of the settings, size and time bounded.",
    "identity/supabase_auth.py": "Supabase Auth, at the address of the settings.",
    "identity/providers/oauth.py": "Providers of sign-ins, at the addresses of the settings.",
    "identity/providers/openid.py": "The same; what they sign is verified.",
}
SERVED_ROOMS = ("api", "identity", "serving", "streams", "jobs", "datasets", "database", "console")
CLIENTS = {"httpx", "httpx2", "requests", "urllib3", "aiohttp", "urllib.request"}


# What counts attempts, letters whose sending goes on by itself, sessions renewed by their use.
COUNTERS = {"private.rate_limits", "private.mails", "private.sessions"}


@dataclass
class House:
    """The running application, an organisation with everybody in it, and everything in it once."""

    url: str
    contract: dict[str, Any]
    rows: Rows
    sender: Sender
    callers: dict[str, Caller] = field(default_factory=dict)

    def __post_init__(self) -> None:
        maker = OrganisationMaker(self.url)
        owner = maker.founder()
        self.callers = {role: maker.person(owner, role) for role in ROLES[:-1]}
        self.callers |= {"owner": owner, "key": maker.key(owner), "unscoped": maker.key(owner)}
        self.rows.connection.execute(
            "alter table public.api_keys drop constraint if exists api_keys_scopes_check"
        )
        # No key without a scope can be made: one whose scope a later version took away.
        self.rows.connection.execute(
            "update public.api_keys set scopes = '{}' where key_hash = sha256(%s::bytea)",
            [self.callers["unscoped"].headers["authorization"].removeprefix("Bearer ").encode()],
        )
        self.survey = Survey(self.document, Drafter(self.document, self.url), self.sender)
        self.survey.explore(owner, "first")
        self.survey.make(owner, "marked", f"{uuid4().hex}@example.com")
        self.survey.explore(owner, "second")
        # Once a minute a key's row tells that it was used; that is behind us then.
        for operation in secured(self):
            for name in ("key", "unscoped"):
                self.ask(self.callers[name], self.request(operation))

    @property
    def document(self) -> Document:
        return read_document(self.contract)

    def operations(self) -> tuple[Operation, ...]:
        return self.document.operations

    def request(self, operation: Operation, others: dict[str, Any] | None = None) -> Request:
        """Return a request that the owner may send, with members that the contract lacks."""
        known = self.survey.known(self.callers["owner"])
        filling = self.survey.filling(operation, known)
        assert filling is not None, f"{operation.id}: nothing is known that its ids may name"
        address = f"{uuid4().hex}@example.com"
        style = Style("marked", address=address, full=True, others=others or {})
        return self.survey.drafter.draft(operation, filling, style)

    def state(self) -> list[Any]:
        """Return every row, without what only tells how often somebody came."""
        return [row for row in self.rows.look() if row[0] not in COUNTERS]

    def ask(self, caller: Caller, request: Request) -> Answer:
        answer = self.sender.send(caller.sign(request))
        assert answer is not None, f"no answer to {request.method} {request.url}"
        return answer


@pytest.fixture
def house(
    database_dsn: str, owner_dsn: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[House]:
    (tmp_path / "artefacts").symlink_to(trained_sentiment(request.config.cache))
    application = FastAPI()
    Lockstitch(
        application, models=[ReviewSentiment], settings=roomy_settings(database_dsn, tmp_path)
    )
    with (
        product_serving(application) as url,
        psycopg.connect(owner_dsn, autocommit=True) as connection,
        Sender(10.0) as sender,
    ):
        yield House(url, application.openapi(), Rows(connection), sender)


def problem_of(answer: Answer) -> str:
    """Return which problem an answer is; every refusal is one."""
    value = answered_json(answer)
    assert isinstance(value, dict), answer
    return str(value["type"]).rpartition(":")[2]


def secured(house: House) -> list[Operation]:
    return [one for one in house.operations() if one.security]


# API2:2023 Broken authentication


def credentials_that_are_none(owner: Caller, rows: Rows, expired: Caller) -> dict[str, Caller]:
    cookie = owner.headers["cookie"]
    name = cookie.partition("=")[0]
    # A session that was good, and is over.
    rows.connection.execute(
        "update private.sessions set created_at = now() - interval '2 days', "
        "expires_at = now() - interval '1 day' where person_id = "
        "(select id from auth.users where email = %s)",
        [expired.email],
    )
    return {
        "none": ANONYMOUS,
        "an empty cookie": Caller("", {"cookie": f"{name}="}),
        "a made-up cookie": Caller("", {"cookie": f"{name}={uuid4().hex}"}),
        "an altered cookie": Caller("", {"cookie": f"{cookie[:-4]}AAAA"}),
        "a session that is over": expired,
        "a made-up bearer": Caller("", {"authorization": f"Bearer {uuid4().hex}"}),
        "a well-formed key of nobody": Caller("", {"authorization": f"Bearer {new_key()}"}),
        "another scheme": Caller("", {"authorization": "Basic b3duZXI6b3duZXI="}),
        "the cookie as a bearer": Caller(
            "", {"authorization": f"Bearer {cookie[len(name) + 1 :]}"}
        ),
    }


def test_without_a_good_credential_every_secured_operation_answers_401(house: House) -> None:
    expired = OrganisationMaker(house.url).founder()
    forged = credentials_that_are_none(house.callers["owner"], house.rows, expired)
    before = house.state()

    answers = {
        (operation.id, what): house.ask(caller, house.request(operation)).status
        for operation in secured(house)
        for what, caller in forged.items()
    }

    assert {asked: status for asked, status in answers.items() if status != 401} == {}
    assert house.state() == before, "who is nobody has changed something"
    assert len(answers) >= 9 * 20


# API3:2023 Broken object property level authorization


def columns(house: House) -> set[str]:
    """Return the name of every column that a table has, as a caller might try to set it."""
    found = house.rows.connection.execute(
        "select distinct column_name from information_schema.columns "
        "where table_schema in ('public', 'private', 'auth', 'storage')"
    )
    return {row[0] for row in found} | {"is_admin", "is_operator", "scopes", "__proto__", "$set"}


def test_no_body_sets_a_column_that_the_contract_does_not_name(house: House) -> None:
    wrong = {}
    asked = 0
    owner = house.callers["owner"]
    bodies = [one for one in house.operations() if one.body is not None]
    for operation in bodies:
        before = house.state()
        for name in sorted(columns(house) - declared_in_body(house.document, operation)):
            answer = house.ask(owner, house.request(operation, {name: str(uuid4())}))
            asked += 1
            if (answer.status, problem_of(answer)) != (422, "invalid-request"):
                wrong[operation.id, name] = answer.status
        if house.state() != before:
            wrong[operation.id, "rows"] = 0

    assert wrong == {}
    assert asked >= 50 * len(bodies) > 0


def declared_in_body(document: Document, operation: Operation) -> set[str]:
    assert operation.body is not None
    schema = operation.body.contents[0].schema
    assert schema is not None
    shape = document.resolve(schema)
    assert isinstance(shape, Object), operation.id
    return {member.name for member in shape.properties}


def test_no_query_takes_a_name_that_the_contract_does_not_have(house: House) -> None:
    answers = {}
    for operation in house.operations():
        asks = operation.method == "get" and operation.parameters_in("query")
        # A page that a provider of sign-ins redirects to is sent whatever that provider adds.
        if not asks or "303" in {one.status for one in operation.responses}:
            continue
        for name in ("organisation_id", "person_id", "all", "debug", "fields"):
            request = house.request(operation).with_query(name, str(uuid4()))
            answers[operation.id, name] = house.ask(house.callers["owner"], request).status

    assert set(answers.values()) == {422}


# API4:2023 Unrestricted resource consumption

MAX_BODY_BYTES = Settings().max_body_bytes


def test_no_body_is_read_beyond_its_limit(house: House) -> None:
    # A multipart body may be far longer; tests/api/test_datasets.py goes beyond that.
    asked = [
        (operation, replace(house.request(operation), body=b"[" * (MAX_BODY_BYTES + 1)))
        for operation in house.operations()
        if operation.body is not None and operation.body.contents[0].kind == "json"
    ]

    for operation, request in asked:
        answer = house.ask(house.callers["owner"], request)
        assert (answer.status, problem_of(answer)) == (413, "body-too-large"), operation.id
    assert len(asked) >= 6


def test_no_list_gives_more_than_a_hundred_items(house: House) -> None:
    pages = [
        one for one in house.operations() if read_extensions(one, house.document).pages is not None
    ]

    for operation in pages:
        request = house.request(operation).without_query("cursor", "limit")
        for limit in ("0", "-1", "101", "1e9", "2147483648", "null"):
            answer = house.ask(house.callers["owner"], request.with_query("limit", limit))
            assert answer.status == 422, (operation.id, limit)
        one = house.ask(house.callers["owner"], request.with_query("limit", "1"))
        assert len(answered_json(one)["items"]) <= 1
    assert len(pages) >= 4


# API5:2023 Broken function level authorization


def may_call(document: Document, operation: Operation, name: str) -> bool:
    """Whether the declared audience of an operation lets a caller in."""
    audience = read_extensions(operation, document).audience
    assert audience is not None
    if audience.kind == "public":
        return True
    if name in ROLES:
        return ROLES.index(name) >= ROLES.index(audience.role or "viewer")
    return name == "key" and audience.scope is not None


def test_every_operation_lets_in_whom_its_audience_names_and_nobody_else(house: House) -> None:
    wrong = {}
    asked = 0
    for operation in secured(house):
        for name, caller in house.callers.items():
            request = house.request(operation)
            if may_call(house.document, operation, name):
                # The owner comes through the same request in the test of isolation.
                continue
            status, changed = effect_of(house, caller, request)
            asked += 1
            # Where only people may call, a key is no credential at all.
            machines = read_extensions(operation, house.document).audience
            expected = 403 if name in ROLES or (machines and machines.scope) else 401
            if status != expected or changed:
                wrong[operation.id, name] = status

    assert wrong == {}
    assert asked >= 40


def effect_of(house: House, caller: Caller, request: Request) -> tuple[int, bool]:
    """Return the status of a request, and whether it changes a row every time that it is sent.

    Work that goes on by itself may change one meanwhile, and not three times over.
    """
    status = 0
    for _ in range(3):
        before = house.state()
        status = house.ask(caller, request).status
        if house.state() == before:
            return status, False
    return status, True


@pytest.mark.parametrize("name", [*ROLES, "key"])
def test_who_may_call_is_not_refused_for_who_they_are(house: House, name: str) -> None:
    caller = house.callers[name]
    refused = {}
    for operation in secured(house):
        if not may_call(house.document, operation, name) or operation.method != "get":
            continue
        answer = house.ask(caller, house.request(operation))
        if answer.status not in SUCCESSES:
            refused[operation.id] = answer.status

    assert refused == {}


# API6:2023 Unrestricted access to sensitive business flows


def test_every_public_write_is_limited_or_changes_nothing_by_itself(house: House) -> None:
    public = [
        one for one in house.operations() if not one.security and one.method not in {"get", "head"}
    ]
    unlimited = {one.id for one in public if "429" not in {r.status for r in one.responses}}

    # To sign out ends nothing but the session that the request carries.
    assert unlimited <= {"delete_current_session"}
    assert {"create_account", "create_session"} <= {one.id for one in public}


# API7:2023 Server side request forgery


def test_no_operation_takes_an_address_to_fetch(house: House) -> None:
    taken = {
        (operation.id, name)
        for operation in house.operations()
        for name, schema in fields_of(house.document, operation)
        if (isinstance(schema, Text) and schema.format in {"uri", "url", "uri-reference"})
        or any(word in name.lower() for word in ("url", "uri", "webhook", "callback", "host"))
    }

    assert taken == set(), "whatever fetches these must refuse private addresses"


def fields_of(document: Document, operation: Operation) -> Iterator[tuple[str, Any]]:
    yield from ((parameter.name, parameter.schema) for parameter in operation.parameters)
    waiting = [one.schema for one in (operation.body.contents if operation.body else ())]
    seen: set[str] = set()
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, Reference):
            if schema.key in seen:
                continue
            seen.add(schema.key)
            schema = document.resolve(schema)
        if isinstance(schema, Object):
            yield from ((member.name, member.schema) for member in schema.properties)
        waiting += [] if schema is None else list(children(schema))


# API8:2023 Security misconfiguration

TELLING = ("server", "x-powered-by", "x-aspnet-version", "via", "x-runtime")
INTERNALS = (
    "Traceback",
    'File "',
    "site-packages",
    "psycopg",
    "postgres",
    "select ",
    "lockstitch/",
)


def refusals(house: House) -> Iterator[tuple[str, Answer]]:
    """Yield an answer of every kind of trouble that a caller can make."""
    owner = house.callers["owner"]
    for operation in house.operations():
        request = house.request(operation)
        yield f"{operation.id} as nobody", house.ask(ANONYMOUS, request)
        if operation.body is not None:
            yield f"{operation.id} broken", house.ask(owner, replace(request, body=b'{"a": '))
            typed = request.with_headers({"content-type": "text/html"})
            yield f"{operation.id} typed", house.ask(owner, typed)
        for parameter in operation.parameters_in("path"):
            url = f"{house.url}{operation.path}".replace(f"{{{parameter.name}}}", "%00%27--")
            yield f"{operation.id} path", house.ask(owner, replace(request, url=url))
    for method in ("TRACE", "OPTIONS", "PUT", "PROPFIND"):
        yield method, house.ask(owner, Request(method, f"{house.url}/v1/datasets"))
    yield "nowhere", house.ask(owner, Request("GET", f"{house.url}/v1/nowhere"))
    yield "up", house.ask(owner, Request("GET", f"{house.url}/v1/..%2f..%2fetc/passwd"))


def test_no_answer_tells_what_the_service_is_made_of(house: House) -> None:
    wrong = []
    for what, answer in refusals(house):
        text = answer.body.decode("utf-8", "replace")
        told = [name for name in TELLING if name in answer.headers]
        told += [word for word in INTERNALS if answer.status >= 400 and word in text]
        if answer.status >= 400 and answer.media_type != "application/problem+json":
            told.append(answer.media_type)
        if answer.status >= 500 or told:
            wrong.append((what, answer.status, told))

    assert wrong == []


def test_a_failure_tells_its_caller_a_sentence_and_an_id(database_dsn: str, tmp_path: Path) -> None:
    application = FastAPI()
    Lockstitch(application, settings=roomy_settings(database_dsn, tmp_path))
    with product_serving(application) as url, Sender(10.0) as sender:
        owner = OrganisationMaker(url).founder()
        # The house falls over: its pool is gone.
        application.state.lockstitch.database._pool = None
        answer = sender.send(owner.sign(Request("GET", f"{url}/v1/members")))

    assert answer is not None
    problem = answered_json(answer)
    assert (answer.status, sorted(problem)) == (
        500,
        ["detail", "request_id", "status", "title", "type"],
    )
    assert not [word for word in INTERNALS if word in str(problem)]


# API9:2023 Improper inventory management


def test_every_route_is_in_the_contract_or_on_the_list() -> None:
    application = FastAPI()
    Lockstitch(application, models=[ReviewSentiment])
    paths: dict[str, dict[str, Any]] = application.openapi()["paths"]

    routes = {
        (context.path, method)
        for context in iter_route_contexts(application.routes)
        for method in (getattr(context.original_route, "methods", None) or {"ANY"})
        if method != "HEAD"
    }

    in_contract = {(path, method.upper()) for path, methods in paths.items() for method in methods}
    assert {path for path, _ in routes - in_contract} <= OF_THE_FRAMEWORK
    assert in_contract <= routes
    assert len(in_contract) >= 30


# API10:2023 Unsafe consumption of APIs


def test_who_speaks_to_another_service_is_on_the_list() -> None:
    speakers = {
        path.relative_to(SOURCES).as_posix()
        for room in SERVED_ROOMS
        for path in (SOURCES / room).rglob("*.py")
        if imported(path) & CLIENTS
    }

    assert speakers
    assert speakers - set(SPEAKS_TO_OTHERS) == set()


def imported(path: Path) -> set[str]:
    """Return the modules that a source file imports, whole and by their first name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names | {name.partition(".")[0] for name in names}
