"""Where input comes from and output goes to: files of this machine, or any address that fsspec knows."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from imr_letters.engine import files
from imr_letters.engine.errors import EngineError, InputError

#: What drivers of stores raise in addition to Python's own errors, by the module they come from: no bucket, no
#: credentials, no way to the server.
_FAULTS = {
    "aiohttp": "ClientError",
    "azure.core.exceptions": "AzureError",
    "botocore.exceptions": "BotoCoreError",
    "gcsfs.retry": "HttpError",
    "google.auth.exceptions": "GoogleAuthError",
}


def faults() -> tuple[type[Exception], ...]:
    """Return what is raised where an address cannot be served: of the drivers that are loaded, their own errors too."""
    own = [getattr(sys.modules.get(module), name, None) for module, name in _FAULTS.items()]
    return OSError, ValueError, RuntimeError, *(each for each in own if each is not None)


def is_remote(address: str) -> bool:
    """Return whether an address is one for fsspec; `file://` is only another way to write a path."""
    return "://" in address and not address.startswith("file://")


def is_in_memory(address: str) -> bool:
    """Return whether an address is known to this process alone."""
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
        raise EngineError.of(f"fsspec, for addresses such as {address.partition('://')[0]}://, is missing",
                    remedy=remedy) from None  # fmt: skip
    try:
        found, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        message = f"the package for {address.partition('://')[0]}:// is missing ({error.name or 'see fsspec'})"
        raise EngineError.of(message, remedy="install it together with imr-letters") from None
    except ValueError:
        raise InputError.of("is no address that fsspec knows", source=address) from None
    return found, str(path)


def opened(address: str) -> BinaryIO:
    """Open an address for reading. Raises `OSError` or what its store raises."""
    if not is_remote(address):
        return files.opened(local(address))
    store, path = filesystem(address)
    return io.BufferedReader(store.open(path, "rb"))  # files of drivers lack some ways of reading


def read(address: str, start: int = 0, size: int = -1) -> bytes:
    """Return the bytes of an address, or a part of them. Raises `InputError`."""
    with reading(address):
        if is_remote(address) and size >= 0:  # one request for just these bytes
            store, path = filesystem(address)
            return bytes(store.cat_file(path, start=start, end=start + size))
        with opened(address) as file:
            if start:
                file.seek(start)
            return file.read(size)


@contextlib.contextmanager
def reading(address: str) -> Iterator[None]:
    """Report whatever goes wrong with an address in the block as input that cannot be read."""
    try:
        yield
    except faults() as error:
        remedy = "check the name and the rights"
        raise InputError.of(reason(error), source=address, remedy=remedy) from None


def reason(error: Exception) -> str:
    """Say why an address cannot be served. What a store says may quote what was sent, so only its kind is given."""
    if isinstance(error, OSError) and error.strerror and type(error).__module__ == "builtins":
        return files.said(error)
    kinds = {FileNotFoundError: "no such file", PermissionError: "permission denied", TimeoutError: "no answer in time"}
    return next((said for kind, said in kinds.items() if isinstance(error, kind)), f"{type(error).__name__}")


def check(address: str) -> None:
    """Refuse a pipe, a socket or a device. Raises `InputError`."""
    if not is_remote(address):
        files.check_sort(local(address))


def is_folder(address: str) -> bool:
    """Return whether an address is a folder."""
    if not is_remote(address):
        return local(address).is_dir()
    store, path = filesystem(address)
    with reading(address):
        store.invalidate_cache()  # others may have written there since
        return bool(store.isdir(path))


def below(folder: str) -> list[str]:
    """Return the addresses of all files below a folder, in order; nothing hidden.

    Raises `InputError` for a link that leads out of the folder.
    """
    if not is_remote(folder):
        root = local(folder)
        found = [path for path in root.rglob("*") if path.is_file() and not _hidden(path.relative_to(root).parts)]
        return sorted(str(files.inside(path, root) if path.is_symlink() else path) for path in found)
    store, path = filesystem(folder)
    with reading(folder):
        inside = [(each, each.removeprefix(path).split("/")) for each in store.find(path)]
    return sorted(store.unstrip_protocol(each) for each, parts in inside if not _hidden(parts))


def _hidden(parts: tuple[str, ...] | list[str]) -> bool:
    return any(part.startswith(".") for part in parts)
