"""What a batch asks of the place of its letters, whether a folder of this machine or an object store."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from imr_letters.batch import addresses
from imr_letters.engine.errors import ConflictError, Finding, ImrLettersError

#: Where a letter goes that another took the place of.
SUPERSEDED = "superseded"
#: What the machinery keeps for itself.
OWN = ".batch"

Published = Literal["new", "same", "replaced"]


class StoreError(ImrLettersError):
    """The place of the letters cannot be written or read. What was published stays, and the batch can be resumed."""


class Store(Protocol):
    """What a batch asks of the place of its letters. Names are relative; none holds anything of a letter."""

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Hold the place for one batch. Raises `ConflictError` where another holds it."""

    def is_locked(self) -> bool:
        """Return whether a batch is at work."""

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
        """Make what was published survive a loss of power."""


def superseded_name(name: str, digest: str) -> str:
    """Return the name under which a replaced file is kept: it comes from the bytes, so that none replaces another."""
    path = Path(name)
    return f"{SUPERSEDED}/{path.stem}-{digest[:16]}{path.suffix}"


def differs(name: str) -> ConflictError:
    """Return the refusal to overwrite a letter."""
    remedy = "--replace puts the new letter in its place and keeps the old one under superseded/"
    return ConflictError.of("is there already and differs", source=name, remedy=remedy)


def in_use(address: str, holder: str) -> ConflictError:
    """Return the refusal to work where another batch is at work."""
    message = f"another batch is at work here{holder}"
    return ConflictError.of(message, source=address, remedy="wait until it ends, or name another place", code="batch")


def failed(place: str, error: Exception) -> StoreError:
    """Return the error for a place that cannot be written or read."""
    remedy = "all letters that are there are whole; mend the place, and run the same command again"
    message = f"cannot be written: {addresses.reason(error)}"
    return StoreError(Finding("output", "error", message, source=place, remedy=remedy))
