"""Reading check constraints: what they say of one column."""

import re
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from lockstitch.database.catalogue.data import Column, Table
from lockstitch.database.catalogue.limits import Limits, limits_of_type
from lockstitch.database.catalogue.tokens import END, Token, tokens

_LENGTH_FUNCTIONS = frozenset({"char_length", "length", "character_length"})
_COUNT_FUNCTIONS = frozenset({"cardinality", "array_length", "jsonb_array_length"})
_OPPOSITE = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}

_ITEM = re.compile(r'"([^"]*)"|([^,]+)')

Subject = Literal["value", "length", "count", "json"]


def limits_of(table: Table, column: Column) -> Limits:
    """Return what the type of a column and the checks of its table allow in it.

    A check that says something of several columns, or in a way that is not understood, limits
    nothing here.
    """
    found = limits_of_type(column.type)
    for check in table.checks:
        found = found.both(read_check(check.expression, column.name))
    return found


def read_check(expression: str, column: str) -> Limits:
    """Return what a check, as Postgres prints it, says of a column."""
    return _Reader(tokens(expression), column).read()


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: the column or something of it, or constants."""

    subject: Subject | None = None
    constants: tuple[Token, ...] = ()


class _Unreadable(Exception):
    """The expression says something that this reader does not know."""


# `x is null`, which is the column's own affair; known by its identity.
_NULL = Limits()


class _Reader:
    """Reads `a and b`, `a or b`, comparisons with constants, and lists."""

    def __init__(self, found: list[Token], column: str) -> None:
        self._tokens = found
        self._place = 0
        self._column = column

    def read(self) -> Limits:
        found = self._either()
        return found if self._next() is END else Limits()

    # The tokens

    def _next(self) -> Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else END

    def _take(self) -> Token:
        token = self._next()
        self._place += 1
        return token

    def _expect(self, value: str) -> None:
        if not self._take().says(value):
            raise _Unreadable

    # Conditions

    def _either(self) -> Limits:
        found = [self._both()]
        while self._next().says("or"):
            self._take()
            found.append(self._both())
        told = [one for one in found if one is not _NULL]
        if not told:
            return _NULL
        result = told[0]
        for other in told[1:]:
            result = result.either(other)
        return result

    def _both(self) -> Limits:
        found = self._condition()
        while self._next().says("and"):
            self._take()
            found = found.both(self._condition())
        return found

    def _condition(self) -> Limits:
        start = self._place
        for read in (self._comparison, self._group):
            with suppress(_Unreadable):
                return read()
            self._place = start
        return self._skip()

    def _group(self) -> Limits:
        self._expect("(")
        inner = self._either()
        self._expect(")")
        self._refuse_more()
        return inner

    def _skip(self) -> Limits:
        """Pass over a condition that is not understood, and say nothing of it."""
        depth = 0
        while self._next() is not END:
            token = self._next()
            if depth == 0 and token.says("and", "or", ")"):
                break
            depth += token.says("(", "[") - token.says(")", "]")
            self._place += 1
        return Limits()

    def _comparison(self) -> Limits:
        left = self._side()
        operator = self._take()
        if operator.says("is"):
            return self._null_test(left)
        if operator.says("<>") and left.subject == "value":
            return self._not_empty()
        if not operator.says("<@", *_OPPOSITE):
            raise _Unreadable
        right = self._side()
        self._refuse_more()
        if operator.says("<@"):
            # Of an array the values are those of its items.
            items = _items_of(right.constants)
            known = left.subject == "value" and bool(items)
            return Limits(values=_values(items)) if known else Limits()
        if left.subject and right.constants:
            return _limit(left.subject, operator.value, right.constants)
        if right.subject and left.constants:
            return _limit(right.subject, _OPPOSITE[operator.value], left.constants)
        return Limits()

    def _not_empty(self) -> Limits:
        if self._side().constants != (Token("text", ""),):
            raise _Unreadable
        self._refuse_more()
        return Limits(minimum_length=1)

    def _refuse_more(self) -> None:
        """Refuse what is only the beginning of something else, such as `1 + b`."""
        if self._next() is not END and not self._next().says("and", "or", ")"):
            raise _Unreadable

    def _null_test(self, left: _Side) -> Limits:
        if self._next().says("not"):
            self._take()
            self._expect("null")
            return Limits()
        self._expect("null")
        return _NULL if left.subject == "value" else Limits()

    # The sides of a comparison

    def _side(self) -> _Side:
        token = self._take()
        if token.says("("):
            inner = self._side()
            self._expect(")")
            return inner
        if token.kind in {"text", "number"}:
            return _Side(constants=(token,))
        if token.says("-") and self._next().kind == "number":
            return _Side(constants=(Token("number", f"-{self._take().value}"),))
        if token.says("any", "array"):
            return self._listed(token)
        if token.kind != "word":
            raise _Unreadable
        if self._next().says("("):
            return self._called(token)
        return _Side(subject="value") if token.value == self._column else _Side()

    def _listed(self, token: Token) -> _Side:
        opening, closing = ("(", ")") if token.says("any") else ("[", "]")
        self._expect(opening)
        found: list[Token] = []
        while not self._next().says(closing):
            found += self._side().constants
            if self._next().says(","):
                self._take()
            elif not self._next().says(closing):
                raise _Unreadable
        self._take()
        listed = tuple(found)
        return _Side(constants=_items_of(listed) if token.says("any") else listed)

    def _called(self, function: Token) -> _Side:
        self._expect("(")
        argument = self._side()
        while self._next().says(","):
            self._take()
            self._side()
        self._expect(")")
        if argument.subject != "value":
            return _Side()
        if function.value in _LENGTH_FUNCTIONS:
            return _Side(subject="length")
        if function.value in _COUNT_FUNCTIONS:
            return _Side(subject="count")
        return _Side(subject="json") if function.says("jsonb_typeof") else _Side()


def _items(token: Token) -> list[Token]:
    """Return the items of an array that is spelt as a text, `'{a,"b c"}'`."""
    if token.kind != "text" or not token.value.startswith("{"):
        return [token]
    return [
        Token("text", quoted or plain) for quoted, plain in _ITEM.findall(token.value.strip("{}"))
    ]


def _items_of(constants: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(item for constant in constants for item in _items(constant))


def _limit(subject: Subject, operator: str, constants: tuple[Token, ...]) -> Limits:
    if subject == "json":
        return Limits(json=constants[0].value) if operator == "=" else Limits()
    if subject == "value" and operator == "=":
        return Limits(values=_values(constants))
    try:
        (bound,) = (Decimal(constant.value) for constant in constants)
    except (InvalidOperation, ValueError):
        return Limits()  # Dates and texts have an order, too; no field type states one.
    if subject == "value":
        return _range(operator, bound)
    # Lengths are whole: above 1 is from 2 on.
    least = None if "<" in operator else int(bound) + (operator == ">")
    most = None if ">" in operator else int(bound) - (operator == "<")
    if subject == "length":
        return Limits(minimum_length=least, maximum_length=most)
    return Limits(minimum_count=least, maximum_count=most)


def _values(constants: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(constant.value for constant in constants)


def _range(operator: str, bound: Decimal) -> Limits:
    if ">" in operator:
        return Limits(minimum=bound, above=operator == ">")
    return Limits(maximum=bound, below=operator == "<")
