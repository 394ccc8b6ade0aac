"""Each value of a hard contract has the type that it declares, or is refused where it is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from generated import Generated, write

from benchmarks.contracts.predictions import application
from lockstitch.contract.typescript.options import TypeScriptOptions

VALID: dict[str, Any] = {
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
        "reviewed_at": "2026-02-01T00:00:00+01:00",
    },
    "input_tags": ["a_b"],
    "feature_values": {"text_length": 12},
    "stage_times": {"first_step": "2026-01-31T10:00:00Z", "last_step": None},
    "is_cached": False,
}
# What JSON.stringify makes of the decoded value: dates show as UTC with milliseconds.
DECODED = {
    "predictionId": "0192f0c1-7e57-7abc-8def-000000000001",
    "requestName": "r1",
    "createdAt": "2026-01-31T10:00:00.250Z",
    "finishedAt": None,
    "durationSeconds": 0.5,
    "modelVersion": {
        "versionId": "0192f0c1-7e57-7abc-8def-000000000002",
        "modelName": "sentiment",
        "stage": "production",
        "trainedAt": "2026-01-01T00:00:00.000Z",
    },
    "outcome": {
        "kind": "classified",
        "bestLabel": "good",
        "labelShares": [{"labelText": "good", "labelShare": 1}],
        "reviewedAt": "2026-01-31T23:00:00.000Z",
    },
    "inputTags": ["a_b"],
    "featureValues": {"text_length": 12},
    "stageTimes": {"first_step": "2026-01-31T10:00:00.000Z", "last_step": None},
    "isCached": False,
}


@pytest.fixture(scope="module", params=["utc", "reject"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Generated]]:
    options = TypeScriptOptions(naive_dates=request.param)
    folder = write(application.openapi(), tmp_path_factory.mktemp(request.param), options)
    with Generated(folder) as generated:
        yield request.param, generated


def changed(**members: Any) -> str:
    """Return the valid prediction as JSON text with other members; `...` leaves one out."""
    value = {**VALID, **members}
    return json.dumps({name: member for name, member in value.items() if member is not ...})


def pointers(answer: dict[str, Any]) -> list[str]:
    assert not answer["ok"], answer
    return [issue["pointer"] for issue in answer["issues"]]


def test_a_valid_value_is_renamed_and_dated(running: tuple[str, Generated]) -> None:
    assert running[1].decode("Prediction", changed()) == {"ok": True, "value": DECODED}


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        pytest.param({"duration_seconds": "0.5"}, "/duration_seconds", id="wrong type"),
        pytest.param({"is_cached": 0}, "/is_cached", id="number for boolean"),
        pytest.param({"request_name": ...}, "/request_name", id="missing"),
        pytest.param({"finished_at": ...}, "/finished_at", id="missing nullable"),
        pytest.param({"created_at": None}, "/created_at", id="null"),
        pytest.param({"duration_seconds": -1}, "/duration_seconds", id="bound"),
        pytest.param({"outcome": {"kind": "guessed"}}, "/outcome/kind", id="unknown tag"),
        pytest.param({"outcome": {}}, "/outcome/kind", id="missing tag"),
        pytest.param({"created_at": "yesterday"}, "/created_at", id="yesterday"),
        pytest.param({"created_at": "2026-02-30T00:00:00Z"}, "/created_at", id="impossible date"),
        pytest.param(
            {"stage_times": {"a/b": "yesterday"}}, "/stage_times/a~1b", id="date in a dictionary"
        ),
        pytest.param(
            {"outcome": {**VALID["outcome"], "reviewed_at": "yesterday"}},
            "/outcome/reviewed_at",
            id="nullable date in a union",
        ),
        pytest.param({"input_tags": {"0": "a"}}, "/input_tags", id="object for array"),
    ],
)
def test_a_wrong_value_is_refused_where_it_is_wrong(
    members: dict[str, Any], pointer: str, running: tuple[str, Generated]
) -> None:
    assert pointers(running[1].decode("Prediction", changed(**members))) == [pointer]


def test_an_offset_is_applied(running: tuple[str, Generated]) -> None:
    answer = running[1].decode("Prediction", changed(created_at="2026-01-31T10:00:00-02:30"))

    assert answer["value"]["createdAt"] == "2026-01-31T12:30:00.000Z"


def test_a_naive_date_follows_the_policy(running: tuple[str, Generated]) -> None:
    policy, generated = running
    answer = generated.decode("Prediction", changed(created_at="2026-01-31T10:00:00"))

    if policy == "utc":
        assert answer["value"]["createdAt"] == "2026-01-31T10:00:00.000Z"
    else:
        assert pointers(answer) == ["/created_at"]


def test_the_body_of_a_404_has_a_type_of_its_own(running: tuple[str, Generated]) -> None:
    text = json.dumps(
        {"error_code": "not_found", "error_text": "gone", "noticed_at": "2026-01-01T00:00:00Z"}
    )

    assert running[1].decode("Problem", text)["value"] == {
        "errorCode": "not_found",
        "errorText": "gone",
        "noticedAt": "2026-01-01T00:00:00.000Z",
    }
    assert not running[1].decode("Prediction", text)["ok"]


def test_the_page_of_a_proxy_is_no_answer(running: tuple[str, Generated]) -> None:
    page = json.dumps("<html>502 Bad Gateway</html>")

    assert pointers(running[1].decode("Prediction", page)) == [""]
    assert pointers(running[1].decode("Problem", page)) == [""]


def test_recursion_is_read_to_the_bottom(running: tuple[str, Generated]) -> None:
    def layer(depth: int, count: int) -> dict[str, Any]:
        inner = [layer(depth - 1, count)] if depth else []
        amount = count if depth == 0 else 1
        return {
            "layer_name": "l",
            "parameter_count": amount,
            "frozen_at": None,
            "child_layers": inner,
        }

    training = {
        "training_id": "0192f0c1-7e57-7abc-8def-000000000001",
        "started_at": "2026-01-01T00:00:00Z",
        "hyper_parameters": {"learning_rate": 0.1, "name": "x", "is_frozen": True},
        "root_layer": layer(3, -1),
    }

    answer = running[1].decode("Training", json.dumps(training))

    below = "/child_layers/0" * 3
    assert pointers(answer) == [f"/root_layer{below}/parameter_count"]
