"""Match one block against one way of printing it: fixed words and values in turn.

Every way to divide the block between the values is found, in time linear in the block's length: the typed values and
fixed words between two free values are looked for as one piece, and the number of ways to place the pieces one after
the other is counted from the places where each is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from imr_letters.engine.grammar.nodes import Alternative, BlockRole, Lit, Val
from imr_letters.engine.matching.fences import Fences

#: Readings of one block that are told apart; the second is already one too many.
MOST_READINGS = 4

_LETTERS = re.compile(r"[^\W\d_]{3}")


def is_fence(words: str) -> bool:
    """Tell whether fixed words are long enough to be recognised as the form's: at least a word of three letters."""
    return _LETTERS.search(words) is not None


class Pattern:
    """One way of printing a block, compiled."""

    def __init__(self, alternative: Alternative, inside: Fences, role: BlockRole = "p") -> None:
        self.role: BlockRole = role
        self.alternative = alternative
        self.elements = alternative.elements
        self.values = tuple(element for element in self.elements if isinstance(element, Val))
        #: What no value of words may hold, and what the first value may not begin with.
        self.inside = inside
        self.start = Fences()
        first = self.elements[0]
        #: Fixed words at the start of the block.
        self.prefix = first.text if isinstance(first, Lit) else ""
        self.literal = not self.values
        #: The last value may go on over the paragraphs that follow.
        self.prose = self.values[-1] if self.values and self.values[-1].codec.reach == "prose" else None
        self._free = [value for value in self.values if value.codec.reach != "typed"]
        self._tail = len(self.values) == 1 and self._free and self.elements[-1] is self.values[0]
        last = self.elements[-1]
        #: What every such block ends with, where that is known: a quick test.
        self._endings = (last.text,) if isinstance(last, Lit) else last.codec.closed
        pieces = self._split()
        self._head = re.compile(pieces[0][1])
        #: The pieces after the first free value, the last one at the end of the block.
        self._pieces = [_Sought(lead, re.compile(source)) for lead, source in pieces[1:-1]]
        if self._free:
            lead, source = pieces[-1]
            self._pieces.append(_Sought(lead, re.compile(rf"(?:{source})\Z")))

    @property
    def takes_any(self) -> bool:
        """Any words within one paragraph are such a block: it is one value and nothing else."""
        return not self.prefix and len(self.elements) == 1 and self.values[0].codec.reach == "words"

    @property
    def is_labelled(self) -> bool:
        """It is made of typed values, each after fixed words that name it."""
        pairs = zip(self.elements[::2], self.elements[1::2], strict=False)
        named = all(isinstance(one, Lit) and is_fence(one.text) and isinstance(two, Val) for one, two in pairs)
        return named and not self._free and len(self.elements) % 2 == 0

    def is_beside(self, other: Pattern) -> bool:
        """Tell whether this is another way of printing the same block of the template."""
        return self.inside is other.inside

    @property
    def has_form(self) -> bool:
        """Without fixed words at its start, yet recognised: it ends in typed values or in words of the form."""
        return not self.prefix and bool(self._free) and self.elements[-1] is not self._free[-1]

    def reads(self, block: str) -> bool:
        """Tell whether a block can be printed by this pattern."""
        return bool(self.match(block))

    def forbid_at_start(self, words: list[str]) -> None:
        """Let the first value, right after the fixed words at the start, not begin with these words."""
        if self.values[0].codec.reach != "typed" and words:
            self.start = Fences(start=words)

    def match(self, block: str) -> list[tuple[str, ...]]:
        """Return the words of the values for every way this pattern prints the block."""
        if self.literal:
            return [()] if block == self.prefix else []
        if not block.startswith(self.prefix) or (self._endings and not block.endswith(self._endings)):
            return []
        if self._tail:
            words = block[len(self.prefix) :]
            readings: list[tuple[str, ...]] = [(words,)] if words and words[0] != " " else []
        elif not self._free:
            found = self._head.fullmatch(block)
            return [found.groups()] if found else []
        else:
            readings = list(islice(self._readings(block), MOST_READINGS))
        if self.start.active and readings and self.start.hit(block[len(self.prefix) :]):
            return []
        if self.inside.active and readings:
            readings = [reading for reading in readings if not any(map(self.inside.hit, self._words(reading)))]
        return readings

    def nearly_fixed(self, reading: tuple[str, ...]) -> Iterator[tuple[int, str]]:
        """Yield the values that hold nearly the fixed words of this block, by their number, with those words."""
        for number, (value, words) in enumerate(zip(self.values, reading, strict=True)):
            fence = self.inside.nearly_hit(words) if value.codec.reach == "words" else None
            if fence is not None:
                yield number, fence

    def _words(self, reading: tuple[str, ...]) -> list[str]:
        return [words for value, words in zip(self.values, reading, strict=True) if value.codec.reach == "words"]

    def _split(self) -> list[tuple[str, str]]:
        """Return what stands before, between and after the free values: its first fixed words, and all as a pattern."""
        pieces = [("", "")]
        for element in self.elements:
            lead, source = pieces[-1]
            if isinstance(element, Lit):
                pieces[-1] = (lead if source else element.text, source + re.escape(element.text))
            elif element.codec.reach == "typed":
                pieces[-1] = (lead, f"{source}({element.codec.pattern})")
            else:
                pieces.append(("", ""))
        return pieces

    def _readings(self, block: str) -> Iterator[tuple[str, ...]]:
        head = self._head.match(block)
        if head is None:
            return
        layers = [sought.places(block) for sought in self._pieces]
        # From the last piece back: keep the places from which the end can be reached, so no search runs dry.
        furthest = len(block) + 1
        for layer in reversed(layers):
            layer[:] = [piece for piece in layer if piece.end < furthest]
            furthest = max((piece.start for piece in layer), default=-1)
        yield from _chains(block, _Piece(0, head.end(), head.groups()), layers)

    def mend_row(self, words: str) -> str | None:
        """Return the block made of the same words in the order of this pattern, if there is exactly one such block.

        Only for patterns of fixed words and typed values: extractions tear the cells of a table row apart.
        """
        if self._free or self.literal or len(words) > 1000:
            return None
        tokens = words.split(" ")
        typed: list[str] = []
        for value in self.values:
            fitting = [token for token in tokens if value.codec.matches(token)]
            if len(set(fitting)) != 1:
                return None
            typed.append(fitting[0])
            tokens.remove(fitting[0])
        fixed = [token for element in self.elements if isinstance(element, Lit) for token in element.text.split()]
        if sorted(tokens) != sorted(fixed):
            return None
        values = iter(typed)
        return "".join(element.text if isinstance(element, Lit) else next(values) for element in self.elements)

    def describe(self) -> str:
        """Return the pattern as people read it: the words, and what each value is."""
        return "".join(
            element.text if isinstance(element, Lit) else f"({element.codec.expected})" for element in self.elements
        )


