"""Finding snippets by words and for a disputed item."""

from __future__ import annotations

import pytest

from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.template.passage import Passage
from imr_letters.imr.model.guideline import Guideline, MtusCitation, MtusGuideline
from imr_letters.snippets.ranking import rank
from imr_letters.snippets.search import matching, treatments
from imr_letters.snippets.snippet import FOLDER, AppliesTo, FrontMatter, Snippet

TEXTS = [
    {"title": "Opioids beyond brief use", "applies_to": "Pharmaceuticals Opioids", "body": "No gain of function."},
    {"title": "Benzodiazepines", "applies_to": "Pharmaceuticals Benzodiazepines", "body": "Also named beside opioids."},
    {"title": "Wrist brace", "applies_to": "DME", "body": "A brace may serve function. A brace is light."},
    {"title": "Knee", "applies_to": "DME", "body": "A brace, or {{ brace | words }}, {% if brace %}knee{% endif %}."},
]


def found(query: str) -> list[int]:
    return [place for place, _ in rank(query, TEXTS)]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("benzo", [1]),
        ("opioid", [0, 1]),
        ("OPIOIDS", [0, 1]),
        ("brace", [2, 3]),
        ("opioid function", [0, 2, 1]),
        ("words", []),
        ("the", []),
        ("", []),
        ("zebra", []),
    ],
)
def test_words_find_texts_best_first(query: str, places: list[int]) -> None:
    assert sorted(found(query)) == sorted(places)
    assert found(query)[:1] == places[:1]


def test_a_whole_word_counts_more_than_a_beginning() -> None:
    texts = [{"title": "Tensor", "body": "x"}, {"title": "Tens", "body": "x"}]
    assert [place for place, _ in rank("tens", texts)] == [1] or rank("tens", texts)[0][0] == 1


def test_equal_texts_keep_their_order() -> None:
    assert [place for place, _ in rank("brace", [TEXTS[2]] * 4)] == [0, 1, 2, 3]


def test_nothing_is_found_in_nothing() -> None:
    assert rank("brace", []) == []


@pytest.mark.parametrize(
    ("request_words", "names"),
    [
        ("Norco 10/325mg #60", ("Opioids",)),
        ("XANAX 1 mg  #30", ("Benzodiazepines",)),
        ("Cortisone injection of the knee", ("Injection",)),
        ("Home health aide, 4 hours a day", ("Home Health",)),
        ("Labels for jars", ()),
    ],
)
def test_a_request_names_its_treatments(request_words: str, names: tuple[str, ...]) -> None:
    assert treatments(request_words) == names


def cites(chapter: str, *sections: str) -> Guideline:
    return MtusGuideline(basis="mtus", mtus=(MtusCitation(chapter=chapter, year=2016, sections=sections),))


def stub(id_: str, title: str, argues_for: str, applies_to: AppliesTo, citations: Guideline) -> Snippet:
    shape = {"status": "draft", "effective_period": {"start": "2026-01-01"}, "reviewer": "Medical director"}
    own = {"title": title, "argues_for": argues_for, "applies_to": applies_to, "citations": citations}
    about = FrontMatter.model_validate({**shape, **own})
    passage = Passage(f"{id_}/1.md", "Words of no use to a search.", 1, {}, Problems(FOLDER))
    return Snippet(id_, 1, about, "", "", passage)


DRUG = AppliesTo(treatment_category=("Pharmaceuticals",), drug_class=("Opioids",))
OTHER_DRUG = AppliesTo(treatment_category=("Pharmaceuticals",), drug_class=("Muscle Relaxant",))
ANY_DRUG = AppliesTo(treatment_category=("Pharmaceuticals",))
CHAPTER = "Chronic Pain Medical Treatment"
SNIPPETS = [
    stub("against", "Opioid", "overturned", DRUG, cites(CHAPTER, "Opioids")),
    stub("either", "Opioid", "either", DRUG, cites(CHAPTER, "Opioids")),
    stub("chapter", "Opioid", "upheld", DRUG, cites(CHAPTER, "Weaning")),
    stub("elsewhere", "Opioid", "upheld", DRUG, cites("Low Back Complaints", "Opioids")),
    stub("section", "Opioid", "upheld", DRUG, cites(CHAPTER, "Opioids", "Weaning")),
    stub("relaxant", "Relaxant", "upheld", OTHER_DRUG, cites(CHAPTER, "Opioids")),
    stub(
        "any-drug", "Any drug", "upheld", AppliesTo(treatment_category=("Pharmaceuticals",)), cites(CHAPTER, "Opioids")
    ),
    stub("jars", "Labels on jars", "upheld", AppliesTo(), cites(CHAPTER, "Opioids")),
]


def names(request: str, outcome: str | None, citations: Guideline | dict[str, object] | None) -> list[str]:
    return [snippet.id for snippet in matching(request, outcome, citations, SNIPPETS)]


def test_treatment_then_outcome_then_citation() -> None:
    expected = ["section", "chapter", "elsewhere", "either", "against", "any-drug"]
    assert names("Norco 10/325mg #60", "upheld", cites(CHAPTER, "Opioids")) == expected


def test_a_citation_may_be_data_of_a_draft() -> None:
    data: dict[str, object] = {"basis": "mtus", "mtus": [{"chapter": CHAPTER, "sections": ["Opioids"]}]}
    assert names("Norco 10/325mg", "upheld", data) == names("Norco 10/325mg", "upheld", cites(CHAPTER, "Opioids"))


UNFINISHED: list[dict[str, object]] = [
    {},
    {"mtus": None},
    {"mtus": [None, {}]},
    {"mtus": [{"chapter": CHAPTER, "sections": None}]},
]


@pytest.mark.parametrize("data", UNFINISHED, ids=str)
def test_an_unfinished_citation_does_no_harm(data: dict[str, object]) -> None:
    assert len(names("Norco 10/325mg", "upheld", data)) == 6


def test_the_other_outcome_comes_first_where_that_was_decided() -> None:
    assert names("Norco 10/325mg", "overturned", None)[:2] == ["against", "either"]


def test_without_an_outcome_all_may_serve() -> None:
    assert set(names("Norco 10/325mg", None, None)) == {
        "against", "either", "chapter", "elsewhere", "section", "any-drug"
    }  # fmt: skip


def test_an_unknown_treatment_is_matched_by_words() -> None:
    assert names("Labels for jars", "upheld", None) == ["jars"]
