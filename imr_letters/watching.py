"""Wait for files to change by looking again and again: that works on every disk and needs nothing else."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

#: Seconds between two looks.
PAUSE = 0.5


def rest() -> None:
    """Pause between two looks."""
    time.sleep(PAUSE)


def changed(path: Path, pause: Callable[[], None] = rest) -> Iterator[None]:
    """Yield at once, and then whenever a file, or one of a folder, was written, added or removed; never end.

    An editor that is just saving may leave no file for a moment: that counts only if it lasts.
    """
    seen: set[tuple[Path, int, int]] | None = None
    while True:
        now = _look(path)
        if not now:
            pause()
            now = _look(path)
        if now != seen:
            seen = now
            yield
        pause()


def _look(path: Path) -> set[tuple[Path, int, int]]:
    found = set()
    for each in (path, *path.rglob("*")):
        try:
            about = each.stat()
        except OSError:
            continue  # removed since it was listed
        if stat.S_ISREG(about.st_mode):
            found.add((each, about.st_mtime_ns, about.st_size))
    return found
