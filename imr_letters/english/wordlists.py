"""Words: lists of them, read from `wordlists.toml`, the signs around them, their plurals and numbers."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

QUOTES = "\"'\u201c\u201d\u2018\u2019"
#: What may stand before a word and behind it without being part of it.
SIGNS = QUOTES + ".,;:!?()[]"


@cache
def _table() -> dict[str, str]:
    return tomllib.loads(resources.files("imr_letters.english").joinpath("wordlists.toml").read_text(encoding="utf-8"))


def words(*lists: str) -> frozenset[str]:
    """Return the words of these lists."""
    return frozenset(word for name in lists for word in _table()[name].split())


def singular(word: str) -> str:
    """Return a word in small letters without the -s of a plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def counted(number: int, word: str) -> str:
    """Return a number with the word it counts: 1 branch, 1,200 letters."""
    plural = f"{word}es" if word.endswith("ch") else f"{word[:-1]}ies" if word.endswith("ry") else f"{word}s"
    return f"{number:,} {word if number == 1 else plural}"
