"""What is on the pages of a PDF without tags in addition to the letter: running heads and feet, and a letterhead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Where, finding_in
from imr_letters.media.pdf.rows import Page, PageRow
from imr_letters.media.recover.layout import SENTENCE_END
from imr_letters.media.recover.lines import Line, line_place

#: So many blank lines separate what does not belong together.
_FAR = 2
#: Lines that are on their pages at heights this close, in points, are at the same height.
_SAME_HEIGHT = 3.0
#: Most lines of a running head or foot.
_MOST_RUNNING = 5
_PAGE_NUMBER = re.compile(r"(?:Page )?\W{0,2}(\d{1,3})(?:(?: of | ?/ ?)\d{1,3})?\W{0,2}", re.IGNORECASE)
_MOMENT = re.compile(r"[\d\s/.,:-]*(?:[AaPp][Mm])?\s*")
_SHORTEST_TITLE = 10
_DIGITS = re.compile(r"\d+")


def take_running_lines(pages: Sequence[Page], title: str = "") -> list[tuple[Page, PageRow, int]]:
    """Take heads and feet off the pages; return the first of each kind, with its page and how many there are.

    A line at an edge runs where every page but one has it at the same height, numbers aside; or where it is the
    number of its page, or the title that the file gives itself, as browsers print it.
    """
    taken: list[tuple[Page, PageRow, int]] = []
    for edge in (0, -1):
        for _ in range(_MOST_RUNNING):
            rows = [(page, page.lines[edge]) for page in pages if page.lines]
            kinds: dict[str, list[tuple[Page, PageRow]]] = {}
            for page, row in rows:
                kinds.setdefault(_DIGITS.sub("0", row.text.strip()), []).append((page, row))
            running = max(kinds.values(), key=len, default=[])
            heights = Counter(round(row.y / _SAME_HEIGHT) for _, row in running)
            usual = heights.most_common(1)[0][0] if heights else 0
            running = [(page, row) for page, row in running if abs(row.y / _SAME_HEIGHT - usual) <= 1]
            if len(running) < max(2, len(pages) - 1):
                running = _numbers(rows) or _titles(rows, title)
            if not running:
                break
            for page, _ in running:
                del page.lines[edge]
            taken.append((*running[0], len(running)))
    return taken


def _numbers(rows: Sequence[tuple[Page, PageRow]]) -> list[tuple[Page, PageRow]]:
    """Return the lines that are the numbers of their pages, apart from what else is on these."""
    found = []
    for page, row in rows:
        match = _PAGE_NUMBER.fullmatch(row.text.strip())
        if match and int(match[1]) == page.number and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _titles(rows: Sequence[tuple[Page, PageRow]], title: str) -> list[tuple[Page, PageRow]]:
    """Return the lines that are the title of the document, with day and hour perhaps, apart from what else is there.

    Not on the first page, where the letter itself may begin with its title.
    """
    found = []
    for page, row in rows[1:] if len(title) >= _SHORTEST_TITLE else ():
        before, there, after = " ".join(row.text.split()).partition(title)
        if there and _MOMENT.fullmatch(before + after) and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _apart(row: PageRow, other: PageRow) -> bool:
    return row is other or abs(row.y - other.y) > 1.5 * max(row.size, other.size)


def left_out(name: str, page: Page, row: PageRow, count: int) -> Finding:
    """Return the finding about lines that were taken off so many pages."""
    words = " ".join(row.text.split())
    message = f"a running head or foot of {'1 page' if count == 1 else f'{count} pages'} was left out"
    where = Where(row.number, 1, words, 0, page.number)
    return finding_in(where, name, len(words), code="running-line", severity="note", message=message)


def edges(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines at an edge of a page that may be a head or foot, though each appears once.

    Such a line is far from the others, or a sentence seems to go on around it.
    """
    for number, (line, following) in enumerate(pairwise(lines)):
        around = number > 0 and not any(SENTENCE_END.search(each.text) for each in (lines[number - 1], line))
        if line.page and not following.page and following.gap >= (1 if around else _FAR):
            yield line
        if following.gap >= _FAR and (number + 2 == len(lines) or lines[number + 2].page):
            yield following


def kept(name: str, line: Line) -> Finding:
    """Return the finding about a line at an edge that was kept."""
    message = "stands apart at the edge of its page and was kept; it may be a running head or foot"
    return finding_in(
        line_place(line, 0), name, len(line.text), code="running-line", severity="warning", message=message
    )
