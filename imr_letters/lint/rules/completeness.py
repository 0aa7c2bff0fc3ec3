"""Is everything there that a determination must say?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imr_letters.english.residue import residue
from imr_letters.imr import vocabulary
from imr_letters.imr.model import OtherGuideline
from imr_letters.imr.treatments import is_dependent
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import DAYS, GUIDELINES, Subject

_MUST_INCLUDE = "8 CCR 9792.10.6(d); Labor Code 4610.6(e)"
_HEADER = "the header of the published determinations; 8 CCR 9792.10.4(b)"

_NAMES = {
    "number": "case number",
    "priority": "priority",
    "injured_on": "date of injury",
    "ur_denied_on": "UR denial date",
    "application_received_on": "date the application was received",
    "assigned_on": "date assigned",
    "decided_on": "decision date",
    "claims_administrator_guideline": "the claims administrator's guideline",
    "reviewer_guideline": "the reviewer's guideline",
}

#: Words that name a condition: diagnoses by their endings, and by the words that announce one.
_CONDITION = re.compile(
    r"\b(?:diagnos\w+|\w{1,30}?(?:itis|opathy|algia|osis|oma|plegia|emia|stenosis|paresis)|sprains?|strains?|fractur\w+|"
    r"tears?|torn|contusions?|hernia\w*|protrusions?|syndrome|disorder|disease|impingement|lacerat\w+|burns?|"
    r"amputat\w+|dislocat\w+|injury to|crush\w*|hearing loss|tinnitus|dysfunction|depress\w+|anxiety|insomnia|"
    r"concussion|infection|ulcers?|headaches?|migraines?|radicul\w+|(?:being|been) treated for|complain\w* of|"
    r"pain (?:in|of|to)|\w{1,30} pain|wounds?|cancer|deficiency|insufficiency)\b",
    re.IGNORECASE,
)
_EMPTY_PHRASE = re.compile(
    r"\W*(?:n/?a|none|see (?:above|below|attached|item \d+|previous)|same as (?:above|previous|item \d+)|"
    r"as above|ditto|"
    r"tbd|to be (?:determined|completed|added)|pending|(?:the )?(?:request|treatment) is (?:not )?medically necessary|"
    r"not medically necessary|medically necessary|(?:upheld|overturned|denied|approved)|agree(?: with ur)?|"
    r"(?:please )?see (?:the )?(?:summary|records|utilization review)|no rationale|rationale)\W*",
    re.IGNORECASE,
)
#: The standing caution about stopping a drug.
_CAUTION = re.compile(r"\b(?:abrupt\w*|sudden\w*|wean\w*|taper\w*|withdraw\w*)\b", re.IGNORECASE)
_SURGERY = re.compile(r"\b(?:surgery|operation|procedure)\b", re.IGNORECASE)


@rule(
    "header-absent",
    "advice",
    "completeness",
    source=_HEADER,
    remedy="fill in case; only public copies of before 2016 lack it",
)
def header_absent(subject: Subject) -> Iterator[Hit]:
    """A determination has a header with case number, priority and dates.

    Older public copies lack it as a whole, so this is advice. A header with gaps is an error of `header-field`.
    """
    if not subject.has_header:
        yield Hit("case", "there is no header: no case number, no dates")


@rule("header-field", "error", "completeness", source=_HEADER, remedy="fill it in from the notice of assignment")
def header_field(subject: Subject) -> Iterator[Hit]:
    """A header is complete: case number, priority and its five dates."""
    if not subject.has_header:
        return
    present = {"number": subject.number, "priority": subject.priority, **subject.days}
    for name in ("number", "priority", *DAYS):
        if present.get(name) is None:
            yield Hit(f"case.{name}", f"the header has no {_NAMES[name]}")


@rule(
    "credentials-missing",
    "error",
    "completeness",
    source="Labor Code 4610.6(f): the determination describes the qualifications of the reviewer",
    remedy="fill in the reviewer's licence and specialty; never a name",
)
def credentials_missing(subject: Subject) -> Iterator[Hit]:
    """The reviewer's state of licensure and specialty are given."""
    if not subject.licensed_in:
        yield Hit("reviewer.licensed_in", "the reviewer's state of licensure is missing")
    if not subject.certifications:
        yield Hit("reviewer.certifications", "the reviewer's certification or specialty is missing")


