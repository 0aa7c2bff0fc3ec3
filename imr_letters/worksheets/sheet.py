"""Worksheets, row by row: the rows of a CSV or XLSX file as words, each with what is wrong with its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from imr_letters.engine.errors import Finding, InputError
from imr_letters.engine.showing import unguarded

#: Most rows and columns; longest cell, in characters.
MOST_ROWS = 200_000
MOST_COLUMNS = 300
LONGEST_CELL = 100_000
#: Last column of a file of rejected rows; cells of such a file are kept safe from spreadsheets (`guarded`).
WHY = "why"


@dataclass(slots=True)
class SheetRow:
    """A row of a worksheet: its number as spreadsheets count, its cells, and by column what is wrong with them."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)
    #: By column: what a cell is that is not text, where that may not be what its words show, such as "a date".
    kinds: dict[int, str] = field(default_factory=dict)
    #: What is wrong with the row as a whole.
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Whether it is empty."""
        return not any(cell.strip() for cell in self.cells) and not self.fault and not self.faults


class Sheet(Protocol):
    """A worksheet whose rows can be read again and again."""

    path: Path
    header: list[str]
    #: What was guessed or left aside while reading.
    notes: list[Finding]
    #: Whether the dates of bare numbers count from 1904, as on old Macs.
    epoch_1904: bool

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the header, blank ones left out."""


def refused(path: Path, message: str, remedy: str, row: int | None = None) -> InputError:
    """Return the error of a worksheet that cannot be read."""
    return InputError.of(message, source=str(path), line=row, remedy=remedy)


def checked_header(path: Path, cells: list[str]) -> list[str]:
    """Return the names of the columns. Raises `InputError` where two are the same."""
    header = [" ".join(cell.split()) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise refused(path, "has no header row", "write the names of the columns into row 1", 1)
    if len(header) > MOST_COLUMNS:
        raise refused(path, f"has more than {MOST_COLUMNS} columns", "keep those that are needed", 1)
    for index, name in enumerate(header):
        if name and name.casefold() in [other.casefold() for other in header[:index]]:
            raise refused(path, f'has two columns "{name[:60]}"', "give one of them another name", 1)
    return header


def column_letter(index: int) -> str:
    """Return the letters by which spreadsheets name a column, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def finished(row: SheetRow, header: list[str], path: Path) -> SheetRow:
    """Return a row with one cell for each column of the header, checked; raises `InputError` beyond the limits."""
    if row.number > MOST_ROWS:
        raise refused(path, f"has more than {MOST_ROWS:,} rows", "part it into several worksheets", row.number)
    if header[-1] == WHY:
        row.cells = [unguarded(cell) for cell in row.cells]
    extra = [cell for cell in row.cells[len(header) :] if cell.strip()]
    if extra and not row.fault:
        row.fault = (
            f"has {len(row.cells)} cells, but the header has {len(header)} columns: look for a lost quote or separator"
        )
    if not extra:
        row.cells = (row.cells + [""] * len(header))[: len(header)]
    for index, cell in enumerate(row.cells):
        if len(cell) > LONGEST_CELL:
            row.faults.setdefault(index, f"is longer than {LONGEST_CELL:,} characters")
        elif cell.startswith("=") and len(cell) > 1:
            row.faults.setdefault(index, "is a formula: write its value")
    return row
