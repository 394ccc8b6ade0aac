"""Regular expressions as pieces: texts that a pattern finds, made instead of searched."""

import re
import string
from typing import Final

from lockstitch.contract.mock.recipe import Characters, Choice, Piece, Repeat, Sequence

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(,)?(\d*)\})[?+]?")
_GROUP = re.compile(r"\(\?(?:[:>]|P?<[A-Za-z_]\w*>)|\((?!\?)")
_FLAGS = re.compile(r"\(\?[a-zA-Z]+\)")
_LOOK = re.compile(r"\(\?<?[=!]")
_CODE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]+)\})")
_PROPERTY = re.compile(r"\\[pP]\{?\^?([A-Za-z_=]+)\}?")
_WORD: Final = string.ascii_letters + string.digits + "_"
PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
_SOME: Final = string.ascii_lowercase + string.digits
_CLASSES: Final = {"d": string.digits, "w": _WORD, "s": " "}
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_ANCHORS: Final = frozenset("bBAZz")


class NoText(ValueError):
    """The pattern uses what no piece can express."""


def pieces(pattern: str, slack: int, stretch: int = 0, any_character: str = _SOME) -> Piece:
    """Return a text that the pattern should find.

    What is unlimited repeats between `stretch` and `slack` times beyond what it must; a dot is one
    of `any_character`.

    What looks around and back is passed over, so every text must still be checked.

    Raises:
        NoText: The pattern is malformed or finds only what cannot be made here.
    """
    parser = _Parser(pattern, slack, stretch, any_character)
    piece = parser.alternatives()
    if parser.left:
        raise NoText(f"a group is closed that was never opened: {pattern}")
    return piece


def without(characters: str) -> str:
    """Return the printable characters other than these."""
    return "".join(one for one in PRINTABLE if one not in characters)


class _Parser:
    def __init__(self, pattern: str, slack: int, stretch: int, any_character: str) -> None:
        self.left = pattern
        self._any = any_character
        self._slack = slack
        self._stretch = stretch

    def alternatives(self) -> Piece:
        found = [self._sequence()]
        while self.left.startswith("|"):
            self.left = self.left[1:]
            found.append(self._sequence())
        return found[0] if len(found) == 1 else Choice(tuple(found))

    def _sequence(self) -> Piece:
        found: list[Piece] = []
        while self.left and self.left[0] not in "|)":
            piece = self._quantified(self._atom())
            if isinstance(piece, str) and found and isinstance(found[-1], str):
                found[-1] += piece
            elif piece != "":
                found.append(piece)
        if not found:
            return ""
        return found[0] if len(found) == 1 else Sequence(tuple(found))

    def _take(self, length: int) -> str:
        taken, self.left = self.left[:length], self.left[length:]
        return taken

    def _quantified(self, piece: Piece) -> Piece:
        while found := _QUANTIFIER.match(self.left):
            self._take(found.end())
            sign, least, comma, most = found.groups()
            low = int(least) if least else int(sign == "+")
            high = low + self._slack if sign in {"*", "+"} or (comma and not most) else low
            if sign == "?":
                high = 1
            elif most:
                high = int(most)
            least = min(high, low + self._stretch)
            piece = Repeat(piece, least, max(least, min(high, low + self._slack)))
        return piece

    def _atom(self) -> Piece:
        match self.left[0]:
            case "(":
                return self._group()
            case "[":
                return Characters(self._class())
            case "\\":
                return self._escape()
            case "^" | "$":
                self._take(1)
                return ""
            case ".":
                self._take(1)
                return Characters(self._any)
            case _:
                return self._take(1)

    def _group(self) -> Piece:
        if found := _FLAGS.match(self.left):
            self._take(found.end())
            return ""
        looks = _LOOK.match(self.left)
        found = looks or _GROUP.match(self.left)
        if not found:
            raise NoText(f"no text can be made for {self.left[:4]}")
        self._take(found.end())
        inner = self.alternatives()
        if not self.left.startswith(")"):
            raise NoText("a group is not closed")
        self._take(1)
        return "" if looks else inner

    def _escape(self) -> Piece:
        if self.left[1:2] in _ANCHORS:
            self._take(2)
            return ""
        characters = self._escaped()
        return characters if len(characters) == 1 else Characters(characters)

    def _escaped(self) -> str:
        """Return the characters that the escape at the front stands for."""
        if found := _CODE.match(self.left):
            self._take(found.end())
            return chr(int(found[1] or found[2] or found[3], 16))
        if found := _PROPERTY.match(self.left):
            self._take(found.end())
            return _property(found[1])
        letter = self._take(2)[1:]
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter.lower() in _CLASSES:
            return without(_CLASSES[letter.lower()])
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if not letter or letter.isalnum():
            raise NoText(f"no text can be made for \\{letter}")
        return letter

    def _class(self) -> str:
        self._take(1)
        negated = self.left.startswith("^")
        if negated:
            self._take(1)
        found = ""
        first = True
        while first or not self.left.startswith("]"):
            if not self.left:
                raise NoText("a character class is not closed")
            found += self._range()
            first = False
        self._take(1)
        distinct = "".join(dict.fromkeys(found))
        characters = without(distinct) if negated else distinct
        # What people can read is preferred to control characters and far planes.
        readable = "".join(one for one in characters if one in PRINTABLE)
        if not characters:
            raise NoText("a character class is empty")
        return readable or characters[:64]

    def _range(self) -> str:
        start = self._escaped() if self.left[0] == "\\" else self._take(1)
        ranged = self.left.startswith("-") and self.left[1:2] not in {"]", ""}
        if not ranged or len(start) != 1:
            return start
        self._take(1)
        end = self._escaped() if self.left[0] == "\\" else self._take(1)
        if len(end) != 1:
            return f"{start}-{end}"
        return "".join(map(chr, range(ord(start), min(ord(end), ord(start) + 255) + 1)))


def _property(name: str) -> str:
    if name.startswith(("Lu", "Uppercase")):
        return string.ascii_uppercase
    if name.startswith("N"):
        return string.digits
    return string.ascii_lowercase if name.startswith(("L", "A")) else " "
