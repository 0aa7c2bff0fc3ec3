"""Read a PDF without tags: the lines of its pages -> lines of the letter, by where they stand.

For the guarded child of `pdf_reader` alone, as `pdf_rows` is.
"""

from __future__ import annotations

import bisect
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from imr_letters.engine import text as normal
from imr_letters.engine.errors import Finding, LetterError, Severity, excerpt
from imr_letters.engine.matching.automaton import Automaton, State
from imr_letters.engine.matching.pattern import is_fence
from imr_letters.media.pdf import limits as pdf_check
from imr_letters.media.pdf.glyphs import Page, Row, pages_of
from imr_letters.media.recover.layout import SENTENCE_END
from imr_letters.media.recover.lines import Line
from imr_letters.media.recover.signs import Signs

#: Most lines of a letterhead.
MOST_LETTERHEAD = 15

#: So many blank lines part what does not belong together.
_FAR = 2
#: A distance of lines that is this much more than the usual one is a gap; so many parts of all are usual.
_WIDER, _USUAL = 1.2, 0.15
#: A word fits where there is room for this many of its width and of the size of its letters.
_FITS, _SPACE_WIDTH = 1.3, 0.3
#: Where this much of a line is left at the foot of a page, there was room for it.
_ALMOST = 0.9
#: Lines that stand on their pages at heights this close, in points, stand at the same height.
_SAME_HEIGHT = 3.0
#: Most lines of a running head or foot.
_MOST_RUNNING = 5
_PAGE_NUMBER = re.compile(r"(?:Page )?\W{0,2}(\d{1,3})(?:(?: of | ?/ ?)\d{1,3})?\W{0,2}", re.IGNORECASE)
_MOMENT = re.compile(r"[\d\s/.,:-]*(?:[AaPp][Mm])?\s*")
_SHORTEST_TITLE = 10
_DIGITS = re.compile(r"\d+")


def read_lines(pdf: Any, name: str) -> tuple[list[Line], list[Finding]]:
    """Return the lines of an opened and checked PDF, running heads and feet left out, and what was noticed.

    Raises `InputError` for a PDF without text or with too much of it, `LetterError` for characters no letter may hold.
    """
    pictures = _without_pictures(pdf)
    out = io.BytesIO()
    pdf.save(out, encryption=False)
    pages = pages_of(out.getvalue(), name)
    if not any(page.lines for page in pages):
        if pictures:
            message = "holds pictures of pages and no text that can be seen"
            raise pdf_check.refusal("pictures", message, name, "give its text, or the file it was printed from")
        raise pdf_check.refusal("empty", "has no words on its pages", name, "give a letter with text")
    findings = [
        Finding(
            "untagged",
            "note",
            "has no tags; the layout of its pages told where blocks and paragraphs begin",
            source=name,
        )
    ]
    if any(page.hidden for page in pages):
        message = "text that cannot be seen, invisible or outside its page, was left out"
        findings.append(
            Finding("hidden", "warning", message, source=name, remedy="compare the pages with the decision")
        )
    title = " ".join(str(pdf.docinfo.get("/Title", "")).split())
    findings += [_left_out(name, *each) for each in _take_running_lines(pages, title)]
    signs = Signs(drawn=True)
    lines = list(_lines(pages, name, signs))
    findings += signs.findings(name)
    return lines, findings + [_kept(name, line) for line in _edges(lines)]


def _without_pictures(pdf: Any) -> bool:
    """Empty the pictures of a PDF, which are nothing to read; return whether there were any."""
    import pikepdf

    pictures = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"]
    for picture in pictures:
        picture.write(b"")
    return bool(pictures)


def _take_running_lines(pages: Sequence[Page], title: str = "") -> list[tuple[Page, Row, int]]:
    """Take heads and feet off the pages; return the first of each kind, with its page and how many there are.

    A line at an edge runs where every page but one has it at the same height, numbers aside; or where it is the
    number of its page, or the title that the file gives itself, as browsers print it.
    """
    taken: list[tuple[Page, Row, int]] = []
    for edge in (0, -1):
        for _ in range(_MOST_RUNNING):
            rows = [(page, page.lines[edge]) for page in pages if page.lines]
            kinds: dict[str, list[tuple[Page, Row]]] = {}
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


