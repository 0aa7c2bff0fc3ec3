"""Is the evidence cited, citable, and in force?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imr_letters.imr import vocabulary
from imr_letters.imr.model import MtusCitation, MtusGuideline, NoGuideline, OutsideGuideline
from imr_letters.imr.treatments import is_dependent, parts, serves
from imr_letters.lint.dates import us
from imr_letters.lint.mtus import checked_on, in_force, is_of_chronic_pain, pages_of
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import GUIDELINES, Disputed, Subject

_SEARCH = "8 CCR 9792.21.1: the medical evidence search sequence, and how its results are cited"
_SCHEDULE = "8 CCR 9792.20 to 9792.24.4: the MTUS and the days its parts came into force"
_REFERENCES = "8 CCR 9792.10.6(d): references to the specific medical and scientific evidence"

_NO_GUIDELINE = re.compile(
    r"\bno (?:\w+ ){0,3}?(?:guidelines?|evidence|recommendations?|literature|citations?)\b"
    r"|\bguidelines? (?:that|which) [^.]{0,60}?(?:not|none|nothing)\b|\b(?:silent|do(?:es)? not (?:address|"
    r"discuss|mention|speak))\b",
    re.IGNORECASE,
)
_DEPENDS = re.compile(
    r"\b(?:since|because|as|given that)\b[^.]{0,120}\b(?:not (?:been found |being )?(?:medically )?(?:necessary|"
    r"supported|approved|certified)|upheld|not recommended)\b"
    r"|\bassociated (?:surgical )?(?:service|procedure|item)s?\b|\b(?:primary|requested|underlying|"
    r"index) (?:procedure|surgery|operation)\b"
    r"|\bfound (?:medically )?necessary in this review\b|\bpresupposes\b"
    r"|\b(?:operation|surgery|procedure)\b[^.]{0,60}\bnot (?:been )?supported\b",
    re.IGNORECASE,
)
_WHY_OUTSIDE = re.compile(
    r"\b(?:MTUS|ACOEM|CA\s?MTUS|schedule|California (?:guidelines|medical treatment))\b", re.IGNORECASE
)
_ORGANISATION = re.compile(
    r"(?i:\b(?:guidelines?|ODG|ACOEM|AMA|CDC|FDA|NIH|NICE|AAOS|ASIPP|APA|Cochrane|society|association|academy|"
    r"college|institute|"
    r"university|foundation|department|agency|center|journal|PubMed|UpToDate|Medscape|MedlinePlus|drugs\.com|"
    r"National|American|International|U\.?S\.?|textbook|editors?|et al|editions?|\d(?:st|nd|rd|th) ed|press|publish\w+|"
    r"Elsevier|Saunders|Lippincott|Mosby|Springer|Wiley|McGraw|volume)\b|https?://|www\.|\.(?:com|org|gov|"
    r"edu)\b)|[A-Z][a-z]+ [A-Z]{1,2}[,.]",
)
#: The chapter that is cited as a whole.
_ONE_PIECE = "Acupuncture Treatment"
#: What anybody may put on the web, and pages for patients or customers.
_WEAK = re.compile(
    r"\b(?:wikipedia|webmd|healthline|verywell\w*|about\.com|ehow|youtube|facebook|blogs?|slide ?shows?|slide ?share|"
    r"power ?point|google)\b",
    re.IGNORECASE,
)
#: Since when a chapter is cited with its year (8 CCR 9792.21.1).
_CITED_BY_YEAR = date(2015, 4, 20)
_RETROSPECTIVE = re.compile(r"\W*retro", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}/\d{1,2}/\d{2}\b")
_ONLY_TITLE = re.compile(
    r"\W*(?:the )?(?:official disability guidelines?|ODG|work loss data institute|ACOEM)?\W*(?:\(?(?:ODG|TWC|"
    r"treatment in workers'? comp\w*)\)?)?\W*",
    re.IGNORECASE,
)


def _citations(subject: Subject) -> Iterator[tuple[Disputed, str, MtusCitation]]:
    for item in subject.items:
        for name in GUIDELINES:
            guideline = item.guidelines[name]
            if isinstance(guideline, MtusGuideline):
                for citation in guideline.mtus:
                    yield item, item.field(name), citation


def _others(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the Non-MTUS citations of the reviewer, each with its field."""
    for item in subject.items:
        guideline = item.reviewer_guideline
        if isinstance(guideline, MtusGuideline | OutsideGuideline) and guideline.non_mtus:
            yield item.field("reviewer_guideline"), guideline.non_mtus


