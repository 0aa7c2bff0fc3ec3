"""Who does the work: supervised processes of this machine, or this process alone. `cluster` has a third."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import BinaryIO, Protocol

from imr_letters.batch.work import Job, Result, Shard, Task, place, stop_error, warm
from imr_letters.media import table as media
from imr_letters.workers.parts import Done, Lost, parts
from imr_letters.workers.pool import Pool, Start


class Runner(Protocol):
    """Does the same to many tasks."""

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done[Result]]:
        """Yield what came of each task, as they come, worked on in shards of at most so many."""

    def close(self) -> None:
        """End all that it started."""


class Here:
    """This process, one shard after the other, without limits: a record that hangs or crashes takes all with it."""

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done[Result]]:
        """Work on tasks in order."""
        for part in parts(len(tasks), most):
            yield from results(part.done(do(job, [tasks[index] for index in part.indices])), tasks)

    def close(self) -> None:
        """Do nothing."""


class Local:
    """Worker processes of this machine."""

    def __init__(self, jobs: int, job: Job, most: int) -> None:
        preload = [module for name in job.media if (module := media.named(name).preload)]
        scratch = place(job.out, job.mode).scratch() if job.out else None
        self._pool = Pool(jobs, Start(begin, (job,), ("imr_letters.batch.preloaded", *preload), scratch), most)

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done[Result]]:
        """Work on tasks, a few shards ahead of what the workers need."""
        with closing(self._pool.run(partial(do, job), tasks, most, job.seconds)) as found:
            yield from results(found, tasks)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


def results(found: Iterable[Done[Result] | Lost], tasks: Sequence[Task]) -> Iterator[Done[Result]]:
    """Yield what came of tasks: a lost one is set aside. Raises what a result of kind `stop` says."""
    for each in found:
        if isinstance(each, Lost):
            yield Done(each.index, Result("aside", tasks[each.index].id, code=each.code), each.attempts)
        elif each.result.state == "stop":
            raise stop_error(each.result)
        else:
            yield each


_joined: list[BinaryIO | None] = []


def begin(job: Job) -> None:
    """Make a fresh process one that works on a batch."""
    if job.out:
        _joined.append(place(job.out, job.mode).join())
    warm(job)
