"""Read the decision that is attached to a PDF letter: what the file says of itself, in addition to what its pages say.

For comparing only: what a letter says is what stands on its pages.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from imr_letters.engine.records.loading import LARGEST
from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import guard
from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.metadata import ATTACHMENT, is_made_here
from imr_letters.media.pdf.opening import opened

_WHOLE = "get a whole copy"


def look(given: PreparedSource) -> tuple[bytes | None, bool]:
    """Return the content of `decision.json` in a PDF, None where there is none; and whether it should be there.

    It should where the file says that this toolkit made it. Small and simple files with our writer's mark are read in
    this process, all others in a child. Raises `InputError` for a PDF or an attachment that is damaged, locked or too
    large, or that its reader did not survive.
    """
    if given.provenance == "ours":
        return read_here(given.data, ours=True)
    return guard.ask("attachment", replace(given, name=""), _understood)


def read_here(data: bytes, *, ours: bool) -> tuple[bytes | None, bool]:
    """Do what `look` does in this process, whoever made the file."""
    import pikepdf

    with opened(data, ours=ours) as pdf:
        attached = pdf.attachments.get(ATTACHMENT)
        content = None if attached is None else _content(attached.obj.EF.F)
        about = pdf.trailer.get("/Info", pikepdf.Dictionary())
        return content, is_made_here(str(about.get("/Keywords", "")))


def records(data: bytes, _: str, *, ours: bool) -> Iterator[tuple[str, Any]]:
    """Yield what is read here as plain data, for another process."""
    content, expected = read_here(data, ours=ours)
    yield "attachment", None if content is None else base64.b64encode(content).decode("ascii")
    yield "expected", expected


def _understood(answer: guard.Answer) -> tuple[bytes | None, bool]:
    (_, content), (_, expected) = answer
    return None if content is None else base64.b64decode(content), expected


def _content(stream: Any) -> bytes:
    """Return the bytes of an embedded file, which may not unfold to more than a decision file may have."""
    import pikepdf

    kind = stream.get("/Filter", [])
    names = [str(each) for each in kind] if isinstance(kind, pikepdf.Array | list) else [str(kind)]
    if "/DecodeParms" in stream:
        names.append("/DecodeParms")
    raw: bytes = stream.read_raw_bytes()
    if names == ["/FlateDecode"]:
        content = _unfolded(raw)
    elif not names:
        content = raw
    else:
        raise refusal("damaged", "holds its attachment in a form that is not read", "", _WHOLE)
    if len(content) > LARGEST:
        message = f"holds an attachment of more than {LARGEST:,} bytes"
        raise refusal("too-long", message, "", "do not trust this file")
    return content


def _unfolded(raw: bytes) -> bytes:
    unfold = zlib.decompressobj()
    try:
        content = unfold.decompress(raw, LARGEST + 1)
    except zlib.error:
        content = b""
    if len(content) <= LARGEST and not unfold.eof:
        raise refusal("damaged", "holds an attachment that is damaged", "", _WHOLE)
    return content
