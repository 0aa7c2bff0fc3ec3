"""Codecs of plain values: words, prose, dates, numbers, closed sets, lists of names, values of a fixed form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from imr_letters.engine.codecs.base import MID_SENTENCE, Codec, CutOff
from imr_letters.engine.text import ends_sentence


class Words(Codec):
    """Words as they are, within one paragraph."""

    name = "words"
    kind = "words"
    reach = "words"
    expected = "words"

    def encode(self, value: str) -> str:
        """Return the words."""
        return value

    def decode(self, words: str) -> str:
        """Return the words."""
        return words

    def examples(self) -> list[str]:
        """Return one and several words."""
        return ["alpha", "beta gamma"]


class Prose(Codec):
    """Prose as it is, in paragraphs."""

    name = "prose"
    kind = "prose"
    reach = "prose"
    expected = "prose"

    def encode(self, value: str) -> str:
        """Return the prose."""
        return value

    def decode(self, words: str) -> str:
        """Return the prose."""
        return words

    def examples(self) -> list[str]:
        """Return prose of one, two and three paragraphs."""
        return ["Alpha.", "Alpha.\n\nBeta gamma.", "Alpha.\n\nBeta.\n\nGamma."]

    def cut_off(self, words: str) -> CutOff | None:
        """Return that prose ends in mid-sentence, where it does."""
        return None if ends_sentence(words) else MID_SENTENCE


class UsDate(Codec):
    """A day as MM/DD/YYYY."""

    name = "us_date"
    kind = "day"
    reach = "typed"
    expected = "a date such as 03/04/2025"
    pattern = r"[0-9]{2}/[0-9]{2}/[0-9]{4}"

    def encode(self, value: date) -> str:
        """Return the day as MM/DD/YYYY."""
        return f"{value.month:02}/{value.day:02}/{value.year:04}"

    def decode(self, words: str) -> date:
        """Return the day. Raises `ValueError` for another form and for a day that does not exist."""
        if not self.matches(words):
            raise ValueError(f"expected {self.expected}")
        try:
            return date(int(words[6:]), int(words[:2]), int(words[3:5]))
        except ValueError:
            raise ValueError(f"expected {self.expected}; this day does not exist") from None

    def examples(self) -> list[date]:
        """Return two days."""
        return [date(2017, 2, 3), date(2016, 12, 31)]


class AsWritten(Codec):
    """A value of a fixed form, printed as it is written."""

    reach = "typed"

    def encode(self, value: str) -> str:
        """Return the value."""
        return value

    def decode(self, words: str) -> str:
        """Return the value. Raises `ValueError` for another form."""
        if not self.matches(words):
            raise ValueError(f"expected {self.expected}")
        return words


class Choice(Codec):
    """A value of a closed set, each with the word that prints it."""

    kind = "choice"
    reach = "typed"
    words: ClassVar[dict[str, str]]

    def __init__(self) -> None:
        self.pattern = "|".join(sorted((re.escape(word) for word in self.words.values()), key=len, reverse=True))
        self.closed = tuple(self.words.values())
        self._values = {word: value for value, word in self.words.items()}

    def encode(self, value: str) -> str:
        """Return the word of a value."""
        return self.words[value]

    def decode(self, words: str) -> str:
        """Return the value of a word. Raises `ValueError` for a word outside the set."""
        try:
            return self._values[words]
        except KeyError:
            raise ValueError(f"expected {self.expected}") from None

    def examples(self) -> list[str]:
        """Return every value."""
        return list(self.words)


class ChoiceWords(Choice):
    """One of a snippet's own choices, printed as it is written there."""

    name = "choice"

    def __init__(self, *choices: str) -> None:
        self.words = {choice: choice for choice in choices}  # type: ignore[misc]
        self.expected = " or ".join(choices)  # type: ignore[misc]
        super().__init__()

    def encode(self, value: str) -> str:
        """Return the choice."""
        return value


class Number(AsWritten):
    """A whole number from 1 to 9999, in digits."""

    name = "number"
    kind = "number"
    expected = "a whole number such as 6"
    pattern = "[1-9][0-9]{0,3}"

    def examples(self) -> list[str]:
        """Return a short and a long number."""
        return ["6", "1200"]


class NameList(Codec):
    """A list of names, parted as the template says: `list(", ")`. Names hold no comma."""

    name = "list"
    kind = "names"
    reach = "words"
    exact = False
    example_arguments = (", ",)
    expected = "names parted by commas"

    def __init__(self, separator: str = ", ") -> None:
        if separator not in (",", ", "):
            raise ValueError('a list is parted by a comma: list(",") or list(", ")')
        self.separator = separator

    def encode(self, value: tuple[str, ...]) -> str:
        """Return the names, parted by the separator."""
        return self.separator.join(value)

    def decode(self, words: str) -> tuple[str, ...]:
        """Return the names; white space around a comma does not count."""
        names = tuple(name for name in (name.strip() for name in words.split(",")) if name)
        if not names:
            raise ValueError(f"expected {self.expected}")
        return names

    def examples(self) -> list[Any]:
        """Return lists of one and of two names."""
        return [("Alpha",), ("Alpha", "Beta Gamma")]
