"""Make `data/alphabet.txt` from the fonts that draw letters: `python -m imr_letters.media.alphabet`.

The table is part of the package so that text letters need no fonts; a test holds it against the fonts.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from imr_letters.media.fonts import FALLBACK, SERIF

#: Refused although the fonts draw them: see `imr_letters.text`.
LOOKALIKES = {0x00AD, 0x00B5, 0x034F, 0x2010, 0x2011, 0x2800, 0xFFFC, 0xFFFD, *range(0xFB00, 0xFB07)}


def drawable() -> set[int]:
    """Return the code points that both weights of the serif face, or both of the fallback face, draw."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for regular, bold in (SERIF, FALLBACK):
        found |= set(TTFont(regular).getBestCmap()) & set(TTFont(bold).getBestCmap())
    return found


def accepted() -> list[int]:
    """Return the code points of the alphabet in order."""
    return [code for code in sorted(drawable()) if _accepted(code)]


def _accepted(code: int) -> bool:
    char = chr(code)
    if char == " ":
        return True
    return not (
        code in LOOKALIKES
        or char.isspace()
        or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me", "Zs", "Zl", "Zp"}
        or unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        or unicodedata.normalize("NFC", char) != char
    )


def table() -> str:
    """Return the text of `data/alphabet.txt`: ranges of code points in hexadecimal."""
    lines = ["# The characters a letter may hold. Made by python -m imr_letters.media.alphabet"]
    codes = accepted()
    start = 0
    for index, code in enumerate(codes):
        if index + 1 == len(codes) or codes[index + 1] != code + 1:
            lines.append(f"{codes[start]:04X}-{code:04X}")
            start = index + 1
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).parents[1].joinpath("data", "alphabet.txt").write_text(table(), encoding="ascii")
