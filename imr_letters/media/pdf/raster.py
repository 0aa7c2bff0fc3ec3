"""Pages as pictures and as words, for people and tests to look at; only for PDFs that this program made itself.

Pictures are compared within a tolerance: the same letter drawn by another version of pdfium differs in the shades at
the edges of its characters, and in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

#: Dots to the inch: enough to see a line that moved, and small enough to be kept with the tests.
DOTS = 72
#: Shades of grey that are kept, and how far apart two of 256 must be to be seen as different.
_SHADES, _SEEN = 16, 64
_RED, _BLUE = (200, 30, 30), (20, 90, 200)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page: its words in its lines, and its picture as PNG."""

    words: str
    picture: bytes


def pages(data: bytes, *, dots: int = DOTS) -> list[PagePicture]:
    """Return the pages of a PDF of ours, letterhead and page numbers and all, drawn with so many dots to the inch."""
    import pypdfium2

    found: list[PagePicture] = []
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            text = page.get_textpage()
            # pdfium marks a hyphen at which a word was split over a line.
            lines = text.get_text_range().replace("\ufffe", "-").splitlines()
            picture = page.render(scale=dots / 72, grayscale=True).to_pil()
            found.append(PagePicture("\n".join(line.rstrip() for line in lines), _png(picture.quantize(_SHADES))))
            text.close()
            page.close()
    return found


def share(before: bytes, after: bytes) -> float:
    """Return the share of two pictures' dots, from 0 to 1, that are seen to differ; 1 for those of other sizes."""
    from PIL import ImageChops

    old, new = _opened(before), _opened(after)
    if old.size != new.size:
        return 1.0
    differences = ImageChops.difference(old, new).histogram()
    return sum(differences[_SEEN:]) / (old.width * old.height)


def overlay(before: bytes, after: bytes) -> bytes:
    """Return one picture of two: what is only in the first is red, what is only in the second is blue."""
    from PIL import Image, ImageChops

    old, new = _opened(before), _opened(after)
    size = (max(old.width, new.width), max(old.height, new.height))
    first, second = _on_sheet(old, size), _on_sheet(new, size)
    both = Image.merge("RGB", [ImageChops.lighter(first, second)] * 3).point(lambda shade: 128 + shade // 2)
    for dark, light, colour in ((first, second, _RED), (second, first, _BLUE)):
        mask = ImageChops.subtract(light, dark).point(lambda shade: 255 if shade >= _SEEN else 0)
        both.paste(Image.new("RGB", size, colour), mask=mask)
    return _png(both)


def _on_sheet(picture: Image, size: tuple[int, int]) -> Image:
    from PIL import Image

    sheet = Image.new("L", size, 255)
    sheet.paste(picture)
    return sheet


def _opened(picture: bytes) -> Image:
    from PIL import Image

    return Image.open(BytesIO(picture)).convert("L")


def _png(picture: Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
