"""What a batch writes down: the manifest, what was set aside, the journal. Ids, digests, codes; no clinical text.

- `manifest.jsonl`: a row for each letter, in the order of their ids. It says what every letter came from, and nothing
  of when or how: the same decisions, templates, snippets, fonts and engine give the same manifest, byte for byte.
- `set-aside.jsonl`: a row for each record of the last batch that has no letter, and why.
- `batch.json`: what the last batch was asked for, and its counts.
- `journal.jsonl`: what happened, in the order it happened, with the time: begun, done after how many attempts and how
  many seconds, set aside, ended. It is only added to, and it is what a batch that was killed is resumed from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imr_letters.batch.store import Store
from imr_letters.engine.errors import Finding, InputError
from imr_letters.imr.known import known_field
from imr_letters.imr.model import Decision
from imr_letters.imr.model.decision import CASE_NUMBER
from imr_letters.media.table import LETTER_SUFFIXES

MANIFEST = "manifest.jsonl"
SET_ASIDE = "set-aside.jsonl"
BATCH = "batch.json"
JOURNAL = "journal.jsonl"

#: Version of the shapes of these files.
VERSION = 1

Row = dict[str, Any]


def canonical(data: Any) -> bytes:
    """Return data in the one form that is digested: JSON, keys in order, no spaces, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def decision_digest(decision: Decision) -> str:
    """Return the digest of a decision's data."""
    return digest(canonical(decision.data()))


def record_id(decision: Decision, digest_: str) -> str:
    """Return what identifies a record: its case number, or without one its content."""
    number = getattr(getattr(decision, "case", None), "number", None)  # a letter family may have another number
    return str(number) if is_number(number) else f"unnumbered-{digest_[:32]}"


def counts(decision: Decision) -> dict[str, int]:
    """Return how many items a decision has, and how many of each outcome."""
    outcomes = [getattr(item, "outcome", "") for item in getattr(decision, "items", ())]
    return {"items": len(outcomes), "upheld": outcomes.count("upheld"), "overturned": outcomes.count("overturned")}


def stem(id_: str, digest_: str) -> str:
    """Return the name of a record's files without ending: nothing of its input but a checked case number."""
    return id_ if id_.startswith("unnumbered-") else f"{id_}-{digest_[:16]}"


def is_number(value: object) -> bool:
    """Return whether a value of a decision's data is a case number."""
    return isinstance(value, str) and re.fullmatch(CASE_NUMBER, value) is not None


_ENDING = "|".join(map(re.escape, sorted(LETTER_SUFFIXES)))
_LETTER_NAME = re.compile(rf"(?:({CASE_NUMBER})-[0-9a-f]{{16}}|(unnumbered-[0-9a-f]{{32}}))(?:{_ENDING})")


def id_of_name(name: str) -> str | None:
    """Return the id of the record that a file of this name belongs to; None for files that are no letters."""
    found = _LETTER_NAME.fullmatch(name)
    return (found[1] or found[2]) if found else None


def line(row: Mapping[str, Any]) -> bytes:
    """Return a row as it is written."""
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()


def lines(written: Iterable[bytes]) -> bytes:
    """Return written rows as a file of lines."""
    return b"".join(row + b"\n" for row in written)


