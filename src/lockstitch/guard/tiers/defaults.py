"""Column and field: do they stand for the same value when none is given?"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from lockstitch.contract.algebra import ABSENT
from lockstitch.database.catalogue.data import Column
from lockstitch.database.catalogue.tokens import tokens
from lockstitch.findings import Finding
from lockstitch.guard.tiers.pairs import Pair

_ARRAY = re.compile(r"^\{(.*)\}$")


def compare_defaults(pair: Pair) -> Iterator[Finding]:
    """Yield when a request that leaves the field out means another value than the column's."""
    if not pair.requested or pair.partial or pair.field.required:
        return
    ours, theirs = pair.field.default, constant_default(pair.column)
    if ours is None or ours is ABSENT or theirs is ABSENT or _same(ours, theirs):
        return
    yield pair.finding(
        "different-default",
        "warning",
        f"the field stands for {json.dumps(ours, default=str)} when it is not sent; {pair.name} "
        f"for {json.dumps(theirs, default=str)}.",
        "Give both the same default, or leave it to one of them.",
    )


def constant_default(column: Column) -> Any:
    """Return the value of a default that is a constant; ABSENT for any other."""
    found = tokens(column.default or "")
    if found and found[0].says("(", "-") and len(found) > 1:
        found = [one for one in found if not one.says("(", ")")]
    sign = -1 if found and found[0].says("-") else 1
    found = found[1:] if sign == -1 else found
    if len(found) != 1:
        return [] if [one.value for one in found] == ["array", "[", "]"] else ABSENT
    (token,) = found
    if token.kind == "number":
        return sign * Decimal(token.value)
    if token.says("true", "false"):
        return token.value == "true"
    return _of_text(column, token.value) if token.kind == "text" else ABSENT


def _of_text(column: Column, text: str) -> Any:
    if column.type.array:
        items = _ARRAY.match(text)
        return [one.strip('"') for one in items[1].split(",") if one] if items else ABSENT
    if column.type.name in {"json", "jsonb"}:
        return json.loads(text)
    return text


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, set | tuple):
        return sorted(map(str, ours)) == sorted(map(str, theirs))
    if isinstance(ours, int | float | Decimal):
        try:
            return Decimal(str(ours)) == Decimal(str(theirs))
        except InvalidOperation:
            return False
    return bool(ours == theirs) or str(ours) == theirs
