"""Lines: words broken as Pango breaks them. Every space is kept; one at the end of a line hangs over its edge."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, NamedTuple

from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.words import ENDLESS, UNITS, SizedFont, Word, font

if TYPE_CHECKING:
    from imr_letters.media.pdf.typeset.faces import Face
    from imr_letters.media.pdf.typeset.words import FontKey

#: The codes of a letter that are not in all font programs, by face.
SeenCodes = dict["Face", set[int]]


class Ink(NamedTuple):
    """How words are set: their font, their color, the height of their lines and where the base is below the top."""

    font: FontKey
    color: str
    lead: float
    base: float


class InkRun(NamedTuple):
    """Words that are set alike, and whether lines may break within."""

    ink: Ink
    text: str
    wraps: bool


class LinePiece(NamedTuple):
    """A part of a line that is set alike, and what draws it."""

    ink: Ink
    font: SizedFont
    codes: str


class SetLine(NamedTuple):
    """A line: its pieces, its width in pixels with the space that hangs."""

    pieces: list[LinePiece]
    width: float


class Breaker:
    """Breaks the paragraphs of one letter, and keeps in mind which unusual codes it has."""

    def __init__(self) -> None:
        self.seen: SeenCodes = {}

    def lines(self, runs: list[InkRun], width: float | None, indent: float = 0.0) -> list[SetLine]:
        """Return the lines of a block, one alone where there is no width.

        Runs that do not wrap come first and are shorter than a line, as labels are. Raises `Unsupported` for others.
        """
        limit = ENDLESS - 1 if width is None else int(width * UNITS)
        first = limit - int(indent * UNITS)
        pieces: list[LinePiece] = []
        used = 0
        for run in runs:
            one = font(run.ink.font)
            if one.spaced and len(runs) > 1:
                raise Unsupported("the stylesheet sets letter-spacing in a block with a label")
            if run.wraps and width is not None:
                if run is not runs[-1]:
                    raise Unsupported("a block has words after words that wrap")
                return _Wrapping(self, one, run, pieces, used).broken(first - used, limit)
            (line,) = _Wrapping(self, one, run, [], 0).broken(ENDLESS - 1, ENDLESS - 1)
            pieces += line.pieces
            used += round(line.width * UNITS)
            if used > first:
                raise Unsupported("a label is wider than a line")
        return [SetLine(pieces, used / UNITS)]

    def narrowest(self, runs: list[InkRun]) -> float:
        """Return the width of the widest piece of some words within which no line ends."""
        widest = 0
        at = 0  # the width of what has no break so far
        for run in runs:
            one = font(run.ink.font)
            if not run.wraps:
                at += round(self.lines([run], None)[0].width * UNITS)
                continue
            for number, token in enumerate(_glued(run.text.split(" "), one)):
                if number:
                    widest = max(widest, at + one.space)
                    at = 0
                if not token:
                    continue
                word = one.word(token)
                for place, part in enumerate(word.parts):
                    if place:
                        widest = max(widest, at)
                        at = 0
                    at += part.width
        return max(widest, at) / UNITS

    def see(self, face: Face, codes: Set[int]) -> None:
        """Keep in mind that a letter has codes that are not in every font program."""
        self.seen.setdefault(face, set()).update(codes)


class _Wrapping:
    """The words of one run, broken into lines after what is on the first line already."""

    def __init__(self, breaker: Breaker, font: SizedFont, run: InkRun, pieces: list[LinePiece], used: int) -> None:
        self._breaker, self._font, self._run = breaker, font, run
        self._pieces, self._used = pieces, used
        self._lines: list[SetLine] = []
        self._codes: list[str] = []
        self._at = 0

    def broken(self, room: int, limit: int) -> list[SetLine]:
        """Return the lines; the first has this much room, all others have the limit."""
        tokens = self._run.text.split(" ")
        try:
            self._break(tokens, room, limit, sure=False)
        except _NoBreakError:
            self._lines, self._codes, self._at = [], [], 0
            self._pieces, self._used = self._first
            self._break(_glued(tokens, self._font), room, limit, sure=True)
        return self._lines

    def _break(self, tokens: list[str], room: int, limit: int, *, sure: bool) -> None:
        """Break words that one space separates. `sure` says that a line may end at each of these spaces."""
        self._first = self._pieces, self._used
        known, font = self._font.words, self._font
        self._room, self._limit, self._sure = room, limit, sure
        last: Word | None = None
        if tokens[0]:
            last = known.get(tokens[0]) or font.word(tokens[0])
            self._put(last, 0, None)
        codes, at, room = self._codes, self._at, self._room
        before: Word | None = None  # the word before the last, where the last is a whole word after a space
        for token in tokens[1:]:
            word = known.get(token) or font.word(token)
            step = word.step
            if at + step <= room:
                codes.append(word.spaced)
                at += step
                before = last
            else:
                self._at = at
                if last and at + font.space - word.lead > room:
                    self._take_back(last, before)
                self._put(word, word.lead, last)
                codes, at, room = self._codes, self._at, self._room
                before = None
            last = word
        self._at = at
        self._end()

    def _take_back(self, last: Word, before: Word | None) -> None:
        """Put the last word of a line on the next one.

        Pango measures a line that ends before a word with the space as it is at a line's end, and takes off the space
        as it was before that word, to which it may be nearer: such a line must be shorter by the difference.
        """
        if before is None:
            raise Unsupported("a word ends within a hair of the line's end")
        self._codes.pop()
        self._at -= last.step
        self._end_at_space(last, last.lead, before)
        self._end()
        self._at, self._room = 0, self._limit
        self._put(last, 0, None)

    def _put(self, word: Word, lead: int, last: Word | None) -> None:
        """Put a word, part by part, on this line and those that follow."""
        if word.unusual:
            self._breaker.see(self._font.face, word.unusual)
        for place, (width, drawn) in enumerate(word.parts):
            before = 0 if place else lead
            if self._at + before + width > self._room:
                if not place:
                    self._end_at_space(word, lead, last)
                self._end()
                self._at, self._room = 0, self._limit
                if width > self._room:
                    raise Unsupported("a word is wider than the line")
            elif before:
                self._codes.append(word.gap)
                self._at += before
            self._codes.append(drawn)
            self._at += width

    def _end_at_space(self, word: Word, lead: int, last: Word | None) -> None:
        if not lead:
            raise Unsupported("a word is wider than the line")
        sure = self._sure or last is None or (last.may_end and word.may_begin)
        if not sure and last and not self._font.may_break(last.text, word.text):
            raise _NoBreakError
        self._codes.append("0020")
        self._at += self._font.space

    def _end(self) -> None:
        codes = "".join(self._codes)
        if self._font.spaced and codes:  # no space between letters before the first of a line
            codes = codes.split("<", 1)[1]
        pieces = [*self._pieces, LinePiece(self._run.ink, self._font, codes)] if codes else self._pieces
        self._lines.append(SetLine(pieces, (self._used + self._at) / UNITS))
        self._pieces, self._used, self._codes = [], 0, []


class _NoBreakError(Exception):
    """Raised where a line would end at a space at which no line may."""


def _glued(tokens: list[str], font: SizedFont) -> list[str]:
    """Join words between which no line may end although there is a space."""
    joined = tokens[:1]
    for token in tokens[1:]:
        if token and joined[-1] and not font.may_break(joined[-1], token):
            joined[-1] += f" {token}"
        else:
            joined.append(token)
    return joined
