"""Which texts a string schema accepts, as a recipe."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from lockstitch.contract.algebra import Text
from lockstitch.contract.backtracking import may_explode
from lockstitch.contract.mock.formats import has_format
from lockstitch.contract.mock.patterns import NoText, pieces
from lockstitch.contract.mock.recipe import (
    Characters,
    Choice,
    Cookbook,
    Pick,
    Piece,
    Recipe,
    Repeat,
    Sequence,
    Texts,
)
from lockstitch.contract.mock.sampling import sample

WORDS: Final = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "indigo",
    "juniper",
    "krill",
    "lagoon",
    "maple",
    "north",
    "ocean",
    "pebble",
    "quartz",
    "river",
    "slate",
    "tulip",
    "umber",
    "violet",
    "willow",
    "yarrow",
    "zephyr",
)

_DATE: Final = r"20(1\d|2[0-6])-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_HOST: Final = r"[a-z]{3,8}\.example\.(com|org)"

FORMATS: Final = {
    "byte": r"([A-Za-z0-9+/]{4}){1,6}",
    "date": _DATE,
    "date-time": rf"{_DATE}T{_TIME}\.\d{{3}}Z",
    "decimal": r"(0|[1-9]\d{0,3})\.\d{2}",
    "duration": r"PT([1-9]|1\d)H([1-9]|[1-5]\d)M",
    "email": rf"(ada|alan|edith|grace|linus)@{_HOST}",
    "hostname": _HOST,
    "idn-email": rf"(ada|alan|edith|grace|linus)@{_HOST}",
    "idn-hostname": _HOST,
    "int64": r"[1-9]\d{0,17}",
    "ipv4": r"192\.0\.2\.(\d|[1-9]\d|1\d\d)",
    "ipv6": r"2001:db8::[1-9a-f][0-9a-f]{0,3}",
    "iri": rf"https://{_HOST}/[a-z]{{3,8}}",
    "json-pointer": r"(/[a-z]{3,8}){1,3}",
    "regex": r"\^[a-z]\+\$",
    "time": rf"{_TIME}Z",
    "uri": rf"https://{_HOST}/[a-z]{{3,8}}",
    "uri-reference": r"/[a-z]{3,8}/[a-z]{3,8}",
    "url": rf"https://{_HOST}/[a-z]{{3,8}}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
}
# Looking around and back, and anchors in the middle, are what a piece does not know of.
_BEYOND_PIECES: Final = re.compile(r"\(\?<?[=!]|\\[bB1-9]|[^\[(|]\^|(?<!\\)\$[^|)]")
# How far an unlimited repetition goes, until the text is long enough.
_SLACKS: Final = (6, 0, 1, 2, 16, 40, 100, 300)
_TRIES: Final = 12
_QUICK: Final = 16
_KEPT: Final = 6
_LONG: Final = 4


@cache
def usual_texts() -> dict[str, Texts]:
    """Return the recipes that many schemas share, by the name of their format."""
    named = {name: text_recipe(Text(format=name)) for name in FORMATS}
    found = {name: recipe for name, recipe in named.items() if isinstance(recipe, Texts)}
    return {**found, "sentence": Texts(_words(Text()))}


@cache
def text_recipe(schema: Text) -> Recipe | None:
    """Return the recipe of a string schema, or None when no text was found that it accepts."""
    if not schema.patterns and schema.format not in FORMATS:
        return Texts(_words(schema))
    found: dict[str, None] = {}
    for piece in _candidates(schema):
        texts = [sample(Texts(piece), f"{n}", Cookbook()) for n in range(_TRIES)]
        good = [text for text in texts if accepts(schema, text)]
        if len(good) == len(texts) and _always(schema, piece):
            return Texts(piece)
        found.update(dict.fromkeys(good))
        if len(found) >= _KEPT:
            break
    return Pick(tuple(found)[:_KEPT]) if found else None


def accepts(schema: Text, text: str) -> bool:
    """Whether a string schema accepts a text."""
    if len(text) < schema.min_length:
        return False
    if schema.max_length is not None and len(text) > schema.max_length:
        return False
    return has_format(schema.format, text) and all(finds(one, text) for one in schema.patterns)


def finds(pattern: str, text: str) -> bool:
    """Whether a pattern finds something in the text.

    One that Python cannot read, or that might search a long text without end, finds nothing.
    """
    if len(text) > _QUICK and may_explode(pattern):
        return False
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def lengths(piece: Piece) -> tuple[int, int]:
    """Return the lengths of the shortest and the longest text of a piece."""
    match piece:
        case str():
            return len(piece), len(piece)
        case Characters():
            return 1, 1
        case Choice():
            parts = [lengths(part) for part in piece.of]
            return min(low for low, _ in parts), max(high for _, high in parts)
        case Repeat():
            low, high = lengths(piece.piece)
            return low * piece.least, high * piece.most
        case Sequence():
            parts = [lengths(part) for part in piece.of]
            return sum(low for low, _ in parts), sum(high for _, high in parts)


def _candidates(schema: Text) -> Iterator[Piece]:
    sources = [*schema.patterns, *([FORMATS[schema.format]] if schema.format in FORMATS else [])]
    widths = [(slack, 0) for slack in _SLACKS]
    widths += [(size, size) for size in range(schema.min_length, schema.min_length - _LONG, -1)]
    for slack, stretch in widths:
        try:
            found = [pieces(source, slack, max(0, stretch)) for source in sources]
        except NoText:
            return
        # One after the other, several patterns may each find their part.
        yield from found
        if len(found) > 1:
            yield Sequence(tuple(found))


def _always(schema: Text, piece: Piece) -> bool:
    """Whether every text of the piece is accepted, not only those that were tried."""
    low, high = lengths(piece)
    fits = low >= schema.min_length and (schema.max_length is None or high <= schema.max_length)
    sources = len(schema.patterns) + (schema.format in FORMATS)
    plain = not any(_BEYOND_PIECES.search(one) for one in schema.patterns)
    return fits and sources == 1 and plain


def _words(schema: Text) -> Piece:
    word = Choice(WORDS)
    sentence = Sequence((word, Repeat(Sequence((" ", word)), 1, 3)))
    low, high = schema.min_length, schema.max_length
    for piece in (sentence, word):
        shortest, longest = lengths(piece)
        if shortest >= low and (high is None or longest <= high):
            return piece
    most = min(low + _LONG, high) if high is not None else low + _LONG
    return Repeat(Characters("abcdefghijklmnopqrstuvwxyz"), low or min(1, most), most)
