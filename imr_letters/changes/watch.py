"""Wait for a folder to change, by looking again and again: that works on every disk and needs nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

#: Seconds between two looks.
PAUSE = 0.5

_Look = frozenset[tuple[str, int, int]]


def changes(folder: Path, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Yield at once, and then whenever a file of a folder was written, added or removed. Ends never by itself."""
    seen = _look(folder)
    yield
    while True:
        sleep(PAUSE)
        now = _look(folder)
        if now != seen:
            seen = now
            yield


def _look(folder: Path) -> _Look:
    found = set()
    for path in folder.rglob("*"):
        try:
            about = path.stat()
        except OSError:
            continue  # gone between the two
        if path.is_file():
            found.add((str(path), about.st_mtime_ns, about.st_size))
    return frozenset(found)
