"""The columns of a table: how wide each is, by the rules that WeasyPrint follows.

The names are those of the specifications: https://www.w3.org/TR/css-tables-3/ and https://dbaron.org/css/intrinsic/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from imr_letters.media.pdf.typeset.supported import Unsupported

#: As WeasyPrint compares sums of lengths.
_ROUNDING = 1e-9


class Wish(NamedTuple):
    """How wide a cell would be, with its padding and borders: its columns, at least, at most; its own percentage."""

    column: int
    span: int
    least: float
    most: float
    percentage: float
    #: Whether its width is given as a length.
    fixed: bool


@dataclass(slots=True)
class _Columns:
    least: list[float]
    most: list[float]
    percentages: list[float]
    fixed: list[bool]
    begun: list[bool]

    def distribute(self, excess: float, widths: list[float], columns: range) -> None:
        """Give columns what is left over, to those first that say least about their own width."""
        free = [at for at in columns if not self.fixed[at] and not self.percentages[at]]
        wide = [at for at in free if self.most[at] > 0]
        fixed = [at for at in columns if self.fixed[at] and not self.percentages[at] and self.most[at] > 0]
        shares = [at for at in columns if self.percentages[at] > 0 and self.most[at] > 0]
        if wide:
            _share(excess, widths, {at: self.most[at] for at in wide})
        elif free:
            _share(excess, widths, dict.fromkeys(free, 1.0))
        elif fixed:
            _share(excess, widths, {at: self.most[at] for at in fixed})
        elif shares:
            _share(excess, widths, {at: self.percentages[at] for at in shares})
        else:
            _share(excess, widths, dict.fromkeys([at for at in columns if self.begun[at]] or columns, 1.0))


def _share(excess: float, widths: list[float], weights: dict[int, float]) -> None:
    ratio = excess / sum(weights.values())
    for at, weight in weights.items():
        widths[at] += weight * ratio


def column_widths(wishes: Sequence[Wish], available: float, *, whole: bool) -> list[float]:
    """Return the widths of columns within what is available, all of which is filled if `whole`.

    Raises `Unsupported` where the cells do not fit.
    """
    count = max(wish.column + wish.span for wish in wishes)
    columns = _Columns([0.0] * count, [0.0] * count, [0.0] * count, [False] * count, [False] * count)
    for wish in wishes:
        columns.begun[wish.column] = True
        if wish.span == 1:
            at = wish.column
            columns.least[at] = max(columns.least[at], wish.least)
            columns.most[at] = max(columns.most[at], wish.most, wish.least)
            columns.percentages[at] = max(columns.percentages[at], wish.percentage)
            columns.fixed[at] = columns.fixed[at] or wish.fixed
        elif wish.percentage:
            raise Unsupported("a cell over several columns has a percentage of the table's width")
    for at in range(count):
        columns.percentages[at] = min(columns.percentages[at], 100 - sum(columns.percentages[:at]))
    # Column by column, as WeasyPrint meets the cells.
    for wish in sorted((wish for wish in wishes if wish.span > 1), key=lambda wish: wish.column):
        spanned = range(wish.column, wish.column + wish.span)
        if (excess := wish.least - sum(columns.least[at] for at in spanned)) > 0:
            columns.distribute(excess, columns.least, spanned)
        if (excess := wish.most - sum(columns.most[at] for at in spanned)) > 0:
            columns.distribute(excess, columns.most, spanned)
    if not whole:
        raise Unsupported("a table is as wide as its words")
    if sum(columns.least) > available:
        raise Unsupported("a table does not fit on the page")
    return _fitted(columns, available)


def _fitted(columns: _Columns, available: float) -> list[float]:
    """Return the first of four guesses that is too wide, cut back to the one before; or the last, filled up."""
    every = range(len(columns.least))
    least = list(columns.least)
    by_percentage = [
        max(columns.percentages[at] / 100 * available, least[at]) if columns.percentages[at] else least[at]
        for at in every
    ]
    specified = [
        columns.most[at] if columns.fixed[at] and not columns.percentages[at] else by_percentage[at] for at in every
    ]
    widest = [by_percentage[at] if columns.percentages[at] else columns.most[at] for at in every]
    guesses = (least, by_percentage, specified, widest)
    if available * (1 + _ROUNDING) >= sum(widest):
        columns.distribute(available - sum(widest), widest, every)
        return widest
    lower = upper = least
    for guess in guesses:
        if sum(guess) > available * (1 + _ROUNDING):
            break
        lower = guess
    for guess in reversed(guesses):
        if sum(guess) < available * (1 - _ROUNDING):
            break
        upper = guess
    if upper == lower:
        return upper
    added = [up - low for up, low in zip(upper, lower, strict=True)]
    ratio = (available - sum(lower)) / sum(added)
    return [low + more * ratio for low, more in zip(lower, added, strict=True)]
