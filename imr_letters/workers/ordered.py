"""The same work on many tasks, in the tasks' order: the result is the same for any number of processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from imr_letters.workers.limits import limits
from imr_letters.workers.parts import Lost, in_order
from imr_letters.workers.pool import Pool, Start

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def processes(jobs: int | None, tasks: int, few: int) -> int:
    """Return how many processes to use: this one alone for few tasks, where starting others would take longer.

    This one alone also on systems where workers cannot be supervised.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return 1
    return min(jobs or os.cpu_count() or 1, 1 + tasks // few)


def worked(
    do: Callable[[_Task], _Result], tasks: Sequence[_Task], start: Start, *, jobs: int, most: int, seconds: float
) -> Iterator[_Result | None]:
    """Yield what came of each task, in order; None where its process ended or took longer than `seconds`, twice.

    A process takes at most `most` tasks at a time. With one job, this process does everything itself. A fault of `do`
    is raised.
    """
    if jobs == 1:
        start.begin(*start.arguments)
        yield from map(do, tasks)
        return
    pool = Pool(jobs, start, most)
    try:
        for each in in_order(pool.run(partial(_each, do, seconds), tasks, most, seconds)):
            if not isinstance(each, Lost):
                yield each.result
            elif each.code == "fault" and each.error is not None:
                raise each.error
            else:
                yield None
    finally:
        pool.close()


def _each(do: Callable[[_Task], _Result], seconds: float, tasks: Sequence[_Task]) -> list[_Result]:
    found = []
    for task in tasks:
        with limits(seconds):
            found.append(do(task))
    return found
