"""Pages as content streams: words under marks that the tags refer to, rules and margins as artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imr_letters.media.pdf.typeset.faces import Face
from imr_letters.media.pdf.typeset.flow import Content, TextBlock
from imr_letters.media.pdf.typeset.lines import Breaker, Ink, InkRun, SetLine
from imr_letters.media.pdf.typeset.look import Border, Look
from imr_letters.media.pdf.typeset.markup import Element
from imr_letters.media.pdf.typeset.pages import Fragment
from imr_letters.media.pdf.typeset.paper import MarginField, Paper
from imr_letters.media.pdf.typeset.supported import Unsupported
from imr_letters.media.pdf.typeset.tables import SetTable, TableCell

#: A pixel in points.
POINTS = 0.75

_KINDS = {tag: tag.upper() for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "th", "td")}


class Bookmark(NamedTuple):
    """A heading for the outline of a file: where its box begins, in points."""

    level: int
    words: str
    page: int
    x: float
    y: float


class Drawn(NamedTuple):
    """The pages of a letter: their content, and which elements their marks are of."""

    contents: list[str]
    #: Of each page, the element of each mark.
    marked: list[list[Element]]
    #: Of each element, its pages and marks.
    marks: dict[Element, list[tuple[int, int]]]
    bookmarks: list[Bookmark]
    faces: set[Face]


class _Page:
    """A page that is being drawn."""

    def __init__(self, drawn: Drawn, number: int, paper: Paper) -> None:
        self._drawn, self._number, self._paper = drawn, number, paper
        self._height = paper.height * POINTS
        self._out: list[str] = []
        self._nodes: list[Element] = []
        if paper.drawing:
            self._out.append("/Artifact BMC q /D0 Do Q EMC")

    def finish(self) -> None:
        """Put the page to those that are drawn."""
        self._drawn.contents.append("\n".join(self._out))
        self._drawn.marked.append(self._nodes)

    def content(self, fragment: Fragment) -> None:
        """Draw what of a block is on the page."""
        content, left = fragment.content, self._paper.left
        if isinstance(content, SetTable):
            self._table(content, fragment)
        elif isinstance(content, TextBlock):
            self._block(content, fragment.start, fragment.end, fragment.top, fragment.inner_top, left)
        else:
            for block, shift in content.inside:
                top = fragment.top + shift
                self._block(block, 0, len(block.lines), top, top + block.top(0), left)

    def _block(self, block: TextBlock, start: int, end: int, top: float, inner_top: float, left: float) -> None:
        look = block.look
        x = left + block.left
        if look.fill or any(border.width for border in look.borders):
            self._box(block, start, end, top, inner_top, x)
        if look.bookmark and not start:
            place = Bookmark(look.bookmark, block.node.text(), self._number, x * POINTS, self._up(top))
            self._drawn.bookmarks.append(place)
        x += look.padding.left
        self._open(block.node, look)
        y = inner_top
        for number in range(start, end):
            line = block.lines[number]
            shift = 0.0 if number else look.indent
            shift += _shift(look.align, block.width - shift - line.width)
            self._line(line, x + shift, y + block.bases[number])
            y += block.leads[number]
        self._close()

    def _box(self, block: TextBlock, start: int, end: int, top: float, inner_top: float, x: float) -> None:
        """Draw what is behind and around a block."""
        look = block.look
        above, _, below, _ = look.borders
        last = end == len(block.lines)
        if look.fill and (start or not last):
            raise Unsupported("the background of a block goes over pages")
        width = block.width + look.padding.left + look.padding.right
        height = inner_top - top + sum(block.leads[start:end]) + (block.bottom() if last else 0.0)
        first = above.width if not start else 0.0
        final = below.width if last else 0.0
        if look.fill:
            self._artifact(f"{look.fill} rg {self._rectangle(x, top, width, height)} f")
        inner = self._rectangle(x, top + first, width, height - first - final)
        outer = self._rectangle(x, top, width, height)
        if final:
            self._edge(x, top + height, width, -final, below.color, outer, inner)
        if first:
            self._edge(x, top, width, first, above.color, outer, inner)

    def _edge(self, x: float, y: float, width: float, depth: float, color: str, outer: str, inner: str) -> None:
        """Draw a rule at the edge of a box, as WeasyPrint does: the box without its inside, within the edge."""
        left, right = _number(x * POINTS), _number((x + width) * POINTS)
        one, other = _number(self._up(y)), _number(self._up(y + depth))
        clip = f"{right} {one} m {left} {one} l {left} {other} l {right} {other} l h W* n"
        self._artifact(f"q {clip} {color} rg {outer} {inner} f* Q")

    def _table(self, table: SetTable, fragment: Fragment) -> None:
        left = self._paper.left + table.left
        rows = table.rows[fragment.start : fragment.end]
        tops = [fragment.inner_top]
        for row in rows:
            tops.append(tops[-1] + row.height)
        last = fragment.end == len(table.rows)
        if table.look.fill:
            height = tops[-1] - fragment.top + (table.bottom() if last else 0.0)
            self._fill(table.look.fill, left, fragment.top, table.width, height)
        for row, top in zip(rows, tops, strict=False):
            for cell in row.cells:
                if cell.look.fill:
                    begin, end = table.edges[cell.column], table.edges[cell.column + cell.span]
                    self._fill(cell.look.fill, left + begin, top, end - begin, row.height)
        self._rules(table, fragment, tops, left)
        for row, top in zip(rows, tops, strict=False):
            for cell in row.cells:
                self._cell(cell, table, top, left)

    def _cell(self, cell: TableCell, table: SetTable, top: float, left: float) -> None:
        look = cell.look
        begin = left + table.edges[cell.column] + cell.left + look.padding.left
        end = left + table.edges[cell.column + cell.span] - cell.right - look.padding.right
        self._open(cell.node, look)
        for line, base in zip(cell.lines, cell.bases, strict=True):
            self._line(line, begin + _shift(look.align, end - begin - line.width), top + base)
        self._close()

    def _rules(self, table: SetTable, fragment: Fragment, tops: list[float], left: float) -> None:
        """Draw the rules of a table, thin ones first: each runs to the far edge of those it meets."""
        across = table.across[fragment.start : fragment.end + 1]
        down = table.down[fragment.start : fragment.end]
        edges = [left + edge for edge in table.edges]
        drawn: list[tuple[Border, float, float, float, float]] = []

        def half_across(row: int, column: int) -> float:
            met = [across[row][at].width for at in (column - 1, column) if 0 <= at < len(across[row])]
            return max(met) / 2

        def half_down(row: int, column: int) -> float:
            met = [down[at][column].width for at in (row - 1, row) if 0 <= at < len(down)]
            return max(met) / 2

        for row, rules in enumerate(across):
            for column, rule in enumerate(rules):
                begin = edges[column] - half_down(row, column)
                drawn.append((rule, begin, tops[row], edges[column + 1] + half_down(row, column + 1), tops[row]))
        for row, rules in enumerate(down):
            for column, rule in enumerate(rules):
                begin, end = tops[row] - half_across(row, column), tops[row + 1] + half_across(row + 1, column)
                drawn.append((rule, edges[column], begin, edges[column], end))
        drawn.sort(key=lambda each: each[0].width)
        lines = [
            f"{rule.color} RG {_number(rule.width * POINTS)} w {_number(x * POINTS)} {_number(self._up(y))} m "
            f"{_number(to_x * POINTS)} {_number(self._up(to_y))} l S"
            for rule, x, y, to_x, to_y in drawn
            if rule.width
        ]
        if lines:
            self._artifact(f"q {' '.join(lines)} Q")

    def margin(self, words: list[tuple[float, float, Ink, SetLine]]) -> None:
        """Draw words in a margin."""
        for x, y, ink, line in words:
            self._out.append(f"/Artifact BMC {ink.color} rg BT")
            self._font, self._color = "", ink.color
            self._line(line, x, y)
            self._out.append("ET EMC")

    def _fill(self, color: str, x: float, y: float, width: float, height: float) -> None:
        self._artifact(f"{color} rg {self._rectangle(x, y, width, height)} f")

    def _artifact(self, operators: str) -> None:
        self._out.append(f"/Artifact BMC {operators} EMC")

    def _open(self, node: Element, look: Look) -> None:
        mark = len(self._nodes)
        self._nodes.append(node)
        self._drawn.marks.setdefault(node, []).append((self._number, mark))
        self._out.append(f"/{_KINDS[node.tag]} <</MCID {mark}>> BDC {look.ink.color} rg BT")
        self._font, self._color = "", look.ink.color

    def _close(self) -> None:
        self._out.append("ET EMC")

    def _line(self, line: SetLine, x: float, y: float) -> None:
        self._out.append(f"1 0 0 1 {x * POINTS:.3f} {self._up(y):.3f} Tm")
        for ink, font, codes in line.pieces:
            face = font.face
            chosen = f"/{face.resource} {font.size * POINTS:g} Tf"
            if chosen != self._font:
                self._out.append(chosen)
                self._font = chosen
                self._drawn.faces.add(face)
            if ink.color != self._color:
                self._out.append(f"{ink.color} rg")
                self._color = ink.color
            self._out.append(f"[<{codes}>]TJ")

    def _rectangle(self, x: float, y: float, width: float, height: float) -> str:
        corner = f"{_number(x * POINTS)} {_number(self._up(y + height))}"
        return f"{corner} {_number(width * POINTS)} {_number(height * POINTS)} re"

    def _up(self, y: float) -> float:
        """Return a height on the page as PDF counts it: in points from the bottom."""
        return self._height - y * POINTS


def _shift(align: str, room: float) -> float:
    """Return how far a line begins from the left where this much of its width is free."""
    return max(0.0, {"left": 0.0, "center": room / 2, "right": room}[align])


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def draw(pages: list[list[Fragment]], papers: tuple[Paper, Paper], breaker: Breaker) -> Drawn:
    """Return the pages of a letter drawn."""
    drawn = Drawn([], [], {}, [], set())
    strings: dict[str, str] = {}
    for number, fragments in enumerate(pages):
        paper = papers[min(number, 1)]
        page = _Page(drawn, number, paper)
        first: dict[str, str] = {}
        for fragment in fragments:
            page.content(fragment)
            for name, value in _strings(fragment):
                first.setdefault(name, value)
                strings[name] = value
        said = {**strings, **first}
        page.margin(list(_margins(paper, said, number + 1, len(pages), breaker)))
        page.finish()
    return drawn


def _strings(fragment: Fragment) -> Iterator[tuple[str, str]]:
    """Yield the strings that are set by what of a block is on a page."""
    for node in _nodes(fragment.content, fragment.start, fragment.end):
        for name, parts in node.look.strings:
            yield name, "".join(node.text() if part is None else part for part in parts)


def _nodes(content: Content, start: int, end: int) -> Iterator[Element]:
    if isinstance(content, SetTable):
        for row in content.rows[start:end]:
            yield from (cell.node for cell in row.cells)
    elif isinstance(content, TextBlock):
        if not start:
            yield content.node
    else:
        yield from (block.node for block, _ in content.inside)


def _margins(
    paper: Paper, strings: dict[str, str], page: int, count: int, breaker: Breaker
) -> Iterator[tuple[float, float, Ink, SetLine]]:
    for x, y, font, color, text in paper.words:
        ink = Ink(font, color, 0.0, 0.0)
        yield x, y, ink, breaker.lines([InkRun(ink, text, wraps=False)], None)[0]
    for each in paper.fields:
        text = " ".join("".join(_said(part, strings, page, count) for part in each.parts).split())
        if text:
            ink = Ink(each.font, each.color, 0.0, 0.0)
            (line,) = breaker.lines([InkRun(ink, text, wraps=False)], None)
            yield _beginning(each, line), each.y, ink, line


def _beginning(each: MarginField, line: SetLine) -> float:
    if line.width > each.width:
        raise Unsupported("words in a margin do not fit on a line")
    return each.left + _shift(each.align, each.width - line.width)


def _said(part: str | tuple[str, str], strings: dict[str, str], page: int, count: int) -> str:
    if isinstance(part, str):
        return part
    kind, name = part
    if kind == "string":
        return strings.get(name, "")
    return str(page if name == "page" else count)
