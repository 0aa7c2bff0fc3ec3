"""What differs between two texts, word by word: which parts belong together, and which words went and came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher, unified_diff
from functools import lru_cache
from itertools import islice
from typing import Literal, TypeVar

#: What became of words.
Op = Literal["same", "del", "ins"]
#: Words in a row that share what became of them.
Segment = tuple[Op, str]
#: A change of words: which words of the old text (from, to) became which of the new one.
Difference = tuple[int, int, int, int]

_T = TypeVar("_T")

_MARKS = {"same": ("", ""), "del": ("[-", "-]"), "ins": ("{+", "+}")}

#: Texts that share less than this part of their words are not the same text, reworded.
_ALIKE = 0.35
#: Words that are kept around a change where a difference is shown shortened, and in a whole letter.
CONTEXT, _AROUND = 8, 6
#: Passages of a letter that are shown.
_MOST = 12


@lru_cache(maxsize=8192)
def spans(before: str, after: str) -> tuple[Difference, ...]:
    """Return the places where words differ."""
    return _spans(before.split(" "), after.split(" "))


def _spans(old: Sequence[str], new: Sequence[str]) -> tuple[Difference, ...]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple((i, j, k, m) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """Return a text with what was taken out of it and what was put in; empty segments are left out."""
    if not before or not after:
        return (("ins", after),) if after else (("del", before),) if before else ()
    old, new = before.split(" "), after.split(" ")
    return tuple(_segments(old, new, spans(before, after), 0, len(old)))


def _segments(
    old: Sequence[str], new: Sequence[str], changes: Sequence[Difference], at: int, end: int
) -> Iterator[Segment]:
    """Yield the old words from `at` to `end`, with what went and what came."""
    for i, j, k, m in changes:
        pieces: list[tuple[Op, Sequence[str]]] = [("same", old[at:i]), ("del", old[i:j]), ("ins", new[k:m])]
        yield from ((op, " ".join(words)) for op, words in pieces if words)
        at = j
    if old[at:end]:
        yield "same", " ".join(old[at:end])


def shortened(found: Sequence[Segment], context: int = CONTEXT) -> tuple[Segment, ...]:
    """Return a difference with long runs of equal words cut down to those next to a change."""
    short: list[Segment] = []
    for index, (op, text) in enumerate(found):
        words = text.split(" ")
        first, last = index == 0, index == len(found) - 1
        room = context * (1 if first or last else 2)
        if op != "same" or len(words) <= room + 1:
            short.append((op, text))
            continue
        left = [] if first else words[:context]
        right = [] if last else words[-context:]
        short.append((op, " ".join([*left, "...", *right])))
    return tuple(short)


def marked(found: Sequence[Segment]) -> str:
    """Return words as git marks them: `the [-old-] {+new+} words`."""
    return " ".join(f"{_MARKS[op][0]}{text}{_MARKS[op][1]}" for op, text in found)


def word_diff(before: str, after: str) -> str:
    """Return the words that differ, each passage with some words around it and its line; where a line ends is ignored.

    Where all words are the same, return the lines that differ; an empty string for two texts that are the same.
    """
    old, new = before.split(), after.split()
    changes = _spans(old, new)
    if not changes:
        lines = "\n".join(islice(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1), 2, 30))
        return f"the words are the same, white space or line ends differ:\n{lines}" if before != after else ""
    numbers = [number for number, line in enumerate(after.splitlines(), start=1) for _ in line.split()] or [1]
    passages = list(_passages(changes))
    shown = []
    for passage in passages[:_MOST]:
        begin, end = max(0, passage[0][0] - _AROUND), min(len(old), passage[-1][1] + _AROUND)
        words = marked(list(_segments(old, new, passage, begin, end)))
        line = numbers[min(passage[0][2], len(numbers) - 1)]
        shown.append(f"line {line}: {'... ' if begin else ''}{words}{' ...' if end < len(old) else ''}")
    more = len(passages) - _MOST
    return "\n".join([*shown, f"and {more} more"] if more > 0 else shown)


def _passages(changes: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Yield changes that are near each other together."""
    passage = [changes[0]]
    for change in changes[1:]:
        if change[0] - passage[-1][1] > 2 * _AROUND:
            yield passage
            passage = []
        passage.append(change)
    yield passage


def aligned(
    old: Sequence[_T], new: Sequence[_T], score: Callable[[_T, _T], float]
) -> list[tuple[int | None, int | None]]:
    """Pair entries of two lists in order for the highest total score; None means no partner."""
    if len(old) * len(new) > 40_000:  # nothing like a letter: one list after the other
        return [*((index, None) for index in range(len(old))), *((None, index) for index in range(len(new)))]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[score(one, other) for other in new] for one in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _ALIKE else -1.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if alike[i][j] >= _ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    found += [(index, None) for index in range(i, len(old))]
    found += [(None, index) for index in range(j, len(new))]
    return found


@lru_cache(maxsize=8192)
def likeness(one: str, other: str) -> float:
    """Return how much two texts share, from 0 to 1."""
    left, right = one.split(), other.split()
    if not left or not right:
        return 0.0
    if left == right:
        return 1.0
    shared = len(set(left) & set(right))
    if shared * 4 < min(len(set(left)), len(set(right))):
        return 0.0
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
