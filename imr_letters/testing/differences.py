"""What differs between two versions of a letter, word by word: where a line breaks does not count."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, unified_diff
from itertools import islice
from typing import NamedTuple

#: Words that are shown around a difference, and differences that are shown at all.
_AROUND, _MOST = 6, 12


class _Word(NamedTuple):
    text: str
    line: int


class _Change(NamedTuple):
    """The words from `start` to `end` of the old letter gave way to those from `new_start` to `new_end` of the new."""

    start: int
    end: int
    new_start: int
    new_end: int


def word_diff(before: str, after: str) -> str:
    """Return the words that differ, each with some around it and its line: `the [-old-] {+new+} words`.

    Where all words are the same, the lines that differ; nothing for two that are the same.
    """
    old, new = list(_words(before)), list(_words(after))
    changes = list(_changes(old, new))
    if not changes:
        lines = islice(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1), 2, 30)
        shown = "\n".join(lines)
        return f"the words are the same, white space or line ends differ:\n{shown}" if before != after else ""
    passages = list(_passages(changes))
    shown = "\n".join(_shown(passage, old, new) for passage in passages[:_MOST])
    more = len(passages) - _MOST
    return f"{shown}\nand {more} more" if more > 0 else shown


def _words(text: str) -> Iterator[_Word]:
    for number, line in enumerate(text.splitlines(), start=1):
        for word in line.split():
            yield _Word(word, number)


def _changes(old: list[_Word], new: list[_Word]) -> Iterator[_Change]:
    matcher = SequenceMatcher(None, [word.text for word in old], [word.text for word in new], autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            yield _Change(start, end, new_start, new_end)


def _passages(changes: list[_Change]) -> Iterator[list[_Change]]:
    """Part the changes where so many words lie between them that a reader would lose the thread."""
    passage = changes[:1]
    for change in changes[1:]:
        if change.start - passage[-1].end > 2 * _AROUND:
            yield passage
            passage = []
        passage.append(change)
    yield passage


def _shown(passage: list[_Change], old: list[_Word], new: list[_Word]) -> str:
    at = max(0, passage[0].start - _AROUND)
    end = min(len(old), passage[-1].end + _AROUND)
    pieces = ["..."] if at else []
    for change in passage:
        pieces += [word.text for word in old[at : change.start]]
        pieces += _marked("[-", old[change.start : change.end], "-]")
        pieces += _marked("{+", new[change.new_start : change.new_end], "+}")
        at = change.end
    pieces += [word.text for word in old[at:end]]
    if end < len(old):
        pieces.append("...")
    first = passage[0]
    line = new[first.new_start].line if first.new_start < len(new) else new[-1].line if new else 1
    return f"line {line}: {' '.join(pieces)}"


def _marked(begin: str, words: list[_Word], end: str) -> list[str]:
    return [f"{begin}{' '.join(word.text for word in words)}{end}"] if words else []
