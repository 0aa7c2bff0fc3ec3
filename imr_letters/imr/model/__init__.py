"""The decision and its parts: what was decided, and nothing about wording."""

from imr_letters.imr.model.decision import (
    Case,
    Decision,
    Item,
    ModifiedRequest,
    OwnText,
    Reviewer,
    SnippetUse,
    for_recipients,
    schema,
)
from imr_letters.imr.model.guideline import MtusCitation, MtusGuideline, NoGuideline, OtherGuideline, OutsideGuideline
from imr_letters.imr.model.mailing import Addressee, Document, Parties, Party, Recipient

__all__ = [
    "Addressee",
    "Case",
    "Decision",
    "Document",
    "Item",
    "ModifiedRequest",
    "MtusCitation",
    "MtusGuideline",
    "NoGuideline",
    "OtherGuideline",
    "OutsideGuideline",
    "OwnText",
    "Parties",
    "Party",
    "Recipient",
    "Reviewer",
    "SnippetUse",
    "for_recipients",
    "schema",
]
