"""Names as they are compared: by their letters alone, whatever a program made of accents, signs and spaces."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Letters that no decomposition takes apart.
_WHOLE_LETTERS = {
    0x111: "d", 0xF0: "d", 0x127: "h", 0x131: "i", 0x142: "l", 0x14B: "n", 0xF8: "o", 0x167: "t", 0xFE: "th",
    0xE6: "ae", 0x153: "oe", 0x259: "e", 0x26B: "l", 0x261: "g",
}  # fmt: skip
#: Capitals of other scripts whose small letter looks like another Latin one.
_CAPITALS = {0x396: "z", 0x397: "h", 0x39C: "m", 0x39D: "n", 0x3A5: "y", 0x3F9: "c"}
#: Cyrillic and Greek letters that look like Latin ones: each as a code point, with the letter it looks like.
_LOOK_ALIKES = {
    0x430: "a", 0x432: "b", 0x435: "e", 0x456: "i", 0x43A: "k", 0x43C: "m", 0x43D: "h", 0x43E: "o", 0x440: "p",
    0x441: "c", 0x442: "t", 0x443: "y", 0x445: "x", 0x458: "j", 0x455: "s", 0x501: "d", 0x4BB: "h", 0x4CF: "l",
    0x51B: "q", 0x51D: "w", 0x475: "v", 0x4AF: "y",
    0x3B1: "a", 0x3B2: "b", 0x3B5: "e", 0x3B7: "n", 0x3B9: "i", 0x3BA: "k", 0x3BD: "v", 0x3BF: "o", 0x3C1: "p",
    0x3C4: "t", 0x3C5: "u", 0x3C7: "x", 0x3F2: "c", 0x3C3: "o",
}  # fmt: skip
_LATIN = str.maketrans(_WHOLE_LETTERS | _LOOK_ALIKES)
#: How German and Scandinavian letters are written where a keyboard has none.
_IN_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


@lru_cache(maxsize=65536)
def skeleton(words: str) -> str:
    """Return the letters and digits of a name, small, without accents, signs or spaces.

    Two names with one skeleton are the same name in two ways of writing: "O'Connellan" and "OConnellan", "Łoś" and
    "Los", also where a letter of another script stands for a Latin one that looks the same.
    """
    if words.isascii():
        return "".join(char for char in words.lower() if char.isalnum())
    apart = unicodedata.normalize("NFKD", words.translate(_CAPITALS).casefold())
    letters = "".join(char for char in apart if unicodedata.category(char) in {"Ll", "Lo", "Nd"})
    return letters.translate(_LATIN)


def skeletons(words: str) -> frozenset[str]:
    """Return the skeletons of a name in all its ways of writing: "Müller" is written "Muller" and "Mueller"."""
    composed = unicodedata.normalize("NFC", words.casefold())
    return frozenset({skeleton(words), skeleton(composed.translate(_IN_TWO_LETTERS))})
