"""Whether any two snippets of a library could print the same words, in whole or in part.

A letter shows paragraphs, not blocks. So two snippets are apart when, however the paragraphs of one are aligned with
those of the other, in some pair of paragraphs no words fit both. Then what one prints never overlaps with what
another prints, and own text aside every letter has one reading.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from imr_letters.engine.checks.overlap import Machine, machine, overlap
from imr_letters.engine.grammar.nodes import Alternative, Lit
from imr_letters.engine.grammar.problems import Problems
from imr_letters.snippets.snippet import Snippet


class _Way:
    """One way of printing a paragraph, with the fixed words it begins and ends with."""

    def __init__(self, paragraph: tuple[int, int], way: Alternative) -> None:
        self.paragraph = paragraph
        self.way = way
        first, last = way.elements[0], way.elements[-1]
        self.begin = first.text if isinstance(first, Lit) else ""
        self.end = last.text if isinstance(last, Lit) else ""
        self._machine: Machine | None = None

    @property
    def machine(self) -> Machine:
        if self._machine is None:
            self._machine = machine(self.way)
        return self._machine


class _Clash(NamedTuple):
    """Words that fit two paragraphs, each named by the number of its snippet and its own."""

    one: tuple[int, int]
    other: tuple[int, int]
    words: str


def check_apart(snippets: Sequence[Snippet], problems: Problems) -> None:
    """Note every two snippets that can print the same words, with words that fit both."""
    clashes = {(clash.one, clash.other): clash.words for clash in _clashes(snippets)}
    told = set()
    for (one, at), (other, beside) in clashes:
        if (one, other) in told or (one == other and at == beside):
            continue
        offset = at - beside
        pairs = [
            ((one, index), (other, index - offset))
            for index in range(snippets[one].size)
            if 0 <= index - offset < snippets[other].size
        ]
        if all(_pair(clashes, *pair) is not None for pair in pairs):
            told.add((one, other))
            _note(snippets[one], snippets[other], _pair(clashes, *pairs[0]) or "", problems)


def _pair(
    clashes: dict[tuple[tuple[int, int], tuple[int, int]], str], one: tuple[int, int], other: tuple[int, int]
) -> str | None:
    return clashes.get((one, other), clashes.get((other, one)))


def _note(one: Snippet, other: Snippet, words: str, problems: Problems) -> None:
    place = one.passage.paragraphs[0].origin
    shown = words if len(words) <= 160 else f"{words[:100]} ... {words[-50:]}"
    if one is other:
        message, remedy = "a paragraph can print the same words as another one of it", "say one of them in other words"
    else:
        message = f"can print the same words as {other.name}, so a letter could not tell which was meant"
        remedy = "begin one of the two with other words, or end it with others"
    problems.add("overlap", place, message, f'{remedy}; these words fit both: "{shown}"')


def _clashes(snippets: Sequence[Snippet]) -> Iterator[_Clash]:
    ways = [
        _Way((number, index), way)
        for number, snippet in enumerate(snippets)
        for index, paragraph in enumerate(snippet.passage.paragraphs)
        for way in paragraph.alternatives
    ]
    known: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    for one, other in _candidates(ways):
        left, right = sorted((one, other), key=lambda way: way.paragraph, reverse=True)
        pair = (left.paragraph, right.paragraph)
        if pair in known:
            continue
        words = overlap(left.machine, right.machine)
        if words is not None:
            known.add(pair)
            yield _Clash(*pair, words)


def _candidates(ways: list[_Way]) -> Iterator[tuple[_Way, _Way]]:
    """Yield the pairs whose fixed words at the beginning and at the end could be the same."""
    ways = sorted(ways, key=lambda way: way.begin)
    begins = [way.begin for way in ways]
    for number, way in enumerate(ways):
        # Those whose beginning goes on from this one's stand right behind it.
        last = bisect.bisect_right(begins, way.begin + "\U0010ffff", lo=number)
        for other in ways[number + 1 : last]:
            if other.paragraph != way.paragraph and (other.end.endswith(way.end) or way.end.endswith(other.end)):
                yield way, other
