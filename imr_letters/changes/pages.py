"""What a change does to the pages of PDF letters: how many there are, what moved from one to another, how they look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imr_letters.media.pdf import raster
from imr_letters.media.pdf.reader import read_here

#: Dots to the inch of pictures.
DOTS = 84


@dataclass(frozen=True, slots=True)
class Move:
    """Words that moved to another page: the block's first words, and the pages."""

    words: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PagePair:
    """A page that differs, as pictures: PNG before, after, and both in one. A page that is only in one has no other."""

    number: int
    before: bytes | None
    after: bytes | None
    overlay: bytes | None


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one letter in both versions."""

    letter: str
    before: int
    after: int
    moves: tuple[Move, ...]
    #: Numbers of the pages that look different.
    differ: tuple[int, ...]
    sheets: tuple[PagePair, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """What happened: the number of pages changed, words moved to another page, or only the looks differ."""
        if self.before != self.after:
            return "page-count"
        return "repagination" if self.moves else "looks" if self.differ else "same"

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        return {
            "letter": self.letter,
            "kind": self.kind,
            "pages": [self.before, self.after],
            "moved": [{"words": each.words, "from": each.before, "to": each.after} for each in self.moves],
            "differ": list(self.differ),
        }


def compared(name: str, before: bytes, after: bytes) -> Pages:
    """Compare the pages of two PDFs of ours."""
    old, new = (raster.pages(each, dots=DOTS) for each in (before, after))
    sheets = []
    for index in range(max(len(old), len(new))):
        left = old[index].picture if index < len(old) else None
        right = new[index].picture if index < len(new) else None
        if left is None or right is None:
            sheets.append(PagePair(index + 1, left, right, None))
        elif left != right:  # the same engine drew both: what differs at all was changed
            sheets.append(PagePair(index + 1, left, right, raster.overlay(left, right)))
    moves = tuple(_moves(before, after))
    return Pages(name, len(old), len(new), moves, tuple(sheet.number for sheet in sheets), tuple(sheets))


def _moves(before: bytes, after: bytes) -> Iterator[Move]:
    """Yield the blocks of the same words that begin on another page."""
    old, new = (read_here(each, ours=True) for each in (before, after))
    waiting: dict[str, list[int]] = {}
    for index, words in enumerate(old.blocks):
        waiting.setdefault(words, []).append(old.where(index, 0).page or 1)
    for index, words in enumerate(new.blocks):
        pages = waiting.get(words)
        if pages:
            was, now = pages.pop(0), new.where(index, 0).page or 1
            if was != now:
                yield Move(" ".join(words.split(" ")[:8]), was, now)
