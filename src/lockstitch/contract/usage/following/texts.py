"""Texts: which are worth following, and putting them together."""

from itertools import product
from typing import Final

from lockstitch.contract.usage.following.values import Piece, Text, Value, one

METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "query"})
_MAXIMUM_PIECES: Final = 10
_MAXIMUM_CHOICES: Final = 6
_MAXIMUM_LENGTH: Final = 300
_UNKNOWN: Final = Text((Piece("", hole=True),))


def worth_keeping(text: str, words: frozenset[str]) -> bool:
    """Whether a text may be part of an address or the name of a method.

    `words` are those of the contract's paths: `tasks` may be handed to a function that adds `/`.
    """
    if text in {"", "?", "&", "/"} or text.lower() in METHODS:
        return True
    if len(text) > _MAXIMUM_LENGTH or any(character.isspace() for character in text):
        return False
    if text.startswith(("/", "http://", "https://", "?")):
        return True
    return text.split("/", 1)[0].split("?", 1)[0] in words


def concatenated(parts: list[Value]) -> Value:
    """Return the texts that come of putting one of each part after another."""
    choices: list[list[Text]] = []
    for part in parts:
        texts = [atom for atom in part if isinstance(atom, Text)][:_MAXIMUM_CHOICES]
        choices.append(texts or [_UNKNOWN])
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > _MAXIMUM_CHOICES**2:
        choices = [choice[:1] for choice in choices]
    found = (_together(list(chosen)) for chosen in product(*choices))
    return frozenset(text for text in found if text is not None)


def _together(texts: list[Text]) -> Text | None:
    pieces: list[Piece] = []
    for piece in (piece for text in texts for piece in text.pieces if piece.text or piece.hole):
        last = pieces[-1] if pieces else None
        if last is not None and not piece.hole and not last.hole and last.site == piece.site:
            pieces[-1] = Piece(last.text + piece.text, site=last.site)
        elif not (last is not None and piece.hole and last.hole):
            pieces.append(piece)
    if len(pieces) > _MAXIMUM_PIECES or any(" " in piece.text for piece in pieces):
        return None
    return Text(tuple(pieces))


def spelled(value: Value) -> Value:
    """Return the texts of a value as they are, and one that is not known where there is none."""
    texts = frozenset(atom for atom in value if isinstance(atom, Text))
    return texts or one(_UNKNOWN)