def now() -> str:
    """Return the time for the journal."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def bare(findings: Iterable[Finding]) -> list[Row]:
    """Return findings without what may quote the input: code, field of the decision, line."""
    found: list[Row] = []
    for finding in findings:
        row: Row = {"code": finding.code}
        if finding.field:
            row["field"] = known_field(finding.field)
        if finding.line:
            row["line"] = finding.line
        if row not in found:
            found.append(row)
    return found


@dataclass(slots=True)
class Ledger:
    """What is in the place of the letters: by id the row of each letter, and of each record set aside."""

    letters: dict[str, Row] = field(default_factory=dict)
    aside: dict[str, Row] = field(default_factory=dict)
    #: The last beginning of a batch in the journal, its last event, and how many letters it has made since.
    begun: Row = field(default_factory=dict)
    last: Row = field(default_factory=dict)
    made: int = 0

    def add(self, event: Row) -> None:
        """Take in one event of the journal."""
        kind, row = event.get("event"), event.get("row") or {}
        if kind == "begin":
            self.begun, self.made, self.aside = event, 0, {}
        elif kind == "letter":
            self.letters[row["id"]] = row
            self.aside.pop(row["id"], None)
            self.made += 1
        elif kind == "aside":
            self.aside[row["id"]] = row
        self.last = event


#: What is read of rows that a batch wrote, and of which kind it is.
_LETTER = {
    **dict.fromkeys(("id", "input", "decision", "family", "outcome"), str),
    **dict.fromkeys(("items", "upheld", "overturned"), int),
    **dict.fromkeys(("outputs", "findings"), dict),
}
_OUTPUT = {"name": str, "digest": str}
_ASIDE = {"id": str, "code": str}
_COUNTS = ("given", "duplicates", "letters", "set_aside", "refused")


def _fits(row: Any, shape: Mapping[str, type]) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in shape.items())


def _is_letter(row: Any) -> bool:
    if not _fits(row, _LETTER) or not all(_fits(output, _OUTPUT) for output in row["outputs"].values()):
        return False
    counts = [*row["findings"].values(), *(output.get("pages", 0) for output in row["outputs"].values())]
    return all(isinstance(count, int) for count in counts)


def _is_aside(row: Any) -> bool:
    return _fits(row, _ASIDE)


def _is_event(event: Any) -> bool:
    if not _fits(event, {"at": str, "event": str}) or not isinstance(event.get("attempts", 0), int):
        return False
    with contextlib.suppress(ValueError):
        datetime.fromisoformat(event["at"])
        needed = {"letter": _is_letter, "aside": _is_aside}.get(event["event"])
        return needed is None or needed(event.get("row"))
    return False


def load(store: Store) -> Ledger:
    """Return the ledger of a place: its manifest, and what the journal says since.

    Raises `InputError` where one of its files was changed by something else than a batch.
    """
    ledger = Ledger()
    for name, kept, is_sound in ((MANIFEST, ledger.letters, _is_letter), (SET_ASIDE, ledger.aside, _is_aside)):
        for number, each in enumerate((store.read(name) or b"").splitlines(), start=1):
            row = _json(each)
            if not is_sound(row):
                raise _changed(name, number)
            kept[row["id"]] = row
    for event in events(store):
        ledger.add(event)
    return ledger


def events(store: Store) -> Iterator[Row]:
    """Yield the events of the journal, in order. Raises `InputError` as `load` does."""
    for number, each in enumerate(store.lines(JOURNAL), start=1):
        event = _json(each)
        if event is None:
            continue  # torn by a kill: nobody relies on it yet
        if not _is_event(event):
            raise _changed(JOURNAL, number)
        yield event


def read_batch(store: Store) -> Row:
    """Return what the last batch was asked for, and its counts; empty where none has ended.

    Raises `InputError` as `load` does.
    """
    data = store.read(BATCH)
    if not data:
        return {}
    about = _json(data)
    if not _fits(about, dict.fromkeys(_COUNTS, int)):
        raise _changed(BATCH, None)
    found: Row = about
    return found


def _json(data: bytes) -> Any:
    """Return what a line says; None where it is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _changed(name: str, number: int | None) -> InputError:
    remedy = "get back the file as the batch wrote it; or remove it, and run the same command again"
    message = "is no row of a batch" if number else "is not as a batch wrote it"
    return InputError.of(message, source=name, line=number, remedy=remedy)


def save(store: Store, ledger: Ledger, about: Row) -> None:
    """Write what was asked for, what was set aside, and last the manifest; each is whole."""
    store.write(BATCH, json.dumps(about, indent=1).encode() + b"\n")
    store.write(SET_ASIDE, lines(line(row) for _, row in sorted(ledger.aside.items())))
    store.write(MANIFEST, lines(line(row) for _, row in sorted(ledger.letters.items())))
