"""Which words of a PDF's page a person can see: it is drawn with its words, without them, and they alone.

A character is seen where its own dots, drawn alone, change the page. Nothing needs to be known of why it is not: a
shape or picture over it, its color, a clip, a layer that is off, the edge of the page. pdfium draws; a file can take
its process down, so files from outside are looked at in the guarded child alone.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

#: Dots to the inch: enough for the thin strokes of small letters; and most dots of a side, for larger pages.
_DOTS, _MOST_DOTS = 144, 4_000
#: The part of a character's dots that must be seen; shades, of 256, by which these must differ from what is under them.
_SEEN, _CONTRAST = 0.4, 32
#: Text smaller than this, in points, cannot be read.
_SMALLEST = 3.0
#: Shades of grey that text is drawn in, each object in its own; white is the paper.
_SHADES, _PAPER = 250, 255
#: How far above its base line, in sizes of its letters, a line strikes a character through.
_STRUCK_FROM, _STRUCK_TO = 0.1, 0.5
#: The part of a word's characters that must have a line through them.
_STRUCK = 0.7
#: Pale text larger than this, in points, is a watermark.
_LARGE = 24.0
#: The part of a covered character's dots that words over it show too where they are the same.
_SAME_SHAPE = 0.9
#: Text that is turned by more than this, in degrees, from the nearest quarter of a turn is a stamp or watermark.
_SLANT = 8.0

COVERED = "under a shape, a picture or other words"
PALE = "in the color of what is under them"
OUTSIDE = "outside the page"
INVISIBLE = "invisible, clipped or in a layer that is off"
SMALL = "too small to read"
#: Of a sign that may be too small for a dot of its own: it is seen where its neighbors are.
DOUBTFUL = "doubtful"


@dataclass(slots=True)
class Looks:
    """How the characters of a page look, by their index on it."""

    #: Why a character cannot be seen.
    hidden: dict[int, str] = field(default_factory=dict)
    #: Those with a line drawn through them, and those that are aslant or large and pale, as a watermark is.
    struck: set[int] = field(default_factory=set)
    slanted: set[int] = field(default_factory=set)
    #: Those that a form draws, which no reader by tags meets.
    inside: set[int] = field(default_factory=set)
    #: In which direction each runs as the page is shown, in quarters of a turn.
    turns: dict[int, int] = field(default_factory=dict)

    @property
    def usual_turn(self) -> int:
        """The direction of most characters; upright on a page without any."""
        counted = Counter(self.turns.values()).most_common(1)
        return counted[0][0] if counted else 0

    @property
    def astray(self) -> set[int]:
        """The characters that run another way than most."""
        usual = self.usual_turn
        return {index for index, turn in self.turns.items() if turn != usual} - self.slanted


class _Box(NamedTuple):
    """A rectangle of dots: columns from left up to right, rows from top up to bottom."""

    left: int
    top: int
    right: int
    bottom: int


def looked_at(data: bytes, most: int) -> Iterator[tuple[int, Any, Looks]]:
    """Yield the number, the text page and the looks of each page; pages after so many are not looked at."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        for index in range(len(document)):
            page = document[index]
            text = page.get_textpage()
            yield index + 1, text, look(page, text) if index < most else Looks()
            text.close()
            page.close()


def look(page: Any, text: Any) -> Looks:
    """Return how the characters of a page look that is opened by pdfium, `text` being its text page."""
    sheet = _Sheet(page)
    looks = Looks()
    import pypdfium2.raw as pdfium

    covered: dict[int, tuple[_Box, int | None]] = {}
    styles: dict[int | None, tuple[float, int, bool]] = {}
    for index in range(text.count_chars()):
        char = chr(pdfium.FPDFText_GetUnicode(text, index))
        if not char.strip() or pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue
        by = _address(pdfium.FPDFText_GetTextObject(text, index))
        if by not in styles:
            styles[by] = sheet.style(text, index)
        size, turn, slanted = styles[by]
        looks.turns[index] = turn
        if by in sheet.inside:
            looks.inside.add(index)
        box = sheet.box(text, index)
        why = SMALL if size < _SMALLEST else sheet.hidden(box, by, char)
        if slanted or (why == PALE and size > _LARGE):
            looks.slanted.add(index)
        elif why:
            looks.hidden[index] = why
            if why == COVERED:
                covered[index] = box, by
        elif not turn and sheet.struck(box, sheet.base(text, index), size):
            looks.struck.add(index)
    for index in sheet.under_the_same(covered):
        del looks.hidden[index]
    _decide(looks)
    return looks


