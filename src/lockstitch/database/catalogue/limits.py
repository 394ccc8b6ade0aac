"""What a table allows in one column: listed values, lengths, ranges."""

from dataclasses import dataclass
from decimal import Decimal

from lockstitch.database.catalogue.data import ColumnType

# What each integer type holds.
_INTEGER_BITS = {"int2": 16, "int4": 32, "int8": 64}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a column takes; None where nothing is said.

    Attributes:
        values: The listed values, in their order; texts, and integers as decimal text.
        minimum: The least number; `above` when that number itself is refused.
        maximum: The greatest number; `below` when that number itself is refused.
        minimum_count: The fewest items of an array.
        json: The type that `jsonb_typeof` must name.
    """

    values: tuple[str, ...] | None = None
    minimum_length: int | None = None
    maximum_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: bool = False
    below: bool = False
    minimum_count: int | None = None
    maximum_count: int | None = None
    json: str | None = None

    def both(self, other: "Limits") -> "Limits":
        """Return what is allowed when both must hold."""
        low = max(_lows(self, other), default=None)
        high = min(_highs(self, other), default=None)
        return Limits(
            values=_common(self.values, other.values),
            minimum_length=_largest(self.minimum_length, other.minimum_length),
            maximum_length=_smallest(self.maximum_length, other.maximum_length),
            minimum=low[0] if low else None,
            maximum=high[0] if high else None,
            above=bool(low and low[1]),
            below=bool(high and not high[1]),
            minimum_count=_largest(self.minimum_count, other.minimum_count),
            maximum_count=_smallest(self.maximum_count, other.maximum_count),
            json=self.json or other.json,
        )

    def either(self, other: "Limits") -> "Limits":
        """Return what is allowed when one of both must hold: only lists are joined."""
        if self.values is None or other.values is None:
            return Limits()
        return Limits(values=tuple(dict.fromkeys([*self.values, *other.values])))


def limits_of_type(kind: ColumnType) -> Limits:
    """Return what a type allows by itself."""
    if kind.array:
        return Limits()
    if kind.name in _INTEGER_BITS:
        bound = Decimal(2) ** (_INTEGER_BITS[kind.name] - 1)
        return Limits(minimum=-bound, maximum=bound - 1)
    if kind.precision is not None and kind.scale is not None:
        bound = Decimal(10) ** (kind.precision - kind.scale)
        return Limits(minimum=-bound, maximum=bound, above=True, below=True)
    return Limits(values=kind.values, maximum_length=kind.length)


def _lows(*all_limits: Limits) -> list[tuple[Decimal, bool]]:
    """Return the lower bounds so that the strictest is the greatest."""
    return [(one.minimum, one.above) for one in all_limits if one.minimum is not None]


def _highs(*all_limits: Limits) -> list[tuple[Decimal, bool]]:
    """Return the upper bounds so that the strictest is the least."""
    return [(one.maximum, not one.below) for one in all_limits if one.maximum is not None]


def _common(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(value for value in one if value in other)


def _largest(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _smallest(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)
