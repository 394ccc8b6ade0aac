"""What goes out as JSON and what is refused on the way."""

import json
import math
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from lockstitch.errors import InvalidRequest, PredictionFailed
from lockstitch.serving.encoding import encode_input, encode_output


class Part(BaseModel):
    score: float | None = None


class Whole(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    text: str = Field("", alias="theText")
    parts: list[Part] = []
    scores: dict[str, float] = {}


class Larger(Whole):
    secret: str = "inside"


def test_an_input_is_written_with_its_wire_names() -> None:
    assert json.loads(encode_input(Whole(text="a", scores={"x": 1.5}))) == {
        "theText": "a",
        "parts": [],
        "scores": {"x": 1.5},
    }


def test_a_nul_in_an_input_is_refused_at_its_pointer_without_the_value() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        encode_input(Whole(text="hidden\0word"))

    assert refusal.value.extensions()["errors"] == [
        {
            "in": "body",
            "pointer": "/theText",
            "rule": "no_nul",
            "message": "Text must not contain the NUL character",
        }
    ]
    assert "hidden" not in str(refusal.value)


def test_a_nul_in_a_key_is_refused_too() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        encode_input(Whole(scores={"a/b\0": 1.0}))

    assert [violation.pointer for violation in refusal.value.violations] == ["/scores/a~1b\\u0000"]


def test_every_place_is_named() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        encode_input(Whole(text="\0", parts=[Part(), Part(score=math.nan)]))

    found = [(violation.pointer, violation.rule) for violation in refusal.value.violations]
    assert found == [("/theText", "no_nul"), ("/parts/1/score", "finite_number")]


@pytest.mark.parametrize("text", ["\\u0000", "null", "NaN", "Infinity", "\U0001f9f5", "\u2028"])
def test_a_text_that_only_looks_like_one_passes(text: str) -> None:
    value = Whole(text=text, parts=[Part(score=None)])

    assert json.loads(encode_input(value))["theText"] == text
    assert json.loads(encode_output(value, Whole, "shout"))["theText"] == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("config", ["null", "constants", "strings"])
def test_a_number_that_is_not_finite_fails_the_prediction(number: float, config: Any) -> None:
    class Answer(BaseModel):
        model_config = ConfigDict(ser_json_inf_nan=config)
        scores: list[float]

    with pytest.raises(PredictionFailed, match="a number that is not finite at /scores/1"):
        encode_output(Answer(scores=[1.0, number]), Answer, "shout")


def test_a_nul_in_an_output_fails_the_prediction() -> None:
    with pytest.raises(PredictionFailed, match="a NUL character at /theText"):
        encode_output(Whole(text="\0"), Whole, "shout")


def test_a_value_of_another_type_fails_the_prediction_without_being_quoted() -> None:
    unchecked = Part.model_construct(score="a secret")  # type: ignore[arg-type]

    with pytest.raises(
        PredictionFailed, match="a Part that holds a value of another type"
    ) as error:
        encode_output(unchecked, Part, "shout")

    assert "secret" not in str(error.value)


def test_a_member_that_only_a_subclass_has_stays_inside() -> None:
    assert "secret" not in json.loads(encode_output(Larger(), Whole, "shout"))
