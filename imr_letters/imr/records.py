"""Read decision files: JSON and YAML, every fault with file, line and field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imr_letters.engine.form import Form
from imr_letters.engine.records import loading
from imr_letters.imr.form import FORM, Unfinished
from imr_letters.imr.model import Decision
from imr_letters.media import table


def load(path: Path | str) -> Decision:
    """Return the decision of a file. Raises `InputError` or `DecisionError`."""
    return loads(loading.read_bytes(Path(path)), str(path))


def loads(data: bytes | str, name: str = "", form: Form[Decision] = FORM) -> Decision:
    """Return the decision that JSON or YAML text holds. Raises `InputError` or `DecisionError`."""
    _refuse_letters(data, name)
    return loading.loads(form, data, name)


def loads_unfinished(data: bytes | str, name: str = "", form: Form[Decision] = FORM) -> Unfinished:
    """Return what a decision file holds that may have gaps, such as a draft.

    Raises `InputError`, and `DecisionError` for every fault but a missing or an empty field.
    """
    _refuse_letters(data, name)
    return loading.loads_unfinished(form, data, name)


def _refuse_letters(data: bytes | str, name: str) -> None:
    """Refuse what a medium other than text recognises."""
    if (medium := table.prepared(data, name).medium) is not table.TEXT:
        raise loading.something_else(FORM, f"a {medium.title}", name)


def looks_like_decision(data: bytes, name: str, forms: Sequence[Form[Decision]] = (FORM,)) -> bool:
    """Return whether a file holds a decision of some form and not a letter, by its name or by how it begins."""
    return any(loading.looks_like_record(form, data, name) for form in forms)
