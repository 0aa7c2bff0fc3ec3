"""Read decision files: JSON and YAML, every fault with file, line and field."""

from __future__ import annotations

from pathlib import Path

from imr_letters.engine.records import loading
from imr_letters.imr.form import FORM, Unfinished
from imr_letters.imr.model import Decision


def load(path: Path) -> Decision:
    """Return the decision of a file. Raises `InputError` or `DecisionError`."""
    return loading.load(FORM, path)


def loads(data: bytes | str, name: str = "") -> Decision:
    """Return the decision that JSON or YAML text holds. Raises `InputError` or `DecisionError`."""
    return loading.loads(FORM, data, name)


def loads_unfinished(data: bytes | str, name: str = "") -> Unfinished:
    """Return what a decision file holds that may have gaps, such as a draft.

    Raises `InputError`, and `DecisionError` for every fault but a missing or an empty field.
    """
    return loading.loads_unfinished(FORM, data, name)


def looks_like_decision(data: bytes, name: str) -> bool:
    """Return whether a file holds a decision and not a letter, by its name or by how it begins."""
    return loading.looks_like_record(FORM, data, name)
