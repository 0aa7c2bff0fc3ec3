"""Machines that read paragraphs as letters are read: with the fences that keep the words of the form out of values.

`overlap` takes a free value to hold any words. Here each reader also watches for fences, also those that differ from
the fixed words in one character, so that what is called apart, or divided in one way only, is so for every paragraph
that a letter may hold, and what is found is read by the patterns themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from imr_letters.engine.checks.overlap import Machine, Sign, machine_of
from imr_letters.engine.grammar.nodes import Lit, Val
from imr_letters.engine.matching.fences import Fences, edits
from imr_letters.engine.matching.pattern import Pattern

#: A search that takes more steps than this is given up, and says so.
MOST_STEPS = 60_000
#: So many paragraphs are looked at before a search ends without a true one.
MOST_CANDIDATES = 40

#: Places in fences that the words so far lead to: fence, place in it, characters that differ.
_Places = frozenset[tuple[int, int, int]]
_NOWHERE: _Places = frozenset()


class GivenUpError(Exception):
    """A search took too long."""


class Guard:
    """Watches words, character by character, for fences that begin at their start, or anywhere in them.

    Anywhere, a space at the end of a fence that is met exactly may be the one next to the words.
    """

    def __init__(self, fences: Sequence[tuple[str, int]], *, anywhere: bool = False) -> None:
        self._fences = fences
        self._anywhere = anywhere
        self._steps: dict[tuple[_Places, str], _Places | None] = {}
        self._again: _Places = self._closed({(number, 0, 0) for number in range(len(fences))})
        #: Where the words begin.
        self.start = self._again | {
            (number, 1, 0) for number, (text, most) in enumerate(fences) if anywhere and not most and text[0] == " "
        }

    def _closed(self, places: set[tuple[int, int, int]]) -> _Places:
        """Add the places that are reached by leaving characters of the fence out."""
        more = list(places)
        for fence, at, wrong in more:
            text, most = self._fences[fence]
            if wrong < most and at < len(text):
                more.append((fence, at + 1, wrong + 1))
        return frozenset(more)

    def step(self, places: _Places, char: str) -> _Places | None:
        """Return the places after one more character; None where a fence is met."""
        if not places:
            return places
        known = self._steps.get((places, char), _NOWHERE)
        if known is not _NOWHERE:
            return known
        found: set[tuple[int, int, int]] = set()
        for fence, at, wrong in places:
            text, most = self._fences[fence]
            if at < len(text) and text[at] == char:
                found.add((fence, at + 1, wrong))
            if wrong < most:
                found.add((fence, at, wrong + 1))
                if at < len(text):
                    found.add((fence, at + 1, wrong + 1))
        reached = self._closed(found)
        met = self.met(reached)
        if self._anywhere and not met:
            reached |= self._again
        result = self._steps[places, char] = None if met else reached
        return result

    def met(self, places: _Places) -> bool:
        """Return whether a fence ends at one of the places."""
        return any(at == len(self._fences[fence][0]) for fence, at, _ in places)

    def met_at_end(self, places: _Places) -> bool:
        """Return whether a fence is met where the words end."""
        return self.met(places) or any(
            not most and at == len(text) - 1 and text[-1] == " "
            for text, most, at in ((*self._fences[fence], at) for fence, at, _ in places)
        )


class _Whole(Guard):
    """Watches for fences that are all of the words: met only where the words end."""

    def step(self, places: _Places, char: str) -> _Places | None:
        found: set[tuple[int, int, int]] = set()
        for fence, at, wrong in places:
            text, most = self._fences[fence]
            if at < len(text) and text[at] == char:
                found.add((fence, at + 1, wrong))
            if wrong < most:
                found.add((fence, at, wrong + 1))
                if at < len(text):
                    found.add((fence, at + 1, wrong + 1))
        return self._closed(found)


class Position(NamedTuple):
    """Where a reader is in a paragraph: in its machine, in the value it reads, and with the guards of all of it."""

    state: int
    inside: _Places
    first: _Places
    block: _Places
    whole: _Places
    shapes: tuple[frozenset[int], ...]


@dataclass(eq=False)
class Reader:
    """Reads the paragraphs of one way of printing a block (`pattern`), or one more paragraph of prose."""

    pattern: Pattern | None
    fences: Fences
    #: Leave out the fixed words at the start and at the end.
    trimmed: bool = False
    #: The positions that were reached; they are known by their numbers, so that no step is made twice.
    _positions: list[Position] = field(default_factory=list)
    _numbers: dict[Position, int] = field(default_factory=dict)
    _steps: dict[tuple[int, str, int], int | None] = field(default_factory=dict)
    _moves: dict[int, list[tuple[Sign, int]]] = field(default_factory=dict)

    @cached_property
    def elements(self) -> Sequence[Lit | Val]:
        """The fixed words and values of the pattern, in turn."""
        elements = self.pattern.elements if self.pattern is not None else ()
        if self.trimmed:
            ends = [number for number, each in enumerate(elements) if isinstance(each, Val)]
            return elements[ends[0] : ends[-1] + 1]
        return elements

    @cached_property
    def _made(self) -> Machine:
        if self.pattern is not None:
            return machine_of(self.elements)
        made = Machine()
        made.finish(made.add_free(0))
        return made

    @cached_property
    def _inside(self) -> Guard:
        fences = self.pattern.inside.inside if self.pattern is not None else ()
        return Guard([(fence, edits(fence)) for fence in fences], anywhere=True)

    @cached_property
    def _first(self) -> Guard:
        fences = self.pattern.start.start if self.pattern is not None else ()
        return Guard([(fence, edits(fence)) for fence in fences])

    @cached_property
    def _block(self) -> Guard:
        return Guard([(fence, edits(fence)) for fence in self.fences.start])

    @cached_property
    def _whole(self) -> _Whole:
        return _Whole([(fence, 1) for fence in self.fences.whole])

    @cached_property
    def _shapes(self) -> list[Machine]:
        """The forms that are kept out, where they have no fences of their own."""
        shapes = [each for each in self.fences.shapes if isinstance(each, Pattern)]
        return [machine_of(each.elements) for each in shapes if not each.inside.active and not each.start.active]

    @cached_property
    def _worded(self) -> frozenset[int]:
        """The elements that are values of words, which fences are looked for in."""
        return frozenset(
            at for at, each in enumerate(self.elements) if isinstance(each, Val) and each.codec.reach == "words"
        )

    @cached_property
    def _head(self) -> int:
        """The number of the element that the first value is; its words begin after the fixed words at the start."""
        return 1 if self.pattern is not None and self.pattern.prefix and not self.trimmed else 0

    @cached_property
    def signs(self) -> str:
        """Every character that matters to a guard."""
        pattern = self.pattern
        texts = [*self.fences.start, *self.fences.whole]
        texts += [*pattern.inside.inside, *pattern.start.start] if pattern is not None else []
        for made in self._shapes:
            texts += [sign for edges in made.edges for sign, _ in edges if sign is not None]
        return "".join(dict.fromkeys("".join(texts)))

    @property
    def start(self) -> int:
        """The number of the position where reading begins."""
        shapes = tuple(frozenset(made.reached(0)) for made in self._shapes)
        return self._number(Position(0, _NOWHERE, self._first.start, self._block.start, self._whole.start, shapes))

    def _number(self, position: Position) -> int:
        number = self._numbers.setdefault(position, len(self._positions))
        if number == len(self._positions):
            self._positions.append(position)
        return number

    def moves(self, number: int) -> Sequence[tuple[Sign, int]]:
        """Return what can be read from a position on: signs, and the states they lead to."""
        state = self._positions[number].state
        found = self._moves.get(state)
        if found is None:
            found = self._moves[state] = self._made.moves(state)
        return found

    def step(self, number: int, char: str, target: int) -> int | None:
        """Return the position after a character, or None where a fence is met."""
        key = (number, char, target)
        if key not in self._steps:
            reached = self._reached(self._positions[number], char, target)
            self._steps[key] = None if reached is None else self._number(reached)
        return self._steps[key]

    def _reached(self, place: Position, char: str, target: int) -> Position | None:
        element, before = self._made.of[target], self._made.of[place.state]
        inside: _Places | None = _NOWHERE
        begun = element == before and place.state != 0
        if not begun and before in self._worded and self._inside.met_at_end(place.inside):
            return None
        if element in self._worded:
            inside = self._inside.step(place.inside if begun else self._inside.start, char)
        first = self._first.step(place.first, char) if element >= self._head else place.first
        block = self._block.step(place.block, char)
        if inside is None or first is None or block is None:
            return None
        whole = self._whole.step(place.whole, char)
        shapes = tuple(
            frozenset(
                after
                for state in states
                for sign, then in made.edges[state]
                if (char != " " if sign is None else char in sign)
                for after in made.reached(then)
            )
            for made, states in zip(self._shapes, place.shapes, strict=True)
        )
        assert whole is not None
        return Position(target, inside, first, block, whole, shapes)

    def ends(self, number: int) -> bool:
        """Return whether a paragraph may end at a position."""
        place = self._positions[number]
        return (
            self._made.ends(place.state)
            and not self._inside.met_at_end(place.inside)
            and not self._whole.met(place.whole)
            and not any(len(made.edges) - 1 in states for made, states in zip(self._shapes, place.shapes, strict=True))
        )

    def readings(self, block: str) -> list[tuple[str, ...]]:
        """Return the words of the values for every way in which the paragraph is read."""
        if self.fences.active and self.fences.hit(block):
            return []
        return [(block,)] if self.pattern is None else self.pattern.match(block)

    def whole(self, words: str) -> str:
        """Return the paragraph that words are of: with the fixed words that were left out."""
        ends = [each.text if isinstance(each, Lit) else "" for each in (self.pattern.elements if self.pattern else ())]
        return f"{ends[0]}{words}{ends[-1]}" if self.trimmed else words


def in_common(one: Reader, other: Reader) -> Iterator[str]:
    """Yield paragraphs that both readers read, shortest first: none where there are none. Raises `GivenUpError`."""
    for words in _search(one, other, diverged=True):
        if one.readings(words) and other.readings(words):
            yield words


def divided(reader: Reader) -> Iterator[str]:
    """Yield paragraphs that one reader divides between its values in two ways. Raises `GivenUpError`."""
    yield from map(reader.whole, _search(reader, reader, diverged=False))


def _search(one: Reader, other: Reader, *, diverged: bool) -> Iterator[str]:
    """Yield words that lead both readers to an end, by ways that have diverged."""
    special = frozenset(one.signs + other.signs)
    plain = next(char for char in "xqzjkvwyabcdefghiorstu~^" if char not in special) if special else "x"
    begin = (one.start, other.start, diverged)
    known = {begin}
    waiting = deque([(*begin, "")])
    found = 0
    steps = 0
    while waiting:
        left, right, apart, words = waiting.popleft()
        if apart and one.ends(left) and other.ends(right):
            yield words
            found += 1
            if found >= MOST_CANDIDATES:
                raise GivenUpError
        others = other.moves(right)
        for sign, after in one.moves(left):
            for second, then in others:
                for char in _chars(sign, second, special, plain):
                    steps += 1
                    if steps > MOST_STEPS:
                        raise GivenUpError
                    here = one.step(left, char, after)
                    there = None if here is None else other.step(right, char, then)
                    if here is None or there is None:
                        continue
                    pair = (here, there, apart or after != then)
                    if pair not in known:
                        known.add(pair)
                        waiting.append((*pair, words + char))


def _chars(one: Sign, other: Sign, special: frozenset[str], plain: str) -> Sequence[str]:
    """Return characters that both edges read: one that no guard looks for, or else all of them.

    A character that no guard looks for leads to the fewest places in fences, so no other finds what it does not.
    """
    if one is None and other is None:
        return plain
    signs = (other or "") if one is None else one
    if one is not None and other is not None:
        signs = "".join(char for char in one if char in other)
    else:
        signs = signs.replace(" ", "")
    if len(signs) < 2:
        return signs
    free = [char for char in signs if char not in special]
    # A one makes days that exist.
    return "1" if "1" in free else free[:1] or signs
