"""The exported contract, and that the committed one of the example is current."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from lockstitch import Lockstitch
from lockstitch.contract.export import document_text
from lockstitch.contract.extensions import read_extensions
from lockstitch.contract.reading import read_document

ROOT = Path(__file__).parents[2]
LOCKSTITCH = [sys.executable, "-m", "lockstitch.cli.main"]


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def test_operation_ids_are_unique_and_stable(document: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]

    assert len(set(names)) == len(names)
    assert {"predict_repeat", "predict_fragile", "list_predictions", "create_session"} <= set(names)


def test_each_model_has_a_literal_path_with_its_own_schemas(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/models/repeat/predictions"]["post"]

    body = operation["requestBody"]["content"]["application/json"]["schema"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Sound"}
    assert answer == {"$ref": "#/components/schemas/Prediction_Echo_"}


def test_what_a_strict_body_refuses_the_schema_refuses(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["Sound"]["additionalProperties"] is False
    assert schemas["SignUp"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["ModelSummary"], "responses stay open"


def test_every_operation_says_who_may_call_it_and_all_that_it_can_answer(
    document: dict[str, Any],
) -> None:
    for name, operation in operations(document).items():
        audience = operation["x-lockstitch-audience"]
        statuses = set(operation["responses"])
        assert {"500", "503"} <= statuses, name
        identified = audience["kind"] != "public"
        assert identified == bool(operation["security"]), name
        if identified:
            assert {"401", "403"} <= statuses, name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= statuses, name
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_the_contract_tells_clients_what_pages_what_stays_and_what_a_write_changes(
    document: dict[str, Any],
) -> None:
    declared = {
        (name, member.removeprefix("x-lockstitch-")): value
        for name, operation in operations(document).items()
        for member, value in operation.items()
        if member.startswith("x-lockstitch-") and member != "x-lockstitch-audience"
    }

    pages = {"cursor": "cursor", "items": "items", "next": "next_cursor"}
    who_is_signed_in = ["get_current_session"]
    organisations = ["get_current_session", "list_organisations"]
    keys = ["list_api_keys", "list_audit_log"]
    invitations = ["list_invitations", "list_audit_log"]
    datasets = ["list_datasets", "list_audit_log"]
    members = ["list_members", "list_audit_log", "get_current_session"]
    assert declared == {
        ("list_api_keys", "pages"): pages,
        ("create_api_key", "invalidates"): keys,
        ("create_api_key", "idempotency"): "key",
        ("create_invitation", "idempotency"): "key",
        ("accept_invitation", "idempotency"): "natural",
        ("predict_repeat", "idempotency"): "key",
        ("predict_fragile", "idempotency"): "key",
        ("revoke_api_key", "invalidates"): keys,
        ("list_audit_log", "pages"): pages,
        ("create_invitation", "invalidates"): invitations,
        ("withdraw_invitation", "invalidates"): invitations,
        ("accept_invitation", "invalidates"): organisations,
        ("request_email_confirmation", "idempotency"): "natural",
        ("confirm_email", "idempotency"): "natural",
        ("confirm_email", "invalidates"): who_is_signed_in,
        ("reset_password", "invalidates"): [*who_is_signed_in, "list_sessions"],
        ("change_password", "invalidates"): ["list_sessions"],
        ("create_organisation", "invalidates"): organisations,
        ("rename_organisation", "invalidates"): organisations,
        ("switch_organisation", "idempotency"): "natural",
        ("switch_organisation", "invalidates"): who_is_signed_in,
        ("change_role", "invalidates"): members,
        ("remove_member", "invalidates"): [*members[:2], "list_organisations", *members[2:]],
        ("list_datasets", "pages"): pages,
        ("upload_dataset", "idempotency"): "key",
        ("upload_dataset", "invalidates"): datasets,
        ("delete_dataset", "invalidates"): datasets,
        ("list_predictions", "pages"): pages,
        ("get_prediction", "freshness"): {"seconds": 300, "shared": False},
        ("predict_repeat", "invalidates"): ["list_predictions"],
        ("predict_fragile", "invalidates"): ["list_predictions"],
        ("predict_repeat_batch", "idempotency"): "key",
        ("predict_fragile_batch", "idempotency"): "key",
        ("predict_repeat_batch", "invalidates"): ["list_predictions"],
        ("predict_fragile_batch", "invalidates"): ["list_predictions"],
        ("start_sign_in", "idempotency"): "natural",
        ("start_linking", "idempotency"): "natural",
        ("create_account", "invalidates"): who_is_signed_in,
        ("create_session", "invalidates"): who_is_signed_in,
        ("delete_current_session", "invalidates"): who_is_signed_in,
        ("revoke_session", "invalidates"): ["list_sessions", "get_current_session"],
        ("unlink_identity", "invalidates"): ["list_linked_identities"],
    }


def test_what_an_operation_declares_can_be_read_by_the_generator(document: dict[str, Any]) -> None:
    read = read_document(document)

    for operation in read.operations:
        assert read_extensions(operation, read).audience is not None, operation.id


def test_a_page_can_post_only_to_a_model_of_this_service(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["ModelSummary"]["properties"]["predictions_path"]
    refused = ["//elsewhere.example/v1/models/a/predictions", "/v1/sessions", "/v1/models/../x"]

    validator = Draft202012Validator(schema)
    assert validator.is_valid("/v1/models/flat-rent/predictions")
    assert not [path for path in refused if validator.is_valid(path)]


def test_an_owners_route_stands_as_fastapi_describes_it() -> None:
    plain, mounted = FastAPI(), FastAPI()
    Lockstitch(mounted)
    for application in (plain, mounted):

        @application.post("/own/{number}")
        async def own(number: int, wanted: bool = False) -> dict[str, int]:
            return {"number": number}

    assert mounted.openapi()["paths"]["/own/{number}"] == plain.openapi()["paths"]["/own/{number}"]


def test_the_export_is_the_same_text_every_time(app: FastAPI) -> None:
    again = FastAPI()
    Lockstitch(again, models=list(app.state.lockstitch_extension.models.values()))

    assert document_text(app.openapi()) == document_text(again.openapi())


def test_the_contract_is_a_valid_openapi_document(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_the_served_document_is_the_exported_one(app: FastAPI, anonymous: Any) -> None:
    assert (await anonymous.get("/openapi.json")).json() == json.loads(document_text(app.openapi()))


def test_the_consoles_committed_client_is_current() -> None:
    made = subprocess.run(["make", "-n", "check"], cwd=ROOT, capture_output=True, text=True)
    (line,) = re.findall(r"lockstitch (generate --check .*(?:\\\n.*)*)", made.stdout)
    arguments = shlex.split(line)

    check = subprocess.run([*LOCKSTITCH, *arguments], cwd=ROOT, capture_output=True, text=True)

    assert check.returncode == 0, check.stdout + check.stderr


def test_the_examples_committed_contract_is_current(tmp_path: Path) -> None:
    export = [*LOCKSTITCH, "export"]
    fresh = subprocess.run([*export, "--check"], cwd=ROOT, capture_output=True, text=True)
    stale = subprocess.run(
        [*export, "--check", "--output", str(tmp_path / "openapi.json"), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert fresh.returncode == 0, fresh.stdout + fresh.stderr
    assert stale.returncode == 1
    assert json.loads(stale.stdout)["report"]["findings"][0]["rule"] == "stale-contract"
    assert not (tmp_path / "openapi.json").exists()
