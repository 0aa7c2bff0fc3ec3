"""A folder of this machine as the place of a batch's letters.

What it guarantees, on a file system that keeps to POSIX: a file appears complete or does not appear, and survives a
loss of power (written to a temporary file, `fsync`, renamed, `fsync` of the folder); one batch at a time works on it,
by a lock that the system takes back when its process ends, however it ends; no worker of a batch that was killed is
still writing when the next begins. On network file systems that is worth as much as their locks and their `fsync`
are. No link in it is followed: what a batch writes, and removes, is in this folder and nowhere else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from imr_letters.batch.store import OWN, SUPERSEDED, Published, StoreError, differs, failed, in_use, superseded_name
from imr_letters.engine.errors import InputError
from imr_letters.engine.files import (
    Pending,
    lock_file,
    make_folder,
    mode_of,
    open_own,
    opened,
    sync_folder,
    write_all,
)

#: How long a new batch waits for the last workers of one that was killed, in seconds.
PATIENCE = 120.0


class Folder:
    """A folder of this machine. `mode` is that of its files, unless they have those of new files."""

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path = path
        self._mode = mode
        self._own = path / OWN
        self._temporary = self._own / "tmp"
        self._touched: set[Path] = set()
        #: By name: files that are on the disk already, but not in their places.
        self._ready: dict[str, Pending] = {}

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one batch; what a batch that was killed left half-written is removed."""
        with self._guarded():
            self._check_folders()
            make_folder(self._temporary, self._mode)
            file = open_own(self._own / "lock", self._mode)
        try:
            if not lock_file(file, shared=False):
                raise in_use(str(self._path), _holder(file))
            self._await_workers()
            with self._guarded():
                os.ftruncate(file, 0)
                os.pwrite(file, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
                for left in self._temporary.iterdir():
                    shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
            yield
        finally:
            os.close(file)

    def is_locked(self) -> bool:
        """Return whether a batch is at work."""
        try:
            self._check_folders()
            file = opened(self._own / "lock", follow=False)
        except (OSError, InputError):
            return False
        with file:
            return not lock_file(file.fileno(), shared=True)

    def join(self) -> BinaryIO | None:
        """Share the workers' lock, for which the next batch waits."""
        with self._guarded():
            self._check_folders()
            file = os.fdopen(open_own(self._own / "workers.lock", self._mode), "r+b")
        lock_file(file.fileno(), shared=True)
        return file

    def _await_workers(self) -> None:
        with self._guarded():
            file = open_own(self._own / "workers.lock", self._mode)
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
        """Return the names of the files at the top, and of links and others that are neither."""
        if not self._path.exists():
            return []
        with self._guarded():
            return sorted(each.name for each in os.scandir(self._path) if not each.is_dir(follow_symlinks=False))

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes."""
        with self._guarded(name):
            try:
                with opened(self._path / name, follow=False) as file:
                    return file.read()
            except FileNotFoundError:
                return None

    @contextlib.contextmanager
    def ahead(self, letters: Mapping[str, bytes]) -> Iterator[None]:
        """Write temporary files, all of them, before the system is waited for."""
        own: dict[str, Pending] = {}
        with contextlib.ExitStack() as stack:
            for name, data in letters.items():
                with self._guarded(name):
                    if (self._path / name).exists():
                        continue
                    own[name] = self._pending(stack, data, self._mode)
                    stack.callback(self._ready.pop, name, None)
            for name, pending in own.items():
                with self._guarded(name):
                    pending.sync()
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
                self._check_folders()
                make_folder(self._path / SUPERSEDED, self._mode)
            self._put(kept, data, like=name)
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
            file = open_own(self._path / name, self._mode, flags=os.O_APPEND)
            try:
                size = os.fstat(file).st_size
                torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
                write_all(file, b"\n" + data if torn else data)
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

    def _put(self, name: str, data: bytes, like: str = "") -> None:
        """Put a file in its place, by way of one that is on the disk; it may be read by whoever may read `like`."""
        with self._guarded(name), contextlib.ExitStack() as stack:
            pending = self._ready.pop(name, None)
            if pending is None:
                mode = self._mode if self._mode is not None else mode_of(self._path / (like or name))
                pending = self._pending(stack, data, mode)
                pending.sync()
            pending.place(self._path / name, replace=True)
        self._touched.add((self._path / name).parent)

    def _pending(self, stack: contextlib.ExitStack, data: bytes, mode: int | None = None) -> Pending:
        """Return a temporary file that holds these bytes, until the end of the stack; it may not be on the disk yet."""
        make_folder(self._temporary, self._mode)
        pending = stack.enter_context(Pending(self._temporary / uuid.uuid4().hex, mode))
        pending.write(data)
        pending.start_sync()
        return pending

    def _check_folders(self) -> None:
        """Refuse links where the batch has folders of its own. Raises `InputError`."""
        for folder in (self._own, self._temporary, self._path / SUPERSEDED):
            if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
                remedy = "remove it, and run the same command again"
                raise InputError.of("is not a folder but a link or a file", source=str(folder), remedy=remedy)

    @contextlib.contextmanager
    def _guarded(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise failed(str(self._path / name), error) from None
        except InputError as error:
            raise StoreError(*error.findings) from None


def _holder(file: int) -> str:
    number, _, host = os.pread(file, 200, 0).decode(errors="replace").strip().partition(" ")
    return f" (process {number} on {host})" if number.isdigit() else ""
