"""The guidelines that a decision rests on, structured.

Two eras cite the Medical Treatment Utilization Schedule (MTUS, 8 CCR 9792.20 and following) in two ways:
determinations of 2014-15 by name, topic and page, those from 2016 on by chapter, year and section.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, model_validator

from imr_letters.engine.values import Citation, Kind, Name, Value, Words, Year
from imr_letters.imr import vocabulary


class MtusCitation(Value):
    """One chapter of the MTUS, with its sections or pages."""

    chapter: Words = Field(description="Chapter name, such as Chronic Pain Medical Treatment.")
    year: Year | None = Field(default=None, description="Year of the edition; absent in 2014-15.")
    sections: tuple[Words, ...] = Field(default=(), description="Sections, or topics where pages are cited.")
    pages: tuple[Name, ...] = Field(default=(), description="Pages or page ranges, such as 78-80; only without a year.")

    @model_validator(mode="after")
    def _one_style(self) -> MtusCitation:
        if self.year is not None and self.pages:
            raise ValueError("cites pages and a year: cite a chapter by year and sections, or by pages")
        if self.year is None and self.sections and self.chapter not in vocabulary.mtus_cited_by_page():
            raise ValueError(
                f'has no year and an unknown chapter "{self.chapter}": its topics could not be told from its name; '
                "give the year, or write the topics as part of the chapter"
            )
        return self


class MtusGuideline(Value):
    """A decision based on the MTUS, and perhaps on other citations beside it."""

    basis: Literal["mtus"]
    mtus: tuple[MtusCitation, ...] = Field(min_length=1)
    non_mtus: Citation | None = Field(default=None, description="Non-MTUS citation, in words.")
    other_guidelines: Citation | None = Field(default=None, description="Other Medical Treatment Guidelines, in words.")

    @model_validator(mode="after")
    def _other_needs_first(self) -> MtusGuideline:
        if self.other_guidelines is not None and self.non_mtus is None:
            raise ValueError("has other_guidelines without non_mtus: the letter prints them after it")
        return self


class OutsideGuideline(Value):
    """A decision based on citations other than the MTUS.

    `outside_mtus` prints "based their decision on recommendation(s) outside of the MTUS Guidelines" (from 2016),
    `not_mtus` prints "did not base their decision on the MTUS" (2014-15).
    """

    basis: Literal["outside_mtus", "not_mtus"]
    non_mtus: Citation = Field(description="Non-MTUS citation, in words.")
    other_guidelines: Citation | None = Field(default=None, description="Other Medical Treatment Guidelines, in words.")


class NoGuideline(Value):
    """No medical evidence cited."""

    basis: Literal["none_cited"]


class OtherGuideline(Value):
    """A guideline line whose words follow no known form; kept as they are."""

    basis: Literal["unrecognized"]
    words: Words


Guideline = Annotated[
    MtusGuideline | OutsideGuideline | NoGuideline | OtherGuideline,
    Discriminator("basis"),
    Kind("guideline"),
]
