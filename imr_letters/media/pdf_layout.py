"""Read a PDF without tags: characters -> pieces -> lines of the pages, by where they stand.

pdfium gives the right characters where other libraries do not, but a file can take its process down: this module is
for the guarded child of `pdf_reader` alone. It is shown a copy that qpdf wrote anew, so that what was checked and
what is read are the same file.
"""

from __future__ import annotations

import bisect
import ctypes
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from imr_letters import text as normal
from imr_letters.errors import Finding, LetterError, excerpt
from imr_letters.grammar.automaton import Automaton, State
from imr_letters.grammar.pattern import is_fence
from imr_letters.media import pdf_check
from imr_letters.media.layout import SENTENCE_END
from imr_letters.media.lines import Line
from imr_letters.media.signs import Signs

#: Most characters on the pages of a letter; the longest published one has 30,000.
MOST_CHARS = 300_000

#: Most lines of a letterhead.
MOST_LETTERHEAD = 15

#: Text smaller than this, in points, nobody can read.
_SMALLEST = 1.0
#: How far outside its page a character may stand, in points.
_EDGE = 2.0
#: As parts of the size of the letters: a step up or down within a line (raised signs), back within one, a word space.
_STEP, _BACK, _SPACE = 0.45, 0.5, 0.12
#: So many blank lines part what does not belong together.
_FAR = 2
#: Lines of a text stand at least this far apart.
_INTERLEAVED = 0.8
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
_INVISIBLE = {3, 7}
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
    pages = _pages(out.getvalue(), name)
    if not any(page.lines for page in pages):
        if pictures:
            message = "holds pictures of pages and no text that can be seen"
            raise pdf_check.refusal("pictures", message, name, "give its text, or the file it was printed from")
        raise pdf_check.refusal("empty", "has no words on its pages", name, "give a letter with text")
    findings = [
        Finding("untagged", "note", "has no tags; the layout of its pages told where blocks and paragraphs begin", name)
    ]
    if any(page.hidden for page in pages):
        message = "text that cannot be seen, invisible or outside its page, was left out"
        findings.append(Finding("hidden", "warning", message, name, remedy="compare the pages with the decision"))
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


class _Piece(NamedTuple):
    """Characters that follow each other on one line: where they begin and end, their height on the page, their size."""

    x: float
    end: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class _Row:
    """A visual line: the pieces at one height."""

    y: float
    size: float
    pieces: list[_Piece]
    number: int = 0
    cells: bool = False

    @property
    def text(self) -> str:
        """Its words from left to right, white space not yet folded."""
        ordered = _in_cells(self.pieces) if self.cells else sorted(self.pieces)
        words = [ordered[0].text]
        for before, piece in pairwise(ordered):
            apart = piece.x - before.end > _SPACE * self.size or piece.x < before.end - _BACK * self.size
            words.append(" " * apart + piece.text)
        return "".join(words)

    @property
    def end(self) -> float:
        """Where its last character ends."""
        return max(piece.end for piece in self.pieces)

    def first_word(self) -> float:
        """Return about how wide its first word is."""
        text = self.text.strip()
        return (self.end - min(self.pieces).x) * len(text.partition(" ")[0]) / len(text)


@dataclass(slots=True)
class _Page:
    """A page: its lines from top to bottom, and whether there is text that cannot be seen."""

    number: int
    lines: list[_Row] = field(default_factory=list)
    hidden: bool = False


def _pages(data: bytes, name: str) -> list[_Page]:
    import pypdfium2

    found: list[_Page] = []
    count = 0
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            count += text.count_chars()
            if count > MOST_CHARS:
                message = f"has more than {MOST_CHARS:,} characters on its pages"
                raise pdf_check.refusal("too-long", message, name, "give one letter at a time")
            pieces = _Pieces(page, text)
            found.append(_Page(number + 1, _rows(pieces.found), pieces.hidden))
            text.close()
            page.close()
    return found