@rule(
    "evidence-missing",
    "warning",
    "evidence",
    source=_REFERENCES,
    remedy="cite a guideline, or say in the rationale that none addresses the treatment",
)
def evidence_missing(subject: Subject) -> Iterator[Hit]:
    """The reviewer cites evidence.

    Passed over are services that depend on another item, and rationales that say that no guideline was found.
    """
    for item in subject.items:
        explained = _NO_GUIDELINE.search(item.rationale) or _DEPENDS.search(item.rationale)
        none = isinstance(item.reviewer_guideline, NoGuideline)
        if none and not explained and not is_dependent(item.request):
            yield Hit(item.field("reviewer_guideline"), "the reviewer cites no evidence for this decision")


@rule("outside-reason", "advice", "evidence", source=_SEARCH, remedy='say why, such as "The MTUS does not address ..."')
def outside_reason(subject: Subject) -> Iterator[Hit]:
    """A rationale that goes outside the MTUS says why: the MTUS is silent, or its presumption is rebutted."""
    for item in subject.items:
        if not isinstance(item.reviewer_guideline, OutsideGuideline) or is_dependent(item.request):
            continue
        said = _WHY_OUTSIDE.search(item.rationale) or _DEPENDS.search(item.rationale)
        if item.rationale and not said:
            yield Hit(item.field("rationale"), "the decision is outside the MTUS, and the rationale does not say why")


@rule(
    "citation-organization",
    "warning",
    "evidence",
    source=_SEARCH,
    remedy="name the organization that publishes the guideline",
)
def citation_organization(subject: Subject) -> Iterator[Hit]:
    """A Non-MTUS citation names who published it."""
    for field, words in _others(subject):
        if not _ORGANISATION.search(words):
            yield Hit(field, "the citation does not say who published it", words)


@rule(
    "citation-year",
    "advice",
    "evidence",
    source=_SEARCH,
    remedy="add the year of publication, or the day of the update",
)
def citation_year(subject: Subject) -> Iterator[Hit]:
    """A Non-MTUS citation gives the year of its source.

    Nearly every published determination lacks it, so this is advice.
    """
    for field, words in _others(subject):
        if not _YEAR.search(words):
            yield Hit(field, "the citation gives no year", words)


@rule(
    "citation-section",
    "advice",
    "evidence",
    source=_SEARCH,
    remedy="add chapter and section, such as Low Back Chapter, MRI",
)
def citation_section(subject: Subject) -> Iterator[Hit]:
    """A Non-MTUS citation names the chapter and section, and not only the whole work."""
    for field, words in _others(subject):
        if _ONLY_TITLE.fullmatch(words):
            yield Hit(field, "the citation names no chapter or section", words)


@rule(
    "authority-weak",
    "warning",
    "evidence",
    source="8 CCR 9792.25 to 9792.25.1: evidence is graded by its strength; peer-reviewed studies stand at the top",
    remedy="cite the guideline or the study itself",
)
def authority_weak(subject: Subject) -> Iterator[Hit]:
    """A Non-MTUS citation is no encyclopedia, slide show, video or page for patients or customers."""
    for field, words in _others(subject):
        if found := _WEAK.search(words):
            yield Hit(field, "this is no authority on medical evidence", found.group())


@rule(
    "chapter-part",
    "warning",
    "evidence",
    source=_SCHEDULE,
    remedy="cite the chapter of the part of the body that the request is about",
)
def chapter_part(subject: Subject) -> Iterator[Hit]:
    """The reviewer does not cite only the chapter of another part of the body than the request names.

    A chapter counts where its title names a part of the body. Requests that name none are passed over, and those about
    a limb where the chapter is that of the spine above it.
    """
    for item in subject.items:
        guideline = item.reviewer_guideline
        chapters = [each.chapter for each in guideline.mtus] if isinstance(guideline, MtusGuideline) else []
        asked, cited = parts(subject.texts[item.field("request")]), [parts(each) for each in chapters]
        others = isinstance(guideline, MtusGuideline) and guideline.non_mtus
        if asked and cited and not others and not any(not each or serves(each, asked) for each in cited):
            message = f"the request is about the {' and '.join(sorted(asked))}; the chapter is about another part"
            yield Hit(item.field("reviewer_guideline"), message, chapters[0])


