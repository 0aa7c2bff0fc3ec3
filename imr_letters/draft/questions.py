"""The questions of a determination in the words of those who answer them, in the order of the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from imr_letters.engine.fields import FieldType, Group, Leaf, Listing
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.form import FORM

Role = Literal["reviewer", "nurse", "operations"]
#: Who answers, in the order of lists.
ROLES: tuple[Role, ...] = ("operations", "nurse", "reviewer")

_DAY = "A day: 2017-02-27, or 02/27/2017."
_DAY_WRITTEN = ("2017-02-27 (year-month-day)",)
_GUIDELINE = (
    "As the letter prints it, or none. MTUS Low Back Complaints 2004, Section(s): Special Studies. "
    "Non-MTUS Official Disability Guidelines (ODG), Pain Chapter. Both may stand one after the other."
)
_GUIDELINE_WRITTEN = (
    "basis: mtus",
    "mtus:",
    "  - chapter: Low Back Complaints",
    "    year: 2004",
    "    sections:",
    "      - Special Studies",
    "non_mtus: Official Disability Guidelines (ODG), Low Back Chapter",
    "(or basis: outside_mtus, or not_mtus, with non_mtus alone; or only basis: none_cited)",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one field. `field` is its path in the form, with `[]` for any item.

    `label` is what a preview shows where the answer is missing, `ask` the question, `form` what is taken for an
    answer at the terminal and in a worksheet, `written` how the answer is written in the file.
    """

    field: str
    label: str
    ask: str
    form: str
    roles: tuple[Role, ...]
    written: tuple[str, ...]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "case.number",
        "Case Number",
        "Which case is it?",
        "The IMR case number: two capitals, two digits, a hyphen, seven digits, such as CM16-0213037.",
        ("operations",),
        ("CM16-0213037",),
    ),
    Question(
        "case.priority",
        "Priority",
        "What is the priority of the review?",
        "standard or expedited.",
        ("operations",),
        ("standard, or expedited",),
    ),
    Question(
        "case.assigned_on",
        "Date Assigned",
        "When was the case assigned to the review organization?",
        _DAY,
        ("operations",),
        _DAY_WRITTEN,
    ),
    Question("case.injured_on", "Date of Injury", "When was the worker injured?", _DAY, ("operations",), _DAY_WRITTEN),
    Question(
        "case.decided_on",
        "Decision Date",
        "When was the determination made?",
        _DAY,
        ("operations",),
        _DAY_WRITTEN,
    ),
    Question(
        "case.ur_denied_on",
        "UR Denial Date",
        "When did utilization review deny or modify the request?",
        _DAY,
        ("operations",),
        _DAY_WRITTEN,
    ),
    Question(
        "case.application_received_on",
        "Application Received",
        "When was the IMR application received?",
        _DAY,
        ("operations",),
        _DAY_WRITTEN,
    ),
    Question(
        "reviewer.licensed_in",
        "State(s) of Licensure",
        "In which states are you licensed?",
        "Names of states, with commas between them: California, New York.",
        ("reviewer",),
        ("- California", "- New York"),
    ),
    Question(
        "reviewer.certifications",
        "Certification(s)/Specialty",
        "In what are you certified, or what is your specialty? Never your name.",
        "With commas between them: Occupational Medicine, Pain Management.",
        ("reviewer",),
        ("- Occupational Medicine",),
    ),
    Question(
        "reviewer.subspecialty",
        "Subspecialty",
        "Is there one subspecialty to be named? Only the wording of 2014 prints it; this may stay empty.",
        "Words.",
        ("reviewer",),
        ("Sports Medicine",),
    ),
    Question(
        "clinical_summary",
        "Clinical Case Summary",
        "What happened, what was done, and what do the records show?",
        "Prose. A blank line begins a new paragraph.",
        ("reviewer", "nurse"),
        ("|-", "  Prose, indented. A blank line begins a new paragraph."),
    ),
    Question(
        "items[].request",
        "Disputed Treatment",
        "Which treatment is disputed?",
        "In words, such as Norco 10/325mg #60. Where utilization review authorized a part: original | authorized, or "
        "original | authorized | what remains to decide, with bars between.",
        ("operations",),
        (
            '"Norco 10/325mg #60"',
            "(or, where utilization review authorized a part:)",
            "original: Aquatic therapy, 12 visits",
            "authorized: Aquatic therapy, 8 visits",
            "remaining: Aquatic therapy, 4 visits",
        ),
    ),
    Question(
        "items[].outcome",
        "Upheld or Overturned",
        "Is the denial upheld, or is the treatment medically necessary?",
        "upheld: the denial stands. overturned: the treatment is medically necessary.",
        ("reviewer",),
        ("upheld, or overturned",),
    ),
    Question(
        "items[].claims_administrator_guideline",
        "Claims Administrator guideline",
        "Which guideline did the claims administrator rely on?",
        _GUIDELINE,
        ("operations",),
        _GUIDELINE_WRITTEN,
    ),
    Question(
        "items[].reviewer_guideline",
        "Expert Reviewer guideline",
        "Which guideline do you rely on?",
        _GUIDELINE,
        ("reviewer",),
        ("(as above; a snippet that is picked for the rationale fills it in)",),
    ),
    Question(
        "items[].rationale",
        "Decision rationale",
        "Why is the denial upheld or overturned?",
        "Prose in your own words, a blank line between paragraphs; or a snippet of the library.",
        ("reviewer",),
        ("|-", "  Prose, indented.", "(or a snippet of the library:)", "- snippet: opioids-example", "  version: 1"),
    ),
)


