"""Worker processes, each watched by itself (pebble does the watching)."""

from __future__ import annotations

import itertools
import multiprocessing
import multiprocessing.util
import os
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from imr_letters.engine.errors import EngineError, ImrLettersError
from imr_letters.workers.limits import isolate, reason
from imr_letters.workers.marks import is_abandoned, marked, unwritable
from imr_letters.workers.parts import Done, Lost, TaskPart, parts

#: Tasks after which a worker makes room for a fresh one.
RECYCLE = 2_000
#: Times in a row that workers may all end without any result before it is reported as a fault of the machine.
_MOST_BREAKS = 5
#: Seconds for starting a worker, and for what else a part needs in addition to its tasks.
_GRACE = 60.0
#: Seconds after which it is looked whether any worker works.
_LOOK = 5.0
#: Bytes of the path of a temporary folder in which there is room for a socket.
_LONGEST_FOLDER = 60

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Start:
    """How workers start: what each of them calls first, and the modules that all of them have from the beginning."""

    begin: Callable[..., None]
    arguments: tuple[Any, ...] = ()
    preload: tuple[str, ...] = ()
    #: The folder for their temporary files, if not the usual one.
    scratch: str | None = None


class Pool:
    """Worker processes of this machine, started when there is work."""

    def __init__(self, jobs: int, start: Start, most: int) -> None:
        self.jobs = jobs
        self._start = start
        # Counted in parts, of which long runs have the longest.
        self._parts = max(1, RECYCLE // most)
        self._pool: Any = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._count = itertools.count()

    def run(
        self, do: Callable[[Sequence[_Task]], list[_Result]], tasks: Sequence[_Task], most: int, seconds: float
    ) -> Generator[Done[_Result] | Lost, None, None]:
        """Yield what came of each task, as it comes: in parts of at most `most`, so many seconds for each task.

        Raises `EngineError` where workers cannot be started or end again and again.
        """
        run = _Run(self, do, tasks, most, seconds)
        try:
            while run.waiting or run.running:
                yield from run.round()
        finally:
            if run.running:
                self.close()

    def submit(
        self, do: Callable[[Sequence[_Task]], list[_Result]], tasks: Sequence[_Task], seconds: float
    ) -> tuple[Future[list[_Result]], str]:
        """Give a part to the workers; return what will come of it, and the mark of the worker that has it."""
        if self._pool is None:
            self._open()
        assert self._temporary is not None
        mark = str(Path(self._temporary.name) / f"part-{next(self._count)}")
        limit = _GRACE + len(tasks) * seconds
        future: Future[list[_Result]] = self._pool.schedule(marked, args=(mark, do, tasks), timeout=limit)
        return future, mark

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def _open(self) -> None:
        from pebble import ProcessPool

        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", *self._start.preload])
        _have_short_sockets()
        scratch = self._start.scratch
        try:
            self._temporary = tempfile.TemporaryDirectory("", "imr-letters-", scratch, ignore_cleanup_errors=True)
        except OSError as error:
            raise unwritable(scratch or tempfile.gettempdir(), error) from None
        self._pool = ProcessPool(
            max_workers=self.jobs,
            max_tasks=self._parts,
            initializer=_begin,
            initargs=(self._temporary.name, self._start.begin, self._start.arguments),
            context=context,
        )


class _Run(Generic[_Task, _Result]):
    """One run over tasks: the parts that wait, those that workers have, and the signs that workers fail."""

    def __init__(
        self,
        pool: Pool,
        do: Callable[[Sequence[_Task]], list[_Result]],
        tasks: Sequence[_Task],
        most: int,
        seconds: float,
    ) -> None:
        self.waiting = parts(len(tasks), most, pool.jobs)
        #: What will come of the parts that workers have, each with the mark of its worker.
        self.running: dict[Future[list[_Result]], tuple[TaskPart, str]] = {}
        self._pool, self._do, self._tasks, self._seconds = pool, do, tasks, seconds
        self._longest = most * seconds
        #: Times in a row that workers ended without any result, and what was last heard of it.
        self._breaks = 0
        self._why: Exception | None = None
        #: Seconds in which nothing came.
        self._silent = 0.0
        #: When marks were last looked at, and the parts that were found abandoned then.
        self._looked = time.monotonic()
        self._seen: set[Future[list[_Result]]] = set()
        #: Of this round: whether the pool broke, the parts of which nothing came and why, and why workers ended of
        #: which it is not known what they had.
        self._broken = False
        self._failed: list[tuple[TaskPart, str, Exception | None]] = []
        self._ends: list[str] = []

    def round(self) -> Iterator[Done[_Result] | Lost]:
        """Give parts to the workers, wait a moment, and yield what came of tasks meanwhile."""
        self._broken, self._failed, self._ends = False, [], []
        self._submit()
        done, _ = wait(self.running, timeout=0 if self._broken else _LOOK, return_when=FIRST_COMPLETED)
        self._silent = 0.0 if done else self._silent + _LOOK
        for future in done:
            yield from self._results(future)
        self._find_abandoned()
        for part, code, error in self._failed:
            self._breaks = 0  # workers do begin
            yield from part.failed(self.waiting, code, error)
        if self._broken or self._is_stuck() or self._breaks > _MOST_BREAKS:
            self._begin_again()

    def _results(self, future: Future[list[_Result]]) -> Iterator[Done[_Result]]:
        """Yield what came of a part; note why, where nothing did."""
        part, mark = self.running.pop(future)
        try:
            results = future.result()
        except (BrokenProcessPool, CancelledError) as error:
            self._take_back(part, error)
        except ImrLettersError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours in one task must not cost the others theirs
            if isinstance(error, _expired()) and not is_abandoned(mark):
                # A worker ended, but not with this part: that it was done was not yet heard.
                self.waiting.appendleft(part)
                self._ends.append(_code(error))
                self._breaks += 1
            else:
                self._failed.append((part, _code(error), error))
        else:
            yield from part.done(results)
            self._breaks, self._why = 0, None

    def _submit(self) -> None:
        """Give the workers a few parts more than they need."""
        while self.waiting and len(self.running) < 2 * self._pool.jobs and not self._broken:
            part = self.waiting.popleft()
            try:
                future, mark = self._pool.submit(
                    self._do, [self._tasks[index] for index in part.indices], self._seconds
                )
            except (RuntimeError, OSError) as error:
                # The pool broke since the last round, or could not be started: a helper of its own that just died is
                # reason enough.
                self._take_back(part, error)
            else:
                self.running[future] = part, mark

    def _take_back(self, part: TaskPart, error: Exception) -> None:
        """Have a part wait again that a broken pool had."""
        self.waiting.appendleft(part)
        self._broken, self._why = True, error

    def _find_abandoned(self) -> None:
        """Note the parts whose worker ended although nothing says so: another was blamed, or none."""
        if not self._ends and time.monotonic() - self._looked <= _LOOK:
            return
        self._looked = time.monotonic()
        left = {future for future, (_, mark) in self.running.items() if is_abandoned(mark)}
        for future in left:
            if self._ends or future in self._seen:
                self._failed.append((self.running.pop(future)[0], self._ends.pop() if self._ends else "crashed", None))
        self._seen = left

    def _is_stuck(self) -> bool:
        """Return whether workers begin nothing, or end nothing: a message or a lock was lost when one was killed."""
        busy = any(future.running() for future in self.running)
        return self._silent > 2 * _GRACE + (self._longest if busy else 0)

    def _begin_again(self) -> None:
        """Have new workers do what the old ones had. Raises `EngineError` where that happens again and again."""
        self._breaks += 1
        self._silent = 0.0
        self.waiting.extendleft(part for part, _ in self.running.values())
        self.running.clear()
        self._pool.close()
        if self._breaks > _MOST_BREAKS:
            raise _no_workers(self._why)


def _begin(temporary: str, begin: Callable[..., None], arguments: Iterable[Any]) -> None:
    """Make a fresh process a worker, whose temporary files go where they are removed also after a crash."""
    isolate()
    tempfile.tempdir = temporary
    begin(*arguments)


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
    """Say why a task was lost."""
    if isinstance(error, _expired()):
        return reason(error.exitcode)
    # A time-out of pebble's own: the clock of `limits` should have ended the process before.
    return "too-slow" if isinstance(error, TimeoutError) else "fault"


def _no_workers(why: Exception | None) -> EngineError:
    cause = why.__cause__ or why if why else None
    if isinstance(cause, OSError):
        message = f"worker processes cannot be started: {(cause.strerror or type(cause).__name__).lower()}"
    else:
        message = "worker processes end unasked"
    remedy = "see imr-letters doctor, and whether the machine has memory, processes and open files left"
    return EngineError.of(message, remedy=remedy)
