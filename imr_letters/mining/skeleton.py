"""Two sentences aligned with each other: what both say, where they differ, and whether that is only a variable.

A skeleton is one sentence, the representative, with its places that differ in others. Every member of a group is
compared with the representative itself, never with another member, so that likeness does not creep on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import takewhile

from imr_letters.english.wordlists import SIGNS, singular, words

#: A place of the representative: from word to word, the second not included.
Span = tuple[int, int]

#: A differing stretch has at most so many words, a sentence at most so many such stretches.
_LONGEST_STRETCH = 16
#: Fewer where the sentence begins or ends, with no fixed words to hold the other side.
_LONGEST_AT_EDGE = 8
_MOST_STRETCHES = 5
#: A sentence is alike only if so many of its words are fixed; fewer do if only one long stretch differs.
_FIXED_SHARE = 0.6
_FIXED_OF_FORMULA = 7

#: Words that differ without a difference, wherever they stand.
_LITTLE = words("function", "little")
#: Words of which the beginning of a sentence is made that says who is cited.
_SOURCE = _LITTLE | words("source")
#: Words of every letter; a sentence of nothing else says nothing of its own.
_FORMULA = _SOURCE | words("formula")
#: "The MTUS guidelines state that": a beginning with one of these names, up to one of these words, is no part of
#: what is said.
_CITED = re.compile("mtus|acoem|odg|guideline|disability")
_REPORTS = words("reports")
_OPENS = words("opens")
_LONGEST_INTRODUCTION = 14
_PERSON = words("person")
#: They turn a sentence into its opposite: always, and where little else differs.
_OPPOSITE = words("opposite")
_NEGATIVE = words("negative")
_YEAR = re.compile(r"(?:19|20)\d\d")
_EDGE = f"{SIGNS}<>*"


@cache
def key(word: str) -> str:
    """Return what of a word counts in a comparison: no capitals, no signs at its ends, no plural."""
    bare = word.strip(_EDGE).casefold().replace("-", "").replace("'", "").replace("\u2019", "")
    return singular(bare) or word


def is_telling(word: str) -> bool:
    """Return whether a word says what a sentence is about."""
    return len(word) > 2 and word not in _FORMULA


def polarity(keys: Iterable[str]) -> frozenset[str]:
    """Return the words that turn a sentence into its opposite."""
    return _OPPOSITE.intersection(keys)


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a member is aligned with the representative."""

    #: The places of the representative that vary.
    varying: tuple[Span, ...]
    #: Every difference, that of mere wording too: its span there, its span in the member.
    differences: tuple[tuple[Span, Span], ...]

    def beside(self, span: Span) -> Span:
        """Return the words of the member that are aligned with a place of the representative."""
        return self._across(span[0], at_end=False), self._across(span[1], at_end=True)

    def _across(self, place: int, *, at_end: bool) -> int:
        shift = 0
        for (start, end), (there, after) in self.differences:
            if place < start or (at_end and place == start):
                break
            if place < end:
                return after if at_end else there
            shift = after - end
        return place + shift


def align(one: Sequence[str], other: Sequence[str]) -> Alignment | None:
    """Return how two sentences of comparison keys are aligned, or None where they do not say the same."""
    differences = _differences(one, other)
    varying: list[Span] = []
    for here, there in differences:
        left, right = one[slice(*here)], other[slice(*there)]
        if polarity(left) != polarity(right):
            return None
        if max(len(left), len(right)) <= 3 and _NEGATIVE.intersection(left) != _NEGATIVE.intersection(right):
            return None
        if _same(left, right, at_start=here[0] == 0, size=len(one)):
            continue
        if not left or not right or len(right) > _longest(here, one):
            return None
        varying.append(here)
    spans = union(varying, one)
    return Alignment(tuple(spans), tuple(differences)) if holds(spans, one) else None


