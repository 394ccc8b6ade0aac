"""What each side has: learnt from the service's own answers, before and while it is attacked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lockstitch.contract.document import READS, Document, Operation
from lockstitch.guard.conformance import Answer
from lockstitch.guard.isolation.belongings import Belongings, Value
from lockstitch.guard.isolation.callers import Caller
from lockstitch.guard.isolation.drafting import Drafter, Filling, Style
from lockstitch.guard.isolation.slots import Slot, SlotFinder
from lockstitch.guard.verify.exchange import SUCCESSES, Request, Sender

_UNAUTHORISED: Final = 401
_PASSES: Final = 2


@dataclass(slots=True)
class Survey:
    """Asks for somebody, and keeps what they are told.

    Attributes:
        document: The contract.
        drafter: Writes the requests.
        sender: Sends them.
        requests: How many were sent.
    """

    document: Document
    drafter: Drafter
    sender: Sender
    requests: int = 0
    _known: dict[str, Belongings] = field(default_factory=dict)

    @property
    def finder(self) -> SlotFinder:
        """Finds where ids go."""
        return SlotFinder(self.document)

    def known(self, caller: Caller) -> Belongings:
        """Return what a caller was told so far."""
        return self._known.setdefault(caller.name, Belongings())

    def ask(self, caller: Caller, request: Request) -> Answer | None:
        """Send a request as a caller; None when no answer came."""
        self.requests += 1
        return self.sender.send(caller.sign(request))

    def ask_surely(self, caller: Caller, request: Request) -> Answer | None:
        """Send a request as a caller who signs in anew where they were signed out."""
        answer = self.ask(caller, request)
        if answer is not None and answer.status == _UNAUTHORISED and caller.renew is not None:
            caller.headers = {name.lower(): text for name, text in caller.renew().items()}
            answer = self.ask(caller, request)
        return answer

    def plain_reads(self) -> Iterator[Operation]:
        """Yield the reads that need no id."""
        for operation in self.document.operations:
            slots = self.finder.slots(operation, Belongings())
            if operation.method in READS and not any(map(_needed(operation), slots)):
                yield operation

    def read(self, caller: Caller, style: Style) -> Iterator[tuple[Operation, Answer | None]]:
        """Make every read that needs no id as a caller, and yield the answers."""
        for operation in self.plain_reads():
            request = self.drafter.draft(operation, {}, style)
            yield operation, self.ask_surely(caller, request)

    def explore(self, caller: Caller, marker: str) -> int:
        """Make every read that needs no id, keep what it tells, and return how many succeeded.

        Lists are read a second time by one item, for the cursor of the next page.
        """
        count = 0
        for size in (1, None):
            count = 0
            for operation, answer in self.read(caller, Style(marker, page_size=size)):
                if answer is not None and answer.status in SUCCESSES:
                    self.known(caller).learn(operation, answer)
                    count += 1
        return count

    def make(self, caller: Caller, marker: str, address: str) -> int:
        """Make one of everything that can be made, and what can be made of that.

        Returns:
            How many were made.
        """
        return sum(
            self._make(caller, operation, marker, address)
            for _ in range(_PASSES)
            for operation in self.makers()
        )

    def makers(self) -> list[Operation]:
        """Return the operations that may make something for their caller, simple ones first."""
        guarded = any(one.security for one in self.document.operations)
        found = [
            one
            for one in self.document.operations
            if one.method == "post" and (one.security or not guarded)
        ]
        return sorted(found, key=lambda one: (":" in one.path, one.path.count("{")))

    def filling(
        self,
        operation: Operation,
        known: Belongings,
        place: int = 0,
        preferred: Callable[[Slot, Value], bool] = lambda _slot, _value: True,
    ) -> Filling | None:
        """Return what goes into each slot; None when something is lacking that must be there.

        Args:
            operation: Whose slots.
            known: What may go in.
            place: Which of the candidates: 0 is the likeliest.
            preferred: Which candidates come first.
        """
        filling: dict[Slot, list[Value]] = {}
        for slot in self.finder.slots(operation, known):
            found = self.finder.candidates(operation, slot, known)
            found.sort(key=lambda value: not preferred(slot, value))
            if found:
                filling[slot] = [found[min(place, len(found) - 1)]]
            elif _needed(operation)(slot):
                return None
        return filling

    def _make(self, caller: Caller, operation: Operation, marker: str, address: str) -> bool:
        known = self.known(caller)
        filling = self.filling(operation, known)
        if filling is None:
            return False
        for full in (True, False):
            style = Style(marker, address=address, full=full)
            answer = self.ask_surely(caller, self.drafter.draft(operation, filling, style))
            if answer is not None and answer.status in SUCCESSES:
                known.learn(operation, answer)
                return True
        return False


def _needed(operation: Operation) -> "NeedsSlot":
    required = {(one.place, one.name) for one in operation.parameters if one.required}
    return NeedsSlot(frozenset(required))


@dataclass(frozen=True, slots=True)
class NeedsSlot:
    """Whether a request cannot go without what is in a slot."""

    required: frozenset[tuple[str, str]]

    def __call__(self, slot: Slot) -> bool:
        """Return whether the slot is a parameter that must be there."""
        return (slot.place, slot.path[0]) in self.required
