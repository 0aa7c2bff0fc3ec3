"""What every codec has: both directions between a value and the words that print it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal, NamedTuple

from imr_letters.engine.codecs.phrases import nearly

#: How far the words of a value reach. `typed`: the pattern tells where they end. `words`: any words within one
#: paragraph. `prose`: any words over one or several paragraphs.
Reach = Literal["typed", "words", "prose"]


class CutOff(NamedTuple):
    """A sign that words are not all of a value: the code of its finding, and what the words do."""

    code: str
    message: str


MID_SENTENCE = CutOff("cut-off", "ends in mid-sentence")


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
    #: Arguments that a template may give it, for messages and examples; none where it takes none.
    example_arguments: ClassVar[tuple[str, ...]] = ()
    #: Regular expression of the words, for `typed` reach; no groups that capture.
    pattern: str = ""
    #: All the words it can print, where they are a closed set.
    closed: tuple[str, ...] = ()
    #: Fixed words that it prints around the parts of a value. Words that are nearly one of them are drift.
    phrases: tuple[str, ...] = ()

    @abstractmethod
    def encode(self, value: Any) -> str:
        """Return the words that print a value; paragraphs of prose are parted by a blank line."""

    @abstractmethod
    def decode(self, words: str) -> Any:
        """Return the value that words stand for. Raises `ValueError` saying what was expected."""

    @abstractmethod
    def examples(self) -> list[Any]:
        """Return plain values of every form, by which templates are tried out when they are loaded."""

    def cut_off(self, words: str) -> CutOff | None:  # noqa: ARG002 - any words are whole, unless a codec knows better
        """Return a sign that words are not all of a value, such as an end in mid-sentence; None where there is none."""
        return None

    @cached_property
    def read(self) -> Callable[[str], tuple[Any, bool]]:
        """Return a function from words to their value, and whether `encode` prints the value with these very words.

        It remembers what it read last: letters say the same about the same guidelines. The function raises what
        `decode` raises, and `PhraseError` for words that are nearly a fixed phrase of this codec.
        """

        @lru_cache(maxsize=4096)
        def value_of(words: str) -> tuple[Any, bool]:
            near = nearly(words, self.phrases) if self.phrases else None
            if near is not None:
                raise near
            value = self.decode(words)
            return value, self.exact or self.encode(value) == words

        return value_of

    def matches(self, words: str) -> bool:
        """Tell whether words have the form this codec prints (`typed` reach only)."""
        return re.fullmatch(self.pattern, words) is not None
