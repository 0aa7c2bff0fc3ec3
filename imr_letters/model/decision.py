"""The decision: the only truth a letter is made from. Names are those of the field.

Sources: California Labor Code 4610.5 and 4610.6, 8 CCR 9792.10.1 to 9792.10.9, and the published determinations.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from imr_letters.model.guideline import Guideline
from imr_letters.model.parts import Day, Kind, Names, Part, Prose, Value, Words

#: Version of the decision's data format; it changes when a decision file written before would no longer load.
FORMAT = 1

Outcome = Literal["upheld", "overturned"]
Priority = Literal["standard", "expedited"]
CaseOutcome = Literal["uphold", "partial overturn", "overturn"]

_CASE_NUMBER = re.compile(r"[A-Z]{2}[0-9]{2}-[0-9]{7}")


def _case_number(value: str) -> str:
    if not _CASE_NUMBER.fullmatch(value):
        raise ValueError("is not a case number such as CM16-0213037")
    return value


class Case(Part):
    """The header of a determination. Older public copies lack it, as a whole."""

    number: Annotated[str, AfterValidator(_case_number), Kind("case_number")] = Field(
        description="IMR case number, such as CM16-0213037."
    )
    priority: Priority = Field(description="Priority of the review (8 CCR 9792.10.5).")
    assigned_on: Day = Field(description="Date Assigned: the day the case went to the review organization.")
    injured_on: Day = Field(description="Date of Injury.")
    decided_on: Day = Field(description="Decision Date of the determination.")
    ur_denied_on: Day = Field(description="UR Denial Date: the day utilization review denied or modified the request.")
    application_received_on: Day = Field(description="Application Received: the day the IMR application came in.")


class Reviewer(Part):
    """The credentials of the expert reviewer. Never a name (Labor Code 4610.6(f))."""

    keeps_words_of: ClassVar = frozenset({"licensed_in", "certifications"})

    licensed_in: Names = Field(description="State(s) of licensure.")
    certifications: Names = Field(description="Certification(s) or specialty.")
    subspecialty: Words | None = Field(default=None, description="Subspecialty; printed by family dwc-2014 only.")


class ModifiedRequest(Value):
    """A request that utilization review modified: a part was authorized, the rest is disputed.

    Without `remaining`, the whole original request remains eligible for review.
    """

    original: Words = Field(description="What was originally requested.")
    authorized: Words = Field(description="What the claims administrator authorized.")
    remaining: Words | None = Field(default=None, description="What remains eligible for review, if only a part.")


Request = Annotated[
    Annotated[Words, Tag("words")] | Annotated[ModifiedRequest, Tag("modified")],
    Discriminator(lambda value: "words" if isinstance(value, str) else "modified"),
    Kind("request"),
]


class OwnText(Value):
    """A rationale block in the reviewer's own words: one or several paragraphs."""

    text: Prose


def _blocks(value: object) -> object:
    """Take plain prose for a list of one block."""
    return [{"text": value}] if isinstance(value, str) else value


def _joined(blocks: tuple[OwnText, ...]) -> tuple[OwnText, ...]:
    """Join own text that stands side by side: the letter cannot show where one block of it ended."""
    if len(blocks) < 2:
        return blocks
    return (OwnText.model_construct(text="\n\n".join(block.text for block in blocks)),)


Rationale = Annotated[
    tuple[OwnText, ...],
    Field(min_length=1),
    AfterValidator(_joined),
    BeforeValidator(_blocks),
    Kind("rationale"),
]


class Item(Part):
    """One disputed item: what was requested, what was decided, and why."""

    keeps_words_of: ClassVar = frozenset({"request", "claims_administrator_guideline", "reviewer_guideline"})

    request: Request = Field(description="The disputed treatment, in words; or the parts of a modified request.")
    outcome: Outcome = Field(description="Upheld: the denial stands. Overturned: the treatment is medically necessary.")
    claims_administrator_guideline: Guideline = Field(description="What the claims administrator relied on.")
    reviewer_guideline: Guideline = Field(description="What the expert reviewer relied on.")
    rationale: Rationale = Field(description="Why: prose, or a list of blocks.")


class Decision(Part):
    """A medical-necessity decision: everything a determination letter says, and nothing of how it says it."""

    case: Case | None = Field(default=None, description="The header; absent from older public copies.")
    reviewer: Reviewer
    clinical_summary: Prose = Field(description="Clinical case summary, in paragraphs.")
    items: tuple[Item, ...] = Field(min_length=1, description="The disputed items, in the order of the letter.")

    @property
    def outcome(self) -> CaseOutcome:
        """The outcome of the case, which follows from its items."""
        outcomes = {item.outcome for item in self.items}
        if len(outcomes) > 1:
            return "partial overturn"
        return "uphold" if outcomes == {"upheld"} else "overturn"

    def data(self) -> dict[str, Any]:
        """Return the decision as plain JSON data; what is absent is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of decision files."""
    made = Decision.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:imr-letters:decision:{FORMAT}",
        **made,
    }
