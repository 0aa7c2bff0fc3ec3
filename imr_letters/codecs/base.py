"""What every codec has: both directions between a value and the words that print it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

#: How far the words of a value reach. `typed`: the pattern tells where they end. `words`: any words within one
#: paragraph. `prose`: any words over one or several paragraphs.
Reach = Literal["typed", "words", "prose"]


class Codec(ABC):
    """Prints a kind of value as words, and reads the words back to the value; a template filter of its name.

    `decode(encode(value)) == value` for every value a letter may hold. `decode` also reads words that `encode`
    would not print, where their meaning is certain; the words are then kept beside the value.
    """

    #: The filter's name in templates.
    name: ClassVar[str]
    #: The kind of field it prints.
    kind: ClassVar[str]
    reach: ClassVar[Reach]
    #: What it prints, in words for messages, such as "a date such as 03/04/2025".
    expected: ClassVar[str]
    #: `encode(decode(words))` is always `words`, so nothing ever needs to be kept as printed.
    exact: ClassVar[bool] = True
    #: Regular expression of the words, for `typed` reach; no groups that capture.
    pattern: str = ""
    #: All the words it can print, where they are a closed set.
    closed: tuple[str, ...] = ()

    @abstractmethod
    def encode(self, value: Any) -> str:
        """Return the words that print a value; paragraphs of prose are parted by a blank line."""

    @abstractmethod
    def decode(self, words: str) -> Any:
        """Return the value that words stand for. Raises `ValueError` saying what was expected."""

    @abstractmethod
    def examples(self) -> list[Any]:
        """Return plain values of every form, by which templates are tried out when they are loaded."""

    def matches(self, words: str) -> bool:
        """Tell whether words have the form this codec prints (`typed` reach only)."""
        return re.fullmatch(self.pattern, words) is not None
