"""The letters that a change is tried on: decisions of files, folders and JSONL; letters, which are read first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imr_letters import letters
from imr_letters.engine.errors import Finding, ImrLettersError, InputError
from imr_letters.engine.records.loading import read_bytes
from imr_letters.imr.model import Decision
from imr_letters.media.table import LETTER_SUFFIXES
from imr_letters.wording import Wording

_DECISIONS = frozenset({".yaml", ".yml", ".json"})
_LINES = frozenset({".jsonl", ".ndjson"})
#: Largest letter and largest JSONL file, in bytes.
_LARGEST, _LARGEST_LINES = 50_000_000, 2_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a corpus, named by its file; `family` is the one its letter was read as."""

    name: str
    decision: Decision
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The decisions, and what of the files given could not be read."""

    entries: tuple[Entry, ...]
    skipped: tuple[Finding, ...]


def gathered(folder: Path, wording: Wording) -> Corpus:
    """Return what a folder, or one file, holds; letters are read with this wording.

    Raises `InputError` where there is nothing to be read at all.
    """
    if not folder.exists():
        raise InputError.of("is not there", source=str(folder), remedy="name a folder of decisions")
    entries: list[Entry] = []
    skipped: list[Finding] = []
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    for path in files:
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        try:
            entries += _entries(path, name, wording, skipped)
        except ImrLettersError as error:
            skipped.append(error.findings[0].at(name))
    if not entries:
        remedy = "name a folder of decisions (YAML, JSON, JSONL) or of letters"
        raise InputError(*skipped, Finding("input", "error", "holds no decision", source=str(folder), remedy=remedy))
    return Corpus(tuple(entries), tuple(skipped))


def _entries(path: Path, name: str, wording: Wording, skipped: list[Finding]) -> Iterator[Entry]:
    suffix = path.suffix.lower()
    if suffix in _LINES:
        yield from _lines(path, name, wording, skipped)
    elif suffix in _DECISIONS:
        yield Entry(name, wording.loads(read_bytes(path), name))
    elif suffix in LETTER_SUFFIXES:
        reading = letters.parse(read_bytes(path, _LARGEST), wording=wording, name=name)
        yield Entry(name, reading.decision, reading.family)


def _lines(path: Path, name: str, wording: Wording, skipped: list[Finding]) -> Iterator[Entry]:
    for number, line in enumerate(read_bytes(path, _LARGEST_LINES).split(b"\n"), start=1):
        if line.strip():
            here = f"{name} line {number}"
            try:
                yield Entry(here, wording.loads(_inner(line), here))
            except ImrLettersError as error:
                skipped.append(error.findings[0].at(here))


def _inner(line: bytes) -> bytes:
    """Return the decision in a line that `parse --json` made; any other line as it is."""
    try:
        shape = json.loads(line, parse_int=str, parse_float=str) if b'"decision"' in line else None
    except (ValueError, RecursionError):
        return line
    inner = shape.get("decision") if isinstance(shape, dict) else None
    return json.dumps(inner, ensure_ascii=False).encode() if isinstance(inner, dict) else line
