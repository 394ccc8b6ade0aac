"""SIGTERM under load: what was begun ends well, and what was acknowledged is stored."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
from product import Product

MakeProduct = Callable[..., Product]
PATH = "/v1/models/counter/predictions"
CALLERS = 4


class Caller(threading.Thread):
    """Asks again and again on one connection until there is no service any more."""

    def __init__(self, product: Product, cookies: httpx2.Cookies) -> None:
        super().__init__(daemon=True)
        self.ids: list[str] = []
        self.statuses: set[int] = set()
        self.broken: list[str] = []
        self._client = httpx2.Client(base_url=product.url, timeout=30, cookies=cookies)

    def run(self) -> None:
        while True:
            try:
                answer = self._client.post(PATH, json={"text": "four"})
            except httpx2.ConnectError:
                return
            except httpx2.TransportError as error:
                # An idle connection may close just as its next request leaves.
                self.broken.append(type(error).__name__)
                continue
            self.statuses.add(answer.status_code)
            if answer.status_code == 200:
                self.ids.append(answer.json()["id"])


def test_nothing_acknowledged_is_lost_when_the_product_ends_under_load(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    client = product.client()
    callers = [Caller(product, client.cookies) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    deadline = time.monotonic() + 30
    while any(len(caller.ids) < 5 for caller in callers):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    seconds, _ = product.stop(signal.SIGTERM)
    for caller in callers:
        caller.join(timeout=10)
        assert not caller.is_alive()

    assert seconds < 30
    assert set().union(*(caller.statuses for caller in callers)) == {200}
    assert all(len(caller.broken) <= 1 for caller in callers), [one.broken for one in callers]
    product.start()
    kept = stored(client)
    assert {one for caller in callers for one in caller.ids} <= kept


def stored(client: httpx2.Client) -> set[str]:
    found: set[str] = set()
    cursor = None
    while True:
        page = client.get(
            "/v1/predictions", params={"limit": "100", **({"cursor": cursor} if cursor else {})}
        ).json()
        found |= {item["id"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found
