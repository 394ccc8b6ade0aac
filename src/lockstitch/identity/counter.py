"""One caller's requests in the window that is running, counted without asking anybody."""

from dataclasses import dataclass, field
from zlib import crc32

from lockstitch.settings import Quota


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit as callers read it.

    Attributes:
        name: What the header fields call it.
        quota: What it allows.
        item: How the field RateLimit-Policy says both.
    """

    name: str
    quota: Quota
    item: str = field(init=False)

    def __post_init__(self) -> None:
        """Spell the item once, since every answer carries it."""
        item = f'"{self.name}";q={self.quota.requests};w={self.quota.seconds}'
        object.__setattr__(self, "item", item)


class Counter:
    """How many requests one caller has sent in the current window.

    Windows are of the database's clock, which every process follows, and begin at another moment
    for each caller, so that not all of them come back at once.

    Attributes:
        key: Under which all processes count this caller for this policy.
        policy: What is counted, and how much of it is allowed.
        ends: When the window ends, in whole seconds of the database's clock.
        known: How many requests of this window the database knew of, those of others included.
        unsent: How many more this process has let in since.
    """

    __slots__ = (
        "_name",
        "_phase",
        "_quota",
        "_seconds",
        "ends",
        "key",
        "known",
        "policy",
        "unsent",
    )

    def __init__(self, key: str, policy: Policy) -> None:
        self.key = key
        self.policy = policy
        self._name = f'"{policy.name}"'
        self._quota = policy.quota.requests
        self._seconds = policy.quota.seconds
        self._phase = crc32(key.encode()) % self._seconds
        self.ends = 0
        self.known = 0
        self.unsent = 0

    @property
    def used(self) -> int:
        """How many requests of this window are known here."""
        return self.known + self.unsent

    @property
    def is_full(self) -> bool:
        """Whether the window has no room left."""
        return self.known + self.unsent >= self._quota

    def turn_to(self, now: float) -> None:
        """Begin the window that `now` lies in, if it is a new one."""
        if now >= self.ends:
            seconds = int(now)
            self.ends = seconds - (seconds - self._phase) % self._seconds + self._seconds
            self.known = self.unsent = 0

    def learn(self, sent: "Sent", hits: int, ends: int) -> None:
        """Take in what the database answered.

        Args:
            sent: What it was told.
            hits: How many requests the window has by all processes.
            ends: Which window that is.
        """
        if ends == self.ends:
            self.known = hits
            if sent.ends == ends:
                self.unsent -= sent.hits
        elif ends > self.ends:
            # Another process is in the next window already; what we sent was of the last one.
            self.ends, self.known, self.unsent = ends, hits, 0

    def state(self, now: float) -> str:
        """Return its item of the field RateLimit: what is left, and for how many seconds."""
        left = self._quota - self.known - self.unsent
        seconds = self.ends - int(now)
        return f"{self._name};r={max(0, left)};t={max(1, seconds)}"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the database is told of a counter: its requests, and of which window they are."""

    counter: Counter
    hits: int
    ends: int
