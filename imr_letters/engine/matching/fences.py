"""Words that are the form's fixed wording, or differ from it in a single character.

Free values may hold neither: the first would read as the form, the second is what a damaged form looks like, and it
must be reported as drift instead of being taken for a person's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from imr_letters.engine.text import differ_in_one

_WORD = re.compile(r"[^\W\d_]+")


def edits(fence: str) -> int:
    """Return by how many characters words may differ from a fence and still be taken for it when it is damaged.

    One or two common words, such as ", with ", are met only exactly: near to them is ordinary English.
    """
    return int(len(_WORD.findall(fence)) > 2 or fence.rstrip().endswith(":"))


class Shape(Protocol):
    """A form of a whole paragraph."""

    def reads(self, block: str) -> bool:
        """Return whether a paragraph has the form."""


class Fences:
    """Fixed words that may not stand where a free value stands.

    `start` fences are looked for at the start of a paragraph, `whole` ones must be all of it, `inside` ones may be
    anywhere in the value. `shapes` are forms of a whole paragraph that is none of prose.
    """

    def __init__(
        self,
        start: Iterable[str] = (),
        whole: Iterable[str] = (),
        inside: Iterable[str] = (),
        shapes: Iterable[Shape] = (),
    ) -> None:
        self.shapes = tuple(shapes)
        self.start = tuple(dict.fromkeys(start))
        self.whole = tuple(dict.fromkeys(whole))
        self.inside = tuple(dict.fromkeys(inside))
        self._lengths = {len(fence) + shift for fence in self.whole for shift in (-1, 0, 1)}
        self._exact = tuple(fence for fence in self.inside if not edits(fence))
        self._maybe = _halves_at_start(self.start)
        self._maybe_inside = _halves(self.inside)
        self.active = bool(self.start or self.whole or self.inside or self.shapes)

    def hit(self, words: str) -> str | None:
        """Return the fence that a paragraph runs into, or None."""
        if self._maybe is not None and self._maybe.match(words):
            for fence in self.start:
                size = len(fence)
                if words.startswith(fence) or (
                    edits(fence) and any(differ_in_one(words[: size + shift], fence) for shift in (0, -1, 1))
                ):
                    return fence
        if len(words) in self._lengths:
            for fence in self.whole:
                if differ_in_one(words, fence):
                    return fence
        if any(shape.reads(words) for shape in self.shapes):
            return words[-40:]
        if self._maybe_inside is not None:
            # A space at the end of a fence may be the one next to the value.
            padded = f" {words} "
            exact = next((fence for fence in self._exact if fence in padded), None)
            return exact or self._hit_inside(words)
        return None

    def nearly_hit(self, words: str) -> str | None:
        """Return a fence that words hold with one character changed, where that is no hit."""
        return None if self._maybe_inside is None else self._hit_inside(words, near=True)

    def _hit_inside(self, words: str, *, near: bool = False) -> str | None:
        assert self._maybe_inside is not None
        for match in self._maybe_inside.finditer(words):
            for fence in self.inside:
                size = len(fence)
                if not near and not edits(fence):
                    continue
                starts = {match.start(), *(match.start() - size // 2 + shift for shift in (-1, 0, 1))}
                for start in starts:
                    if start >= 0 and any(
                        differ_in_one(words[start : start + size + shift], fence) for shift in (0, -1, 1)
                    ):
                        return fence
        return None


def _halves_at_start(fences: tuple[str, ...]) -> re.Pattern[str] | None:
    """One changed character leaves one half of a fence whole: a quick test that misses nothing."""
    if not fences:
        return None
    ways = []
    for fence in fences:
        middle = len(fence) // 2
        left, right = re.escape(fence[:middle]), re.escape(fence[middle:])
        ways.append(f"{left}|.{{{max(0, middle - 1)},{middle + 1}}}{right}")
    return re.compile("|".join(ways))


def _halves(fences: tuple[str, ...]) -> re.Pattern[str] | None:
    if not fences:
        return None
    halves = [re.escape(half) for fence in fences for half in (fence[: len(fence) // 2], fence[len(fence) // 2 :])]
    return re.compile("(?=" + "|".join(sorted(set(halves), key=len, reverse=True)) + ")")
