"""Whether the dates of a worksheet are written month first, as in the United States: settled by columns, not by cells.

A cell such as 04/03/2016 is a day in March or in April, and only the column can say which: another cell of it such as
25/03/2016 is no date month first, so all of its dates are written day first, and none of them is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from imr_letters.worksheets.sheet import Row

_DAY = re.compile(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-](?:[0-9]{4}|[0-9]{2})\b.*")


@dataclass(slots=True)
class DayColumns:
    """The columns of dates of a worksheet, and what their cells show of the order of day and month."""

    columns: Collection[int]
    #: By column: the first row whose date can only be written day first, and its words.
    day_first: dict[int, tuple[int, str]] = field(default_factory=dict)
    #: The columns with a date that can only be written month first.
    month_first: set[int] = field(default_factory=set)

    def look(self, row: Row) -> None:
        """Take note of the dates of a row."""
        for index in self.columns:
            found = _DAY.fullmatch(row.cells[index]) if index < len(row.cells) else None
            if found is None:
                continue
            first, second = int(found[1]), int(found[2])
            if first > 12 >= second:
                self.day_first.setdefault(index, (row.number, row.cells[index].strip()))
            elif second > 12 >= first:
                self.month_first.add(index)

    def fault(self, index: int, words: str) -> str | None:
        """Return why a date of a column cannot be read, or None where its order is not in doubt."""
        found = _DAY.fullmatch(words)
        if found is None or not self.day_first or int(found[2]) > 12:
            return None
        if index in self.day_first:
            row, example = self.day_first[index]
            where = "its column"
        elif index in self.month_first:
            return None
        else:
            row, example = next(iter(self.day_first.values()))
            where = "another column"
        if int(found[1]) == int(found[2]):
            return None  # the same day either way
        return (
            f"may be written day first, as {example} in row {row} of {where}: "
            "write dates year first, such as 2016-03-25, or format the cells as dates"
        )
