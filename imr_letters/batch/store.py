"""Where a batch keeps its letters: a folder of this machine (here), or an object store (`objects`).

What a folder guarantees, on a file system that keeps to POSIX: a file appears whole or not at all and outlives a loss
of power (written beside, `fsync`, renamed, `fsync` of the folder); one batch at a time works on it, by a lock that the
system takes back when its process ends, however it ends; no worker of a batch that was killed is still writing when
the next begins. On network file systems that is worth as much as their locks and their `fsync` are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from imr_letters.batch import addresses
from imr_letters.engine.errors import ConflictError, EngineError, Finding, ImrLettersError

#: Where a letter goes that another took the place of.
SUPERSEDED = "superseded"
#: What the machinery keeps for itself.
OWN = ".batch"
#: How long a new batch waits for the last workers of one that was killed, in seconds.
PATIENCE = 120.0

Published = Literal["new", "same", "replaced"]


class StoreError(ImrLettersError):
    """The place of the letters cannot be written or read. What was published stays, and the batch can be resumed."""


class Store(Protocol):
    """What a batch asks of the place of its letters. Names are relative; none holds anything of a letter."""

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Hold the place for one batch. Raises `ConflictError` where another holds it."""

    def is_locked(self) -> bool:
        """Tell whether a batch is at work."""

    def join(self) -> BinaryIO | None:
        """Make known that a worker of this process writes here, until what is returned is closed."""

    def scratch(self) -> str | None:
        """Return a folder of this machine for temporary files, which the next batch empties; or None."""

    def names(self) -> list[str]:
        """Return the names of the files at the top, in order."""

    def read(self, name: str) -> bytes | None:
        """Return a file, or None where there is none."""

    def ahead(self, letters: Mapping[str, bytes]) -> contextlib.AbstractContextManager[None]:
        """Bring letters to the disk that are published in the block: together, which takes far less time."""

    def publish(self, name: str, data: bytes, *, replace: bool) -> Published:
        """Put a letter in its place, whole. Raises `ConflictError` where another is there and may not be replaced."""

    def supersede(self, name: str) -> None:
        """Copy a letter to where replaced ones are kept."""

    def remove(self, name: str) -> None:
        """Remove a letter that was superseded."""

    def write(self, name: str, data: bytes) -> None:
        """Put a file of the batch itself in its place, whole, over what is there."""

    def append(self, name: str, data: bytes) -> None:
        """Add whole lines to a file of lines."""

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of a file that lines were added to; a torn one at its end may be among them."""

    def settle(self) -> None:
        """Make what was published outlive a loss of power."""


def store_at(address: str) -> Store:
    """Return the store of an address."""
    if addresses.is_remote(address):
        from imr_letters.batch.objects import Objects

        return Objects(address)
    return Folder(addresses.local(address))


def superseded_name(name: str, digest: str) -> str:
    """Return the name under which a replaced file is kept: it tells of the bytes, so that none replaces another."""
    path = Path(name)
    return f"{SUPERSEDED}/{path.stem}-{digest[:16]}{path.suffix}"


def differs(name: str) -> ConflictError:
    """Return the refusal to write over a letter."""
    remedy = "--replace puts the new letter in its place and keeps the old one under superseded/"
    return ConflictError.of("is there already and differs", source=name, remedy=remedy)


def in_use(address: str, holder: str) -> ConflictError:
    """Return the refusal to work beside another batch."""
    message = f"another batch is at work here{holder}"
    return ConflictError.of(message, source=address, remedy="wait until it ends, or name another place", code="batch")


def failed(place: str, error: Exception) -> StoreError:
    """Return the error for a place that cannot be written or read."""
    remedy = "all letters that are there are whole; mend the place, and run the same command again"
    message = f"cannot be written: {addresses.reason(error)}"
    return StoreError(Finding("output", "error", message, source=place, remedy=remedy))


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = path / OWN
        self._temporary = self._own / "tmp"
        self._touched: set[Path] = set()
        #: Files that are on the disk already, beside the places they are meant for.
        self._ready: dict[str, Path] = {}

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one batch; what a batch that was killed left half-written is removed."""
        with self._guarded():
            self._temporary.mkdir(parents=True, exist_ok=True)
            file = os.open(self._own / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not lock_file(file, shared=False):
                raise in_use(str(self._path), _holder(file))
            self._await_workers()
            with self._guarded():
                os.ftruncate(file, 0)
                os.pwrite(file, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
                for left in self._temporary.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield
        finally:
            os.close(file)

    def is_locked(self) -> bool:
        """Tell whether a batch is at work."""
        try:
            file = os.open(self._own / "lock", os.O_RDWR)
        except OSError:
            return False
        try:
            return not lock_file(file, shared=True)
        finally:
            os.close(file)

    def join(self) -> BinaryIO | None:
        """Share the workers' lock, for which the next batch waits."""
        file = (self._own / "workers.lock").open("ab")
        lock_file(file.fileno(), shared=True)
        return file

    def _await_workers(self) -> None:
        with self._guarded():
            file = os.open(self._own / "workers.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            end = time.monotonic() + PATIENCE
            while not lock_file(file, shared=False):
                if time.monotonic() > end:
                    raise in_use(str(self._path), ": workers of one that was killed")
                time.sleep(0.02)
        finally:
            os.close(file)

    def scratch(self) -> str | None:
        """Return the folder in which files are half-written."""
        return str(self._temporary)

    def names(self) -> list[str]:
        """Return the names of the files at the top."""
        if not self._path.exists():
            return []
        with self._guarded():
            return sorted(each.name for each in os.scandir(self._path) if each.is_file())

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes."""
        with self._guarded(name):
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                return None

    @contextlib.contextmanager
    def ahead(self, letters: Mapping[str, bytes]) -> Iterator[None]:
        """Write temporary files, all of them, before the system is waited for."""
        own: dict[str, Path] = {}
        with contextlib.ExitStack() as stack:
            files: dict[str, int] = {}
            for name, data in letters.items():
                with self._guarded(name):
                    if (self._path / name).exists():
                        continue
                    own[name] = self._temporary / uuid.uuid4().hex
                    stack.callback(_discard, own[name])  # unless it has taken its place by then
                    files[name] = self._written(own[name], data)
                    stack.callback(os.close, files[name])
            for name, file in files.items():
                with self._guarded(name):
                    os.fsync(file)
            self._ready.update(own)
            yield

    def publish(self, name: str, data: bytes, *, replace: bool) -> Published:
        """Put a letter in its place by way of a temporary file."""
        there = self.read(name)
        if there == data:
            self._touched.add(self._path)
            return "same"
        if there is not None:
            if not replace:
                raise differs(name)
            self.supersede(name)
        self._put(name, data)
        return "new" if there is None else "replaced"

    def supersede(self, name: str) -> None:
        """Copy a letter, durably, before anything takes its place."""
        data = self.read(name)
        if data is None:
            return
        kept = superseded_name(name, hashlib.sha256(data).hexdigest())
        if self.read(kept) != data:
            with self._guarded(kept):
                (self._path / SUPERSEDED).mkdir(exist_ok=True)
            self._put(kept, data)
            with self._guarded(kept):
                sync_folder(self._path / SUPERSEDED)
                sync_folder(self._path)

    def remove(self, name: str) -> None:
        """Remove a letter."""
        with self._guarded(name), contextlib.suppress(FileNotFoundError):
            (self._path / name).unlink()
        self._touched.add(self._path)

    def write(self, name: str, data: bytes) -> None:
        """Put a file in its place, durably; one that says the same already is left as it is."""
        if self.read(name) != data:
            self._put(name, data)
        self.settle()

    def append(self, name: str, data: bytes) -> None:
        """Add lines at the end, durably; a line that was torn by a kill is ended first."""
        with self._guarded(name):
            file = os.open(self._path / name, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                size = os.fstat(file).st_size
                torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
                _write(file, b"\n" + data if torn else data)
                os.fsync(file)
            finally:
                os.close(file)

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of a file."""
        return (self.read(name) or b"").splitlines()

    def settle(self) -> None:
        """Bring the folder's own entries to the disk."""
        with self._guarded():
            while self._touched:
                sync_folder(self._touched.pop())

    def _put(self, name: str, data: bytes) -> None:
        temporary = self._ready.pop(name, None)
        with self._guarded(name):
            try:
                if temporary is None:
                    temporary = self._temporary / uuid.uuid4().hex
                    file = self._written(temporary, data)
                    try:
                        os.fsync(file)
                    finally:
                        os.close(file)
                temporary.replace(self._path / name)
            except BaseException:
                if temporary is not None:
                    _discard(temporary)
                raise
        self._touched.add((self._path / name).parent)

    def _written(self, temporary: Path, data: bytes) -> int:
        """Write a temporary file, and return it open: it is not on the disk yet."""
        self._temporary.mkdir(parents=True, exist_ok=True)
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            _write(file, data)
            with contextlib.suppress(AttributeError, OSError):  # on Linux, this has the disk begin
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        except BaseException:
            os.close(file)
            raise
        return file

    @contextlib.contextmanager
    def _guarded(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise failed(str(self._path / name), error) from None


def _discard(temporary: Path) -> None:
    with contextlib.suppress(OSError):
        temporary.unlink()


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def sync_folder(path: Path) -> None:
    """Bring a folder's entries to the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _holder(file: int) -> str:
    number, _, host = os.pread(file, 200, 0).decode(errors="replace").strip().partition(" ")
    return f" (process {number} on {host})" if number.isdigit() else ""


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


def each_line(rows: Sequence[bytes]) -> bytes:
    """Return rows as a file of lines."""
    return b"".join(row + b"\n" for row in rows)
