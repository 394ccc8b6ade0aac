"""The dashboard and the alerts name metrics that exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from fastapi import FastAPI
from prometheus_client import generate_latest

from lockstitch.api.services import Services

FOLDER = Path(__file__).parents[2] / "docs" / "observability"
NAME = re.compile(r"\blockstitch_[a-z_]+")
SELECTOR = re.compile(r"\b(lockstitch_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"by \(([a-z_, ]+)\) \((?:rate\()?(lockstitch_[a-z_]+)")
# What Prometheus itself adds to every series.
ADDED = {"instance", "job"}


def dashboard() -> list[str]:
    told = json.loads((FOLDER / "dashboard.json").read_text())
    return [target["expr"] for panel in told["panels"] for target in panel["targets"]]


def rules() -> list[dict[str, Any]]:
    told = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
    return [rule for group in told["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    return [*dashboard(), *(rule["expr"] for rule in rules())]


@pytest.fixture
async def series(app: FastAPI, client: httpx2.AsyncClient) -> dict[str, set[str]]:
    """Return every series of a service that has answered something, with its labels."""
    for body in ({"text": "hello"}, {"text": 1}):
        await client.post("/v1/models/repeat/predictions", json=body)
    running: Services = app.state.lockstitch
    found: dict[str, set[str]] = {}
    for family in running.metrics.registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    assert b"lockstitch_batch_items_bucket" in generate_latest(running.metrics.registry)
    return found


async def test_every_metric_of_the_dashboard_and_the_alerts_exists(
    series: dict[str, set[str]],
) -> None:
    named = {name for expression in expressions() for name in NAME.findall(expression)}

    assert named <= series.keys()
    assert len(named) > 10


async def test_every_label_that_they_select_or_group_by_exists(
    series: dict[str, set[str]],
) -> None:
    checked = 0
    for expression in expressions():
        for name, labels in pairs(expression):
            assert labels <= series[name] | ADDED, expression
            checked += 1
    assert checked > 10


def pairs(expression: str) -> Iterator[tuple[str, set[str]]]:
    for name, selector in SELECTOR.findall(expression):
        yield name, set(re.findall(r"([a-z_]+)\s*[=!]~?", selector))
    for labels, name in GROUPED.findall(expression):
        yield name, set(labels.split(", "))


async def test_the_dashboard_shows_every_metric_of_ours(series: dict[str, set[str]]) -> None:
    shown = {name for expression in dashboard() for name in NAME.findall(expression)}
    families = {re.sub("_(bucket|count|sum|created)$", "", name) for name in series}
    created = {name for name in families if f"{name}_total" in families}

    assert families - created <= {re.sub("_(bucket|count|sum)$", "", name) for name in shown}


def test_an_alert_says_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]
