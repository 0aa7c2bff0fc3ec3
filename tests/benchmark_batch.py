"""The speed of batches, side by side in one run: `python -m tests.benchmark_batch [LETTERS] [--memory N]`.

The letters are samples 03, 08 and 12 in turn (four, three and six pages), each under a case number of its own, rendered
to PDF, then to text, and published in a folder. The loop is one process that renders the same decisions, reads each
letter back as all rendering does, has lint look at it as a batch does, and writes it with a plain `write_bytes`: no
supervision, no manifest, no fsync. The second loop brings each letter to the disk (written next to its place, fsync,
rename): what is between it and a batch is the cost of supervision and manifest.

Every row is run with a few letters and with many: the difference is the rate, and what the few took beyond that rate is
the cost of starting. Rows take turns, each between two runs of the first one, to whose mean its ratio is taken: so a
machine that grows slower meanwhile changes nothing. The median of the rounds counts.

`--memory N` shows how a worker's memory grows over N letters after its thirtieth, in text and in PDF (on Linux).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from imr_letters import api, batch, loads, render
from imr_letters.batch import Options, inputs, making, supervise, work
from imr_letters.batch.folder import Folder
from imr_letters.batch.work import Job, Result, Task
from imr_letters.lint import stops
from imr_letters.media.table import READ
from imr_letters.workers import pool
from tests.batches import decisions, jsonl
from tests.benchmark import resident


def source(folder: Path, count: int) -> Path:
    """Write the decisions, and return their file."""
    three = [list(decisions(-(-count // 3), sample=sample)) for sample in ("03", "08", "12")]
    data = [each for trio in zip(*three, strict=True) for each in trio][:count]
    for number, each in enumerate(data):
        each["case"]["number"] = f"CM16-{number:07}"
    return jsonl(folder / "in.jsonl", data)


@dataclass(frozen=True)
class Measured:
    """Letters a second once a row is at work, and the seconds until it is."""

    rate: float
    start: float


def measured(run: Callable[[Path], object], few: Path, many: Path) -> Measured:
    """Run a row with few letters and with many."""
    took = []
    for file in (few, many):
        begun = time.perf_counter()
        run(file)
        took.append(time.perf_counter() - begun)
    counts = [file.read_bytes().count(b"\n") for file in (few, many)]
    each = (took[1] - took[0]) / (counts[1] - counts[0])
    return Measured(1 / each, took[0] - counts[0] * each)


def loop(file: Path, folder: Path, medium: str) -> None:
    """Render and write, as plainly as can be."""
    out = Path(tempfile.mkdtemp(dir=folder))
    for count, line in enumerate(file.read_bytes().splitlines()):
        (out / f"{count}").write_bytes(rendered(line, medium))


def durable(file: Path, folder: Path, medium: str) -> None:
    """Render, and bring each letter to the disk."""
    store = Folder(Path(tempfile.mkdtemp(dir=folder)))
    for count, line in enumerate(file.read_bytes().splitlines()):
        store.publish(f"{count}", rendered(line, medium), replace=False)
    store.settle()


def rendered(line: bytes, medium: str) -> bytes:
    letter = render(loads(line))
    if stops(api.lint(letter.decision, letter.family, advice=False)):
        raise ValueError("a sample that lint stops")
    return letter.to(medium)


def batched(file: Path, folder: Path, medium: str, jobs: int) -> str:
    """Render a batch; return its folder."""
    out = tempfile.mkdtemp(dir=folder)
    batch.render([str(file)], out, [medium], Options(jobs=jobs))
    return out


def parsed(file: Path, folder: Path, jobs: int, letters: dict[Path, str]) -> None:
    """Read into a table the letters that were made from a file."""
    batch.parse([letters[file]], str(Path(tempfile.mkdtemp(dir=folder)) / "table.jsonl"), Options(jobs=jobs))


def rounds(rows: dict[str, Callable[[Path], object]], few: Path, many: Path, count: int) -> Iterator[str]:
    """Yield a line for each row, with its ratio to the first; they take turns."""
    (first, plain), *others = rows.items()
    found: dict[str, list[Measured]] = {name: [] for name in rows}
    ratios: dict[str, list[float]] = {name: [] for name, _ in others}
    found[first].append(measured(plain, few, many))
    for _ in range(count):
        for name, row in others:
            found[name].append(measured(row, few, many))
            found[first].append(measured(plain, few, many))
            before, after = found[first][-2:]
            ratios[name].append(2 * found[name][-1].rate / (before.rate + after.rate))
    for name, runs in found.items():
        rate, start = (statistics.median(numbers) for numbers in zip(*((e.rate, e.start) for e in runs), strict=True))
        line = f"{name:32} {rate:9,.1f} a second, {start:4.1f} s to start"
        if name in ratios:
            low, middle, high = min(ratios[name]), statistics.median(ratios[name]), max(ratios[name])
            line += f"; {middle:5.2f} x {first} ({low:.2f} to {high:.2f})"
        yield line


def speed(count: int, times: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for medium, amount in (("pdf", count), ("text", count * 20)):
            few, many = (source(Path(tempfile.mkdtemp(dir=folder)), each) for each in (amount // 5, amount))
            loop(few, folder, medium)  # what is set up once in a process is no row's
            batched(few, folder, medium, 1)
            rows: dict[str, Callable[[Path], object]] = {
                f"{medium}: loop": partial(loop, folder=folder, medium=medium),
                f"{medium}: loop, to the disk": partial(durable, folder=folder, medium=medium),
                f"{medium}: here, without processes": partial(batched, folder=folder, medium=medium, jobs=0),
                f"{medium}: 1 job": partial(batched, folder=folder, medium=medium, jobs=1),
                f"{medium}: 2 jobs": partial(batched, folder=folder, medium=medium, jobs=2),
            }
            yield from rounds(rows, few, many, times)
            few, many = (source(Path(tempfile.mkdtemp(dir=folder)), 10 * each) for each in (amount // 5, amount))
            letters = {file: batched(file, folder, medium, 2) for file in (few, many)}
            reading: dict[str, Callable[[Path], object]] = {
                f"parse {medium}: {jobs} jobs": partial(parsed, folder=folder, jobs=jobs, letters=letters)
                for jobs in (1, 2)
            }
            yield from rounds(reading, few, many, times)
        yield start_up(folder)


def start_up(folder: Path) -> str:
    """Return how long a batch of one letter takes, from the shell."""
    file = source(folder, 1)
    entry = "import sys; from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"
    took = []
    for number in range(3):
        command = [sys.executable, "-c", entry, "batch", "render", str(file), "-o", str(folder / f"one-{number}")]
        start = time.perf_counter()
        subprocess.run([*command, "-j", "1"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        took.append(time.perf_counter() - start)
    return f"a batch of one PDF letter, process and all: {statistics.median(took):.1f} s"


def weighed(job: Job, task: Task) -> Result:
    """Make a letter; return what the process holds then, in the place of its id."""
    outcome = making.render_one(job, task)
    return replace(outcome, findings=({"held": resident()},))


def weighed_shard(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Make letters of a shard, each weighed."""
    return making.render_with(weighed, job, tasks)


