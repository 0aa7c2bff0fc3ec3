"""What programs leave behind, and gaps that nobody filled in; and names as they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters.english.names import skeleton
from imr_letters.english.residue import residue
from tests.conftest import real_letters, real_reading

#: Words that are no value at all.
PROGRAMS = [
    "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NUM!", "nan", "NaN", "None", "NULL", "null", "N/A", "undefined",
    "--",
    "[object Object]", "undefined null", "Error! Reference source not found.", "Error! Bookmark not defined.",
    "Click or tap here to enter text.", "Click here to enter a date.", "Choose an item.", "_x000D_", "a_x000D_b",
    "it&#39;s",
    "Knee&nbsp;brace", "one<br>two", "<p>one", "<b>one", r"caf\u00e9", "{ MERGEFIELD Name }", "Invalid Date", "(null)",
    "workerâ€™s", "cafÃ©", "70Â°", "10Â mg", "rangeâ€“of", "‚Äôs knee", "a â€ b",
]  # fmt: skip
GAPS = [
    "«First_Name»",
    "{{ worker.name }}", "<<Name>>", "[ADDRESS LINE 1]", "[insert date]", "[First Name]", "TBD", "XXX", "____",
    "Address unknown", "${name}", "%NAME%", "to be determined",
]  # fmt: skip
#: Words of people.
ENGLISH = [
    "The null hypothesis",
    "The cause remains undefined.", "None of the criteria is met.", "Nan Example Clinic", "at 70° of flexion",
    "naïve café, 5 µg",
    "x < 5 and y > 3", "R&D", "Johnson & Johnson", "6 out of 10 [sic]", "10-12 visits", "Norco 10/325mg #60",
    "“Études” of the knee",
    "pain – é", "the address of record", "Date of birth", "Dr. N. A. Sample", "L4-L5", "p<0.05", "n/a mg?",
    "[1] and [23]", "≥ 50%–60%", "Ångström", "São",
]  # fmt: skip


@pytest.mark.parametrize("text", PROGRAMS)
def test_what_a_program_left_behind_is_found(text: str) -> None:
    assert [each.source for each in residue(text)] == ["program"]
    if len(text) > 4 and text != "undefined":
        inside = f"The worker has {text} of the left knee."
        assert [inside[each.start :].startswith(each.words) for each in residue(inside, whole=False)] == [True]


@pytest.mark.parametrize("text", GAPS)
def test_a_gap_is_found(text: str) -> None:
    assert [each.source for each in residue(text, whole=False)] == ["gap"]


@pytest.mark.parametrize("text", ENGLISH)
def test_words_of_people_are_left_alone(text: str) -> None:
    assert list(residue(text)) == []


@given(st.text())
def test_places_are_those_of_the_words(text: str) -> None:
    for each in residue(text):
        assert text[each.start : each.start + len(each.words)] == each.words


@pytest.mark.corpus
def test_real_letters_hold_no_residue() -> None:
    for path in real_letters():
        decision = real_reading(path).decision
        texts = [decision.clinical_summary, *(str(item.request) for item in decision.items)]
        assert [each for text in texts for each in residue(text) if each.source == "program"] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O\u2019Connellan", "O'Connellan"), ("Smith-Jones", "Smith\u2011Jones"), ("Đặng", "Dang"), ("Łoś", "LOS"),
        ("Sørensen", "Sorensen"),
        ("Ivanov", "Iv\u0430n\u043ev"), ("De La Cruz", "Delacruz"), ("Muñoz", "MUNOZ"),
    ],
)  # fmt: skip
def test_one_name_in_two_spellings_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_different_names_have_different_skeletons() -> None:
    assert skeleton("Sample Worker One") != skeleton("Sample Worker Two")
