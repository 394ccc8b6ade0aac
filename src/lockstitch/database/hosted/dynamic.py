"""The text that an expression of SQL makes, as far as it is written out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

# Stands for what is known only when the statement runs; it parses as a name and in a text.
UNKNOWN: Final = "lockstitch_unknown"

_PLACEHOLDER: Final = re.compile(r"%(?:(?P<place>\d+)\$)?-?\d*(?P<kind>[IsL%])")
_QUOTING: Final = frozenset({"quote_ident", "quote_literal", "quote_nullable"})


def constant_text(value: Mapping[str, Any]) -> str | None:
    """Return the text of an expression, or None when nothing of it is written out.

    Knows constants, casts, `||` and `format`; every other part is `UNKNOWN`.
    """
    constant = value.get("A_Const")
    if constant is not None:
        text = constant.get("sval", {}).get("sval")
        return None if text is None else str(text)
    if "TypeCast" in value:
        return constant_text(value["TypeCast"].get("arg", {}))
    if "A_Expr" in value:
        return _joined(value["A_Expr"])
    if "FuncCall" in value:
        return _called(value["FuncCall"])
    return None


def _joined(expression: Mapping[str, Any]) -> str | None:
    name = expression.get("name", [{}])[-1].get("String", {}).get("sval")
    sides = [constant_text(expression.get(side, {})) for side in ("lexpr", "rexpr")]
    if name != "||" or sides == [None, None]:
        return None
    return "".join(UNKNOWN if side is None else side for side in sides)


def _called(call: Mapping[str, Any]) -> str | None:
    name = call.get("funcname", [{}])[-1].get("String", {}).get("sval")
    given = [constant_text(one) for one in call.get("args", ())]
    if name in _QUOTING and given:
        return given[0]
    if name != "format" or not given or given[0] is None:
        return None
    return _formatted(given[0], given[1:])


def _formatted(pattern: str, given: Sequence[str | None]) -> str:
    following = iter(range(len(given)))

    def filled(match: re.Match[str]) -> str:
        if match["kind"] == "%":
            return "%"
        place = int(match["place"]) - 1 if match["place"] else next(following, len(given))
        text = given[place] if place < len(given) else None
        known = UNKNOWN if text is None else text
        return "'" + known.replace("'", "''") + "'" if match["kind"] == "L" else known

    return _PLACEHOLDER.sub(filled, pattern)
