"""Look for secrets in every file of the tree and of the built console; exit 1 when there is one.

Known harmless places stand in `.secrets.baseline`: `detect-secrets scan --baseline
.secrets.baseline` adds new ones, `detect-secrets audit .secrets.baseline` goes through them.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parent.parent
BASELINE = ".secrets.baseline"
BUILT = "src/lockstitch/console/static"

# In minified code every `password:a` looks like one; tokens and keys are found all the same.
NOT_FOR_BUILT = {"KeywordDetector"}


def main() -> int:
    baseline = json.loads((ROOT / BASELINE).read_text())
    known = {
        (filename, secret["hashed_secret"])
        for filename, secrets in baseline["results"].items()
        for secret in secrets
    }
    tree, built = files_of_the_tree(), files_of_the_build()
    plugins = baseline["plugins_used"]
    fewer = [plugin for plugin in plugins if plugin["name"] not in NOT_FOR_BUILT]
    found = [*scan(tree, plugins, baseline), *scan(built, fewer, baseline)]
    new = [place for filename, hashed, place in found if (filename, hashed) not in known]
    print("\n".join(new) or f"No secrets in {len(tree) + len(built)} files.")
    return int(bool(new))


def scan(
    names: Iterable[str], plugins: list[dict[str, Any]], baseline: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Return file, hash and place of everything that looks like a secret."""
    collection = SecretsCollection(str(ROOT))
    with transient_settings({"plugins_used": plugins, "filters_used": baseline["filters_used"]}):
        for name in names:
            collection.scan_file(name)
    return [
        (filename, secret.secret_hash, f"{filename}:{secret.line_number}: {secret.type}")
        for filename, secret in collection
    ]


def files_of_the_tree() -> list[str]:
    """Return all files that git tracks or would track."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in answer.stdout.splitlines() if (ROOT / name).is_file()]
    return [name for name in names if name != BASELINE]


def files_of_the_build() -> list[str]:
    if not (ROOT / BUILT).is_dir():
        sys.exit("The console is not built. Run `make setup`.")
    paths = (ROOT / BUILT).rglob("*")
    return [str(path.relative_to(ROOT)) for path in paths if path.suffix in {".html", ".js"}]


if __name__ == "__main__":
    sys.exit(main())
