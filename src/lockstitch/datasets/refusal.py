"""Why a file is not taken as a dataset."""

from lockstitch.errors import InvalidRequest, Violation

# Where the file stands in the form that it was uploaded with.
_POINTER = "/file"


class UnreadableDataset(InvalidRequest):
    """The file is no CSV and no JSON lines, or a line of it is broken.

    Attributes:
        rule: A word for programs, such as `ragged_row`.
        line: The line that is broken, from 1; None when the whole file is meant.
    """

    def __init__(self, rule: str, message: str, line: int | None = None) -> None:
        self.rule = rule
        self.line = line
        sentence = message if line is None else f"Line {line}: {message}"
        super().__init__([Violation("body", _POINTER, rule, sentence)])
