"""Files that are no letters this toolkit reads, told by their first bytes, and what to do with each."""

from __future__ import annotations

import re

from imr_letters.engine.errors import InputError

_SAVE = "save it as PDF or as plain text with the program that made it"
_PICTURE = "a picture has no words to read; give the file it was scanned or printed from, as PDF or text"

#: What a file begins with, what it is, and the way out. The first that fits counts.
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (rb"\{\\rtf", "a Rich Text file (RTF)", _SAVE),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or Outlook file", _SAVE),
    (rb"PK\x03\x04[\s\S]{0,4000}(?:word/|wordprocessingml)", "a Word file (.docx)", _SAVE),
    (rb"PK\x03\x04[\s\S]{0,4000}(?:xl/|spreadsheetml)", "an Excel file (.xlsx)", _SAVE),
    (rb"PK\x03\x04[\s\S]{0,60}application/vnd\.oasis\.opendocument", "an OpenDocument file (.odt)", _SAVE),
    (rb"PK\x03\x04|PK\x05\x06", "a ZIP archive", "unpack it, and give the letters in it"),
    (rb"\x1f\x8b|7z\xbc\xaf\x27\x1c|Rar!", "a packed archive", "unpack it, and give the letters in it"),
    (rb"\xff\xd8\xff", "a picture (JPEG)", _PICTURE),
    (rb"\x89PNG\r\n", "a picture (PNG)", _PICTURE),
    (rb"II\*\x00|MM\x00\*", "a picture (TIFF)", _PICTURE),
    (rb"GIF8[79]a", "a picture (GIF)", _PICTURE),
    (rb"BM[\s\S]{4}\x00\x00\x00\x00", "a picture (BMP)", _PICTURE),
    (rb"%!PS", "a PostScript file", "convert it to PDF"),
    (
        rb"(?i)\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b",
        "a web page (HTML)",
        "print it to PDF from a browser, or save its text",
    ),
    (rb"\s*<\?xml", "an XML file", _SAVE),
    (
        rb"(?:(?:From |Return-Path:|Received:|Delivered-To:|MIME-Version:|Message-ID:|Subject:|From:|To:|Date:"
        rb"|X-[\w-]+:)"
        rb"[^\n]*\n(?:[ \t][^\n]*\n)*){3}",
        "an e-mail message",
        "save the letter that is attached to it, and give that",
    ),
)
_KINDS = tuple((re.compile(beginning), what, remedy) for beginning, what, remedy in _BEGINNINGS)
#: As much of a file as is looked at.
_LOOKED_AT = 8_000


def refuse(data: bytes, name: str) -> None:
    """Raise `InputError` for bytes that are known to be another kind of file than a letter in text."""
    start = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    for beginning, what, remedy in _KINDS:
        if beginning.match(start):
            raise InputError.of(f"is {what}, not a letter in PDF or text", source=name, remedy=remedy, code="binary")