@rule("mtus-edition", "warning", "evidence", source=_SCHEDULE, remedy="correct the name or the year of the chapter")
def mtus_edition(subject: Subject) -> Iterator[Hit]:
    """A chapter of the MTUS that is cited by year exists in an edition of that year."""
    for _, field, each in _citations(subject):
        years = vocabulary.mtus_chapters().get(each.chapter)
        if each.year is not None and (years is None or each.year not in years):
            known = f"it has editions of {', '.join(map(str, years))}" if years else "there is no such chapter"
            yield Hit(
                field, f'"{each.chapter} {each.year}" is no part of the MTUS: {known}', f"{each.chapter} {each.year}"
            )
        if each.year is None and each.chapter not in vocabulary.mtus_cited_by_page():
            yield Hit(field, f'"{each.chapter}" is no part of the MTUS', each.chapter)


@rule(
    "mtus-not-yet", "error", "evidence", source=_SCHEDULE, remedy="cite the edition in force on the day of the decision"
)
def mtus_not_yet(subject: Subject) -> Iterator[Hit]:
    """The reviewer cites no edition of a chapter before it came into force.

    The ACOEM chapters of 2011 and later were adopted effective December 1, 2017.
    """
    for item, field, each in _citations(subject):
        if field == item.field("reviewer_guideline"):
            yield from _not_yet(field, each, subject.decided_on, "decision")


@rule(
    "mtus-replaced",
    "warning",
    "evidence",
    source=_SCHEDULE,
    remedy="cite the present edition, unless the treatment was given before it",
)
def mtus_replaced(subject: Subject) -> Iterator[Hit]:
    """The reviewer cites no edition of a chapter that had been replaced by the day of the decision.

    The present edition applies to services given on or after its effective date, so an older one may be right for a
    retrospective review; such items are passed over.
    """
    for item, field, each in _citations(subject):
        if field == item.field("reviewer_guideline") and not _RETROSPECTIVE.match(item.request):
            yield from _replaced(field, each, subject.decided_on, "decision")


@rule(
    "administrator-edition",
    "advice",
    "evidence",
    source=_SCHEDULE,
    remedy="print the citation as the claims administrator gave it; check that it was copied right",
)
def administrator_edition(subject: Subject) -> Iterator[Hit]:
    """The claims administrator cites editions that were in force on the day of the utilization review.

    The letter prints what the claims administrator cited, right or wrong, so this is advice.
    """
    day = subject.days.get("ur_denied_on")
    for item, field, each in _citations(subject):
        if field == item.field("claims_administrator_guideline") and not _RETROSPECTIVE.match(item.request):
            yield from _not_yet(field, each, day, "utilization review")
            yield from _replaced(field, each, day, "utilization review")


def _not_yet(field: str, cited: MtusCitation, day: date | None, what: str) -> Iterator[Hit]:
    if day is None or cited.year is None:
        return
    since = in_force(cited.chapter, cited.year).since
    if day < since:
        name = f"{cited.chapter} {cited.year}"
        yield Hit(field, f"{name} came into force on {us(since)}, after the {what} of {us(day)}", name)


def _replaced(field: str, cited: MtusCitation, day: date | None, what: str) -> Iterator[Hit]:
    if day is None or cited.year is None:
        return
    until = in_force(cited.chapter, cited.year).until
    if until is not None and day > until:
        name = f"{cited.chapter} {cited.year}"
        yield Hit(field, f"{name} was in force until {us(until)}; the {what} is of {us(day)}", name)


@rule(
    "mtus-table-old",
    "warning",
    "evidence",
    source="practice: the table of editions of this program was compared with the regulations on the day it names",
    remedy="look up the edition in force in 8 CCR 9792.23 to 9792.24.7; get a newer version of this program",
)
def mtus_table_old(subject: Subject) -> Iterator[Hit]:
    """The editions that the reviewer cites were compared with the regulations at most a year before the decision.

    For later decisions nobody has looked whether the editions that are known here are still in force.
    """
    decided, checked = subject.decided_on, checked_on()
    for item, field, each in _citations(subject):
        if decided is not None and field == item.field("reviewer_guideline") and (decided - checked).days > 365:
            message = f"the editions of the MTUS were last looked up on {us(checked)}; later ones are not known"
            yield Hit(field, message, each.chapter)
            return


