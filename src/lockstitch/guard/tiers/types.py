"""Column and field: are they of one type, in Python and in JavaScript?"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, NaiveDatetime

from lockstitch.contract.algebra import Array, Number, Object
from lockstitch.database.catalogue.data import ColumnType
from lockstitch.findings import Finding
from lockstitch.guard.tiers.families import fit
from lockstitch.guard.tiers.pairs import Pair

_MAX_SAFE_INTEGER = 2**53 - 1


def compare_types(pair: Pair) -> Iterator[Finding]:
    """Yield how the types of a field and of its column differ."""
    fits = fit(pair.column.type, pair.schemas, pair.field.python)
    if fits == "none" or _cuts_off_fractions(pair) or _is_other_json(pair):
        yield pair.finding(
            "column-type",
            "error",
            f"the field is {_spoken_field(pair)}; {pair.name} is {spoken(pair.column.type)}.",
            "Give the field the column's type, or change the column by a migration.",
        )
    elif fits == "plain":
        yield from _plain(pair)
    elif fits == "lossy":
        yield _lossy(pair)
    else:
        yield from _unsafe_integer(pair)
        yield from _naive(pair)
        yield from _rounded(pair)


def spoken(kind: ColumnType) -> str:
    """Return a type as SQL says it."""
    names = {"int2": "smallint", "int4": "integer", "int8": "bigint", "bool": "boolean"}
    name = names.get(kind.name, kind.name)
    if kind.length is not None:
        name += f"({kind.length})"
    if kind.precision is not None:
        name += f"({kind.precision}, {kind.scale})"
    return f"{name}[]" if kind.array else name


def _spoken_field(pair: Pair) -> str:
    names = (getattr(one, "__name__", str(one)) for one in pair.field.python)
    return " or ".join(sorted(names))


def _cuts_off_fractions(pair: Pair) -> bool:
    """Whether an answer in whole numbers comes from a column that holds others."""
    fractions = pair.family == "float" or (pair.family == "decimal" and pair.column.type.scale != 0)
    whole = bool(pair.schemas) and all(
        isinstance(one, Number) and one.integer for one in pair.schemas
    )
    return fractions and whole and not pair.requested and not pair.column.type.array


def _is_other_json(pair: Pair) -> bool:
    """Whether a check says that the column holds an object and the field is an array, or so."""
    kinds = {"object": Object, "array": Array}
    wanted = kinds.get(pair.limits.json or "")
    if pair.family != "json" or wanted is None:
        return False
    known = [one for one in pair.schemas if isinstance(one, Object | Array)]
    return bool(known) and not any(isinstance(one, wanted) for one in known)


def _plain(pair: Pair) -> Iterator[Finding]:
    if pair.family == "integer":
        return  # A text of digits is how an integer of 64 bits should travel.
    yield pair.finding(
        "column-type",
        "error" if pair.requested else "warning",
        f"the field is any text; {pair.name} is {spoken(pair.column.type)}.",
        "Give the field the column's type, so that it is checked and TypeScript knows it.",
    )


def _lossy(pair: Pair) -> Finding:
    if pair.family == "decimal":
        return pair.finding(
            "lossy-decimal",
            "error",
            f"the field is a binary number; {pair.name} is {spoken(pair.column.type)}.",
            "Make the field a Decimal: it travels as a text and keeps every digit.",
        )
    return pair.finding(
        "column-type",
        "error" if pair.requested else "information",
        f"the field takes fractions; {pair.name} is {spoken(pair.column.type)}.",
        "Make the field an int, or the column numeric.",
    )


def _unsafe_integer(pair: Pair) -> Iterator[Finding]:
    if pair.requested or pair.column.type.name != "int8" or pair.counts_up:
        return
    if not any(isinstance(one, Number) for one in pair.schemas):
        return
    most, least = pair.limits.maximum, pair.limits.minimum
    if most is None or least is None or most > _MAX_SAFE_INTEGER or least < -_MAX_SAFE_INTEGER:
        yield pair.finding(
            "unsafe-integer",
            "error",
            f"{pair.name} holds 64 bits and leaves as a number; JavaScript keeps 53 of them.",
            "Send it as a text (a PlainSerializer to str), or limit the column by a check.",
        )


def _naive(pair: Pair) -> Iterator[Finding]:
    python = pair.field.python
    times = {datetime, AwareDatetime, NaiveDatetime}
    if not python & times or pair.column.type.array:
        return
    if pair.family == "timestamptz":
        if NaiveDatetime in python or (pair.requested and AwareDatetime not in python):
            yield pair.finding(
                "naive-time",
                "error" if NaiveDatetime in python else "warning",
                f"the field takes a time without an offset; {pair.name} is a moment, so Postgres "
                "would read it in the zone of the session.",
                "Make the field AwareDatetime.",
            )
    elif pair.family == "timestamp" and NaiveDatetime not in python:
        yield pair.finding(
            "naive-time",
            "error",
            f"{pair.name} has no zone: "
            + (
                "Postgres drops the offset that is sent."
                if pair.requested
                else "the answer has no offset, and JavaScript takes it for local time."
            ),
            "Make the column timestamptz by a migration.",
        )
    elif pair.family == "timestamp":
        yield pair.finding(
            "naive-time",
            "warning",
            f"{pair.name} has no zone; JavaScript takes the time for that of the browser.",
            "Make the column timestamptz by a migration, and the field AwareDatetime.",
        )


def _rounded(pair: Pair) -> Iterator[Finding]:
    scale = pair.column.type.scale
    if pair.family != "decimal" or scale is None or not pair.requested:
        return
    if Decimal not in pair.field.python or pair.column.type.array:
        return
    places = pair.field.digits[1]
    if places is None or places > scale:
        yield pair.finding(
            "lossy-decimal",
            "error",
            f"the request may have more digits behind the point than the {scale} of {pair.name}; "
            "Postgres rounds them without a word.",
            f"Set decimal_places={scale} on the field.",
        )
