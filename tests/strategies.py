"""Decisions of every shape for the property tests, as the shipped families print them."""

from __future__ import annotations

from hypothesis import strategies as st

from imr_letters.imr.model import Decision
from imr_letters.testing.strategies import Shapes, days, plain
from imr_letters.wording import SHIPPED

__all__ = ["FORM", "days", "decisions", "items", "plain", "prose", "words"]

#: Words of the form, and what looks like them.
FORM = [
    "Decision rationale:",
    "Decision rationale",
    "Claims Administrator guideline:",
    "MAXIMUS guideline:",
    "CLINICAL CASE SUMMARY",
    "IMR ISSUES, DECISIONS AND RATIONALES",
    "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "The Final Determination was based on decisions for the disputed items/services set forth below:",
    ": Upheld",
    "Upheld",
    "MRI of the knee: Overturned",
    "Case Number: CM16-0000001",
    "Priority: Standard",
    "State(s) of Licensure:",
    "Page(s): 24.",
    "Section(s):",
    "was the original request.",
    "Decision based on MTUS",
    "Decision based on Non-MTUS Citation",
    "and Other Medical Treatment Guidelines",
    "has a subspecialty in",
]

#: Every letter is read in all families.
_SHIPPED = Shapes(list(SHIPPED.families.values()), FORM)

words = _SHIPPED.words
prose = _SHIPPED.prose
items = _SHIPPED.items


def decisions(family: str, most_items: int = 4) -> st.SearchStrategy[Decision]:
    """Return decisions that a family prints, each of which must survive its letter."""
    return _SHIPPED.decisions(SHIPPED.families[family], most_items)
