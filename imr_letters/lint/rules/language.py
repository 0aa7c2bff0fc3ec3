"""Can the worker read it? Always advice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from imr_letters.engine.text import PARAGRAPH, differ_in_one
from imr_letters.imr.treatments import drug_names
from imr_letters.lint.mtus import table
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_PLAIN = "Labor Code 4610.6(d): in layperson's terms to the maximum extent practicable; 8 CCR 9792.10.6(b)(1)"
_CLARITY = "practice: a slip of the pen"

#: Words of a sentence, syllables of a word as a reading grade counts them.
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_SYLLABLE = re.compile(r"[aeiouy]+", re.IGNORECASE)
_ABBREVIATION = re.compile(r"(?<![\w/-])[A-Z]{2,6}s?(?![\w/-])")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?:[\s,]+[A-Z]{2,}){4,}\b")
_DOUBLED = re.compile(r"\b([A-Za-z]{2,})\s+\1\b", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"[a-z]{3}[.;][A-Z][a-z]+|[a-z]{3},[a-z]{3}")
#: Words that no sentence ends with.
_UNFINISHED = re.compile(
    r"(?:an?|the|of|to|with|for|from|by|and|or|but|because|which|his|her|their|this|these|is|are|was|were|has|have|had|at|"
    r"into|than|as|if)[,;]?"
)
_LONGEST_SENTENCE = 60
#: Each is looked up in the whole letter, which takes a while where there are very many.
_MOST_ABBREVIATIONS = 200
_HIGHEST_GRADE = 18.0


def grade(sentences: tuple[str, ...]) -> float:
    """Return the Flesch-Kincaid grade of sentences: the years of school it takes to read them."""
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


@lru_cache(maxsize=20_000)
def _syllables(word: str) -> int:
    count = len(_SYLLABLE.findall(word))
    if word.lower().endswith("e") and not word.lower().endswith("le"):
        count -= 1
    return max(1, count)


@rule(
    "reading-grade",
    "advice",
    "language",
    source=_PLAIN,
    remedy="shorter sentences, and plain words beside the medical ones",
)
def reading_grade(subject: Subject) -> Iterator[Hit]:
    """A text of at least 100 words does not ask for more than 18 years of school (Flesch-Kincaid grade).

    The grade counts words and syllables only. Medical words alone bring a good letter to 12 to 15.
    """
    for field, text in subject.prose():
        found = grade(subject.sentences(field))
        if found > _HIGHEST_GRADE and len(text.split()) >= 100:
            yield Hit(field, f"reading grade {found:.0f}: most readers will not follow")


@rule("sentence-long", "advice", "language", source=_PLAIN, remedy="make two sentences of it")
def sentence_long(subject: Subject) -> Iterator[Hit]:
    """No sentence has more than 60 words."""
    for field, _ in subject.prose():
        for sentence in subject.sentences(field):
            count = len(sentence.split())
            if count > _LONGEST_SENTENCE:
                yield Hit(field, f"a sentence of {count} words", " ".join(sentence.split(" ")[:8]))


@rule(
    "abbreviation",
    "advice",
    "language",
    source=_PLAIN,
    remedy="write it out where it first stands, with the abbreviation in brackets",
)
def abbreviation(subject: Subject) -> Iterator[Hit]:
    """An abbreviation is explained once in the letter.

    Those that most readers know, such as MRI, and those of the form are passed over.
    """
    known = set(table()["abbreviations"]["known"].split())
    whole = "\n".join(subject.texts.values())
    told = 0
    for field, text in subject.prose():
        for found in _ABBREVIATION.finditer(text):
            word = found.group().removesuffix("s")
            if word in known or word.isdigit() or _CAPITALS.search(text[max(0, found.start() - 30) : found.end() + 30]):
                continue
            known.add(word)
            told += 1
            if told > _MOST_ABBREVIATIONS:
                return
            explained = re.search(rf"\({word}s?\b|\b{word}s? \([a-z]|\b{word}s? (?:means|stands for)", whole)
            if not explained:
                yield Hit(field, f"{word} is never explained", found.group(), found.start())


@rule("all-capitals", "advice", "language", source=_PLAIN, remedy="write it in small letters")
def all_capitals(subject: Subject) -> Iterator[Hit]:
    """No run of five or more words is in capitals."""
    for field, text in subject.prose():
        for found in _CAPITALS.finditer(text):
            yield Hit(field, "words in capitals are hard to read", found.group(), found.start())


@rule("bracket-open", "advice", "language", source=_CLARITY, remedy="close the bracket, or take it out")
def bracket_open(subject: Subject) -> Iterator[Hit]:
    """Every bracket that is opened in a paragraph is closed in it."""
    for field, start, paragraph in _paragraphs(subject):
        opened: list[int] = []
        for found in re.finditer("[()]", paragraph):
            if found.group() == "(":
                opened.append(found.start())
            elif opened:
                opened.pop()
        if opened:
            yield Hit(field, "a bracket is opened and never closed", paragraph[opened[-1] :][:40], start + opened[-1])


@rule("sentence-unfinished", "advice", "language", source=_CLARITY, remedy="finish the sentence")
def sentence_unfinished(subject: Subject) -> Iterator[Hit]:
    """No paragraph ends with a word that a sentence cannot end with, such as "of" or "the"."""
    for field, start, paragraph in _paragraphs(subject):
        last = paragraph.rpartition(" ")[2]
        if _UNFINISHED.fullmatch(last):
            yield Hit(field, "the sentence is not finished", last, start + len(paragraph) - len(last))


def _paragraphs(subject: Subject) -> Iterator[tuple[str, int, str]]:
    """Yield each paragraph of prose with its field and its offset there."""
    for field, text in subject.prose():
        start = 0
        for paragraph in text.split(PARAGRAPH):
            yield field, start, paragraph
            start += len(paragraph) + len(PARAGRAPH)


@rule("word-doubled", "advice", "language", source=_CLARITY, remedy="take one out")
def word_doubled(subject: Subject) -> Iterator[Hit]:
    """No word stands twice in a row."""
    for field, text in subject.prose():
        for found in _DOUBLED.finditer(text):
            if found[1].lower() not in ("had", "that"):
                yield Hit(field, f'"{found[1]}" stands twice', found.group(), found.start())


@rule("run-together", "advice", "language", source=_CLARITY, remedy="add the space")
def run_together(subject: Subject) -> Iterator[Hit]:
    """There is a space after a full stop, a semicolon and a comma."""
    for field, text in subject.prose():
        for found in _RUN_TOGETHER.finditer(text):
            yield Hit(field, "a space is missing", found.group(), found.start())


@cache
def _drugs_by_start() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(drug_names()):
        if len(name) >= 7 and name.isalpha():
            found.setdefault(name[:2], []).append(name)
    return found


@lru_cache(maxsize=20_000)
def _misspelled(word: str) -> str | None:
    """Return the drug that a word differs from in one letter; None for a drug, and for other words."""
    names = _drugs_by_start().get(word[:2], [])
    if word in names or word in table()["spelling"]["not_drugs"].split():
        return None
    near = next((name for name in names if differ_in_one(word, name, swaps=True)), None)
    return near if near is not None and near + "s" != word else None


@rule("drug-spelling", "advice", "language", source=_CLARITY, remedy="correct the name of the drug")
def drug_spelling(subject: Subject) -> Iterator[Hit]:
    """Names of drugs are spelt right.

    Told are words of seven letters and more that differ by one letter from a name that is known.
    """
    fields = [
        (field, subject.texts[field]) for field in subject.texts if field.endswith(("request", "rationale", "summary"))
    ]
    for field, text in fields:
        for found in re.finditer(r"[A-Za-z]{7,}", text):
            near = _misspelled(found.group().lower())
            if near is not None:
                yield Hit(field, f'"{found.group()}" looks like {near}', found.group(), found.start())
