"""The normal form of text, said once.

Every value of a decision and every block of a letter is in this form, whatever medium it came from:

* Unicode NFC; the micro sign U+00B5 and the increment sign U+2206 are written as the Greek letters U+03BC and U+0394,
  which look the same.
* White space of any kind is one plain space; none at the ends. In prose, a blank line parts two paragraphs.
* Only characters of the `alphabet`: those that the bundled fonts draw and that can be seen. Refused are control,
  bidirectional-control, zero-width, soft-hyphen and other invisible characters, private and unassigned code points,
  combining marks that have no composed form, letters and digits of other scripts than Latin, Greek, Cyrillic and
  Armenian (those written from right to left reorder what stands beside them), signs that share their glyph with a
  more common one, the hyphens U+2010 and U+2011 and the ligatures U+FB00 to U+FB06 (on a page they cannot be told
  from plain hyphens and letters).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

#: The paragraph separator inside a value of several paragraphs.
PARAGRAPH = "\n\n"

_REMEDIES = {
    "\u2010": "write a plain hyphen",
    "\u2011": "write a plain hyphen",
    "\u00ad": "leave the soft hyphen out",
    "\ufffd": "this character stands for one that was lost earlier; write the right one",
    **{chr(code): "write the letters one by one" for code in range(0xFB00, 0xFB07)},
}

#: The micro sign and the increment sign are drawn as the Greek letters mu and delta.
_TWINS = {0x00B5: "\u03bc", 0x2206: "\u0394"}

_SENTENCE_END = re.compile("[.?!\u2026][\"\u201d\u2019')\\]]*$")
_SPACE = re.compile(r"[^\S ]|  ")
_SPACES = re.compile(r"\s+")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_CONTROL_SPACE = re.compile("[\x1c-\x1f\x85]")


class CharacterError(ValueError):
    """A character that no letter may hold. `position` counts from 0 in the text that was given."""

    def __init__(self, char: str, position: int) -> None:
        name = unicodedata.name(char, "a control character" if ord(char) < 160 else "an unassigned character")
        self.char = char
        self.position = position
        self.remedy = _REMEDIES.get(char, "delete it, or write it in characters that print")
        self._sign = f"character U+{ord(char):04X} ({name})"
        super().__init__(f"{self._sign} at position {position + 1} is refused: {self.remedy}")

    @property
    def message(self) -> str:
        """What is refused, where the place is given otherwise."""
        return f"{self._sign} is refused"


@cache
def alphabet() -> str:
    """Return the accepted characters as the inside of a regular expression's character class."""
    table = resources.files("imr_letters.engine").joinpath("alphabet.txt").read_text(encoding="ascii")
    spans = [line.split("-") for line in table.splitlines() if line and not line.startswith("#")]
    return "".join(rf"\U{int(a, 16):08x}-\U{int(b, 16):08x}" for a, b in spans)


@cache
def _refused() -> re.Pattern[str]:
    return re.compile(f"[^{alphabet()}]")


def is_accepted(char: str) -> bool:
    """Tell whether a letter may hold this character."""
    return _refused().match(char) is None


def refused(text: str) -> CharacterError | None:
    """Return the first character of a text in normal white space that no letter may hold, as an error."""
    found = _refused().search(text)
    return CharacterError(found.group(), found.start()) if found else None


def words(text: str) -> str:
    """Return the normal form of a value that stands in one paragraph.

    Raises `CharacterError` for a character that no letter may hold.
    """
    if text.isascii():
        if text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
            return text  # nearly every paragraph, at a fraction of the cost
    else:
        text = unicodedata.normalize("NFC", text).translate(_TWINS)
    if text[:1] == " " or text[-1:] == " " or _SPACE.search(text):
        control = _CONTROL_SPACE.search(text)
        if control:
            raise CharacterError(control.group(), control.start())
        text = _SPACES.sub(" ", text).strip(" ")
    found = refused(text)
    if found:
        raise found
    return text


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of prose, each in normal form; blank lines part them, other line ends are spaces."""
    if "\n" not in text and "\r" not in text:
        one = words(text)
        return [one] if one else []
    pieces = _BLANK_LINE.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    return [piece for piece in (words(piece) for piece in pieces) if piece]


def prose(text: str) -> str:
    """Return the normal form of prose: paragraphs parted by one blank line."""
    return PARAGRAPH.join(paragraphs(text))


def fold(text: str) -> str:
    """Return a text without any white space and composed, to compare two texts white space aside."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text).translate(_TWINS))


def differ_in_one(left: str, right: str, *, swaps: bool = False) -> bool:
    """Return whether two texts are equal or differ by one character changed, added or left out.

    With `swaps`, two neighbors in the wrong order count as one difference too.
    """
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1:
        return False
    same = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        same += 1
    if len(left) < len(right):
        return left[same:] == right[same + 1 :]
    if left[same + 1 :] == right[same + 1 :]:
        return True
    return swaps and left[same : same + 2] == right[same : same + 2][::-1] and left[same + 2 :] == right[same + 2 :]


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return _SENTENCE_END.search(text) is not None
