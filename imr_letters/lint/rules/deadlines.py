"""Were the periods of the law kept? Always advice: the header does not tell every day that counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.lint.dates import us
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject


@rule(
    "application-late",
    "advice",
    "deadlines",
    source="8 CCR 9792.10.1(b)(1) and Labor Code 4610.5(h)(1): within 30 days of service of the UR decision",
    remedy="check the day of service and the postmark; an untimely application is not eligible",
)
def application_late(subject: Subject) -> Iterator[Hit]:
    """The application came in within 30 days of the UR denial, and five more for the mail.

    What counts is the day the decision was served and the day the application was filed, which the header does not
    tell. For disputes about the drug formulary the period is 10 days.
    """
    denied, received = subject.days.get("ur_denied_on"), subject.days.get("application_received_on")
    if denied and received and (received - denied).days > 35:
        days = (received - denied).days
        yield Hit("case.application_received_on", f"the application came {days} days after the UR denial", us(received))


@rule(
    "decision-late",
    "advice",
    "deadlines",
    source="Labor Code 4610.6(d) and 8 CCR 9792.10.6(g): 30 days from the receipt of the application and the records",
    remedy="check the day on which the records were complete",
)
def decision_late(subject: Subject) -> Iterator[Hit]:
    """A regular review is decided within 30 days of the records, taken to be complete 15 days after the assignment.

    The claims administrator has 15 days to send the records (8 CCR 9792.10.5(a)(1)); when they came, the header does
    not tell.
    """
    assigned, decided = subject.days.get("assigned_on"), subject.decided_on
    if assigned and decided and subject.priority == "standard" and (decided - assigned).days > 45:
        days = (decided - assigned).days
        yield Hit("case.decided_on", f"the decision is {days} days after the assignment", us(decided))


@rule(
    "expedited-late",
    "advice",
    "deadlines",
    source="Labor Code 4610.6(d) and 8 CCR 9792.10.6(g): three days from the receipt of the records",
    remedy="check the day on which the records were complete",
)
def expedited_late(subject: Subject) -> Iterator[Hit]:
    """An expedited review is decided within 72 hours of the records, and they come within a day of the assignment."""
    assigned, decided = subject.days.get("assigned_on"), subject.decided_on
    if assigned and decided and subject.priority == "expedited" and (decided - assigned).days > 4:
        days = (decided - assigned).days
        yield Hit("case.decided_on", f"the expedited decision is {days} days after the assignment", us(decided))


@rule(
    "expedited-retrospective",
    "warning",
    "deadlines",
    source="Labor Code 4610.6(d): expedited where the treatment has not been provided and there is a serious threat",
    remedy="correct the priority, or the request",
)
def expedited_retrospective(subject: Subject) -> Iterator[Hit]:
    """An expedited review is not about services that were already given."""
    for item in subject.items:
        if subject.priority == "expedited" and re.match(r"\W*retro", item.request, re.IGNORECASE):
            yield Hit(item.field("request"), "the review is expedited, but the service was already given", item.request)


@rule(
    "review-late",
    "advice",
    "deadlines",
    source="practice: no regulation sets this period",
    remedy="check the dates of the header",
)
def review_late(subject: Subject) -> Iterator[Hit]:
    """A case is assigned within 90 days of its application."""
    received, assigned = subject.days.get("application_received_on"), subject.days.get("assigned_on")
    if received and assigned and (assigned - received).days > 90:
        days = (assigned - received).days
        yield Hit("case.assigned_on", f"the case was assigned {days} days after the application", us(assigned))
