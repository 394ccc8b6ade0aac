"""The attack: every operation, with the ids of one tenant, as everybody of another."""

import re
import secrets
import string
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import uuid4

from lockstitch.contract.document import READS, Operation
from lockstitch.guard.conformance import Answer, Fault
from lockstitch.guard.isolation.belongings import Value, is_uuid
from lockstitch.guard.isolation.callers import Caller, Parties
from lockstitch.guard.isolation.differences import differing, facts_of
from lockstitch.guard.isolation.drafting import Drafter, Filling, Style
from lockstitch.guard.isolation.slots import Slot
from lockstitch.guard.isolation.survey import Survey
from lockstitch.guard.isolation.witnesses import Witness
from lockstitch.guard.verify.exchange import SUCCESSES, Request
from lockstitch.guard.verify.findings import Ledger

_ORDER: Final = ("get", "query", "post", "put", "patch", "delete")
_TRIES: Final = 6
_ABSENT_NUMBER: Final = 987_654_300
_LOOKS: Final = 100
_PAUSE_SECONDS: Final = 0.05
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_MOMENT: Final = re.compile(r'"?\d{4}-\d\d-\d\dT')


class Attack:
    """One attack on one service.

    Attributes:
        proved: The operations that answered their rightful caller, by id.
        shared: Those whose ids are the same for everybody, so that nobody owns what they name.
        unfilled: Where an id may go of which none is known, as operation and place; alone the id of
            an operation for everybody that nobody could use.
    """

    def __init__(
        self, survey: Survey, parties: Parties, witnesses: Sequence[Witness], ledger: Ledger
    ) -> None:
        self._survey = survey
        self._drafter: Drafter = survey.drafter
        self._parties = parties
        self._witnesses = witnesses
        self._ledger = ledger
        run = uuid4().hex[:8]
        self._victim_marker = f"zebra-{run}"
        self._stranger_marker = f"otter-{run}"
        self._owner = parties.rightful[0]
        self._theirs: set[str] = set()
        self._heard: dict[str, int] = {}
        self._joined = False
        self.proved: set[str] = set()
        self.shared: set[str] = set()
        self.unfilled: set[str] = set()

    def run(self) -> None:
        """Attack everything."""
        self._look_around()
        self._attack_reads()
        self._attack_by_influence()
        for operation in sorted(
            self._survey.document.operations, key=lambda one: _ORDER.index(_method(one))
        ):
            if operation.method in _ORDER:
                self._attack_operation(operation)
        self._check_that_strangers_were_heard()

    # What each side has

    def _look_around(self) -> None:
        """Let the strangers see what is theirs, before the victim has anything more."""
        for caller in self._parties.strangers:
            self._heard[caller.name] = self._hear(caller)
            self._theirs |= self._survey.known(caller).ids() | caller.ids
        self._make()
        self._survey.explore(self._owner, self._victim_marker)
        for witness in self._witnesses:
            witness.settle()

    def _hear(self, caller: Caller) -> int:
        """Let a stranger make and read what is theirs; return in how many ways they succeeded."""
        address = f"guest-{uuid4().hex[:12]}@example.com"
        made = self._survey.make(caller, self._stranger_marker, address)
        return self._survey.explore(caller, self._stranger_marker) + (made > 0)

    def _make(self) -> None:
        self._survey.make(self._owner, self._victim_marker, self._invited())

    def _invited(self) -> str:
        """Return whom the victim may invite; who has joined cannot be invited again."""
        if self._joined:
            return f"guest-{uuid4().hex[:12]}@example.com"
        return self._parties.invited

    def _ids(self) -> set[str]:
        """Return what names the victim and their things, and nobody else's."""
        return self._survey.known(self._owner).ids() - self._theirs

    def _secrets(self) -> list[str]:
        made = self._survey.known(self._owner).made() - self._theirs
        return [self._victim_marker, *self._parties.secrets, *made]

    # Reads without an id

    def _attack_reads(self) -> None:
        style = Style(self._stranger_marker)
        for operation in self._survey.plain_reads():
            request = self._drafter.draft(operation, {}, style)
            # The victim reads first: what a cache keeps of it must not reach others.
            answer = self._prove(operation, request)
            self._judge_owner(operation, request, answer)
            if operation.id not in self.proved:
                self._unproved(operation, request, answer)
            for caller in self._parties.attackers:
                self._judge_reading(operation, caller, request, self._ask(caller, request), ())

    def _attack_by_influence(self) -> None:
        """Find what tells a stranger that the victim has acted: counts, sums, positions."""
        main, style = self._parties.strangers[0], Style(self._stranger_marker)
        changed: list[dict[str, set[str]]] = []
        for _ in range(2):
            first, second = self._facts(main, style), self._facts(main, style)
            self._make()
            third = self._facts(main, style)
            changed.append(
                {
                    name: _without_numbers(differing(second[name], third[name]))
                    - _without_numbers(differing(first[name], second[name]))
                    for name in third
                }
            )
        for operation in self._survey.plain_reads():
            places = changed[0][operation.id] & changed[1][operation.id]
            if places:
                message = f"tells {main.name} that another tenant acts, at {min(places)}"
                request = main.sign(self._drafter.draft(operation, {}, style))
                self._add(operation, "isolation-influence", message, request)

    def _facts(self, caller: Caller, style: Style) -> dict[str, Mapping[str, str]]:
        return {
            operation.id: facts_of(answer) for operation, answer in self._survey.read(caller, style)
        }

    # Operations with ids

    def _attack_operation(self, operation: Operation) -> None:
        known = self._survey.known(self._owner)
        slots = self._survey.finder.slots(operation, known)
        if not slots:
            return
        self.unfilled |= {
            f"{operation.id} {slot.shown()}"
            for slot in slots
            if not self._survey.finder.candidates(operation, slot, known)
        }
        if operation.method not in READS:
            self._make()
        tried: set[str] = set()
        answer, request = None, None
        for filling, style in self._tries(operation):
            request = self._drafter.draft(operation, filling, style)
            key = f"{request.url} {request.body!r}"
            if key in tried:
                continue
            tried.add(key)
            victims = {
                slot: given for slot, given in filling.items() if self._is_victims(slot, given[0])
            }
            if victims:
                self._assault(operation, filling, victims, style)
            elif filling:
                self.shared.add(operation.id)
            owners = replace(style, marker=self._victim_marker)
            answer = self._prove(operation, self._drafter.draft(operation, filling, owners))
            if answer is not None and answer.status in SUCCESSES:
                if victims:
                    self.shared.discard(operation.id)
                self._try_every_id(operation, filling, style)
                return
        self._unproved(operation, request, answer)

    def _tries(self, operation: Operation) -> Iterator[tuple[Filling, Style]]:
        known = self._survey.known(self._owner)
        for place in range(_TRIES):
            filling = self._survey.filling(operation, known, place, self._is_victims)
            if filling is None:
                return
            for full in (True, False):
                address = self._invited()
                yield filling, Style(self._stranger_marker, address=address, full=full)

    def _is_victims(self, slot: Slot, value: Value) -> bool:
        """Whether a value is the victim's alone, and not what everybody is told."""
        for caller in self._parties.strangers:
            for one in self._survey.known(caller).known:
                if one.value == value and (slot.kind != "integer" or one.name == slot.name):
                    return False
        return True

    def _assault(
        self, operation: Operation, filling: Filling, victims: Filling, style: Style
    ) -> None:
        tag = self._tag(operation, filling)
        before = self._look_when_quiet()
        for caller in self._parties.attackers:
            sent = [
                self._compare(operation, caller, filling | aimed, aimed, style)
                for aimed in self._aims(operation, caller, filling, victims)
            ]
            if operation.method == "get":
                self._ask_aside(operation, caller, filling, victims, style, tag)
            before = self._look_for_changes(operation, caller, before, sent[0])

    def _try_every_id(self, operation: Operation, filling: Filling, style: Style) -> None:
        """Put each id of the victim's into slots of which nobody knows what they mean."""
        main = self._parties.strangers[0]
        known = self._survey.known(self._owner)
        own = self._own(operation, main, filling)
        before = self._look_when_quiet()
        for slot in filling:
            for value in self._survey.finder.candidates(operation, slot, known):
                aimed = {slot: [value]}
                is_new = slot.place != "path" and list(filling[slot]) != [value]
                if is_new and slot.kind == "uuid" and self._is_victims(slot, value):
                    request = self._compare(operation, main, filling | own | aimed, aimed, style)
                    before = self._look_for_changes(operation, main, before, request)

    def _own(self, operation: Operation, caller: Caller, filling: Filling) -> Filling:
        known = self._survey.known(caller)
        finder = self._survey.finder
        found = {slot: finder.candidates(operation, slot, known)[:1] for slot in filling}
        return {slot: given for slot, given in found.items() if given}

    def _aims(
        self, operation: Operation, caller: Caller, filling: Filling, victims: Filling
    ) -> Iterator[Filling]:
        """Yield what to aim at: all that is the victim's, then one by one beside one's own."""
        yield victims
        if caller is not self._parties.strangers[0]:
            return
        own = self._own(operation, caller, filling)
        for slot, given in victims.items():
            if slot.many and slot in own:
                yield {**victims, slot: [*own[slot], *given]}
            if len(victims) > 1:
                yield {**own, slot: given}

    def _compare(
        self, operation: Operation, caller: Caller, filling: Filling, aimed: Filling, style: Style
    ) -> Request:
        """Ask for the victim's and for what never was; the answers must not differ."""
        request = self._drafter.draft(operation, filling, style)
        answer = self._ask(caller, request)
        sent = _texts(filling)
        self._judge_reading(operation, caller, request, answer, sent)
        victims = {
            slot: given for slot, given in aimed.items() if self._is_victims(slot, given[-1])
        }
        if any(slot.kind == "text" and slot.place != "path" for slot in victims):
            # What a made-up token or cursor is answered tells nothing of one that is well-formed.
            return request
        places, status = self._differences(operation, caller, filling, victims, style, answer)
        if places and "status" not in places:
            # Durations and clocks may be equal twice by chance, and hardly so again.
            again = self._ask(caller, request)
            places &= self._differences(operation, caller, filling, victims, style, again)[0]
        if answer is not None and answer.status in SUCCESSES and status not in SUCCESSES:
            message = (
                f"answers {caller.name} with {answer.status} for what belongs to another tenant"
            )
            self._add(operation, "isolation-reached", message, caller.sign(request))
        elif places:
            shown = ", ".join(sorted(places)[:3])
            message = (
                f"answers {caller.name} otherwise for what belongs to another tenant than for what "
                f"does not exist: {shown}"
            )
            self._add(operation, "isolation-oracle", message, caller.sign(request))
        return request

    def _differences(
        self,
        operation: Operation,
        caller: Caller,
        filling: Filling,
        victims: Filling,
        style: Style,
        answer: Answer | None,
    ) -> tuple[set[str], int]:
        """Return where an answer differs from those for what never was, and the status of these."""
        facts = facts_of(answer, _texts(filling))
        others, statuses = [], []
        for number in range(2):
            absent = filling | {
                slot: [*given[:-1], _absent(slot, given[-1], number)]
                for slot, given in victims.items()
            }
            other = self._ask(caller, self._drafter.draft(operation, absent, style))
            others.append(facts_of(other, _texts(absent)))
            statuses.append(0 if other is None else other.status)
        unstable = differing(others[0], others[1])
        places = differing(facts, others[0], unstable)
        return {one for one in places if not _MOMENT.match(facts.get(one, ""))}, statuses[0]

    def _ask_aside(
        self,
        operation: Operation,
        caller: Caller,
        filling: Filling,
        victims: Filling,
        style: Style,
        tag: str | None,
    ) -> None:
        """Ask by HEAD, and whether the victim's version is still the current one."""
        request = self._drafter.draft(operation, filling, style)
        absent = filling | {slot: [_absent(slot, given[0], 0)] for slot, given in victims.items()}
        nothing = self._drafter.draft(operation, absent, style)
        asides = [(replace(request, method="HEAD"), replace(nothing, method="HEAD"))]
        if tag is not None:
            condition = {"if-none-match": tag}
            asides.append((request.with_headers(condition), nothing.with_headers(condition)))
        for there, not_there in asides:
            first, second = self._ask(caller, there), self._ask(caller, not_there)
            if first is None or second is None or first.status == second.status:
                continue
            message = (
                f"answers {caller.name} {first.status} to {_aside(there)} for what belongs to "
                f"another tenant, and {second.status} for what does not exist"
            )
            self._add(operation, "isolation-oracle", message, caller.sign(there), _aside(there))

    def _tag(self, operation: Operation, filling: Filling) -> str | None:
        if operation.method != "get":
            return None
        request = self._drafter.draft(operation, filling, Style(self._victim_marker))
        answer = self._survey.ask_surely(self._owner, request)
        return None if answer is None else answer.headers.get("etag")

    def _look_when_quiet(self) -> list[object]:
        """Return how things are when work that goes on by itself, such as sending mail, is done."""
        before = [one.look() for one in self._witnesses]
        for _ in range(_LOOKS):
            time.sleep(_PAUSE_SECONDS)
            after = [one.look() for one in self._witnesses]
            if not self._changes(before, after):
                return after
            before = after
        return before

    def _changes(self, before: list[object], after: list[object]) -> list[str]:
        ids = self._ids()
        strangers = {one for caller in self._parties.strangers for one in caller.ids}
        return [
            word
            for witness, then, now in zip(self._witnesses, before, after, strict=True)
            for word in witness.changes(then, now, ids, strangers)
        ]

    def _look_for_changes(
        self, operation: Operation, caller: Caller, before: list[object], request: Request
    ) -> list[object]:
        after = [one.look() for one in self._witnesses]
        words = self._changes(before, after)
        if words:
            message = f"lets {caller.name} change what another tenant has: {words[0]}"
            self._add(operation, "isolation-write", message, caller.sign(request))
        return after

    # Judging

    def _ask(self, caller: Caller, request: Request) -> Answer | None:
        return self._survey.ask(caller, request)

    def _judge_reading(
        self,
        operation: Operation,
        caller: Caller,
        request: Request,
        answer: Answer | None,
        sent: Collection[str],
    ) -> None:
        if answer is None or answer.status == _TOO_MANY or answer.status >= _SERVER_ERROR:
            told = "no answer" if answer is None else str(answer.status)
            message = f"answers {caller.name} with {told}, which proves nothing"
            self._add(operation, "isolation-unproved", message, caller.sign(request), told)
            return
        text = "\n".join([*answer.headers.values(), answer.body.decode("utf-8", "replace")])
        for one in sorted(sent, key=len, reverse=True):
            text = text.replace(one, "")
        if any(secret in text for secret in self._secrets()):
            message = f"shows {caller.name} data of another tenant"
            self._add(operation, "isolation-read", message, caller.sign(request))

    def _judge_owner(self, operation: Operation, request: Request, answer: Answer | None) -> None:
        """Look for the strangers' data in what the victim reads, as caches mix them up."""
        if answer is not None and self._stranger_marker.encode() in answer.body:
            message = "shows an owner data of another tenant"
            self._add(operation, "isolation-read", message, self._owner.sign(request))

    def _prove(self, operation: Operation, request: Request) -> Answer | None:
        """Let the rightful callers try, until one succeeds; return the last answer."""
        answer = None
        for caller in self._parties.rightful:
            answer = self._survey.ask_surely(caller, request)
            if answer is not None and answer.status in SUCCESSES:
                self.proved.add(operation.id)
                self._joined |= caller.email == self._parties.invited and operation.body is not None
                self._survey.known(caller).learn(operation, answer)
                break
        return answer

    def _unproved(
        self, operation: Operation, request: Request | None, answer: Answer | None
    ) -> None:
        if self._survey.is_for_everybody(operation):
            # It has no rightful caller; that it shows a stranger nothing was tried all the same.
            self.unfilled.add(operation.id)
            return
        shown = request or self._drafter.draft(operation, {}, Style(self._stranger_marker))
        if request is None:
            message = "takes an id of which no operation of the contract tells any"
        else:
            told = "not at all" if answer is None else f"with {answer.status}"
            message = f"answers its rightful caller {told}, so its refusals prove nothing"
        self._add(operation, "isolation-unproved", message, self._owner.sign(shown))

    def _check_that_strangers_were_heard(self) -> None:
        """Report a stranger who is signed in no longer: whatever refused them proves nothing."""
        for caller in self._parties.strangers:
            if caller.outside:
                continue
            before = self._heard[caller.name]
            after = self._hear(caller)
            if after < before or not before:
                operation = next(self._survey.plain_reads())
                request = self._drafter.draft(operation, {}, Style(self._stranger_marker))
                message = f"shows that {caller.name} is signed in no longer, so nothing is proved"
                self._add(operation, "isolation-unproved", message, caller.sign(request))

    def _add(
        self, operation: Operation, rule: str, message: str, request: Request, subject: str = ""
    ) -> None:
        fault = Fault(rule, operation.pointer, message, subject)
        self._ledger.add(operation, fault, [request])


def _without_numbers(places: list[str]) -> set[str]:
    """Return places within lists as such: what is new stands at another number each time."""
    return {re.sub(r"/\d+(?=/|$)", "/-", place) for place in places}


def _method(operation: Operation) -> str:
    return operation.method if operation.method in _ORDER else _ORDER[-1]


def _aside(request: Request) -> str:
    return "HEAD" if request.method == "HEAD" else "If-None-Match"


def _texts(filling: Filling) -> list[str]:
    return [str(one) for given in filling.values() for one in given]


def _absent(slot: Slot, value: Value, number: int) -> Value:
    """Return what looks like a value and names nothing."""
    if isinstance(value, int):
        return _ABSENT_NUMBER + number
    if slot.kind == "uuid" or is_uuid(value):
        return str(uuid4())
    return "".join(_alike(one) for one in value)


def _alike(character: str) -> str:
    """Return a random character of the same kind, so that the text keeps its form."""
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        if character in alphabet:
            return secrets.choice(alphabet)
    return character
