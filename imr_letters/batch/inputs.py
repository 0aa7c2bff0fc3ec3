"""The records of a batch: decisions from folders, JSONL and Parquet; letters from folders.

A record is named by a reference, which is small and says nothing of its content: whoever works on it reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Literal

from imr_letters.batch import addresses
from imr_letters.batch.store import SUPERSEDED
from imr_letters.engine.errors import EngineError, InputError
from imr_letters.engine.records.loading import LARGEST
from imr_letters.engine.showing import masked
from imr_letters.media.medium import LARGEST as LARGEST_LETTER
from imr_letters.media.table import LETTER_SUFFIXES

DECISIONS = frozenset({".json", ".yaml", ".yml"})
LINES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Where a record is: a file, a line of a file (`start` and `size` in bytes), a row of a group of Parquet."""

    address: str
    number: int = 0
    kind: Literal["file", "line", "row"] = "file"
    start: int = 0
    size: int = 0

    @property
    def where(self) -> str:
        """The place, for messages to the person who gave it."""
        place = masked(self.address)
        return place if self.kind == "file" else f"{place} {self.kind} {self.number}"


def decisions(inputs: Iterable[str], out: str = "") -> list[Ref]:
    """Return the records that inputs hold, in an order of their own; none from the place where letters go.

    Raises `InputError` for what is not there, and for a folder that holds none.
    """
    found: set[Ref] = set()
    for given in inputs:
        address = addresses.absolute(given)
        addresses.check(address)
        is_folder = addresses.is_folder(address)
        files = addresses.below(address) if is_folder else [address]
        if is_folder:
            known = DECISIONS | LINES | {".parquet"}
            files = [file for file in files if _suffix(file) in known and not (out and file.startswith(f"{out}/"))]
            files = [file for file in files if not _is_superseded(file, address)]
            if not files:
                raise _empty(given, "decisions", ".yaml, .json, .jsonl or .parquet")
        for file in files:
            suffix = _suffix(file)
            if suffix in LINES:
                found.update(_lines(file))
            elif suffix == ".parquet":
                found.update(_rows(file))
            else:
                found.add(Ref(file))
    return sorted(found)


def letters(inputs: Iterable[str]) -> list[Ref]:
    """Return the letters that files and folders hold, in an order of their own."""
    found: set[Ref] = set()
    for given in inputs:
        address = addresses.absolute(given)
        addresses.check(address)
        if addresses.is_folder(address):
            files = [Ref(file) for file in addresses.below(address) if _suffix(file) in LETTER_SUFFIXES]
            if not files:
                raise _empty(given, "letters", " or ".join(sorted(LETTER_SUFFIXES)))
            found.update(ref for ref in files if not _is_superseded(ref.address, address))
        else:
            found.add(Ref(address))
    return sorted(found)


def _is_superseded(file: str, folder: str) -> bool:
    """Return whether a file was replaced by a batch: it is kept, but does not count."""
    return f"/{SUPERSEDED}/" in file.removeprefix(folder)


def _empty(folder: str, what: str, suffixes: str) -> InputError:
    return InputError.of(f"holds no {what}", source=folder, remedy=f"their names end with {suffixes}")


def letter(ref: Ref) -> bytes:
    """Return a letter's bytes. Raises `InputError`."""
    return _whole(ref.address, LARGEST_LETTER)


def decision(ref: Ref) -> bytes:
    """Return the bytes of a decision, in JSON or YAML. Raises `InputError`."""
    if ref.kind == "row":
        return _row(ref)
    if ref.kind == "file":
        return _whole(ref.address, LARGEST)
    if ref.size > LARGEST:
        raise InputError.of(f"is larger than {LARGEST:,} bytes", source=ref.where, code="too-long")
    line = addresses.read(ref.address, ref.start, ref.size)
    return _inner(line) if b'"decision"' in line else line


def _suffix(address: str) -> str:
    return PurePosixPath(address).suffix.lower()


def _whole(address: str, largest: int) -> bytes:
    data = addresses.read(address, 0, largest + 1)
    if len(data) > largest:
        raise InputError.of(f"is larger than {largest:,} bytes", source=address, code="too-long")
    return data


def _inner(line: bytes) -> bytes:
    """Return the decision in a line that `parse --json` or `batch parse` made; any other line as it is."""
    try:
        shape = json.loads(line, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return line
    inner = shape.get("decision") if isinstance(shape, dict) else None
    return json.dumps(inner, ensure_ascii=False).encode() if isinstance(inner, dict) else line


def _lines(address: str) -> Iterator[Ref]:
    with addresses.reading(address), addresses.opened(address) as file:
        start = number = 0
        while piece := file.readline(LARGEST + 1):
            size, number = len(piece), number + 1
            blank = not piece.strip()
            while not piece.endswith(b"\n") and (piece := file.readline(LARGEST + 1)):
                size += len(piece)  # of a line that is too long, only the size is kept
            if not blank:
                yield Ref(address, number, "line", start, size)
            start += size


def parquet() -> Any:
    """Return pyarrow's reader and writer of Parquet. Raises `EngineError` where it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        remedy = "pip install 'imr-letters[parquet]'"
        raise EngineError.of("pyarrow, for Parquet, is missing", remedy=remedy) from None
    return pyarrow.parquet


def _rows(address: str) -> Iterator[Ref]:
    module = parquet()
    number = 0
    with addresses.reading(address), addresses.opened(address) as file:
        about = module.ParquetFile(file).metadata
        for group in range(about.num_row_groups):
            for row in range(about.row_group(group).num_rows):
                number += 1
                yield Ref(address, number, "row", group, row)


@lru_cache(maxsize=1)
def _group(address: str, group: int, _version: str) -> Any:
    with addresses.opened(address) as file:
        return parquet().ParquetFile(file).read_row_group(group)


def _row(ref: Ref) -> bytes:
    with addresses.reading(ref.address):
        row = _group(ref.address, ref.start, _version(ref.address)).slice(ref.size, 1).to_pylist()[0]
    inner = row.get("decision", row)
    if isinstance(inner, bytes):
        return inner
    return inner.encode() if isinstance(inner, str) else json.dumps(_present(inner), default=_word).encode()


def _version(address: str) -> str:
    """Return what changes whenever a file is replaced: a worker of a cluster lives long."""
    if addresses.is_remote(address):
        store, path = addresses.filesystem(address)
        return str(store.ukey(path)) if not addresses.is_in_memory(address) else str(store.info(path))
    about = addresses.local(address).stat()
    return f"{about.st_mtime_ns} {about.st_size} {about.st_ino}"


def _present(value: Any) -> Any:
    """Leave out what a table has to hold as empty."""
    if isinstance(value, dict):
        return {key: _present(each) for key, each in value.items() if each is not None}
    return [_present(each) for each in value] if isinstance(value, list) else value


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
