"""Hypothesis strategies: decisions of every shape, whose prose is as nasty as a letter's form allows.

    from hypothesis import given
    from imr_letters.testing import assert_round_trip
    from imr_letters.testing.strategies import decisions

    @given(decisions("example-2026", templates=TEMPLATES))
    def test_every_decision_survives(decision):
        assert_round_trip(decision, "example-2026", templates=TEMPLATES)

Needs Hypothesis, which comes with `imr-letters[testing]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from imr_letters.engine import text
from imr_letters.engine.codecs import Codec
from imr_letters.engine.codecs.phrases import nearly
from imr_letters.engine.errors import RenderError
from imr_letters.engine.grammar.nodes import Alternative, BlockNode, ChoiceNode, Lit, LoopNode, Node, Val
from imr_letters.imr import vocabulary as known
from imr_letters.imr.form import Family
from imr_letters.imr.model import (
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
from imr_letters.letters import render
from imr_letters.testing.factories import make_mailing
from imr_letters.wording import Wording

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


def _in_normal_form(value: str) -> bool:
    try:
        return text.words(value) == value != ""
    except text.CharacterError:
        return False


def words(form: Sequence[str] = ()) -> st.SearchStrategy[str]:
    """Return words within one paragraph, in normal form, now and then those of a letter's `form`."""
    token = st.one_of(
        st.sampled_from(PROSE * 3 + [*form]),
        st.sampled_from(PROSE * 3 + [*form]),
        st.text(_alphabet, min_size=1, max_size=8),
    )
    return st.lists(token, min_size=1, max_size=8).map(" ".join).map(text.words).filter(_in_normal_form)


#: Short plain words.
plain = st.lists(st.sampled_from(PROSE[:15]), min_size=1, max_size=5).map(" ".join)
#: Days a form of letter can print.
days = st.dates(date(1950, 1, 1), date(2099, 12, 31))
#: Names that stand in a list: specialties, and others without a comma.
names = st.one_of(
    st.sampled_from(sorted(known.specialties())), plain.map(lambda name: name.replace(",", "").strip() or "x")
)
#: Headers of determinations.
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

_page = st.integers(1, 400).flatmap(
    lambda first: st.one_of(st.just(f"{first}"), st.integers(first + 1, 500).map(lambda last: f"{first}-{last}"))
)
_by_page = st.builds(
    MtusCitation,
    chapter=st.sampled_from(known.mtus_cited_by_page()),
    sections=st.lists(plain, max_size=2).map(tuple),
    pages=st.lists(_page, max_size=3).map(tuple),
)


def _mtus(citations: Any, citation: st.SearchStrategy[str]) -> Any:
    return st.builds(
        lambda mtus, non, other: MtusGuideline(
            basis="mtus", mtus=mtus, non_mtus=non, other_guidelines=other if non else None
        ),
        citations,
        st.none() | citation,
        st.none() | citation,
    )


