"""The decision: the only truth a letter is made from. Names are those of the field.

Sources: California Labor Code 4610.5 and 4610.6, 8 CCR 9792.10.1 to 9792.10.9, and the published determinations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from imr_letters.engine.jsonschema import json_schema
from imr_letters.engine.text import PARAGRAPH
from imr_letters.engine.values import Day, Derived, Kind, Names, Part, Prose, Value, Words
from imr_letters.imr.model.guideline import Guideline
from imr_letters.imr.model.mailing import Addressee, Document, Parties, Recipient

#: Version of the decision's data format; it changes when a decision file written before would no longer load.
FORMAT = 1

Outcome = Literal["upheld", "overturned"]
Priority = Literal["standard", "expedited"]
CaseOutcome = Literal["uphold", "partial overturn", "overturn"]

#: The form of a case number, as a regular expression.
CASE_NUMBER = "[A-Z]{2}[0-9]{2}-[0-9]{7}"


def _case_number(value: str) -> str:
    if not re.fullmatch(CASE_NUMBER, value):
        raise ValueError("is not a case number such as CM16-0213037")
    return value


CaseNumber = Annotated[str, AfterValidator(_case_number), Kind("case_number")]


class Case(Part):
    """The header of a determination. Older public copies lack it, as a whole."""

    number: CaseNumber = Field(description="IMR case number, such as CM16-0213037.")
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


def _sorted(values: dict[str, str]) -> dict[str, str]:
    """Put the values in the order of their names: the order they were given in means nothing."""
    return dict(sorted(values.items()))


#: The name of a snippet, which is the name of its folder; and the name of one of its variables.
SnippetId = Annotated[str, Field(max_length=60, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
VariableName = Annotated[str, Field(max_length=40, pattern="^[a-z][a-z0-9_]*$")]


class SnippetUse(Value):
    """A rationale block in approved words: a snippet of the library, its exact version, its variables' values.

    Values are written as words; days as 2017-02-27.
    """

    snippet: SnippetId = Field(description="Name of the snippet, such as opioids-standing-caution.")
    version: int = Field(ge=1, le=9999, description="Its exact version.")
    values: Annotated[dict[VariableName, Words], AfterValidator(_sorted)] = Field(
        default_factory=dict, description="By variable: its value."
    )


RationaleBlock = Annotated[
    Annotated[OwnText, Tag("own")] | Annotated[SnippetUse, Tag("snippet")],
    Discriminator(
        lambda value: (
            "snippet" if isinstance(value, SnippetUse) or (isinstance(value, dict) and "snippet" in value) else "own"
        )
    ),
]


def _blocks(value: object) -> object:
    """Take plain prose for a list of one block."""
    return [{"text": value}] if isinstance(value, str) else value


def joined(blocks: tuple[RationaleBlock, ...]) -> tuple[RationaleBlock, ...]:
    """Join own text that stands side by side: the letter cannot show where one block of it ended."""
    found: list[RationaleBlock] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(last, OwnText) and isinstance(block, OwnText):
            found[-1] = OwnText.model_construct(text=f"{last.text}{PARAGRAPH}{block.text}")
        else:
            found.append(block)
    return tuple(found)


Rationale = Annotated[
    tuple[RationaleBlock, ...],
    Field(min_length=1),
    AfterValidator(joined),
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

    @property
    def uses(self) -> list[SnippetUse]:
        """The snippets that the rationale names, in its order."""
        return [block for block in self.rationale if isinstance(block, SnippetUse)]


def case_outcome(outcomes: Iterable[str]) -> CaseOutcome:
    """Return the outcome of a case, which follows from those of its items."""
    found = set(outcomes)
    if len(found) > 1:
        return "partial overturn"
    return "uphold" if found == {"upheld"} else "overturn"


def _outcome(data: Mapping[str, Any]) -> CaseOutcome:
    return case_outcome(item["outcome"] for item in data.get("items", ()) if "outcome" in item)


class Decision(Part):
    """A medical-necessity decision: everything a determination letter says, and nothing of how it says it.

    Parties, documents, recipients and addressee are of the mailed letter; the public edition has none of them.
    """

    derived: ClassVar = {"outcome": Derived(get_args(CaseOutcome), _outcome, (("items", "*", "outcome"),))}

    case: Case | None = Field(default=None, description="The header; absent from older public copies.")
    parties: Parties | None = Field(default=None, description="Who takes part in the review; not published.")
    recipients: tuple[Recipient, ...] | None = Field(
        default=None, min_length=1, description="Who gets a copy; not published."
    )
    addressee: Addressee | None = Field(
        default=None, description="Whom this one letter is sent to, one of the recipients; not published."
    )
    reviewer: Reviewer
    documents: tuple[Document, ...] | None = Field(
        default=None, min_length=1, description="The documents reviewed (8 CCR 9792.10.6(d)); not published."
    )
    clinical_summary: Prose = Field(description="Clinical case summary, in paragraphs.")
    items: tuple[Item, ...] = Field(min_length=1, description="The disputed items, in the order of the letter.")

    @model_validator(mode="after")
    def _addressed_to_a_recipient(self) -> Decision:
        named = {(each.name, each.organization) for each in self.recipients or ()}
        if self.addressee is not None and (self.addressee.name, self.addressee.organization) not in named:
            raise ValueError("addressee is none of the recipients: name and organization must be those of one of them")
        return self

    @property
    def outcome(self) -> CaseOutcome:
        """The outcome of the case, which follows from its items."""
        return case_outcome(item.outcome for item in self.items)


def schema(model: type[Part] = Decision) -> dict[str, Any]:
    """Return the JSON Schema of decision files; `model` is that of a family which declares its own fields."""
    made = json_schema(model)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:imr-letters:decision:{FORMAT}",
        **made,
    }


def for_recipients(decision: Decision) -> list[Decision]:
    """Return one decision for each recipient that has an address, addressed to it.

    No letter tells one recipient the address of another. A decision that has an addressee already, or no recipient
    with an address, is returned as it is.
    """
    recipients = getattr(decision, "recipients", None)  # a letter family may leave them out
    if recipients is None or decision.addressee is not None:
        return [decision]
    named = tuple(each.model_copy(update={"address": None}) for each in recipients)
    return [
        decision.model_copy(
            update={
                "recipients": named,
                "addressee": Addressee(name=each.name, organization=each.organization, address=each.address),
            }
        )
        for each in recipients
        if each.address is not None
    ] or [decision]
