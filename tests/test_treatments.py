"""The vocabulary of treatments, and that the shipped snippets speak its language."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from imr_letters.engine.text import words
from imr_letters.imr.vocabulary import treatment_categories, treatment_words
from tests.conftest import ROOT

SNIPPETS = sorted((ROOT / "rationale_snippets").glob("*/*.md"))
CATEGORIES = treatment_categories()
DRUG_CLASSES = set(CATEGORIES["Pharmaceuticals"])
SUBCATEGORIES = {name for inner in CATEGORIES.values() for name in inner}


def front(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])


def recognised(request: str) -> set[str]:
    return {
        name
        for name, known in treatment_words().items()
        if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", request.lower()) for word in known)
    }


def test_the_words_belong_to_names_of_the_state() -> None:
    assert len(CATEGORIES) == 12
    assert treatment_words().keys() <= SUBCATEGORIES
    # The State has two names for one class of drugs, and a class "Injection" in addition to the category.
    assert treatment_words().keys() == SUBCATEGORIES - {"Histamine 2"}


def test_no_word_belongs_to_two_treatments() -> None:
    count = Counter(word for known in treatment_words().values() for word in known)
    assert [word for word, times in count.items() if times > 1] == []


@pytest.mark.parametrize("name", sorted(treatment_words()))
def test_words_are_in_lower_case_and_in_normal_form(name: str) -> None:
    known = treatment_words()[name]
    assert known
    for word in known:
        assert word == word.lower() == words(word)


@pytest.mark.parametrize(
    ("request_words", "name"),
    [
        ("Xanax 0.5mg #30", "Benzodiazepines"),
        ("Norco 10/325mg #60", "Opioids"),
        ("Retrospective Soma 350mg #60 (DOS 11/18/16)", "Muscle Relaxant"),
        (
            "Physical therapy for the left knee, 2 times a week for 6 weeks",
            "Physical Therapy/Occupational Therapy (PT/OT)",
        ),
        ("Acupuncture, 6 sessions", "Acupuncture"),
        ("Right L4 transforaminal epidural steroid injection", "Injection"),
        ("EMG/NCV of the bilateral upper extremities", "EMG/NCV/NCS"),
        ("MRI of the lumbar spine without contrast", "Other Diagnostic Tests"),
        ("TENS unit, 30 day rental", "Electrical Stimulation"),
        ("Associated surgical service: Assistant surgeon", "Adjunct Surgical Services"),
        ("Transportation to and from appointments", "Transportation"),
    ],
)
def test_a_request_is_recognised(request_words: str, name: str) -> None:
    assert name in recognised(request_words)
    assert name == "Transportation" or "Transportation" not in recognised(request_words)


def test_the_library_is_there() -> None:
    assert len({path.parent.name for path in SNIPPETS}) >= 28


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_snippet_applies_to_known_treatments(path: Path) -> None:
    applies_to = front(path)["applies_to"]
    named = set(applies_to["treatment_category"])
    classes = set(applies_to.get("drug_class", ()))
    assert named
    assert named <= CATEGORIES.keys() | SUBCATEGORIES - DRUG_CLASSES | {"Injection"}
    assert classes <= DRUG_CLASSES
    assert bool(classes) == ("Pharmaceuticals" in named)
    # What it applies to can be recognised in a request.
    assert classes | named - {"Pharmaceuticals"} <= treatment_words().keys()
