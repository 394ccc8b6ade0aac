"""Regular expressions of a contract as JavaScript literals with the `u` flag.

JSON Schema means ECMA-262, yet real documents come from Python, Go, Rust, Ruby and Java. What is
only another spelling is translated; what JavaScript does not have is refused.
"""

import re
from typing import Final

from lockstitch.contract.backtracking import may_explode

SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
KEPT_ESCAPES: Final = frozenset("dDwWsSbBtnrfv0")
TRANSLATED: Final = {"A": "^", "Z": "$", "z": "$", "a": "\\x07", "e": "\\x1b"}
_QUANTIFIER = re.compile(r"\{(\d*)(?:(,)(\d*))?\}")
_FLAGS = re.compile(r"\(\?([ims]+)\)")
_GROUP = re.compile(r"\(\?(?:[:=!]|<[=!]|P?<([A-Za-z_]\w*)>|P=([A-Za-z_]\w*)\))")
_LONG_ESCAPE = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|c[A-Za-z]|[pP]\{[\w=]+\}"
    r"|k<[A-Za-z_]\w*>)"
)
_SHORT_PROPERTY = re.compile(r"\\([pP])([A-Z])")
_WIDE = re.compile(r"\\U([0-9A-Fa-f]{8})")
_CATEGORIES: Final = re.compile(
    r"\\[pP]\{(?:[CLMNPSZ][a-z]?|(?:Script|sc)=[A-Z][A-Za-z_]+|ASCII|Any)\}"
)
_NAMED_REFERENCE: Final = re.compile(r"\\k<(\w+)>")
_CLASSES: Final = frozenset("dDwWsSpP")
# Each of them ends the line, and a literal with it.
_LINE_ENDS: Final = {"\n": "\\n", "\r": "\\r", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class UntranslatablePattern(ValueError):
    """JavaScript has no such regular expression."""


def javascript(pattern: str) -> str:
    r"""Return the literal, such as `/^a\/b$/u`.

    Raises:
        UntranslatablePattern: The pattern is malformed or uses what JavaScript does not have.
    """
    return _Translation(pattern).literal()


def joined(patterns: tuple[str, ...]) -> str:
    """Return one literal that finds every one of the patterns.

    Raises:
        UntranslatablePattern: One of them cannot be translated, has back-references or flags
            beside others, or may take exponential time, which would freeze who decodes.
    """
    if any(map(may_explode, patterns)):
        raise UntranslatablePattern("some texts would take it exponential time")
    if len(patterns) == 1:
        return javascript(patterns[0])
    parts = [_Translation(pattern) for pattern in patterns]
    bodies = [part.body() for part in parts]
    if any(part.flags or part.refers for part in parts):
        raise UntranslatablePattern("several patterns with flags or back-references")
    return "/^" + "".join(f"(?=[^]*?(?:{body}))" for body in bodies) + "/u"


class _Translation:
    def __init__(self, pattern: str) -> None:
        self.flags = ""
        self.refers = False
        self._left = pattern
        self._out: list[str] = []
        self._depth = 0
        self._groups = 0
        self._names: list[str] = []
        # Whether a quantifier may follow.
        self._repeatable = False

    def literal(self) -> str:
        body = self.body()
        return f"/{body or '(?:)'}/u{''.join(sorted(set(self.flags)))}"

    def body(self) -> str:
        flags = _FLAGS.match(self._left)
        if flags:
            self.flags = flags[1]
            self._left = self._left[flags.end() :]
        while self._left:
            self._step()
        if self._depth:
            raise UntranslatablePattern("a group is not closed")
        self._check_references()
        return "".join(self._out)

    def _check_references(self) -> None:
        if len(set(self._names)) < len(self._names):
            raise UntranslatablePattern("two groups have the same name")
        for part in self._out:
            named = _NAMED_REFERENCE.fullmatch(part)
            if named and named[1] not in self._names:
                raise UntranslatablePattern(f"no group is called {named[1]}")
            if re.fullmatch(r"\\[1-9]", part) and int(part[1]) > self._groups:
                raise UntranslatablePattern(f"there is no group {part[1]}")

    def _take(self, length: int, text: str | None = None, *, repeatable: bool = True) -> None:
        self._out.append(self._left[:length] if text is None else text)
        self._left = self._left[length:]
        self._repeatable = repeatable

    def _step(self) -> None:
        match self._left[0]:
            case "\\":
                self._escape()
            case "[":
                self._class()
            case "(":
                self._group()
            case ")":
                self._close()
            case "*" | "+" | "?" | "{":
                self._quantifier()
            case "]" | "}" | "/" as character:
                self._take(1, f"\\{character}")
            case "|" | "^" | "$":
                self._take(1, repeatable=False)
            case character:
                self._take(1, _LINE_ENDS.get(character))

    def _close(self) -> None:
        if self._depth == 0:
            raise UntranslatablePattern("a group is closed that was never opened")
        self._depth -= 1
        self._take(1)

    def _group(self) -> None:
        found = _GROUP.match(self._left)
        if found and found[2]:
            self.refers = True
            self._take(found.end(), f"\\k<{found[2]}>")
            return
        self._depth += 1
        if found:
            text = f"(?<{found[1]}>" if found[1] else found[0]
            if found[1]:
                self._groups += 1
                self._names.append(found[1])
            self._take(found.end(), text, repeatable=False)
        elif self._left.startswith("(?"):
            raise UntranslatablePattern(f"JavaScript has no {self._left[:4]}")
        else:
            self._groups += 1
            self._take(1, repeatable=False)

    def _quantifier(self) -> None:
        found = _QUANTIFIER.match(self._left)
        counted = found is not None and (found[1] or (found[2] and found[3]))
        if self._left[0] == "{" and not counted:
            self._take(1, "\\{")
            return
        if not self._repeatable:
            raise UntranslatablePattern("nothing to repeat")
        if found and counted:
            if found[3] and int(found[1] or 0) > int(found[3]):
                raise UntranslatablePattern(f"the counts of {found[0]} are out of order")
            text = f"{{{found[1] or '0'}{found[2] or ''}{found[3] or ''}}}"
            self._take(found.end(), text, repeatable=False)
        else:
            self._take(1, repeatable=False)
        if self._left.startswith("?"):
            self._take(1, repeatable=False)

    def _escape(self) -> None:
        length, text = self._escaped(inside=False)
        anchors = self._left[:2] in {"\\b", "\\B", "\\A", "\\Z", "\\z"}
        self._take(length, text, repeatable=not anchors)

    def _escaped(self, *, inside: bool) -> tuple[int, str]:
        """Return how long the escape at the front is, and its translation."""
        return self._long_escape() or self._short_escape(inside=inside)

    def _long_escape(self) -> tuple[int, str] | None:
        found = _LONG_ESCAPE.match(self._left)
        if found:
            if found[0][1] in "pP" and not _CATEGORIES.fullmatch(found[0]):
                raise UntranslatablePattern(f"{found[0]} may not be known")
            return found.end(), found[0]
        if found := _SHORT_PROPERTY.match(self._left):
            return found.end(), f"\\{found[1]}{{{found[2]}}}"
        if found := _WIDE.match(self._left):
            return found.end(), f"\\u{{{int(found[1], 16):x}}}"
        return None

    def _short_escape(self, *, inside: bool) -> tuple[int, str]:
        character = self._left[1:2]
        if character.isdecimal() and character != "0":
            if inside:
                raise UntranslatablePattern("an octal escape")
            self.refers = True
            return 2, f"\\{character}"
        if character in KEPT_ESCAPES and not (inside and character == "B"):
            return 2, f"\\{character}"
        if character in TRANSLATED and not (inside and character in "AZz"):
            return 2, TRANSLATED[character]
        if character in SYNTAX or (inside and character == "-"):
            return 2, f"\\{character}" if character else ""
        if character and not character.isalnum():
            return 2, _LINE_ENDS.get(character, character)
        raise UntranslatablePattern(f"JavaScript has no \\{character}")

    def _class(self) -> None:
        start = 2 if self._left.startswith("[^") else 1
        self._take(start)
        first = True
        after_class = False
        begin = len(self._out)
        while not self._left.startswith("]") or first:
            if not self._left:
                raise UntranslatablePattern("a character class is not closed")
            after_class = self._class_member(first=first, after_class=after_class)
            first = False
        self._check_ranges(self._out[begin:])
        self._take(1)

    def _check_ranges(self, members: list[str]) -> None:
        for low, dash, high in zip(members, members[1:], members[2:], strict=False):
            plain = len(low) == len(high) == 1
            if dash == "-" and plain and ord(low) > ord(high):
                raise UntranslatablePattern(f"the range {low}-{high} is out of order")

    def _class_member(self, *, first: bool, after_class: bool) -> bool:
        r"""Translate one member of a class; return whether it was a class such as `\\w`."""
        if self._left.startswith("[:"):
            raise UntranslatablePattern("JavaScript has no POSIX classes")
        if self._left[0] == "\\":
            length, text = self._escaped(inside=True)
            self._take(length, text)
            return len(text) > 1 and text[1] in _CLASSES
        dash = self._left[0] == "-" and self._left[1:2] != "]" and not first
        if dash and (after_class or (self._left[1:2] == "\\" and self._left[2:3] in _CLASSES)):
            # `[\w-.]` is an error under the u flag, where the hyphen means itself.
            self._take(1, "\\-")
        elif self._left[0] in "]/" or self._left[0] == "[":
            self._take(1, f"\\{self._left[0]}")
        else:
            self._take(1, _LINE_ENDS.get(self._left[0]))
        return False
