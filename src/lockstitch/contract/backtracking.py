"""Regular expressions that may take exponential time, because one text can be read in many ways."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lockstitch.contract.mock.patterns import PRINTABLE, NoText, pieces
from lockstitch.contract.mock.recipe import Characters, Choice, Piece, Repeat, Sequence

_UNLIMITED: Final = 1_000_000
# From so many repetitions on, the ways to share a text among them are too many to try.
_MANY: Final = 16


@lru_cache(maxsize=1024)
def may_explode(pattern: str) -> bool:
    """Whether a text may be read in exponentially many ways, as by `(a+)+`.

    That is so where something repeated holds another repetition, and nothing that must stand
    between the rounds tells where the one ends and the next begins; or where it has alternatives
    for the same character.
    """
    try:
        whole = pieces(pattern, _UNLIMITED, any_character=PRINTABLE)
    except NoText:
        return False
    return any(_is_ambiguous(one.piece) for one in _loops(whole))


def _loops(piece: Piece) -> Iterator[Repeat]:
    if isinstance(piece, Repeat) and piece.most >= _MANY:
        yield piece
    for inner in _parts(piece):
        yield from _loops(inner)


def _parts(piece: Piece) -> tuple[Piece, ...]:
    match piece:
        case Choice() | Sequence():
            return piece.of
        case Repeat():
            return (piece.piece,)
        case _:
            return ()


def _is_ambiguous(body: Piece) -> bool:
    inside = any(
        not any(one.isdisjoint(_characters(loop.piece)) for one in between)
        for loop, between in _loops_between(body, ())
    )
    return inside or _share_a_character(body)


def _loops_between(
    piece: Piece, between: tuple[frozenset[str], ...]
) -> Iterator[tuple[Repeat, tuple[frozenset[str], ...]]]:
    """Yield each loop inside a piece with the characters that must stand beside it."""
    if isinstance(piece, Repeat) and piece.most >= _MANY:
        yield piece, between
    if isinstance(piece, Sequence):
        for place, one in enumerate(piece.of):
            others = (*piece.of[:place], *piece.of[place + 1 :])
            needed = (found for other in others for found in _needed(other))
            yield from _loops_between(one, (*between, *needed))
    else:
        for one in _parts(piece):
            yield from _loops_between(one, between)


def _needed(piece: Piece) -> Iterator[frozenset[str]]:
    """Yield for each character that every text of the piece has what it may be."""
    match piece:
        case str():
            yield from map(frozenset, piece)
        case Characters():
            yield frozenset(piece.of)
        case Sequence():
            for one in piece.of:
                yield from _needed(one)
        case Repeat(least=least) if least > 0:
            yield from _needed(piece.piece)
        case Choice():
            if all(list(_needed(one)) for one in piece.of):
                yield _characters(piece)
        case _:
            return


def _characters(piece: Piece) -> frozenset[str]:
    """Return every character of every text of a piece."""
    match piece:
        case str():
            return frozenset(piece)
        case Characters():
            return frozenset(piece.of)
        case _:
            return frozenset().union(*map(_characters, _parts(piece)))


def _share_a_character(body: Piece) -> bool:
    seen: set[str] = set()
    for one in body.of if isinstance(body, Choice) else ():
        if isinstance(one, Characters) or (isinstance(one, str) and len(one) == 1):
            if not seen.isdisjoint(_characters(one)):
                return True
            seen |= _characters(one)
    return False
