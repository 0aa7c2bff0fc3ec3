"""Decisions of every shape for the property tests; the prose is as nasty as the form allows."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from imr_letters import text
from imr_letters.codecs import codec
from imr_letters.families import families
from imr_letters.model import (
    Case,
    Decision,
    Item,
    ModifiedRequest,
    MtusCitation,
    MtusGuideline,
    NoGuideline,
    OtherGuideline,
    OutsideGuideline,
    OwnText,
    Reviewer,
)
from imr_letters.model import vocabulary as known

#: Words of the form, and what looks like them.
FORM = [
    "Decision rationale:",
    "Decision rationale",
    "Claims Administrator guideline:",
    "MAXIMUS guideline:",
    "CLINICAL CASE SUMMARY",
    "IMR ISSUES, DECISIONS AND RATIONALES",
    "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "The Final Determination was based on decisions for the disputed items/services set forth below:",
    ": Upheld",
    "Upheld",
    "MRI of the knee: Overturned",
    "Case Number: CM16-0000001",
    "Priority: Standard",
    "State(s) of Licensure:",
    "Page(s): 24.",
    "Section(s):",
    "was the original request.",
    "Decision based on MTUS",
    "Decision based on Non-MTUS Citation",
    "and Other Medical Treatment Guidelines",
    "has a subspecialty in",
]
#: Words as prose has them, with marks, signs and line-end traps.
PROSE = [
    *"the patient reports pain of right shoulder since injury and takes medication 5/10 at rest".split(),
    *"anti- inflammatory long-term L4-5 (8 sessions) #90 QTY: 2 50% 2.5 ≥ ≤ ½ 10² 98.6° × ® – — “quoted” ’ µg".split(),
    *"<b> </p> &amp; &lt; {{ x }} {% if %} {# #} <script> a<b c>d \\n ... .( ).(a) records.The :".split(),
    *"02/17/2015 12-30-16 DOS 11/18/16 Nguyễn Հայ Ω café ☐ ☑".split(),
    "electro-myography",
    "-",
    "x" * 120,
    "a-" * 60,
]

_alphabet = st.characters(codec="utf-8", categories=["L", "N", "P", "S"]).filter(text.is_accepted)
_token = st.one_of(
    st.sampled_from(PROSE * 3 + FORM), st.sampled_from(PROSE * 3 + FORM), st.text(_alphabet, min_size=1, max_size=8)
)


def _in_normal_form(value: str) -> bool:
    try:
        return text.words(value) == value != ""
    except text.CharacterError:
        return False


def _normal(value: str) -> str:
    return text.words(value)


#: Words within one paragraph, in normal form.
words = st.lists(_token, min_size=1, max_size=8).map(" ".join).map(_normal).filter(_in_normal_form)
#: Short plain words.
plain = st.lists(st.sampled_from(PROSE[:15]), min_size=1, max_size=5).map(" ".join)


_FENCES = [state.fences for family in families().values() for state in family.automaton.states if state.prose]


def _sound(paragraph: str) -> str:
    """Put words around a paragraph that looks like a part of the form, where it could not be told from it."""
    return f"Also {paragraph} so" if any(fences.hit(paragraph) for fences in _FENCES) else paragraph


#: A paragraph of prose that does not begin like a part of the form.
paragraphs = words.map(_sound).filter(_in_normal_form)
#: A paragraph as long as the longest real ones.
long_paragraphs = st.tuples(st.lists(words, min_size=1, max_size=3), st.integers(10, 200)).map(
    lambda drawn: _sound(" ".join(drawn[0] * drawn[1])[:9000].strip())
)
prose = st.lists(st.one_of(paragraphs, paragraphs, paragraphs, long_paragraphs), min_size=1, max_size=5).map(
    "\n\n".join
)

days = st.dates(date(1950, 1, 1), date(2099, 12, 31))
names = st.one_of(
    st.sampled_from(sorted(known.specialties())), plain.map(lambda name: name.replace(",", "").strip() or "x")
)


def survives(codec_name: str, *arguments: str) -> Any:
    """Return a test whether a value's canonical words say that value and no other."""

    def test(value: Any) -> bool:
        chosen = codec(codec_name, *arguments)
        return bool(chosen.decode(chosen.encode(value)) == value)

    return test


