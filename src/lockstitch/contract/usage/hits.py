"""Which call sites a change of the contract meets."""

from collections.abc import Iterator
from typing import Final, Protocol

from lockstitch.contract.usage.calls import Call, MemberPath, MemberRead, Side, Spot, Usage

# The code does not send what is demanded from now on, so the call itself is the place.
_DEMANDS: Final = frozenset({"required-property-added", "became-required"})


class ContractChange(Protocol):
    """What must be known of a change; a `Change` of the difference engine knows it.

    `member` is the way to the member in wire names, `*` for any item; `part` is the status of the
    response or the name of the parameter.
    """

    @property
    def rule(self) -> str:
        """What kind of change it is."""
        ...

    @property
    def operation(self) -> str | None:
        """The id of the operation in the contract that the code was searched with."""
        ...

    @property
    def direction(self) -> str:
        """`request`, `response` or `neither`."""
        ...

    @property
    def part(self) -> str | None:
        """Which response or parameter."""
        ...

    @property
    def member(self) -> MemberPath:
        """Which member of it; empty for all of it."""
        ...


def hits(usage: Usage, change: ContractChange) -> tuple[Spot, ...]:
    """Return where the code relies on what a change changes; nothing where nobody does.

    A change of a whole operation meets each of its calls; a change of a member meets the reads of
    the member, the types that declare it, or the places that send it.
    """
    found: set[Spot] = set()
    for call in usage.of(change.operation or ""):
        if change.direction == "response" and change.member:
            found.update(_reads(call, change))
        elif change.direction == "request" and (change.member or _sends_part(call, change)):
            found.update(_sends(call, change))
        else:
            found.add(call.spot)
    return tuple(sorted(found))


def _reads(call: Call, change: ContractChange) -> Iterator[Spot]:
    status = change.part or ""
    side: Side = "answer" if not status[:1].isdigit() or status.startswith("2") else "problem"
    reads = [read for read in call.reads if read.side == side]
    yield from (read.spot for read in _nearest(reads, change.member))
    if side == "answer":
        yield from (claim.spot for claim in call.claims if claim.path == change.member)


def _nearest(reads: list[MemberRead], member: MemberPath) -> list[MemberRead]:
    """Return the reads of a member, or, where it is an item without a name, those beneath it."""
    exact = [read for read in reads if read.path == member]
    return exact or [read for read in reads if read.path[: len(member)] == member]


def _sends_part(call: Call, change: ContractChange) -> bool:
    """Whether a change is about a parameter that the call is seen to send."""
    return any(send.part != "body" and send.path[0] == change.part for send in call.sends)


def _sends(call: Call, change: ContractChange) -> Iterator[Spot]:
    if not change.member:
        yield from (
            send.spot for send in call.sends if send.part != "body" and send.path[0] == change.part
        )
        return
    sent = [
        send.spot
        for send in call.sends
        if send.part == "body" and send.path[: len(change.member)] == change.member
    ]
    if change.rule.removeprefix("request-") not in _DEMANDS:
        yield from sent
    elif not sent:
        yield call.spot
