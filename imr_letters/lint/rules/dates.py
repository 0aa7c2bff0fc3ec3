"""Do the dates agree, and follow each other?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from imr_letters.lint.dates import Mention, mentions, us
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_FACT = "Labor Code 4610.6(h)(5): a plainly erroneous finding of fact is a ground for appeal"

#: What stands before the date of the injury that the claim is about.
_INJURED = re.compile(
    r"(?:\b(?:date of injury|injury date|date of loss|DOI)\)?(?: is| was| of| on|,|:| dated)*(?: on| of)?"
    r"|\b(?:sustained|suffered|incurred|reported|experienced|had) (?:an?|his|her|"
    r"the) (?:[\w-]+ ){0,4}?(?:injury|injuries)"
    r"(?: to (?:the |his |her )?(?:[\w-]+ ){1,4}?)?(?: on| of| dated)?"
    r"|\boccupational claim (?:from|of|dated)"
    r"|\b(?:industrial|work|work-related|industrial-work|occupational) (?:injury|accident) (?:on|of|dated)"
    r"|\b(?:was|were) (?:injured|hurt)(?: at work)? on"
    r"|\b(?:injured|hurt|twisted|sprained|strained|fractured) (?:his|her|the) (?:[\w-]+,? ){1,5}?on)\s*\(?$",
    re.IGNORECASE,
)
_OTHER_INJURY = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|second|another|former|past|non-?industrial|separate|subsequent|new|also|"
    r"re-?injur\w+|aggravat\w+|cumulative trauma)\b",
    re.IGNORECASE,
)
_REVIEW = r"(?:utilization review(?:s)?(?: \(UR\))?|\bUR\b|claims administrator|utilization review \(UR\))"
_DENIED = (
    r"(?:denied|non-?\s?certified|not certified|modified|authorized|certified|failed to approve|partially|"
    r"denial|non-?certification)"
)
#: What stands before the date of the review that refused the treatment, and what stands behind it.
_REVIEWED = re.compile(
    rf"{_REVIEW}(?: \(?UR\)?)?(?:,?\s+(?:report|decision|determination|letter|form|documentation|denial|is|was|"
    rf"with|a|of|on|"
    r"from|dated|date|the|original|physician|completed|performed)){0,8}[\s,]*\(?$",
    re.IGNORECASE,
)
_BY_REVIEW = re.compile(
    rf"{_DENIED}[^.;]{{0,90}}\bby (?:the )?{_REVIEW}(?: on| dated)?\s*\(?$"
    rf"|{_REVIEW}[^.;]{{0,60}}?{_DENIED}(?: (?!performed|dated|done|made|given)[\w-]+){{0,5}} on\s*$"
    r"|\b(?:request|treatment|case)s?\b[^.;]{0,60}?\b(?:denied|non-?certified|modified) on\s*$",
    re.IGNORECASE,
)
_THEN_REVIEW = re.compile(
    rf"[\s,;:)]*(?:the |an? |original |this )*{_REVIEW}(?: \(?UR\)?)?[^.;]{{0,40}}?\b{_DENIED}", re.IGNORECASE
)
_THEN_DENIED = re.compile(rf",?\s*(?:the |an? )?requests?\b[^.;]{{0,160}}\b(?:was|were) {_DENIED}", re.IGNORECASE)
_PRIOR_DENIAL = re.compile(
    r"\b(?:prior|previous) (?:determination|denial)(?: was made)?(?: on| dated| of)\s*$"
    r"|\bth(?:e|ese) requests? (?:was|were) previously reviewed on\s*$",
    re.IGNORECASE,
)
_REQUESTED = re.compile(
    r"\b(?:requests? for (?:treatment )?authori[sz]ation|RFA|DWC Form RFA)"
    r"(?: \(RFA\))?(?:,| form| dated| of| on| from| is| was)*\s*$",
    re.IGNORECASE,
)
_EARLIER_REVIEW = re.compile(
    r"\b(?:previous|prior|earlier|another|first|second|two|former|appeal\w*|reconsider\w*)\b", re.I
)


def _before(text: str, mention: Mention) -> str:
    """Return the words of the sentence before a date, as far as they matter."""
    words = text[max(0, mention.start - 140) : mention.start]
    return re.split(r"(?<!\bvs)\.\s+(?=[A-Z])|\n\n(?=[A-Z])", words)[-1]


@rule(
    "date-order",
    "error",
    "dates",
    source="8 CCR 9792.9.1, 9792.10.1 to 9792.10.6: one follows the other",
    remedy="correct the date",
)
def date_order(subject: Subject) -> Iterator[Hit]:
    """The header's dates follow each other: injury, UR denial, application, assignment, decision."""
    pairs = [
        ("injured_on", "ur_denied_on", "the UR denial ({}) is before the injury ({})"),
        ("ur_denied_on", "application_received_on", "the application ({}) is before the UR denial ({})"),
        ("application_received_on", "assigned_on", "the case is assigned ({}) before the application ({})"),
        ("assigned_on", "decided_on", "the decision ({}) is before the assignment ({})"),
    ]
    known = [name for name in ("injured_on", *(later for _, later, _ in pairs)) if name in subject.days]
    said = {(earlier, later): message for earlier, later, message in pairs}
    for earlier, later in pairwise(known):
        one, other = subject.days[earlier], subject.days[later]
        if other < one:
            message = said.get((earlier, later), "the date {} comes before {}, which was earlier in the case")
            yield Hit(f"case.{later}", message.format(us(other), us(one)), us(other), also=(f"case.{earlier}",))


