"""The tag tree of a letter: its elements as structure, each with the marks of what is drawn of it."""

from __future__ import annotations

from collections.abc import Callable

from imr_letters.media.pdf.typeset.drawing import Drawn
from imr_letters.media.pdf.typeset.markup import WORDS, Element

_KINDS = {
    **{tag: tag.upper() for tag in WORDS},
    "body": "Document",
    "article": "Art",
    "section": "Sect",
    "div": "Div",
    "main": "Sect",
    "header": "Div",
    "footer": "Div",
    "table": "Table",
    "tr": "TR",
}


class Tags:
    """The objects of a letter's tag tree."""

    def __init__(self, drawn: Drawn, pages: list[int], take: Callable[[], int]) -> None:
        self.objects: dict[int, str] = {}
        self._drawn, self._pages, self._take = drawn, pages, take
        self._numbers: dict[Element, int] = {}

    def add(self, root: Element) -> int:
        """Make the tree of a letter; return the number of its root."""
        number = self._take()
        top = self._element(root, number)
        rows = [
            f"{page}[{' '.join(f'{self._numbers[node]} 0 R' for node in nodes)}]"
            for page, nodes in enumerate(self._drawn.marked)
        ]
        parents = self._take()
        self.objects[parents] = f"<</Nums[{' '.join(rows)}]>>"
        self.objects[number] = (
            f"<</Type/StructTreeRoot/K[{top} 0 R]/ParentTree {parents} 0 R/ParentTreeNextKey {len(rows)}>>"
        )
        return number

    def _element(self, node: Element, parent: int) -> int:
        number = self._numbers[node] = self._take()
        entries = f"<</Type/StructElem/S/{_KINDS[node.tag]}/P {parent} 0 R"
        if node.tag in WORDS:
            entries += self._attributes(node) + self._marks(node)
        else:
            kids = [self._element(kid, number) for kid in node.elements()]
            entries += f"/K[{' '.join(f'{kid} 0 R' for kid in kids)}]"
        self.objects[number] = f"{entries}>>"
        return number

    def _marks(self, node: Element) -> str:
        marks = self._drawn.marks[node]
        if len(marks) == 1:
            ((page, mark),) = marks
            return f"/Pg {self._pages[page]} 0 R/K {mark}"
        kids = (f"<</Type/MCR/Pg {self._pages[page]} 0 R/MCID {mark}>>" for page, mark in marks)
        return f"/K[{' '.join(kids)}]"

    @staticmethod
    def _attributes(node: Element) -> str:
        said = ""
        if node.tag == "th":
            said += f"/Scope/{'Column' if node.attribute('scope') == 'col' else 'Row'}"
        if (span := node.attribute("colspan")) not in ("", "1"):
            said += f"/ColSpan {int(span)}"
        return f"/A<</O/Table{said}>>" if said else ""
