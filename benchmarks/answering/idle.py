"""One request at a time on an idle server: how much later than `predict` it is answered."""

import statistics
import time

from answering.applications.lockstitch_echo import Said, ThreadedEcho
from answering.measuring import take_turns
from answering.servers import MACHINE, Servers
from rows import Row

CALLS = 2000
MOST_MS = 1.0


def measure(servers: Servers) -> list[Row]:
    """Return the figures."""
    names = ("FastAPI", MACHINE, "in a thread")
    targets = {name: servers.targets[name] for name in names}
    turns = take_turns(targets, connections=1, rounds=3)
    p50 = {name: statistics.median(turn.p50_ms for turn in those) for name, those in turns.items()}
    alone = _predict_ms()
    peers = {"FastAPI ms": p50["FastAPI"], "predict ms": alone}
    return [
        Row(
            name=f"one request at idle over predict, {name}",
            value=p50[name] - alone,
            target=MOST_MS,
            unit="ms",
            peers=peers,
        )
        for name in (MACHINE, "in a thread")
    ]


def _predict_ms() -> float:
    model, batch = ThreadedEcho(), [Said(text="hello")]
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        model.predict(batch)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000
