"""Column and field: do they allow the same numbers?"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lockstitch.contract.algebra import Number
from lockstitch.database.catalogue.limits import limits_of_type
from lockstitch.findings import Finding
from lockstitch.guard.tiers.pairs import Pair

_INFINITE = Decimal("inf")


@dataclass(frozen=True, slots=True)
class _Range:
    """The numbers between two bounds, the bounds themselves included unless they are open."""

    low: Decimal
    high: Decimal
    low_open: bool = False
    high_open: bool = False

    def within(self, other: "_Range") -> bool:
        """Whether every number of this range is one of the other."""
        return (self.low, self.low_open) >= (other.low, other.low_open) and (
            self.high,
            not self.high_open,
        ) <= (other.high, not other.high_open)

    @property
    def stated(self) -> bool:
        return self.low.is_finite() or self.high.is_finite()

    def __str__(self) -> str:
        low = f"{'above' if self.low_open else 'from'} {_plain(self.low)}"
        high = f"{'below' if self.high_open else 'up to'} {_plain(self.high)}"
        sides = [side for side, at in ((low, self.low), (high, self.high)) if at.is_finite()]
        return " and ".join(sides) or "any number"


def compare_ranges(pair: Pair) -> Iterator[Finding]:
    """Yield where a request takes numbers that the column refuses, or the reverse."""
    numbers = [one for one in pair.schemas if isinstance(one, Number)]
    if not numbers or pair.column.type.array or pair.family not in {"integer", "float", "decimal"}:
        return
    ours, theirs = _of_field(pair, numbers), _of_column(pair)
    if pair.requested and not ours.within(theirs):
        yield pair.finding(
            "range",
            # Who states no bound has not thought of the column; who states another contradicts it.
            "error" if ours.stated or _has_check(pair) else "warning",
            f"the request may be {ours}; {pair.name} takes {theirs}.",
            "Set the bounds of the column on the field, so that the caller gets a 422.",
        )
    if not pair.requested and ours.stated and not theirs.within(ours):
        yield pair.finding(
            "range",
            "error",
            f"the answer allows {ours}; {pair.name} may hold {theirs}.",
            "Add a check constraint to the column, or lift the bounds of the field.",
        )


def _of_field(pair: Pair, numbers: list[Number]) -> _Range:
    bounds = [_of_number(one) for one in numbers]
    low = min((one.low, one.low_open) for one in bounds)
    high = max((one.high, not one.high_open) for one in bounds)
    digits, places = pair.field.digits
    if digits is not None:
        # Six digits with two behind the point stay below 10,000.
        bound = Decimal(10) ** (digits - (places or 0))
        low, high = max(low, (-bound, True)), min(high, (bound, False))
    return _Range(low[0], high[0], low[1], not high[1])


def _of_number(one: Number) -> _Range:
    low = -_INFINITE if one.minimum is None else Decimal(str(one.minimum))
    high = _INFINITE if one.maximum is None else Decimal(str(one.maximum))
    if one.integer:
        return _Range(low + one.exclusive_minimum, high - one.exclusive_maximum)
    return _Range(low, high, one.exclusive_minimum, one.exclusive_maximum)


def _of_column(pair: Pair) -> _Range:
    limits = pair.limits
    low = -_INFINITE if limits.minimum is None else limits.minimum
    high = _INFINITE if limits.maximum is None else limits.maximum
    if pair.family == "integer":
        return _Range(low + limits.above, high - limits.below)
    return _Range(low, high, limits.above, limits.below)


def _has_check(pair: Pair) -> bool:
    """Whether a check says more than the type of the column does."""
    of_type = limits_of_type(pair.column.type)
    own = (pair.limits.minimum, pair.limits.maximum)
    return own != (of_type.minimum, of_type.maximum)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value.is_finite() else str(value)
