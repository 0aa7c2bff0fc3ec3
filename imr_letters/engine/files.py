"""Write files atomically: a file appears complete or does not appear, and nothing different is overwritten unasked.

A new file gets the mode that the umask of the process leaves it; one that replaces another keeps the other's mode, so
that nobody can read a medical record who could not read it before.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from imr_letters.engine.errors import ConflictError, EngineError, InputError

#: The mode of a new file, of which the system takes what the umask denies.
_MODE = 0o666


def write(path: Path, data: bytes, *, replace: bool = False, durable: bool = True, like: Path | None = None) -> None:
    """Write a file by way of a temporary one in the same folder; an identical file is left as it is.

    A new file gets the mode of `like` where that is given. Without `durable` the disk is not waited for: after
    thousands of files, wait for it once.

    Raises `ConflictError` where a different file is there and `replace` is not asked for, `InputError` where the
    place cannot be written.
    """
    try:
        if path.is_dir():
            raise ConflictError.of("is a folder", source=str(path), remedy="name a file in it")
        if path.exists() and not path.is_file():
            raise ConflictError.of("is a device or a pipe", source=str(path), remedy="name a plain file")
        if _holds(path, data):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = mode_of(path) or (mode_of(like) if like else None)
        with Pending(path.with_name(f".imr-{uuid.uuid4().hex}"), mode) as pending:
            pending.write(data)
            if durable:
                pending.sync()
            try:
                pending.place(path, replace=replace)
            except FileExistsError:
                remedy = "--replace writes over it"
                raise ConflictError.of("is there already and differs", source=str(path), remedy=remedy) from None
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise InputError.of(f"cannot be written: {reason}", source=str(path), code="output") from None


class Pending:
    """A file that is not in its place yet. At the end of a `with` it is removed, unless it was placed.

    `mode` is for the file of which it is a copy, or which it is going to replace.
    """

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path: Path | None = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE if mode is None else mode)
        if mode is not None:
            path.chmod(mode)  # gives back what the umask took, while the file is empty

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        os.close(self._file)
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def write(self, data: bytes) -> None:
        """Add bytes."""
        write_all(self._file, data)

    def start_sync(self) -> None:
        """Have the disk begin to write, where the system can: what waits for it later waits less."""
        with contextlib.suppress(AttributeError, OSError):
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)

    def sync(self) -> None:
        """Wait until the bytes are on the disk."""
        os.fsync(self._file)

    def place(self, target: Path, *, replace: bool) -> None:
        """Move the file to its place. Raises `FileExistsError` where one is and `replace` is not asked for."""
        assert self._path is not None
        if replace:
            self._path.replace(target)
            self._path = None
            return
        try:
            target.hardlink_to(self._path)  # unlike a rename, never takes the place of another
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if target.is_symlink() or target.exists():
                raise FileExistsError from None
            self._path.replace(target)
            self._path = None


def write_all(file: int, data: bytes) -> None:
    """Write bytes to an open file, however many the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def mode_of(path: Path) -> int | None:
    """Return who may read and write a file; None where there is none."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def lock_file(file: int, *, shared: bool) -> bool:
    """Lock a file without waiting; the system takes the lock back when the process ends. Return whether it is held."""
    module: Any
    try:
        import fcntl as module
    except ImportError:
        message = "batches need the file locks of Unix, which this system lacks"
        raise EngineError.of(message, remedy="run them on Linux or macOS") from None
    try:
        module.flock(file, (module.LOCK_SH if shared else module.LOCK_EX) | module.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def claimed(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open an empty file of a fixed name that this process alone writes; it is removed unless it was moved meanwhile.

    Raises `BlockingIOError` where another process writes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, _MODE if mode is None else mode), "r+b")
        if not lock_file(file.fileno(), shared=False):
            file.close()
            raise BlockingIOError
        if _is_at(file, path):
            break
        file.close()  # it was moved between opening and locking
    file.truncate(0)
    if mode is not None:
        path.chmod(mode)
    try:
        yield file
    finally:
        if _is_at(file, path):
            path.unlink()
        with contextlib.suppress(OSError):  # of what could not be written; what was, was flushed before
            file.close()


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Return whether a path names this very file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def same(one: Path, other: Path) -> bool:
    """Return whether two files are there and hold the same bytes."""
    if not (one.exists() and other.exists()) or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(1 << 20):
            if piece != right.read(1 << 20):
                return False
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Return whether a file holds these bytes; it is read only where it has as many."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
