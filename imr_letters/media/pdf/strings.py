"""What a PDF says anywhere: on its pages, in its metadata and tags, in attachments, in streams unpacked.

Left out is what the engine brings along and no letter can change: the programs of fonts, the color profile, and
the names of the format itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from imr_letters.media.pdf.reader import read_here

_FONTS = {"/OpenType", "/CIDFontType0C", "/Type1C"}


def strings(data: bytes) -> list[str]:
    """Return the words of a PDF of ours: those of its pages block by block, and every string and stream in it."""
    import pikepdf

    found = list(read_here(data, ours=True).blocks)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for each in [*pdf.objects, pdf.trailer]:
            found += _words(each)
    return found


def _words(thing: Any) -> Iterator[str]:
    import pikepdf

    if isinstance(thing, pikepdf.Stream) and not _of_the_engine(thing):
        content = thing.read_bytes()
        yield content.decode("utf-8", "replace")
        yield content.decode("latin-1")
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary | pikepdf.Array):
        inner = list(thing) if isinstance(thing, pikepdf.Array) else [each for _, each in thing.items()]
        for each in inner:
            if isinstance(each, pikepdf.Object) and not each.is_indirect:  # the others come up by themselves
                yield from _words(each)
    elif isinstance(thing, pikepdf.String):
        yield str(thing)


def _of_the_engine(stream: Any) -> bool:
    """Return whether a stream is the program of a font or a color profile."""
    return "/Length1" in stream or "/N" in stream or str(stream.get("/Subtype", "")) in _FONTS
