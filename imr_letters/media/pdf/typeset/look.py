"""What an element of a letter looks like, as the stylesheet has it. Lengths are in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from imr_letters.media.pdf.typeset.lines import Ink


class Sides(NamedTuple):
    """Lengths in pixels at the four sides of a box."""

    top: float
    right: float
    bottom: float
    left: float


class Border(NamedTuple):
    """A side of a border: its width in pixels, its color as operands of a content stream."""

    width: float
    color: str


NO_BORDER = Border(0.0, "")


@dataclass(frozen=True, slots=True)
class Look:
    """What an element looks like in its context. Lengths are in pixels."""

    display: tuple[str, ...]
    margin: Sides
    padding: Sides
    borders: tuple[Border, Border, Border, Border]
    ink: Ink
    #: The color behind it, None where there is none.
    fill: str | None
    align: str
    indent: float
    #: Of `white-space`: whether lines break, whether spaces are kept.
    wraps: bool
    keeps_spaces: bool
    break_before: str
    break_after: str
    keep_whole: bool
    orphans: int
    widows: int
    collapse: bool
    vertical: str
    #: A width as number and unit; None where it follows from what is around it.
    width: tuple[float, str] | None
    height: float | None
    #: Names of strings for the margins of pages, and what each is made of: `None` means the element's words.
    strings: tuple[tuple[str, tuple[str | None, ...]], ...]
    #: The level of its bookmark, 0 for none.
    bookmark: int

    @property
    def bare(self) -> bool:
        """Whether nothing but what it holds is seen of it, and nothing but margins moves that."""
        return not (any(self.padding) or any(side.width for side in self.borders) or self.fill or self.keep_whole)
