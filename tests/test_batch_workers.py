"""Who does the work of a batch: the same comes out, and poison, kills and a full disk cost nothing else."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pebble.pool.process import PoolManager

from imr_letters import batch, parse
from imr_letters.batch import Options
from imr_letters.batch.store import StoreError
from imr_letters.engine.errors import EngineError
from imr_letters.workers import pool
from tests import poison
from tests.batches import HERE, PROGRAM, decisions, jsonl, made, tree
from tests.conftest import ROOT
from tests.crash_campaign import campaign, cluster, descendants


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "decisions.jsonl", decisions(12))


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_comes_out_whoever_does_it_in_whatever_order(tmp_path: Path, source: Path, jobs: int) -> None:
    data = list(decisions(12))
    made(source, tmp_path / "here", "pdf,text" if jobs == 2 else "text")
    random.Random(jobs).shuffle(data)  # noqa: S311
    jsonl(source, data)
    done = batch.render(
        [str(source)], str(tmp_path / "out"), ["text", "pdf"] if jobs == 2 else ["text"], Options(jobs=jobs)
    )
    assert done.made == 12
    assert tree(tmp_path / "out") == tree(tmp_path / "here")


def test_workers_make_room_for_fresh_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With work waiting: the standard library's pool may then hang."""
    monkeypatch.setattr(pool, "RECYCLE", 1)
    source = jsonl(tmp_path / "in.jsonl", decisions(24))
    done = batch.render([str(source)], str(tmp_path / "out"), ["text"], Options(jobs=2))
    assert (done.made, done.exit_code) == (24, 0)


def test_a_temporary_folder_with_a_long_name_is_in_nobodys_way(tmp_path: Path, source: Path) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    command = [*PROGRAM, "batch", "render", str(source), "-o", "out", "--to", "text", "-j", "1"]
    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, env={**os.environ, "TMPDIR": str(long)}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(long.iterdir()) == []


def test_poison_costs_only_itself(tmp_path: Path) -> None:
    data = list(decisions(60))
    for number, kind in ((11, poison.CRASH), (23, poison.HANG), (37, poison.GROW), (53, poison.FAULT)):
        data[number]["clinical_summary"] += f" {kind}"
    source, out = jsonl(tmp_path / "in.jsonl", data), tmp_path / "out"
    options = Options(jobs=2, seconds=1.5, memory=256 << 20)
    done = batch.render([str(source)], str(out), ["text"], options, shard=poison.shard)
    codes = {row["id"]: row["code"] for row in done.aside}
    assert codes == {
        "CM16-0000011": "crashed",
        "CM16-0000023": "too-slow",
        "CM16-0000037": "too-big",
        "CM16-0000053": "fault",
    }
    assert (done.made, done.exit_code) == (56, 3)
    events = [json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines()]
    attempts = {each["row"]["id"]: each["attempts"] for each in events if each["event"] == "aside"}
    assert [attempts[f"CM16-00000{number}"] for number in (11, 23, 37, 53)] == [2, 2, 2, 1]
    journal = batch.report(str(out))["journal"]
    assert (journal["made"], journal["tried_again"] >= 3, journal["attempts"] >= 63) == (56, True, True)
    assert not any(path.name.startswith("core") for path in tmp_path.rglob("*"))
    # Without the poison's worker they are plain records: the same command makes what is missing.
    done = batch.render([str(source)], str(out), ["text"], HERE)
    assert (done.made, done.kept, done.exit_code) == (4, 56, 0)
    assert (out / "set-aside.jsonl").read_bytes() == b""


def test_a_driver_that_hears_late_of_its_workers_blames_no_other_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine: messages about earlier records may still wait when their worker has ended."""
    heard = PoolManager.process_next_message

    def late(manager: PoolManager, timeout: float) -> None:
        time.sleep(0.1)
        heard(manager, timeout)

    monkeypatch.setattr(PoolManager, "process_next_message", late)
    monkeypatch.setattr(pool, "_LOOK", 0.5)
    data = list(decisions(24))
    for number in (5, 11):
        data[number]["clinical_summary"] += f" {poison.CRASH}"
    source = jsonl(tmp_path / "in.jsonl", data)
    done = batch.render([str(source)], str(tmp_path / "out"), ["text"], Options(jobs=2), shard=poison.shard)
    assert {row["id"]: row["code"] for row in done.aside} == dict.fromkeys(("CM16-0000005", "CM16-0000011"), "crashed")
    assert done.made == 22


def test_a_fault_of_a_whole_shard_costs_only_the_record_that_causes_it(tmp_path: Path) -> None:
    data = list(decisions(30))
    data[17]["clinical_summary"] += f" {poison.FAULT}"
    source = jsonl(tmp_path / "in.jsonl", data)
    done = batch.render([str(source)], str(tmp_path / "out"), ["text"], Options(jobs=2), shard=poison.shard_at_fault)
    assert (done.made, done.exit_code) == (29, 3)
    assert done.aside == [{"id": "CM16-0000017", "code": "fault", "findings": []}]


_KILLING = """
import os, signal, sys, time
import multiprocessing.util
from imr_letters import batch