@cache
def by_field() -> dict[str, Question]:
    """Return the questions by the field they ask for."""
    return {question.field: question for question in QUESTIONS}


def question_at(path: FieldPath) -> Question | None:
    """Return the question a path belongs to: of the field itself or of one it is a part of."""
    for size in range(len(path), 0, -1):
        found = by_field().get(_pattern(path[:size]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=10_000)
def question_path(path: FieldPath) -> FieldPath:
    """Return the part of a path that a question asks for; all of it where none does."""
    question = question_at(path)
    size = next((size for size in range(len(path), 0, -1) if question and _pattern(path[:size]) == question.field), 0)
    return path[: size or len(path)]


@lru_cache(maxsize=10_000)
def parse(path: str) -> FieldPath:
    """Return the path that words such as `items[0].request` mean."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path))


def _pattern(path: FieldPath) -> str:
    return dotted("*" if isinstance(step, int) else step for step in path)


@lru_cache(maxsize=10_000)
def type_at(path: FieldPath) -> FieldType | None:
    """Return the type of a field of the decision, None for what is no field or a part of a value."""
    here: FieldType = FORM.published
    for step in path:
        if isinstance(step, int):
            if not isinstance(here, Listing):
                return None
            continue
        known = here.fields
        if step not in known:
            return None
        here = known[step]
    return here


def order(path: FieldPath) -> Sequence[str]:
    """Return the fields of a group in the order of the form."""
    known = type_at(path)
    return _INNER if known is None or isinstance(known, Leaf) else list(known.fields)


#: The fields inside values, in the order of the model.
_INNER = (
    "basis", "mtus", "non_mtus", "other_guidelines", "words", "chapter", "year", "sections", "pages",
    "original", "authorized", "remaining", "text", "snippet", "version", "values",
)  # fmt: skip


def paths(data: dict[str, Any]) -> Iterator[tuple[FieldPath, Question, bool]]:
    """Yield every question of a draft in the order of the form, and whether it must be answered.

    A draft whose `case` was taken out is of a letter without a header. Without items, the first one is asked for.
    """
    items = data.get("items")
    count = max(1, len(items)) if isinstance(items, list) else 1
    for name, kind in FORM.published.fields.items():
        if isinstance(kind, Listing):
            for index in range(count):
                yield from _asked((name, index), kind)
        elif isinstance(kind, Group):
            if not kind.optional or name in data:
                yield from _asked((name,), kind)
        elif name != "as_printed":
            yield (name,), by_field()[name], not kind.optional


def _asked(path: FieldPath, kind: FieldType) -> Iterator[tuple[FieldPath, Question, bool]]:
    for name, inner in kind.fields.items():
        yield (*path, name), by_field()[_pattern((*path, name))], not inner.optional
