"""Whether what was created, changed and deleted is so when it is read."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from lockstitch.contract.document import Document, Operation
from lockstitch.guard.conformance import Answer, Fault
from lockstitch.guard.verify.exchange import (
    ACCEPTED_FOR_LATER,
    SUCCESSES,
    Exchange,
    Request,
    answered_json,
)
from lockstitch.guard.verify.findings import Ledger, label
from lockstitch.guard.verify.security import Ask, SecurityProbe

_MOST_TRIES: Final = 40
_MOST_TRIES_OF_ONE: Final = 4
_NOT_FOUND: Final = 404
_ABSENT_ID: Final = "0f0e0d0c-0b0a-4908-8706-050403020100"
_ABSENT_NUMBER: Final = "987654321"
_LAST_PARAMETER: Final = re.compile(r"/\{([^{}/]+)\}$")


class LifecycleProbe:
    """Reads a resource after the first writes of it, and of its operation."""

    def __init__(self, document: Document, security: SecurityProbe, ledger: Ledger) -> None:
        self._operations = {(one.method, one.path): one for one in document.operations}
        self._security = security
        self._ledger = ledger
        self._tries: Counter[str] = Counter()

    def probe(self, exchange: Exchange, ask: Ask) -> None:
        """Look at one exchange; after a write that succeeded, read what was written."""
        operation, answer = exchange.operation, exchange.answer
        writes = operation.method in {"post", "put", "patch", "delete"}
        if not writes or not exchange.succeeded or answer.status == ACCEPTED_FOR_LATER:
            return
        if "set-cookie" in answer.headers or not self._may_try(exchange):
            return
        if operation.method == "delete":
            self._after_delete(exchange, ask)
        elif operation.method == "post":
            self._after_create(exchange, ask)
        else:
            self._after_change(exchange, ask)

    def _may_try(self, exchange: Exchange) -> bool:
        """Whether a write is one of the first of its operation, and of its resource."""
        operation, resource = exchange.operation.id, exchange.request.path
        self._tries[operation] += 1
        self._tries[f"{operation} {resource}"] += 1
        few = exchange.operation.method == "post" or (
            self._tries[f"{operation} {resource}"] <= _MOST_TRIES_OF_ONE
        )
        return few and self._tries[operation] <= _MOST_TRIES

    def _after_create(self, exchange: Exchange, ask: Ask) -> None:
        for read in self._reads_of(exchange.operation.path):
            url = _url_of_created(exchange, read)
            if url is None:
                continue
            request = exchange.request.reading(url)
            answer = ask(read, request)
            if answer is None:
                return
            if answer.status == _NOT_FOUND:
                message = f"answers 404 for what {label(exchange.operation)} has just created"
                self._add(read, "created-resource-missing", message, exchange.request, request)
            self._compare(exchange, read, request, answer)
            delete = self._operations.get(("delete", read.path))
            if delete is not None:
                self._security.refuses_anonymous(delete, _deleting(request), ask)
            return

    def _after_change(self, exchange: Exchange, ask: Ask) -> None:
        read = self._operations.get(("get", exchange.operation.path))
        if read is None:
            return
        request = exchange.request.reading(exchange.request.url)
        answer = ask(read, request)
        if answer is not None:
            self._compare(exchange, read, request, answer)

    def _after_delete(self, exchange: Exchange, ask: Ask) -> None:
        read = self._operations.get(("get", exchange.operation.path))
        if read is None or not _LAST_PARAMETER.search(read.path):
            return
        request = exchange.request.reading(exchange.request.url)
        answer = ask(read, request)
        # A second time it may find nothing, but it may not fail.
        ask(exchange.operation, exchange.request)
        if answer is None or answer.status not in SUCCESSES:
            return
        never = ask(read, exchange.request.reading(_url_of_nothing(exchange.request.url)))
        if never is None or never.status in SUCCESSES:
            # It answers for everything, so that it answers for this tells nothing.
            return
        message = f"answers {answer.status} for what {label(exchange.operation)} has just deleted"
        self._add(read, "deleted-resource-remains", message, exchange.request, request)

    def _compare(self, exchange: Exchange, read: Operation, request: Request, now: Answer) -> None:
        if now.status not in SUCCESSES:
            return
        for name in _lost(exchange, answered_json(now)):
            message = (
                f"answers another {name!r} than {label(exchange.operation)} has just confirmed"
            )
            self._add(read, "written-value-lost", message, exchange.request, request, name)

    def _reads_of(self, collection: str) -> Iterator[Operation]:
        start = re.escape(collection.rstrip("/"))
        for (method, path), operation in self._operations.items():
            if method == "get" and re.fullmatch(rf"{start}/\{{[^{{}}/]+\}}", path):
                yield operation

    def _add(
        self,
        operation: Operation,
        rule: str,
        message: str,
        first: Request,
        then: Request,
        subject: str = "",
    ) -> None:
        fault = Fault(rule, operation.pointer, message, subject)
        self._ledger.add(operation, fault, [first, then])


def _deleting(request: Request) -> Request:
    from dataclasses import replace

    return replace(request, method="DELETE")


def _url_of_created(exchange: Exchange, read: Operation) -> str | None:
    """Return where the created resource must be, by the name of the last parameter or `id`."""
    parts = urlsplit(exchange.request.url)
    created = answered_json(exchange.answer)
    found = _LAST_PARAMETER.search(read.path)
    if found is None or not isinstance(created, Mapping):
        return None
    value = created.get(found.group(1), created.get("id"))
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    path = f"{parts.path.rstrip('/')}/{quote(str(value), safe='')}"
    return parts._replace(path=path, query="").geturl()


def _url_of_nothing(url: str) -> str:
    """Return the URL of a resource of the same kind that was never there."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rpartition("/")
    absent = _ABSENT_NUMBER if last.lstrip("-").isdecimal() else f"absent-{_ABSENT_ID}"
    try:
        UUID(last)
    except ValueError:
        pass
    else:
        absent = _ABSENT_ID
    return parts._replace(path=f"{folder}/{absent}").geturl()


def _lost(exchange: Exchange, read: Any) -> Iterator[str]:
    """Yield members that the write confirmed as they were sent, and that are now others."""
    try:
        sent = json.loads(exchange.request.body)
    except ValueError:
        return
    confirmed = answered_json(exchange.answer)
    if not all(isinstance(one, Mapping) for one in (sent, confirmed, read)):
        return
    for name, value in sent.items():
        same = name in confirmed and _same(confirmed[name], value)
        if same and name in read and not _same(read[name], value):
            yield name


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
