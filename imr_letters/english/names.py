"""Names as they are compared: by their letters alone, whatever a program made of accents, signs and spaces."""

from __future__ import annotations

import unicodedata

#: Letters that no decomposition takes apart.
_WHOLE_LETTERS = {
    0x111: "d", 0xF0: "d", 0x127: "h", 0x131: "i", 0x142: "l", 0xF8: "o", 0x167: "t", 0xFE: "th", 0xE6: "ae",
    0x153: "oe",
}  # fmt: skip
#: Cyrillic and Greek letters that look like Latin ones: each as a code point, with the letter it looks like.
_LOOK_ALIKES = {
    0x430: "a", 0x432: "b", 0x435: "e", 0x456: "i", 0x43A: "k", 0x43C: "m", 0x43D: "h", 0x43E: "o", 0x440: "p",
    0x441: "c", 0x442: "t", 0x443: "y", 0x445: "x", 0x458: "j", 0x455: "s", 0x501: "d", 0x4BB: "h", 0x4CF: "l",
    0x3B1: "a", 0x3B2: "b", 0x3B5: "e", 0x3B9: "i", 0x3BA: "k", 0x3BD: "v", 0x3BF: "o", 0x3C1: "p", 0x3C4: "t",
    0x3C5: "u", 0x3C7: "x",
}  # fmt: skip
_LATIN = str.maketrans(_WHOLE_LETTERS | _LOOK_ALIKES)


def skeleton(words: str) -> str:
    """Return the letters and digits of a name, small, without accents, signs or spaces.

    Two names with one skeleton are the same name in two ways of writing: "O'Connellan" and "OConnellan", "Łoś" and
    "Los", also where a letter of another script stands for a Latin one that looks the same.
    """
    apart = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(char for char in apart if char.isalnum())
    return letters.translate(_LATIN)
