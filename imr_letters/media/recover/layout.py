"""Recover a letter's blocks from foreign lines, guided by the fixed words of a family's grammar.

Extracted text has lost its blocks: every line may be followed by a blank one, a page may end in mid-sentence, a word
may be broken at its hyphen, a title may follow prose without a gap. The fixed words that begin blocks are
found wherever the lines break, and what is between two of them is divided as the grammar allows there. Only
white space is ever changed; what was guessed is reported.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Source, Where, finding_in
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.matching.pattern import Pattern, is_fence
from imr_letters.media.recover.columns import in_rows
from imr_letters.media.recover.lines import Line, line_place

#: Guesses about one letter that are reported.
MOST_GUESSES = 500

#: What a line ends with that ends a sentence.
SENTENCE_END = re.compile("[.?!:;][\"\u201d\u2019')\\]]*$")
_SPLIT_WORD = re.compile(r"[^\W_]-$")
#: Browsers and their kin end lines after a slash too; after one letter it rather means a word, as in w/.
_SPLIT_SLASH = re.compile(r"[^\W_]{2}/$")


@dataclass(slots=True)
class Recovered:
    """Blocks put together from lines; a `Source`."""

    name: str
    lines: Sequence[Line]
    blocks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _flow: Flow | None = None
    _known: set[Finding] = field(default_factory=set)

    @property
    def certain(self) -> bool:
        """Blocks put together by guesses never are."""
        return False

    @property
    def page_breaks(self) -> list[tuple[int, int]]:
        """Where pages begin after the first, as block and offset."""
        assert self._flow is not None
        offsets = [start for start, line in zip(self._flow.starts, self.lines, strict=True) if line.page]
        blocks = [bisect.bisect_right(self._starts, each) - 1 for each in offsets]
        return [(block, each - self._starts[block]) for block, each in zip(blocks, offsets, strict=True) if block >= 0]

    def where(self, block: int, offset: int) -> Where:
        """Return the place of an offset in a block."""
        assert self._flow is not None
        if block >= len(self.blocks):
            return self._flow.where(len(self._flow.text))
        return self._flow.where(self._starts[block] + offset)

    def recovered(self, automaton: Automaton) -> Source | None:  # noqa: ARG002 - the protocol's signature
        """Nothing more can be recovered."""
        return None

    def add(self, start: int, text: str) -> None:
        """Append a block that begins at an offset of the flow."""
        self._starts.append(start)
        self.blocks.append(text)

    def note(self, code: str, at: int, message: str, remedy: str = "") -> None:
        """Report what was guessed at an offset of the flow."""
        assert self._flow is not None
        where = self._flow.where(at)
        finding = finding_in(where, self.name, code=code, severity="note", message=message, remedy=remedy)
        if finding not in self._known and len(self._known) < MOST_GUESSES:
            self._known.add(finding)
            self.findings.append(finding)


class Flow:
    """The lines as one text, one space at each line end, and where each line begins in it.

    A gap of more than `gap` blank lines separates paragraphs, so no word goes on over it. With `slash`, a word
    may be split at its slash as at its hyphen.
    """

    def __init__(self, lines: Sequence[Line], gap: int, *, slash: bool) -> None:
        self.lines = lines
        self.starts: list[int] = []
        self.joined: list[int] = []
        pieces: list[str] = []
        length = 0
        for index, line in enumerate(lines):
            if index:
                within = line.gap <= gap or line.page
                before = lines[index - 1].text
                parted = _SPLIT_WORD.search(before) or (slash and _SPLIT_SLASH.search(before))
                if within and parted and line.text[:1].isalnum():
                    self.joined.append(length)
                else:
                    pieces.append(" ")
                    length += 1
            self.starts.append(length)
            pieces.append(line.text)
            length += len(line.text)
        self.text = "".join(pieces)

    def line_at(self, offset: int) -> int:
        """Return the index of the line that holds an offset."""
        return max(0, bisect.bisect_right(self.starts, offset) - 1)

    def where(self, offset: int) -> Where:
        """Return the place in the source of an offset."""
        if not self.lines:
            return Where(1, 1, "", 0)
        index = self.line_at(offset)
        line = self.lines[index]
        return line_place(line, min(offset - self.starts[index], len(line.text)))


def recover(
    name: str, lines: Sequence[Line], automaton: Automaton, findings: Sequence[Finding] = (), *, measured: bool = False
) -> Recovered | None:
    """Return the blocks of a family's letter, or None where none of its fixed words are found.

    With `measured`, gaps are those of a page: each means something, however many there are.
    """
    ordered, rows = in_rows(lines, automaton)
    return _Recovery(name, ordered, automaton, findings, measured=measured, rows=rows).run()


@dataclass(frozen=True, slots=True)
class _Mark:
    """Fixed words found in the flow that begin a block."""

    start: int
    words: str


class _Recovery:
    def __init__(
        self,
        name: str,
        lines: Sequence[Line],
        automaton: Automaton,
        findings: Sequence[Finding],
        *,
        measured: bool,
        rows: range,
    ) -> None:
        self._automaton = automaton
        self._rows = rows
        gaps = [line.gap for line in lines[1:] if not line.page]
        #: Every line is followed by a blank one: a single blank line means nothing.
        self._double = len(gaps) > 4 and sum(gap > 0 for gap in gaps) > 0.7 * len(gaps) and max(gaps) > 1
        self._double = self._double and not measured
        self._flow = Flow(lines, int(self._double), slash=measured)
        self._line_starts = frozenset(self._flow.starts)
        self._found = Recovered(name, lines, findings=list(findings), _flow=self._flow)
        self._spaced = any(line.gap > self._double for line in lines[1:])

    def run(self) -> Recovered | None:
        marks = self._marks()
        if not marks:
            return None
        if self._double:
            self._found.note("layout", 0, "every line is followed by a blank one; paragraphs were told by wider gaps")
        for index in self._rows:
            words = self._flow.lines[index].text
            message = f'the cells of the table stand column by column; this row was read as "{words}"'
            self._found.note("torn-row", self._flow.starts[index], message)
        for offset in self._flow.joined:
            sign = "slash" if self._flow.text[offset - 1] == "/" else "hyphen"
            message = f"a word is parted at its {sign} over a line; it was joined, {sign} kept"
            self._found.note("split-word", offset - 1, message)
        if marks[0].start > 0:
            self._add_prose(self._paragraphs(0, marks[0].start))
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            self._segment(mark, following)
        return self._found

    def _marks(self) -> list[_Mark]:
        """Find the fixed words that begin blocks, at the start of a line; the longest where several fit."""
        words = {
            step.pattern.prefix
            for state in self._automaton.states
            for step in state.steps
            if step.pattern is not None and is_fence(step.pattern.prefix)
        }
        by_start: dict[int, str] = {}
        for each in words:
            looked = each.rstrip(" ")
            at = self._flow.text.find(looked)
            while at >= 0:
                if at in self._line_starts and len(by_start.get(at, "")) < len(each):
                    by_start[at] = each
                at = self._flow.text.find(looked, at + 1)
        marks: list[_Mark] = []
        for start in sorted(by_start):
            if not marks or start >= marks[-1].start + len(marks[-1].words.rstrip(" ")):
                marks.append(_Mark(start, by_start[start]))
        return marks

    def _segment(self, mark: _Mark, following: _Mark | None) -> None:
        """Divide what is between two marks into the first mark's block and those the grammar puts after it."""
        end = following.start if following else len(self._flow.text)
        patterns = [
            step.pattern
            for state in self._automaton.states
            for step in state.steps
            if step.pattern is not None and step.pattern.prefix == mark.words
        ]
        start = mark.start
        if all(pattern.literal for pattern in patterns):
            after = self._skip(start + len(mark.words), end)
            if after >= end:
                self._found.add(start, mark.words)
                return
            if after not in self._line_starts:  # words added to a sentence that is a block by itself: drift
                self._add_prose(self._paragraphs(start, end))
                return
            self._found.add(start, mark.words)
            start = after
            floating = self._floating(mark, following)
            if floating is None:
                self._add_prose(self._paragraphs(start, end))
            else:
                self._divide(start, end, floating, keep_first=False)
            return
        prose = any(pattern.prose is not None for pattern in patterns)
        floating = self._floating(mark, following)
        if floating is not None:
            self._divide(start, end, floating, keep_first=True)
        elif prose:
            self._add_prose(self._paragraphs(start, end))
        else:
            self._join(start, end, patterns)

    def _floating(self, mark: _Mark, following: _Mark | None) -> Pattern | None:
        """Return the block without fixed words at its start that the grammar puts between two marks, if it does."""
        states = self._automaton.states
        after = {
            step.target
            for state in states
            for step in state.steps
            if step.pattern is not None and step.pattern.prefix == mark.words
        }
        for number in after:
            for step in states[number].steps:
                pattern = step.pattern
                if pattern is None or is_fence(pattern.prefix) or pattern.literal:
                    continue
                reached = states[step.target]
                if (following is None and reached.accept) or any(
                    following is not None and each.pattern is not None and each.pattern.prefix == following.words
                    for each in reached.steps
                ):
                    return pattern
        return None

    def _divide(self, start: int, end: int, floating: Pattern, *, keep_first: bool) -> None:
        """Put the floating block at the end of the segment, the paragraphs before it as they are."""
        pieces = self._paragraphs(start, end)
        if floating.prose is not None:
            self._add_prose(pieces)
            return
        least = 1 if keep_first else 0
        for count in range(1, len(pieces) - least + 1):
            begin = pieces[-count][0]
            if floating.match(self._words(begin, end)):
                if count == 1 and not self._spaced:
                    begin = self._sentence_start(begin, end, floating) if keep_first or least else begin
                self._add_prose(pieces[:-count])
                if begin > pieces[-count][0]:
                    self._add(pieces[-count][0], begin)
                self._join(begin, end)
                return
        begin = self._sentence_start(start, end, floating)
        if begin > start:
            self._add_prose(self._paragraphs(start, begin))
        self._join(begin, end)

    def _sentence_start(self, start: int, end: int, floating: Pattern) -> int:
        """Guess where the floating block begins among lines without a gap: after the last line that ends a sentence."""
        first, last = self._flow.line_at(start), self._flow.line_at(end - 1)
        widest = max((len(line.text) for line in self._flow.lines), default=0)
        candidates = [
            index
            for index in range(first + 1, last + 1)
            if SENTENCE_END.search(self._flow.lines[index - 1].text)
            and floating.match(self._words(self._flow.starts[index], end))
        ]
        if not candidates:
            return start
        short = [index for index in candidates if len(self._flow.lines[index - 1].text) < 0.85 * widest]
        at = self._flow.starts[(short or candidates)[-1]]
        self._found.note("guessed-start", at, "nothing in the layout tells where this block begins; it was guessed")
        return at

    def _paragraphs(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the paragraphs between two offsets, by the gaps between their lines."""
        pieces: list[tuple[int, int]] = []
        begin = start
        for index in range(self._flow.line_at(start) + 1, len(self._flow.lines)):
            at = self._flow.starts[index]
            if at >= end:
                break
            line, before = self._flow.lines[index], self._flow.lines[index - 1]
            if line.gap <= self._double and not line.page:
                continue
            if not SENTENCE_END.search(before.text) and (line.page or not _begins_block(line.text)):
                after = "page break" if line.page else "blank line"
                self._found.note("joined", at, f"a sentence goes on after a {after}; it was joined")
                continue
            if at > begin:
                pieces.append((begin, at))
                begin = at
        pieces.append((begin, end))
        return pieces

    def _add_prose(self, pieces: Sequence[tuple[int, int]]) -> None:
        """Add paragraphs; those that only a page break separates, after a full line, as one."""
        whole: list[tuple[int, int]] = []
        for start, end in pieces:
            line = self._flow.lines[self._flow.line_at(start)]
            if whole and line.page and line.full:
                self._found.note("joined", start, "no paragraph is seen to end before this page break; it was joined")
                whole[-1] = (whole[-1][0], end)
            else:
                whole.append((start, end))
        for piece in whole:
            self._add(*piece)

    def _join(self, start: int, end: int, patterns: Sequence[Pattern] = ()) -> None:
        """Add everything between two offsets as one block, gaps or not; a row that was torn is put in order."""
        for index in range(self._flow.line_at(start) + 1, len(self._flow.lines)):
            at = self._flow.starts[index]
            if at >= end:
                break
            line = self._flow.lines[index]
            if line.gap > self._double or line.page:
                self._found.note("joined", at, "a block goes on after a gap or a page break; it was joined")
        words = self._words(start, end)
        for pattern in patterns:
            whole = pattern.mend_row(words)
            if whole is not None and whole != words:
                self._found.note("torn-row", start, f'the cells of this row were torn apart; it was read as "{whole}"')
                self._found.add(start, whole)
                return
        self._add(start, end)

    def _skip(self, offset: int, end: int) -> int:
        while offset < end and self._flow.text[offset] == " ":
            offset += 1
        return offset

    def _words(self, start: int, end: int) -> str:
        return self._flow.text[start:end].strip(" ")

    def _add(self, start: int, end: int) -> None:
        words = self._words(start, end)
        if words:
            self._found.add(self._skip(start, end), words)


def _begins_block(text: str) -> bool:
    """Return whether a line after a gap looks like a beginning although the line before ends no sentence."""
    return text[:1].isupper() or not text[:1].isalnum()
