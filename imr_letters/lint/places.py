"""Where in a file the words of a hit stand: in a decision file by line, in a letter by page and line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from imr_letters.engine.errors import excerpt
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.form import Reading, Unfinished
from imr_letters.lint.register import Hit


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a finding: its parts are those of `errors.Finding`."""

    source: str = ""
    line: int | None = None
    column: int | None = None
    excerpt: str = ""
    mark: tuple[int, int] | None = None


class Locator(Protocol):
    """Finds the place of a hit in what was read."""

    def spot(self, hit: Hit, text: str) -> Spot:
        """Return the place; `text` is the text of the hit's field."""


@dataclass(frozen=True)
class Nowhere:
    """Places of a decision that comes from no file: only the words themselves are shown."""

    name: str = ""

    def spot(self, hit: Hit, text: str) -> Spot:
        """Return the words with what stands around them."""
        shown, mark = _around(hit, text)
        return Spot(self.name, excerpt=shown, mark=mark)


def _around(hit: Hit, text: str) -> tuple[str, tuple[int, int] | None]:
    start = hit.start if hit.start >= 0 else text.find(hit.words)
    if not hit.words or start < 0:
        return "", None
    begin = text.rfind(PARAGRAPH, 0, start)
    begin = begin + len(PARAGRAPH) if begin >= 0 else 0
    end = text.find(PARAGRAPH, start)
    return excerpt(text[begin : end if end >= 0 else len(text)], start - begin, len(hit.words))


def _occurrence(hit: Hit, text: str) -> int:
    """Return how many times the words of a hit stand in the text before it."""
    return text.count(hit.words, 0, hit.start) if hit.words and hit.start > 0 else 0


class InFile:
    """Places in a decision file."""

    def __init__(self, file: Unfinished, name: str) -> None:
        self._file = file
        self._name = name
        self._starts = [0] + [match.end() for match in re.finditer("\n", file.text)]

    def spot(self, hit: Hit, text: str) -> Spot:
        """Return the line of the words; of the field, where the words are not found or there are none."""
        shown, mark = _around(hit, text)
        line, column = self._field(hit.field)
        at = self._words(hit, text, line, column)
        if at is not None:
            line, column = at
        if not shown:
            whole = self._file.text.split("\n")[line - 1]
            indent = len(whole) - len(whole.lstrip())
            shown, mark = excerpt(whole.strip(), max(0, column - 1 - indent), 1) if whole.strip() else ("", None)
        return Spot(self._name, line, column, shown, mark)

    def _field(self, field: str) -> tuple[int, int]:
        while field and field not in self._file.places:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return self._file.places.get(field, (1, 1))

    def _words(self, hit: Hit, text: str, line: int, column: int) -> tuple[int, int] | None:
        if not hit.words or hit.field not in self._file.places:
            return None
        pattern = re.compile(r"\s+".join(map(re.escape, hit.words.split())))
        at = self._starts[line - 1] + column - 1
        later = [place for place in self._file.places.values() if place > (line, column)]
        inside = hit.field + ("[" if hit.field.endswith("rationale") else ".")
        own = [place for field, place in self._file.places.items() if field.startswith(inside)]
        stop = min((place for place in later if place > max(own, default=(line, column))), default=None)
        end = self._starts[stop[0] - 1] if stop else len(self._file.text)
        found = [match.start() for match in pattern.finditer(self._file.text, at, end)]
        if not found:
            return None
        start = found[min(_occurrence(hit, text), len(found) - 1)]
        row = self._file.text.count("\n", 0, start) + 1
        return row, start - self._starts[row - 1] + 1


class InLetter:
    """Places in a letter that was read."""

    def __init__(self, reading: Reading, name: str) -> None:
        self._reading = reading
        self._name = name
        self._blocks = reading.blocks
        self._places = reading.places

    def spot(self, hit: Hit, text: str) -> Spot:
        """Return the line of the words; of the field, where the words are not found or there are none."""
        stands = [place for place in self._places if place.field == hit.field]
        stands = stands or [place for place in self._places if hit.field.startswith(place.field)]
        if not stands:
            return Spot(self._name)
        skip = _occurrence(hit, text)
        for place in stands:
            words = self._blocks[place.block].text[place.start : place.end]
            at = -1
            while hit.words and (at := words.find(hit.words, at + 1)) >= 0:
                if skip == 0:
                    return self._at(place.block, place.start + at, len(hit.words))
                skip -= 1
        first = stands[0]
        return self._at(first.block, first.start, min(first.end - first.start, 60))

    def _at(self, block: int, offset: int, length: int) -> Spot:
        where = self._reading.where(block, offset)
        shown, mark = excerpt(where.text, where.offset, length) if where.text else ("", None)
        return Spot(where.source(self._name), where.line, where.column, shown, mark)
