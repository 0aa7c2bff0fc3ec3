"""Blocks onto pages, by WeasyPrint's rules: collapsed margins, orphans and widows, headings kept with what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imr_letters.media.pdf.typeset.flow import Content, FlowStep
from imr_letters.media.pdf.typeset.paper import Paper
from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.tables import SetTable

#: As WeasyPrint compares lengths with the end of a page.
_ROUNDING = 1 + 1e-9


class Fragment(NamedTuple):
    """What of a block is on a page: its lines or rows, from the first to the one before the end."""

    content: Content
    start: int
    end: int
    #: Where its box begins, and its first line, in pixels from the top of the page.
    top: float
    inner_top: float
    #: Its place in the flow.
    place: int


class _Layout:
    """The pages made so far, and where on the last of them the flow has come to."""

    def __init__(self, steps: Sequence[FlowStep], papers: tuple[Paper, Paper]) -> None:
        self._steps = steps
        self._papers = papers
        self.pages: list[list[Fragment]] = []
        self._begin(forced=False)

    def _begin(self, *, forced: bool) -> None:
        self._here: list[Fragment] = []
        paper = self._papers[min(len(self.pages), 1)]
        self._y = paper.top
        self._margin: float | None = None
        self._bottom = (paper.top + paper.inner_height) * _ROUNDING
        self._forced = forced

    def _turn(self, *, forced: bool = False) -> None:
        self.pages.append(self._here)
        self._begin(forced=forced)

    def run(self) -> None:
        """Put all steps on pages."""
        place = start = 0
        while place < len(self._steps):
            place, start = self._put(place, start)
        self.pages.append(self._here)

    def _put(self, place: int, start: int) -> tuple[int, int]:
        """Put what fits of an step, from `start` of its lines on; return where to go on."""
        step = self._steps[place]
        content = step.content
        if step.breaks == "page" and not start and self._here:
            self._turn(forced=True)
        top = self._y if start else self._y + self._gap(step)
        inner_top = top + content.top(start)
        end, y = self._fitting(content, start, inner_top)
        if end < len(content.heights):
            end = self._broken(content, start, end)
            y = inner_top + sum(content.heights[start:end])
        if end == start:
            return self._go_back(place, start)
        self._here.append(Fragment(content, start, end, top, inner_top, place))
        if end < len(content.heights):
            self._turn()
            return place, end
        self._y, self._margin = y + content.bottom(), step.after
        return place + 1, 0

    def _gap(self, step: FlowStep) -> float:
        """Return the space above an step: none where a page begins, unless it is the first or was asked for."""
        if self._margin is None:
            return step.before if not self.pages or self._forced else 0.0
        return max(self._margin, step.before)

    def _fitting(self, content: Content, start: int, y: float) -> tuple[int, float]:
        """Return how far a block's lines fit on this page, at least one where it is empty, and where the last ends."""
        heights = content.heights
        end = start
        while end < len(heights):
            below = content.bottom() if end + 1 == len(heights) else 0.0
            if y + heights[end] + below > self._bottom and (end > start or self._here):
                break
            if y + heights[end] + below > self._bottom:
                raise Unsupported("a line is higher than a page")
            y += heights[end]
            end += 1
        return end, y

    def _broken(self, content: Content, start: int, end: int) -> int:
        """Return where a block that does not fit is broken; at its start where it is not."""
        empty = not self._here
        if content.keep_whole and not empty:
            return start
        if empty and len(content.heights) == 1:
            raise Unsupported("a block is higher than a page")
        if isinstance(content, SetTable):
            content.check_break(end)
        kept = end - start
        needed = max(0, content.widows - 1 - (len(content.heights) - end - 1))
        if not empty and (kept < content.orphans or needed > kept - content.orphans):
            return start
        if needed and needed <= kept - content.orphans:
            return end - needed
        return end

    def _go_back(self, place: int, start: int) -> tuple[int, int]:
        """Break the page before an step of which nothing fits, or before that where this break is to be avoided."""
        if not start and self._steps[place].breaks == "avoid":
            found = self._earlier()
            if found is not None:
                self._here, place, start = found
        self._turn()
        return place, start

    def _earlier(self) -> tuple[list[Fragment], int, int] | None:
        """Return the last break on this page that need not be avoided: what stays, and where to go on."""
        here = self._here
        for number in range(len(here) - 1, -1, -1):
            last = here[number]
            if number + 1 < len(here) and self._steps[here[number + 1].place].breaks != "avoid":
                return here[: number + 1], here[number + 1].place, here[number + 1].start
            if not last.content.keep_whole:
                kept = last.end - last.start - last.content.widows
                if kept >= last.content.orphans:
                    end = last.start + kept
                    return [*here[:number], last._replace(end=end)], last.place, end
        return None


def pages(steps: Sequence[FlowStep], papers: tuple[Paper, Paper]) -> list[list[Fragment]]:
    """Return the pages of a letter: the first on its own paper, all others on the second."""
    layout = _Layout(steps, papers)
    layout.run()
    return layout.pages
