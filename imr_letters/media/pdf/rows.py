"""From the characters of a PDF without tags to the lines of its pages: what pdfium says, and nothing of letters.

pdfium gives the right characters where other libraries do not, but a file can take its process down: this module is
for the guarded child alone. It is shown a copy that qpdf wrote again, so that what was checked and
what is read are the same file.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.sight import Looks, look
from imr_letters.media.pdf.unseen import MOST_PAGES, Unseen, unseen

#: Most characters on the pages of a letter; the longest published one has 30,000.
MOST_CHARS = 300_000

#: As parts of the size of the letters: a step up or down within a line (raised signs), back within one, a word space.
_STEP, _BACK, _SPACE = 0.45, 0.5, 0.12
#: Lines of a text are at least this far apart.
_INTERLEAVED = 0.8


class _Piece(NamedTuple):
    """Characters that follow each other on one line: where they begin and end, their height on the page, their size."""

    x: float
    end: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class PageRow:
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
class Page:
    """A page: its lines from top to bottom, and what is wrong with how its words are shown."""

    number: int
    lines: list[PageRow]
    unseen: Unseen


def pages_of(data: bytes, name: str) -> list[Page]:
    """Return the pages of a checked PDF. Raises `InputError` for one with too many characters."""
    import pypdfium2

    found: list[Page] = []
    count = 0
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            count += text.count_chars()
            if count > MOST_CHARS:
                message = f"has more than {MOST_CHARS:,} characters on its pages"
                raise refusal("too-long", message, name, "give one letter at a time")
            looks = look(page, text) if number < MOST_PAGES else Looks()
            rows = _rows(_Pieces(text, looks).found)
            found.append(Page(number + 1, rows, unseen(number + 1, text, looks)))
            text.close()
            page.close()
    return found


class _Pieces:
    """Takes the characters of a page in the order they are drawn, and divides them where a line is left."""

    def __init__(self, text: Any, looks: Looks) -> None:
        import pypdfium2.raw as pdfium

        #: For each direction, in quarters of a turn, what is written in it.
        self.found: dict[int, list[_Piece]] = {}
        self._pdfium = pdfium
        self._text = text
        self._left_out = looks.hidden.keys() | looks.slanted | looks.astray
        self._chars: list[str] = []
        self._turn, self._size = 0, 0.0
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
            if index in self._left_out:
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
        self._turn = turn
        self._size = size if math.isfinite(size) else 0.0

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
    """Return a place on the page as seen when the page is turned so that the text is upright."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[quarters]


def _rows(found: dict[int, list[_Piece]]) -> list[PageRow]:
    """Return the lines of a page from top to bottom: first those of the direction most is written in."""
    rows: list[PageRow] = []
    for pieces in sorted(found.values(), key=lambda pieces: -sum(len(piece.text) for piece in pieces)):
        first = len(rows)
        for piece in sorted(pieces, key=lambda piece: -piece.y):
            if len(rows) > first and rows[-1].y - piece.y < _STEP * max(rows[-1].size, piece.size):
                row = rows[-1]
                row.pieces.append(piece)
                if piece.size > row.size:
                    row.y, row.size = piece.y, piece.size
            else:
                rows.append(PageRow(piece.y, piece.size, [piece]))
    whole = _table_rows(rows)
    for number, row in enumerate(whole, start=1):
        row.number = number
    return whole


def _table_rows(rows: Sequence[PageRow]) -> list[PageRow]:
    """Put lines together that are closer than lines of a text can: cells next to each other, of one line and two."""
    whole: list[PageRow] = []
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
