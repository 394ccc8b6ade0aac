"""The tokens of an SQL expression as Postgres prints it."""

import re
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    r"""
    (?P<space>    \s+ | --[^\n]* | /\*.*?\*/ )
  | (?P<text>     [eE]?'(?:[^']|'')*' )
  | (?P<number>   \d+(?:\.\d*)?(?:[eE][-+]?\d+)? | \.\d+ )
  | (?P<word>     "(?:[^"]|"")*" | [^\W\d][\w$]* )
  | (?P<operator> :: | ->> | -> | \#>> | \#> | !~~\* | !~~ | !~\* | !~ | ~~\* | ~~ | ~\*
                | <> | != | <= | >= | \|\| | && | @> | <@ | . )
    """,
    re.VERBOSE | re.DOTALL,
)

# Words that follow a cast and still belong to the name of its type.
_TYPE_WORDS = frozenset({"varying", "precision", "without", "with", "time", "zone", "to"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression; texts are without quotes, words in small letters unless quoted."""

    kind: Literal["text", "number", "word", "operator"]
    value: str

    def says(self, *values: str) -> bool:
        """Whether it is one of these words or operators."""
        return self.kind in {"word", "operator"} and self.value in values


END = Token("operator", "")


def tokens(expression: str) -> list[Token]:
    """Return the tokens of an expression, without its casts: they change no rule."""
    return _without_casts([_token(match) for match in _TOKEN.finditer(expression) if _kept(match)])


def _kept(match: re.Match[str]) -> bool:
    return match.lastgroup != "space"


def _token(match: re.Match[str]) -> Token:
    text = match.group()
    if match.lastgroup == "text":
        return Token("text", text.lstrip("eE")[1:-1].replace("''", "'"))
    if match.lastgroup == "number":
        return Token("number", text)
    if match.lastgroup == "operator":
        return Token("operator", text)
    quoted = text.startswith('"')
    return Token("word", text[1:-1].replace('""', '"') if quoted else text.lower())


def _without_casts(found: list[Token]) -> list[Token]:
    kept: list[Token] = []
    place = 0
    while place < len(found):
        if found[place].says("::"):
            place = _behind_type(found, place + 1)
        else:
            kept.append(found[place])
            place += 1
    return kept


def _behind_type(found: list[Token], place: int) -> int:
    """Return the place behind the name of a type: `character varying(200)[]`, `public.mood`."""
    place += 1
    while place < len(found):
        if found[place].says(".", *_TYPE_WORDS):
            place += 2 if found[place].says(".") else 1
        elif found[place].says("(", "["):
            closing = ")" if found[place].says("(") else "]"
            while place < len(found) and not found[place].says(closing):
                place += 1
            place += 1
        else:
            return place
    return place
