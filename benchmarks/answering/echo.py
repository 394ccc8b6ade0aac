"""The echo model: what validation both ways costs, then a key with its limits, then stored rows."""

from answering.measuring import Turn, cpu, ratio, take_turns
from answering.servers import MACHINE, Servers
from rows import Row

RAW = "raw ASGI + msgspec"
PLAIN = "FastAPI"
PEERS = ("LitServe", "BentoML")


def measure(servers: Servers) -> list[Row]:
    """Return the figures."""
    turns = take_turns(servers.targets)
    peers = {name: cpu(turns[name]) for name in PEERS if name in turns}
    note = "".join(f"; {name} did not run: {why}" for name, why in servers.missing.items())
    print("     CPU time of a request, in microseconds")
    for name, those in turns.items():
        print(f"     {name:<24} {cpu(those):8.1f}", flush=True)
    return [
        _row("echo of raw ASGI + msgspec", turns, "public", RAW, 1.25),
        _row(f"echo of FastAPI{note}", turns, "public", PLAIN, 0.30, peers),
        _row("with key, limits, id, metrics, bound of FastAPI", turns, MACHINE, PLAIN, 0.40),
        _row("with rows stored of FastAPI that stores none", turns, "stored", PLAIN, 0.80),
    ]


def _row(
    name: str,
    turns: dict[str, list[Turn]],
    ours: str,
    theirs: str,
    target: float,
    peers: dict[str, float] | None = None,
) -> Row:
    told = {f"{ours} us": cpu(turns[ours]), f"{theirs} us": cpu(turns[theirs])}
    more = {f"{peer} us": value for peer, value in (peers or {}).items()}
    value = ratio(turns[ours], turns[theirs])
    return Row(name=name, value=value, target=target, unit="x", peers=told | more)
