"""Make `engine/alphabet.txt` from the fonts that draw letters: `python -m tests.alphabet`.

The table is part of the package so that text letters need no fonts; a test holds it against the fonts.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from imr_letters.media.pdf.fonts import FALLBACK, SANS, SERIF

#: Refused although the fonts draw them: see `imr_letters.engine.text`.
LOOKALIKES = {0x00AD, 0x00B5, 0x034F, 0x2010, 0x2011, 0x2800, 0xFFFC, 0xFFFD, *range(0xFB00, 0xFB07)}


#: Scripts whose signs are drawn in other ways, by the first word of their names.
FOREIGN = [["ARABIC"], ["NKO"], ["THAI"], ["LAO"], ["HEBREW"], ["EXTENDED"], ["ARABIC-INDIC"]]
#: Scripts whose letters are drawn one by one, left to right.
SCRIPTS = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"})
#: The Latin letters of ordinal numbers, whose names do not say so; many write the second for a degree sign.
ORDINALS = {0x00AA, 0x00BA}


def drawable() -> set[int]:
    """Return the code points that both weights of a serif, sans or fallback face draw, each with a glyph of its own.

    Of code points that share a glyph in a face only the first counts: on a page they look the same.
    """
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    twins: set[int] = set()
    for faces in (SERIF, SANS, FALLBACK):
        maps = [TTFont(face).getBestCmap() for face in faces]
        found |= set.intersection(*(set(each) for each in maps))
        for each in maps:
            first: dict[str, int] = {}
            for code in sorted(each):
                if first.setdefault(each[code], code) != code and _accepted(first[each[code]]):
                    twins.add(code)
    return found - twins


def accepted() -> list[int]:
    """Return the code points of the alphabet in order."""
    return [code for code in sorted(drawable()) if _accepted(code)]


def _accepted(code: int) -> bool:
    char = chr(code)
    if char == " ":
        return True
    category = unicodedata.category(char)
    if category[0] == "L" and code not in ORDINALS and unicodedata.name(char).split()[0] not in SCRIPTS:
        return False
    return not (
        code in LOOKALIKES
        or 0x02B0 <= code <= 0x02FF  # modifier letters, most of them twins of plain punctuation
        or (category == "Nd" and not char.isascii())
        or unicodedata.name(char, "").split()[:1] in FOREIGN
        or char.isspace()
        or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me", "Zs", "Zl", "Zp"}
        or unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        or unicodedata.normalize("NFC", char) != char
    )


def table() -> str:
    """Return the text of `engine/alphabet.txt`: ranges of code points in hexadecimal."""
    lines = ["# The characters a letter may hold. Made by python -m tests.alphabet"]
    codes = accepted()
    start = 0
    for index, code in enumerate(codes):
        if index + 1 == len(codes) or codes[index + 1] != code + 1:
            lines.append(f"{codes[start]:04X}-{code:04X}")
            start = index + 1
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).parents[1].joinpath("imr_letters", "engine", "alphabet.txt").write_text(table(), encoding="ascii")
