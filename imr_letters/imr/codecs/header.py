"""How the header prints the number of a case and its priority, and a determination the outcome of an item."""

from __future__ import annotations

from imr_letters.engine.codecs.simple import AsWritten, Choice
from imr_letters.imr.model.decision import CASE_NUMBER
from imr_letters.imr.vocabulary import OUTCOMES, PRIORITIES


class CaseNumber(AsWritten):
    """An IMR case number, such as CM16-0213037."""

    name = "case_number"
    kind = "case_number"
    expected = "a case number such as CM16-0213037"
    pattern = CASE_NUMBER

    def examples(self) -> list[str]:
        """Return two numbers."""
        return ["CM16-0000001", "CM17-0000002"]


class Outcome(Choice):
    """The outcome of a disputed item."""

    name = "outcome"
    expected = "Upheld or Overturned"
    words = OUTCOMES


class Priority(Choice):
    """The priority of a case."""

    name = "priority"
    expected = "Standard or Expedited"
    words = PRIORITIES
