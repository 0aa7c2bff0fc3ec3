"""A letter as a flow: its blocks one below the other, ready to be put on pages. Lengths are in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from imr_letters.media.pdf.typeset.inline import check_display, line_height, runs_of
from imr_letters.media.pdf.typeset.lines import Breaker, Line
from imr_letters.media.pdf.typeset.looks import Look
from imr_letters.media.pdf.typeset.markup import WORDS, Node
from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.tables import Table, table


@dataclass(slots=True, eq=False)
class Block:
    """An element with words, broken into lines."""

    node: Node
    look: Look
    lines: list[Line]
    #: Of each line, its height and where its base is below its top.
    leads: list[float]
    bases: list[float]
    left: float
    width: float

    @property
    def heights(self) -> list[float]:
        """Return the heights of what a page may break between."""
        return self.leads

    @property
    def keep_whole(self) -> bool:
        """Return whether no page may break within."""
        return self.look.keep_whole or self.look.height is not None

    @property
    def orphans(self) -> int:
        """Return how many lines may be left on a page."""
        return self.look.orphans

    @property
    def widows(self) -> int:
        """Return how many lines may go on to the next page."""
        return self.look.widows

    def top(self, start: int) -> float:
        """Return the height of what is drawn above a line where that is the first on its page."""
        return 0.0 if start else self.look.borders[0].width + self.look.padding.top

    def bottom(self) -> float:
        """Return the height of what is drawn below the last line."""
        return self.look.borders[2].width + self.look.padding.bottom


@dataclass(slots=True, eq=False)
class Frame:
    """An element of a fixed height with blocks in it, such as an address for the window of an envelope."""

    node: Node
    look: Look
    #: The blocks, and where the box of each begins below the frame's top.
    inside: list[tuple[Block, float]]
    height: float
    keep_whole: bool = True
    orphans: int = 1
    widows: int = 1

    @property
    def heights(self) -> list[float]:
        """Return the heights of what a page may break between."""
        return [self.height]

    def top(self, _: int) -> float:
        """Return the height of what is drawn above."""
        return 0.0

    def bottom(self) -> float:
        """Return the height of what is drawn below."""
        return 0.0


Content = Block | Frame | Table


@dataclass(slots=True, eq=False)
class Item:
    """A place in the flow: what is there, the margins around it, whether a page may or must break before it."""

    content: Content
    before: float
    after: float
    #: Of the break between it and the one before: auto, avoid or page.
    breaks: str = "auto"
    #: What its element says of the break after it.
    then: list[str] = field(default_factory=list)


def flow(root: Node, width: float, breaker: Breaker) -> list[Item]:
    """Return the flow of a letter on pages of this width."""
    items = list(_items(root.elements(), 0.0, width, breaker))
    if not items:
        raise Unsupported("a letter without words")
    for before, item in pairwise(items):
        item.breaks = _strongest([*before.then, item.breaks])
    items[0].breaks = "auto"
    return items


def _strongest(values: Iterable[str]) -> str:
    found = set(values)
    return "page" if "page" in found else "avoid" if "avoid" in found else "auto"


def _items(nodes: list[Node], left: float, width: float, breaker: Breaker) -> Iterator[Item]:
    for node in nodes:
        look = node.look
        if node.tag in WORDS:
            check_display(look, "block")
            yield _item(_block(node, left, width, breaker), look)
        elif node.tag == "table":
            check_display(look, "table")
            yield _item(table(node, left, width, breaker), look)
        elif look.height is not None:
            yield _item(_frame(node, left, width, breaker), look)
        else:
            yield from _container(node, left, width, breaker)


def _item(content: Content, look: Look) -> Item:
    return Item(content, look.margin.top, look.margin.bottom, look.break_before, [look.break_after])


def _container(node: Node, left: float, width: float, breaker: Breaker) -> Iterator[Item]:
    """Yield what an element holds; its own margins are joined to those of the first and the last."""
    look = node.look
    check_display(look, "block")
    if not look.bare or look.strings or look.bookmark:
        raise Unsupported(f"the stylesheet draws <{node.tag}>, which holds blocks")
    inner = _inner(look, width)
    items = list(_items(node.elements(), left + look.margin.left, inner, breaker))
    if not items:
        raise Unsupported(f"<{node.tag}> holds nothing")
    first, last = items[0], items[-1]
    first.before = max(first.before, look.margin.top)
    first.breaks = _strongest([first.breaks, look.break_before])
    for before, item in pairwise(items):
        item.breaks = _strongest([*before.then, item.breaks])
        before.then = []
    last.after = max(last.after, look.margin.bottom)
    last.then = [*last.then, look.break_after]
    yield from items


def _inner(look: Look, width: float) -> float:
    """Return the width of what is in a box."""
    if look.width is None:
        edges = sum((look.margin.left, look.margin.right, look.padding.left, look.padding.right))
        return width - edges - look.borders[1].width - look.borders[3].width
    number, unit = look.width
    if unit != "px":
        raise Unsupported("the stylesheet sets width as a share of what is around")
    return number


def _block(node: Node, left: float, width: float, breaker: Breaker) -> Block:
    look = node.look
    if look.borders[1].width or look.borders[3].width:
        raise Unsupported("the stylesheet sets borders at the sides of a block")
    inner = _inner(look, width)
    runs = runs_of(node)
    lines = breaker.lines(runs, inner, look.indent)
    heights = [line_height(line, look) for line in lines]
    leads, bases = [lead for lead, _ in heights], [base for _, base in heights]
    if look.height is not None:
        if sum(leads) > look.height:
            raise Unsupported("words are higher than their box")
        leads = [*leads[:-1], look.height - sum(leads[:-1])]
    if look.keep_whole or look.height is not None:
        look = replace(look, keep_whole=True)
    return Block(node, look, lines, leads, bases, left + look.margin.left, inner)


def _frame(node: Node, left: float, width: float, breaker: Breaker) -> Frame:
    look = node.look
    assert look.height is not None
    check_display(look, "block")
    if not look.bare or look.strings or look.bookmark:
        raise Unsupported(f"the stylesheet draws <{node.tag}>, which holds blocks")
    items = list(_items(node.elements(), left + look.margin.left, _inner(look, width), breaker))
    inside: list[tuple[Block, float]] = []
    y = margin = 0.0
    for item in items:
        if not isinstance(item.content, Block):
            raise Unsupported(f"<{node.tag}> of a fixed height holds more than paragraphs")
        if not inside and item.before:
            raise Unsupported(f"the first block in <{node.tag}> has a margin above")
        y += max(margin, item.before)
        inside.append((item.content, y))
        y += item.content.top(0) + sum(item.content.leads) + item.content.bottom()
        margin = item.after
    if y > look.height:
        raise Unsupported("words are higher than their box")
    return Frame(node, look, inside, look.height)
