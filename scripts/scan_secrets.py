"""Look for secrets in every tracked file and in the built console; exit 1 when there is one.

Known harmless places stand in `.secrets.baseline`, which detect-secrets keeps:
`detect-secrets scan --baseline .secrets.baseline`, then `detect-secrets audit`.
"""

import json
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parent.parent
BASELINE = ROOT / ".secrets.baseline"
BUILT = Path("src/lockstitch/console/static")


def main() -> int:
    baseline = json.loads(BASELINE.read_text())
    known = {
        (filename, secret["hashed_secret"])
        for filename, secrets in baseline["results"].items()
        for secret in secrets
    }
    files = [*tracked_files(), *built_files()]
    found = SecretsCollection(str(ROOT))
    settings = {key: baseline[key] for key in ("plugins_used", "filters_used")}
    with transient_settings(settings):
        for name in files:
            found.scan_file(name)
    new = [
        f"{filename}:{secret.line_number}: {secret.type}"
        for filename, secret in found
        if (filename, secret.secret_hash) not in known
    ]
    print("\n".join(new) or f"No secrets in {len(files)} files.")
    if new:
        print("Remove each one, or add it to the baseline: detect-secrets audit.")
    return int(bool(new))


def tracked_files() -> list[str]:
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in answer.stdout.splitlines() if (ROOT / name).is_file()]


def built_files() -> list[str]:
    if not (ROOT / BUILT).is_dir():
        sys.exit("The console is not built. Run `make setup`.")
    return [str(path.relative_to(ROOT)) for path in (ROOT / BUILT).rglob("*.[hj][ts]*")]


if __name__ == "__main__":
    sys.exit(main())
