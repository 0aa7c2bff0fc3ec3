"""What people type and paste: the signs of word processors made plain, and what no letter may hold, all at once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from imr_letters.engine import text
from imr_letters.media.recover.signs import Signs

#: Characters that are named of one answer.
MOST_NAMED = 20
#: Marks that say where a word or line may break. Word leaves them in a paste; they show nothing.
_BREAKS = re.compile("\u00ad|\u200b|\ufeff|\u2060")
_AROUND = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer in plain signs, with a note for each kind of sign that was replaced or left out."""

    words: str
    notes: tuple[str, ...] = ()


def plain(words: str) -> Typed:
    """Return an answer in signs that letters may hold; what else no letter may hold stays in it."""
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\u2029", "\n\n")
    if words.isascii():
        return Typed(words)
    signs = Signs(drawn=False)
    cleaned = signs.plain(words.replace("\u2028", "\n"))
    notes = [finding.message for finding in signs.findings("")]
    cleaned, count = _BREAKS.subn("", cleaned)
    if count:
        notes.append(f"{count} invisible {'mark' if count == 1 else 'marks'} left out where a word may break")
    return Typed(cleaned, tuple(notes))


def refused(words: str) -> str:
    """Return every character of an answer that no letter may hold, each with its place; empty where there is none."""
    found: list[str] = []
    for number, line in enumerate(unicodedata.normalize("NFC", words).split("\n"), start=1):
        for at, char in enumerate(line):
            if char.isspace() and not "\x1c" <= char <= "\x1f" and char != "\x85":
                continue
            if text.is_accepted(text.words(char) if char in "\u00b5\u2206" else char):
                continue
            error = text.CharacterError(char, at)
            around = "".join(each if each.isprintable() else "?" for each in line[at : at + _AROUND])
            found.append(f'line {number}, character {at + 1}, at "{around}": {error.message} ({error.remedy})')
    if not found:
        return ""
    more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return "; ".join(found[:MOST_NAMED]) + more
