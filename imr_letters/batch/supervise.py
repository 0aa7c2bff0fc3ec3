"""Who does the work: supervised processes of this machine, or this process alone. `cluster` has a third.

A record whose process ends, for whatever reason, is tried once more alone, and after that told as lost. Nobody else
loses anything: what was done beside it in the same shard is done again, and comes out the same.
"""

from __future__ import annotations

import itertools
import multiprocessing
import multiprocessing.util
import os
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from imr_letters.batch import addresses
from imr_letters.batch.limits import isolate, reason
from imr_letters.batch.store import Store, failed
from imr_letters.batch.work import Job, Outcome, Shard, Task, place, stop_error, stopped, warm
from imr_letters.engine.errors import EngineError, ImrLettersError
from imr_letters.engine.files import lock_file
from imr_letters.media import table as media

#: Records after which a worker process makes room for a fresh one.
RECYCLE = 2_000
#: Times in a row that workers may all end without any result before it is told as a fault of the machine.
_MOST_BREAKS = 5
#: Seconds for starting a worker, and for what else a shard needs beside its records.
_GRACE = 60.0
#: Seconds after which it is looked whether any worker works.
_LOOK = 5.0
#: Bytes of the path of a temporary folder in which there is room for a socket.
_LONGEST_FOLDER = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What came of the task of an index, after how many attempts."""

    index: int
    outcome: Outcome
    attempts: int


@dataclass(frozen=True, slots=True)
class Part:
    """The tasks of a shard by index, and the attempt this is."""

    indices: tuple[int, ...]
    attempt: int = 1

    def alone(self) -> Iterator[Part]:
        """Yield each task by itself, for the last attempt."""
        for index in self.indices:
            yield Part((index,), self.attempt + 1)

    def done(self, outcomes: Sequence[Outcome]) -> Iterator[Done]:
        """Yield what came of each task. Raises what an outcome of kind `stop` tells of."""
        for index, outcome in zip(self.indices, outcomes, strict=True):
            if outcome.state == "stop":
                raise stop_error(outcome)
            yield Done(index, outcome, self.attempt)

    def lost(self, tasks: Sequence[Task], code: str) -> Done:
        """Return what is told of the one task that was lost for good."""
        (index,) = self.indices
        return Done(index, Outcome("aside", tasks[index].id, code=code), self.attempt)


#: Attempts at a record, the first beside others and the last alone.
ATTEMPTS = 2


class Runner(Protocol):
    """Does the same to many tasks."""

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done]:
        """Yield what came of each task, as they come, worked on in shards of at most so many."""

    def close(self) -> None:
        """End all that it started."""


def parts(count: int, most: int, workers: int = 1) -> deque[Part]:
    """Return tasks by index in shards: of at most so many, and ever fewer towards the end, to keep all workers busy."""
    found: deque[Part] = deque()
    begin = 0
    while begin < count:
        end = begin + max(1, min(most, (count - begin) // (2 * workers)))
        found.append(Part(tuple(range(begin, end))))
        begin = end
    return found


class Here:
    """This process, one shard after the other, without limits: a record that hangs or crashes takes all with it."""

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done]:
        """Work on tasks in order."""
        for part in parts(len(tasks), most):
            yield from part.done(do(job, [tasks[index] for index in part.indices]))

    def close(self) -> None:
        """Do nothing."""


_joined: list[BinaryIO | None] = []


def begin(job: Job, temporary: str) -> None:
    """Make a fresh process a worker, whose temporary files go where they are removed also after a crash."""
    isolate()
    tempfile.tempdir = temporary
    if job.out:
        store: Store = place(job.out)
        _joined.append(store.join())
    warm(job)


def marked(mark: str, do: Shard, job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Work on a shard beside a file that is locked meanwhile: there and unlocked, it tells that the process ended."""
    try:
        file = os.open(f"{mark}.new", os.O_CREAT | os.O_RDWR, 0o600)
        lock_file(file, shared=False)
        Path(f"{mark}.new").rename(mark)
    except OSError as error:
        return [stopped(failed(mark, error), task) for task in tasks]
    try:
        return do(job, tasks)
    finally:
        Path(mark).unlink(missing_ok=True)
        os.close(file)


