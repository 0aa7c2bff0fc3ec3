"""Which editions of the MTUS were in force when, and what is known of their chapters; read from `lint.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class InForce:
    """The days on which an edition came into force and, where it was replaced, the last day it was."""

    since: date
    until: date | None = None


@cache
def table() -> dict[str, Any]:
    """Return what `lint.toml` says."""
    text = resources.files("imr_letters.lint").joinpath("lint.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _editions() -> dict[str, InForce]:
    return {
        edition: InForce(entry["from"], entry.get("to"))
        for entry in table()["in_force"]
        for edition in entry["editions"]
    }


def in_force(chapter: str, year: int) -> InForce:
    """Return when an edition was in force; of an unknown one, that it was not before its year."""
    return _editions().get(f"{chapter} {year}") or InForce(date(year, 1, 1))


def checked_on() -> date:
    """Return the day on which the table of editions was last compared with the regulations."""
    found: date = table()["checked_on"]
    return found


def pages_of(chapter: str) -> tuple[int, int] | None:
    """Return the first and last page of a chapter that is cited by page, if they are known."""
    found = table()["pages"].get(chapter)
    return (found[0], found[1]) if found else None


def is_of_chronic_pain(section: str) -> bool:
    """Tell whether a section is known to be one of the Chronic Pain or Opioid guidelines."""
    return any(words in section.lower() for words in table()["sections"]["chronic_pain"])
