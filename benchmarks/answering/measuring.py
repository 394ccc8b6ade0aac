"""Asking servers in turns, and what each answer cost them."""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from answering.servers import Target

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 64
BODY = '{"text":"What is answered is what was said."}'

_LOAD = Path(__file__).parent / "load.py"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one target did in one turn."""

    requests: int
    cpu_microseconds: float
    p50_ms: float


def take_turns(
    targets: dict[str, Target], *, connections: int = CONNECTIONS, rounds: int = ROUNDS
) -> dict[str, list[Turn]]:
    """Return what each target did in each round; a first short one warms up and is left out."""
    for target in targets.values():
        _turn(target, connections, 0.5)
    turns: dict[str, list[Turn]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            turns[name].append(_turn(target, connections, SECONDS))
    return turns


def cpu(turns: list[Turn]) -> float:
    """Return the median CPU time of a request, in microseconds."""
    return statistics.median(turn.cpu_microseconds for turn in turns)


def ratio(ours: list[Turn], theirs: list[Turn]) -> float:
    """Return the median over the rounds of our CPU time as a part of theirs."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(one.cpu_microseconds / other.cpu_microseconds for one, other in pairs)


def _turn(target: Target, connections: int, seconds: float) -> Turn:
    before = target.cpu_seconds()
    seen = _ask(target, connections, seconds)
    used = target.cpu_seconds() - before
    requests = int(seen["requests"])
    return Turn(requests, used / requests * 1e6, seen["p50_ms"])


def _ask(target: Target, connections: int, seconds: float) -> dict[str, float]:
    wanted = {
        "port": target.server.port,
        "path": target.path,
        "headers": target.headers,
        "body": BODY,
        "connections": connections,
        "seconds": seconds,
    }
    command = [sys.executable, str(_LOAD), json.dumps(wanted)]
    patience = seconds + 60
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)
    if answer.returncode:
        sys.exit(f"{target.server.name} did not answer: {answer.stderr.strip()}")
    seen: dict[str, float] = json.loads(answer.stdout)
    return seen
