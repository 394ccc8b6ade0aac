"""Python → JSON → TypeScript → JSON → Python gives the same value."""

from collections.abc import Iterator

import pytest
from everything import Everything, application
from everything_values import everything
from generated import Generated, write
from hypothesis import HealthCheck, given, settings

EXAMPLES = 2_000


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = write(application.openapi(), tmp_path_factory.mktemp("everything"))
    with Generated(folder) as running:
        yield running


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(value=everything())
def test_a_value_survives_the_way_through_typescript(
    generated: Generated, value: Everything
) -> None:
    text = value.model_dump_json(by_alias=True)

    answer = generated.round_trip("Everything", "EverythingInput", text)

    assert answer["ok"], answer
    wire = answer["value"]
    if value.naive_at is not None:
        # Listed difference: a date-time without offset is UTC, and comes back saying so.
        assert wire["naive_at"].endswith("Z")
        wire["naive_at"] = wire["naive_at"].removesuffix("Z")
    assert Everything.model_validate(wire) == value
