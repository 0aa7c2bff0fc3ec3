"""The same work on many letters by watched processes of this machine; what comes of it is told in the letters' order.

A letter whose process ends or hangs is tried once more alone. Nothing of it goes to another letter, and the result is
the same for any number of processes.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
#: Prepares a process, called with what is given.
Begin = tuple[Callable[..., None], tuple[Any, ...]]

#: Seconds for starting a process, beside the letters' own.
_GRACE = 60.0


def processes(jobs: int | None, letters: int, few: int) -> int:
    """Return how many processes to use: this one alone for few letters, where starting others would take longer."""
    return min(jobs or os.cpu_count() or 1, 1 + letters // few)


def worked(
    do: Callable[[_Task], _Result], tasks: Sequence[_Task], begin: Begin, *, jobs: int, size: int, seconds: float
) -> Iterator[_Result | None]:
    """Yield what came of each task, in order; None where its process ended or took longer than `seconds`, twice.

    A process is handed `size` tasks at a time. With one job, this process does everything itself.
    """
    if jobs == 1:
        begin[0](*begin[1])
        yield from map(do, tasks)
        return
    shards = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    for shard, found in zip(shards, _run(do, shards, begin, jobs, _GRACE + size * seconds), strict=True):
        if found is not None:
            yield from found
            continue
        yield from _one_by_one(do, shard, begin, _GRACE + seconds)


def _run(
    do: Callable[[_Task], _Result], shards: Sequence[Sequence[_Task]], begin: Begin, jobs: int, seconds: float
) -> Iterator[list[_Result] | None]:
    pool = _pool(jobs, begin)
    try:
        waiting = [pool.schedule(_shard, args=(do, shard), timeout=seconds) for shard in shards]
        for future in waiting:
            try:
                yield future.result()
            except _failures():
                yield None
    finally:
        _end(pool)


def _one_by_one(
    do: Callable[[_Task], _Result], tasks: Sequence[_Task], begin: Begin, seconds: float
) -> Iterator[_Result | None]:
    """Yield what came of each task, with no other under way: so none is taken for the one that ended its process."""
    pool = _pool(1, begin)
    try:
        for task in tasks:
            if not pool.active:
                _end(pool)
                pool = _pool(1, begin)
            try:
                yield pool.schedule(do, args=(task,), timeout=seconds).result()
            except _failures():
                yield None
    finally:
        _end(pool)


def _pool(jobs: int, begin: Begin) -> Any:
    from pebble import ProcessPool

    context = multiprocessing.get_context("spawn")
    return ProcessPool(max_workers=jobs, initializer=begin[0], initargs=begin[1], context=context)


def _end(pool: Any) -> None:
    pool.stop()
    pool.join()


def _failures() -> tuple[type[Exception], ...]:
    from pebble import ProcessExpired

    return ProcessExpired, Late, BrokenProcessPool


def _shard(do: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> list[_Result]:
    return [do(task) for task in tasks]
