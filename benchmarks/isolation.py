"""Tenant isolation: which of the planted faults are found, by us and by other checkers.

Ours must name the relation, the verb and the actor. A peer has found a fault as soon as it says
anything about the faulty database that it does not say about the careful one.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from isolating.databases import FAULTS, Databases, Fault, careful_databases
from isolating.peers import PEERS, Peer, PeerFailed, Target
from rows import Row, finish

from lockstitch.database.attack.attack import attack

MOST_SECONDS = 10.0
# Faults that are tried at a time.
WORKERS = 4


def main() -> None:
    """Measure and report."""
    with careful_databases() as databases:
        peers, failures = started(databases)
        alarms, seconds = careful(databases, peers)
        found = dict.fromkeys(["ours", *peers], 0)
        with ThreadPoolExecutor(WORKERS) as pool:
            attempts = [pool.submit(finders, databases, peers, alarms, one) for one in FAULTS]
            for fault, attempt in zip(FAULTS, attempts, strict=True):
                names = attempt.result()
                print(f"     {fault.what}: {', '.join(names) or 'found by none'}", flush=True)
                for name in names:
                    found[name] += 1
    note = "".join(f"; {name} did not run: {why}" for name, why in failures.items())
    counts = {name: float(len(told)) for name, told in alarms.items()}
    rows = [
        row(f"planted faults found, of {len(FAULTS)}{note}", found, len(FAULTS), "faults"),
        row(f"alarms on the careful schema{note}", counts, 0, "alarms"),
        row(f"time for the careful schema{note}", seconds, MOST_SECONDS, "s"),
    ]
    finish("isolation", rows)


def finders(
    databases: Databases, peers: dict[str, Peer], alarms: dict[str, set[str]], fault: Fault
) -> list[str]:
    """Return who finds a fault."""
    with databases.with_fault(fault.sql) as target:
        found = [name for name, one in peers.items() if one.alarms(target) - alarms[name]]
        is_ours = not ours(databases, target).isdisjoint(fault.found)
    return ["ours", *found] if is_ours else found


def row(name: str, values: dict[str, float] | dict[str, int], target: float, unit: str) -> Row:
    """Return a row of our figure beside those of the peers."""
    peers = {peer: float(value) for peer, value in values.items() if peer != "ours"}
    at_least = unit == "faults"
    return Row(
        name=name, value=values["ours"], target=target, unit=unit, at_least=at_least, peers=peers
    )


def started(databases: Databases) -> tuple[dict[str, Peer], dict[str, str]]:
    """Return the peers that run on the careful schema, and why the others do not."""
    peers, failures = {}, {}
    for peer in PEERS:
        try:
            peer.install()
            with databases.with_fault("select 1") as target:
                peer.alarms(target)
        except PeerFailed as error:
            failures[peer.name] = str(error)
        else:
            peers[peer.name] = peer
    return peers, failures


def careful(
    databases: Databases, peers: dict[str, Peer]
) -> tuple[dict[str, set[str]], dict[str, float]]:
    """Return what each says of the careful schema, and how long it takes."""
    alarms: dict[str, set[str]] = {}
    seconds: dict[str, float] = {}

    def note(name: str, ask: Callable[[Target], set[str]]) -> None:
        with databases.with_fault("select 1") as target:
            began = time.monotonic()
            alarms[name] = ask(target)
            seconds[name] = time.monotonic() - began

    note("ours", lambda target: findings(databases, target))
    for name, peer in peers.items():
        note(name, peer.alarms)
    return alarms, seconds


def findings(databases: Databases, target: Target) -> set[str]:
    """Return everything that our attack reports."""
    report = attack(databases.dsn(target.name)).report
    return {f"{one.rule} {one.place} {one.subject}" for one in report.findings}


def ours(databases: Databases, target: Target) -> set[str]:
    """Return the cells that our attack reached: relation, verb, actor."""
    return {
        f"{cell.relation} {cell.verb} {cell.actor}"
        for cell in attack(databases.dsn(target.name)).cells
        if cell.outcome == "reached" and cell.actor != "owner"
    }


if __name__ == "__main__":
    main()
