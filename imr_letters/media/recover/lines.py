"""A line of a letter as its medium gives it."""

from __future__ import annotations

from dataclasses import dataclass

from imr_letters.engine.letter import Where


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source in normal form, with where it stood and what stood before it.

    `gap` is the number of blank lines before it; `page` says that a page begins with it, `full` that the line before
    had no room for its first word. Where `page_number` is known, `number` counts the lines of that page.
    """

    text: str
    number: int
    column: int
    gap: int
    page: bool = False
    page_number: int | None = None
    full: bool = False


def line_place(line: Line, offset: int) -> Where:
    """Return the place of an offset in a line."""
    return Where(line.number, line.column + offset, line.text, offset, line.page_number)