def _decide(looks: Looks) -> None:
    """Decide about signs that left no dot: they are hidden where the character before is, or else the one after."""
    indexes = list(looks.turns)
    for order in (indexes, indexes[::-1]):
        for index, neighbor in zip(order[1:], order, strict=False):
            if looks.hidden.get(index) == DOUBTFUL and looks.hidden.get(neighbor) != DOUBTFUL:
                if neighbor in looks.hidden:
                    looks.hidden[index] = looks.hidden[neighbor]
                else:
                    del looks.hidden[index]


def runs(text: Any, marked: Collection[int]) -> Iterator[tuple[str, int]]:
    """Yield the words of marked characters that follow each other on a line, with the index of the first."""
    import pypdfium2.raw as pdfium

    words, first = "", 0
    for index in range(text.count_chars()) if marked else ():
        char = chr(pdfium.FPDFText_GetUnicode(text, index) or 0xFFFD)
        if index in marked or (words and char == " "):
            first = first if words else index
            words += char
        elif words:
            yield " ".join(words.split()), first
            words = ""
    if words:
        yield " ".join(words.split()), first


def through_words(text: Any, struck: set[int]) -> set[int]:
    """Return the characters of words most of which have a line through them: a rule may touch a single character."""
    import pypdfium2.raw as pdfium

    found: set[int] = set()
    word: list[int] = []
    for index in range(text.count_chars() + 1) if struck else ():
        if index < text.count_chars() and chr(pdfium.FPDFText_GetUnicode(text, index)).strip():
            word.append(index)
            continue
        if len(struck.intersection(word)) >= max(1, _STRUCK * len(word)):
            found.update(word)
        word = []
    return found


