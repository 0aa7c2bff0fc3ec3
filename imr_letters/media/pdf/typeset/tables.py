"""Tables of collapsed borders: their columns, rows and rules, as WeasyPrint lays them out. Lengths are in pixels."""

from __future__ import annotations

from dataclasses import dataclass

from imr_letters.media.pdf.typeset.columns import Wish, column_widths
from imr_letters.media.pdf.typeset.inline import line_height, runs_of
from imr_letters.media.pdf.typeset.lines import Breaker, InkRun, SetLine
from imr_letters.media.pdf.typeset.look import NO_BORDER, Border, Look
from imr_letters.media.pdf.typeset.markup import Element
from imr_letters.media.pdf.typeset.supported import Unsupported


@dataclass(slots=True, eq=False)
class TableCell:
    """A cell: its columns, its lines, where the base of each is below the top of the row."""

    node: Element
    column: int
    span: int
    runs: list[InkRun]
    lines: list[SetLine]
    leads: list[float]
    bases: list[float]
    #: Half of the borders around it: what is drawn there is half its own.
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    left: float = 0.0

    @property
    def look(self) -> Look:
        """Return what the cell looks like."""
        return self.node.look


@dataclass(slots=True, eq=False)
class TableRow:
    """A row: its cells and its height."""

    node: Element
    cells: list[TableCell]
    height: float


@dataclass(slots=True, eq=False)
class SetTable:
    """A table, whose rows are kept whole: a page may break between them."""

    node: Element
    look: Look
    left: float
    width: float
    rows: list[TableRow]
    #: Where each column begins, from the left edge of the table, and where the last ends.
    edges: list[float]
    #: The rules above each row and below the last, by column; those at the side of each column, by row.
    across: list[list[Border]]
    down: list[list[Border]]
    orphans: int = 1
    widows: int = 1

    @property
    def heights(self) -> list[float]:
        """Return the heights of what a page may break between."""
        return [row.height for row in self.rows]

    @property
    def keep_whole(self) -> bool:
        """Return whether no page may break within."""
        return self.look.keep_whole

    def top(self, start: int) -> float:
        """Return the height of what is drawn above a row where that is the first on its page."""
        return max(rule.width for rule in self.across[start]) / 2

    def bottom(self) -> float:
        """Return the height of what is drawn below the last row."""
        return max(rule.width for rule in self.across[-1]) / 2

    def check_break(self, row: int) -> None:
        """Raise `Unsupported` where WeasyPrint might break a page within a row, whose lines do not all fit."""
        cells = self.rows[row].cells
        kept = self.rows[row].node.look.keep_whole or any(cell.look.keep_whole for cell in cells)
        if not kept and any(len(cell.lines) > 1 for cell in cells):
            raise Unsupported("a row of a table goes over pages")


def table(node: Element, left: float, width: float, breaker: Breaker) -> SetTable:
    """Return a table in this much width."""
    look = node.look
    if not look.collapse or any(look.padding) or look.margin.left or look.margin.right or look.height is not None:
        raise Unsupported("a table of another kind")
    if look.strings or look.bookmark or look.width != (100.0, "%"):
        raise Unsupported("a table that is not as wide as the page")
    rows = [TableRow(row, list(_cells(row)), 0.0) for row in node.elements()]
    if not rows or not all(row.cells for row in rows):
        raise Unsupported("a table has a row without cells")
    count = max(cell.column + cell.span for cell in rows[0].cells)
    if any(row.cells[-1].column + row.cells[-1].span != count for row in rows):
        raise Unsupported("a table has rows of several lengths")
    made = SetTable(node, look, left, width, rows, [], *_rules(look, rows, count))
    _set_borders(made)
    begin, end = made.down[0][0].width / 2, made.down[0][-1].width / 2
    wishes = [_wish(cell, breaker) for row in rows for cell in row.cells]
    made.edges.append(begin)
    for each in column_widths(wishes, width - begin - end, whole=True):
        made.edges.append(made.edges[-1] + each)
    for row in rows:
        _set_row(row, made.edges, breaker)
    return made


