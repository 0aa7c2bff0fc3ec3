"""Kill a batch again and again: `python -m tests.crash_campaign COUNT [--to pdf,text] [--records N] [--dask]`.

`--at-once N` kills N batches side by side, each in a folder of its own.

Drivers, workers, and with `--dask` schedulers and workers of a cluster are killed with SIGKILL at random moments; the
same command is run until a batch comes to its end; then all letters and the manifest are compared, byte for byte, with
those of an undisturbed batch. Again with another folder, until COUNT processes were killed. Prints what was killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from imr_letters import batch
from imr_letters.batch import Options
from imr_letters.engine.errors import EngineError
from tests import poison
from tests.batches import decisions, jsonl, tree

ROOT = Path(__file__).parents[1]


def drive(source: str, out: str, media: str, on: str | None) -> int:
    """Run one batch, slowly enough to be met."""
    options = Options(jobs=2, seconds=20, on=on)
    try:
        return batch.render([source], out, media.split(","), options, shard=poison.slow_shard).exit_code
    except EngineError:
        return 5  # the cluster was lost


def descendants(process: int) -> list[int]:
    """Return the processes below a process, as Linux reports them."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, due = [], [process]
    while due:
        parent = due.pop()
        children = [child for child, its in parents.items() if its == parent]
        found += children
        due += children
    return found


def kill(process: int) -> bool:
    """Kill a process; return whether it was there."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
        return True
    return False


class Cluster:
    """A scheduler and two workers of Dask on this machine, each a process that can be killed."""

    def __init__(self, port: int, **environment: str) -> None:
        self.address = f"127.0.0.1:{port}"
        self._dask = [sys.executable, "-m", "dask"]
        own = {**os.environ, **environment}
        self._quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT, "env": own}
        self._folder = tempfile.mkdtemp()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.mend()

    def mend(self) -> None:
        """Start what is not running."""
        host, _, port = self.address.partition(":")
        # Without a dashboard there is still a server of pages, which listens everywhere unless set otherwise.
        closed = ["--host", host, "--no-dashboard", "--dashboard-address", f"{host}:0"]
        scheduler = ["scheduler", "--port", port, *closed]
        worker = ["worker", f"tcp://{self.address}", "--nthreads", "1", *closed]
        worker += ["--local-directory", self._folder, "--death-timeout", "120"]
        for name, words in (("scheduler", scheduler), ("worker 1", worker), ("worker 2", worker)):
            if name not in self.processes or self.processes[name].poll() is not None:
                self.processes[name] = subprocess.Popen([*self._dask, *words], **self._quiet)  # type: ignore[call-overload]  # noqa: S603

    def victims(self, kind: str) -> list[int]:
        """Return the processes of a kind; a worker is its nanny or what the nanny started."""
        roots = [process.pid for name, process in self.processes.items() if name.startswith(kind)]
        return roots if kind == "scheduler" else [pid for root in roots for pid in [root, *descendants(root)]]

    def close(self) -> None:
        """End all."""
        for process in self.processes.values():
            for pid in [*descendants(process.pid), process.pid]:
                kill(pid)
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def cluster(wanted: bool, **environment: str) -> Iterator[Cluster | None]:
    """Start a cluster, if one is wanted, with more in its environment."""
    made = Cluster(random.randrange(20_000, 30_000), **environment) if wanted else None  # noqa: S311
    try:
        yield made
    finally:
        if made is not None:
            made.close()


def once(source: Path, out: Path, media: str, most: int, on: Cluster | None, pick: random.Random) -> Counter[str]:
    """Run a batch to its end while killing at most so many processes; return how many of each kind were killed."""
    killed: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.crash_campaign", "--drive", str(source), str(out), "--to", media]
    command += ["--on", f"dask://{on.address}"] if on else []
    runs = 0
    while True:
        runs += 1
        assert runs < 400, "the batch never comes to its end"
        # Python's own helpers of processes say much when theirs are killed: it is shown where a batch fails.
        said = tempfile.TemporaryFile()  # noqa: SIM115
        driver = subprocess.Popen(command, cwd=ROOT, stderr=said)  # noqa: S603
        begun = time.monotonic()
        wait = pick.uniform(0.2, 6.0) if on else pick.uniform(0.05, 2.5)
        while True:
            try:
                code = driver.wait(wait)
                break
            except subprocess.TimeoutExpired:
                assert time.monotonic() - begun < 600, "the batch stands still"
            wait = pick.uniform(0.1, 4.0) if on else pick.uniform(0.02, 0.8)
            if sum(killed.values()) >= most:
                wait = 5
                continue
            kind = pick.choice(["driver", "worker", "worker", "scheduler"] if on else ["driver", "worker"])
            if kind == "driver":
                killed["driver"] += kill(driver.pid)
            else:
                victims = on.victims(kind) if on else descendants(driver.pid)
                if victims:
                    killed[kind] += kill(pick.choice(victims))
                if on:
                    on.mend()
        if on:
            on.mend()
        with said:
            said.seek(0)
            words = said.read().decode(errors="replace")
        if code == 0:
            return killed
        assert code in (3, 5, -signal.SIGKILL), f"the batch ended with {code}:\n{words}"


def campaign(count: int, media: str, records: int, *, dask: bool, each: int = 10, number: int = 0) -> Counter[str]:
    """Kill that many processes in batch after batch; raise `AssertionError` where a batch comes out otherwise."""
    pick = random.Random(number)  # noqa: S311
    killed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, cluster(dask) as on:
        folder = Path(name)
        source = jsonl(folder / "in.jsonl", decisions(records))
        batch.render([str(source)], str(folder / "undisturbed"), media.split(","), Options(jobs=0))
        expected = tree(folder / "undisturbed")
        while sum(killed.values()) < count:
            out = folder / f"out-{killed['batches']}"
            killed += once(source, out, media, min(each, count - sum(killed.values())), on, pick)
            assert tree(out) == expected, "the batch came out otherwise"
            assert batch.report(str(out))["reconciles"]
            shutil.rmtree(out)
            print(dict(killed), flush=True)  # noqa: T201
    return killed


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="tests.crash_campaign")
    parser.add_argument("count", nargs="?", type=int, default=1_000)
    parser.add_argument("--to", default="text")
    parser.add_argument("--records", type=int, default=120)
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--at-once", type=int, default=1, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drive", nargs=2, metavar=("SOURCE", "OUT"), help=argparse.SUPPRESS)
    parser.add_argument("--on", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.drive:
        sys.exit(drive(options.drive[0], options.drive[1], options.to, options.on))
    start = time.monotonic()
    killed: Counter[str] = Counter()
    share = -(-options.count // options.at_once)
    with ThreadPoolExecutor(options.at_once) as threads:
        seeds = range(options.seed, options.seed + options.at_once)
        side_by_side = [
            threads.submit(campaign, share, options.to, options.records, dask=options.dask, number=seed)
            for seed in seeds
        ]
        for each in side_by_side:
            killed += each.result()
    total = sum(killed.values())
    print(f"{total} processes killed ({dict(killed)}) in {time.monotonic() - start:,.0f} s; nothing lost")  # noqa: T201


if __name__ == "__main__":
    main()
