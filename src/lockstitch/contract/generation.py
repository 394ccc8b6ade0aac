"""Generated files on disk: written together, known by their digests, never mixed with others'."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lockstitch.errors import ForeignFile
from lockstitch.findings import Finding, Place, Report

LOCK: Final = "lockstitch.lock.json"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a generation did to its folder."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


def how_it_was_made(folder: Path) -> dict[str, Any] | None:
    """Return what the lock of a folder says of how its files were made; None without a word."""
    try:
        lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    made = lock.get("made") if isinstance(lock, dict) else None
    return made if isinstance(made, dict) else None


class GeneratedFolder:
    """A folder of generated files, and the lock file that says which they are.

    The lock lists each file with the sha256 of what was written. A file is the generator's only
    while it still has that digest.

    Args:
        path: The folder.
        made: How the files were made, which the lock keeps for who wants to make them again.
    """

    def __init__(self, path: Path, made: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._made = made

    def write(self, files: Mapping[str, str]) -> Changes:
        """Make the folder hold these files, and no other that was once generated.

        All files are written beside the folder first and then moved into it, so that an error
        leaves what was there.

        Raises:
            ForeignFile: A file is in the way that was not generated, or was changed since.
        """
        self._refuse_path()
        lock = self._read_lock()
        wanted = {**files, LOCK: self._lock_text(_digests(files))}
        written = [name for name, text in wanted.items() if self._digest(name) != digest(text)]
        removed = [name for name in sorted(lock) if name not in files and self._exists(name)]
        for name in [*written, *removed]:
            self._refuse_outside(name)
            if name != LOCK:
                self._refuse_foreign(name, lock)
        if written or removed:
            self._replace({name: wanted[name] for name in written}, removed, lock, files)
        return Changes(
            written=tuple(name for name in written if name != LOCK),
            removed=tuple(removed),
            unchanged=len(files) - sum(name != LOCK for name in written),
        )

    def check(self, files: Mapping[str, str]) -> Report:
        """Return what differs from these files, as one finding for each."""
        return Report.of(self._differences(files))

    def _differences(self, files: Mapping[str, str]) -> Iterator[Finding]:
        self._refuse_path()
        lock = self._read_lock()
        for name, text in files.items():
            found = self._digest(name)
            if found == digest(text):
                continue
            if found is None:
                yield self._finding("missing-file", name, "The file is not there.")
            elif found in lock.get(name, ()):
                yield self._finding("stale-file", name, "The file is not what the contract says.")
            else:
                yield self._finding("changed-file", name, "The file was changed by hand.")
        for name in sorted(lock):
            if name not in files and self._exists(name):
                yield self._finding("leftover-file", name, "The contract no longer makes the file.")
        if self._digest(LOCK) != digest(self._lock_text(_digests(files))):
            message = "The lock does not list the generated files, or how they are made."
            yield self._finding("stale-lock", LOCK, message)

    def _finding(self, rule: str, name: str, message: str) -> Finding:
        fix = "Run `lockstitch generate` with the same arguments and commit the folder."
        if rule == "changed-file":
            fix = "Move your changes elsewhere, delete the file and run `lockstitch generate`."
        place = Place(file=(self.path / name).as_posix())
        return Finding(rule=rule, severity="error", place=place, message=message, fix=fix)

    # The folder

    def _exists(self, name: str) -> bool:
        return (self.path / name).is_file()

    def _digest(self, name: str) -> str | None:
        path = self.path / name
        # Git may have checked the file out with the line ends of another system.
        return _sha256(path.read_bytes().replace(b"\r\n", b"\n")) if path.is_file() else None

    def _refuse_path(self) -> None:
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise ForeignFile(f"{self.path} is not a folder. Choose another one with -o.")

    def _refuse_outside(self, name: str) -> None:
        """Refuse a file that would land elsewhere, and one in whose place something else stands."""
        path, root = self.path / name, self.path.resolve()
        for folder in path.parents:
            if folder == self.path:
                break
            if not folder.resolve().is_relative_to(root):
                raise ForeignFile(f"{folder} leads out of {self.path}. Remove the link.")
            if os.path.lexists(folder) and not folder.is_dir():
                raise ForeignFile(f"{folder} stands where a folder should be. Move it elsewhere.")
        if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
            raise ForeignFile(f"{path} stands where a file should be. Move it elsewhere.")

    def _refuse_foreign(self, name: str, lock: Mapping[str, tuple[str, ...]]) -> None:
        found = self._digest(name)
        if found is None or found in lock.get(name, ()):
            return
        path = self.path / name
        if name in lock:
            raise ForeignFile(
                f"{path} was changed since it was generated. Move your changes elsewhere, delete "
                "the file and generate again."
            )
        raise ForeignFile(
            f"{path} was not generated. Move it elsewhere, or choose another folder with -o."
        )

    def _read_lock(self) -> dict[str, tuple[str, ...]]:
        """Return by file the digests that it may have."""
        path = self.path / LOCK
        if not path.is_file():
            return {}
        try:
            lock: Any = json.loads(path.read_text(encoding="utf-8"))
            tables = [lock["files"], lock.get("pending", {})]
            names = dict.fromkeys(_inside(name) for table in tables for name in table)
            return {name: tuple(str(t[name]) for t in tables if name in t) for name in names}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForeignFile(
                f"{path} is damaged: {error!r}. Restore it from version control, or delete the "
                "folder and generate again."
            ) from error

    def _replace(
        self,
        texts: Mapping[str, str],
        removed: list[str],
        lock: Mapping[str, tuple[str, ...]],
        files: Mapping[str, str],
    ) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        waiting = Path(tempfile.mkdtemp(prefix=".lockstitch-", dir=self.path))
        try:
            for name, text in texts.items():
                _write(waiting / name, text)
            # Were the process to end in between, both the old and the new text would be known.
            known = {name: digests[-1] for name, digests in lock.items()}
            _write(waiting / "pending", self._lock_text(known, _digests(files)))
            (waiting / "pending").replace(self.path / LOCK)
            for name in texts:
                if name != LOCK:
                    target = self.path / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    (waiting / name).replace(target)
            for name in removed:
                self._remove(name)
            _write(waiting / LOCK, self._lock_text(_digests(files)))
            (waiting / LOCK).replace(self.path / LOCK)
        finally:
            shutil.rmtree(waiting, ignore_errors=True)

    def _lock_text(self, files: Mapping[str, str], pending: Mapping[str, str] | None = None) -> str:
        made = {} if self._made is None else {"made": dict(self._made)}
        lock: dict[str, Any] = {"format": _FORMAT, **made, "files": dict(sorted(files.items()))}
        if pending is not None:
            lock["pending"] = dict(sorted(pending.items()))
        return json.dumps(lock, indent=2) + "\n"

    def _remove(self, name: str) -> None:
        path = self.path / name
        path.unlink()
        for folder in path.parents:
            if folder == self.path or any(folder.iterdir()):
                return
            folder.rmdir()


def digest(text: str) -> str:
    """Return the sha256 of a file with this text."""
    return _sha256(text.encode())


def _inside(name: str) -> str:
    """Return the name of a file, which must stay in its folder."""
    if not name or name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise ValueError(f"{name!r} is no file of the folder")
    return name


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digests(files: Mapping[str, str]) -> dict[str, str]:
    return {name: digest(text) for name, text in files.items()}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
