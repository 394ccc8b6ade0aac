"""Which modules of this room need what the others do not."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # Ray is no part of the ordinary set-up: `make test-ray` installs it and asks for this module.
    wanted = "ray" in (config.getoption("--executor") or [])
    return True if collection_path.name == "test_ray.py" and not wanted else None
