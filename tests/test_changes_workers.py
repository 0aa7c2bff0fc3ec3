"""Letters compared, and their PDFs made, by several processes: the same report, whatever happens to a process."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from pebble.pool.process import PoolManager

from imr_letters import changes
from imr_letters.changes import prints
from imr_letters.workers import pool
from imr_letters.workers.ordered import worked
from imr_letters.workers.pool import Start
from tests import edits
from tests.conftest import ROOT


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
    found = list(worked(_half, tasks, Start(_begin, (str(tmp_path),), (__name__,)), jobs=2, most=3, seconds=1.0))
    assert found == [None if task in (13, 17) else task // 2 for task in tasks]


def test_pages_are_the_same_for_any_number_of_processes(tmp_path: Path) -> None:
    case = {"change": [["templates/shared/letter.css", "font-size: 1em", "font-size: 1.2em"]]}
    folder = edits.edited(case, tmp_path / "edited")
    with changes.opened(str(edits.BASE), ROOT) as old, changes.opened(str(folder), ROOT) as new:
        few = changes.Corpus(edits.corpus().entries[:6], ())
        report = changes.compare(old, new, few)
        one, two = (prints.with_pages(report, few, old, new, every=True, jobs=jobs) for jobs in (1, 2))
    assert len(one.pages) == 6
    assert one == two
    assert [each.sheets for each in one.pages] == [each.sheets for each in two.pages]
    shown = [each.letter for each in one.pages if each.sheets]
    assert shown == [each.letter for each in one.pages][: len(shown)]
    assert len(shown) == 5
