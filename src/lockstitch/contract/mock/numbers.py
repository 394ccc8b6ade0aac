"""Which numbers a schema accepts, as a recipe of whole numbers."""

from fractions import Fraction
from math import ceil, floor
from typing import Final

from lockstitch.contract.algebra import Number
from lockstitch.contract.mock.recipe import Numbers, Pick, Recipe

SAFE: Final = 2**53 - 1
# What is drawn from when nothing is said, and how wide a range at most.
_USUAL: Final = 1000
_MOST_STEPS: Final = 100_000
_DECIMALS: Final = 2
_LEAST_STEPS: Final = 10
_FINEST: Final = 10**15
_FORMATS: Final = {"int32": (-(2**31), 2**31 - 1)}


def number_recipe(schema: Number) -> Recipe | None:
    """Return the recipe of a number schema, or None when it accepts no number."""
    low, high = _range(schema)
    if schema.multiple_of is not None:
        return _multiples(schema, low, high)
    scale = 1 if schema.integer else 10**_DECIMALS
    while not schema.integer and (high - low) * scale < _LEAST_STEPS and scale < _FINEST:
        scale *= 10
    first, last = _steps(schema, low * scale, high * scale)
    if last < first:
        # A range that holds nothing rounder than its own bound.
        edge = schema.minimum if schema.minimum is not None else schema.maximum
        whole = edge is not None and (not schema.integer or float(edge).is_integer())
        return Pick((edge,)) if whole and _accepts(schema, Fraction(edge or 0)) else None
    return Numbers(low=first, count=min(last - first + 1, _MOST_STEPS), scale=scale)


def _range(schema: Number) -> tuple[Fraction, Fraction]:
    """Return the bounds to draw from: those of the schema, or about a thousand from one of them."""
    floor_, ceiling = _FORMATS.get(schema.format or "", (-SAFE, SAFE))
    low = None if schema.minimum is None else max(Fraction(str(schema.minimum)), Fraction(floor_))
    high = None if schema.maximum is None else min(Fraction(str(schema.maximum)), Fraction(ceiling))
    usual = Fraction(_USUAL)
    if schema.multiple_of is not None:
        usual = max(usual, Fraction(str(schema.multiple_of)) * _USUAL)
    if low is None:
        low = Fraction(0) if high is None or high > 0 else high - usual
    elif low < 0 and (high is None or high >= _USUAL):
        # A range around zero, such as that of int32, is not meant to be used to its ends.
        low = Fraction(0)
    if high is None or high - low > usual:
        high = low + usual
    return low, high


def _steps(schema: Number, low: Fraction, high: Fraction) -> tuple[int, int]:
    first, last = ceil(low), floor(high)
    at_low = schema.minimum is not None and schema.exclusive_minimum and first == low
    at_high = schema.maximum is not None and schema.exclusive_maximum and last == high
    return first + at_low, last - at_high


def _multiples(schema: Number, low: Fraction, high: Fraction) -> Recipe | None:
    step = Fraction(str(schema.multiple_of))
    first, last = _steps(schema, low / step, high / step)
    if last < first:
        return None
    count = min(last - first + 1, _MOST_STEPS)
    if step.denominator == 1:
        return Numbers(low=first, count=count, step=step.numerator)
    # Validators divide in floating point, so only multiples that survive it are offered.
    found = [(first + n) * step for n in range(min(count, 200))]
    values = [float(one) for one in found if _divides(float(one), float(step))]
    if schema.integer:
        values = [one for one in values if one.is_integer()]
    kept = tuple(int(one) if one.is_integer() else one for one in values[:20])
    return Pick(kept) if kept else None


def _divides(value: float, step: float) -> bool:
    return (value / step).is_integer()


def _accepts(schema: Number, value: Fraction) -> bool:
    low, high = schema.minimum, schema.maximum
    if low is not None and (value < low or (schema.exclusive_minimum and value == low)):
        return False
    return high is None or not (value > high or (schema.exclusive_maximum and value == high))
