"""The speed of batches, side by side in one run: `python -m tests.benchmark_batch [LETTERS] [--memory N]`.

The letters are samples 03, 08 and 12 in turn (four, three and six pages), each under a case number of its own, rendered
to PDF, then to text, and published in a folder. The loop is one process that renders the same decisions and writes each
letter with a plain `write_bytes`: no supervision, no manifest, no fsync. Rows take turns, and the median round counts;
what starting costs is told by itself, and not in the rates.

`--memory N` tells how a worker's memory grows from its thirtieth letter on over N, in text and in PDF (on Linux).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from imr_letters import batch, loads, render
from imr_letters.batch import Options, Progress, inputs, supervise, work
from imr_letters.batch.rendering import PDFS, TEXTS
from imr_letters.batch.work import Job, Outcome, Task
from tests.batches import decisions, jsonl
from tests.benchmark import resident


def source(folder: Path, count: int) -> Path:
    """Write the decisions, and return their file."""
    three = [list(decisions(-(-count // 3), sample=sample)) for sample in ("03", "08", "12")]
    data = [each for trio in zip(*three, strict=True) for each in trio][:count]
    for number, each in enumerate(data):
        each["case"]["number"] = f"CM16-{number:07}"
    return jsonl(folder / "in.jsonl", data)


class Clock:
    """Measures a batch from its first finished shard on."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int]] = []

    def __call__(self, progress: Progress) -> None:
        if progress.doing == "letters":
            self.seen.append((time.perf_counter(), progress.done))

    def rate(self) -> float:
        """Return letters a second, between the first and the last that were told."""
        (start, first), (end, last) = self.seen[len(self.seen) // 10], self.seen[-1]
        return (last - first) / (end - start)


def loop(lines: Sequence[bytes], folder: Path, medium: str, number: int) -> float:
    """Return the letters a second of the plain loop, once it is warm."""
    out = folder / f"{medium}-loop-{number}"
    out.mkdir()
    begun = 0.0
    warm = len(lines) // 10
    for count, line in enumerate(lines):
        if count == warm:
            begun = time.perf_counter()
        letter = render(loads(line))
        data = letter.pdf() if medium == "pdf" else letter.text.encode()
        (out / f"{count}").write_bytes(data)
    return (len(lines) - warm) / (time.perf_counter() - begun)


def batched(file: Path, folder: Path, medium: str, jobs: int, number: int) -> float:
    """Return the letters a second of a batch."""
    clock = Clock()
    batch.render([str(file)], str(folder / f"{medium}-{jobs}-{number}"), [medium], Options(jobs=jobs), watch=clock)
    return clock.rate()


def parsed(folder: Path, medium: str, jobs: int, number: int) -> float:
    """Return the letters a second that are read into a table."""
    clock = Clock()
    table = folder / f"{medium}-{jobs}-{number}.jsonl"
    batch.parse([str(folder / f"{medium}-1-0")], str(table), Options(jobs=jobs), watch=clock)
    return clock.rate()


def rounds(rows: dict[str, Callable[[int], float]], count: int) -> dict[str, float]:
    """Return the median rate of each row; they take turns."""
    found: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(count):
        for name, row in rows.items():
            found[name].append(row(number))
    return {name: statistics.median(rates) for name, rates in found.items()}


def speed(count: int, times: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for medium, amount in (("pdf", count), ("text", count * 10)):
            file = source(folder, amount)
            lines = file.read_bytes().splitlines()
            rates = rounds(
                {
                    f"{medium}: loop": partial(loop, lines, folder, medium),
                    f"{medium}: here, without processes": partial(batched, file, folder, medium, 0),
                    f"{medium}: 1 job": partial(batched, file, folder, medium, 1),
                    f"{medium}: 2 jobs": partial(batched, file, folder, medium, 2),
                },
                times,
            )
            plain = rates[f"{medium}: loop"]
            for kind, rate in rates.items():
                yield f"{kind:38} {rate:9,.1f} letters a second {rate / plain:6.2f} x the loop"
            reading = rounds(
                {
                    f"parse {medium}: 1 job": partial(parsed, folder, medium, 1),
                    f"parse {medium}: 2 jobs": partial(parsed, folder, medium, 2),
                },
                times,
            )
            for kind, rate in reading.items():
                yield f"{kind:38} {rate:9,.1f} rows a second"
        yield start_up(folder)


def start_up(folder: Path) -> str:
    """Tell how long a batch of one letter takes, from the shell."""
    file = source(folder, 1)
    entry = "import sys; from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"
    took = []
    for number in range(3):
        command = [sys.executable, "-c", entry, "batch", "render", str(file), "-o", str(folder / f"one-{number}")]
        start = time.perf_counter()
        subprocess.run([*command, "-j", "1"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        took.append(time.perf_counter() - start)
    return f"a batch of one PDF letter, process and all: {statistics.median(took):.1f} s"


def weighed(job: Job, task: Task) -> Outcome:
    """Make a letter; return what the process holds then, in the place of its id."""
    outcome = work.render_one(job, task)
    return replace(outcome, findings=({"held": resident()},))


def weighed_shard(job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Make letters of a shard, each weighed."""
    return work.render_with(weighed, job, tasks)


def memory(count: int) -> Iterator[str]:
    supervise.RECYCLE = 10 * count  # none of the workers makes room
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for medium, size in (("text", TEXTS), ("pdf", PDFS)):
            file = source(folder, count)
            out = str(folder / medium)
            job = Job(out=out, media=(medium,))
            pool = supervise.Pool(1, job, size)
            refs = inputs.decisions([str(file)])
            known = [Task(ref) for ref in refs]
            tasks: list[Task] = [Task(ref) for ref in refs]
            with work.place(out).lock():
                for done in pool.run(work.identify, job, known, size):
                    tasks[done.index] = Task(refs[done.index], done.outcome.id, done.outcome.row["input"])
                held = [float(done.outcome.findings[0]["held"]) for done in pool.run(weighed_shard, job, tasks, size)]
            pool.close()
            first, last = held[30], held[-1]
            yield (
                f"{medium}: {first:.1f} MiB after 30 letters, {last:.1f} MiB after {len(held):,}: "
                f"{last - first:+.1f} MiB, at most {max(held):.1f}"
            )


def main() -> None:
    """Print the table, or how memory grows."""
    parser = argparse.ArgumentParser(prog="tests.benchmark_batch")
    parser.add_argument("letters", nargs="?", type=int, default=120, help="PDFs a round; ten times as many texts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, metavar="N", help="how memory grows over N letters, and no speed")
    options = parser.parse_args()
    for line in memory(options.memory) if options.memory else speed(options.letters, options.rounds):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
