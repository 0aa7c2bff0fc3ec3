"""The pictures of a PDF that another library draws: none may be so large that drawing it takes what a letter may."""

from __future__ import annotations

import io
from typing import Any

#: Most dots of all pictures of a file that are drawn as they are: ten pages as a scanner makes them.
_MOST_DOTS = 100_000_000
_OF_ITS_DOTS = ("/SMask", "/Mask", "/Decode", "/DecodeParms", "/ImageMask", "/Filter", "/Matte", "/Alternates", "/OPI")


def small_pictures(pdf: Any) -> bool:
    """Make the pictures of a PDF that have too many dots one gray dot each; return whether there are pictures."""
    import pikepdf

    pictures = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"]
    dots = 0
    for picture in sorted(pictures, key=_dots):
        dots += _dots(picture)
        if dots > _MOST_DOTS:
            for key in _OF_ITS_DOTS:
                if key in picture:
                    del picture[key]
            picture.Width = picture.Height = 1
            picture.BitsPerComponent, picture.ColorSpace = 8, pikepdf.Name.DeviceGray
            picture.write(b"\x80")
    return bool(pictures)


def rewritten(pdf: Any) -> bytes:
    """Return a PDF as qpdf writes it, not encrypted: what was checked, and nothing else."""
    out = io.BytesIO()
    pdf.save(out, encryption=False)
    return out.getvalue()


def _dots(picture: Any) -> int:
    try:
        return max(0, int(picture.get("/Width", 0))) * max(0, int(picture.get("/Height", 0)))
    except (TypeError, ValueError):
        return _MOST_DOTS + 1
