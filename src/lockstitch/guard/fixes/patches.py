"""Unified diffs: writing them, and applying them without a guess."""

import difflib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lockstitch.errors import PatchRefused

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NOWHERE = "/dev/null"
_NO_NEWLINE = "\\ No newline at end of file\n"


def make_patch(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of all files that differ, as `git apply` and `patch -p1` take it.

    A file that is not in `before` is a new one.
    """
    parts: list[str] = []
    for name in sorted(after):
        lines = difflib.unified_diff(
            _lines(before.get(name, "")),
            _lines(after[name]),
            f"a/{name}" if name in before else _NOWHERE,
            f"b/{name}",
        )
        parts += [line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines]
    return "".join(parts)


def apply_patch(patch: str, folder: Path) -> tuple[str, ...]:
    """Change the files that a patch names; return their names.

    Every line that the patch removes or keeps must stand where the patch says. All files are
    compared before the first is written, and what was written goes back when a later one fails.

    Raises:
        PatchRefused: A file is not there, lies elsewhere, or is not what the patch was made for.
    """
    changed = {}
    for name, (is_new, hunks) in _parse(patch).items():
        before = _nothing(folder, name) if is_new else _read(folder, name)
        changed[name] = _patched(before, hunks, name)
    _write_all(folder, changed)
    return tuple(sorted(changed))


def _lines(text: str) -> list[str]:
    # Unlike `splitlines`, this leaves form feeds and the like within their line, as git does.
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]


# Reading a patch


@dataclass(slots=True)
class _Hunk:
    start: int
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    last: tuple[list[str], ...] = ()


def _parse(patch: str) -> dict[str, tuple[bool, list[_Hunk]]]:
    """Return the hunks of each file, and whether it is a new one."""
    files: dict[str, tuple[bool, list[_Hunk]]] = {}
    hunks: list[_Hunk] = []
    before, wanted = "", 0
    for line in _lines(patch):
        if wanted <= 0 and line.startswith("--- "):
            before = line.removeprefix("--- ").rstrip("\n")
        elif wanted <= 0 and line.startswith("+++ b/"):
            name = line.removeprefix("+++ b/").rstrip("\n")
            hunks = files.setdefault(name, (before == _NOWHERE, []))[1]
        elif found := _HUNK.match(line):
            old, new = int(found[2] or 1), int(found[3] or 1)
            # A hunk without old lines stands behind the line that it names.
            hunks.append(_Hunk(int(found[1]) - (1 if old else 0)))
            wanted = old + new
        elif hunks and line[0] in " -+\\":
            wanted -= {" ": 2, "\\": 0}.get(line[0], 1)
            _take(hunks[-1], line)
    return files


def _take(hunk: _Hunk, line: str) -> None:
    sign, text = line[0], line[1:]
    if sign == "\\":
        # It says that the line before it has no line break.
        for lines in hunk.last:
            lines[-1] = lines[-1].removesuffix("\n")
        return
    sides = {" ": (hunk.old, hunk.new), "-": (hunk.old,), "+": (hunk.new,)}
    hunk.last = sides[sign]
    for lines in hunk.last:
        lines.append(text)


def _patched(text: str, hunks: list[_Hunk], name: str) -> str:
    lines = _lines(text)
    for hunk in reversed(hunks):
        end = hunk.start + len(hunk.old)
        if lines[hunk.start : end] != hunk.old:
            raise PatchRefused(
                f"{name} is not what the fix was made for: line {hunk.start + 1} and those behind "
                "it differ. Run `lockstitch diff` again. Nothing was changed."
            )
        lines[hunk.start : end] = hunk.new
    return "".join(lines)


# Files


def _read(folder: Path, name: str) -> str:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PatchRefused(f"{name} lies outside {folder}. Nothing was changed.")
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PatchRefused(f"{name} cannot be read: {error}. Nothing was changed.") from error


def _nothing(folder: Path, name: str) -> str:
    path = (folder / name).resolve()
    if path.exists() or not path.is_relative_to(folder.resolve()):
        raise PatchRefused(f"{name} is there already. Nothing was changed.")
    return ""


def _write_all(folder: Path, texts: Mapping[str, str]) -> None:
    known = [name for name in texts if (folder / name).exists()]
    before = {name: (folder / name).read_bytes() for name in known}
    written: list[str] = []
    try:
        for name, text in sorted(texts.items()):
            _replace(folder / name, text.encode())
            written.append(name)
    except OSError as error:
        for name in written:
            if name in before:
                _replace(folder / name, before[name])
            else:
                (folder / name).unlink()
        raise PatchRefused(f"{error.filename} cannot be written. Nothing was changed.") from error


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, with the rights that it had."""
    target = path.resolve()
    scratch = target.with_name(f".{target.name}.lockstitch")
    try:
        scratch.write_bytes(content)
        if target.exists():
            scratch.chmod(target.stat().st_mode)
        os.replace(scratch, target)  # noqa: PTH105 - the error names the file either way
    except OSError:
        with suppress(OSError):
            scratch.unlink()
        raise