def holds(spans: Sequence[Span], keys: Sequence[str]) -> bool:
    """Return whether enough of a sentence stays fixed when these places vary."""
    loose = sum(end - start for start, end in spans)
    fixed = len(keys) - loose
    if len(spans) > min(_MOST_STRETCHES, 1 + len(keys) // 8):
        return False
    if any(end - start > _longest((start, end), keys) for start, end in spans):
        return False
    formula = len(spans) == 1 and fixed >= _FIXED_OF_FORMULA and spans[0][0] > 0 and spans[0][1] < len(keys)
    return fixed >= 5 and (formula or fixed >= _FIXED_SHARE * len(keys))


def _longest(span: Span, keys: Sequence[str]) -> int:
    return _LONGEST_AT_EDGE if span[0] == 0 or span[1] == len(keys) else _LONGEST_STRETCH


def union(spans: Iterable[Span], keys: Sequence[str]) -> list[Span]:
    """Return the places where any of several members differs, as few as the words between them allow."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and (start < found[-1][1] or not _parts(keys[found[-1][1] : start])):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


@lru_cache(maxsize=100_000)
def introduction(keys: tuple[str, ...]) -> int:
    """Return how many of the first words of a sentence only say who is cited."""
    named = [place for place, word in enumerate(keys) if _CITED.search(word)]
    if not named:
        return 0
    told = [place for place, word in enumerate(keys) if word in _REPORTS and place > named[0]]
    if told:
        end = told[0] + 1
    elif _OPENS.intersection(keys[: named[0]]):
        end = named[-1] + 1
    else:
        return 0
    return end + (keys[end : end + 1] == ("that",))


def _differences(one: Sequence[str], other: Sequence[str]) -> list[tuple[Span, Span]]:
    here, there = introduction(tuple(one[:_LONGEST_INTRODUCTION])), introduction(tuple(other[:_LONGEST_INTRODUCTION]))
    if one[:here] == other[:there]:
        return _within(one, other, 0, 0)
    return [((0, here), (0, there)), *_within(one, other, here, there)]


def _within(one: Sequence[str], other: Sequence[str], here: int, there: int) -> list[tuple[Span, Span]]:
    """Return the differences from two places on."""
    end, stop = len(one), len(other)
    while here < end and there < stop and one[here] == other[there]:
        here, there = here + 1, there + 1
    while here < end and there < stop and one[end - 1] == other[stop - 1]:
        end, stop = end - 1, stop - 1
    if here == end or there == stop:
        return [((here, end), (there, stop))] if (here, there) != (end, stop) else []
    codes = SequenceMatcher(None, one[here:end], other[there:stop], autojunk=False).get_opcodes()
    return [((a + here, b + here), (c + there, d + there)) for tag, a, b, c, d in codes if tag != "equal"]


def _same(left: Sequence[str], right: Sequence[str], *, at_start: bool, size: int) -> bool:
    """Return whether two stretches differ in wording only, so that the representative's words stand for both."""
    if _years(left) and _years(right):
        return False
    if _little(left) and _little(right):
        return True
    if left and right and _PERSON.issuperset(left) and _PERSON.issuperset(right):
        return True
    if len(left) == len(right) and all(map(_one_word, left, right)):
        return True
    if left and "".join(left) == "".join(right):  # "electro diagnostic"
        return True
    # "The MTUS states that", "Therefore": who is cited at the beginning does not change what is said.
    if at_start and _introduces(left) and _introduces(right):
        return True
    # A word more in the member is not printed, so it does no harm; a word more in the representative might be.
    return not left and len(right) <= max(1, size // 12)


def _years(words: Sequence[str]) -> bool:
    return any(_YEAR.fullmatch(word) for word in words)


def _one_word(one: str, other: str) -> bool:
    """Return whether two words are forms of one, or one of them misspelt: "exam" and "examination"."""
    short, long = sorted((one, other), key=len)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    if long == short + "s" or (long.isalpha() and alike == len(short) >= 4):
        return True
    return long.isalpha() and len(short) >= 8 and alike >= 0.75 * len(long)


def _little(words: Sequence[str]) -> bool:
    return len(words) <= 3 and all(word in _LITTLE or _YEAR.fullmatch(word) for word in words)


def _introduces(words: Sequence[str]) -> bool:
    if words and introduction(tuple(words)) == len(words):
        return True
    known = sum(word in _SOURCE or bool(_YEAR.fullmatch(word)) for word in words)
    return len(words) <= 14 and known >= 0.75 * len(words)


def _parts(between: Sequence[str]) -> bool:
    """Return whether fixed words can separate two variables: one of at least three letters among two or more words."""
    return len(between) >= 2 and any(len(word) >= 3 and word.isalpha() for word in between)
