"""Invented decisions by the hundred, and what a batch left of them."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from imr_letters import batch, load, samples
from imr_letters.batch import Options

Data = dict[str, Any]

#: All in this process.
HERE = Options(jobs=0)
#: The command line as a process of its own.
PROGRAM = [sys.executable, "-c", "import sys; from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"]

#: What a batch's folder holds in addition to what must come out the same every time.
_NOT_COMPARED = ("journal.jsonl", ".batch/")


def decisions(count: int, *, sample: str = "01") -> Iterator[Data]:
    """Yield that many small decisions, all different: one of the samples under many case numbers."""
    (path,) = (path for path in samples.decisions() if path.stem.startswith(sample))
    first = load(path).data()
    for number in range(count):
        data = copy.deepcopy(first)
        data["case"]["number"] = f"CM16-{number:07}"
        data["clinical_summary"] += f"\n\nThis is record {number}."
        yield data


def jsonl(path: Path, data: Iterable[Data]) -> Path:
    """Write decisions as JSONL."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in data), encoding="utf-8")
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Return what must come out the same every time: letters, superseded ones, manifest; not when and how."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(files.items()) if not name.startswith(_NOT_COMPARED)}


def manifest(folder: Path) -> list[Data]:
    """Return the rows of a manifest."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


def made(source: Path, out: Path, media: str = "text", **options: Any) -> batch.Summary:
    """Render a batch in this process."""
    return batch.render([str(source)], str(out), media.split(","), HERE, **options)
