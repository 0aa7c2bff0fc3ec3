"""The place of letters that an address names: a folder of this machine, or an object store."""

from __future__ import annotations

from imr_letters.batch import addresses
from imr_letters.batch.folder import Folder
from imr_letters.batch.store import Store


def store_at(address: str, mode: int | None = None) -> Store:
    """Return the store of an address. `mode` is that of new files where it is a folder."""
    if addresses.is_remote(address):
        from imr_letters.batch.objects import Objects

        return Objects(address)
    return Folder(addresses.local(address), mode)
