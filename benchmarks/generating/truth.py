"""The truth table: what a program gets for each kind of answer of a real server."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from generating.subjects import NODE, Subject

PREDICTION: dict[str, Any] = {
    "prediction_id": "0192f0c1-7e57-7abc-8def-000000000001",
    "request_name": "r1",
    "created_at": "2026-01-31T10:00:00.250Z",
    "finished_at": None,
    "duration_seconds": 0.5,
    "model_version": {
        "version_id": "0192f0c1-7e57-7abc-8def-000000000002",
        "model_name": "sentiment",
        "stage": "production",
        "trained_at": "2026-01-01T00:00:00Z",
    },
    "outcome": {
        "kind": "classified",
        "best_label": "good",
        "label_shares": [{"label_text": "good", "label_share": 1}],
        "reviewed_at": "2026-01-31T11:00:00Z",
    },
    "input_tags": ["a_b"],
    "feature_values": {"text_length": 12},
    "stage_times": {"first_step": "2026-01-31T09:59:59Z", "last_step": None},
    "is_cached": False,
}
TRAINING: dict[str, Any] = {
    "training_id": "0192f0c1-7e57-7abc-8def-000000000003",
    "started_at": "2026-01-01T00:00:00Z",
    "hyper_parameters": {"learning_rate": 0.1, "optimizer": "adam", "nesterov": True},
    "root_layer": {
        "layer_name": "root",
        "parameter_count": 2,
        "frozen_at": None,
        "child_layers": [
            {
                "layer_name": "leaf",
                "parameter_count": 1,
                "frozen_at": "2026-01-02T03:04:05Z",
                "child_layers": [],
            }
        ],
    },
}
PROBLEM = {
    "error_code": "not_found",
    "error_text": "There is no such prediction.",
    "noticed_at": "2026-01-31T12:00:00Z",
}
NOTICED = datetime(2026, 1, 31, 12, tzinfo=UTC)
INSTANTS = {
    "created": datetime(2026, 1, 31, 10, 0, 0, 250_000, UTC),
    "reviewed": datetime(2026, 1, 31, 11, tzinfo=UTC),
    "stage": datetime(2026, 1, 31, 9, 59, 59, tzinfo=UTC),
    "frozen": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
}


def _changed(reviewed: str | None = None, **members: Any) -> str:
    outcome = PREDICTION["outcome"] | ({"reviewed_at": reviewed} if reviewed else {})
    value = {**PREDICTION, "outcome": outcome, **members}
    return json.dumps({name: member for name, member in value.items() if member is not ...})


ANSWERS: Mapping[str, tuple[int, str, str]] = {
    "valid": (200, "application/json", _changed()),
    "wrong type": (200, "application/json", _changed(duration_seconds="0.5")),
    "missing": (200, "application/json", _changed(created_at=...)),
    "unknown discriminator": (
        200,
        "application/json",
        _changed(outcome={**PREDICTION["outcome"], "kind": "guessed"}),
    ),
    "offset date": (
        200,
        "application/json",
        _changed("2026-01-31T05:30:00-05:30", created_at="2026-01-31T15:30:00.250+05:30"),
    ),
    "naive date": (
        200,
        "application/json",
        _changed("2026-01-31T11:00:00", created_at="2026-01-31T10:00:00.250"),
    ),
    '"yesterday"': (200, "application/json", _changed(created_at="yesterday")),
    "404 body": (404, "application/json", json.dumps(PROBLEM)),
    "500 HTML": (500, "text/html", "<!doctype html><h1>Internal Server Error</h1>"),
}
_ID = "0192f0c1-7e57-7abc-8def-00000000000{}"


def outcomes(subject: Subject, base_url: str, program: Path) -> dict[str, bool]:
    """Return for each kind of answer whether the program gets what is right."""
    ids = [_ID.format(place) for place in range(len(ANSWERS))]
    ran = subprocess.run(
        [NODE, program, base_url, *ids],
        # Where this zone is taken for UTC, or the other way round, the instant is wrong.
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if ran.returncode:
        raise SystemExit(f"the program of {subject.name} failed:\n{ran.stderr[-2000:]}")
    found = zip(ANSWERS, json.loads(ran.stdout), strict=True)
    return {name: is_right(name, outcome, subject.declares) for name, outcome in found}


def is_right(name: str, outcome: dict[str, Any], declares: str) -> bool:
    """Whether an outcome is right.

    An allowed answer must arrive with every date of its declared type and at its instant; any
    other must be refused. A naive date may be refused or read as UTC: a text that is passed on
    leaves its zone to be guessed. A 404 must arrive with its body, a 500 with its status.
    """
    kind = outcome["kind"]
    match name:
        case "valid" | "offset date":
            return kind == "value" and all(
                _is_at(outcome["dates"][place], instant, declares)
                for place, instant in INSTANTS.items()
            )
        case "naive date":
            return kind == "error" or (
                kind == "value"
                and all(
                    _is_at(outcome["dates"][place], INSTANTS[place], "Date")
                    for place in ("created", "reviewed")
                )
            )
        case "404 body":
            whole = kind == "problem" and (outcome["status"], outcome["code"]) == (404, "not_found")
            return whole and _is_at(outcome["at"], NOTICED, declares)
        case "500 HTML":
            return kind == "error" and outcome["status"] == 500  # noqa: PLR2004
        case _:
            return bool(kind == "error")


def _is_at(seen: dict[str, str], instant: datetime, declares: str) -> bool:
    text = seen.get("date" if declares == "Date" else "text")
    if not text:
        return False
    found = datetime.fromisoformat(text)
    return found.tzinfo is not None and found == instant


@contextmanager
def served() -> Iterator[str]:
    """Serve the answers; the last digit of the id chooses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, media_type, body = list(ANSWERS.values())[int(self.path[-1])]
        if self.path.startswith("/trainings/"):
            status, media_type, body = 200, "application/json", json.dumps(TRAINING)
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing: the benchmark prints figures."""