@rule("summary-missing", "error", "completeness", source=_MUST_INCLUDE, remedy="write the clinical case summary")
def summary_missing(subject: Subject) -> Iterator[Hit]:
    """There is a clinical case summary."""
    if not subject.summary:
        yield Hit("clinical_summary", "the clinical case summary is missing")


@rule("items-missing", "error", "completeness", source=_MUST_INCLUDE, remedy="add each disputed treatment")
def items_missing(subject: Subject) -> Iterator[Hit]:
    """There is at least one disputed item."""
    if not subject.items:
        yield Hit("items", "there is no disputed item")


@rule(
    "request-missing",
    "error",
    "completeness",
    source="8 CCR 9792.10.6(d): a statement of the disputed medical treatment",
    remedy="write the treatment as it was requested, with strength, quantity and body part",
)
def request_missing(subject: Subject) -> Iterator[Hit]:
    """Every item names the disputed treatment."""
    for item in subject.items:
        if not item.request:
            yield Hit(item.field("request"), f"item {item.index + 1} does not name the disputed treatment")


@rule(
    "outcome-missing",
    "error",
    "completeness",
    source="8 CCR 9792.10.6(d): the determination states whether the treatment is medically necessary",
    remedy="write upheld or overturned",
)
def outcome_missing(subject: Subject) -> Iterator[Hit]:
    """Every item has an outcome."""
    for item in subject.items:
        if item.outcome is None:
            yield Hit(item.field("outcome"), f"item {item.index + 1} has no outcome")


@rule(
    "guideline-missing",
    "error",
    "completeness",
    source="8 CCR 9792.10.6(d): references to the specific medical and scientific evidence",
    remedy="name the guideline, or write basis: none_cited",
)
def guideline_missing(subject: Subject) -> Iterator[Hit]:
    """Every item says what the claims administrator and the reviewer relied on."""
    for item in subject.items:
        for name in GUIDELINES:
            if item.guidelines[name] is None:
                yield Hit(item.field(name), f"item {item.index + 1} lacks {_NAMES[name]}")


@rule(
    "guideline-form",
    "warning",
    "completeness",
    source="8 CCR 9792.21.1 tells how guidelines are cited",
    remedy="write it as a known form of citation",
)
def guideline_form(subject: Subject) -> Iterator[Hit]:
    """A guideline line has one of the known forms, so that it can be compared and counted."""
    for item in subject.items:
        for name in GUIDELINES:
            guideline = item.guidelines[name]
            if isinstance(guideline, OtherGuideline):
                yield Hit(item.field(name), f"{_NAMES[name]} is cited in no known form", guideline.words)


@rule(
    "rationale-missing",
    "error",
    "completeness",
    source="8 CCR 9792.10.6(d): the clinical reasons regarding medical necessity",
    remedy="write why; or choose a snippet",
)
def rationale_missing(subject: Subject) -> Iterator[Hit]:
    """Every item has a rationale."""
    for item in subject.items:
        if not item.rationale and not item.snippets:
            yield Hit(item.field("rationale"), f"item {item.index + 1} has no rationale")


@rule(
    "rationale-empty",
    "error",
    "completeness",
    source="Labor Code 4610.6(e): the analysis cites the condition, the records and the findings",
    remedy="write the reasons for this item itself, even where they are those of another item",
)
def rationale_empty(subject: Subject) -> Iterator[Hit]:
    """A rationale gives reasons, and is not an empty phrase such as "see above" or the bare conclusion."""
    for item in subject.items:
        if item.rationale and _EMPTY_PHRASE.fullmatch(item.rationale):
            yield Hit(item.field("rationale"), "the rationale gives no reason", item.rationale)


@rule(
    "rationale-short",
    "advice",
    "completeness",
    source="Labor Code 4610.6(e): the analysis cites the condition, the records and the findings",
    remedy="say what the guideline asks for, and what the records show",
)
def rationale_short(subject: Subject) -> Iterator[Hit]:
    """A rationale has at least 30 words.

    Services that depend on a surgery, and rationales that draw on a snippet, may be shorter.
    """
    for item in subject.items:
        count = len(item.rationale.split())
        spared = item.snippets or is_dependent(item.request) or _SURGERY.search(item.rationale)
        if 0 < count < 30 and not spared and not _EMPTY_PHRASE.fullmatch(item.rationale):
            yield Hit(item.field("rationale"), f"the rationale has only {count} words")


