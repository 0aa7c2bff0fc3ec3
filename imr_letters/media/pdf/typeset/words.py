"""Words in a font: shaped once, as Pango shapes them in the midst of a line, and remembered."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from typing import NamedTuple

import uharfbuzz as hb

from imr_letters.media.pdf.typeset.faces import face, shaped
from imr_letters.media.pdf.typeset.supported import Unsupported

#: Widths are counted as Pango counts them: so many to a pixel.
UNITS = 1024

#: A width within which everything fits.
ENDLESS = 1 << 40

#: After these at a word's end, a line may always end at the space that follows.
_MAY_END = frozenset(".,;:)%!?'\u201d\u2019")

#: MarginWords of a font that are remembered; with more, from very many letters, it starts over.
_MOST_WORDS = 20_000

_NO_LIGATURES = {"liga": False, "clig": False, "dlig": False}


class FontKey(NamedTuple):
    """What words look like: family, weight, size in pixels, space between letters in pixels."""

    family: str
    bold: bool
    size: float
    spacing: float


class WordPart(NamedTuple):
    """A piece of a word within which no line ends: its width, and what draws it."""

    width: int
    codes: str


class Word(NamedTuple):
    """A word and the space before it. What draws it is hexadecimal codes with kerning between (`>-3<`)."""

    #: The width of a word with the space before it, and what draws both. Nothing is as wide as a word that is to be
    #: looked at part by part.
    step: int
    spaced: str
    #: The width of the space before it, and what draws that.
    lead: int
    gap: str
    parts: tuple[WordPart, ...]
    #: Whether a line may begin with it, and end after it, whatever is beyond the space.
    may_begin: bool
    may_end: bool
    #: The codes that are not in every letter's font program.
    unusual: Set[int]
    text: str


class SizedFont:
    """A face at a size: its words."""

    def __init__(self, key: FontKey) -> None:
        self.face = face(key.family, key.bold)
        self.size = key.size
        self._font = hb.Font(self.face.hb_face)
        self._font.scale = (int(key.size * UNITS),) * 2
        self._spacing = int(key.spacing * UNITS)
        #: WeasyPrint draws half the space between letters before each of them, and the rest after it.
        self._before = self._spacing // 2 / key.size
        space = self.face.glyphs[0x20]
        self._space = self._font.get_glyph_h_advance(space)
        self.space = self._space + self._spacing
        self.spaced = bool(self._spacing)
        self.words: dict[str, Word] = {}
        self._pairs: dict[tuple[str, str], bool] = {}

    def word(self, text: str) -> Word:
        """Return a word, shaped if it was not met before. Raises `Unsupported` for characters of other faces."""
        found = self.words.get(text)
        if found is None:
            if not text:
                raise Unsupported("two spaces, or one at a block's end")
            if len(self.words) > _MOST_WORDS:
                self.words.clear()
            found = self.words[text] = self._shape(text)
        return found

    def _shape(self, text: str) -> Word:
        for char in text:
            if ord(char) not in self.face.glyphs:
                raise Unsupported(f"a word has U+{ord(char):04X}, which another font draws")
        buffer = shaped(self._font, f" {text} ", _NO_LIGATURES if self._spacing else None)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        if infos[0].cluster or infos[1].cluster != 1 or infos[-1].cluster != len(text) + 1:
            raise Unsupported("a word's letters join the space at its side")
        ends = _breaks(text)
        parts: list[tuple[int, list[str]]] = [(0, [])]
        unusual = set()
        for info, place, following in zip(infos[1:-1], places[1:-1], infos[2:], strict=True):
            letters = text[info.cluster - 1 : following.cluster - 1]
            code = ord(letters) if len(letters) == 1 else self.face.ligatures.get((info.codepoint, letters))
            if code is None or self.face.glyphs.get(code) != info.codepoint or place.x_offset or place.y_offset:
                raise Unsupported("a word has letters that are placed one above the other")
            if code not in self.face.common:
                unusual.add(code)
            if info.cluster - 1 in ends and parts[-1][0]:
                parts.append((0, []))
            width, codes = parts[-1]
            codes.append(self._drawn(code, place.x_advance))
            parts[-1] = width + place.x_advance + self._spacing, codes
        lead = places[0].x_advance
        made = tuple(WordPart(width, "".join(codes)) for width, codes in parts)
        gap = self._drawn(0x20, lead)
        simple = len(made) == 1 and not unusual
        return Word(
            lead + self._spacing + made[0].width if simple else ENDLESS,
            gap + made[0].codes if simple else "",
            lead + self._spacing,
            gap,
            made,
            text[0].isalnum(),
            text[-1].isalnum() or text[-1] in _MAY_END,
            frozenset(unusual),
            text,
        )

    def _drawn(self, code: int, advance: int) -> str:
        """Return a code with the kerning after it, rounded as WeasyPrint rounds it."""
        width = self.face.widths[self.face.glyphs[code]] + self._before
        after = int(width - (advance + self._spacing) * 1000 / UNITS / self.size)
        if self.spaced:
            return f">{-self._before:g}<{code:04x}>{after}<"
        return f"{code:04x}>{after}<" if after else f"{code:04x}"

    def may_break(self, before: str, after: str) -> bool:
        """Return whether a line may end at the space between two words."""
        key = before[-2:], after[:2]
        if key not in self._pairs:
            self._pairs[key] = len(key[0]) + 1 in _ends(f"{key[0]} {key[1]}")
        return self._pairs[key]


def _breaks(word: str) -> frozenset[int]:
    """Return where within a word a line may end."""
    return frozenset() if word.isalpha() and word.isascii() else _ends(word)


def _ends(text: str) -> frozenset[int]:
    from weasyprint.text.line_break import get_log_attrs

    attributes = get_log_attrs(text, "en-US")
    return frozenset(place for place in range(1, len(text)) if attributes[place].is_line_break)


@cache
def font(key: FontKey) -> SizedFont:
    """Return a font, made once in a process."""
    return SizedFont(key)
