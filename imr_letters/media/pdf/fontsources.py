"""Pages whose fonts come from another file: whoever puts a PDF together from several brings their fonts along."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Where, finding_in

#: A font's own parts are no deeper than this.
_DEEPEST = 4

#: A font: its name without the tag of its subset, and a digest of what it draws.
_Font = tuple[str, str]


def foreign_pages(pdf: Any, name: str) -> Iterator[Finding]:
    """Report pages that have fonts of the same names as the other pages, and not one font in common with them.

    A program gives all pages of a letter the same fonts, with the characters that are used in it. Pages that were
    split and put together again have copies, which are the same.
    """
    pages = [set(_fonts(page)) for page in pdf.pages]
    for number, fonts in enumerate(pages, start=1):
        others = set[_Font]().union(*(each for at, each in enumerate(pages, start=1) if at != number))
        if {each for each, _ in fonts} & {each for each, _ in others} and not fonts & others:
            yield finding_in(
                Where(None, None, "", 0, number),
                name,
                code="page-foreign",
                severity="warning",
                message="the fonts of this page are those of another file; the letter may not be whole",
                remedy="look at the original: is this page from another letter?",
            )


def _fonts(page: Any) -> Iterator[_Font]:
    """Yield the fonts of a page; what is no font is not looked for here."""
    import pikepdf

    resources = page.get("/Resources")
    fonts = resources.get("/Font") if isinstance(resources, pikepdf.Dictionary) else None
    for font in fonts.values() if isinstance(fonts, pikepdf.Dictionary) else ():
        if isinstance(font, pikepdf.Dictionary):
            digest = hashlib.sha256()
            _add(digest, font, _DEEPEST)
            yield str(font.get("/BaseFont", "")).rpartition("+")[2], digest.hexdigest()


def _add(digest: Any, part: Any, depth: int) -> None:
    """Add what a part of a font says to a digest, whichever object it is."""
    import pikepdf

    if isinstance(part, pikepdf.Stream):
        digest.update(part.read_raw_bytes())
    elif isinstance(part, pikepdf.Dictionary) and depth:
        for key in sorted(part.keys()):
            digest.update(key.encode())
            _add(digest, part[key], depth - 1)
    elif isinstance(part, pikepdf.Array) and depth:
        for each in part.as_list():
            _add(digest, each, depth - 1)
    elif not isinstance(part, pikepdf.Object):
        digest.update(str(part).encode())
    elif not isinstance(part, pikepdf.Dictionary | pikepdf.Array):
        digest.update(part.unparse())
