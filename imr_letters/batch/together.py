"""Files that take their places together: all or, where one of them is refused, none.

What they replace is kept as replaced letters are: below `superseded/`, under its own digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from imr_letters.batch import addresses
from imr_letters.batch.places import store_at
from imr_letters.batch.store import differs, failed, in_use, superseded_name
from imr_letters.engine.files import claimed, mode_of, opened, same, sync_folder


@contextlib.contextmanager
def whole(names: Sequence[str], *, replace: bool, mode: int | None = None) -> Iterator[list[BinaryIO]]:
    """Open files at these addresses for writing; they take their places when the block ends well, and only then.

    Raises `ConflictError` where others are there and may not be replaced, or another batch writes them.
    """
    if any(addresses.is_remote(name) for name in names):
        buffers = [io.BytesIO() for _ in names]
        yield list(buffers)
        _put(dict(zip(names, (buffer.getvalue() for buffer in buffers), strict=True)), replace=replace)
        return
    targets = [addresses.local(name) for name in names]
    with _failures(targets[0]), contextlib.ExitStack() as stack:
        files = [stack.enter_context(_part(target, mode=mode)) for target in targets]
        yield list(files)
        for file in files:
            _settle(file)
        _place(targets, replace=replace)


def _put(files: dict[str, bytes], *, replace: bool) -> None:
    """Put files of which at least one goes to an object store."""
    places = {address: address.rpartition("/") for address in files}
    stores = {address: store_at(folder) for address, (folder, _, _) in places.items()}
    for address, data in files.items():
        if not replace and stores[address].read(places[address][2]) not in (None, data):
            raise differs(address)
    for address, data in files.items():
        stores[address].publish(places[address][2], data, replace=replace)


def _place(targets: Sequence[Path], *, replace: bool) -> None:
    """Move the parts, which are on the disk, to their places."""
    changed = [target for target in targets if not same(target, _part_of(target)) and target.exists()]
    if changed and not replace:
        raise differs(str(changed[0]))
    for target in changed:
        _keep(target)
    for target in targets:
        _part_of(target).replace(target)
    for parent in {target.parent for target in targets}:
        sync_folder(parent)


def _keep(target: Path) -> None:
    """Copy a file, durably, before another takes its place."""
    with opened(target) as file:
        kept = target.parent / superseded_name(target.name, _digest(file))
        if same(target, kept):
            return
        file.seek(0)
        with _part(kept, like=target) as copy:
            shutil.copyfileobj(file, copy)
            _settle(copy)
            _part_of(kept).replace(kept)
    for folder in (kept.parent, target.parent):
        sync_folder(folder)


def _digest(file: BinaryIO) -> str:
    made = hashlib.sha256()
    while piece := file.read(1 << 20):
        made.update(piece)
    return made.hexdigest()


def _part_of(target: Path) -> Path:
    """Return where a file comes to be: its name is fixed, so that two batches that write the same table meet."""
    return target.with_name(f".{target.name}.part")


@contextlib.contextmanager
def _part(target: Path, like: Path | None = None, mode: int | None = None) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(claimed(_part_of(target), mode_of(like or target) if mode is None else mode))
        except BlockingIOError:
            raise in_use(str(target), "") from None
        yield file


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _failures(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failed(str(place), error) from None
