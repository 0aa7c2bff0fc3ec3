"""A letter as a flow: its blocks one below the other, ready to be put on pages. Lengths are in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from imr_letters.media.pdf.typeset.inline import check_display, line_height, runs_of
from imr_letters.media.pdf.typeset.lines import Breaker, SetLine
from imr_letters.media.pdf.typeset.look import Look
from imr_letters.media.pdf.typeset.markup import WORDS, Element
from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.tables import SetTable, table


@dataclass(slots=True, eq=False)
class TextBlock:
    """An element with words, broken into lines."""

    node: Element
    look: Look
    lines: list[SetLine]
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
class FixedBox:
    """An element of a fixed height with blocks in it, such as an address for the window of an envelope."""

    node: Element
    look: Look
    #: The blocks, and where the box of each begins below the frame's top.
    inside: list[tuple[TextBlock, float]]
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


Content = TextBlock | FixedBox | SetTable


@dataclass(slots=True, eq=False)
class FlowStep:
    """A place in the flow: what is there, the margins around it, whether a page may or must break before it."""

    content: Content
    before: float
    after: float
    #: Of the break between it and the one before: auto, avoid or page.
    breaks: str = "auto"
    #: What its element says of the break after it.
    then: list[str] = field(default_factory=list)


def flow(root: Element, width: float, breaker: Breaker) -> list[FlowStep]:
    """Return the flow of a letter on pages of this width."""
    steps = list(_steps(root.elements(), 0.0, width, breaker))
    if not steps:
        raise Unsupported("a letter without words")
    for before, step in pairwise(steps):
        step.breaks = _strongest([*before.then, step.breaks])
    steps[0].breaks = "auto"
    return steps


def _strongest(values: Iterable[str]) -> str:
    found = set(values)
    return "page" if "page" in found else "avoid" if "avoid" in found else "auto"


def _steps(nodes: list[Element], left: float, width: float, breaker: Breaker) -> Iterator[FlowStep]:
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


def _item(content: Content, look: Look) -> FlowStep:
    return FlowStep(content, look.margin.top, look.margin.bottom, look.break_before, [look.break_after])


def _container(node: Element, left: float, width: float, breaker: Breaker) -> Iterator[FlowStep]:
    """Yield what an element holds; its own margins are joined to those of the first and the last."""
    look = node.look
    check_display(look, "block")
    if not look.bare or look.strings or look.bookmark:
        raise Unsupported(f"the stylesheet draws <{node.tag}>, which holds blocks")
    inner = _inner(look, width)
    steps = list(_steps(node.elements(), left + look.margin.left, inner, breaker))
    if not steps:
        raise Unsupported(f"<{node.tag}> holds nothing")
    first, last = steps[0], steps[-1]
    first.before = max(first.before, look.margin.top)
    first.breaks = _strongest([first.breaks, look.break_before])
    for before, step in pairwise(steps):
        step.breaks = _strongest([*before.then, step.breaks])
        before.then = []
    last.after = max(last.after, look.margin.bottom)
    last.then = [*last.then, look.break_after]
    yield from steps


def _inner(look: Look, width: float) -> float:
    """Return the width of what is in a box."""
    if look.width is None:
        edges = sum((look.margin.left, look.margin.right, look.padding.left, look.padding.right))
        return width - edges - look.borders[1].width - look.borders[3].width
    number, unit = look.width
    if unit != "px":
        raise Unsupported("the stylesheet sets width as a share of what is around")
    return number


def _block(node: Element, left: float, width: float, breaker: Breaker) -> TextBlock:
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
    return TextBlock(node, look, lines, leads, bases, left + look.margin.left, inner)


def _frame(node: Element, left: float, width: float, breaker: Breaker) -> FixedBox:
    look = node.look
    assert look.height is not None
    check_display(look, "block")
    if not look.bare or look.strings or look.bookmark:
        raise Unsupported(f"the stylesheet draws <{node.tag}>, which holds blocks")
    steps = list(_steps(node.elements(), left + look.margin.left, _inner(look, width), breaker))
    inside: list[tuple[TextBlock, float]] = []
    y = margin = 0.0
    for step in steps:
        if not isinstance(step.content, TextBlock):
            raise Unsupported(f"<{node.tag}> of a fixed height holds more than paragraphs")
        if not inside and step.before:
            raise Unsupported(f"the first block in <{node.tag}> has a margin above")
        y += max(margin, step.before)
        inside.append((step.content, y))
        y += step.content.top(0) + sum(step.content.leads) + step.content.bottom()
        margin = step.after
    if y > look.height:
        raise Unsupported("words are higher than their box")
    return FixedBox(node, look, inside, look.height)
