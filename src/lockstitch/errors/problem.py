"""The root of the error tree: what every error has."""

from typing import Any, ClassVar


class LockstitchError(Exception):
    """Something went wrong; the message says what, where, and the next step.

    Over HTTP it becomes a problem document, on the command line a sentence and exit code 2.
    """

    problem: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    status: int = 500
    retry_after_seconds: float | None = None

    @property
    def sentence(self) -> str:
        """What a person reads."""
        return str(self) or self.title

    @property
    def urn(self) -> str:
        """The problem's `type`."""
        return f"urn:lockstitch:problem:{self.problem}"

    def extensions(self) -> dict[str, Any]:
        """Members of the problem document beyond those of RFC 9457."""
        return {}
