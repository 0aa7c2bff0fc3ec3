"""Read a PDF without tags: the lines of its pages -> lines of the letter, by where they are.

For the guarded child alone, as `rows` is.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from imr_letters.engine import text as normal
from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Where
from imr_letters.media.pdf import unseen
from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.pictures import rewritten, small_pictures
from imr_letters.media.pdf.rows import Page, PageRow, pages_of
from imr_letters.media.pdf.running import edges, kept, left_out, take_running_lines
from imr_letters.media.recover.layout import SENTENCE_END
from imr_letters.media.recover.lines import Line
from imr_letters.media.recover.signs import Signs, refused_character
from imr_letters.media.recover.wholeness import edge_lines, in_order, repeats

#: A distance of lines that is this much more than the usual one is a gap; so many parts of all are usual.
_WIDER, _USUAL = 1.2, 0.15
#: A word fits where there is room for this many of its width and of the size of its letters.
_FITS, _SPACE_WIDTH = 1.3, 0.3
#: Where this much of a line is left at the foot of a page, there was room for it.
_ALMOST = 0.9


def read_lines(pdf: Any, name: str) -> tuple[list[Line], list[Finding]]:
    """Return the lines of an opened and checked PDF, running heads and feet left out, and what was noticed.

    Raises `InputError` for a PDF without text or with too much of it, `LetterError` for characters no letter may hold.
    """
    pictures = small_pictures(pdf)
    pages = pages_of(rewritten(pdf), name)
    unseen.check_sideways(name, [page.unseen for page in pages])
    if not any(page.lines for page in pages):
        if pictures:
            message = "holds pictures of pages and no text that can be seen"
            raise refusal("pictures", message, name, "give its text, or the file it was printed from")
        raise refusal("empty", "has no words on its pages", name, "give a letter with text")
    findings = [
        Finding(
            "untagged",
            "note",
            "has no tags; the layout of its pages showed where blocks and paragraphs begin",
            source=name,
        )
    ]
    said = [[" ".join(row.text.split()) for row in page.lines] for page in pages]
    findings += in_order(name, edge_lines(said), len(pages))
    # Before running lines are taken off: a short page that is there twice looks like one of them.
    findings += repeats(name, [(number, words) for number, page in enumerate(said, start=1) for words in page])
    title = " ".join(str(pdf.docinfo.get("/Title", "")).split())
    findings += [left_out(name, *each) for each in take_running_lines(pages, title)]
    signs = Signs(drawn=True)
    lines = list(_lines(pages, name, signs))
    findings += signs.findings(name)
    findings += unseen.findings(name, [page.unseen for page in pages], lines, taken=False)
    return lines, findings + [kept(name, line) for line in edges(lines)]


def _lines(pages: Sequence[Page], name: str, signs: Signs) -> Iterator[Line]:
    """Yield the lines in normal form, each with the gap before it in blank lines of the usual distance."""
    usual = _usual_distance(pages)
    margin = _margin(pages, usual)
    bottom = min((row.y for page in pages for row in page.lines), default=0.0)
    last: PageRow | None = None
    for page in pages:
        for index, row in enumerate(page.lines):
            try:
                words = normal.words(signs.plain(row.text))
            except normal.CharacterError as error:
                where = Where(row.number, None, "", 0, page.number)
                raise refused_character(error, where, name) from None
            full = last is not None and not _fits(last, row, margin)
            if last is not None and not index:
                full = full and not _left_room((last.y - bottom) / (usual * last.size), page, usual)
            gap = 0
            if last is not None and index:
                distance = _distance(last, row) / usual
                if distance > _WIDER:
                    gap = max(1, round(distance) - 1)
                elif not full and SENTENCE_END.search(last.text.rstrip()):
                    gap = 1
            yield Line(words, row.number, 1, gap, last is not None and not index, page.number, full)
            last = row


def _left_room(lines: float, page: Page, usual: float) -> bool:
    """Return whether a page was ended although it had room for so many lines more, so that a paragraph ended there too.

    One line may have gone to the next page for company: word processors leave no line of a paragraph alone.
    """
    together = 1
    for upper, lower in pairwise(page.lines):
        if _distance(upper, lower) > usual * _WIDER:
            break
        together += 1
    return lines > (_ALMOST if together != 2 else 1 + _ALMOST)


def _margin(pages: Sequence[Page], usual: float) -> float:
    """Return about where lines end that are followed by another of their paragraph."""
    ends = sorted(
        upper.end
        for page in pages
        for upper, lower in pairwise(page.lines)
        if _distance(upper, lower) <= usual * _WIDER
    )
    return ends[len(ends) * 4 // 5] if ends else 0.0


def _fits(upper: PageRow, lower: PageRow, margin: float) -> bool:
    """Return whether a line was ended although the first word of the next would have fitted on it."""
    return margin - upper.end - _SPACE_WIDTH * lower.size > _FITS * lower.first_word()


def _distance(upper: PageRow, lower: PageRow) -> float:
    """Return how far apart two lines are, in sizes of their letters; a new column or direction is far."""
    distance = (upper.y - lower.y) / max(upper.size, lower.size)
    return distance if 0 < distance < 100 else 100.0


def _usual_distance(pages: Sequence[Page]) -> float:
    """Return the distance of the lines of one paragraph: the least of those that are frequent."""
    found = sorted(_distance(*pair) for page in pages for pair in pairwise(page.lines))
    for index, each in enumerate(found):
        end = bisect.bisect_right(found, each * 1.1)
        if end - index >= _USUAL * len(found):
            return found[(index + end) // 2]
    return 1.2