class _Sheet:
    """A page as it is drawn with its words, without them, and they alone; from its left upper corner, in dots."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as pdfium
        from PIL import ImageChops

        self._pdfium, self._page = pdfium, page
        wide, high = page.get_width(), page.get_height()
        self._scale = min(_DOTS / 72, _MOST_DOTS / max(wide, high, 1.0))
        self._width, self._height = max(1, round(wide * self._scale)), max(1, round(high * self._scale))
        self._corner, self._across, self._up = self._dot(0, 0), self._dot(1_000, 0), self._dot(0, 1_000)
        #: The objects of text that are drawn by forms.
        self.inside: set[int | None] = set()
        texts, others = self._objects()
        whole = self._drawn(notes=True)
        for each in texts:
            pdfium.FPDFPageObj_SetIsActive(each, 0)
        bare = self._drawn(notes=True)
        self._shades: dict[int | None, int] = {}
        for number, each in enumerate(texts):
            shade = number % _SHADES
            self._shades[_address(each)] = shade
            pdfium.FPDFPageObj_SetIsActive(each, 1)
            pdfium.FPDFPageObj_SetFillColor(each, shade, shade, shade, 255)
            pdfium.FPDFPageObj_SetStrokeColor(each, shade, shade, shade, 255)
        for each in others:
            pdfium.FPDFPageObj_SetIsActive(each, 0)
        alone = self._drawn(notes=False)
        self._texts = texts
        self._same = ImageChops.difference(whole, bare).point(lambda shade: 0 if shade >= _CONTRAST else _PAPER)
        seen = ImageChops.lighter(alone, self._same)
        #: For each shade whether all that is drawn in it is seen.
        self._whole = [drawn == left for drawn, left in zip(alone.histogram(), seen.histogram(), strict=True)]
        self._bare, self._alone, self._seen = bare.tobytes(), alone.tobytes(), seen.tobytes()

    def style(self, text: Any, index: int) -> tuple[float, int, bool]:
        """Return the size of a character in points, its direction in quarters of a turn, and whether it slants."""
        matrix = self._pdfium.FS_MATRIX()
        self._pdfium.FPDFText_GetMatrix(text, index, matrix)
        size = self._pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        (left, top), (right, down) = self._place(0, 0), self._place(matrix.a, matrix.b)
        angle = math.degrees(math.atan2(top - down, right - left))
        if not math.isfinite(size + angle):
            return 0.0, 0, False
        return size, round(angle / 90) % 4, abs(angle - 90 * round(angle / 90)) > _SLANT

    def box(self, text: Any, index: int) -> _Box:
        """Return the box of a character, which may reach beyond the page."""
        sides = [ctypes.c_double() for _ in range(4)]
        self._pdfium.FPDFText_GetCharBox(text, index, *sides)
        left, right, bottom, top = (side.value for side in sides)
        (x, y), (z, w) = self._place(left, bottom), self._place(right, top)
        most = 10 * _MOST_DOTS
        first, last, high, low = (max(-most, min(most, place)) for place in (*sorted((x, z)), *sorted((y, w))))
        return _Box(int(first), int(high), int(last) + 1, int(low) + 1)

    def base(self, text: Any, index: int) -> int:
        """Return the row of a character's base line."""
        x, y = ctypes.c_double(), ctypes.c_double()
        self._pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        return int(max(0, min(self._height, self._place(x.value, y.value)[1])))

    def hidden(self, box: _Box, by: int | None, char: str) -> str:
        """Return why a character that an object of text draws cannot be seen; nothing for one that can."""
        shade = self._shades.get(by)
        box = self._within(box)
        if box.left >= box.right or box.top >= box.bottom:
            return OUTSIDE
        if shade is not None and self._whole[shade] and self._is_drawn(box, shade):
            return ""
        drawn = self._count(self._alone, box, shade) if shade is not None else 0
        if shade is not None and drawn:
            seen = self._count(self._seen, box, shade) >= _SEEN * drawn
            return "" if seen else PALE if self._is_paper(self._bare, box) else COVERED
        if not char.isalnum():
            return DOUBTFUL
        return INVISIBLE if self._is_paper(self._alone, box) else COVERED

    def under_the_same(self, covered: Mapping[int, tuple[_Box, int | None]]) -> Iterator[int]:
        """Yield which of the characters that something covers are seen: words drawn twice, as some programs embolden.

        It may be called once: it draws the page with the words alone that are covered.
        """
        from PIL import ImageChops

        if not covered:
            return
        by = {each for _, each in covered.values()}
        for each in self._texts:
            self._pdfium.FPDFPageObj_SetIsActive(each, int(_address(each) in by))
        drawn = self._drawn(notes=False)
        seen = ImageChops.lighter(drawn, self._same).tobytes()
        dots = drawn.tobytes()
        for index, (box, _) in covered.items():
            box = self._within(box)
            size = (box.right - box.left) * (box.bottom - box.top)
            shown, left = size - self._count(dots, box, _PAPER), size - self._count(seen, box, _PAPER)
            if shown and left >= _SAME_SHAPE * shown:
                yield index

    def struck(self, box: _Box, base: int, size: float) -> bool:
        """Return whether a line is drawn through a character of a size in points."""
        high = size * self._scale
        left, right = max(0, box.left), min(self._width, box.right)
        first, last = max(0, int(base - _STRUCK_TO * high)), int(base - _STRUCK_FROM * high)
        if left >= right or first >= last:
            return False
        column = self._bare[first * self._width + left : last * self._width : self._width]
        if column.count(column[:1]) == len(column):  # a line through it has an end above and below
            return False
        rows = [self._row(row, left, right) for row in range(first, last)]
        paper = rows[0][0]
        return any(all(abs(shade - paper) >= _CONTRAST for shade in row) for row in rows[1:])

    def _within(self, box: _Box) -> _Box:
        return _Box(max(0, box.left), max(0, box.top), min(self._width, box.right), min(self._height, box.bottom))

    def _row(self, row: int, left: int, right: int) -> bytes:
        return self._bare[row * self._width + left : row * self._width + right]

    def _is_drawn(self, box: _Box, shade: int) -> bool:
        """Return whether a dot of a shade is in a box; most have one in their middle."""
        left, right, width, dots = box.left, box.right, self._width, self._alone
        middle = (box.top + box.bottom) // 2
        return any(
            dots.find(shade, row * width + left, row * width + right) >= 0
            for rows in (range(middle, box.bottom), range(box.top, middle))
            for row in rows
        )

    def _count(self, dots: bytes, box: _Box, shade: int) -> int:
        """Return how many dots of a shade are in a box."""
        left, right, width = box.left, box.right, self._width
        return sum(dots.count(shade, row * width + left, row * width + right) for row in range(box.top, box.bottom))

    def _is_paper(self, dots: bytes, box: _Box) -> bool:
        return self._count(dots, box, _PAPER) == (box.right - box.left) * (box.bottom - box.top)

    def _objects(self) -> tuple[list[Any], list[Any]]:
        """Return the objects of text on the page, those within forms too, and all others that are drawn."""
        pdfium = self._pdfium
        texts: list[Any] = []
        others: list[Any] = []
        todo = [(self._page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, False)]
        while todo:
            holder, count, get, inside = todo.pop()
            for index in range(count(holder)):
                each = get(holder, index)
                kind = pdfium.FPDFPageObj_GetType(each)
                if kind == pdfium.FPDF_PAGEOBJ_FORM:
                    counted = inside or not self._is_artifact(each)
                    todo.append((each, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, counted))
                elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                    texts.append(each)
                    if inside:
                        self.inside.add(_address(each))
                else:
                    others.append(each)
        return texts, others

    def _is_artifact(self, each: Any) -> bool:
        """Return whether the file calls what an object draws no part of the text."""
        pdfium = self._pdfium
        name, size = (ctypes.c_ushort * 32)(), ctypes.c_ulong()
        for index in range(pdfium.FPDFPageObj_CountMarks(each)):
            pdfium.FPDFPageObjMark_GetName(pdfium.FPDFPageObj_GetMark(each, index), name, ctypes.sizeof(name), size)
            if bytes(name).decode("utf-16-le", "replace").partition("\0")[0] == "Artifact":
                return True
        return False

    def _drawn(self, *, notes: bool) -> Image:
        """Return the page as it would be drawn now, in shades of grey, edges not softened."""
        import pypdfium2
        from PIL import Image

        pdfium, size = self._pdfium, (self._width, self._height)
        bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_Gray)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        flags = pdfium.FPDF_RENDER_NO_SMOOTHTEXT | pdfium.FPDF_RENDER_NO_SMOOTHPATH | pdfium.FPDF_RENDER_NO_SMOOTHIMAGE
        pdfium.FPDF_RenderPageBitmap(bitmap, self._page, 0, 0, *size, 0, flags | (pdfium.FPDF_ANNOT if notes else 0))
        drawn = Image.frombytes("L", size, bytes(bitmap.buffer), "raw", "L", bitmap.stride, 1)
        bitmap.close()
        return drawn

    def _dot(self, x: float, y: float) -> tuple[float, float]:
        """Return the dot of a place on the page, as pdfium finds it in whole numbers."""
        column, row = ctypes.c_int(), ctypes.c_int()
        size = (0, 0, self._width * 64, self._height * 64, 0)
        self._pdfium.FPDF_PageToDevice(self._page, *size, x, y, column, row)
        return column.value / 64, row.value / 64

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Return the dot of a place on the page."""
        (left, top), (right, down), (aside, up) = self._corner, self._across, self._up
        return (
            left + (x * (right - left) + y * (aside - left)) / 1_000,
            top + (x * (down - top) + y * (up - top)) / 1_000,
        )


def _address(thing: Any) -> int | None:
    return ctypes.cast(thing, ctypes.c_void_p).value