@rule(
    "case-year",
    "warning",
    "dates",
    source="case numbers carry the year the application came in, such as CM16",
    remedy="correct the case number or the date",
)
def case_year(subject: Subject) -> Iterator[Hit]:
    """The year in the case number is that of the application; around New Year one of the years beside it."""
    received = subject.days.get("application_received_on")
    if subject.number is None or received is None:
        return
    near = {(received + timedelta(days=shift)).year % 100 for shift in (-45, 0, 30)}
    if int(subject.number[2:4]) not in near:
        message = f"the case number is of 20{subject.number[2:4]}, the application of {received.year}"
        yield Hit("case.number", message, subject.number)


def _conflict(said: list[tuple[str, Mention]], day: date) -> tuple[str, Mention] | None:
    """Return the first mention of another day, where no mention gives the day itself."""
    if not said or any(mention.day == day for _, mention in said):
        return None
    return said[0]


@rule("injury-date", "error", "dates", source=_FACT, remedy="correct the header or the summary, whichever is wrong")
def injury_date(subject: Subject) -> Iterator[Hit]:
    """The date of injury is the same in the header and in the summary.

    Read are the usual phrases ("sustained an industrial injury on", "date of injury of"). Dates of other injuries are
    passed over, and so is a letter that names the header's date in such a phrase too.
    """
    day = subject.days.get("injured_on")
    if day is None:
        return
    said = [
        ("clinical_summary", each)
        for each in mentions(subject.summary)
        if each.day and _is_injury(subject.summary, each)
    ]
    found = _conflict(said, day)
    if found is not None:
        message = f"the summary dates the injury {us(found[1].day or day)}, the header {us(day)}"
        yield Hit(found[0], message, found[1].words, found[1].start)


def _is_injury(text: str, mention: Mention) -> bool:
    before = _before(text, mention)
    phrase = _INJURED.search(before)
    return phrase is not None and not _OTHER_INJURY.search(before[max(0, phrase.start() - 60) :])


@rule("denial-date", "error", "dates", source=_FACT, remedy="correct the header or the prose, whichever is wrong")
def denial_date(subject: Subject) -> Iterator[Hit]:
    """The date of the UR denial is the same in the header and in the prose.

    Earlier reviews and appeals are passed over, and so is a letter that names the header's date too.
    """
    day = subject.days.get("ur_denied_on")
    if day is None:
        return
    said = [
        (field, each)
        for field, text in subject.prose()
        for each in mentions(text)
        if each.day and _is_review(text, each)
    ]
    found = _conflict(said, day)
    if found is not None:
        message = f"the prose dates the utilization review {us(found[1].day or day)}, the header {us(day)}"
        yield Hit(found[0], message, found[1].words, found[1].start)


def _is_review(text: str, mention: Mention) -> bool:
    before = _before(text, mention)
    behind = text[mention.end : mention.end + 140]
    on = re.search(r"\b(?:on|dated|in (?:a|its|the) decision (?:dated|of|on))\s+$", before, re.IGNORECASE)
    said = _REVIEWED.search(before) or _BY_REVIEW.search(before)
    said = said or (on and (_THEN_REVIEW.match(behind) or _THEN_DENIED.match(behind)))
    return (said is not None and not _EARLIER_REVIEW.search(before)) or _PRIOR_DENIAL.search(before) is not None