usual, left = multiprocessing.util.spawnv_passfds, [int(sys.argv[1])]

def spawn(*arguments):
    process = usual(*arguments)
    if left[0]:
        left[0] -= 1
        os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    return process

if __name__ == "__main__":
    multiprocessing.util.spawnv_passfds = spawn
    sys.exit(batch.render(["in.jsonl"], "out", ["text"], batch.Options(jobs=2)).exit_code)
"""


@pytest.mark.parametrize("count", [1, 4])
def test_helpers_of_the_workers_that_are_killed_as_they_start_are_started_anew(tmp_path: Path, count: int) -> None:
    """Python's own two: one keeps track of locks, the other starts workers."""
    source = jsonl(tmp_path / "in.jsonl", decisions(12))
    (tmp_path / "killing.py").write_text(_KILLING)
    command = [sys.executable, "killing.py", str(count)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    made(source, tmp_path / "undisturbed")
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")


def test_workers_that_cannot_be_started_are_told_of_with_the_reason(tmp_path: Path, source: Path) -> None:
    command = [*PROGRAM, "batch", "render", str(source), "-o", "out", "--to", "text", "-j", "2"]

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))

    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, preexec_fn=few, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert "worker processes cannot be started: too many open files" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_end_with_a_killed_driver(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", decisions(150))
    command = [sys.executable, "-m", "tests.crash_campaign", "--drive", str(source), str(tmp_path / "out")]
    driver = subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603
    letters = tmp_path / "out"
    deadline = time.monotonic() + 60
    while not (letters.exists() and len(list(letters.glob("*.txt"))) > 3):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    held = (letters / ".batch" / "workers.lock").open("rb")
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            assert time.monotonic() < deadline, "a worker outlives its driver"
            time.sleep(0.05)
    held.close()
    count = len(list(letters.glob("*.txt")))
    assert count < 150
    assert batch.status(str(letters))["state"] == "interrupted"
    assert made(source, letters).exit_code == 0
    assert {name: batch.report(str(letters))["journal"][name] for name in ("batches", "interrupted")} == {
        "batches": 2,
        "interrupted": 1,
    }
    made(source, tmp_path / "undisturbed")
    assert tree(letters) == tree(tmp_path / "undisturbed")


_CALLS = ("write", "fsync", "replace", "unlink")


class Faulty:
    """Lets the n-th call of a function of `os` fail, or all from the n-th on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, number: int, code: int, *, torn: bool) -> None:
        self.seen = 0
        real: Callable[..., Any] = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.seen += 1
            if self.seen >= number:
                if torn and name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise OSError(code, os.strerror(code))
            return real(*arguments, **named)

        monkeypatch.setattr(os, name, call)


def _fault_of(source: Path, out: Path) -> str | None:
    try:
        made(source, out, replace_letters=True)
    except StoreError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", _CALLS)
def test_a_fault_of_the_disk_leaves_what_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Every single write, fsync and rename of a small batch fails once, and all after it; then the disk works again."""
    old, new = list(decisions(3)), list(decisions(3))
    new[1]["clinical_summary"] = "Another summary."
    first, second = jsonl(tmp_path / "old.jsonl", old[:2]), jsonl(tmp_path / "new.jsonl", new)

    def expected(out: Path) -> dict[str, bytes]:
        made(first, out)
        assert made(second, out, replace_letters=True).exit_code == 0
        return tree(out)

    undisturbed = expected(tmp_path / "undisturbed")
    faults = 0
    for number in range(1, 200):
        out = tmp_path / f"{name}-{number}"
        made(first, out)
        with monkeypatch.context() as patched:
            Faulty(patched, name, number, [errno.ENOSPC, errno.EIO, errno.EACCES][number % 3], torn=number % 2 == 0)
            told = _fault_of(second, out)
        if told is None:
            break
        assert "cannot be written" in told
        assert "run the same command again" in told
        faults += 1
        for path in out.glob("*.txt"):
            parse(path)  # each is whole
        made(second, out, replace_letters=True)
        assert tree(out) == undisturbed, f"{name} {number}"
        assert list((out / ".batch" / "tmp").iterdir()) == []
    assert faults >= {"write": 8, "fsync": 10, "replace": 5, "unlink": 1}[name]


def test_a_full_disk_stops_a_batch_with_a_message(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", decisions(40))
    command = [*PROGRAM, "batch", "render", str(source), "-o", "out", "--to", "text"]

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, preexec_fn=full, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5, done.stderr
    assert "cannot be written: file too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert made(source, tmp_path / "out").exit_code == 0
    made(source, tmp_path / "undisturbed")
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")


def test_a_full_disk_leaves_no_table(tmp_path: Path, source: Path) -> None:
    made(source, tmp_path / "out")
    command = [*PROGRAM, "batch", "parse", "out", "-o", "tables/table.jsonl", "-j", "1"]

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, preexec_fn=full, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5, done.stderr
    assert "cannot be written: file too large" in done.stderr
    assert list((tmp_path / "tables").iterdir()) == []


def test_a_torn_line_of_the_journal_is_passed_over(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    made(source, out)
    first = tree(out)
    (out / "manifest.jsonl").unlink()
    journal = (out / "journal.jsonl").read_bytes()
    for cut in (len(journal) - 5, len(journal) // 2, 10, 0):
        (out / "journal.jsonl").write_bytes(journal[:cut])
        made(source, out)
        assert tree(out) == first
        (out / "manifest.jsonl").unlink()


def test_a_cluster_gives_the_same(tmp_path: Path, source: Path) -> None:
    made(source, tmp_path / "here")
    with cluster(True) as on:
        assert on is not None
        options = Options(on=f"dask://{on.address}")
        done = batch.render([str(source)], str(tmp_path / "out"), ["text"], options)
        assert (done.made, done.exit_code) == (12, 0)
        assert tree(tmp_path / "out") == tree(tmp_path / "here")
        # It listens on this machine alone, and shows nothing in a browser.
        for process in on.processes.values():
            for pid in [process.pid, *descendants(process.pid)]:
                assert all(address.startswith("127.") for address in listening(pid))


_BLIND = """
import sys

class Blind:
    def find_spec(self, name, path=None, target=None):
        if name == "imr_letters":
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Blind())
"""


def test_a_cluster_without_the_package_is_told_of(tmp_path: Path, source: Path) -> None:
    (tmp_path / "blind").mkdir()
    (tmp_path / "blind" / "sitecustomize.py").write_text(_BLIND)
    with cluster(True, PYTHONPATH=str(tmp_path / "blind")) as on:
        assert on is not None
        options = Options(on=f"dask://{on.address}")
        with pytest.raises(EngineError, match="cannot run imr-letters"):
            batch.render([str(source)], str(tmp_path / "out"), ["text"], options)


def listening(pid: int) -> list[str]:
    """Return the IPv4 addresses on which a process listens."""
    import psutil

    found = psutil.Process(pid).net_connections(kind="inet")
    return [each.laddr.ip for each in found if each.status == psutil.CONN_LISTEN]


@pytest.mark.slow
def test_sixty_kills_change_nothing() -> None:
    assert sum(campaign(60, "text", 120, dask=False, number=5).values()) >= 60


@pytest.mark.slow
def test_kills_change_nothing_of_pdfs() -> None:
    assert sum(campaign(10, "pdf,text", 40, dask=False, number=6).values()) >= 10


@pytest.mark.slow
def test_kills_of_a_cluster_change_nothing() -> None:
    assert sum(campaign(12, "text", 120, dask=True, number=7).values()) >= 12


@pytest.mark.slow
def test_poison_costs_only_itself_on_a_cluster(tmp_path: Path) -> None:
    data = list(decisions(40))
    for number, kind in ((11, poison.CRASH), (23, poison.HANG), (37, poison.GROW)):
        data[number]["clinical_summary"] += f" {kind}"
    source, out = jsonl(tmp_path / "in.jsonl", data), tmp_path / "out"
    with cluster(True) as on:
        assert on is not None
        options = Options(on=f"dask://{on.address}", seconds=3, memory=256 << 20)
        done = batch.render([str(source)], str(out), ["text"], options, shard=poison.shard)
    assert (done.made, done.exit_code) == (37, 3)
    assert {row["id"][-2:]: row["code"] for row in done.aside} == dict.fromkeys(("11", "23", "37"), "crashed")
