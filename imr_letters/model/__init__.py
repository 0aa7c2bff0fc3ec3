"""The decision and its parts: what was decided, and nothing about wording."""

from imr_letters.model.decision import (
    Case,
    Decision,
    Item,
    ModifiedRequest,
    OwnText,
    Reviewer,
    SnippetUse,
    schema,
)
from imr_letters.model.guideline import (
    MtusCitation,
    MtusGuideline,
    NoGuideline,
    OtherGuideline,
    OutsideGuideline,
)

__all__ = [
    "Case",
    "Decision",
    "Item",
    "ModifiedRequest",
    "MtusCitation",
    "MtusGuideline",
    "NoGuideline",
    "OtherGuideline",
    "OutsideGuideline",
    "OwnText",
    "Reviewer",
    "SnippetUse",
    "schema",
]
