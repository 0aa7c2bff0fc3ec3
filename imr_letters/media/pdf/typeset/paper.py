"""The pages of a family before any words are on them: their edges, their margins, what is drawn behind the words.

WeasyPrint lays out two pages, and what it draws in their margins other than words (rules, letterhead, the stamp of a
draft) is kept as it drew it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

from imr_letters.media.pdf.typeset.cascade import Style, color_of, font_of, side_of
from imr_letters.media.pdf.typeset.packing import PackedStream, packed
from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.words import FontKey

# Boxes and pages of WeasyPrint, and objects of pikepdf, which carry no types.
WeasyBox = Any
Object = Any


class MarginWords(NamedTuple):
    """Words in a margin that are the same on every page: where their base begins, in pixels."""

    x: float
    y: float
    font: FontKey
    color: str
    text: str


class MarginField(NamedTuple):
    """A line in a margin whose words differ from page to page."""

    left: float
    width: float
    y: float
    align: str
    font: FontKey
    color: str
    #: What it is made of: words, or the kind and the name of a counter or string.
    parts: tuple[str | tuple[str, str], ...]


@dataclass(slots=True)
class Paper:
    """A page without the letter: its size, where its text goes, what is in its margins. In pixels."""

    width: float
    height: float
    left: float
    top: float
    inner_width: float
    inner_height: float
    words: list[MarginWords] = field(default_factory=list)
    fields: list[MarginField] = field(default_factory=list)
    #: The number of the drawing behind the words, 0 for none.
    drawing: int = 0


class Drawings:
    """What is drawn on empty pages, as numbered objects of the letters that will be written."""

    def __init__(self, first: int) -> None:
        self.objects: dict[int, str] = {}
        self.streams: dict[int, PackedStream] = {}
        self.next = first

    def add(self, page: Object, width: float, height: float) -> int:
        """Take a page's drawing as one form; return its number, 0 where nothing is drawn."""
        content: bytes = page.Contents.read_bytes()
        if not any(line.split()[-1:] and line.split()[-1] in _DRAWING for line in content.splitlines()):
            return 0
        made: dict[tuple[int, int], int] = {}
        resources = "".join(
            f"/{kind}<<{' '.join(self._entries(page.Resources.get(f'/{kind}', {}), content, made))}>>"
            for kind in ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")
        )
        number = self.next
        self.next += 1
        entries = f"/Type/XObject/Subtype/Form/BBox[0 0 {width:g} {height:g}]/Resources<<{resources}>>"
        self.streams[number] = packed(content, entries, hard=True)
        return number

    def _entries(self, known: Object, content: bytes, made: dict[tuple[int, int], int]) -> Iterator[str]:
        used = set(content.split())
        for name, value in known.items():
            if name.encode() in used:
                yield f"{name} {self._text(value, made)}"

    def _text(self, value: Object, made: dict[tuple[int, int], int]) -> str:
        import pikepdf

        if isinstance(value, pikepdf.Stream):
            if value.objgen not in made:
                made[value.objgen] = number = self.next
                self.next += 1
                entries = "".join(
                    f"{key} {self._text(each, made)}"
                    for key, each in value.items()
                    if key not in ("/Length", "/Filter", "/DecodeParms")
                )
                self.streams[number] = packed(value.read_bytes(), entries, hard=True)
            return f"{made[value.objgen]} 0 R"
        if isinstance(value, pikepdf.Dictionary):
            return f"<<{''.join(f'{key} {self._text(each, made)}' for key, each in value.items())}>>"
        if isinstance(value, pikepdf.Array):
            return f"[{' '.join(self._text(each, made) for each in value)}]"
        if isinstance(value, pikepdf.Object):
            return value.unparse().decode("ascii")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)


#: Operators that leave a mark.
_DRAWING = frozenset({b"f", b"f*", b"S", b"s", b"B", b"B*", b"b", b"Do", b"sh", b"TJ", b"Tj"})


def papers(document: Any, drawings: Drawings) -> tuple[Paper, Paper]:
    """Return the first page and all others, from two pages of a document that WeasyPrint has laid out."""
    import pikepdf

    found = []
    for page in document.pages[:2]:
        box = page._page_box
        paper = Paper(
            box.margin_width(), box.margin_height(), box.content_box_x(), box.content_box_y(), box.width, box.height
        )
        margins = [child for child in box.children if type(child).__name__ == "MarginBox"]
        for margin in margins:
            _read(margin, paper)
        box.children = margins
        found.append(paper)
    drawn = document.copy(document.pages[:2]).write_pdf(uncompressed_pdf=True)
    with pikepdf.open(BytesIO(drawn)) as pdf:
        for paper, page in zip(found, pdf.pages, strict=True):
            paper.drawing = drawings.add(page, paper.width * 0.75, paper.height * 0.75)
    first, others = found
    return first, others


def _read(margin: WeasyBox, paper: Paper) -> None:
    """Take the words out of a margin; what is left is drawn."""
    style: Style = margin.style
    parts = tuple(_parts(style["content"]))
    if all(isinstance(part, str) for part in parts):
        for line in margin.children:
            _take(line, line.position_y + line.baseline, paper)
        return
    if style["width"] == "auto" or style["white_space"] not in ("normal", "nowrap", "pre", "pre-wrap"):
        raise Unsupported("a margin's width follows from its words")
    align = side_of(style["text_align_all"])
    if align not in ("left", "center", "right") or style["text_align_last"] not in ("auto", style["text_align_all"]):
        raise Unsupported(f"the stylesheet sets text-align: {align} in a margin")
    paper.fields.append(
        MarginField(
            margin.content_box_x(),
            margin.width,
            _base(margin),
            align,
            font_of(style),
            color_of(style["color"], style),
            parts,
        )
    )
    margin.children = []


def _base(margin: WeasyBox) -> float:
    """Return where the base of a margin's only line is."""
    from weasyprint.text.line_break import strut

    lead, base = strut(margin.style)
    room = margin.height - lead
    shift = {"top": 0.0, "middle": room / 2, "bottom": room}[margin.style["vertical_align"]]
    return float(margin.content_box_y() + base + shift)


def _take(box: WeasyBox, base: float, paper: Paper) -> None:
    """Take the words out of a line of a margin, and leave its pictures."""
    rest = []
    for child in box.children:
        if type(child).__name__ == "TextBox":
            style = child.style
            if style["text_decoration_line"] != "none" or style["font_style"] != "normal":
                raise Unsupported("the stylesheet decorates words in a margin")
            if child.text[:1].isspace():
                raise Unsupported("words in a margin begin with a space")
            if child.text.strip():
                paper.words.append(
                    MarginWords(
                        child.position_x, base, font_of(style), color_of(style["color"], style), child.text.strip()
                    )
                )
        elif getattr(child, "children", None):
            _take(child, base, paper)
            rest.append(child)
        else:
            rest.append(child)
    box.children = rest


def _parts(content: Any) -> Iterator[str | tuple[str, str]]:
    for kind, value in content if isinstance(content, tuple | list) else ():
        if kind == "string":
            yield value
        elif kind == "url":
            yield ""  # a picture, which is drawn
        elif kind == "counter()" and value in (("page", "decimal"), ("pages", "decimal")):
            yield "counter", value[0]
        elif kind == "string()" and value[1] == "first":
            yield "string", value[0]
        else:
            raise Unsupported(f"a margin's content has {kind}")
