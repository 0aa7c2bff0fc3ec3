"""`batch status` and `batch report`: where a place stands, and totals that reconcile."""

from __future__ import annotations

from collections import Counter
from typing import Any

from imr_letters.batch import addresses, rows, work
from imr_letters.batch.rows import Row
from imr_letters.errors import Finding, InputError


def status(out: str) -> Row:
    """Tell whether a batch is at work in a place, how far the last one came, and when. Raises `InputError`."""
    out = addresses.absolute(out)
    store = work.place(out)
    state = rows.load(store)
    if not state.last and not state.letters:
        remedy = "name the folder that imr-letters batch render wrote to"
        raise InputError(Finding("input", "error", "holds no batch", out, remedy=remedy))
    running = store.is_locked()
    ended = state.last.get("event") == "end"
    return {
        "state": "running" if running else "finished" if ended else "interrupted",
        "begun": state.begun.get("at"),
        "last": state.last.get("at"),
        "records": state.begun.get("records"),
        "made": state.made,
        "set_aside": len(state.aside),
        "letters": len(state.letters),
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
        raise InputError(Finding("input", "error", "holds no finished batch", out, remedy=remedy))
    state = rows.load(store)
    letters = list(state.letters.values())
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
        "set_aside": _counts(row["code"] for row in state.aside.values()),
        "last_batch": {name: batch.get(name, 0) for name in ("given", "letters", "duplicates", "set_aside", "refused")},
        "reconciles": totals["items"] == totals["upheld"] + totals["overturned"]
        and batch.get("given") == accounted
        and len(state.aside) == batch.get("set_aside", 0) + batch.get("refused", 0),
    }


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _sum(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))
