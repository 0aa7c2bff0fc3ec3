"""The running feet of pages in text that a program extracted from a PDF: a form feed ends each page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from imr_letters.engine.errors import Finding

_PAGE = re.compile(r"\s*?(?P<before>\S.*?)??(?P<space>\s*)Page \d{1,3} of \d{1,3}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
#: Where so much space is kept within a line, the extraction kept the layout of the page.
_WIDE = 3

#: What to do about a text that lost signs while it was extracted.
EXTRACT = "give the PDF itself, or extract its text with pdftotext -layout"


def without_feet(raw: str, name: str) -> tuple[str, list[Finding]]:
    """Return a text with the feet of its pages made blank, and what to report.

    A foot is a last line that ends with "Page 2 of 5", with the words before it, or the line before, where all pages
    but one have the same.
    """
    pages = [page.split("\n") for page in raw.split("\f")]
    feet = [(page, rows, found) for page in pages if (rows := _last(page)) and (found := _foot(page, rows[-1]))]
    if not feet:
        return raw, []
    words = [found["before"] or (page[rows[-2]].strip() if len(rows) > 1 else "") for page, rows, found in feet]
    common, count = Counter(_DIGITS.sub("0", each) for each in words).most_common(1)[0]
    for (page, rows, found), each in zip(feet, words, strict=True):
        same = count >= max(2, len(feet) - 1) and _DIGITS.sub("0", each) == common
        page[rows[-1]] = "" if same or not found["before"] else found["before"]
        if same and not found["before"]:
            page[rows[-2]] = ""
    return "\f".join("\n".join(page) for page in pages), list(_report(name, feet[0][2], len(feet)))


def _last(page: Sequence[str]) -> list[int]:
    """Return the numbers of the last two lines of a page that are not blank."""
    return [number for number, line in enumerate(page) if line.strip()][-2:]


def _foot(page: Sequence[str], number: int) -> re.Match[str] | None:
    return _PAGE.fullmatch(page[number].rstrip())


def _report(name: str, found: re.Match[str], count: int) -> Iterator[Finding]:
    pages = "1 page" if count == 1 else f"{count} pages"
    yield Finding("running-line", "note", f"the running foot of {pages} was left out", source=name, remedy=EXTRACT)
    if len(found["space"] or "") < _WIDE:
        message = "was extracted without the layout of its pages: hyphens at line ends may be lost"
        yield Finding("extraction", "warning", message, source=name, remedy=EXTRACT)
