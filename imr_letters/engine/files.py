"""Write files whole or not at all, and never over something else unasked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from imr_letters.engine.errors import ConflictError, InputError


def write(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file by way of a temporary one beside it; an identical file is left as it is.

    Raises `ConflictError` where a different file is there and `replace` is not asked for, `InputError` where the
    place cannot be written.
    """
    try:
        if path.is_dir():
            raise ConflictError.of("is a folder", source=str(path), remedy="name a file in it")
        if path.exists():
            if path.read_bytes() == data:
                return
            if not replace:
                raise ConflictError.of(
                    "is there already and differs", source=str(path), remedy="--replace writes over it"
                )
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".imr-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise InputError.of(f"cannot be written: {reason}", source=str(path), code="output") from None
