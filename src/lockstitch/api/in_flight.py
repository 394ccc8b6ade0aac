"""How many predictions a process works on at once."""

from lockstitch.errors import ServiceBusy


class InFlight:
    """Counts what is in work and refuses what would be one too many.

    It is asked before anything of a request is looked at, so that a refusal costs next to nothing.
    """

    __slots__ = ("_count", "_most")

    def __init__(self, most: int) -> None:
        """Allow so many at once."""
        self._most = most
        self._count = 0

    @property
    def count(self) -> int:
        """How many are in work."""
        return self._count

    @property
    def most(self) -> int:
        """How many may be in work."""
        return self._most

    def enter(self) -> None:
        """Count one more.

        Raises:
            ServiceBusy: As many as may be are in work.
        """
        if self._count >= self._most:
            raise ServiceBusy(
                f"{self._most} predictions are in work already. Try again in a moment."
            )
        self._count += 1

    def leave(self) -> None:
        """Count one less."""
        self._count -= 1