@rule(
    "date-impossible",
    "error",
    "dates",
    source="practice: a slip of the pen",
    remedy="write the day that is meant",
    general=True,
)
def date_impossible(subject: Subject) -> Iterator[Hit]:
    """Every date in the prose is a day that exists."""
    for field, text in subject.prose():
        for mention in mentions(text):
            if mention.day is None and re.search(r"\d{4}", mention.words):
                yield Hit(field, "there is no such day", mention.words, mention.start)


@rule(
    "date-after-decision",
    "error",
    "dates",
    source=_FACT,
    remedy="correct the date; often it is the year",
    general=True,
)
def date_after_decision(subject: Subject) -> Iterator[Hit]:
    """No event that the prose tells of is dated after the decision.

    Passed over are dates that are planned: "scheduled for", "until", "through".
    """
    decided = subject.decided_on
    if decided is None:
        return
    for field, text in subject.prose():
        for mention in mentions(text):
            planned = re.search(
                r"\b(?:scheduled|planned|expir\w+|will|next|due)\b[^.]{0,30}$|\b(?:until|through|to|by|before)\s+$",
                _before(text, mention),
                re.I,
            )
            if mention.day and mention.day > decided and not planned:
                message = f"{us(mention.day)} is after the decision of {us(decided)}"
                yield Hit(field, message, mention.words, mention.start)


@rule(
    "request-after-denial",
    "warning",
    "dates",
    source="Labor Code 4610: what is denied was requested before",
    remedy="correct the date of the request, or that of the denial in the header",
)
def request_after_denial(subject: Subject) -> Iterator[Hit]:
    """No request for authorization mentioned in the prose is dated after the UR denial."""
    denied = subject.days.get("ur_denied_on")
    if denied is None:
        return
    for field, text in subject.prose():
        for mention in mentions(text):
            before = _before(text, mention)
            if not mention.day or mention.day <= denied or _EARLIER_REVIEW.search(before):
                continue
            if _REQUESTED.search(before):
                message = f"the request of {us(mention.day)} is after its denial of {us(denied)}"
                yield Hit(field, message, mention.words, mention.start)


@rule(
    "visit-before-injury",
    "advice",
    "dates",
    source="practice: a visit for this injury comes after it",
    remedy="correct the date, or say that the visit was for something else",
)
def visit_before_injury(subject: Subject) -> Iterator[Hit]:
    """The visits and reports that the summary tells of are not before the injury.

    Read are phrases such as "progress note dated" and "at the visit of".
    """
    injured = subject.days.get("injured_on")
    if injured is None:
        return
    visit = re.compile(
        r"\b(?:visit|progress (?:note|report)|follow-?up|evaluation|presented|seen)(?: of| on| dated|,)*\s*$", re.I
    )
    for mention in mentions(subject.summary):
        if mention.day and mention.day < injured and visit.search(_before(subject.summary, mention)):
            message = f"the visit of {us(mention.day)} is before the injury of {us(injured)}"
            yield Hit("clinical_summary", message, mention.words, mention.start)


@rule(
    "service-date",
    "error",
    "dates",
    source="Labor Code 4610(i)(2), before 2018 4610(g)(1), recalled and not verified: retrospective review is about "
    "services already given",
    remedy="correct the date of service or the UR denial date",
)
def service_date(subject: Subject) -> Iterator[Hit]:
    """The date of service of a retrospective request lies between the injury and the UR denial."""
    denied, injured = subject.days.get("ur_denied_on"), subject.days.get("injured_on")
    for item in subject.items:
        if not re.match(r"\W*retro", item.request, re.IGNORECASE):
            continue
        for mention in mentions(item.request):
            if mention.day and denied and mention.day > denied:
                message = f"the service of {us(mention.day)} is after the UR denial of {us(denied)}"
                yield Hit(item.field("request"), message, mention.words)
            elif mention.day and injured and mention.day < injured:
                message = f"the service of {us(mention.day)} is before the injury of {us(injured)}"
                yield Hit(item.field("request"), message, mention.words)
