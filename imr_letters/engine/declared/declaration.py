"""What `family.toml` may declare: fields that are added, fields that are left out, forms of values."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from imr_letters.engine.codecs.simple import DATE_FORMS
from imr_letters.engine.paths import FieldPath
from imr_letters.engine.values import Part, Words

#: The kinds of fields, as they are declared.
KindName = Literal["words", "prose", "date", "choice", "whole number", "amount", "yes or no", "list", "table"]
#: The place of fields of the letter itself, next to its groups.
LETTER = "letter"
#: Left out: every field of the review program.
ALL = "*"

_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
#: What a pattern is made of: characters and classes of them, each repeated between two bounds.
_UNIT = re.compile(
    r"(?:\[[^]\[^\\]+\]|\\[.$()*+?|{}\[\]^/-]|[^\\.$()*+?|{}\[\]^\s]| )(?:\{[0-9]{1,3}(?:,[0-9]{1,3})?\})?"
)
#: Longest words of a pattern, and most choices, columns and fields.
_LONGEST = 60
MOST_CHOICES, MOST_COLUMNS, MOST_FIELDS = 60, 20, 100


class ValueDeclaration(BaseModel):
    """A value that a family declares: of a field, or of a column of a table."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=2_000)

    kind: KindName
    #: What the letter and the question call it; its name without, as words.
    label: Words | None = None
    question: Words | None = None
    needed: bool = True
    #: By value of a choice: the words that letters print for it.
    choices: dict[str, Words] | None = Field(default=None, max_length=MOST_CHOICES)
    #: The form of words, such as `[0-9]{6}`, with an example of it.
    pattern: str | None = None
    example: Words | None = None
    #: The smallest and the largest whole number.
    least: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    most: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    #: A file in the family's folder with one entry on each line; other words are kept, and reported.
    vocabulary: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$")] | None = None


class FieldDeclaration(ValueDeclaration):
    """A field that a family adds."""

    #: Its name in its place, where it is not the name it is declared by.
    name: str | None = None
    #: `letter`, the name of a group, `each item` of a list, or a new group.
    place: str = LETTER
    #: Who answers the question.
    asked_of: str | None = None
    #: Whether the public edition lacks it.
    withheld: bool = False
    #: The columns of a table, by name.
    columns: dict[str, ValueDeclaration] | None = Field(default=None, max_length=MOST_COLUMNS)


class Forms(BaseModel):
    """How values are printed, and which fields name a decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: A day as the codec of days prints it where a template names no other form.
    date: Literal[DATE_FORMS] | None = None  # type: ignore[valid-type]
    #: The field that holds the number of a case, which names files and titles.
    number: str | None = None
    #: The field that holds the day by which the wording in force is chosen.
    day: str | None = None


class Declared(BaseModel):
    """What a family declares of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leave_out: tuple[str, ...] = ()
    forms: Forms = Forms()
    fields: dict[str, FieldDeclaration] = Field(default_factory=dict, max_length=MOST_FIELDS)

    @property
    def says_nothing(self) -> bool:
        """Whether the family takes the fields as the review program has them."""
        return self == Declared()

    def faults(self) -> Iterator[tuple[FieldPath, str, str]]:
        """Yield what is wrong with each field by itself: its key, what is wrong, and what to do."""
        for key, field in self.fields.items():
            at: FieldPath = ("fields", key)
            yield from _name_faults(at, field.name or key)
            yield from _kind_faults(at, field)
            if field.withheld and field.needed:
                message = f"{key} is withheld from the public edition, which could then not be made: it is needed"
                yield (*at, "withheld"), message, "write needed = false, and print it in {% if %}"
            if field.kind == "table":
                if not field.columns:
                    yield at, f"{key} is a table without columns", f"write [fields.{key}.columns.NAME] for each"
                if len([each for each in (field.columns or {}).values() if each.needed]) == 0 and field.columns:
                    message = f"no column of {key} is needed: a row of it could be empty"
                    yield (*at, "columns"), message, "let at least one column be needed"
            elif field.columns is not None:
                yield (*at, "columns"), f"{key} has columns, and is no table", 'write kind = "table", or no columns'
            for name, column in (field.columns or {}).items():
                inner = (*at, "columns", name)
                yield from _name_faults(inner, name)
                yield from _kind_faults(inner, column)
                if column.kind in ("table", "prose"):
                    message = f"a column cannot be {'a table' if column.kind == 'table' else 'prose'}"
                    yield (
                        (*inner, "kind"),
                        message,
                        "words, a date, a choice, a number, an amount, yes or no, or a list",
                    )


