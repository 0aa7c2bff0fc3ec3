"""Dates in prose, as reviewers write them: 10-16-2016, 10/16/16, October 16, 2016, 16 Oct 2016, 2016-10-16."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS).replace(
    "sep(?:tember)?", "sept?(?:ember)?"
)
_NUMERIC = re.compile(r"(?<![\d/.#-])(\d{1,2})([/-])(\d{1,2})\2(\d{2}|\d{4,6})(?![\d/-])(?!\s?(?:mg|mcg|ml|g|%))")
_WORDS = re.compile(rf"\b({_NAMES})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}}) ({_NAMES})\.?,? (\d{{4}})\b", re.IGNORECASE)
_ISO = re.compile(r"(?<![\d-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?![\d-])")


@dataclass(frozen=True)
class Mention:
    """A date in a text: its words, where they begin, and the day; None where there is no such day."""

    words: str
    start: int
    day: date | None

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)


@lru_cache(maxsize=64)
def mentions(text: str) -> tuple[Mention, ...]:
    """Return the dates of a text in order."""
    found = [_mention(each, each[4], each[1], each[3]) for each in _NUMERIC.finditer(text)]
    found += [_mention(each, each[3], _month(each[1]), each[2]) for each in _WORDS.finditer(text)]
    found += [_mention(each, each[3], _month(each[2]), each[1]) for each in _DAY_FIRST.finditer(text)]
    found += [_mention(each, each[1], each[2], each[3]) for each in _ISO.finditer(text)]
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.start))


def _month(name: str) -> str:
    return str([month[:3] for month in _MONTHS].index(name[:3].lower()) + 1)


def _mention(match: re.Match[str], year: str, month: str, day: str) -> Mention | None:
    number = int(year)
    if len(year) == 2:  # without a century: what is no day is no date either, such as a score or a dose
        number += 2000 if number < 40 else 1900
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return None
    try:
        return Mention(match.group(), match.start(), date(number, int(month), int(day)))
    except ValueError:
        return Mention(match.group(), match.start(), None)


def us(day: date) -> str:
    """Return a day as letters print it."""
    return f"{day:%m/%d/%Y}"
