"""An object store as the place of letters, by way of fsspec.

What it guarantees: objects appear whole, as every object store gives them. A letter is put only where none is
(`mode="create"`): S3, Google Cloud Storage, Azure, `memory://` and others of fsspec's stores do that in one step. A
store whose driver cannot is asked first whether the object is there, which leaves a gap between question and answer;
the lease below makes it harmless, because nobody else asks.

One batch at a time holds a lease: a numbered object with the holder's name and the time, renewed every half minute.
The highest number counts. Whoever wants the place puts the next number, in the same conditional way, so that of many
one wins; and only where the highest has ended, was not renewed for five minutes, or is of a process of this machine
that is at work no longer. That is weaker than a file lock: a batch that pauses for five minutes and then goes on
would meet its successor. It would write the same letters, whole, or be refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from imr_letters.batch import addresses
from imr_letters.batch.store import OWN, Published, differs, failed, in_use, superseded_name

#: Seconds after which a lease is renewed, and after which it has expired.
_RENEW, _EXPIRE = 30.0, 300.0
#: What the names of leases begin with.
_LEASES = f"{OWN}/lease-"
#: The holders that are at work in this process. A lease of another one here was left behind.
_own: set[str] = set()


class Objects:
    """A prefix of an object store. `Store` says what its methods do."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._store, self._root = addresses.filesystem(self._address)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lease for one batch."""
        own = uuid.uuid4().hex
        _own.add(own)
        try:
            with self._guarded():
                lease = self._acquire(own)
            with self._kept(lease, own):
                yield
        finally:
            _own.discard(own)

    @contextlib.contextmanager
    def _kept(self, lease: str, own: str) -> Iterator[None]:
        """Renew a lease until the block ends, then end it."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(_RENEW):
                with contextlib.suppress(*addresses.faults()):  # the next time will do
                    self._store.pipe_file(lease, _lease(own))

        keeper = threading.Thread(target=renew, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()
            with contextlib.suppress(*addresses.faults()):  # it will expire
                self._store.pipe_file(lease, _lease(own, ended=True))

    def _acquire(self, own: str) -> str:
        """Put the next lease; return its path. Raises `ConflictError` where another batch holds the place."""
        while True:
            leases = self._leases()
            held = self._holder(leases[-1]) if leases else None
            if held is not None and not _is_stale(held):
                raise in_use(self._address, f" (process {held.get('process')} on {held.get('host')})")
            number = int(leases[-1].rpartition("-")[2]) + 1 if leases else 1
            lease = self._path(f"{_LEASES}{number:08}")
            # The driver may have asked twice because the first answer was lost: then it is ours all the same.
            if self._create(lease, _lease(own)) or (self._holder(lease) or {}).get("own") == own:
                *lower, highest = self._leases()
                if highest == lease:
                    self._drop(lower)  # never the highest, so that no number counts twice
                    return lease
                self._drop([lease])  # this number was given before, and removed meanwhile

    def _drop(self, leases: Iterable[str]) -> None:
        for lease in leases:
            with contextlib.suppress(FileNotFoundError):
                self._store.rm_file(lease)

    def _leases(self) -> list[str]:
        """Return the paths of all leases, the highest number last."""
        self._store.invalidate_cache()
        folder, _, start = self._path(_LEASES).rpartition("/")
        try:
            found = [str(each) for each in self._store.ls(folder, detail=False)]
        except FileNotFoundError:
            return []
        return sorted(each for each in found if each.rpartition("/")[2].startswith(start))

    def is_locked(self) -> bool:
        """Return whether a lease is held."""
        with self._guarded():
            leases = self._leases()
            held = self._holder(leases[-1]) if leases else None
        return held is not None and not _is_stale(held)

    def join(self) -> BinaryIO | None:
        """Do nothing: objects are whole, and who puts one late is refused or puts the same."""
        return None

    def scratch(self) -> str | None:
        """Return nothing: objects are no folders."""
        return None

    def names(self) -> list[str]:
        """Return the names at the top."""
        with self._guarded():
            self._store.invalidate_cache()
            try:
                found = self._store.ls(self._root, detail=True)
            except FileNotFoundError:
                return []
        return sorted(each["name"].rstrip("/").rpartition("/")[2] for each in found if each["type"] == "file")

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes."""
        with self._guarded(name):
            try:
                data: bytes = self._store.cat_file(self._path(name))
            except FileNotFoundError:
                return None
            return data

    def ahead(self, letters: Mapping[str, bytes]) -> contextlib.AbstractContextManager[None]:
        """Do nothing: there is no disk to wait for."""
        del letters
        return contextlib.nullcontext()

    def publish(self, name: str, data: bytes, *, replace: bool) -> Published:
        """Put a letter where none is; otherwise compare."""
        with self._guarded(name):
            if self._create(self._path(name), data):
                return "new"
        if self.read(name) == data:
            return "same"
        if not replace:
            raise differs(name)
        self.supersede(name)
        self.write(name, data)
        return "replaced"

    def supersede(self, name: str) -> None:
        """Copy a letter."""
        data = self.read(name)
        if data is not None:
            self.write(superseded_name(name, hashlib.sha256(data).hexdigest()), data)

    def remove(self, name: str) -> None:
        """Remove a letter."""
        with self._guarded(name), contextlib.suppress(FileNotFoundError):
            self._store.rm_file(self._path(name))

    def write(self, name: str, data: bytes) -> None:
        """Put an object."""
        if self.read(name) != data:
            with self._guarded(name):
                self._store.pipe_file(self._path(name), data)

    def append(self, name: str, data: bytes) -> None:
        """Put lines into an object of their own: objects cannot grow. Their names sort by time."""
        with self._guarded(name):
            part = f"{OWN}/{name}/{time.time_ns():020}-{uuid.uuid4().hex[:8]}"
            self._store.pipe_file(self._path(part), data)

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of all those objects."""
        with self._guarded(name):
            self._store.invalidate_cache()
            try:
                parts = sorted(self._store.find(self._path(f"{OWN}/{name}")))
            except FileNotFoundError:
                return []
            found: dict[str, bytes] = self._store.cat(parts) if parts else {}  # many at a time
        return b"".join(found[part] for part in parts).splitlines()

    def settle(self) -> None:
        """Do nothing: what the store took is kept."""

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _create(self, path: str, data: bytes) -> bool:
        """Put an object where there is none; return whether it was put."""
        try:
            self._store.pipe_file(path, data, mode="create")
        except FileExistsError:
            return False
        except (TypeError, NotImplementedError):  # a driver that knows no conditions
            if self._store.exists(path):
                return False
            self._store.pipe_file(path, data)
        except OSError:  # a server may refuse in words that its driver does not know
            if not self._store.exists(path):
                raise
            return False
        return True

    def _holder(self, lease: str) -> dict[str, Any] | None:
        """Return what a lease says; nothing where it was removed meanwhile, so that a higher one counts."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            held = json.loads(self._store.cat_file(lease))
            return held if isinstance(held, dict) else None
        return None

    @contextlib.contextmanager
    def _guarded(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except addresses.faults() as error:
            raise failed(f"{self._address}/{name}", error) from None


def _lease(own: str, *, ended: bool = False) -> bytes:
    shape = {"own": own, "process": os.getpid(), "host": socket.gethostname(), "time": 0 if ended else time.time()}
    return json.dumps(shape).encode()


def _is_stale(held: dict[str, Any]) -> bool:
    if held.get("host") == socket.gethostname():
        process = held.get("process")
        if not _lives(process) or (process == os.getpid() and held.get("own") not in _own):
            return True
    made = held.get("time")
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
