"""What is taken out of a log line, and what stays."""

import logging
from base64 import urlsafe_b64encode
from enum import Enum
from itertools import count
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from conftest import Sound

from lockstitch.api.redaction import REDACTED, redact_event, redact_text
from lockstitch.api.tracebacks import safe_traceback
from lockstitch.errors import DatabaseError, PredictionFailed
from lockstitch.identity.keys import new_key

KEY = new_key()
TOKEN = "sT" * 21 + "s"
JWT = ".".join(
    urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256"}', b'{"sub":"ada"}', b"signature")
)


class Mood(Enum):
    CALM = "calm"


def line(**fields: Any) -> dict[str, Any]:
    return dict(redact_event(logging.getLogger(), "info", dict(fields)))


# Keys are made at random, and the name of a test must not be.
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"used {KEY} twice", f"used {REDACTED} twice"),
        (KEY, REDACTED),
        (f"/v1/things/{KEY}", f"/v1/things/{REDACTED}"),
        (f"/v1/things/{TOKEN}/x", f"/v1/things/{REDACTED}/x"),
        (f"invited by {TOKEN[:32]}.", f"invited by {REDACTED}."),
        (f"got {JWT}", f"got {REDACTED}"),
        (JWT.rpartition(".")[0] + ".", REDACTED),
        (f"sent Bearer {TOKEN}", f"sent Bearer {REDACTED}"),
        ("Authorization: Basic YWRhOmh1bnRlcjI=", f"Authorization: {REDACTED}"),
        ("basic YWRhOmh1bnRlcjI=", f"basic {REDACTED}"),
        ("postgresql://ada:hunter2@db:5432/x", f"postgresql://ada:{REDACTED}@db:5432/x"),
        ("host=db password=hunter2 user=ada", f"host=db password={REDACTED} user=ada"),
        ("password='hunter 2' user=ada", f"password={REDACTED} user=ada"),
        ('{"password": "hunter2", "a": 1}', f'{{"password": {REDACTED}, "a": 1}}'),
        ("{'api_key': 'hunter2'}", f"{{'api_key': {REDACTED}}}"),
        ("lockstitch-8000=abcdef; theme=dark", f"lockstitch-8000={REDACTED}; theme=dark"),
        ("__Host-lockstitch=abcdef", f"__Host-lockstitch={REDACTED}"),
        ("input_value='my, text', input_type=str", f"input_value={REDACTED}, input_type=str"),
        ("<Task exception=ValueError('mine')>", f"<Task exception=ValueError({REDACTED})>"),
        ("sb_secret_abc123", REDACTED),
    ],
    ids=count(),
)
def test_a_secret_is_told_by_its_shape(text: str, left: str) -> None:
    assert redact_text(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/models/sentiment/predictions 200",
        "01a20278-7f8f-7e2c-bbe2-ece1546aae3e",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        f"The key {KEY[:10]}… was revoked",
        "http://127.0.0.1:8000/v1/models",
        "2026-11-22T08:56:21.113Z took 3.5 s: 12 rows, limit=20",
        "The token has ended. Sign in again.",
    ],
    ids=count(),
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Authorization", "set-cookie", "api_key", "database_dsn", "X-Api-Key"),
        *("input", "outputs", "prompt", "session_token", "client_secret", "body"),
    ],
)
def test_a_field_is_taken_out_by_its_name(name: str) -> None:
    assert line(**{name: "abc"}) == {name: REDACTED}
    assert line(deep=[{"er": {name: ["abc"]}}]) == {"deep": [{"er": {name: REDACTED}}]}
    assert line(**{name: None}) == {name: None}


def test_plain_data_stays_and_other_objects_are_named_only() -> None:
    identity = UUID(int=7)
    plain = {"status": 200, "ok": True, "id": identity, "place": PurePosixPath("/tmp"), "no": None}

    assert line(**plain) == plain
    assert line(mood=Mood.CALM) == {"mood": "calm"}
    assert line(got=Sound(text="mine"), why=ValueError("mine")) == {
        "got": "<Sound>",
        "why": "<ValueError>",
    }


def raised(error: BaseException) -> BaseException:
    try:
        try:
            raise KeyError("inner mine")  # noqa: TRY301
        except KeyError as inner:
            raise error from inner
    except BaseException as caught:  # noqa: BLE001
        return caught


def test_a_traceback_has_types_and_places_and_not_what_was_said() -> None:
    text = safe_traceback(raised(ValueError("outer mine")))

    assert "mine" not in text.replace('KeyError("inner mine")', "")
    assert text.count("Traceback (most recent call last):") == 2
    assert "test_redaction.py" in text
    assert "direct cause" in text
    assert text.index("KeyError\n") < text.index("ValueError\n")


def test_our_own_words_are_repeated_and_those_of_a_model_are_not() -> None:
    assert "DatabaseError: The disk is slow." in safe_traceback(DatabaseError("The disk is slow."))
    assert "mine" not in safe_traceback(PredictionFailed("mine"))
    assert "mine" in safe_traceback(ValueError("mine"), quote=True)


def test_a_group_and_a_circle_of_errors_come_to_an_end() -> None:
    first, second = ValueError("mine"), TypeError("mine")
    first.__cause__, second.__cause__ = second, first
    text = safe_traceback(ExceptionGroup("mine", [first, KeyError("mine")]))

    assert "mine" not in text
    assert text.count("ValueError") == 1
    assert "KeyError" in text
