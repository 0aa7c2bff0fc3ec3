"""Recurring passages of letters, proposed as snippets."""

from imr_letters.mining.passages import Passage, mine
from imr_letters.mining.proposal import as_snippet, drafts

__all__ = ["Passage", "as_snippet", "drafts", "mine"]
