"""What is withheld, by kind; the mark in its place; and where it was found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

IdentifierKind = Literal[
    "name", "claim number", "address", "phone", "e-mail", "web", "SSN", "birth date", "number", "signature"
]

#: What the public edition has in place of each kind. No mark looks like a gap that somebody forgot to fill in.
MARKS: dict[IdentifierKind, str] = {
    "name": "[withheld: name]",
    "claim number": "[withheld: claim number]",
    "address": "[withheld: address]",
    "phone": "[withheld: telephone number]",
    "e-mail": "[withheld: e-mail address]",
    "web": "[withheld: web address]",
    "SSN": "[withheld: Social Security number]",
    "birth date": "[withheld: date of birth]",
    "number": "[withheld: number]",
    "signature": "[withheld: signature]",
}
MARK = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that identifies somebody."""

    start: int
    end: int
    kind: IdentifierKind


@dataclass(frozen=True, slots=True)
class _Numbered:
    """One place of a decision, by the number that a person names it by."""

    number: int
    field: str
    paragraph: int

    @property
    def place(self) -> str:
        """The place, as people say it."""
        return f"{self.field}, paragraph {self.paragraph}"


@dataclass(frozen=True, slots=True)
class Replacement(_Numbered):
    """One place of a decision where words are withheld; `words` are for the eyes of the person who confirms.

    `start` and `end` are places in the text of the field as it was.
    """

    kind: IdentifierKind
    words: str
    start: int
    end: int
    kept: bool = False
    #: Why a person kept it, in their words.
    why: str = ""


@dataclass(frozen=True, slots=True)
class Doubt(_Numbered):
    """One place of the public decision that the proof takes for an identifier; it stops the edition unless it is kept.

    `what` is the field that withholds it, or what it looks like; places are those in the public text.
    """

    what: str
    words: str
    start: int
    end: int
    kept: bool = False
    why: str = ""