def _name_faults(at: FieldPath, name: str) -> Iterator[tuple[FieldPath, str, str]]:
    if not _NAME.fullmatch(name):
        message = f'"{name[:60]}" is no name of a field'
        yield at, message, "use small letters, digits and _, beginning with a letter, at most 40"
    elif keyword.iskeyword(name) or hasattr(Part, name) or hasattr(dict, name) or name in ("as_printed", "loop"):
        yield at, f'"{name}" means something else already', "give the field another name"


def _kind_faults(at: FieldPath, field: ValueDeclaration) -> Iterator[tuple[FieldPath, str, str]]:
    key = at[-1]
    if field.kind == "choice" and not field.choices:
        yield (
            at,
            f"{key} is a choice of nothing",
            f'write [{".".join(map(str, at))}.choices] and value = "Words" for each',
        )
    if field.kind not in ("choice", "yes or no") and field.choices is not None:
        yield (*at, "choices"), f"{key} has choices, and is no choice", 'write kind = "choice"'
    if field.kind == "yes or no" and field.choices is not None and set(field.choices) != {"yes", "no"}:
        yield (*at, "choices"), f"{key} is yes or no, and has other choices", "write the words of yes and of no"
    yield from _choice_faults((*at, "choices"), field.choices or {})
    if field.kind != "words" and field.pattern is not None:
        yield (*at, "pattern"), f"{key} has a pattern, and is not words", 'write kind = "words"'
    elif field.pattern is not None:
        yield from _pattern_faults((*at, "pattern"), field.pattern, field.example)
    if field.kind != "whole number" and (field.least is not None or field.most is not None):
        yield at, f"{key} has bounds, and is no whole number", 'write kind = "whole number"'
    elif field.least is not None and field.most is not None and field.least > field.most:
        yield (*at, "least"), f"no whole number is at least {field.least} and at most {field.most}", "swap the two"
    if field.vocabulary is not None and (field.kind not in ("words", "list") or field.pattern is not None):
        yield (*at, "vocabulary"), f"{key} has a vocabulary, which words and lists have", "take it out"


def _choice_faults(at: FieldPath, choices: dict[str, str]) -> Iterator[tuple[FieldPath, str, str]]:
    words: dict[str, str] = {}
    for value, printed in choices.items():
        if not _NAME.fullmatch(value):
            message = f'"{value[:60]}" is no name of a choice'
            yield (*at, value), message, f'use small letters, digits and _; its words are after the =: "{value[:20]}"'
        if printed in words:
            message = f'{words[printed]} and {value} are both printed as "{printed}": a letter could not tell which'
            yield (*at, value), message, "give each its own words"
        words[printed] = value
    if len(choices) == 1:
        yield at, "there is only one choice", "give at least two"


def _pattern_faults(at: FieldPath, pattern: str, example: str | None) -> Iterator[tuple[FieldPath, str, str]]:
    remedy = r"write characters and classes of them, each with how often: [A-Z]{2}[0-9]{2}-[0-9]{7}"
    if not re.fullmatch(f"(?:{_UNIT.pattern})+", pattern) or not _bounded(pattern):
        message = f'the pattern "{pattern[:60]}" can match too much, or has parts that letters cannot be read by'
        yield at, message, remedy
        return
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        yield at, f'the pattern "{pattern[:60]}" cannot be read: {error.msg}', remedy
        return
    if compiled.fullmatch("") or pattern[0] == " " or pattern[-1] == " ":
        yield at, "the pattern matches nothing at all, or begins or ends with a space", remedy
    elif example is None:
        yield at, "the pattern has no example", f'write example = "..." with words that "{pattern[:60]}" matches'
    elif not compiled.fullmatch(example):
        yield at, f'the pattern does not match its example "{example[:60]}"', "change one of the two"


def _bounded(pattern: str) -> bool:
    """Return whether each part is at least once there, and all of it is no longer than a number of a case is."""
    longest = 0
    for least, most in re.findall(r"\{([0-9]+)(?:,([0-9]+))?\}", pattern):
        if int(least) < 1 or (most and int(most) < int(least)):
            return False
        longest += int(most or least)
    return longest + len(_UNIT.findall(pattern)) <= 2 * _LONGEST
