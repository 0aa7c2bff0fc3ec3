"""Files by which it is known which parts a process worked on when it ended: each is there, and locked, meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from imr_letters.engine.errors import EngineError
from imr_letters.engine.files import lock_file

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def marked(mark: str, do: Callable[[Sequence[_Task]], list[_Result]], tasks: Sequence[_Task]) -> list[_Result]:
    """Work on tasks while a file is there and locked. Raises `EngineError` where it cannot be made."""
    try:
        file = os.open(f"{mark}.new", os.O_CREAT | os.O_RDWR, 0o600)
        lock_file(file, shared=False)
        Path(f"{mark}.new").rename(mark)
    except OSError as error:
        raise unwritable(str(Path(mark).parent), error) from None
    try:
        return do(tasks)
    finally:
        Path(mark).unlink(missing_ok=True)
        os.close(file)


def is_abandoned(mark: str) -> bool:
    """Return whether a process ended while it worked: the file is there, and nobody locks it."""
    try:
        file = os.open(mark, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return lock_file(file, shared=True) and os.fstat(file).st_nlink > 0
    finally:
        os.close(file)


def unwritable(folder: str, error: OSError) -> EngineError:
    """Return the error for a folder in which workers cannot have their files."""
    message = f"cannot be written: {(error.strerror or type(error).__name__).lower()}"
    return EngineError.of(message, source=folder, remedy="make room there, and run the same command again")
