"""Try the compiler and the difference engine on foreign documents.

    python scripts/corpus.py DIR

DIR holds documents (JSON or YAML), or a folder `openapi` of them. The exit code is 0 when every
document generates, compiles without an error and holds nothing that looks away from a type. Where
DIR has a folder `contract-changes`, its pairs are judged as well: see corpus_pairs.py.
"""

import shutil
import sys
import time
from pathlib import Path

from lockstitch.contract.sources import read_source
from lockstitch.contract.typescript.client import emit_client
from lockstitch.errors import ContractError

sys.path.insert(0, str(Path(__file__).parent))

from corpus_pairs import has_pairs, judge_pairs
from typescript_inspection import TOOLS, compile_errors, forbidden_syntax

OUTPUT = TOOLS / "corpus"
NOT_CONTRACTS = {"manifest.json"}


def generate(source: Path, folder: Path) -> str:
    """Write the whole client of one document; return what to say about it."""
    began = time.process_time()
    files = emit_client(read_source(source), imports="js")
    spent = time.process_time() - began
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    functions = files["operations.ts"].count("export function ")
    size = sum(len(text) for text in files.values()) // 1024
    return f"{functions:4} functions {len(files):3} files {size:6} KB {spent:5.2f} s"


def judge(source: Path) -> int:
    """Generate and judge one document; return the number of its faults."""
    folder = OUTPUT / source.stem
    try:
        words = generate(source, folder)
    except ContractError as error:
        print(f"{source.stem:32} {error}")
        return 1
    faults = compile_errors(folder)
    for module in sorted(folder.rglob("*.ts")):
        found = forbidden_syntax(module.read_text(encoding="utf-8"))
        faults += [f"{module.name}: {fault}" for fault in found]
    print(f"{source.stem:32} {words} {len(faults):4} faults")
    for fault in faults[:10]:
        print(f"    {fault}")
    return len(faults)


def main(arguments: list[str]) -> int:
    """Judge every document; return the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Name the folder of the documents: make corpus CORPUS=DIR", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder = folder / "openapi" if (folder / "openapi").is_dir() else folder
    sources = sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".json", ".yaml", ".yml"} and path.name not in NOT_CONTRACTS
    )
    shutil.rmtree(OUTPUT, ignore_errors=True)
    faults = sum(judge(source) for source in sources)
    print(f"{len(sources)} documents, {faults} faults")
    enough = not has_pairs(Path(arguments[0])) or judge_pairs(Path(arguments[0]))
    return 0 if enough and sources and not faults else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
