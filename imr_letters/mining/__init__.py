"""Recurring passages of letters, proposed as snippets."""

from imr_letters.mining.passages import Recurring, mine
from imr_letters.mining.proposal import as_snippet, drafts

__all__ = ["Recurring", "as_snippet", "drafts", "mine"]