def examples(way: Alternative) -> Iterator[str]:
    """Yield a block as one way of printing it prints plain values."""
    for number in range(2):
        words = ""
        for element in way.elements:
            if isinstance(element, Lit):
                words += element.text
            else:
                plain = element.codec.examples()
                words += element.codec.encode(plain[number % len(plain)]).split("\n\n")[0]
        yield words


class _Piece(NamedTuple):
    """A place of a piece: where it starts and ends, and the words of its typed values."""

    start: int
    end: int
    words: tuple[str, ...]


class _Sought(NamedTuple):
    """A piece to be found: the fixed words it begins with (found first, for speed), and all of it."""

    lead: str
    pattern: re.Pattern[str]

    def places(self, block: str) -> list[_Piece]:
        """Return every place of the piece, also where two overlap."""
        found: list[_Piece] = []
        at = block.find(self.lead)
        while at >= 0:
            match = self.pattern.match(block, at)
            if match is not None:
                found.append(_Piece(at, match.end(), match.groups()))
            at = block.find(self.lead, at + 1) if at < len(block) else -1
        return found


def _chains(block: str, placed: _Piece, layers: list[list[_Piece]]) -> Iterator[tuple[str, ...]]:
    """Yield the words of the values for every way to place the pieces in turn, no free value empty."""
    if not layers:
        yield placed.words
        return
    for piece in layers[0]:
        if piece.start > placed.end:
            between = block[placed.end : piece.start]
            if between[0] != " " != between[-1]:
                for rest in _chains(block, piece, layers[1:]):
                    yield (*placed.words, between, *rest)
