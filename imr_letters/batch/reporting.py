"""`batch status` and `batch report`: how far a place is, and totals that reconcile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from imr_letters.batch import addresses, rows, work
from imr_letters.batch.rows import Row
from imr_letters.engine.errors import InputError


def status(out: str) -> Row:
    """Return whether a batch is at work in a place, how far the last one came, and when. Raises `InputError`."""
    out = addresses.absolute(out)
    store = work.place(out)
    ledger = rows.load(store)
    if not ledger.last and not ledger.letters:
        remedy = "name the folder that imr-letters batch render wrote to"
        raise InputError.of("holds no batch", source=out, remedy=remedy)
    running = store.is_locked()
    ended = ledger.last.get("event") == "end"
    return {
        "state": "running" if running else "finished" if ended else "interrupted",
        "begun": ledger.begun.get("at"),
        "last": ledger.last.get("at"),
        "records": ledger.begun.get("records"),
        "made": ledger.made,
        "set_aside": len(ledger.aside),
        "letters": len(ledger.letters),
    }


def report(out: str) -> Row:
    """Return the totals of a place: of all its letters, and of the last batch. Raises `InputError`.

    `reconciles` says that the items of all letters are those upheld and those overturned, and that every record the
    last batch was given is a letter, a duplicate, set aside or refused.
    """
    out = addresses.absolute(out)
    store = work.place(out)
    if store.read(rows.MANIFEST) is None:
        remedy = "run imr-letters batch render to its end first; batch status tells how far it is"
        raise InputError.of("holds no finished batch", source=out, remedy=remedy)
    ledger = rows.load(store)
    letters = list(ledger.letters.values())
    batch = rows.read_batch(store)
    totals = {name: sum(row[name] for row in letters) for name in ("items", "upheld", "overturned")}
    accounted = sum(batch.get(name, 0) for name in ("letters", "duplicates", "set_aside", "refused"))
    return {
        "letters": len(letters),
        **totals,
        "outcomes": _counts(row["outcome"] for row in letters),
        "families": _counts(row["family"] for row in letters),
        "files": _counts(name for row in letters for name in row["outputs"]),
        "pages": sum(output.get("pages", 0) for row in letters for output in row["outputs"].values()),
        "findings": _sum(row["findings"] for row in letters),
        "set_aside": _counts(row["code"] for row in ledger.aside.values()),
        "journal": _journal(rows.events(store)),
        "last_batch": {name: batch.get(name, 0) for name in ("given", "letters", "duplicates", "set_aside", "refused")},
        "reconciles": totals["items"] == totals["upheld"] + totals["overturned"]
        and batch.get("given") == accounted
        and len(ledger.aside) == batch.get("set_aside", 0) + batch.get("refused", 0),
    }


def _journal(events: Iterable[Row]) -> dict[str, float]:
    """Return what all batches of a place took together. Of an interrupted one, as far as it was written down."""
    total: Counter[str] = Counter()
    seconds = 0.0
    begun = last = None
    for event in events:
        kind, attempts = event.get("event"), event.get("attempts", 0)
        at = datetime.fromisoformat(event["at"])
        if kind == "begin":
            seconds += (last - begun).total_seconds() if begun and last else 0
            begun = at
        last = at
        total.update({str(kind): 1, "attempts": attempts, "tried_again": attempts > 1})
    seconds += (last - begun).total_seconds() if begun and last else 0
    return {
        "batches": total["begin"],
        "interrupted": total["begin"] - total["end"],
        "made": total["letter"],
        "attempts": total["attempts"],
        "tried_again": total["tried_again"],
        "seconds": round(seconds, 1),
    }


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _sum(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))
