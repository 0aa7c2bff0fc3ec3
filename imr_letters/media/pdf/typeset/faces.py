"""The faces that letters are set in: their glyphs, and the font programs that letters carry.

A glyph's code in a letter is the code point it draws, so that what is copied or searched is right in any reader.
Glyphs that draw two or three letters at once have codes that no letter may hold.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, NamedTuple

import uharfbuzz as hb

from imr_letters.media.pdf import fonts
from imr_letters.media.pdf.typeset.packing import PackedStream, packed

#: What the fonts of letters draw as one glyph, whose code is the place in this list after 0x80: a control character,
#: which is refused in every value.
_LIGATURES = ("ff", "fi", "fl", "ffi", "ffl", "fj", "ffj", "ft", "fft", "fb", "fh", "fk", "tt")
_FIRST_LIGATURE = 0x80

#: What is in the font programs of all letters; they are made once. A letter with more gets programs of its own.
_COMMON = frozenset(
    (*range(0x20, 0x7F), *map(ord, "\xa7\xb0\xb1\xb7\xe9\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2264\u2265"))
)

_DROPPED_TABLES = (
    "BASE DSIG GPOS GSUB JSTF LTSH PCLT SVG_ kern cmap name post OS/2 GDEF FFTM VDMX hdmx gasp vhea vmtx VORG"
)

_CHARACTER_MAP = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo
<< /Registry (Adobe)
/Ordering (UCS)
/Supplement 0
>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{mappings}endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


class Program(NamedTuple):
    """What draws a set of codes: three dictionaries with gaps for the numbers of others, and three streams."""

    font: str
    descendant: str
    descriptor: str
    outlines: PackedStream
    to_unicode: PackedStream
    to_glyphs: PackedStream


class Face:
    """A font file: which glyph draws which code, how wide it is, and font programs for sets of codes."""

    def __init__(self, family: str, *, bold: bool) -> None:
        file = fonts.FAMILIES[family][bold]
        number = list(fonts.FAMILIES).index(family) * 2 + bold
        self.resource = f"F{number}"
        self._name = f"{family.replace(' ', '-')}{'-Bold' if bold else ''}"
        self.hb_face = hb.Face(fonts.contents()[f"font:{file.name}"])
        font = hb.Font(self.hb_face)
        extents = font.get_font_extents("ltr")
        self._units = self.hb_face.upem
        self._ascent = round(extents.ascender * 1000 / self._units)
        self._descent = round(extents.descender * 1000 / self._units)
        #: The glyph of a code, how wide it is in thousandths of the size, and what it says.
        self.glyphs: dict[int, int] = {}
        self.widths: dict[int, int] = {}
        self._text: dict[int, str] = {}
        #: The code of a glyph that draws several letters.
        self.ligatures: dict[tuple[int, str], int] = {}
        for code in self.hb_face.unicodes:
            if code <= 0xFFFF and not 0x80 <= code < 0xA0 and (glyph := font.get_nominal_glyph(code)):
                self._add(font, code, glyph, chr(code))
        for code, letters in enumerate(_LIGATURES, _FIRST_LIGATURE):
            infos = shaped(font, letters).glyph_infos
            if len(infos) == 1 and all(ord(letter) in self.glyphs for letter in letters):
                self.ligatures[infos[0].codepoint, letters] = code
                self._add(font, code, infos[0].codepoint, letters)
        self.common = frozenset((*_COMMON, *self.ligatures.values())) & self.glyphs.keys()
        self._programs: dict[frozenset[int], Program] = {}

    def _add(self, font: Any, code: int, glyph: int, text: str) -> None:
        self.glyphs[code] = glyph
        self._text[code] = text
        self.widths[glyph] = round(font.get_glyph_h_advance(glyph) * 1000 / self._units)

    def program(self, more: frozenset[int]) -> Program:
        """Return what draws the common codes and more. Those of the common ones alone are made once."""
        if more not in self._programs:
            if len(self._programs) > _MOST_PROGRAMS:
                self._programs.clear()
            self._programs[more] = self._program(sorted(self.common | more))
        return self._programs[more]

    def _program(self, codes: list[int]) -> Program:
        asked = hb.SubsetInput()
        asked.glyph_set.update([self.glyphs[code] for code in codes])
        asked.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE
        dropped = (name.replace("_", " ") for name in _DROPPED_TABLES.split())
        asked.drop_table_tag_set.update([int.from_bytes(name.encode(), "big") for name in dropped])
        plan = hb.SubsetPlan(self.hb_face, asked)
        outlines = bytes(plan.execute().blob.data)
        new = dict(plan.old_to_new_glyph_mapping.items())
        known = set(codes)
        to_glyphs = b"".join(
            (new[self.glyphs[code]] if code in known else 0).to_bytes(2, "big") for code in range(codes[-1] + 1)
        )
        tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(outlines + to_glyphs).digest()[:6])
        name = f"/{tag}+{self._name}"
        box = f"[0 {self._descent} 1000 {self._ascent}]"
        return Program(
            f"<</Type/Font/Subtype/Type0/BaseFont{name}/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            f"/Supplement 0>>/CIDToGIDMap %d 0 R/W[{self._widths(codes)}]/FontDescriptor %d 0 R>>",
            f"<</Type/FontDescriptor/FontName{name}/Flags 4/FontBBox{box}/ItalicAngle 0/Ascent {self._ascent}"
            f"/Descent {self._descent}/CapHeight {self._ascent}/StemV 80/FontFile2 %d 0 R>>",
            packed(outlines, f"/Length1 {len(outlines)}", hard=True),
            packed(_CHARACTER_MAP.format(mappings=self._mappings(codes)).encode(), hard=True),
            packed(to_glyphs, hard=True),
        )

    def _widths(self, codes: list[int]) -> str:
        """Return the widths of codes as a font lists them: rows of codes that follow each other."""
        rows: list[tuple[int, list[int]]] = []
        for code in codes:
            if not rows or rows[-1][0] + len(rows[-1][1]) != code:
                rows.append((code, []))
            rows[-1][1].append(self.widths[self.glyphs[code]])
        return " ".join(f"{first}[{' '.join(map(str, widths))}]" for first, widths in rows)

    def _mappings(self, codes: list[int]) -> str:
        lines = [f"<{code:04x}> <{self._text[code].encode('utf-16-be').hex()}>\n" for code in codes]
        some = (lines[at : at + 100] for at in range(0, len(lines), 100))  # no more are allowed at a time
        return "".join(f"{len(each)} beginbfchar\n{''.join(each)}endbfchar\n" for each in some)


#: Programs of one face that are remembered, besides those of nearly all letters.
_MOST_PROGRAMS = 64


@cache
def face(family: str, bold: bool) -> Face:
    """Return a face, made once in a process."""
    return Face(family, bold=bold)


def shaped(font: Any, text: str, features: dict[str, bool] | None = None) -> Any:
    """Return a buffer with the glyphs of some words, chosen and placed by HarfBuzz as Pango has it do."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.direction, buffer.script, buffer.language = "ltr", "Latn", "en-us"
    hb.shape(font, buffer, features or {})
    return buffer
