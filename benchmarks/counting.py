"""What counting costs a request, in CPU time, beside the fixed window of the `limits` library.

A request is counted for its address and its key, then the header fields say what is left. The
library has its storage in memory, which no other process shares. The least of the rounds counts.
"""

import time
from collections.abc import Callable
from uuid import uuid4

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from rows import Row, finish

from lockstitch.database.session import Database
from lockstitch.identity.counter import Counter
from lockstitch.identity.principal import Machine
from lockstitch.identity.request_limits import RequestLimits
from lockstitch.settings import Settings

ROUNDS = 7
REQUESTS = 20_000
QUOTA = "900000000/minute"
ADDRESS = "203.0.113.9"
KEY = Machine(uuid4(), uuid4(), frozenset({"predict"}), None)


def main() -> None:
    """Measure and report."""
    settings = Settings(requests_per_key=QUOTA, requests_per_address=QUOTA)
    # Never opened: counting asks nobody.
    ours = RequestLimits(Database("host=/nowhere"), settings)
    library, item = FixedWindowRateLimiter(MemoryStorage()), parse(QUOTA)

    def count() -> list[Counter]:
        counters: list[Counter] = []
        ours.take_address(ADDRESS, counters)
        ours.take_caller(KEY, counters)
        return counters

    def count_by_library() -> None:
        for kind, who in (("address", ADDRESS), ("key", str(KEY.key_id))):
            library.hit(item, kind, who)

    def tell_by_library() -> None:
        count_by_library()
        for kind, who in (("address", ADDRESS), ("key", str(KEY.key_id))):
            library.get_window_stats(item, kind, who)

    finish(
        "counting",
        [
            Row(
                name="counting an address and a key",
                value=microseconds(count),
                target=2,
                unit="us",
                peers={"limits": microseconds(count_by_library)},
            ),
            Row(
                name="counting them, with the header fields",
                value=microseconds(lambda: ours.headers(count())),
                target=5,
                unit="us",
                peers={"limits, without the fields": microseconds(tell_by_library)},
            ),
        ],
    )


def microseconds(request: Callable[[], object]) -> float:
    """Return the CPU time of one request."""
    return min(_round(request) for _ in range(ROUNDS)) / REQUESTS * 1e6


def _round(request: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(REQUESTS):
        request()
    return time.process_time() - began


if __name__ == "__main__":
    main()
