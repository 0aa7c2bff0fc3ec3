"""The last touch to a PDF that WeasyPrint has laid out: its standards, and elements split over pages made one.

WeasyPrint tags each page's part of an element on its own; joined, the tags give every block back exactly.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imr_letters.engine.errors import RenderError
from imr_letters.media.pdf.metadata import declare_ua

# Parts of WeasyPrint and of pydyf below it, which carry no types.
Box = Any
Document = Any
Pdf = Any
Stream = Any
Tag = Any

#: How hard zlib tries, of nine.
_LEVEL = 6

#: Structure elements whose children are looked at one by one when they are joined.
_CONTAINERS = {f"/{name}" for name in ("Art", "Part", "Sect", "Div", "BlockQuote", "Table", "TR", "TD")}
_CONTAINERS |= {"/THead", "/TBody", "/TFoot"}
#: Structure elements whose lines are joined in order. Lists are not joined: letters have none.
_BLOCKS = {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TH", "/Caption"}


@dataclass(slots=True)
class _Node:
    """A structure element with the layout box it was made for; in a container, with its children likewise."""

    tag: Tag
    box: Box
    kids: list[_Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.tag["S"])

    @property
    def origin(self) -> tuple[int, str, str]:
        """Tell the HTML element apart from others. Nameless boxes within it differ by kind or by parent."""
        return id(self.box.element), self.box.element_tag, self.kind


class Finisher:
    """Checks the fonts of a PDF, declares its standards, and makes an element split over pages one of structure."""

    def __call__(self, document: Document, pdf: Pdf) -> None:
        """Finish a document that is laid out and not yet written. Raises `RenderError` for characters no font draws."""
        missing = sorted({code for font in document.fonts.values() for code in font.missing})
        if missing:
            codes = ", ".join(f"U+{code:04X}" for code in missing)
            raise RenderError.of(f"no font of letters draws {codes}", code="pdf-character")
        self._objects = pdf.objects
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])  # WeasyPrint names the attachment twice
        xmp = self._follow(pdf.catalog["Metadata"])
        xmp.stream = [declare_ua(b"".join(xmp.stream))]
        xmp.compress = False  # for programs that look for it without reading the file
        top = self._follow(self._follow(pdf.catalog["StructTreeRoot"])["K"][0])
        tags = [self._follow(kid) for kid in top["K"]]
        whole: list[_Node] = []
        for page, reference in zip(document.pages, pdf.page_references, strict=True):
            here = [tag for tag in tags if tag["Pg"] == reference]
            self._join(whole, self._nodes(here, _top_boxes(page._page_box)))
        self._adopt(top, whole)
        self._margins(top, pdf)
        for made in pdf.objects:
            if getattr(made, "compress", False):
                _compress(made)

    def _margins(self, top: Tag, pdf: Pdf) -> None:
        """Mark what is in the margins as no part of the text, as PDF/UA asks: the tree of tags does not hold it.

        WeasyPrint gives each of its lines a tag of its own that stands nowhere.
        """
        held = set(self._references(top))
        by_page = self._follow(self._follow(pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
        for number, page in enumerate(pdf.page_references):
            tags = by_page[2 * number + 1]
            loose = {mark for mark, reference in enumerate(tags) if reference not in held}
            tags[:] = [b"null" if mark in loose else reference for mark, reference in enumerate(tags)]
            pieces = self._follow(self._follow(page)["Contents"]).stream
            for at in reversed([at for at, piece in enumerate(pieces) if isinstance(piece, dict)]):
                if pieces[at].get("MCID") in loose:
                    pieces[at - 1 : at + 2] = ["/Artifact", "BMC"]

    def _references(self, tag: Tag) -> Iterator[bytes]:
        for kid in tag["K"]:
            if isinstance(kid, bytes):
                yield kid
                yield from self._references(self._follow(kid))

    def _follow(self, reference: bytes) -> Tag:
        return self._objects[int(reference.split()[0])]

    def _nodes(self, tags: list[Tag], boxes: list[Box]) -> list[_Node]:
        # Where tags do not follow boxes, this is another WeasyPrint than the one meant: a bug, and not a guess.
        nodes = [_Node(tag, box) for tag, box in zip(tags, boxes, strict=True)]
        for node in nodes:
            if node.kind in _CONTAINERS:
                kids = [self._follow(kid) for kid in node.tag["K"]]
                node.kids = self._nodes(kids, _child_boxes(node.box))
        return nodes

    def _join(self, whole: list[_Node], more: list[_Node]) -> None:
        """Add the children that an element has on one more page to those it has already.

        A child that goes on from an earlier page is joined to its beginning, and its own children likewise, so
        that the cells of a split row find their other halves.
        """
        begun = {node.origin: node for node in whole}
        for node in more:
            beginning = begun.pop(node.origin, None)
            if beginning is not None and node.kind in _CONTAINERS:
                self._join(beginning.kids, node.kids)
                self._adopt(beginning.tag, beginning.kids)
            elif beginning is not None and node.kind in _BLOCKS:
                for kid in node.tag["K"]:
                    self._follow(kid)["P"] = beginning.tag.reference
                beginning.tag["K"].extend(node.tag["K"])
            else:
                whole.append(node)

    @staticmethod
    def _adopt(parent: Tag, kids: list[_Node]) -> None:
        parent["K"][:] = [kid.tag.reference for kid in kids]
        for kid in kids:
            kid.tag["P"] = parent.reference


def _compress(stream: Stream) -> None:
    """Compress a stream as WeasyPrint would, at a level that takes a third of its time for two per cent more bytes."""
    parts = (each.encode("ascii") if isinstance(each, str) else getattr(each, "data", each) for each in stream.stream)
    content = b"\n".join(parts)
    stream.stream = [zlib.compress(content, _LEVEL)]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


def _top_boxes(box: Box) -> list[Box]:
    """Return the boxes of a page that stand at the top of the tag tree: those within html and body."""
    from weasyprint.formatting_structure.boxes import MarginBox, PageBox

    if isinstance(box, MarginBox):
        return []
    if isinstance(box, PageBox) or box.element_tag in {"html", "body"}:
        return [found for child in box.children for found in _top_boxes(child)]
    return [box]


def _child_boxes(box: Box) -> list[Box]:
    """Return the boxes right below a box in the tag tree, which knows no lines and no wrappers of tables."""
    from weasyprint.formatting_structure.boxes import LineBox

    table = box.get_wrapped_table() if getattr(box, "is_table_wrapper", False) else box
    found: list[Box] = []
    for child in box.children:
        transparent = child is table or isinstance(child, LineBox)
        found += child.children if transparent else [child]
    return found
