"""What identifies a person: dates, ages, names, numbers of cases. Nothing of it may become approved wording.

Looks for forms, not for meanings. What a form cannot tell, such as "he limps", is kept out by counting: wording is
proposed only where letters of several people have it.
"""

from __future__ import annotations

import re

from imr_letters.imr.model.decision import CASE_NUMBER

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}([/.-])\d{{1,2}}\1(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{4}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|{_MONTH},? \d{{4}}|\d{{1,2}} {_MONTH} \d{{4}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?! visits| sessions))(?![\w/])"
)
_AGE = re.compile(r"\b\d{1,3}(?:[- ]?(?:years?|yrs?)[- .]*old|\s?y[./]?o\b)", re.IGNORECASE)
_NUMBER = re.compile(rf"\b{CASE_NUMBER}\b" r"|\b\d{3}-\d{2,3}-\d{4}\b|\b(?!9[78]\d{2}\.)\d{6,}\b|#\s?[A-Z]*\d{5,}\b")
_NAME = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Doctor|Nurse)\.? [A-Z]|\b[A-Z][a-z]+(?: [A-Z]\.?)?(?: [A-Z][a-z]+)?,? "
    r"(?:M\.?D|D\.?O|D\.?C|Ph\.?D|N\.?P|P\.?A|R\.?N)(?:\.|\b(?!-))"
)
#: Dates that belong to the law: "8 C.C.R. 9792.24.2 (July 28, 2016)".
_LAW = re.compile(r"C\.?C\.?R\b|Labor Code|\beffective\b|Guidelines? \(")
#: Two or more words with capitals, as in a name that no title announces.
_CAPITALS = re.compile(r"\b[A-Z][a-z]+ (?:[A-Z]\.? )?[A-Z][a-z]+\b")
_MEASURE = re.compile(r"\d+\s?/\s?10\b|\d+ out of \d+", re.IGNORECASE)


def personal(words: str) -> str | None:
    """Return what in these words identifies a person, such as "date"; None where nothing does."""
    if _AGE.search(words):
        return "age"
    if _DATE.search(words) and not _LAW.search(words):
        return "date"
    if _NUMBER.search(words):
        return "number"
    if _NAME.search(words):
        return "name"
    return None


def personal_value(value: str) -> str | None:
    """Return what a single value says that identifies a person; stricter, because it is shown by itself."""
    if is_date(value):
        return "date"
    if _MEASURE.search(value):
        return "measure"
    return personal(value) or ("name" if _CAPITALS.search(value) else None)


def is_date(value: str) -> bool:
    """Return whether a value is a day or a month, in any of the ways letters write it."""
    return _DATE.fullmatch(value) is not None
