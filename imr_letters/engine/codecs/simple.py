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


#: The names of the months in dates that name them, by the date form.
_ENGLISH = "January February March April May June July August September October November December"
_SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_MONTHS = {"March 4, 2017": tuple(_ENGLISH.split()), "4 de marzo de 2017": tuple(_SPANISH.split())}
#: The forms of dates, each written as one day, and the patterns of what they print.
DATE_FORMS = ("03/04/2017", "3/4/2017", "March 4, 2017", "4 de marzo de 2017")
_DATE_PATTERNS = (
    r"[0-9]{2}/[0-9]{2}/[0-9]{4}",
    r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    r"[A-Z][a-z]{2,8} [0-9]{1,2}, [0-9]{4}",
    r"[0-9]{1,2} de [a-z]{4,10} de [0-9]{4}",
)


class UsDate(Codec):
    """A day as MM/DD/YYYY, or in another of the date forms: `us_date("March 4, 2017")`."""

    name = "us_date"
    kind = "day"
    reach = "typed"
    expected = "a date such as 03/04/2025"
    pattern = _DATE_PATTERNS[0]
    #: The form of dates where a template names none.
    usual: ClassVar[str] = DATE_FORMS[0]

    def __init__(self, form: str = "") -> None:
        self._form = form or self.usual
        if self._form not in DATE_FORMS:
            raise ValueError(f"there is no date form {form[:40]!r}: it is one of {', '.join(DATE_FORMS)}")
        if self._form != DATE_FORMS[0]:
            self.pattern = _DATE_PATTERNS[DATE_FORMS.index(self._form)]
            self.expected = f"a date such as {self._form}"  # type: ignore[misc]

    def encode(self, value: date) -> str:
        """Return the day as the form writes it."""
        year = f"{value.year:04}"
        if self._form == DATE_FORMS[0]:
            return f"{value.month:02}/{value.day:02}/{year}"
        if self._form == DATE_FORMS[1]:
            return f"{value.month}/{value.day}/{year}"
        month = _MONTHS[self._form][value.month - 1]
        return f"{month} {value.day}, {year}" if self._form == DATE_FORMS[2] else f"{value.day} de {month} de {year}"

    def decode(self, words: str) -> date:
        """Return the day. Raises `ValueError` for another form and for a day that does not exist."""
        if not self.matches(words):
            raise ValueError(f"expected {self.expected}")
        try:
            found = self._day(words)
        except ValueError:
            raise ValueError(f"expected {self.expected}; this day does not exist") from None
        if self._form != DATE_FORMS[0] and self.encode(found) != words:
            raise ValueError(f"expected {self.expected}")
        return found

    def _day(self, words: str) -> date:
        if self._form not in _MONTHS:
            month, day, year = map(int, re.findall("[0-9]+", words))
            return date(year, month, day)
        named = re.findall("[A-Za-z]{3,}", words)[0]
        day, year = map(int, re.findall("[0-9]+", words))
        return date(year, _MONTHS[self._form].index(named) + 1, day)

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


class WholeNumber(Codec):
    """A whole number, in digits, without leading zeros."""

    name = "whole_number"
    kind = "whole number"
    reach = "typed"
    expected = "a whole number such as 12"
    pattern = "[0-9]{1,9}"

    def encode(self, value: int) -> str:
        """Return the digits."""
        return str(value)

    def decode(self, words: str) -> int:
        """Return the number. Raises `ValueError` for another form."""
        if not self.matches(words) or str(int(words)) != words:
            raise ValueError(f"expected {self.expected}")
        return int(words)

    def examples(self) -> list[int]:
        """Return a short and a long number."""
        return [6, 1200]


class EntryNumber(Codec):
    """The number of an entry of a list, counted from 1: `{{ loop.index }}`. It is held against the entry's place."""

    name = "index"
    kind = "index"
    reach = "typed"
    expected = "the number of the entry"
    pattern = "[1-9][0-9]{0,3}"

    def encode(self, value: int) -> str:
        """Return the digits."""
        return str(value)

    def decode(self, words: str) -> int:
        """Return the number. Raises `ValueError` for another form."""
        if not self.matches(words):
            raise ValueError(f"expected {self.expected}")
        return int(words)

    def examples(self) -> list[int]:
        """Return two numbers."""
        return [1, 12]


class DollarAmount(Codec):
    """An amount of dollars and cents, as $1,204.50."""

    name = "amount"
    kind = "amount"
    reach = "typed"
    expected = "an amount such as $1,204.50"
    pattern = r"\$[0-9,]{1,11}\.[0-9]{2}"

    def encode(self, value: str) -> str:
        """Return the amount with its sign, and commas between thousands."""
        dollars, cents = value.split(".")
        return f"${int(dollars):,}.{cents}"

    def decode(self, words: str) -> str:
        """Return the amount. Raises `ValueError` for another form."""
        if not self.matches(words):
            raise ValueError(f"expected {self.expected}")
        value = words.replace("$", "").replace(",", "")
        if value.startswith(".") or self.encode(value) != words:
            raise ValueError(f"expected {self.expected}")
        return value

    def examples(self) -> list[str]:
        """Return a small and a large amount."""
        return ["12.50", "1204.50"]


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
