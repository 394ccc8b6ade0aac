"""The metrics of several web processes, as one."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import httpx2
import psutil
from product import Product, all_gone

from lockstitch.api.listener import free_port

MakeProduct = Callable[..., Product]
PATH = "/v1/models/counter/predictions"


def predictions(port: int) -> int:
    told = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    series = rf'lockstitch_request_duration_seconds_count{{.*route="{PATH}".*}} ([0-9.]+)'
    return sum(int(float(found)) for found in re.findall(series, told))


def limit(port: int) -> float:
    told = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    found = re.search(r"^lockstitch_predictions_in_flight_limit ([0-9.e+]+)$", told, re.MULTILINE)
    return float(found[1]) if found else 0


def test_processes_are_counted_together_and_one_that_dies_takes_nothing_away(
    project: Path, product_in: MakeProduct
) -> None:
    port = free_port()
    product = product_in(project, "--web-processes", "2")
    product.environment = {"LOCKSTITCH_METRICS_PORT": str(port), "LOCKSTITCH_MAX_IN_FLIGHT": "100"}
    product.start()
    client = product.client()
    for _ in range(20):
        # A connection for each, so that both processes answer.
        client.post(PATH, json={"text": "four"}, headers={"connection": "close"})
    assert predictions(port) == 20
    assert limit(port) == 200

    victim = product.web_process()
    victim.send_signal(signal.SIGKILL)
    assert all_gone([victim])
    answer = client.post(PATH, json={"text": "four"})

    assert answer.status_code == 200
    assert predictions(port) == 21
    product.stop()
    assert not psutil.pid_exists(victim.pid)
    assert list((project / ".lockstitch" / "metrics").iterdir()) == []
