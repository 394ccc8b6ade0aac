"""Hypothesis strategies for the values of the contract in everything.py."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from everything import (
    Circle,
    Classification,
    Closed,
    Everything,
    Generation,
    Layer,
    Open,
    Priority,
    Regression,
    Square,
    Stage,
)
from hypothesis import strategies as st

SAFE = 2**53 - 1
ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))]
)
# JSON cannot carry a lone surrogate as UTF-8.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
KEYS = TEXTS | st.sampled_from(["__proto__", "constructor", "snake_key", "", "a/b", "~"])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-SAFE, SAFE)


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# The first and last days are left out: an offset would carry them out of Python's calendar.
_moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001
NAIVE_MOMENTS = _moments.map(_to_milliseconds)
MOMENTS = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), NAIVE_MOMENTS, ZONES)
MAYBE_MOMENTS = st.none() | MOMENTS
CODES = st.from_regex(r"[A-Z]{2}-[0-9]{2,4}", fullmatch=True)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
TIMES = st.builds(lambda moment: moment.timetz(), MOMENTS)
DURATIONS = st.timedeltas(timedelta(0), timedelta(days=10_000))

closed = st.builds(Closed, inner_score=st.floats(0, 1), seen_at=MAYBE_MOMENTS)
opened = st.builds(
    lambda name, others: Open(**{**others, "known_name": name}),
    TEXTS,
    st.dictionaries(
        TEXTS.filter(lambda key: key not in {"self", "known_name"}), MOMENTS, max_size=2
    ),
)
classification = st.builds(
    Classification, kind=st.just("classification"), top_label=TEXTS, judged_at=MAYBE_MOMENTS
)
regression = st.builds(
    Regression,
    kind=st.just("regression"),
    predicted_value=FLOATS,
    lower_bound=st.none() | FLOATS,
)
generation = st.builds(
    Generation,
    kind=st.sampled_from(["generation", "completion"]),
    generated_text=TEXTS,
    token_times=st.lists(MAYBE_MOMENTS, max_size=2),
)
results = classification | regression | generation
circle = st.builds(Circle, radius_cm=st.floats(0, 1000, exclude_min=True, exclude_max=True))
square = st.builds(
    Square,
    side_cm=st.floats(0, exclude_min=True, allow_infinity=False),
    drawn_at=MAYBE_MOMENTS,
)
layers = st.deferred(
    lambda: st.builds(
        Layer,
        layer_name=TEXTS,
        created_at=MOMENTS,
        child_layers=st.lists(leaves, max_size=2),
        layers_by_key=st.none() | st.dictionaries(KEYS, leaves, max_size=1),
    )
)
leaves = st.builds(
    Layer, layer_name=TEXTS, created_at=MOMENTS, child_layers=st.just([]), layers_by_key=st.none()
) | st.builds(
    Layer,
    layer_name=TEXTS,
    created_at=MOMENTS,
    child_layers=st.lists(
        st.builds(Layer, layer_name=TEXTS, created_at=MOMENTS, layers_by_key=st.none()), max_size=1
    ),
    layers_by_key=st.none(),
)
# Listed difference: JavaScript writes integral floats as integers, which Python reads as int; up to
# 2**53 the two are equal.
_untyped_floats = FLOATS.filter(lambda number: abs(number) <= SAFE or number % 1 != 0)
json_values = st.recursive(
    st.none() | st.booleans() | INTEGERS | _untyped_floats | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def everything(*, exact: bool = False) -> st.SearchStrategy[Everything]:
    """Return values of the contract; `exact` leaves out what the schema's own formats refuse."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "plain_text": TEXTS,
        "short_text": st.text(
            st.characters(exclude_categories=["Cs"]) | st.just("😀"), min_size=1, max_size=5
        ),
        "product_code": CODES,
        "whole_number": INTEGERS,
        "bounded_integer": st.integers(0, 99),
        "stepped_integer": st.integers(-200, 200).map(lambda n: n * 5),
        "any_float": FLOATS,
        "unit_interval": st.floats(0, 1),
        "is_active": st.booleans(),
        "always_null": st.none(),
        "stage": st.sampled_from(Stage),
        "priority": st.sampled_from(Priority),
        "schema_version": st.just(3),
        "mixed_literal": st.sampled_from(["auto", 0, True]),
        "item_id": st.uuids(),
        "created_at": MOMENTS,
        "updated_at": MAYBE_MOMENTS,
        "deleted_at": MAYBE_MOMENTS,
        "naive_at": st.none() if exact else st.none() | NAIVE_MOMENTS,
        "birth_date": st.dates(date(1, 1, 1)),
        "daily_time": TIMES if exact else TIMES | st.times(),
        "time_to_live": DURATIONS,
        "unit_price": DECIMALS,
        "nullable_text": st.none() | TEXTS,
        "optional_number": st.none() | INTEGERS,
        "default_text": TEXTS,
        "text_list": st.lists(TEXTS, max_size=3),
        "bounded_list": st.lists(INTEGERS, min_size=1, max_size=3),
        "distinct_list": st.lists(INTEGERS, unique=True, max_size=3),
        "text_set": st.sets(TEXTS, max_size=3),
        "date_list": st.lists(MOMENTS, max_size=3),
        "nested_list": st.lists(st.lists(closed, max_size=2), max_size=2),
        "fixed_tuple": st.tuples(TEXTS, INTEGERS, MOMENTS),
        "free_map": st.dictionaries(KEYS, json_values, max_size=2),
        "number_map": st.dictionaries(KEYS, FLOATS, max_size=2),
        "date_map": st.dictionaries(KEYS, MAYBE_MOMENTS, max_size=2),
        "model_map": st.dictionaries(KEYS, st.lists(closed, max_size=2), max_size=2),
        "limited_map": st.dictionaries(KEYS, INTEGERS, max_size=2),
        "code_map": st.dictionaries(CODES, INTEGERS, max_size=2),
        "stage_map": st.dictionaries(st.sampled_from(Stage), INTEGERS, max_size=2),
        "closed": closed,
        "nullable_closed": st.none() | closed,
        "open": opened,
        "result": results,
        "nullable_result": st.none() | results,
        "result_list": st.lists(results, max_size=3),
        "scalar_union": INTEGERS | st.booleans() | TEXTS,
        "list_or_map": st.lists(INTEGERS, max_size=2) | st.dictionaries(KEYS, MOMENTS, max_size=2),
        "shape": circle | square,
        "date_or_number": MOMENTS | INTEGERS,
        "layer_tree": layers,
        "json_value": json_values,
        "constructor": TEXTS,
        "class_": TEXTS,
        "toString": st.none() | TEXTS,
    }
    return st.fixed_dictionaries(fields).map(lambda values: Everything(**values))
