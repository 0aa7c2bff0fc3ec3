"""PDF: writing letters, and reading them and those of other programs.

The libraries, and what needs them, are imported when a letter is written or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from imr_letters.engine.errors import Finding, InputError, RenderError
from imr_letters.media.medium import Again, Portrait, PreparedSource, Printable, Provenance

if TYPE_CHECKING:
    from imr_letters.media.pdf.source import PdfSource


def write(letter: Printable) -> bytes:
    """Return a letter as PDF/UA-1 and PDF/A-3a in one file, its decision attached; a draft is stamped as one.

    Raises `EngineError` where Pango is missing, `RenderError` where its pages do not read back to the letter.
    """
    from imr_letters.media.pdf import limits, reader, writers
    from imr_letters.media.pdf.typeset import readback

    made = writers.write(letter)
    try:
        if writers.writer_of(made) == writers.TYPESETTER:
            read_back = readback.blocks(made)
        else:
            read_back = reader.read_here(made, ours=limits.is_ours(made)).blocks
    except InputError as error:
        message = f"the letter's PDF cannot be read back: it {error.findings[0].message}"
        remedy = "shorten the prose, or send the letter as text"
        raise RenderError.of(message, code="pdf", remedy=remedy) from None
    if read_back != [block.text for block in letter.blocks]:
        remedy = "look for words that the stylesheet hides, moves or adds"
        raise RenderError.of("the pages do not read back to this letter", code="pdf", remedy=remedy)
    return made


def recognise(data: bytes) -> Provenance | None:
    """Return where a PDF was made, None for what is no PDF.

    The mark of our writer can be forged; "ours" are files that are also as small and simple as its files are.
    """
    if b"%PDF-" not in data[:1024]:
        return None
    from imr_letters.media.pdf import limits

    return "ours" if limits.is_ours(data) else "foreign"


def read(given: PreparedSource) -> PdfSource:
    """Read a PDF: small and simple tagged files of our writer in this process, all others in a child."""
    from imr_letters.media.pdf import reader

    return reader.read(given)


def portrait(data: bytes) -> Portrait:
    """Return the words and the pictures of the pages; the bytes of a PDF are never compared."""
    from imr_letters.media.pdf import raster

    pages = raster.pages(data)
    words = [f"page {at} of {len(pages)}\n\n{each.words}\n" for at, each in enumerate(pages, start=1)]
    return Portrait("\n\n".join(words), part="pages", pictures=tuple(each.picture for each in pages))


def strings_of(data: bytes) -> list[str]:
    """Return what a PDF of ours says anywhere: on its pages, in metadata and tags, in attachments."""
    from imr_letters.media.pdf.strings import strings

    return strings(data)


def counts(data: bytes) -> Mapping[str, int]:
    """Return the number of pages of a PDF of ours."""
    import pikepdf

    with pikepdf.open(BytesIO(data)) as pdf:
        return {"pages": len(pdf.pages)}


def writer_of(data: bytes) -> str:
    """Return which writer made a PDF of ours: the typesetter or WeasyPrint."""
    from imr_letters.media.pdf import writers

    return writers.writer_of(data)


def engine() -> str:
    """Return the fingerprint of the PDF engine and its fonts."""
    from imr_letters.media.pdf.writers import fingerprint

    return fingerprint()


def attached(given: PreparedSource) -> tuple[bytes | None, bool]:
    """Return the decision that is attached to a PDF, and whether one should be: where the file says it is ours.

    Raises `InputError` for what cannot be opened.
    """
    from imr_letters.media.pdf import attachment

    return attachment.look(given)


def compare(given: PreparedSource, again: Again) -> list[Finding]:
    """Return what differs between a PDF and the letter rendered again, which may be stamped as a draft too."""
    from imr_letters.media.pdf import comparison

    return comparison.compare(given, again)
