"""What a fix does to Python source: small edits that name their target, not its position.

Edits of several fixes join: two that set different keywords of one field become one change.
"""

from dataclasses import dataclass, field
from typing import Final

Keywords = tuple[tuple[str, str | None], ...]
KEEP: Final = None


class EditRefused(Exception):
    """The file does not hold what an edit is about."""


@dataclass(frozen=True, slots=True)
class NeedImport:
    """`from module import name`, unless the file has that name already."""

    file: str
    module: str
    name: str


@dataclass(frozen=True, slots=True)
class SetSlot:
    """Change a field of a class, or an argument of a function.

    `annotation` replaces the annotation. `keywords` are given to its `Field(...)` (or `Query(...)`
    and so on); a keyword without a text is taken away. `default` is what it is when not sent.
    """

    file: str
    owner: str
    name: str
    annotation: str | None = KEEP
    default: str | None = KEEP
    keywords: Keywords = ()
    call: str = "Field"


@dataclass(frozen=True, slots=True)
class AddMember:
    """Put lines into a class: behind the field `after`, or at the end."""

    file: str
    owner: str
    code: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Give keywords to the `model_config` of a class; one without a text is taken away."""

    file: str
    owner: str
    keywords: Keywords


@dataclass(frozen=True, slots=True)
class TakeEitherName:
    """Let the schema of a class say that one of two members must be there."""

    file: str
    owner: str
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class AddArgument:
    """Give a function a further argument that callers may leave out."""

    file: str
    owner: str
    code: str


@dataclass(frozen=True, slots=True)
class AddStatement:
    """Put lines at the beginning of a function's body, behind its docstring."""

    file: str
    owner: str
    code: str


@dataclass(frozen=True, slots=True)
class AddDecorator:
    """Put a decorator above the others of a function."""

    file: str
    owner: str
    code: str


@dataclass(frozen=True, slots=True)
class SetDecorator:
    """Give keywords, or another first argument, to the decorator that begins with `start`."""

    file: str
    owner: str
    start: str
    first: str | None = KEEP
    keywords: Keywords = ()


@dataclass(frozen=True, slots=True)
class AddBefore:
    """Put definitions before a top-level definition (and its decorators)."""

    file: str
    owner: str
    code: str


@dataclass(frozen=True, slots=True)
class AddAtEnd:
    """Put definitions at the end of a file, before what it does as a program."""

    file: str
    code: str


@dataclass(frozen=True, slots=True)
class AddAfterStatement:
    """Put lines behind the statement that holds exactly this text."""

    file: str
    statement: str
    code: str


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Replace the text that stands at these offsets, which an edit's author has just read."""

    file: str
    start: int
    end: int
    text: str


Edit = (
    NeedImport
    | SetSlot
    | AddMember
    | SetConfig
    | TakeEitherName
    | AddArgument
    | AddStatement
    | AddDecorator
    | SetDecorator
    | AddBefore
    | AddAtEnd
    | AddAfterStatement
    | ReplaceText
)


@dataclass(slots=True)
class Slot:
    """All that the edits ask of one field or argument."""

    annotation: str | None = KEEP
    default: str | None = KEEP
    keywords: dict[str, str | None] = field(default_factory=dict)
    call: str = "Field"

    def add(self, edit: SetSlot) -> None:
        """Join one more edit; what was asked first stays."""
        self.annotation = self.annotation or edit.annotation
        self.default = self.default or edit.default
        self.call = edit.call
        for name, text in edit.keywords:
            self.keywords.setdefault(name, text)