def memory(count: int) -> Iterator[str]:
    pool.RECYCLE = 10 * count  # none of the workers makes room
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for medium, size in ((each.name, each.shard) for each in READ.values()):
            file = source(folder, count)
            out = str(folder / medium)
            job = Job(out=out, media=(medium,))
            workers = supervise.Local(1, job, size)
            refs = inputs.decisions([str(file)])
            known = [Task(ref) for ref in refs]
            tasks: list[Task] = [Task(ref) for ref in refs]
            with work.place(out).lock():
                for done in workers.run(making.identify, job, known, size):
                    tasks[done.index] = Task(refs[done.index], done.result.id, done.result.row["input"])
                held = [float(done.result.findings[0]["held"]) for done in workers.run(weighed_shard, job, tasks, size)]
            workers.close()
            first, last = held[30], held[-1]
            yield (
                f"{medium}: {first:.1f} MiB after 30 letters, {last:.1f} MiB after {len(held):,}: "
                f"{last - first:+.1f} MiB, at most {max(held):.1f}"
            )


def main() -> None:
    """Print the table, or how memory grows."""
    parser = argparse.ArgumentParser(prog="tests.benchmark_batch")
    parser.add_argument(
        "letters", nargs="?", type=int, default=60, help="PDFs a round; 20 times as many texts; 10 times to read"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, metavar="N", help="how memory grows over N letters, and no speed")
    options = parser.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)  # noqa: T201
    for line in memory(options.memory) if options.memory else speed(options.letters, options.rounds):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
