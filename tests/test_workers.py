"""The same work on many tasks by supervised processes: what happens to a process costs its task and no other."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from pebble.pool.process import PoolManager

from imr_letters.workers import pool
from imr_letters.workers.ordered import worked
from imr_letters.workers.pool import Start


def _begin(folder: str) -> None:
    os.chdir(folder)


def _half(number: int) -> int:
    if number == 13:
        os._exit(9)
    if number == 17:
        time.sleep(600)
    if number == 5 and not Path("once").exists():
        Path("once").touch()
        os._exit(9)
    if number == 99:
        raise ValueError("a fault of ours")
    return number // 2


def test_a_process_that_ends_or_hangs_costs_one_task_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where, on a busy machine, messages of the processes are heard late."""
    heard = PoolManager.process_next_message

    def late(manager: PoolManager, timeout: float) -> None:
        time.sleep(0.1)
        heard(manager, timeout)

    monkeypatch.setattr(PoolManager, "process_next_message", late)
    monkeypatch.setattr(pool, "_LOOK", 0.5)
    tasks = [*range(8), 13, 14, 15, 17]
    start = Start(_begin, (str(tmp_path),), (__name__,))
    found = list(worked(_half, tasks, start, jobs=2, most=3, seconds=1.0))
    assert found == [None if task in (13, 17) else task // 2 for task in tasks]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_the_work_itself_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.chdir(tmp_path)
    start = Start(_begin, (str(tmp_path),), (__name__,))
    with pytest.raises(ValueError, match="a fault of ours"):
        list(worked(_half, [1, 99, 2, 3], start, jobs=jobs, most=2, seconds=60.0))
