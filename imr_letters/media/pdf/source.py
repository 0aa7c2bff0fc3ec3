"""What was read of a PDF: its blocks, and the lines of the pages they are in; also as records that a child sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Source, Where
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.media.recover.layout import recover
from imr_letters.media.recover.letterhead import without_letterhead
from imr_letters.media.recover.lines import Line, line_place


@dataclass(slots=True)
class PdfSource:
    """The blocks of a PDF, by its tags or else by its layout, and the lines they are in on the pages; a `Source`."""

    name: str
    blocks: list[str]
    lines: list[Line]
    #: For each block the index of its first line.
    starts: list[int]
    findings: list[Finding] = field(default_factory=list)
    tagged: bool = True
    #: What is on the pages in addition to the text, as findings; of a file of ours they are not among the others.
    margins: list[Finding] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Tags tell blocks exactly, the layout of a page does not."""
        return self.tagged

    @property
    def page_breaks(self) -> list[tuple[int, int]]:
        """Where pages begin after the first, as block and offset."""
        found = []
        for block, (start, end) in enumerate(pairwise([*self.starts, len(self.lines)])):
            at = 0
            for line in self.lines[start:end]:
                if line.page:
                    found.append((block, at))
                at += len(line.text) + (self.blocks[block].find(f"{line.text} ") >= 0)
        return found

    def where(self, block: int, offset: int) -> Where:
        """Return the place of an offset in a block: page, line on the page, column."""
        if block >= len(self.blocks):
            return line_place(self.lines[-1], len(self.lines[-1].text))
        for line in self.lines[self.starts[block] : (*self.starts, len(self.lines))[block + 1]]:
            if offset <= len(line.text):
                return line_place(line, offset)
            offset -= len(line.text) + (self.blocks[block].find(f"{line.text} ") >= 0)
        return line_place(self.lines[self.starts[block]], 0)

    def recovered(self, automaton: Automaton) -> Source | None:
        """Return the blocks as a family's grammar suggests them."""
        if not self.tagged:
            lines, above = without_letterhead(self.name, self.lines, automaton)
            return recover(self.name, lines, automaton, [*self.findings, *above], measured=True)
        message = "the tags do not tell the blocks; the lines on the pages were read instead"
        return recover(
            self.name, self.lines, automaton, [*self.findings, Finding("layout", "note", message, source=self.name)]
        )


def records(source: PdfSource) -> Iterator[tuple[str, Any]]:
    """Yield what was read as plain data, for another process."""
    yield "tagged", source.tagged
    yield "blocks", source.blocks
    yield "starts", source.starts
    for line in source.lines:
        yield "line", [line.text, line.number, line.column, line.gap, line.page, line.page_number, line.full]
    for finding in source.findings:
        yield "finding", finding.as_dict()
    for margin in source.margins:
        yield "margin", margin.as_dict()


def from_records(name: str, answer: list[tuple[str, Any]]) -> PdfSource:
    """Return what a child read."""
    findings = [Finding.from_dict(value) for key, value in answer if key == "finding"]
    lines = [Line(*value) for key, value in answer if key == "line"]
    once = dict(answer)
    margins = [Finding.from_dict(value) for key, value in answer if key == "margin"]
    return PdfSource(name, once["blocks"], lines, once["starts"], findings, once["tagged"], margins)
