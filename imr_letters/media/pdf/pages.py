"""How many pages a PDF of ours has."""

from __future__ import annotations

from io import BytesIO


def count(data: bytes) -> int:
    """Return the number of pages of a PDF that this program made."""
    import pikepdf

    with pikepdf.open(BytesIO(data)) as pdf:
        return len(pdf.pages)
