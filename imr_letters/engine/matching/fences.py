"""Words that are the form's fixed wording, or differ from it in a single character.

Free values may hold neither: the first would read as the form, the second is what a damaged form looks like, and it
must be reported as drift instead of being taken for a person's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from imr_letters.engine.text import differ_in_one


class Fences:
    """Fixed words that may not stand where a free value stands.

    `start` fences are looked for at the start of a paragraph, `whole` ones must be all of it, `inside` ones may be
    anywhere in the value. `shapes` tell whether a whole paragraph has a form that is none of prose.
    """

    def __init__(
        self,
        start: Iterable[str] = (),
        whole: Iterable[str] = (),
        inside: Iterable[str] = (),
        shapes: Iterable[Callable[[str], bool]] = (),
    ) -> None:
        self._shapes = tuple(shapes)
        self._start = tuple(dict.fromkeys(start))
        self._whole = frozenset(whole)
        self._inside = tuple(dict.fromkeys(inside))
        self._lengths = {len(fence) + shift for fence in self._whole for shift in (-1, 0, 1)}
        self._maybe = _halves_at_start(self._start)
        self._maybe_inside = _halves(self._inside)
        self.active = bool(self._start or self._whole or self._inside or self._shapes)

    def hit(self, words: str) -> str | None:
        """Return the fence that a paragraph runs into, or None."""
        if self._maybe is not None and self._maybe.match(words):
            for fence in self._start:
                size = len(fence)
                if any(differ_in_one(words[: size + shift], fence) for shift in (0, -1, 1)):
                    return fence
        if len(words) in self._lengths:
            for fence in self._whole:
                if differ_in_one(words, fence):
                    return fence
        if any(shape(words) for shape in self._shapes):
            return words[-40:]
        if self._maybe_inside is not None:
            return self._hit_inside(words)
        return None

    def _hit_inside(self, words: str) -> str | None:
        assert self._maybe_inside is not None
        for match in self._maybe_inside.finditer(words):
            for fence in self._inside:
                size = len(fence)
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
