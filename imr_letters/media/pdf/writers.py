"""Which of two writers makes the PDF of a letter: the typesetter whatever it sets, WeasyPrint all else.

The letter and its stylesheet alone decide it, so the same letter has the same writer every time. The two make the same
lines and pages; the typesetter makes them many times as fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imr_letters.media import html
from imr_letters.media.pdf import letterhead, metadata, typeset, writer
from imr_letters.media.pdf.typeset.supported import Unsupported

if TYPE_CHECKING:
    from imr_letters.media.medium import Printable

#: What the two are called in manifests and messages.
TYPESETTER, WEASYPRINT = "typesetter", "WeasyPrint"


def write(letter: Printable) -> bytes:
    """Return the PDF of a letter. Raises as `writer.write` does."""
    asked = _asked(letter)
    if typeset.TYPESETS and not letter.by_weasyprint:
        from imr_letters.media.pdf.typeset import letter as typesetter

        try:
            return typesetter.write(**asked)
        except Unsupported:
            pass
    return writer.write(html.page(asked.pop("body"), title=letter.title), **asked)


def why_weasyprint(letter: Printable) -> str:
    """Return why WeasyPrint makes the PDF of a letter; nothing where the typesetter does."""
    from imr_letters.media.pdf.typeset import letter as typesetter

    try:
        typesetter.write(**_asked(letter))
    except Unsupported as reason:
        return str(reason)
    return ""


def writer_of(data: bytes) -> str:
    """Return which of the two made a PDF, by what it says of itself; nothing where it was neither."""
    if f'pdf:Producer="{typeset.PRODUCER}"'.encode() in data:
        return TYPESETTER
    return WEASYPRINT if b'pdf:Producer="WeasyPrint ' in data else ""


def fingerprint() -> str:
    """Return the fingerprint of what draws letters: the typesetter's holds WeasyPrint's, whose cascade it asks."""
    if not typeset.TYPESETS:
        return metadata.fingerprint()
    from imr_letters.media.pdf.typeset import letter as typesetter

    return typesetter.fingerprint()


def _asked(letter: Printable) -> dict[str, Any]:
    css, pictures = letterhead.letterhead(letter.family.logo, letter.family.about.letterhead.lines)
    if letter.draft:
        stamp, picture = letterhead.stamp()
        css, pictures = css + stamp, pictures | picture
    return {
        "body": letter.body,
        "css": letter.family.css + css,
        "title": letter.title,
        "created": letter.created,
        "attachment": letter.attachment,
        "pictures": pictures,
    }
