"""The lease by which one batch at a time holds a place of an object store.

It is a numbered object with the holder's name and the time, renewed every half minute. The highest number counts.
Whoever wants the place puts the next number, where none is, so that of many one wins; and only where the highest has
ended, was not renewed for five minutes, or is of a process of this machine that is at work no longer. That is weaker
than a file lock: a batch that pauses for five minutes and then goes on would meet its successor. It would write the
same letters, whole, or be refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from imr_letters.batch import addresses
from imr_letters.batch.store import in_use

#: Seconds after which a lease is renewed, and after which it has expired.
_RENEW, _EXPIRE = 30.0, 300.0
#: The holders that are at work in this process. A lease of another one here was left behind.
_own: set[str] = set()


class Lease:
    """The lease of a place: `prefix` is what the paths of its objects begin with, `address` names it in messages."""

    def __init__(self, store: Any, prefix: str, address: str) -> None:
        self._store, self._prefix, self._address = store, prefix, address

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease. Raises `ConflictError` where another batch does, and what the store raises."""
        own = uuid.uuid4().hex
        _own.add(own)
        try:
            with self._renewed(self._acquired(own), own):
                yield
        finally:
            _own.discard(own)

    def is_held(self) -> bool:
        """Return whether a batch holds the lease."""
        paths = self.paths()
        return bool(paths) and self._holder(paths[-1]) is not None

    def _acquired(self, own: str) -> str:
        """Put the next lease; return its path. Raises `ConflictError` where another batch holds the place."""
        while True:
            paths = self.paths()
            holder = self._holder(paths[-1]) if paths else None
            if holder is not None:
                raise in_use(self._address, f" (process {holder.get('process')} on {holder.get('host')})")
            number = int(paths[-1].rpartition("-")[2]) + 1 if paths else 1
            path = f"{self._prefix}{number:08}"
            # The driver may have asked twice because the first answer was lost: then it is ours all the same.
            if create(self._store, path, _signed(own)) or (self._read(path) or {}).get("own") == own:
                *lower, highest = self.paths()
                if highest == path:
                    self._drop(lower)  # never the highest, so that no number counts twice
                    return path
                self._drop([path])  # this number was given before, and removed meanwhile

    @contextlib.contextmanager
    def _renewed(self, path: str, own: str) -> Iterator[None]:
        """Renew a lease until the block ends, then end it."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(_RENEW):
                with contextlib.suppress(*addresses.faults()):  # the next time will do
                    self._store.pipe_file(path, _signed(own))

        keeper = threading.Thread(target=renew, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()
            with contextlib.suppress(*addresses.faults()):  # it will expire
                self._store.pipe_file(path, _signed(own, ended=True))

    def paths(self) -> list[str]:
        """Return the paths of all leases, the highest number last."""
        self._store.invalidate_cache()
        folder, _, start = self._prefix.rpartition("/")
        try:
            found = [str(each) for each in self._store.ls(folder, detail=False)]
        except FileNotFoundError:
            return []
        return sorted(each for each in found if each.rpartition("/")[2].startswith(start))

    def _holder(self, path: str) -> dict[str, Any] | None:
        """Return who holds a lease; None where nobody does any longer."""
        said = self._read(path)
        return None if said is None or _is_stale(said) else said

    def _read(self, path: str) -> dict[str, Any] | None:
        """Return what a lease says; None where it was removed meanwhile, so that a higher one counts."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            said = json.loads(self._store.cat_file(path))
            return said if isinstance(said, dict) else None
        return None

    def _drop(self, paths: Iterable[str]) -> None:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                self._store.rm_file(path)


def create(store: Any, path: str, data: bytes) -> bool:
    """Put an object where there is none; return whether it was put."""
    try:
        store.pipe_file(path, data, mode="create")
    except FileExistsError:
        return False
    except (TypeError, NotImplementedError):  # a driver that knows no conditions
        if store.exists(path):
            return False
        store.pipe_file(path, data)
    except OSError:  # a server may refuse in words that its driver does not know
        if not store.exists(path):
            raise
        return False
    return True


def _signed(own: str, *, ended: bool = False) -> bytes:
    shape = {"own": own, "process": os.getpid(), "host": socket.gethostname(), "time": 0 if ended else time.time()}
    return json.dumps(shape).encode()


def _is_stale(said: dict[str, Any]) -> bool:
    if said.get("host") == socket.gethostname():
        process = said.get("process")
        if not _lives(process) or (process == os.getpid() and said.get("own") not in _own):
            return True
    made = said.get("time")
    return not isinstance(made, int | float) or time.time() - made > _EXPIRE


def _lives(process: object) -> bool:
    if not isinstance(process, int):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
