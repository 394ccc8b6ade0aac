"""Holding what the code does against the contract."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from lockstitch.contract.algebra import Object, Schema
from lockstitch.contract.document import Document
from lockstitch.contract.typescript.names import member_name
from lockstitch.contract.usage.calls import Call, MemberClaim, MemberPath, Usage
from lockstitch.contract.usage.contract import Contract
from lockstitch.contract.usage.endpoints import endpoint_findings, target_for
from lockstitch.contract.usage.urls import Router
from lockstitch.findings import Finding

_CLOSE: Final = 0.6


def usage_findings(usage: Usage, document: Document) -> list[Finding]:
    """Return what is wrong with the calls of a front end, given the contract as it is.

    Members that are read, declared or sent though the contract lacks them, required members that
    are left out, paths and methods that nobody answers, and bases that differ between clients.
    """
    contract = Contract(document)
    found: list[Finding] = []
    for call in usage.known:
        found += _reads(contract, call)
        found += _claims(contract, call)
        found += _sends(contract, call)
        found += _missing(contract, call)
    found += endpoint_findings(usage, document)
    found += _misspelt(contract, usage)
    return _once_each(found)


def _once_each(findings: list[Finding]) -> list[Finding]:
    """Say once what is wrong at a place, though several calls lead to it."""
    kept: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        quoted = finding.message.partition(",")[0]
        key = (finding.rule, str(finding.place), quoted)
        first = kept.setdefault(key, finding)
        others = tuple(place for place in finding.related if place not in first.related)
        if others:
            kept[key] = first.model_copy(update={"related": (*first.related, *others)})
    return list(kept.values())


def _misspelt(contract: Contract, usage: Usage) -> Iterator[Finding]:
    """Look at the bodies of calls that nobody answers, where it is clear which one is meant."""
    router = Router(contract.document)
    for call in usage.calls:
        meant = router.meant(call.method, target_for(call)) if call.operation is None else None
        if meant is None:
            continue
        guess = replace(call, operation=meant.id)
        for send in call.sends:
            outer = _body(contract, guess, send.path[:-1]) if send.part == "body" else None
            near = _closest(contract, outer, send.name) if outer is not None else None
            if near not in {None, send.name} and member_name(near or "") == member_name(send.name):
                yield _undeclared_send(contract, guess, send.path, send.name, send.spot.place)


def _reads(contract: Contract, call: Call) -> Iterator[Finding]:
    for read in call.reads:
        if read.side == "problem" or _is_declared(contract, call, read.path):
            continue
        near = _near(contract, call, read.path, read.name)
        yield Finding(
            rule="undeclared-read",
            severity="error",
            place=read.spot.place,
            message=f'"{read.name}" is read, but {_operation(call)} answers no such member.',
            fix=_fix(near, "Stop reading it, or add it to the answer."),
            subject=".".join((call.operation or "", *read.path)),
            related=(call.spot.place,),
        )


def _claims(contract: Contract, call: Call) -> Iterator[Finding]:
    for claim in call.claims:
        if _is_declared(contract, call, claim.path):
            yield from _nulls(contract, call, claim)
            continue
        near = _near(contract, call, claim.path, claim.name)
        owner = f"{claim.type} declares" if claim.type else "The code declares"
        yield Finding(
            rule="undeclared-type-member",
            severity="warning",
            place=claim.spot.place,
            message=f'{owner} "{claim.name}", but {_operation(call)} answers no such member.',
            fix=_fix(near, "Remove it from the type, or add it to the answer."),
            subject=".".join((call.operation or "", claim.type, *claim.path)),
            related=(call.spot.place,),
        )


def _nulls(contract: Contract, call: Call, claim: MemberClaim) -> Iterator[Finding]:
    schema = contract.at(call.operation or "", "answer", claim.path)
    # Who writes `?` asks before each use, and what is asked mostly fits null, too.
    if schema is None or claim.optional or not claim.certain or not contract.may_be_null(schema):
        return
    owner = claim.type or "The code"
    yield Finding(
        rule="undeclared-null",
        severity="warning",
        place=claim.spot.place,
        message=f'{owner} declares "{claim.name}" as never null, but {_operation(call)} may answer '
        "null there.",
        fix="Add `| null` to the type, and say what is shown then.",
        subject=".".join((call.operation or "", claim.type, *claim.path)),
        related=(call.spot.place,),
    )


def _is_declared(contract: Contract, call: Call, path: MemberPath) -> bool:
    """Whether the contract has a member, or has said nothing of the object that it is in."""
    operation = call.operation or ""
    if contract.at(operation, "answer", path) is not None:
        return True
    return contract.at(operation, "answer", path[:-1]) is None


def _near(contract: Contract, call: Call, path: MemberPath, name: str) -> str | None:
    schema = contract.at(call.operation or "", "answer", path[:-1])
    return _closest(contract, schema, name) if schema is not None else None


def _closest(contract: Contract, schema: Schema, name: str) -> str | None:
    names = list(contract.properties(schema))
    for one in names:
        if member_name(one) == member_name(name) or one.lower() == name.lower():
            return one
    return next(iter(get_close_matches(name, names, 1, _CLOSE)), None)


def _fix(near: str | None, otherwise: str) -> str:
    return f'The contract has "{near}": spell it so.' if near is not None else otherwise


def _operation(call: Call) -> str:
    return f"{call.method} {call.path} ({call.operation})"


def _sends(contract: Contract, call: Call) -> Iterator[Finding]:
    operation = contract.operations[call.operation or ""]
    parameters = {one.name for one in operation.parameters_in("query")}
    for send in call.sends:
        if send.part == "query" and send.path[0] not in parameters:
            near = next(iter(get_close_matches(send.name, sorted(parameters), 1, _CLOSE)), None)
            yield Finding(
                rule="undeclared-parameter",
                severity="warning",
                place=send.spot.place,
                message=f'The parameter "{send.name}" is sent, but {_operation(call)} has none.',
                fix=_fix(near, "Leave it out, or add it to the operation."),
                subject=f"{call.operation}?{send.path[0]}",
            )
        if send.part == "body" and not _is_taken(contract, call, send.path):
            yield _undeclared_send(contract, call, send.path, send.name, send.spot.place)


def _body(contract: Contract, call: Call, path: MemberPath) -> Schema | None:
    content = contract.body(call.operation or "")
    schema = content.schema if content is not None else None
    for step in path:
        schema = contract.inside(schema, step) if schema is not None else None
    return schema


def _is_taken(contract: Contract, call: Call, path: MemberPath) -> bool:
    outer = _body(contract, call, path[:-1])
    if outer is None:
        # Without a schema nothing is known; a member within an undeclared one is no news.
        return True
    return contract.inside(outer, path[-1]) is not None or contract.kind(outer) in {
        "scalar",
        "open",
    }


def _undeclared_send(
    contract: Contract, call: Call, path: MemberPath, name: str, place: object
) -> Finding:
    outer = _body(contract, call, path[:-1])
    near = _closest(contract, outer, name) if outer is not None else None
    expected = f' It expects "{near}".' if near is not None else ""
    return Finding.model_validate(
        {
            "rule": "undeclared-send",
            "severity": "error",
            "place": place,
            "message": f'"{name}" is sent, but {_operation(call)} takes no such member.{expected}',
            "fix": _fix(near, "Leave it out, or add it to the body of the operation."),
            "subject": ".".join((call.operation or "", "body", *path)),
        }
    )


def _missing(contract: Contract, call: Call) -> Iterator[Finding]:
    schema = _body(contract, call, ())
    if schema is None or not call.body_is_whole:
        return
    sent = {send.path[0] for send in call.sends if send.part == "body"}
    for name, required in contract.properties(schema).items():
        if required and name not in sent and not _is_read_only(contract, schema, name):
            yield Finding(
                rule="missing-member",
                severity="error",
                place=call.spot.place,
                message=f'"{name}" is required by {_operation(call)}, and is not sent.',
                fix=f'Send "{name}", or make it optional in the contract.',
                subject=f"{call.operation}.body.{name}",
            )


def _is_read_only(contract: Contract, schema: Schema, name: str) -> bool:
    return any(
        member.read_only
        for one in contract.alternatives(schema)
        if isinstance(one, Object) and (member := one.member(name)) is not None
    )
