"""The blocks of a tagged PDF: structure element -> marked content -> characters, from what is on the pages.

The determinations of the State are tagged by their word processor, ours by the writer of this toolkit; both give their
paragraphs and table rows exactly, also across pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from imr_letters.engine import text as normal
from imr_letters.engine.errors import Finding, InputError
from imr_letters.engine.letter import Where, finding_in
from imr_letters.media.pdf.content import Run
from imr_letters.media.pdf.kinds import BLOCKS, INLINE, PICTURES, WHOLE
from imr_letters.media.pdf.source import PdfSource
from imr_letters.media.pdf.tags import NO_PAGE, Mark, Tag
from imr_letters.media.recover.layout import MOST_GUESSES
from imr_letters.media.recover.lines import Line, line_place
from imr_letters.media.recover.signs import refused_character

#: What each piece of marked content shows, by its number; one of these for each page.
Contents = list[dict[int, list[Run]]]

_CELLS = frozenset({"/TD", "/TH"})
_SPLIT = re.compile(r"[^\W_]-$")
#: Two heights that differ by less, in points, are one line; raised and lowered signs stay in theirs.
_SAME_LINE = 6.0
#: The height of a space that is on no line of its own.
_NOWHERE = -1e9


def read_blocks(tags: Tag, contents: Contents, name: str) -> PdfSource:
    """Return the blocks of a document by its tags. Raises as a reader does."""
    blocks: list[str] = []
    lines: list[Line] = []
    starts: list[int] = []
    gap = 0
    last = 0
    numbers: dict[int, int] = {}
    for element in _elements(tags, contents):
        try:
            words = normal.words("".join(run.text for run in element.runs))
        except normal.CharacterError as error:
            raise refused_character(error, Where(None, None, "", 0, element.page + 1), name) from None
        if not words:
            gap += 1
            continue
        blocks.append(words)
        starts.append(len(lines))
        for index, (page, text) in enumerate(element.lines()):
            numbers[page] = numbers.get(page, 0) + 1
            before = 0 if not lines else gap + 1 if index == 0 else 0
            lines.append(Line(text, numbers[page], 1, before, page != last and bool(lines), page + 1))
            last = page
        gap = 0
    if not blocks:
        raise InputError.of("has no words on its pages", source=name, remedy="give a letter with text", code="empty")
    return PdfSource(name, blocks, lines, starts)


def split_words(source: PdfSource) -> list[Finding]:
    """Report words split at a hyphen over a line: whether the hyphen is the word's own is not known."""
    message = "a word is broken at its hyphen over a line; it was joined, hyphen kept"
    found = [
        finding_in(
            line_place(line, len(line.text) - 1), source.name, code="split-word", severity="note", message=message
        )
        for start, end in pairwise([*source.starts, len(source.lines)])
        for line, following in pairwise(source.lines[start:end])
        if _SPLIT.search(line.text) and following.text[:1].isalnum()
    ]
    return found[:MOST_GUESSES]


@dataclass(frozen=True, slots=True)
class _Element:
    """A block of the tag tree: what it shows, in order. A row is one line, whatever its cells do."""

    page: int
    runs: list[Run]
    row: bool

    def lines(self) -> list[tuple[int, str]]:
        """Return page and words of each line."""
        found: list[tuple[int, float, str]] = []
        for run in self.runs:
            if found and (self.row or _same_line(found[-1], run)):
                page, height, text = found[-1]
                found[-1] = (page, run.height if height == _NOWHERE else height, text + run.text)
            else:
                found.append((run.page, run.height, run.text))
        return [(page, words) for page, _, text in found if (words := normal.words(text))]


def _same_line(line: tuple[int, float, str], run: Run) -> bool:
    page, height, _ = line
    return page == run.page and (_NOWHERE in (height, run.height) or abs(height - run.height) < _SAME_LINE)


def _elements(node: Tag, contents: Contents) -> Iterator[_Element]:
    """Yield each block below a tag: words between the blocks that a tag holds are blocks of their own."""
    between: list[Run] = []
    for kid in node.kids:
        if isinstance(kid, Mark) or (kid.kind in INLINE and not _holds_blocks(kid)):
            between += _runs(Tag("", node.page, [kid]), contents, cells=False)
            continue
        yield from _element(between)
        between = []
        if kid.kind in WHOLE or not (kid.kind in PICTURES or _holds_blocks(kid)):
            row = kid.kind == "/TR"
            runs = list(_runs(kid, contents, cells=row))
            yield _Element(runs[0].page if runs else kid.page, runs, row)
        elif kid.kind not in PICTURES:
            yield from _elements(kid, contents)
    yield from _element(between)


def _element(runs: list[Run]) -> Iterator[_Element]:
    if any(run.text.strip() for run in runs):
        yield _Element(runs[0].page, runs, row=False)


def _holds_blocks(node: Tag) -> bool:
    return any(isinstance(kid, Tag) and (kid.kind in BLOCKS or _holds_blocks(kid)) for kid in node.kids)


def _runs(node: Tag, contents: Contents, *, cells: bool) -> Iterator[Run]:
    """Yield what is shown below a tag."""
    for kid in node.kids:
        if isinstance(kid, Mark):
            # An empty piece of marked content means the space where a line ends.
            shown = {} if kid.page == NO_PAGE else contents[kid.page]
            yield from shown.get(kid.number) or [Run(kid.page, _NOWHERE, " ")]
            continue
        if kid.kind in PICTURES:
            continue
        if cells and kid.kind in _CELLS:
            yield Run(kid.page, _NOWHERE, " ")
        yield from _runs(kid, contents, cells=cells)
