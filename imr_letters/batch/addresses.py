"""Where input comes from and output goes to: files of this machine, or any address that fsspec knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

from imr_letters.errors import EngineError, Finding, InputError

#: What an fsspec file system raises on an address it cannot serve; each store has errors of its own below these.
FAULTS = (OSError, ValueError, RuntimeError)


def is_remote(address: str) -> bool:
    """Tell whether an address is one for fsspec; `file://` is a plain path in other words."""
    return "://" in address and not address.startswith("file://")


def is_in_memory(address: str) -> bool:
    """Tell whether an address is known to this process alone."""
    return address.startswith("memory://")


def local(address: str) -> Path:
    """Return the path of an address on this machine."""
    return Path(address.removeprefix("file://"))


def absolute(address: str) -> str:
    """Return an address that means the same in every process."""
    return address if is_remote(address) else str(local(address).absolute())


def filesystem(address: str) -> tuple[Any, str]:
    """Return fsspec's file system of an address and the path in it. Raises `EngineError`, `InputError`."""
    try:
        import fsspec
    except ImportError:
        remedy = "pip install 'imr-letters[remote]'"
        raise EngineError(
            Finding("engine", "error", f"fsspec, for addresses such as {address.partition('://')[0]}://, is missing",
                    remedy=remedy)
        ) from None  # fmt: skip
    try:
        found, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        message = f"the package for {address.partition('://')[0]}:// is missing ({error.name or 'see fsspec'})"
        raise EngineError(Finding("engine", "error", message, remedy="install it beside imr-letters")) from None
    except ValueError:
        raise InputError(Finding("input", "error", "is no address that fsspec knows", address)) from None
    return found, str(path)


def opened(address: str) -> BinaryIO:
    """Open an address for reading. Raises `OSError` or what its store raises."""
    if not is_remote(address):
        return local(address).open("rb")
    store, path = filesystem(address)
    return cast("BinaryIO", store.open(path, "rb"))


def read(address: str, start: int = 0, size: int = -1) -> bytes:
    """Return the bytes of an address, or a part of them. Raises `InputError`."""
    try:
        if is_remote(address) and size >= 0:  # one request for just these bytes
            store, path = filesystem(address)
            return bytes(store.cat_file(path, start=start, end=start + size))
        with opened(address) as file:
            if start:
                file.seek(start)
            return file.read(size)
    except FAULTS as error:
        raise unreadable(address, error) from None


def unreadable(address: str, error: Exception) -> InputError:
    """Return the error for an address that cannot be read."""
    said = error.strerror if isinstance(error, OSError) else None
    reason = (said or "cannot be read").lower()
    return InputError(Finding("input", "error", reason, address, remedy="check the name and the rights"))


def is_folder(address: str) -> bool:
    """Tell whether an address is a folder."""
    if not is_remote(address):
        return local(address).is_dir()
    store, path = filesystem(address)
    return bool(store.isdir(path))


def below(folder: str) -> list[str]:
    """Return the addresses of all files below a folder, in order; nothing hidden."""
    if not is_remote(folder):
        root = local(folder)
        found = [path for path in root.rglob("*") if path.is_file()]
        return sorted(str(path) for path in found if not _hidden(path.relative_to(root).parts))
    store, path = filesystem(folder)
    inside = [(each, each.removeprefix(path).split("/")) for each in store.find(path)]
    return sorted(store.unstrip_protocol(each) for each, parts in inside if not _hidden(parts))


def _hidden(parts: tuple[str, ...] | list[str]) -> bool:
    return any(part.startswith(".") for part in parts)
