"""What `import lockstitch` offers, and what it costs."""

import subprocess
import sys

import lockstitch

HEAVY = {"torch", "transformers", "ray", "wandb", "lightgbm", "sklearn", "numpy", "fastapi"}


def test_the_public_names_are_frozen() -> None:
    assert sorted(lockstitch.__all__) == [
        "Lockstitch",
        "LockstitchError",
        "Model",
        "Principal",
        "Settings",
        "StreamingModel",
        "person",
        "public",
        "stored_in",
    ]


def test_every_public_name_can_be_imported() -> None:
    for name in lockstitch.__all__:
        assert getattr(lockstitch, name).__name__ == name


def test_importing_lockstitch_imports_nothing_heavy() -> None:
    program = "import sys, lockstitch; print(*{name.split('.')[0] for name in sys.modules})"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert not HEAVY & set(answer.stdout.split())