class _Pieces:
    """Takes the characters of a page in the order they are drawn, and parts them where a line is left."""

    def __init__(self, page: Any, text: Any) -> None:
        import pypdfium2.raw as pdfium

        self.hidden = False
        #: For each direction, in quarters of a turn, what is written in it.
        self.found: dict[int, list[_Piece]] = {}
        self._pdfium = pdfium
        self._text = text
        self._box = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, self._box)
        self._chars: list[str] = []
        self._turn, self._size, self._seen = 0, 0.0, True
        self._start = self._last = (0.0, 0.0)
        self._index = 0
        self._take()

    def _take(self) -> None:
        pdfium, text = self._pdfium, self._text
        x, y = ctypes.c_double(), ctypes.c_double()
        drawn: int | None = None
        for index in range(text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(text, index)
            if pdfium.FPDFText_IsGenerated(text, index) == 1:
                if code in (10, 13):
                    self._end()
                elif self._chars:
                    self._chars.append(" ")
                continue
            by = ctypes.cast(pdfium.FPDFText_GetTextObject(text, index), ctypes.c_void_p).value
            if by is None or by != drawn:
                drawn = by
                self._look(index)
            pdfium.FPDFText_GetCharOrigin(text, index, x, y)
            if not self._seen or not self._on_page(x.value, y.value):
                self.hidden = self.hidden or chr(code).isprintable()
                continue
            at = _turned(x.value, y.value, self._turn)
            if self._chars and (
                abs(at[1] - self._start[1]) > _STEP * self._size or at[0] < self._last[0] - _BACK * self._size
            ):
                self._end()
            if not self._chars:
                self._start = at
            self._last, self._index = at, index
            self._chars.append("-" if pdfium.FPDFText_IsHyphen(text, index) == 1 else chr(code or 0xFFFD))
        self._end()

    def _look(self, index: int) -> None:
        """Look at how the characters from an index on are drawn."""
        pdfium, text = self._pdfium, self._text
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        angle = math.atan2(matrix.b, matrix.a)
        turn = round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0
        if self._chars and turn != self._turn:
            self._end()
        mode = pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(text, index))
        self._turn = turn
        self._size = size if math.isfinite(size) else 0.0
        self._seen = self._size >= _SMALLEST and mode not in _INVISIBLE

    def _on_page(self, x: float, y: float) -> bool:
        box = self._box
        beside = x < box.left - _EDGE or x > box.right + _EDGE
        return not beside and bool(box.bottom - _EDGE <= y <= box.top + _EDGE)

    def _end(self) -> None:
        """End a piece; it reaches to the right side of its last character."""
        if not self._chars:
            return
        sides = [ctypes.c_double() for _ in range(4)]
        self._pdfium.FPDFText_GetCharBox(self._text, self._index, *sides)
        left, right, bottom, top = (side.value for side in sides)
        end = max(_turned(left, bottom, self._turn)[0], _turned(right, top, self._turn)[0])
        words = "".join(self._chars)
        if any("\ud800" <= char <= "\udfff" for char in words):
            words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if words.strip():
            piece = _Piece(self._start[0], end, self._start[1], self._size, words)
            self.found.setdefault(self._turn, []).append(piece)
        self._chars = []


def _turned(x: float, y: float, quarters: int) -> tuple[float, float]:
    """Return a place on the page as seen when the page is turned so that the text stands upright."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[quarters]


def _rows(found: dict[int, list[_Piece]]) -> list[_Row]:
    """Return the lines of a page from top to bottom: first those of the direction most is written in."""
    rows: list[_Row] = []
    for pieces in sorted(found.values(), key=lambda pieces: -sum(len(piece.text) for piece in pieces)):
        first = len(rows)
        for piece in sorted(pieces, key=lambda piece: -piece.y):
            if len(rows) > first and rows[-1].y - piece.y < _STEP * max(rows[-1].size, piece.size):
                row = rows[-1]
                row.pieces.append(piece)
                if piece.size > row.size:
                    row.y, row.size = piece.y, piece.size
            else:
                rows.append(_Row(piece.y, piece.size, [piece]))
    whole = _table_rows(rows)
    for number, row in enumerate(whole, start=1):
        row.number = number
    return whole


def _table_rows(rows: Sequence[_Row]) -> list[_Row]:
    """Put lines together that stand closer than lines of a text can: cells beside each other, of one line and two."""
    whole: list[_Row] = []
    lowest = math.inf
    for row in rows:
        if whole and 0 < lowest - row.y < _INTERLEAVED * row.size:
            whole[-1].cells = True
            whole[-1].pieces += row.pieces
        else:
            whole.append(row)
        lowest = row.y
    return whole


def _in_cells(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Return pieces cell by cell: those above each other are one."""
    cells: list[tuple[float, list[_Piece]]] = []
    for piece in sorted(pieces):
        if cells and piece.x < cells[-1][0] - _BACK * piece.size:
            end, cell = cells[-1]
            cells[-1] = max(end, piece.end), [*cell, piece]
        else:
            cells.append((piece.end, [piece]))
    return [piece for _, cell in cells for piece in sorted(cell, key=lambda each: -each.y)]


def _take_running_lines(pages: Sequence[_Page], title: str = "") -> list[tuple[_Page, _Row, int]]:
    """Take heads and feet off the pages; return the first of each kind, with its page and how many there are.

    A line at an edge runs where every page but one has it at the same height, numbers aside; or where it is the
    number of its page, or the title that the file gives itself, as browsers print it.
    """
    taken: list[tuple[_Page, _Row, int]] = []
    for edge in (0, -1):
        for _ in range(_MOST_RUNNING):
            rows = [(page, page.lines[edge]) for page in pages if page.lines]
            kinds: dict[str, list[tuple[_Page, _Row]]] = {}
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


