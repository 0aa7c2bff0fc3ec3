"""Sentences of medical prose, separated by small rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from imr_letters.english.wordlists import QUOTES, words

_OPENING = f"{QUOTES}(["
_CLOSING = rf"""[{QUOTES})\]]*"""
#: Where a sentence may end: its sign, what closes with it, white space, and a capital or a digit behind.
_END = re.compile(rf"""[.!?]+{_CLOSING}(?:\[\d+\])?(\s+)(?=[{QUOTES}(\[]*[A-Z0-9])""")
#: An end that has lost its space: "records.The".
_RUN_TOGETHER = re.compile(r"(?<=[a-z]{3}[.?!])(?=[A-Z][a-z]+\b(?!\.))")
_ENUMERATOR = re.compile(rf"""[{QUOTES}(\[]*(?:\d{{1,2}}|[a-zA-Z]|[ivx]{{1,4}})\.""")
_SENTENCE_OVER = re.compile(rf"""[.!?:]{_CLOSING}$""")

#: Never the end of a sentence; and not its end before a number.
_BEFORE_ANYTHING = words("before_anything")
_BEFORE_NUMBER = words("before_number")


def split(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph; joined with spaces they are the paragraph, lost spaces restored."""
    text = _RUN_TOGETHER.sub(" ", paragraph)
    found: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        if not _goes_on(text, begin, end.start(), end.end()):
            found.append(text[begin : end.start(1)])
            begin = end.end()
    rest = text[begin:].strip()
    return [*found, rest] if rest else found


def _goes_on(text: str, begin: int, sign: int, after: int) -> bool:
    """Return whether the full stop at `sign` is that of an abbreviation, an initial or a number in a list."""
    if text[sign] != ".":
        return False
    if _ENUMERATOR.fullmatch(text, begin, sign + 1):
        return True
    start = max(begin, text.rfind(" ", begin, sign) + 1)
    word = text[start:sign].lstrip(_OPENING)
    if word.lower() in _BEFORE_ANYTHING:
        return True
    if text[after : after + 1].isdigit() and word.lower() in _BEFORE_NUMBER:
        return True
    if len(word) == 1 and word.isupper():  # an initial is next to names; "vitamin C." ends a sentence
        before = text[max(begin, text.rfind(" ", begin, max(begin, start - 1)) + 1) : start].strip()
        return not before or before[:1].isupper() or before == "by"
    return False


def is_abbreviated(text: str) -> bool:
    """Return whether the full stop that a text ends with is that of an abbreviation or an initial."""
    word = text.rstrip().rpartition(" ")[2].lstrip(_OPENING).rstrip(".").lower()
    return word in _BEFORE_ANYTHING or word in _BEFORE_NUMBER or len(word) == 1


def whole(paragraphs: Iterable[str]) -> Iterator[str]:
    """Yield paragraphs; those that a page break split in the middle of a sentence are one again."""
    last = ""
    for paragraph in paragraphs:
        if last and not _SENTENCE_OVER.search(last) and paragraph[:1].islower():
            last = f"{last} {paragraph}"
            continue
        if last:
            yield last
        last = paragraph
    if last:
        yield last
