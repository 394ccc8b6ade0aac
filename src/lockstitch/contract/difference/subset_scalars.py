"""The subset test for numbers and strings."""

from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal

from lockstitch.contract.algebra import Number, Text
from lockstitch.contract.difference.scalars import (
    EVERY_TEXT,
    effective_format,
    holds_format,
    is_multiple,
)

Answer = Literal["yes", "no", "unknown"]

# So many integers are tried one by one against an enumeration.
MAX_LISTED: Final = 1_000


def is_number_subset(narrow: Number, wide: Number) -> Answer:
    """Whether every number of the one schema is one of the other."""
    low, high = _ends(narrow)
    if low is not None and high is not None and low > high:
        return "yes"
    if not _is_within(narrow, wide, low, high):
        return "no"
    steps = _steps(narrow, wide)
    return steps if steps != "yes" else _formats(narrow, wide)


def _formats(narrow: Number | Text, wide: Number | Text) -> Answer:
    ours, theirs = effective_format(narrow), effective_format(wide)
    if theirs is None or ours == theirs or (ours is not None and holds_format(theirs, ours)):
        return "yes"
    # What a format means is not agreed upon everywhere, and 32 bits may be all that is ever sent.
    return "unknown"


def _is_within(narrow: Number, wide: Number, low: Fraction | None, high: Fraction | None) -> bool:
    if wide.minimum is not None:
        floor_ = Fraction(str(wide.minimum))
        if low is None or low < floor_:
            return False
        if low == floor_ and wide.exclusive_minimum and not _excludes(narrow, low, "low"):
            return False
    if wide.maximum is not None:
        top = Fraction(str(wide.maximum))
        if high is None or high > top:
            return False
        if high == top and wide.exclusive_maximum and not _excludes(narrow, high, "high"):
            return False
    return True


def _excludes(number: Number, edge: Fraction, end: Literal["low", "high"]) -> bool:
    """Whether the edge is only approached; that of integers and multiples is always reached."""
    if _step(number) is not None:
        return False
    own = number.minimum if end == "low" else number.maximum
    open_ = number.exclusive_minimum if end == "low" else number.exclusive_maximum
    return open_ and own is not None and Fraction(str(own)) == edge


def _step(number: Number) -> Fraction | None:
    if number.multiple_of is not None:
        return Fraction(str(number.multiple_of))
    return Fraction(1) if number.integer else None


def _ends(number: Number) -> tuple[Fraction | None, Fraction | None]:
    """Return the least and the greatest number, or the limits that are approached."""
    low = None if number.minimum is None else Fraction(str(number.minimum))
    high = None if number.maximum is None else Fraction(str(number.maximum))
    step = _step(number)
    if step is None:
        return low, high
    if low is not None:
        first = ceil(low / step) * step
        low = first + step if number.exclusive_minimum and first == low else first
    if high is not None:
        last = floor(high / step) * step
        high = last - step if number.exclusive_maximum and last == high else last
    return low, high


def _steps(narrow: Number, wide: Number) -> Answer:
    values = values_of(narrow)
    if values is not None:
        whole = not wide.integer or all(float(one).is_integer() for one in values)
        step = wide.multiple_of
        return (
            "yes" if whole and all(step is None or is_multiple(v, step) for v in values) else "no"
        )
    ours = _step(narrow)
    if wide.integer and (ours is None or ours.denominator != 1):
        return "no"
    if wide.multiple_of is None:
        return "yes"
    return "yes" if ours is not None and ours % Fraction(str(wide.multiple_of)) == 0 else "no"


def values_of(number: Number) -> tuple[int | float, ...] | None:
    """Return all numbers of a schema, or None where they are too many to list."""
    low, high = _ends(number)
    step = _step(number)
    if step is None or low is None or high is None or (high - low) / step > MAX_LISTED:
        return None
    listed = [low + place * step for place in range(int((high - low) / step) + 1)]
    return tuple(int(one) if one.denominator == 1 else float(one) for one in listed)


def is_text_subset(narrow: Text, wide: Text) -> Answer:
    """Whether every string of the one schema is one of the other."""
    if narrow.max_length is not None and narrow.min_length > narrow.max_length:
        return "yes"
    lengths = wide.min_length <= narrow.min_length and (
        wide.max_length is None
        or (narrow.max_length is not None and narrow.max_length <= wide.max_length)
    )
    free = not narrow.patterns and effective_format(narrow) is None
    if not lengths:
        # A pattern or a format may say less than the lengths do.
        return "no" if free else "unknown"
    new = [one for one in wide.patterns if one not in narrow.patterns and one not in EVERY_TEXT]
    return "unknown" if new else _formats(narrow, wide)