def _numbers(rows: Sequence[tuple[_Page, _Row]]) -> list[tuple[_Page, _Row]]:
    """Return the lines that are the numbers of their pages, apart from what else is on these."""
    found = []
    for page, row in rows:
        match = _PAGE_NUMBER.fullmatch(row.text.strip())
        if match and int(match[1]) == page.number and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _titles(rows: Sequence[tuple[_Page, _Row]], title: str) -> list[tuple[_Page, _Row]]:
    """Return the lines that are the title of the document, with day and hour perhaps, apart from what else is there.

    Not on the first page, where the letter itself may begin with its title.
    """
    found = []
    for page, row in rows[1:] if len(title) >= _SHORTEST_TITLE else ():
        before, there, after = " ".join(row.text.split()).partition(title)
        if there and _MOMENT.fullmatch(before + after) and all(_apart(row, other) for other in page.lines):
            found.append((page, row))
    return found


def _apart(row: _Row, other: _Row) -> bool:
    return row is other or abs(row.y - other.y) > 1.5 * max(row.size, other.size)


def _left_out(name: str, page: _Page, row: _Row, count: int) -> Finding:
    pages = "1 page" if count == 1 else f"{count} pages"
    words = " ".join(row.text.split())
    shown, mark = excerpt(words, 0, len(words))
    message = f"a running head or foot of {pages} was left out"
    return Finding("running-line", "note", message, f"{name} page {page.number}", row.number, 1, shown, mark)


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
    place = f"{name} page {line.page_number}"
    shown, mark = excerpt(line.text, 0, len(line.text))
    return Finding("running-line", "warning", message, place, line.number, 1, shown, mark)


def _lines(pages: Sequence[_Page], name: str, signs: Signs) -> Iterator[Line]:
    """Yield the lines in normal form, each with the gap before it in blank lines of the usual distance."""
    usual = _usual_distance(pages)
    margin = _margin(pages, usual)
    bottom = min((row.y for page in pages for row in page.lines), default=0.0)
    last: _Row | None = None
    for page in pages:
        for index, row in enumerate(page.lines):
            try:
                words = normal.words(signs.plain(row.text))
            except normal.CharacterError as error:
                message, _, remedy = re.sub(r" at position \d+", "", str(error)).partition(": ")
                place = f"{name} page {page.number}"
                raise LetterError(Finding("character", "error", message, place, row.number, remedy=remedy)) from None
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


def _left_room(lines: float, page: _Page, usual: float) -> bool:
    """Tell whether a page was ended although so many lines more had stood on it, so that a paragraph ended there too.

    One line may have gone to the next page for company: word processors leave no line of a paragraph alone.
    """
    together = 1
    for upper, lower in pairwise(page.lines):
        if _distance(upper, lower) > usual * _WIDER:
            break
        together += 1
    return lines > (_ALMOST if together != 2 else 1 + _ALMOST)


def _margin(pages: Sequence[_Page], usual: float) -> float:
    """Return about where lines end that are followed by another of their paragraph."""
    ends = sorted(
        upper.end
        for page in pages
        for upper, lower in pairwise(page.lines)
        if _distance(upper, lower) <= usual * _WIDER
    )
    return ends[len(ends) * 4 // 5] if ends else 0.0


def _fits(upper: _Row, lower: _Row, margin: float) -> bool:
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
            return lines[index:], [
                Finding(
                    "letterhead", "note", message, f"{name} page {each.page_number}".strip(), each.number, 1,
                    *excerpt(each.text, 0, len(each.text)),
                )
                for each in above
            ]  # fmt: skip
    return lines, []


def _fixed_words(states: Sequence[State]) -> set[str]:
    """Return the fixed words that blocks read in these states begin with."""
    prefixes = (step.pattern.prefix for state in states for step in state.steps if step.pattern is not None)
    return {prefix for prefix in prefixes if is_fence(prefix)}


def _distance(upper: _Row, lower: _Row) -> float:
    """Return how far apart two lines are, in sizes of their letters; a column or direction begun anew is far."""
    distance = (upper.y - lower.y) / max(upper.size, lower.size)
    return distance if 0 < distance < 100 else 100.0


def _usual_distance(pages: Sequence[_Page]) -> float:
    """Return the distance of the lines of one paragraph: the least of those that are frequent."""
    found = sorted(_distance(*pair) for page in pages for pair in pairwise(page.lines))
    for index, each in enumerate(found):
        end = bisect.bisect_right(found, each * 1.1)
        if end - index >= _USUAL * len(found):
            return found[(index + end) // 2]
    return 1.2