_section = st.one_of(
    st.sampled_from(known.sections_with_commas()), plain, words.map(lambda value: value.replace(",", ""))
).filter(_in_normal_form)
_page = st.integers(1, 400).flatmap(
    lambda first: st.one_of(st.just(f"{first}"), st.integers(first + 1, 500).map(lambda last: f"{first}-{last}"))
)
_by_year = st.sampled_from([(name, year) for name, years in known.mtus_chapters().items() for year in years]).flatmap(
    lambda chapter: st.builds(
        MtusCitation,
        chapter=st.just(chapter[0]),
        year=st.just(chapter[1]),
        sections=st.lists(_section, max_size=3).map(tuple),
    )
)
_by_page = st.builds(
    MtusCitation,
    chapter=st.sampled_from(known.mtus_cited_by_page()),
    sections=st.lists(plain, max_size=2).map(tuple),
    pages=st.lists(_page, max_size=3).map(tuple),
)
_citation = words.map(lambda value: value.rstrip(". ")).filter(_in_normal_form)


def _mtus(citations: Any) -> Any:
    return st.builds(
        lambda mtus, non, other: MtusGuideline(
            basis="mtus", mtus=mtus, non_mtus=non, other_guidelines=other if non else None
        ),
        citations,
        st.none() | _citation,
        st.none() | _citation,
    )


guidelines = st.one_of(
    st.just(NoGuideline(basis="none_cited")),
    _mtus(st.lists(_by_year, min_size=1, max_size=3).map(tuple)),
    _mtus(st.tuples(_by_page)),
    st.builds(
        OutsideGuideline,
        basis=st.sampled_from(["outside_mtus", "not_mtus"]),
        non_mtus=_citation,
        other_guidelines=st.none() | _citation,
    ),
    st.builds(OtherGuideline, basis=st.just("unrecognized"), words=words),
)
requests = st.one_of(
    words,
    plain,
    st.builds(ModifiedRequest, original=plain, authorized=plain, remaining=st.none() | plain),
    st.builds(ModifiedRequest, original=words, authorized=words, remaining=st.none() | words),
).filter(survives("request"))

items = st.builds(
    Item,
    request=requests,
    outcome=st.sampled_from(["upheld", "overturned"]),
    claims_administrator_guideline=guidelines.filter(survives("guideline", "The Claims Administrator")),
    reviewer_guideline=guidelines.filter(survives("guideline", "The Expert Reviewer")),
    rationale=prose.map(lambda value: (OwnText(text=value),)),
)
cases = st.builds(
    Case,
    number=st.from_regex(r"CM1[3-9]-[0-9]{7}", fullmatch=True),
    priority=st.sampled_from(["standard", "expedited"]),
    assigned_on=days,
    injured_on=days,
    decided_on=days,
    ur_denied_on=days,
    application_received_on=days,
)


def reviewers(family: str) -> Any:
    """Return reviewers as a family prints them."""
    return st.builds(
        Reviewer,
        licensed_in=st.lists(st.sampled_from(sorted(known.states())), min_size=1, max_size=4).map(tuple),
        certifications=st.lists(names, min_size=1, max_size=3).map(tuple),
        subspecialty=st.none() | names if family == "dwc-2014" else st.none(),
    )


def decisions(family: str, most_items: int = 4) -> Any:
    """Return decisions that a family prints, each of which must survive its letter."""
    many = st.one_of(st.integers(1, most_items), st.sampled_from([1, 2])).flatmap(
        lambda count: st.lists(items, min_size=count, max_size=count).map(tuple)
    )
    return st.builds(Decision, case=st.none() | cases, reviewer=reviewers(family), clinical_summary=prose, items=many)
