"""The table of media: all that is known about each. A new medium is one file and one row."""

from __future__ import annotations

from pathlib import Path

from imr_letters.engine.errors import UsageError
from imr_letters.media import html, pdf, text
from imr_letters.media.medium import Medium, PreparedSource

TEXT = Medium("text", "text letter", (".txt",), text.write, text.read, strings=text.strings)

MEDIA = (
    TEXT,
    Medium("html", "page of HTML", (".html",), html.write, portrait=html.portrait, strings=text.strings),
    Medium(
        "pdf",
        "PDF",
        (".pdf",),
        pdf.write,
        pdf.read,
        pdf.recognise,
        shown=False,
        stamps=True,
        portrait=pdf.portrait,
        strings=pdf.strings_of,
        counts=pdf.counts,
        writer=pdf.writer_of,
        engine=pdf.engine,
        attached=pdf.attached,
        compare=pdf.compare,
        preload="imr_letters.media.pdf.preloaded",
        shard=8,
    ),
)

#: Media that are read back, by name.
READ = {medium.name: medium for medium in MEDIA if medium.read}
#: The endings of files that hold letters.
LETTER_SUFFIXES = frozenset(suffix for medium in READ.values() for suffix in medium.suffixes)


def named(name: str) -> Medium:
    """Return the medium of a name. Raises `UsageError` where there is none."""
    for medium in MEDIA:
        if medium.name == name:
            return medium
    raise UsageError.of(f'there is no medium "{name}"', remedy=", ".join(medium.name for medium in MEDIA))


def for_file(path: Path | None, name: str | None) -> Medium:
    """Return the medium to write a file in: that of a name, or else that of the file's ending, or else text.

    Raises `UsageError` where the ending is that of another medium, or that of none and no name is given.
    """
    suffix = path.suffix.lower() if path else ""
    of_suffix = next((medium for medium in MEDIA if suffix in medium.suffixes), None)
    medium = named(name) if name else of_suffix or TEXT
    if suffix and of_suffix is not medium and (of_suffix or not name):
        suffixes = ", ".join(f"{each.name} ({each.suffix})" for each in MEDIA)
        message = f'the ending "{suffix}" is not that of a {medium.title}' if name else f'no letter ends in "{suffix}"'
        raise UsageError.of(message, remedy=f"choose an ending that fits the medium: {suffixes}")
    return medium


def prepared(content: str | bytes, name: str = "") -> PreparedSource:
    """Return the content of a letter with the medium that recognises it: text where none other does."""
    if isinstance(content, bytes):
        for medium in MEDIA:
            if (source := medium.prepared(content, name)) is not None:
                return source
    return PreparedSource(content, name, TEXT)
