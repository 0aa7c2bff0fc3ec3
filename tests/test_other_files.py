"""Files that are no letters are named as what they are, with the way out."""

from __future__ import annotations

import io
import zipfile

import pytest

from imr_letters import parse
from imr_letters.engine.errors import InputError


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "words of a letter " * 40)
    return out.getvalue()


FILES = {
    "RTF": (rb"{\rtf1\ansi Case Number: CM16-0900001}", "Rich Text"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "Word file"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
    "ZIP": (zipped("letter.txt"), "ZIP archive"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
    "TIFF": (b"II*\x00" + bytes(100), "TIFF"),
    "HTML": (b"\xef\xbb\xbf<!DOCTYPE html>\n<html><body><p>Case Number</p></body></html>", "HTML"),
    "HTML without a type": (b"\n<HTML lang='en'><head></head></HTML>", "HTML"),
    "e-mail": (b"From: a@example.org\nTo: b@example.org\nSubject: A letter\n\nCase Number: CM16-0900001\n", "e-mail"),
    "mailbox": (b"Received: by x\n with y\nMessage-ID: <1>\nDate: today\n\nwords\n", "e-mail"),
}


@pytest.mark.parametrize(("data", "what"), FILES.values(), ids=FILES)
def test_a_file_of_another_kind_is_named(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what) as raised:
        parse(data, name="letter")
    [finding] = raised.value.findings
    assert finding.code == "binary"
    assert finding.remedy