def _numbers(rows: Sequence[tuple[Page, Row]]) -> list[tuple[Page, Row]]:
    """Return the lines that are the numbers of their pages, apart from what else is on these."""
    found = []
    for page, row in rows:
        match = _PAGE_NUMBER.fullmatch(row.text.strip())
        if match and int(match[1]) == page.number and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _titles(rows: Sequence[tuple[Page, Row]], title: str) -> list[tuple[Page, Row]]:
    """Return the lines that are the title of the document, with day and hour perhaps, apart from what else is there.

    Not on the first page, where the letter itself may begin with its title.
    """
    found = []
    for page, row in rows[1:] if len(title) >= _SHORTEST_TITLE else ():
        before, there, after = " ".join(row.text.split()).partition(title)
        if there and _MOMENT.fullmatch(before + after) and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _apart(row: Row, other: Row) -> bool:
    return row is other or abs(row.y - other.y) > 1.5 * max(row.size, other.size)


def _left_out(name: str, page: Page, row: Row, count: int) -> Finding:
    pages = "1 page" if count == 1 else f"{count} pages"
    words = " ".join(row.text.split())
    shown, mark = excerpt(words, 0, len(words))
    message = f"a running head or foot of {pages} was left out"
    return Finding(
        "running-line",
        "note",
        message,
        source=f"{name} page {page.number}",
        line=row.number,
        column=1,
        excerpt=shown,
        mark=mark,
    )


def _edges(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines at an edge of a page that a head or foot may be, which stands once: it is far from the others, or
    a sentence seems to go on around it.
    """
    for number, (line, following) in enumerate(pairwise(lines)):
        around = number > 0 and not any(SENTENCE_END.search(each.text) for each in (lines[number - 1], line))
        if line.page and not following.page and following.gap >= (1 if around else _FAR):
            yield line
        if following.gap >= _FAR and (number + 2 == len(lines) or lines[number + 2].page):
            yield following


def _kept(name: str, line: Line) -> Finding:
    message = "stands apart at the edge of its page and was kept; it may be a running head or foot"
    return _at_line("running-line", "warning", message, name, line)


def _at_line(code: str, severity: Severity, message: str, name: str, line: Line) -> Finding:
    place = f"{name} page {line.page_number}".strip()
    shown, mark = excerpt(line.text, 0, len(line.text))
    return Finding(code, severity, message, source=place, line=line.number, column=1, excerpt=shown, mark=mark)


def _lines(pages: Sequence[Page], name: str, signs: Signs) -> Iterator[Line]:
    """Yield the lines in normal form, each with the gap before it in blank lines of the usual distance."""
    usual = _usual_distance(pages)
    margin = _margin(pages, usual)
    bottom = min((row.y for page in pages for row in page.lines), default=0.0)
    last: Row | None = None
    for page in pages:
        for index, row in enumerate(page.lines):
            try:
                words = normal.words(signs.plain(row.text))
            except normal.CharacterError as error:
                message, _, remedy = re.sub(r" at position \d+", "", str(error)).partition(": ")
                place = f"{name} page {page.number}"
                raise LetterError(
                    Finding("character", "error", message, source=place, line=row.number, remedy=remedy)
                ) from None
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
    """Tell whether a page was ended although so many lines more had stood on it, so that a paragraph ended there too.

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


def _fits(upper: Row, lower: Row, margin: float) -> bool:
    """Tell whether a line was ended although the first word of the next would have fitted on it."""
    return margin - upper.end - _SPACE_WIDTH * lower.size > _FITS * lower.first_word()


def without_letterhead(name: str, lines: Sequence[Line], automaton: Automaton) -> tuple[Sequence[Line], list[Finding]]:
    """Return the lines from the first fixed words a letter may begin with, and what was left out above these.

    What may come before those words in the letter itself, damaged, is not left out: then only lines without a digit.
    """
    first = _fixed_words(automaton.states[:1])
    later = _fixed_words(automaton.states[1:])
    for index, line in enumerate(lines[:MOST_LETTERHEAD]):
        begins = {words for words in first if line.text.startswith(words.rstrip(" "))}
        above = lines[:index]
        if line.page_number != lines[0].page_number:
            break
        if begins and (not begins & later or not any(_DIGITS.search(each.text) for each in above)):
            message = "stands above the letter and belongs to no part of the form; it was left out"
            return lines[index:], [_at_line("letterhead", "note", message, name, each) for each in above]
    return lines, []


def _fixed_words(states: Sequence[State]) -> set[str]:
    """Return the fixed words that blocks read in these states begin with."""
    prefixes = (step.pattern.prefix for state in states for step in state.steps if step.pattern is not None)
    return {prefix for prefix in prefixes if is_fence(prefix)}


def _distance(upper: Row, lower: Row) -> float:
    """Return how far apart two lines are, in sizes of their letters; a column or direction begun anew is far."""
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