@rule(
    "mtus-year",
    "advice",
    "evidence",
    source=f"{_SCHEDULE}; 8 CCR 9792.21.1, since 2015-04-20",
    remedy="cite the chapter with its year and section",
)
def mtus_year(subject: Subject) -> Iterator[Hit]:
    """In decisions since April 20, 2015, chapters of the MTUS are cited with their year, and not by page."""
    decided = subject.decided_on
    for _, field, each in _citations(subject):
        if decided is not None and decided >= _CITED_BY_YEAR and each.year is None:
            yield Hit(field, f"{each.chapter} is cited without a year", each.chapter)


@rule("mtus-section", "advice", "evidence", source=_SEARCH, remedy="add the section, such as Special Studies")
def mtus_section(subject: Subject) -> Iterator[Hit]:
    """The reviewer's citation of an MTUS chapter by year names the section, where the chapter has sections."""
    for item, field, each in _citations(subject):
        if (
            field == item.field("reviewer_guideline")
            and each.year is not None
            and not each.sections
            and each.chapter != _ONE_PIECE
        ):
            yield Hit(field, f"{each.chapter} {each.year} is cited without a section", f"{each.chapter} {each.year}")


@rule("section-chapter", "warning", "evidence", source=_SCHEDULE, remedy="cite the chapter that the section is from")
def section_chapter(subject: Subject) -> Iterator[Hit]:
    """A section on drugs or chronic pain is cited from the Chronic Pain or Opioid guidelines.

    Told are sections that the clinical chapters of 2004 and 2007 are known not to have.
    """
    for _, field, each in _citations(subject):
        if each.year in (2004, 2007):
            for section in filter(is_of_chronic_pain, each.sections):
                yield Hit(
                    field, f'"{section}" is a section of the Chronic Pain guidelines, not of {each.chapter}', section
                )


@rule(
    "citation-twice",
    "advice",
    "evidence",
    source="practice: a guideline line names a chapter once",
    remedy="put the sections together",
)
def citation_twice(subject: Subject) -> Iterator[Hit]:
    """A guideline line does not cite the same chapter twice."""
    for item in subject.items:
        for name in GUIDELINES:
            guideline = item.guidelines[name]
            seen: set[tuple[str, int | None]] = set()
            for each in guideline.mtus if isinstance(guideline, MtusGuideline) else ():
                key = each.chapter, each.year
                if key in seen:
                    yield Hit(item.field(name), f"{each.chapter} is cited twice", each.chapter)
                seen.add(key)


@rule("pages-order", "error", "evidence", source="practice: a slip of the pen", remedy="correct the pages")
def pages_order(subject: Subject) -> Iterator[Hit]:
    """A range of pages begins before it ends: 78-80, not 80-78."""
    for _, field, each in _citations(subject):
        for page in each.pages:
            span = re.fullmatch(r"(\d+)\s?[-\u2013]\s?(\d+)", page)
            if span and int(span[2]) <= int(span[1]):
                yield Hit(field, f"pages {page} begin behind their end", page)


@rule(
    "pages-sorted",
    "advice",
    "evidence",
    source="practice: pages are listed in order",
    remedy="list the pages in order, each once",
)
def pages_sorted(subject: Subject) -> Iterator[Hit]:
    """Several pages are listed in order, and none twice."""
    for _, field, each in _citations(subject):
        starts = [int(found[0]) for page in each.pages if (found := re.match(r"\d+", page))]
        if starts != sorted(set(starts)):
            yield Hit(field, f"pages {', '.join(each.pages)} are not in order", each.pages[0])


@rule(
    "pages-chapter",
    "warning",
    "evidence",
    source="the page numbers of the ACOEM Practice Guidelines, 2nd edition, and of the Chronic Pain guidelines of 2009",
    remedy="correct the page or the chapter",
)
def pages_chapter(subject: Subject) -> Iterator[Hit]:
    """A page that is cited lies within its chapter, give or take three pages."""
    for _, field, each in _citations(subject):
        known = pages_of(each.chapter)
        for page in each.pages if known else ():
            numbers = [int(number) for number in re.findall(r"\d+", page)]
            if known and any(not known[0] - 3 <= number <= known[1] + 3 for number in numbers):
                message = f"page {page} is not in {each.chapter} (pages {known[0]}-{known[1]})"
                yield Hit(field, message, page)