def is_abandoned(mark: str) -> bool:
    """Tell whether a process ended while it worked on a shard."""
    try:
        file = os.open(mark, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return lock_file(file, shared=True) and os.fstat(file).st_nlink > 0
    finally:
        os.close(file)


class Pool:
    """Worker processes of this machine, each watched by itself (pebble does the watching)."""

    def __init__(self, jobs: int, job: Job, most: int) -> None:
        self._jobs = jobs
        self._job = job
        # Counted in shards, of which long batches have the longest.
        self._shards = max(1, RECYCLE // most)
        self._pool: Any = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        #: Where the files lie that tell which shards are worked on.
        self._marks = Path()
        self._count = itertools.count()

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done]:
        """Work on tasks, a few shards ahead of what the workers need."""
        waiting = parts(len(tasks), most, self._jobs)
        running: dict[Future[list[Outcome]], tuple[Part, str]] = {}
        breaks = 0
        silent = 0.0
        why: BaseException | None = None
        looked = time.monotonic()
        seen: set[Future[list[Outcome]]] = set()
        try:
            while waiting or running:
                broken = False
                while waiting and len(running) < 2 * self._jobs and not broken:
                    part = waiting.popleft()
                    try:
                        future, mark = self._submit(do, job, [tasks[index] for index in part.indices])
                        running[future] = part, mark
                    except (RuntimeError, OSError) as error:
                        # The pool broke since the last look, or could not be started: a helper of its own that just
                        # died is reason enough.
                        waiting.appendleft(part)
                        broken, why = True, error
                done, _ = wait(running, timeout=0 if broken else _LOOK, return_when=FIRST_COMPLETED)
                # A pool whose workers begin nothing, or end nothing, lost a message or a lock when one was killed: it
                # is made anew.
                silent = 0.0 if done else silent + _LOOK
                busy = any(future.running() for future in running)
                broken = broken or silent > 2 * _GRACE + (most * job.seconds if busy else 0)
                lost: list[tuple[Part, str]] = []
                codes: list[str] = []
                for future in done:
                    part, mark = running.pop(future)
                    try:
                        outcomes = future.result()
                    except (BrokenProcessPool, CancelledError) as error:
                        waiting.appendleft(part)
                        broken, why = True, error
                    except ImrLettersError:
                        raise
                    except Exception as error:  # noqa: BLE001 - only its kind is told: what it says may quote a record
                        if isinstance(error, _expired()) and not is_abandoned(mark):
                            # A worker ended, but not with this part: that it was done was not yet heard.
                            waiting.appendleft(part)
                            codes.append(_code(error))
                            breaks += 1
                        else:
                            lost.append((part, _code(error)))
                    else:
                        yield from part.done(outcomes)
                        breaks, why = 0, None
                # Parts whose worker ended and of which nobody tells: another was blamed, or none.
                if codes or time.monotonic() - looked > _LOOK:
                    looked = time.monotonic()
                    left = {future for future, (_, mark) in running.items() if is_abandoned(mark)}
                    for future in left:
                        if codes or future in seen:
                            lost.append((running.pop(future)[0], codes.pop() if codes else "crashed"))
                    seen = left
                for part, code in lost:
                    breaks = 0  # workers do begin
                    if part.attempt < ATTEMPTS or len(part.indices) > 1:
                        waiting.extendleft(part.alone())
                    else:
                        yield part.lost(tasks, code)
                broken = broken or breaks > _MOST_BREAKS
                if broken:
                    breaks += 1
                    waiting.extendleft(part for part, _ in running.values())
                    running.clear()
                    silent = 0.0
                    self.close()
                    if breaks > _MOST_BREAKS:
                        raise _no_workers(why)
        finally:
            if running:
                self.close()

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def _submit(self, do: Shard, job: Job, tasks: Sequence[Task]) -> tuple[Future[list[Outcome]], str]:
        if self._pool is None:
            self._start()
        mark = str(self._marks / f"shard-{next(self._count)}")
        limit = _GRACE + len(tasks) * job.seconds
        future: Future[list[Outcome]] = self._pool.schedule(marked, args=(mark, do, job, tasks), timeout=limit)
        return future, mark

    def _start(self) -> None:
        from pebble import ProcessPool

        context = multiprocessing.get_context("forkserver")
        preload = [module for name in self._job.media if (module := media.named(name).preload)]
        context.set_forkserver_preload(["__main__", "imr_letters.batch.preloaded", *preload])
        _have_short_sockets()
        scratch = place(self._job.out).scratch() if self._job.out else None
        try:
            self._temporary = tempfile.TemporaryDirectory("", "imr-letters-", scratch, ignore_cleanup_errors=True)
        except OSError as error:
            raise failed(scratch or tempfile.gettempdir(), error) from None
        self._marks = Path(self._temporary.name)
        self._pool = ProcessPool(
            max_workers=self._jobs,
            max_tasks=self._shards,
            initializer=begin,
            initargs=(self._job, self._temporary.name),
            context=context,
        )


def _have_short_sockets() -> None:
    """Have the sockets between processes where their path fits: a socket's may have some hundred bytes, and no more."""
    usual = tempfile.tempdir
    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER:
        tempfile.tempdir = "/tmp"  # noqa: S108 - a folder of our own is made in it
    try:
        multiprocessing.util.get_temp_dir()  # made once in a process
    finally:
        tempfile.tempdir = usual


def _expired() -> type[Any]:
    from pebble import ProcessExpired

    return ProcessExpired


def _code(error: Any) -> str:
    """Say why a record was lost, by the error that is told instead of what came of it."""
    if isinstance(error, _expired()):
        return reason(error.exitcode)
    # A time-out of pebble's own: the clock of `limits` should have ended the process before.
    return "too-slow" if isinstance(error, TimeoutError) else "fault"


def _no_workers(why: BaseException | None) -> EngineError:
    cause = why.__cause__ or why if why else None
    if isinstance(cause, OSError):
        message = f"worker processes cannot be started: {addresses.reason(cause)}"
    else:
        message = "worker processes end unasked"
    remedy = "see imr-letters doctor, and whether the machine has memory, processes and open files left"
    return EngineError.of(message, remedy=remedy)


def in_order(found: Iterable[Done]) -> Iterator[Done]:
    """Yield what came of tasks in the tasks' order; what comes early is kept meanwhile."""
    early: dict[int, Done] = {}
    due = 0
    for done in found:
        early[done.index] = done
        while due in early:
            yield early.pop(due)
            due += 1
