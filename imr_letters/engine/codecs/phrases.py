"""The fixed phrases that a codec prints around the parts of its values, and words that are nearly one of them.

Words that nearly are a fixed phrase are what a damaged letter looks like. They are reported as drift, and are never
taken for another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from imr_letters.engine.text import differ_in_one

_TOKEN = re.compile(r"\w+|[^\w\s]")
#: A phrase of at least so many words is recognized although more than one character differs.
_LONG = 5
#: As much of such a phrase must be there, in words that follow each other.
_SHARE = 0.8


class PhraseError(ValueError):
    """Words that are nearly a fixed phrase: where they begin and end in the value, and the phrase itself."""

    def __init__(self, start: int, end: int, phrase: str) -> None:
        super().__init__(f'expected the fixed words "{phrase}"')
        self.start, self.end, self.phrase = start, end, phrase


def nearly(words: str, phrases: Sequence[str]) -> PhraseError | None:
    """Return the first place where words are nearly, but not exactly, one of the phrases."""
    bare = [phrase.strip() for phrase in phrases]
    exact = [(start, start + len(phrase)) for phrase in bare for start in _places(words, phrase)]
    found = []
    for phrase, core in zip(phrases, bare, strict=True):
        near = [
            place
            for place in (*_by_character(words, core), *_by_word(words, core))
            if all(place[1] <= first or last <= place[0] for first, last in exact)
        ]
        near += _run_on(words, phrase, core)
        found += [PhraseError(start, end, core) for start, end in near[:1]]
    return min(found, key=lambda each: each.start, default=None)


def as_meant(words: str, phrases: Sequence[str]) -> str:
    """Return words with each near phrase replaced by the phrase itself."""
    for _ in phrases:
        error = nearly(words, phrases)
        if error is None:
            break
        words = " ".join(f"{words[: error.start]} {error.phrase} {words[error.end :]}".split()).replace(" ,", ",")
    return words


def _places(words: str, part: str) -> Iterator[int]:
    at = words.find(part)
    while at >= 0:
        yield at
        at = words.find(part, at + 1)


def _run_on(words: str, phrase: str, core: str) -> Iterator[tuple[int, int]]:
    """Yield places of the phrase where a word runs into it that a space should keep apart."""
    for start in _places(words, core):
        end = start + len(core)
        before = phrase[:1] == " " and words[max(0, start - 1) : start].isalnum()
        if before or (phrase[-1:] == " " and words[end : end + 1].isalnum()):
            yield start, end


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
    if sum(token.isalnum() for token in form) < _LONG:
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
