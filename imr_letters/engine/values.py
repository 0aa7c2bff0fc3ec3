"""What the parts of a decision share: normal-form values, frozen models, words kept as printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from imr_letters.engine import text

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of value a field holds, by which the codecs that print it are found."""

    name: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that follows from the others of its part: its possible values, and the rule.

    The rule is given the data of the part, in which fields may be absent.
    """

    choices: tuple[str, ...]
    of: Callable[[Mapping[str, Any]], str]
    #: The fields it follows from: a family that leaves one of them out does not have it.
    needs: tuple[tuple[str, ...], ...] = ()


def _words(value: str) -> str:
    folded = text.words(value)
    if not folded:
        raise ValueError("is empty")
    return folded


def _prose(value: str) -> str:
    folded = text.prose(value)
    if not folded:
        raise ValueError("is empty")
    return folded


def _name(value: str) -> str:
    folded = _words(value)
    if "," in folded:
        raise ValueError(f'holds a comma ("{folded[:60]}"): write each entry of the list by itself')
    return folded


def _citation(value: str) -> str:
    return _words(_words(value).rstrip(". "))


def _year(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9]{4}", value):
        raise ValueError("is not a year such as 2016")
    return value


def _iso_date(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value.strip()):
        raise ValueError("is not a date such as 2017-02-27 (year-month-day)")
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"is a day that does not exist: {value.strip()}") from None


#: Words that stand in one paragraph, in the normal form of `imr_letters.engine.text`, not empty.
Words = Annotated[str, AfterValidator(_words), Kind("words")]
#: Prose: paragraphs parted by a blank line, each in normal form, not empty.
Prose = Annotated[str, AfterValidator(_prose), Kind("prose")]
#: An entry of a list that letters print with commas, so it holds none.
Name = Annotated[str, AfterValidator(_name)]
#: Such a list, with at least one entry.
Names = Annotated[tuple[Name, ...], Field(min_length=1), Kind("names")]
#: A citation in words; the letter adds the full stop, so it ends in none.
Citation = Annotated[str, AfterValidator(_citation), Kind("words")]
#: A year, written with four digits.
Year = Annotated[int, BeforeValidator(_year), Field(ge=1990, le=2099)]
#: A day, written 2017-02-27 in data files.
Day = Annotated[
    date,
    BeforeValidator(_iso_date),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    Kind("day"),
]


def _whole(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch("0|[1-9][0-9]{0,8}", value.strip())):
        raise ValueError("is not a whole number such as 12")
    return value


def _amount(value: object) -> object:
    found = re.fullmatch(r"\$?(0|[1-9][0-9]{0,2}(?:,[0-9]{3}){0,2}|[1-9][0-9]{0,8})(\.[0-9]{2})?", str(value).strip())
    if found is None or isinstance(value, bool | float):
        raise ValueError('is not an amount of dollars and cents such as "1204.50"')
    return found[1].replace(",", "") + (found[2] or ".00")


#: A whole number from 0 to 999,999,999.
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=999_999_999), Kind("whole number")]
#: An amount of dollars and cents, kept as `1204.50`.
Amount = Annotated[str, BeforeValidator(_amount), Kind("amount")]


class Value(BaseModel):
    """A value that one codec prints as a whole. Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Part(BaseModel):
    """A group of fields of a decision. Immutable; unknown fields are refused.

    `as_printed` keeps, by field name, the words of a letter that was read where they differ from the words this
    toolkit prints for the same value: nothing of a letter is lost and nothing is silently corrected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: The fields whose words may be kept as printed.
    keeps_words_of: ClassVar[frozenset[str]] = frozenset()
    #: The fields that follow from others, by name.
    derived: ClassVar[Mapping[str, Derived]] = {}

    as_printed: dict[str, Words] = Field(
        default_factory=dict,
        description="By field: the words of the letter that was read, where they differ from the canonical print.",
    )

    @model_validator(mode="after")
    def _known_fields(self) -> Any:
        unknown = self.as_printed.keys() - self.keeps_words_of
        if unknown:
            raise ValueError(f"as_printed names {', '.join(sorted(unknown))}, whose words are not kept")
        return self

    def data(self) -> dict[str, Any]:
        """Return the part as plain JSON data; what is absent is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)
