"""The vocabularies of the field, read from `vocabulary.toml` and `treatments.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

#: Outcome of a disputed item, and the word a letter prints for it.
OUTCOMES = {"upheld": "Upheld", "overturned": "Overturned"}
#: Priority of a case, and the word a letter prints for it.
PRIORITIES = {"standard": "Standard", "expedited": "Expedited"}


@cache
def _table(name: str = "vocabulary") -> dict[str, Any]:
    text = resources.files("imr_letters.imr").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def mtus_chapters() -> dict[str, tuple[int, ...]]:
    """Return the MTUS chapters as cited with a year, each with the years of its editions."""
    return {name: tuple(years) for name, years in _table()["mtus"]["chapters"].items()}


@cache
def mtus_cited_by_page() -> tuple[str, ...]:
    """Return the names of MTUS chapters as cited with pages, longest first."""
    return tuple(sorted(_table()["mtus"]["cited_by_page"], key=len, reverse=True))


@cache
def sections_with_commas() -> tuple[str, ...]:
    """Return the section names that hold a comma, longest first."""
    return tuple(sorted(_table()["mtus"]["sections_with_commas"], key=len, reverse=True))


@cache
def states() -> frozenset[str]:
    """Return the states and territories that license reviewers."""
    return frozenset(_table()["reviewer"]["states"])


@cache
def specialties() -> frozenset[str]:
    """Return the specialties of the State's search page and those seen in letters."""
    return frozenset(_table()["reviewer"]["specialties"])


@cache
def treatment_categories() -> dict[str, tuple[str, ...]]:
    """Return the State's treatment categories with their subcategories; of Pharmaceuticals, the drug classes."""
    return {name: tuple(inner) for name, inner in _table("treatments")["categories"].items()}


@cache
def treatment_words() -> dict[str, tuple[str, ...]]:
    """Return by subcategory or drug class the words by which a request is recognised, in lower case."""
    table = _table("treatments")
    return {name: tuple(words) for group in ("words", "drugs") for name, words in table[group].items()}
