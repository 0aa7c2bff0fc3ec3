"""An object store as the place of letters, by way of fsspec.

What it guarantees: objects appear whole, as every object store gives them. A letter is put only where none is
(`mode="create"`): S3, Google Cloud Storage, Azure, `memory://` and others of fsspec's stores do that in one step. A
store whose driver cannot is asked first whether the object is there, which leaves a gap between question and answer;
the lease of one batch makes it harmless, because nobody else asks.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from imr_letters.batch import addresses
from imr_letters.batch.lease import Lease, create
from imr_letters.batch.store import OWN, Published, differs, failed, superseded_name


class Objects:
    """A prefix of an object store. `Store` says what its methods do."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._store, self._root = addresses.filesystem(self._address)
        self.lease = Lease(self._store, self._path(f"{OWN}/lease-"), self._address)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lease for one batch."""
        with contextlib.ExitStack() as stack:
            with self._guarded():
                stack.enter_context(self.lease.held())
            yield

    def is_locked(self) -> bool:
        """Return whether a batch holds the lease."""
        with self._guarded():
            return self.lease.is_held()

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
            if create(self._store, self._path(name), data):
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

    @contextlib.contextmanager
    def _guarded(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except addresses.faults() as error:
            raise failed(f"{self._address}/{name}", error) from None
