"""Whether the pages of a file are those of one letter, each once and in order, by their numbers and their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Where, finding_in

#: A page of fewer lines is not compared with others; nor is a shorter line.
_FEWEST_LINES, _SHORTEST_LINE = 6, 25
#: So many lines at the head and at the foot of a page may hold its number.
_AT_EDGE = 3
#: As much of its lines is on an earlier page where a page repeats.
_REPEATED = 0.9

_OF = re.compile(r"\bpage\W{0,3}(\d{1,3})\s+of\s+(\d{1,3})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\b[A-Z]{0,4}\d[\d-]{5,}\b")
_DIGITS = re.compile(r"\d+")

#: A line: its page, counted from 1, and its words.
PageLine = tuple[int, str]


def in_order(name: str, heads: Sequence[PageLine], pages: int) -> Iterator[Finding]:
    """Report page numbers ("Page 2 of 5") that are not one row from first to last, and heads of other letters.

    `heads` are the lines at the edges of the pages.
    """
    numbered = [(page, words, found) for page, words in heads if (found := _OF.search(words))]
    last: int | None = None
    for page, words, found in numbered:
        number, count = int(found[1]), int(found[2])
        expected = 1 if last is None else last + 1
        if number != expected:
            yield _found(
                "page-order", name, page, words, f"expected page {expected} of {count} here, found page {number}"
            )
        last = number
    if numbered and (end := int(numbered[-1][2][2])) != last:
        page, words, _ = numbered[-1]
        yield _found("page-order", name, page, words, f"expected {end} pages; the last one here is page {last}")
    kinds: dict[str, list[PageLine]] = {}
    for page, words in heads:
        if _NUMBER.search(words):
            kinds.setdefault(_DIGITS.sub("0", _OF.sub("", words)), []).append((page, words))
    for lines in kinds.values():
        if 2 * len(lines) >= pages:
            for (_, before), (page, words) in pairwise(lines):
                if _NUMBER.findall(before) != _NUMBER.findall(words):
                    yield _found("page-foreign", name, page, words, "this page has the number of another letter")


def as_tagged(name: str, lines: Sequence[PageLine]) -> Iterator[Finding]:
    """Report the first page whose words come, in the order of the tags, before those of an earlier page."""
    first = dict(reversed(lines))
    for before, page in pairwise(dict(lines)):
        if page < before:
            message = f"the tags say that this page comes after page {before}, where the letter goes on"
            yield _found("page-order", name, page, first[page], message)
            return


def repeats(name: str, lines: Sequence[PageLine]) -> Iterator[Finding]:
    """Report pages whose words are on an earlier page too."""
    pages: dict[int, list[str]] = {}
    for page, words in lines:
        if len(words) >= _SHORTEST_LINE:
            pages.setdefault(page, []).append(words)
    whole: dict[int, list[str]] = {}
    for page, words in lines:
        whole.setdefault(page, []).append(words)
    earlier: dict[int, set[str]] = {}
    for page, found in pages.items():
        if whole[page] == whole.get(page - 1):  # however little it says
            yield _found("page-repeats", name, page, found[0], f"this page says again what page {page - 1} says")
            continue
        for other, known in earlier.items():
            same = sum(words in known for words in found)
            if len(found) >= _FEWEST_LINES and same >= _REPEATED * len(found):
                yield _found("page-repeats", name, page, found[0], f"this page says again what page {other} says")
                break
        earlier[page] = set(found)


def edge_lines(pages: Sequence[Sequence[str]]) -> list[PageLine]:
    """Return the lines at the head and the foot of each page, where its number may be."""
    return [
        (number, words)
        for number, lines in enumerate(pages, start=1)
        for words in (lines if len(lines) <= 2 * _AT_EDGE else [*lines[:_AT_EDGE], *lines[-_AT_EDGE:]])
    ]


def _found(code: str, name: str, page: int, words: str, message: str) -> Finding:
    return finding_in(
        Where(None, None, words, 0, page),
        name,
        len(words),
        code=code,
        severity="warning",
        message=f"{message}; the letter may not be whole",
        remedy="get a whole copy from its sender",
    )
