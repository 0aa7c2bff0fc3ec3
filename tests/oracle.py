"""WeasyPrint's pages against the typesetter's, sign by sign: `python -m tests.oracle [GENERATED] [edits] [corpus]`.

The two agree on a letter where they have the same pages, the same signs on them, each within a quarter of a point of
its place, and pages that look alike. Signs are compared line by line: a line that is broken elsewhere has other signs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import ImageChops

from imr_letters.engine.errors import ImrLettersError
from imr_letters.letters import RenderedLetter
from imr_letters.media import html
from imr_letters.media.pdf import letterhead, writer
from imr_letters.media.pdf.typeset import letter as typesetter
from imr_letters.media.pdf.typeset.supported import Unsupported

#: As far as a sign may be from its place, in points.
NEAR = 0.25
#: Squares of four points may differ by this shade. A sign that is moved by a hundredth of a point may be drawn a whole
#: pixel further; what is missing, added or of another color changes the ink of a square by more.
SHADE = 20

Sign = tuple[str, float, float]


@dataclass
class Outcome:
    """What was found of one letter: why the typesetter leaves it to WeasyPrint, or what differs."""

    fallback: str = ""
    difference: str = ""
    pages: int = 0
    furthest: float = 0.0
    shade: int = 0


def asked(letter: RenderedLetter, css: str | None = None) -> dict[str, Any]:
    """Return what a writer is asked for."""
    printable = letter.printable()
    sheet, pictures = letterhead.letterhead(printable.family.logo, printable.family.about.letterhead.lines)
    if printable.draft:
        stamp, picture = letterhead.stamp()
        sheet, pictures = sheet + stamp, pictures | picture
    return {
        "body": printable.body,
        "css": (printable.family.css if css is None else css) + sheet,
        "title": printable.title,
        "created": printable.created,
        "attachment": printable.attachment,
        "pictures": pictures,
    }


def by_typesetter(letter: RenderedLetter, css: str | None = None) -> bytes:
    """Return a letter's PDF by the typesetter. Raises `Unsupported`."""
    return typesetter.write(**asked(letter, css))


def by_weasyprint(letter: RenderedLetter, css: str | None = None) -> bytes:
    """Return a letter's PDF by WeasyPrint."""
    return by_weasyprint_of(asked(letter, css))


def by_weasyprint_of(given: dict[str, Any]) -> bytes:
    """Return the PDF that WeasyPrint makes of what a writer is asked for."""
    rest = {name: value for name, value in given.items() if name != "body"}
    return writer.write(html.page(given["body"], title=given["title"]), **rest)


def compared(letter: RenderedLetter, css: str | None = None) -> Outcome:
    """Return how the two writers agree on a letter, which may be given another stylesheet."""
    try:
        mine = by_typesetter(letter, css)
    except Unsupported as reason:
        return Outcome(fallback=str(reason))
    except ImrLettersError as error:
        try:
            by_weasyprint(letter, css)
        except ImrLettersError as other:
            return Outcome(fallback="refused by both" if str(error) == str(other) else "", difference=str(other))
        return Outcome(difference=f"refused by one: {error}")
    return difference(by_weasyprint(letter, css), mine)


def difference(theirs: bytes, mine: bytes) -> Outcome:
    """Return how two PDFs of a letter agree."""
    one, other = pypdfium2.PdfDocument(theirs), pypdfium2.PdfDocument(mine)
    try:
        found = Outcome(pages=len(one))
        if len(one) != len(other):
            return replace(found, difference=f"{len(one)} pages and {len(other)}")
        for number, (left, right) in enumerate(zip(one, other, strict=True), start=1):
            _compare_pages(found, number, left, right)
            if found.difference:
                break
        return found
    finally:
        one.close()
        other.close()


def _compare_pages(found: Outcome, number: int, one: Any, other: Any) -> None:
    left, right = _by_line(_signs(one)), _by_line(_signs(other))
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a[0] != b[0]), None)
    if at is not None or len(left) != len(right):
        at = min(len(left), len(right)) if at is None else at
        here, there = ("".join(sign for sign, *_ in side[max(0, at - 20) : at + 15]) for side in (left, right))
        found.difference = f"page {number}, sign {at}: {here!r} and {there!r}"
        return
    far = max((max(abs(a[1] - b[1]), abs(a[2] - b[2])) for a, b in zip(left, right, strict=True)), default=0.0)
    found.furthest = max(found.furthest, far)
    if far > NEAR:
        moved, there = next(
            (a, b) for a, b in zip(left, right, strict=True) if max(abs(a[1] - b[1]), abs(a[2] - b[2])) > NEAR
        )
        found.difference = f"page {number}: {moved} is at {there}"
        return
    pictures = [page.render(scale=4).to_pil().convert("RGB").reduce(16) for page in (one, other)]
    most = max(at % 256 for at, count in enumerate(ImageChops.difference(*pictures).histogram()) if count)
    found.shade = max(found.shade, most)
    if most > SHADE:
        found.difference = f"page {number}: a square looks different by {most} shades of gray"


def _by_line(signs: Iterator[Sign]) -> list[Sign]:
    return sorted(signs, key=lambda sign: (-round(sign[2]), sign[1]))


def _signs(page: Any) -> Iterator[Sign]:
    """Yield the signs of a page and where each begins; spaces are not seen."""
    text = page.get_textpage()
    x, y = ctypes.c_double(), ctypes.c_double()
    for number in range(pdfium.FPDFText_CountChars(text.raw)):
        code = pdfium.FPDFText_GetUnicode(text.raw, number)
        if pdfium.FPDFText_IsGenerated(text.raw, number) or code in (0x20, 0x0A, 0x0D, 0xA0):
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, number, ctypes.byref(x), ctypes.byref(y))
        yield ("-" if code in (0xFFFE, 0x02) else chr(code)), x.value, y.value
