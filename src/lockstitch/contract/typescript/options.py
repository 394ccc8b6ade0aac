"""What a project may choose about its generated TypeScript."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScriptOptions:
    """The choices; the defaults are what a new project should take.

    Attributes:
        names: `camel` renames snake_case members to camelCase; `wire` keeps every name.
        naive_dates: What a date-time without offset is: `utc`, or refused (`reject`).
        branded_uuids: Whether `format: uuid` becomes `Uuid` instead of `string`.
        plain: Formats that stay plain, unchecked strings: any of date-time, date, time,
            duration, decimal, int64, uuid.
    """

    names: Literal["camel", "wire"] = "camel"
    naive_dates: Literal["utc", "reject"] = "utc"
    branded_uuids: bool = False
    plain: frozenset[str] = frozenset()
