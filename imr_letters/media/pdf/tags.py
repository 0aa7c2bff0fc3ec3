"""The tag tree of a PDF as plain data, walked once: every element once, not too many, not too deep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imr_letters.media.pdf.kinds import RoleMap
from imr_letters.media.pdf.limits import DEEPEST_TAGS, MOST_TAGS, refusal

#: Stands for a page that the tags name and the file does not have.
NO_PAGE = -1


class Mark(NamedTuple):
    """A piece of marked content: its page, and its number on the page."""

    page: int
    number: int


@dataclass(slots=True)
class Tag:
    """A structure element: the standard kind it stands for, such as "/P", its page, and what is below it in order."""

    kind: str
    page: int
    kids: list[Tag | Mark] = field(default_factory=list)


def read(root: Any, pages: dict[tuple[int, int], int], name: str) -> Tag:
    """Return the tags of a document under one of no kind; `pages` are the numbers of its pages, by object.

    Raises `InputError` for what is no tree, and for more or deeper tags than any letter has.
    """
    import pikepdf

    if not isinstance(root, pikepdf.Dictionary):
        raise refusal("damaged", "is a damaged PDF: its tags cannot be read", name)
    first = 0 if len(pages) == 1 else NO_PAGE
    top = Tag("", first)
    reader = _Reader(pages, RoleMap(root), name)
    reader.once(root)
    reader.add(root.get("/K"), top, first, 1)
    return top


class _Reader:
    def __init__(self, pages: dict[tuple[int, int], int], roles: RoleMap, name: str) -> None:
        import pikepdf

        self._array, self._dictionary = pikepdf.Array, pikepdf.Dictionary
        self._pages = pages
        self._roles = roles
        self._name = name
        self._seen: set[tuple[int, int]] = set()
        self._count = 0

    def once(self, node: Any) -> None:
        """Refuse an element that was met before."""
        if node.is_indirect:
            if node.objgen in self._seen:
                message = "is a damaged PDF: its tags form a loop, or one stands in two places"
                raise refusal("damaged", message, self._name)
            self._seen.add(node.objgen)

    def add(self, node: Any, above: Tag, page: int, depth: int) -> None:
        """Put a node, which stands on `page` unless it says otherwise, below a tag."""
        self._count += 1
        if self._count > MOST_TAGS:
            raise refusal("too-long", f"has more than {MOST_TAGS:,} tags", self._name, "give one letter at a time")
        if depth > DEEPEST_TAGS:
            message = f"has tags nested deeper than {DEEPEST_TAGS}, which no letter has"
            raise refusal("damaged", message, self._name)
        if isinstance(node, int):
            above.kids.append(Mark(page, node))
        elif isinstance(node, self._dictionary):
            self.once(node)
            on = node.get("/Pg")
            page = page if on is None else self._pages.get(on.objgen, NO_PAGE)
            kind = node.get("/S")
            if kind is not None:
                tag = Tag(self._roles.standard(str(kind)), page)
                above.kids.append(tag)
                self.add(node.get("/K"), tag, page, depth + 1)
            elif (mark := node.get("/MCID")) is not None:
                above.kids.append(Mark(page, int(mark)))
        elif isinstance(node, self._array):
            self.once(node)
            for kid in node:
                self.add(kid, above, page, depth + 1)
