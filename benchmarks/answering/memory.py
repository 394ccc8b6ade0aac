"""What the web process holds in memory after some load, beside a plain FastAPI."""

from answering.measuring import take_turns
from answering.servers import MACHINE, Servers
from rows import Row

MOST_MEGABYTES = 60.0
MEGABYTE = 1_000_000


def measure(servers: Servers) -> list[Row]:
    """Return the figure."""
    ours, plain = servers.targets[MACHINE], servers.targets["FastAPI"]
    take_turns({"ours": ours, "plain": plain}, rounds=1)
    held, theirs = ours.resident_bytes() / MEGABYTE, plain.resident_bytes() / MEGABYTE
    return [
        Row(
            name="memory over that of FastAPI",
            value=held - theirs,
            target=MOST_MEGABYTES,
            unit="MB",
            peers={"Lockstitch MB": held, "FastAPI MB": theirs},
        )
    ]
