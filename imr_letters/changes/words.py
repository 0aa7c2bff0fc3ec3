"""Differences of words: which blocks of two letters belong together, and which words of a block differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal, TypeVar

from imr_letters.changes.trace import Piece, PrintedBlock

#: What became of words.
Op = Literal["same", "del", "ins"]
#: Words in a row that share what became of them.
Segment = tuple[Op, str]
#: A change of words: which words of the old block (from, to) became which of the new one.
Span = tuple[int, int, int, int]

_T = TypeVar("_T")

_TAG = re.compile(r"</?[a-z][^>]*>")

#: Blocks that share less than this part of their words are not the same block, reworded.
_ALIKE = 0.35
#: Words that are kept around a change where a difference is shown shortened.
CONTEXT = 8


@lru_cache(maxsize=8192)
def spans(before: str, after: str) -> tuple[Span, ...]:
    """Return the places where words differ."""
    matcher = SequenceMatcher(None, before.split(" "), after.split(" "), autojunk=False)
    return tuple((i, j, k, m) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """Return a block with what was taken out of it and what was put in; words that stand for nothing are left out."""
    if not before or not after:
        return (("ins", after),) if after else (("del", before),) if before else ()
    old, new = before.split(" "), after.split(" ")
    found: list[Segment] = []
    at = 0
    for i, j, k, m in spans(before, after):
        pieces: list[tuple[Op, list[str]]] = [("same", old[at:i]), ("del", old[i:j]), ("ins", new[k:m])]
        found += [(op, " ".join(words)) for op, words in pieces if words]
        at = j
    if old[at:]:
        found.append(("same", " ".join(old[at:])))
    return tuple(found)


def of_line(before: str, after: str) -> tuple[Segment, ...]:
    """Return what was edited in a line of a template; a tag counts as a word of its own."""
    old, new = (_TAG.sub(r" \g<0> ", line).strip() for line in (before, after))
    return segments(*(re.sub(r"\s+", " ", line) for line in (old, new)))


def shortened(found: Sequence[Segment], context: int = CONTEXT) -> tuple[Segment, ...]:
    """Return a difference with long runs of equal words cut down to those beside a change."""
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


def pieces_of_words(block: PrintedBlock) -> list[tuple[Piece, ...]]:
    """Return for each word of a block the pieces that printed it."""
    found: list[list[Piece]] = [[]]
    for piece in block.pieces:
        for index, word in enumerate(piece.text.split(" ")):
            if index:
                found.append([])
            if word:
                found[-1].append(piece)
    return [tuple(each) for each in found]


def paired(
    old: Sequence[PrintedBlock], new: Sequence[PrintedBlock], same_place: Callable[[PrintedBlock, PrintedBlock], bool]
) -> list[tuple[PrintedBlock | None, PrintedBlock | None]]:
    """Return which block of a letter became which of the other one, in order; blocks that are equal are left out.

    Blocks belong together that the same place of the template printed, and then those that share most words.
    """
    matcher = SequenceMatcher(None, [block.text for block in old], [block.text for block in new], autojunk=False)
    found: list[tuple[PrintedBlock | None, PrintedBlock | None]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            left, right = old[i:j], new[k:m]
            pairs = aligned(left, right, lambda one, other: likeness(one.text, other.text) + same_place(one, other))
            found += [(None if a is None else left[a], None if b is None else right[b]) for a, b in pairs]
    return found


def aligned(
    old: Sequence[_T], new: Sequence[_T], score: Callable[[_T, _T], float]
) -> list[tuple[int | None, int | None]]:
    """Pair entries of two lists in order so that they score as much as they can; None stands for no partner."""
    if len(old) * len(new) > 40_000:  # nothing like a letter: told one after the other
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