def _cells(row: Element) -> list[TableCell]:
    if row.look.fill or any(side.width for side in row.look.borders) or "table-row" not in row.look.display:
        raise Unsupported("the stylesheet draws rows of tables")
    if row.look.height is not None or row.look.break_before != "auto" or row.look.break_after != "auto":
        raise Unsupported("the stylesheet sets heights or page breaks of rows of tables")
    found: list[TableCell] = []
    column = 0
    for cell in row.elements():
        if "table-cell" not in cell.look.display or cell.attribute("rowspan") or cell.look.bookmark:
            raise Unsupported("a cell of a table of another kind")
        if cell.look.height is not None or cell.look.indent:
            raise Unsupported("the stylesheet sets height or text-indent of cells")
        span = cell.attribute("colspan") or "1"
        if not span.isdecimal() or not 1 <= int(span) <= 100:
            raise Unsupported("a colspan that is no number")
        found.append(TableCell(cell, column, int(span), runs_of(cell), [], [], []))
        column += int(span)
    return found


def _rules(look: Look, rows: list[TableRow], count: int) -> tuple[list[list[Border]], list[list[Border]]]:
    """Return the rules across and down: of those that meet, the widest, and of equals the cell's before the table's."""
    across = [[NO_BORDER] * count for _ in range(len(rows) + 1)]
    down = [[NO_BORDER] * (count + 1) for _ in rows]

    def put(rules: list[Border], at: int, border: Border) -> None:
        if border.width > rules[at].width:
            rules[at] = border

    for number, row in enumerate(rows):
        for cell in row.cells:
            above, right, below, left = cell.look.borders
            for column in range(cell.column, cell.column + cell.span):
                put(across[number], column, above)
                put(across[number + 1], column, below)
            put(down[number], cell.column, left)
            put(down[number], cell.column + cell.span, right)
    above, right, below, left = look.borders
    for column in range(count):
        put(across[0], column, above)
        put(across[-1], column, below)
    for row_rules in down:
        put(row_rules, 0, left)
        put(row_rules, count, right)
    return across, down


def _set_borders(table: SetTable) -> None:
    for number, row in enumerate(table.rows):
        for cell in row.cells:
            columns = slice(cell.column, cell.column + cell.span)
            cell.top = max(rule.width for rule in table.across[number][columns]) / 2
            cell.bottom = max(rule.width for rule in table.across[number + 1][columns]) / 2
            cell.left = table.down[number][cell.column].width / 2
            cell.right = table.down[number][cell.column + cell.span].width / 2


def _wish(cell: TableCell, breaker: Breaker) -> Wish:
    look = cell.look
    edges = look.padding.left + look.padding.right + cell.left + cell.right
    least = breaker.narrowest(cell.runs)
    (line,) = breaker.lines(cell.runs, None)
    most, percentage, fixed = line.width, 0.0, False
    if look.width is not None:
        number, unit = look.width
        if unit == "%":
            percentage = number
        elif unit == "px":
            most, fixed = number, True
        else:
            raise Unsupported(f"a cell has a width in {unit}")
    return Wish(cell.column, cell.span, least + edges, max(most, least) + edges, percentage, fixed)


def _set_row(row: TableRow, edges: list[float], breaker: Breaker) -> None:
    """Break the words of cells into lines, and find the height of their row."""
    for cell in row.cells:
        padding = cell.look.padding
        room = edges[cell.column + cell.span] - edges[cell.column]
        inner = room - cell.left - cell.right - padding.left - padding.right
        cell.lines = breaker.lines(cell.runs, inner)
        heights = [line_height(line, cell.look) for line in cell.lines]
        cell.leads, cell.bases = [lead for lead, _ in heights], [base for _, base in heights]
    on_base = [cell for cell in row.cells if cell.look.vertical == "baseline"]
    base = max((cell.top + cell.look.padding.top + cell.bases[0] for cell in on_base), default=0.0)
    shifts: dict[TableCell, float] = {}
    needed: dict[TableCell, float] = {}
    for cell in row.cells:
        start = cell.top + cell.look.padding.top
        shifts[cell] = base - start - cell.bases[0] if cell in on_base else 0.0
        needed[cell] = start + shifts[cell] + sum(cell.leads) + cell.look.padding.bottom + cell.bottom
    row.height = max(needed.values())
    for cell in row.cells:
        if cell.look.vertical == "middle":
            shifts[cell] = (row.height - needed[cell]) / 2
        y = cell.top + cell.look.padding.top + shifts[cell]
        for number, lead in enumerate(cell.leads):
            cell.bases[number] += y
            y += lead
