"""Splitting a file of SQL into its statements, the way psql reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>   \s+ | --[^\n]* )
  | (?P<comment> /\* )
  | (?P<text>    \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
               | \$(?P<tag>(?:[^\W\d]\w*)?)\$ .*? \$(?P=tag)\$ )
  | (?P<word>    [^\W\d][\w$]* )
  | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon, and the line of the file on which it begins."""

    text: str
    line: int

    @property
    def first_word(self) -> str:
        """What the statement does: `create`, `insert`, `commit`."""
        words = (piece for kind, piece in _tokens(self.text) if kind == "word")
        return next(words, "").lower()


def split_statements(text: str) -> list[Statement]:
    """Return the statements of a file; comments before a statement belong to it."""
    statements, start, position, nesting = [], 0, 0, _Nesting()
    for kind, piece in _tokens(text):
        nesting.read(kind, piece)
        if kind == "other" and piece == ";" and nesting.depth == 0:
            statements.append(_statement(text, start, position))
            start = position + 1
        position += len(piece)
    statements.append(_statement(text, start, len(text)))
    return [statement for statement in statements if fingerprint(statement.text)]


def fingerprint(text: str) -> str:
    """Return what a text of SQL says, without comments, white space and semicolons."""
    kept = (piece for kind, piece in _tokens(text) if kind not in {"space", "comment"})
    return " ".join(piece for piece in kept if piece != ";")


def skip_comments(text: str, position: int = 0) -> int:
    """Return where the first token at or behind a position begins that says something."""
    for kind, piece in _tokens(text, position):
        if kind not in {"space", "comment"}:
            break
        position += len(piece)
    return position


def find_text(text: str, position: int = 0) -> int:
    """Return where the first text constant at or behind a position begins, or the text's end."""
    for kind, piece in _tokens(text, position):
        if kind == "text" and not piece.startswith('"'):
            break
        position += len(piece)
    return position


class _Nesting:
    """How deep in parentheses and in bodies of `begin atomic` a semicolon stands."""

    def __init__(self) -> None:
        self.depth = 0
        self._blocks = 0
        self._previous = ""

    def read(self, kind: str, piece: str) -> None:
        if kind == "word":
            self._read_word(piece.lower())
        elif kind == "other":
            self.depth += {"(": 1, ")": -1}.get(piece, 0)

    def _read_word(self, word: str) -> None:
        opens = word == "atomic" and self._previous == "begin"
        if opens or (self._blocks and word == "case"):
            self._blocks += 1
            self.depth += 1
        elif self._blocks and word == "end":
            self._blocks -= 1
            self.depth -= 1
        self._previous = word


def _tokens(text: str, position: int = 0) -> Iterator[tuple[str, str]]:
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup if match.lastgroup != "tag" else "text"
        end = match.end() if kind != "comment" else _end_of_comment(text, match.end())
        yield kind or "other", text[position:end]
        position = end


def _end_of_comment(text: str, position: int) -> int:
    """Comments of SQL nest; one that is not closed ends with the file."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, position)
        if edge is None:
            return len(text)
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return position


def _statement(text: str, start: int, end: int) -> Statement:
    raw = text[start:end]
    begin = start + len(raw) - len(raw.lstrip())
    return Statement(raw.strip(), text.count("\n", 0, begin) + 1)
