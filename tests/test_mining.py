"""Passages that recur across letters: what is found, what is left out, and what a draft of a snippet may show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from imr_letters.engine.grammar.problems import Problems
from imr_letters.english.sentences import split, whole
from imr_letters.imr.model import Decision, SnippetUse
from imr_letters.mining import Recurring, as_snippet, mine
from imr_letters.mining.sieve import personal
from imr_letters.mining.skeleton import align, key
from imr_letters.snippets.snippet import read_snippet
from tests.conftest import real_letters, real_reading

SPLITS = {
    "title": ["Dr. Ames examined the ankle.", "No swelling was found."],
    "for-example": ["Use passive care, e.g. Heat packs, i.e. Moist ones.", "Then stop."],
    "level": ["The disc bulges at L4-5.", "The disc at L5-S1 does not."],
    "versus": ["Naproxen 500 mg vs. Ibuprofen was tried.", "Both failed."],
    "number": ["Table No. 4 on pg. 12 applies.", "Sec. 9792.20 does not."],
    "no": ["Was it tried?", "No.", "It was not."],
    "decimal": ["The dose rose by 0.5 mg to 2.5 mg.", "It was then 10/325mg.", "The pain fell."],
    "initials": ["A letter of John Q. Public was read.", "Take vitamin C.", "Rest well."],
    "quotation": ['The guide says "rest is best."', 'It adds (see "heat").', "So be it."],
    "list": ["1. Rest the hand.", "2. Ice the hand.", "(3) Move the hand."],
    "run-together": ["These are the records.", "The request followed."],
    "etc": ["Heat, cold, etc. were used.", "Nothing helped."],
    "code": ["See 8 C.C.R. 9792.24 for it.", "It binds."],
}


@pytest.mark.parametrize("sentences", SPLITS.values(), ids=SPLITS)
def test_medical_prose_is_split_into_its_sentences(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_lost_space_between_sentences_is_restored() -> None:
    assert split("Nothing was in the records.The request fails.") == [
        "Nothing was in the records.",
        "The request fails.",
    ]


def test_a_sentence_that_a_page_break_parted_is_one_again() -> None:
    assert list(whole(["The hand is", "swollen.", "It hurts."])) == ["The hand is swollen.", "It hurts."]


def keys(sentence: str) -> list[str]:
    return [key(word) for word in sentence.split()]


OPPOSITES = {
    "not": ("The splint for the wrist is medically necessary.", "The splint for the wrist is not medically necessary."),
    "without": ("Relief came with the brace in its first week.", "Relief came without the brace in its first week."),
    "never": ("Glide therapy is advised for stiff toes.", "Glide therapy is never advised for stiff toes."),
    "other": ("Glide therapy is advised for stiff toes.", "An ointment of beeswax has been shown to calm itching."),
}


@pytest.mark.parametrize(("one", "other"), OPPOSITES.values(), ids=OPPOSITES)
def test_what_says_the_opposite_or_something_else_is_not_alike(one: str, other: str) -> None:
    assert align(keys(one), keys(other)) is None


def test_who_is_cited_and_small_words_are_no_variables() -> None:
    one = keys("The MTUS states that glide therapy is recommended for stiff toes after rest.")
    other = keys("According to the ACOEM Guidelines, glide therapy is recommended for the stiff toes after rest.")
    alignment = align(one, other)
    assert alignment is not None
    assert alignment.varying == ()


PAIN = {"basis": "mtus", "mtus": [{"chapter": "Chronic Pain Medical Treatment", "year": 2016, "sections": ["Opioids"]}]}
ANKLE = {"basis": "mtus", "mtus": [{"chapter": "Ankle and Foot Complaints", "year": 2004, "sections": ["Summary"]}]}


def letter(
    number: int, *rationales: str, outcome: str = "upheld", guideline: object = PAIN, day: int | None = None
) -> tuple[str, Decision]:
    injured = date(2014, 1, 1) + timedelta(days=number if day is None else day)
    items = [
        {
            "request": f"Thing {index}",
            "outcome": outcome,
            "claims_administrator_guideline": {"basis": "none_cited"},
            "reviewer_guideline": guideline,
            "rationale": rationale,
        }
        for index, rationale in enumerate(rationales)
    ]
    data = {
        "case": {
            "number": f"CM16-{number:07}",
            "priority": "standard",
            "assigned_on": "2016-11-01",
            "injured_on": injured.isoformat(),
            "decided_on": "2016-12-01",
            "ur_denied_on": "2016-10-01",
            "application_received_on": "2016-10-20",
        },
        "reviewer": {"licensed_in": ["California"], "certifications": ["Family Practice"]},
        "clinical_summary": "Invented.",
        "items": items,
    }
    return f"letter-{number}", Decision.model_validate(data)


def letters(*rationales: str, outcome: str = "upheld") -> list[tuple[str, Decision]]:
    return [letter(number, rationale, outcome=outcome) for number, rationale in enumerate(rationales)]


CAUTION = "Glowworm extract should be reduced in small steps rather than withdrawn overnight."
REASON = "Sudden withdrawal of glowworm extract may bring tremor and sleepless nights."
FILLER = [
    "Bees hum loudly over purple clover fields.",
    "Seven tall ships sailed past frozen harbours.",
    "Quartz lamps flicker beneath crooked rafters.",
    "Old clocks chime during violent thunder.",
]


def only(found: Sequence[Recurring]) -> Recurring:
    assert len(found) == 1, [passage.text for passage in found]
    return found[0]


def test_a_sentence_in_three_letters_is_found_and_counted() -> None:
    given = [
        letter(0, f"{FILLER[0]} {CAUTION}", CAUTION),
        letter(1, f"{CAUTION} {FILLER[1]}", outcome="overturned"),
        letter(2, f"{FILLER[2]} {CAUTION} {FILLER[3]}", guideline=ANKLE),
    ]
    found = only(mine(given))
    assert found.text == CAUTION
    assert (found.unit, found.letters, found.items, found.upheld, found.overturned) == ("sentence", 3, 4, 3, 1)
    assert found.argues_for == "either"
    assert found.chapters == (("Chronic Pain Medical Treatment 2016", 3), ("Ankle and Foot Complaints 2004", 1))
    assert found.guideline is not None
    assert found.guideline.model_dump(mode="json", exclude_defaults=True) == PAIN
    assert found.sources == ("letter-0", "letter-1", "letter-2")
    assert mine(given[:2]) == []
    assert only(mine(given[:2], least=2)).letters == 2


def test_sentences_that_always_stand_together_are_one_passage() -> None:
    given = letters(*(f"{filler} {CAUTION} {REASON}" for filler in FILLER))
    found = only(mine(given))
    assert (found.unit, found.text) == ("sentences", f"{CAUTION} {REASON}")


def test_a_sentence_that_mostly_stands_alone_is_found_besides_the_run() -> None:
    alone = [letter(number, f"{CAUTION} {FILLER[number % 4]} {number}.") for number in range(10, 14)]
    given = [*letters(*[f"{CAUTION} {REASON}"] * 3), *alone]
    assert [(found.text, found.letters) for found in mine(given)] == [(CAUTION, 7), (f"{CAUTION} {REASON}", 3)]


def test_a_whole_paragraph_is_called_one() -> None:
    given = letters(*(f"{filler}\n\n{CAUTION} {REASON}" for filler in FILLER))
    assert only(mine(given)).unit == "paragraph"


def test_differing_words_become_variables_with_kind_and_name() -> None:
    values = [("Norco", "6", "left knee", "01/05/2015"), ("tramadol", "12", "left knee", "02/06/2015")]
    values += [("Percocet", "8", "right hip", "03/07/2015"), ("morphine", "24", "right hip", "11/09/2015")]
    given = letters(
        *(
            f"{filler} Balm and {drug} were first combined on {day} for lasting soreness of the {part} joint, "
            f"and the plan then foresaw some {count} visits at the balm clinic before any taper was tried."
            for filler, (drug, count, part, day) in zip(FILLER, values, strict=True)
        )
    )
    found = only(mine(given))
    assert found.text == (
        "Balm and {{ drug | words }} were first combined on {{ date | us_date }} for lasting soreness of the "
        "{{ body_part | choice }} joint, and the plan then foresaw some {{ number_of_visits | number }} visits at the "
        "balm clinic before any taper was tried."
    )
    assert {slot.name: slot.choices for slot in found.variables if slot.choices} == {
        "body_part": ("left knee", "right hip")
    }


def test_every_member_of_a_group_fits_its_representative() -> None:
    """A chain of sentences, each like the next, does not become one group: its ends say different things."""
    words = CAUTION.split()
    other = "polish every wagon before frost settles over quiet northern valleys again".split()
    chain = [" ".join(other[:step] + words[step:]) for step in range(len(words))]
    for passage in mine(letters(*chain)):
        fixed = [part for part in passage.parts if isinstance(part, str)]
        assert sum(len(part.split()) for part in fixed) >= 5
        assert not {"letter-0", "letter-11"} <= set(passage.sources)


def test_letters_of_one_injury_do_not_make_wording() -> None:
    given = [letter(number, CAUTION, day=0) for number in range(5)]
    assert mine(given) == []
    assert only(mine([*given, letter(9, CAUTION)])).letters == 6


@pytest.mark.parametrize(
    "sentence",
    [
        "The tremor began after glowworm extract was doubled on 03/04/2015 against earlier advice.",
        "The 47-year-old beekeeper showed marked tremor under glowworm extract during winter evenings.",
        "Tremor under glowworm extract was noted by Dr. Lantern during several winter evenings.",
        "Tremor under glowworm extract was settled in CM15-0001234 during several winter evenings.",
    ],
)
def test_what_tells_of_one_person_is_never_fixed_wording(sentence: str) -> None:
    assert personal(sentence)
    assert mine(letters(*(f"{filler} {sentence}" for filler in FILLER))) == []


def test_a_bare_conclusion_is_no_passage() -> None:
    assert mine(letters(*(f"{filler} Therefore, the request is not medically necessary." for filler in FILLER))) == []


class Known:
    """A library that knows the caution."""

    def recognise(self, decision: Decision) -> Decision:
        items = [
            item.model_copy(update={"rationale": (SnippetUse(snippet="caution", version=1),)})
            if CAUTION in str(item.rationale)
            else item
            for item in decision.items
        ]
        return decision.model_copy(update={"items": tuple(items)})


def test_what_the_library_says_already_is_left_out() -> None:
    given = [letter(number, CAUTION, REASON) for number in range(3)]
    assert [found.text for found in mine(given, library=Known())] == [REASON]


def test_the_order_of_the_letters_does_not_matter() -> None:
    given = letters(*(f"{filler} {CAUTION} {REASON}" for filler in FILLER), *[f"{REASON} {CAUTION}"] * 3)
    expected = [(found.letters, found.text) for found in mine(given)]
    assert expected == sorted(expected, key=lambda pair: (-pair[0], pair[1]))
    for seed in range(5):
        random.Random(seed).shuffle(given)  # noqa: S311 - nothing secret
        assert [(found.letters, found.text) for found in mine(given)] == expected


def test_a_draft_loads_and_shows_nothing_of_a_single_person() -> None:
    values = [
        ("Norco", "01/05/2015"),
        ("Norco", "02/06/2015"),
        ("Percocet", "03/07/2015"),
        ("Ada Fern cream", "11/09/2015"),
    ]
    given = letters(
        *(
            f'{filler} The guide says: "{drug} may be continued only where lasting gains of function since {day} '
            'are shown by measured tests."'
            for filler, (drug, day) in zip(FILLER, values, strict=True)
        )
    )
    content = as_snippet(only(mine(given)), reviewer="Medical director", start=date(2026, 1, 1))
    problems = Problems("rationale_snippets")
    snippet = read_snippet("drug-continued", 1, content, problems)
    assert problems.found == []
    assert snippet is not None
    assert snippet.about.status == "draft"
    assert snippet.about.approved_on is None
    assert snippet.about.argues_for == "upheld"
    assert snippet.about.citations.model_dump(mode="json", exclude_defaults=True) == PAIN
    assert [(each.name, each.kind) for each in snippet.about.variables] == [("drug", "words"), ("date", "date")]
    assert "Norco" in content
    for hidden in ("Percocet", "Fern", "2015", "letter-", "CM16"):
        assert hidden not in content
    assert snippet.words({"drug": "Percocet", "date": "2015-03-07"}).startswith('The guide says: "Percocet may be')


@pytest.mark.corpus
def test_real_letters_have_passages_and_none_tells_of_a_person() -> None:
    given = [(path.name, real_reading(path).decision) for path in real_letters()]
    found = mine(given, least=2)
    assert len(found) >= 15
    assert found[0].letters >= 7
    assert sum(passage.letters >= 3 for passage in found) >= 5
    caution = [passage for passage in found if "abruptly" in passage.text]
    assert caution
    assert caution[0].unit == "sentences"
    assert caution[0].letters >= 4
    assert caution[0].argues_for == "upheld"
    for passage in found:
        assert personal(passage.text) is None
        problems = Problems("rationale_snippets")
        content = as_snippet(passage, reviewer="Medical director", start=date(2026, 1, 1))
        assert read_snippet("found", 1, content, problems) is not None, problems.found
