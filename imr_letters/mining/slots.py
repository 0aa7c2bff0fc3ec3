"""What a differing stretch of words may be a variable for: its kind, its name, and what of it may be shown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from imr_letters.engine.codecs.simple import Number
from imr_letters.english.wordlists import QUOTES, SIGNS, words
from imr_letters.imr.vocabulary import treatment_categories, treatment_words
from imr_letters.mining.sieve import is_date, personal_value

SlotKind = Literal["words", "number", "date", "choice"]

#: The codec that prints a variable of each kind.
CODEC: dict[SlotKind, str] = {"words": "words", "number": "number", "date": "us_date", "choice": "choice"}

_MOST_CHOICES = 6

_QUESTIONS = {
    "age": "How old is the injured worker?",
    "body_part": "Which part of the body?",
    "date": "Which day?",
    "drug": "Which drug, in the words of the request?",
    "quantity": "How many?",
    "request": "What is requested, in the words of the request?",
    "treatment": "Which treatment, in the words of the request?",
}
_BODY = words("body")
_DRUG_ENDS = re.compile(
    r"(?:azepam|azolam|codone|morphone|profen|oxetine|gabapentin|gabalin|prazole|tidine|triptan|caine|triptyline|"
    r"benzaprine|setron|zolam|olol|adol)\b"
)
_UNITS = re.compile(
    r"^[ -]*(visit|session|treatment|week|month|day|year|hour|minute|injection|tablet|capsule|refill|unit)s?\b"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed variable. The values are those of the letters: of people's medical records."""

    name: str
    kind: SlotKind
    #: Values as they stand in the letters, each with the number of letters, most frequent first.
    values: tuple[tuple[str, int], ...]
    #: The values that may go into a file: they tell of no single person.
    shown: tuple[str, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        """What to choose from, of a choice."""
        return self.shown if self.kind == "choice" else ()

    @property
    def question(self) -> str:
        """What to ask the reviewer."""
        name = re.sub(r"_\d+$", "", self.name)
        if name.startswith("number_of_"):
            return f"How many {name.removeprefix('number_of_')}?"
        return _QUESTIONS.get(name, "Which words stand here?")

    @property
    def tag(self) -> str:
        """How a template prints it."""
        return f"{{{{ {self.name} | {CODEC[self.kind]} }}}}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One value, and where it was seen."""

    value: str
    letter: int
    person: int


def propose(seen: Sequence[Seen], before: str, after: str, taken: Iterable[str]) -> Slot:
    """Propose the variable for values seen at one place, between these fixed words. Its name is none of those taken."""
    letters: dict[str, set[int]] = defaultdict(set)
    people: dict[str, set[int]] = defaultdict(set)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for each in seen:
        folded = each.value.casefold()
        letters[folded].add(each.letter)
        people[folded].add(each.person)
        spellings[folded][each.value] += 1
    order = sorted(letters, key=lambda folded: (-len(letters[folded]), folded))
    spelt = {folded: min(spellings[folded], key=lambda value: (-spellings[folded][value], value)) for folded in order}
    kind = _kind([spelt[folded] for folded in order], [len(people[folded]) for folded in order])
    shown = tuple(
        spelt[folded]
        for folded in order
        if kind in ("words", "choice") and len(people[folded]) >= 2 and personal_value(spelt[folded]) is None
    )
    values = tuple((spelt[folded], len(letters[folded])) for folded in order)
    return Slot(_free(_name(kind, order, before, after), set(taken)), kind, values, shown)


def bare(value: str) -> tuple[str, str, str]:
    """Return the signs before a value, the value, and the signs behind it."""
    inside = value.strip(SIGNS)
    if value.count("(") != value.count(")") or not inside:
        start = value.find(inside) if inside else len(value)
        return value[:start], inside, value[start + len(inside) :]
    inside = value.lstrip(QUOTES).rstrip(f"{QUOTES}.,;:!?")
    start = value.find(inside)
    return value[:start], inside, value[start + len(inside) :]


def _kind(values: Sequence[str], people: Sequence[int]) -> SlotKind:
    if sum(map(is_date, values)) >= 0.8 * len(values):
        return "date"
    if all(Number().matches(value) for value in values):
        return "number"
    few = 2 <= len(values) <= _MOST_CHOICES and min(people) >= 2
    if few and not any(map(personal_value, values)):
        return "choice"
    return "words"


def _name(kind: SlotKind, values: Sequence[str], before: str, after: str) -> str:
    if kind == "date":
        return "date"
    unit = _UNITS.search(after)
    if re.match(r"[ -]*(?:years?|yrs?)[ -]old", after):
        return "age"
    if kind == "number":
        return f"number_of_{unit[1]}s" if unit else "quantity"
    if _mostly(values, _is_drug):
        return "drug"
    if _mostly(values, lambda value: _BODY.issuperset(re.findall("[a-z]+", value))):
        return "body_part"
    if re.search(r"\brequest(?:ed)? (?:for )?(?:the |an? )?$", before):
        return "request"
    if _mostly(values, lambda value: not _treatments().isdisjoint(_pieces(value))):
        return "treatment"
    return "words_1"


def _mostly(values: Sequence[str], test: object) -> bool:
    assert callable(test)
    return 2 * sum(bool(test(value)) for value in values) > len(values)


def _is_drug(value: str) -> bool:
    return _DRUG_ENDS.search(value) is not None or not _drugs().isdisjoint(_pieces(value))


def _pieces(value: str) -> set[str]:
    """Return the words of a value, and each two and three of them in a row."""
    words = re.findall(r"[a-z0-9/-]+", value)
    return {" ".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)}


@cache
def _drugs() -> frozenset[str]:
    classes = set(treatment_categories()["Pharmaceuticals"]) - {"Injection"}
    return frozenset(word for name, words in treatment_words().items() if name in classes for word in words)


@cache
def _treatments() -> frozenset[str]:
    return frozenset(word for words in treatment_words().values() for word in words)


def _free(name: str, taken: set[str]) -> str:
    stem = re.sub(r"_1$", "", name)
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name