class Shapes:
    """Decisions that letter families print: no paragraph of theirs could be taken for a part of any of their forms.

    `form` holds the words that values are made to look like; those of the families' own templates without.
    """

    def __init__(self, families: Sequence[Family], form: Sequence[str] | None = None) -> None:
        self._families = list(families)
        self._form = sorted({*_fixed(self._families)}) if form is None else list(form)
        self._fences = [state.fences for each in self._families for state in each.automaton.states if state.prose]

    def decisions(self, family: Family, most_items: int = 4) -> st.SearchStrategy[Decision]:
        """Return decisions that a family prints whole."""
        many = st.one_of(st.integers(1, most_items), st.sampled_from([1, 2])).flatmap(
            lambda count: st.lists(self.items, min_size=count, max_size=count).map(tuple)
        )
        needs = family.about.needs
        case = cases if "case" in needs else st.none() | cases if ("case", "number") in family.printed else st.none()
        reviewer = self.reviewers(subspecialty=("reviewer", "subspecialty") in family.printed)
        published = st.builds(Decision, case=case, reviewer=reviewer, clinical_summary=self.prose, items=many)
        mailing = [name for name in make_mailing() if any(path[0] == name for path in family.printed)]
        if not mailing:
            return published
        numbers = st.integers(0, 7) if any(name in needs for name in mailing) else st.none() | st.integers(0, 7)
        return st.builds(_mailed, published, numbers, st.just(mailing))

    def reviewers(self, *, subspecialty: bool) -> st.SearchStrategy[Reviewer]:
        """Return reviewers, some of them with a subspecialty if asked for."""
        return st.builds(
            Reviewer,
            licensed_in=st.lists(st.sampled_from(sorted(known.states())), min_size=1, max_size=4).map(tuple),
            certifications=st.lists(names, min_size=1, max_size=3).map(tuple),
            subspecialty=st.none() | names if subspecialty else st.none(),
        )

    @cached_property
    def words(self) -> st.SearchStrategy[str]:
        """Words within one paragraph, some of them of the families' forms."""
        return words(self._form)

    @cached_property
    def prose(self) -> st.SearchStrategy[str]:
        """One to five paragraphs, now and then one as long as the longest real ones."""
        paragraphs = self.words.map(self._sound).filter(_in_normal_form)
        long = st.tuples(st.lists(self.words, min_size=1, max_size=3), st.integers(10, 200)).map(
            lambda drawn: self._sound(" ".join(drawn[0] * drawn[1])[:9000].strip())
        )
        each = st.one_of(paragraphs, paragraphs, paragraphs, long)
        return st.lists(each, min_size=1, max_size=5).map("\n\n".join)

    def _sound(self, paragraph: str) -> str:
        """Put words around a paragraph that looks like a part of a form, where it could not be told from it."""
        return f"Also {paragraph} so" if any(fences.hit(paragraph) for fences in self._fences) else paragraph

    @cached_property
    def guidelines(self) -> st.SearchStrategy[Any]:
        """Guidelines of every kind."""
        section = st.one_of(
            st.sampled_from(known.sections_with_commas()), plain, self.words.map(lambda value: value.replace(",", ""))
        ).filter(_in_normal_form)
        chapters = [(name, year) for name, years in known.mtus_chapters().items() for year in years]
        by_year = st.sampled_from(chapters).flatmap(
            lambda chapter: st.builds(
                MtusCitation,
                chapter=st.just(chapter[0]),
                year=st.just(chapter[1]),
                sections=st.lists(section, max_size=3).map(tuple),
            )
        )
        citation = self.words.map(lambda value: value.rstrip(". ")).filter(_in_normal_form)
        return st.one_of(
            st.just(NoGuideline(basis="none_cited")),
            _mtus(st.lists(by_year, min_size=1, max_size=3).map(tuple), citation),
            _mtus(st.tuples(_by_page), citation),
            st.builds(
                OutsideGuideline,
                basis=st.sampled_from(["outside_mtus", "not_mtus"]),
                non_mtus=citation,
                other_guidelines=st.none() | citation,
            ),
            st.builds(OtherGuideline, basis=st.just("unrecognized"), words=self.words),
        )

    @cached_property
    def requests(self) -> st.SearchStrategy[Any]:
        """Requests in words and requests that were modified."""
        return st.one_of(
            self.words,
            plain,
            st.builds(ModifiedRequest, original=plain, authorized=plain, remaining=st.none() | plain),
            st.builds(ModifiedRequest, original=self.words, authorized=self.words, remaining=st.none() | self.words),
        )

    @cached_property
    def items(self) -> st.SearchStrategy[Item]:
        """Disputed items, each value of which survives the codec that prints it in these families."""
        return st.builds(
            Item,
            request=self.requests.filter(self._survives("request")),
            outcome=st.sampled_from(["upheld", "overturned"]),
            claims_administrator_guideline=self.guidelines.filter(self._survives("claims_administrator_guideline")),
            reviewer_guideline=self.guidelines.filter(self._survives("reviewer_guideline")),
            rationale=self.prose.map(lambda value: (OwnText(text=value),)),
        )

    def _survives(self, field: str) -> Callable[[Any], bool]:
        """Return a test whether the words that print a value say that value and no other."""
        codecs: list[Codec] = []
        for each in self._families:
            found = (value.codec for value in _values(each.template.grammar.nodes) if value.path[-1] == field)
            codecs += [codec for codec in found if codec not in codecs]
        return lambda value: all(_says(codec, codec.encode(value), value) for codec in codecs)


def _says(codec: Codec, printed: str, value: Any) -> bool:
    """Return whether words say a value and no other, and hold nothing that is nearly a fixed phrase of the codec."""
    return codec.decode(printed) == value and nearly(printed, codec.phrases) is None


def decisions(
    family: str, *, templates: Path | None = None, snippets: Path | None = None, most_items: int = 4
) -> st.SearchStrategy[Decision]:
    """Return decisions of every shape that a letter family prints.

    Those whose letter would be refused, because a value of theirs reads like the form, are left out.
    """
    wording = Wording(templates, snippets)
    chosen = wording.family(family)

    def prints(decision: Decision) -> bool:
        try:
            render(decision, chosen.name, wording)
        except RenderError:
            return False
        return True

    return Shapes([chosen]).decisions(chosen, most_items).filter(prints)


def _mailed(decision: Decision, number: int | None, names: list[str]) -> Decision:
    """Return a decision with what only mailed letters have, of which the prose is no part: it need not be awkward."""
    given = {} if number is None else {name: value for name, value in make_mailing(number).items() if name in names}
    return Decision.model_validate({**decision.data(), **given}) if given else decision


def _values(nodes: Sequence[Node]) -> Iterator[Val]:
    for alternative in _alternatives(nodes):
        yield from (each for each in alternative.elements if isinstance(each, Val))


def _fixed(families: Sequence[Family]) -> Iterator[str]:
    """Yield the fixed words of templates, also without the colon that ends them."""
    for family in families:
        for alternative in _alternatives(family.template.grammar.nodes):
            for each in alternative.elements:
                if isinstance(each, Lit) and 0 < len(each.text.strip()) < 200:
                    yield from (each.text.strip(), each.text.strip().rstrip(":") or ":")


def _alternatives(nodes: Sequence[Node]) -> Iterator[Alternative]:
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from node.alternatives
        elif isinstance(node, LoopNode):
            yield from _alternatives(node.body)
        elif isinstance(node, ChoiceNode):
            for _, arm in node.arms:
                yield from _alternatives(arm)
