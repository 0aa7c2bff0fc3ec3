"""The fixed phrases that a codec prints around the parts of its values, and words that are nearly one of them.

Words that nearly are a fixed phrase are what a damaged letter looks like. They are reported as drift, and are never
taken for another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from imr_letters.engine.matching.fences import differ_in_one

_TOKEN = re.compile(r"\w+|[^\w\s]")
#: A phrase of at least so many words and marks is recognized although more than one character differs.
_LONG = 5
#: As much of such a phrase must be there, in words that follow each other.
_SHARE = 0.8


class PhraseError(ValueError):
    """Words that are nearly a fixed phrase: where they begin and end in the value, and the phrase itself."""

    def __init__(self, start: int, end: int, phrase: str) -> None:
        super().__init__(f'expected the fixed words "{phrase.strip()}"')
        self.start, self.end, self.phrase = start, end, phrase


def nearly(words: str, phrases: Sequence[str]) -> PhraseError | None:
    """Return the first place where words are nearly, but not exactly, one of the phrases."""
    exact = [(start, start + len(phrase)) for phrase in phrases for start in _places(words, phrase)]
    found = []
    for phrase in phrases:
        for start, end in (*_by_character(words, phrase), *_by_word(words, phrase)):
            if all(end <= first or last <= start for first, last in exact):
                found.append(PhraseError(start, end, phrase))
                break
    return min(found, key=lambda each: each.start, default=None)


def as_meant(words: str, phrases: Sequence[str]) -> str:
    """Return words with each near phrase replaced by the phrase itself."""
    while (error := nearly(words, phrases)) is not None:
        mended = words[: error.start] + error.phrase + words[error.end :]
        words = mended.strip() if error.start == 0 or error.end == len(words) else mended
    return words


def _places(words: str, part: str) -> Iterator[int]:
    at = words.find(part)
    while at >= 0:
        yield at
        at = words.find(part, at + 1)


def _by_character(words: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Yield places that differ from the phrase in one character: one half of it is there unchanged."""
    size = len(phrase)
    middle = size // 2
    starts = {
        *_places(words, phrase[:middle]),
        *(at - middle + shift for at in _places(words, phrase[middle:]) for shift in (-1, 0, 1)),
    }
    for start in sorted(starts):
        for shift in (0, -1, 1):
            end = start + size + shift
            if start >= 0 and differ_in_one(words[start:end], phrase) and words[start:end] != phrase:
                yield start, min(end, len(words))
                break


def _by_word(words: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Yield the place where nearly all words of a long phrase follow each other."""
    form = _TOKEN.findall(phrase)
    if len(form) < _LONG:
        return
    tokens = list(_TOKEN.finditer(words))
    if len(set(form) & {token.group() for token in tokens}) < _SHARE * len(set(form)):
        return
    blocks = SequenceMatcher(None, form, [token.group() for token in tokens], autojunk=False).get_matching_blocks()
    blocks = [block for block in blocks if block.size]
    same = sum(block.size for block in blocks)
    first, last = blocks[0].b, blocks[-1].b + blocks[-1].size
    if same >= _SHARE * len(form) and last - first <= len(form) + 2:
        yield tokens[first].start(), tokens[last - 1].end()
