"""Whether two ways of printing a paragraph can print the same words: exactly, with an example.

Each way is a small machine that reads its words character by character; both are walked together. A value of free
words is taken to hold any words at all, also those a letter would refuse there: so what is called apart is apart.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from imr_letters.engine.grammar.nodes import Alternative, Lit, Val

#: What an edge reads: these characters; None for anything but a space.
Sign = str | None

#: One character class or character of a typed value's pattern, and how often it may stand.
_UNIT = re.compile(r"(\[[^]]+\]|\\?.)(?:\{(\d+)(?:,(\d+))?\})?")
_PAIRS = re.compile("(.)-(.)")


@dataclass(slots=True)
class Machine:
    """Reads the words of one way of printing. State 0 is the start, the last state the end."""

    edges: list[list[tuple[Sign, int]]] = field(default_factory=lambda: [[]])
    #: States that go on to another without reading.
    skips: dict[int, list[int]] = field(default_factory=dict)
    #: The number of the element that each state reads.
    of: list[int] = field(default_factory=lambda: [0])
    element: int = 0

    def _state(self) -> int:
        self.edges.append([])
        self.of.append(self.element)
        return len(self.edges) - 1

    def _read(self, here: int, sign: Sign) -> int:
        after = self._state()
        self.edges[here].append((sign, after))
        return after

    def add_words(self, here: int, words: str) -> int:
        """Append fixed words after a state; return the state after them."""
        for char in words:
            here = self._read(here, char)
        return here

    def add_free(self, here: int) -> int:
        """Append a value of any words: no space at its ends, none doubled."""
        word = self._read(here, None)
        self.edges[word].append((None, word))
        space = self._read(word, " ")
        self.edges[space].append((None, word))
        after = self._state()
        self.skips.setdefault(word, []).append(after)
        return after

    def add_closed(self, here: int, choices: tuple[str, ...]) -> int:
        """Append one of several fixed words."""
        ends = [self.add_words(here, choice) for choice in choices]
        after = self._state()
        for end in ends:
            self.skips.setdefault(end, []).append(after)
        return after

    def add_typed(self, here: int, pattern: str) -> int:
        """Append a value of a plain pattern: characters and classes of them, repeated between two bounds."""
        for sign, least, most in _UNIT.findall(pattern):
            signs = _signs(sign)
            fewest = int(least or 1)
            for _ in range(fewest):
                here = self._read(here, signs)
            ends = [here]
            for _ in range(int(most or fewest) - fewest):
                ends.append(self._read(ends[-1], signs))
            here = ends[-1]
            for end in ends[:-1]:
                self.skips.setdefault(end, []).append(here)
        return here

    def finish(self, here: int) -> None:
        """Let the words end after a state."""
        end = self._state()
        self.skips.setdefault(here, []).append(end)

    def moves(self, state: int) -> list[tuple[Sign, int]]:
        """Return what can be read from a state on."""
        return [move for each in self.reached(state) for move in self.edges[each]]

    def reached(self, state: int) -> list[int]:
        """Return a state and those it goes on to without reading."""
        found = [state]
        for each in found:
            found += [more for more in self.skips.get(each, ()) if more not in found]
        return found

    def ends(self, state: int) -> bool:
        """Tell whether the words may end at a state."""
        return len(self.edges) - 1 in self.reached(state)


def machine(way: Alternative) -> Machine:
    """Return the machine that reads one way of printing a paragraph."""
    return machine_of(way.elements)


def machine_of(elements: Sequence[Lit | Val]) -> Machine:
    """Return the machine that reads fixed words and values in turn."""
    made = Machine()
    here = 0
    for made.element, element in enumerate(elements):
        if isinstance(element, Lit):
            here = made.add_words(here, element.text)
        elif element.codec.closed:
            here = made.add_closed(here, element.codec.closed)
        elif element.codec.reach == "typed":
            here = made.add_typed(here, element.codec.pattern)
        else:
            here = made.add_free(here)
    made.finish(here)
    return made


def _signs(sign: str) -> str:
    if not sign.startswith("["):
        return sign.removeprefix("\\")
    inside = sign[1:-1]
    spans = "".join(chr(code) for a, b in _PAIRS.findall(inside) for code in range(ord(a), ord(b) + 1))
    return spans + _PAIRS.sub("", inside)


def overlap(one: Machine, other: Machine) -> str | None:
    """Return the shortest words that both machines read, or None where there are none."""
    known = {(0, 0)}
    waiting = deque([(0, 0, "")])
    while waiting:
        left, right, words = waiting.popleft()
        if one.ends(left) and other.ends(right):
            return words
        others = other.moves(right)
        for sign, after in one.moves(left):
            for beside, then in others:
                common = _common(sign, beside)
                if common and (after, then) not in known:
                    known.add((after, then))
                    waiting.append((after, then, words + common))
    return None


#: Where two readings of the same words are, and whether they have diverged.
_Pair = tuple[int, int, bool]


def twofold(elements: Sequence[Lit | Val]) -> tuple[list[str], list[str]] | None:
    """Return the words of each element twice: the shortest words read in two ways, or None where there are none."""
    made = machine_of(elements)
    start: _Pair = (0, 0, False)
    came: dict[_Pair, tuple[_Pair, str]] = {}
    waiting = deque([start])
    while waiting:
        left, right, diverged = waiting.popleft()
        if diverged and made.ends(left) and made.ends(right):
            return _divided(made, (left, right, diverged), came, len(elements))
        for sign, after in made.moves(left):
            for beside, then in made.moves(right):
                common = _common(sign, beside)
                pair = (after, then, diverged or after != then)
                if common and pair not in came:
                    came[pair] = ((left, right, diverged), common)
                    waiting.append(pair)
    return None


def _divided(
    made: Machine, end: _Pair, came: dict[_Pair, tuple[_Pair, str]], count: int
) -> tuple[list[str], list[str]]:
    """Follow two readings back to their start, which nothing comes to; return the words of each element."""
    one, other = [""] * count, [""] * count
    here = end
    while here in came:
        before, char = came[here]
        one[made.of[here[0]]] = char + one[made.of[here[0]]]
        other[made.of[here[1]]] = char + other[made.of[here[1]]]
        here = before
    return one, other


def _common(one: Sign, other: Sign) -> str:
    """Return a character that both edges read, or nothing."""
    if one is None or other is None:
        both = one if other is None else other
        signs = "x" if both is None else both.replace(" ", "")
        return "1" if "1" in signs else signs[:1]
    # A one makes days that exist.
    return "1" if "1" in one and "1" in other else next((char for char in one if char in other), "")