@rule(
    "conclusion-missing",
    "warning",
    "completeness",
    source="8 CCR 9792.10.6(d): the determination states whether the treatment is medically necessary",
    remedy='end the rationale with a sentence such as "The request for ... is not medically necessary."',
)
def conclusion_missing(subject: Subject) -> Iterator[Hit]:
    """A rationale says whether the treatment is medically necessary: one of its last three sentences speaks of it.

    The standing caution about stopping a drug is not counted.
    """
    message = "the rationale never says whether the request is medically necessary"
    for item in subject.items:
        whole = item.rationale and all(use.snippet is not None for use in item.snippets)
        said = item.conclusion is not None or _speaks_of_necessity(subject.sentences(item.field("rationale")))
        if whole and not said and not _EMPTY_PHRASE.fullmatch(item.rationale):
            yield Hit(item.field("rationale"), message)


def _speaks_of_necessity(sentences: Sequence[str]) -> bool:
    """Return whether one of the last three sentences, the standing caution aside, speaks of necessity."""
    last = [each for each in sentences if not _CAUTION.search(each)][-3:]
    return any(re.search(r"\bnecess", each, re.IGNORECASE) for each in last)


@rule(
    "placeholder",
    "error",
    "completeness",
    source="practice: words of a form that nobody filled in",
    remedy="fill it in, or take it out",
    general=True,
)
def placeholder(subject: Subject) -> Iterator[Hit]:
    """No words stand for something still to be written, such as TBD, XXX, «First_Name» or [insert date].

    All fields are searched, those of the mailed letter too.
    """
    for field, text in subject.words():
        for each in residue(text, whole=False):
            if each.source == "gap":
                yield Hit(field, f"this looks like {each.what} that nobody filled in", each.words, each.start)


@rule(
    "residue",
    "error",
    "completeness",
    source="practice: what spreadsheets, word processors and other programs leave behind",
    remedy="write the words that belong here, or take these out",
    general=True,
)
def residue_of_programs(subject: Subject) -> Iterator[Hit]:
    """No words are left behind by a program, such as #N/A, [object Object], &nbsp; or wrongly decoded UTF-8.

    All fields are searched, those of the mailed letter too. A lone "null" or "N/A" counts where it is a whole value.
    """
    for field, text in subject.words():
        for each in residue(text, whole=not field.endswith("rationale")):
            if each.source == "program":
                yield Hit(field, f"this looks like {each.what}", each.words, each.start)


@rule(
    "condition-named",
    "warning",
    "completeness",
    source="Labor Code 4610.6(e) and 8 CCR 9792.10.6(d): the employee's medical condition",
    remedy="name the diagnosis in the summary",
)
def condition_named(subject: Subject) -> Iterator[Hit]:
    """The summary names the worker's condition."""
    if subject.summary and not _CONDITION.search(subject.summary):
        yield Hit("clinical_summary", "the summary names no diagnosis or condition")


@rule(
    "state-known",
    "warning",
    "completeness",
    source="Labor Code 139.5(d)(4): reviewers hold a licence of a state",
    remedy="correct the spelling, or give the state instead of its abbreviation",
)
def state_known(subject: Subject) -> Iterator[Hit]:
    """The reviewer's states of licensure are states of the United States."""
    for name in subject.licensed_in:
        if name not in vocabulary.states():
            yield Hit("reviewer.licensed_in", f'"{name}" is no state of licensure', name)


@rule(
    "specialty-known",
    "warning",
    "completeness",
    source="the specialties of the State's IMR search page, and those of published determinations",
    remedy="correct the spelling; a specialty that is right but not known here can be ignored",
)
def specialty_known(subject: Subject) -> Iterator[Hit]:
    """The reviewer's certifications are known specialties."""
    for name in subject.certifications:
        if name not in vocabulary.specialties():
            yield Hit("reviewer.certifications", f'"{name}" is not a known specialty', name)
