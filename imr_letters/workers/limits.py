"""What one task may take: time and memory. Exceeding a limit kills the worker, and how it ended says which limit."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

#: What a process ends with that ran out of memory. No other end of ours has this number.
TOO_BIG = 77

_LOCK = threading.Lock()


@contextlib.contextmanager
def limits(seconds: float, memory: int | None = None) -> Iterator[None]:
    """Let one task at a time take this much: seconds, and bytes in addition to what the process holds already.

    The clock is the system's: it ends the process also where no line of Python runs any more.
    """
    with _LOCK:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            with _memory(memory):
                yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _memory(most: int | None) -> Iterator[None]:
    held = _held()
    if held is None or most is None:  # not Linux, or not asked for: the time is the only limit
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = held + most if hard == resource.RLIM_INFINITY else min(held + most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _held() -> int | None:
    """Return the bytes of address space this process has, where the system is Linux."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def reason(code: int | None) -> str:
    """Return why a task's process ended, by what it ended with."""
    if code == TOO_BIG:
        return "too-big"
    if code == -signal.SIGALRM:
        return "too-slow"
    return "crashed"


def isolate() -> None:
    """Make this worker process end with its parent, leave no core file, and print nothing: both could hold a letter."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(parent: int) -> None:
    wait([parent])
    os._exit(1)
