"""Read the decision that is attached to a PDF letter: what the file says of itself, beside what its pages say.

For comparing only: what a letter says is what stands on its pages.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from imr_letters.engine.errors import Finding, InputError
from imr_letters.engine.records.loading import LARGEST
from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import limits as pdf_check
from imr_letters.media.pdf import reader as pdf_reader
from imr_letters.media.pdf.digests import ATTACHMENT, is_made_here


def look(given: PreparedSource) -> tuple[bytes | None, bool]:
    """Return the content of `decision.json` in a PDF, None where there is none; and whether it should be there.

    It should where the file says that this toolkit made it. Small and simple files with our writer's mark are read in
    this process, all others in a child. Raises `InputError` for a PDF or an attachment that is damaged, locked or too
    large, or that its reader did not survive.
    """
    if given.provenance == "ours":
        return read_here(given.data, ours=True)
    (_, content), (_, expected) = pdf_reader.ask_guard("attachment", replace(given, name=""))
    return None if content is None else base64.b64decode(content), expected


def records(content: bytes | None, expected: bool) -> Iterator[tuple[str, Any]]:
    """Yield what was read as plain data, for a process to hand to another."""
    yield "attachment", None if content is None else base64.b64encode(content).decode("ascii")
    yield "expected", expected


def read_here(data: bytes, *, ours: bool) -> tuple[bytes | None, bool]:
    """Do what `look` does in this process, whoever made the file."""
    import pikepdf

    if not ours:
        pdf_check.scan(data, "")
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            attached = pdf.attachments.get(ATTACHMENT)
            content = None if attached is None else _content(attached.obj.EF.F)
            about = pdf.trailer.get("/Info", pikepdf.Dictionary())
            return content, is_made_here(str(about.get("/Keywords", "")))
    except pikepdf.PasswordError:
        raise _refused("password", "is protected by a password", "ask its sender for an open copy") from None
    except (pikepdf.PdfError, zlib.error, EOFError, AttributeError, KeyError, TypeError, ValueError):
        raise _refused("damaged", "cannot be read, or its attachment cannot") from None


def _content(stream: Any) -> bytes:
    """Return the bytes of an embedded file, which may not unfold to more than a decision file may have."""
    import pikepdf

    kind = stream.get("/Filter", [])
    names = [str(each) for each in kind] if isinstance(kind, pikepdf.Array | list) else [str(kind)]
    if "/DecodeParms" in stream:
        names.append("/DecodeParms")
    raw: bytes = stream.read_raw_bytes()
    if names == ["/FlateDecode"]:
        unfold = zlib.decompressobj()
        content = unfold.decompress(raw, LARGEST + 1)
        if len(content) <= LARGEST and not unfold.eof:
            raise EOFError
    elif not names:
        content = raw
    else:
        raise _refused("damaged", "holds its attachment in a form that is not read")
    if len(content) > LARGEST:
        raise _refused("too-long", f"holds an attachment of more than {LARGEST:,} bytes", "do not trust this file")
    return content


def _refused(code: str, message: str, remedy: str = "get a whole copy") -> InputError:
    return InputError(Finding(code, "error", message, remedy=remedy))
