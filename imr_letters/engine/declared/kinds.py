"""The kinds of fields that a family may declare: what each holds, and the codec that prints it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from imr_letters.engine import values
from imr_letters.engine.codecs import Codec
from imr_letters.engine.codecs.simple import (
    AsWritten,
    Choice,
    DollarAmount,
    NameList,
    Prose,
    UsDate,
    WholeNumber,
    Words,
)
from imr_letters.engine.declared.declaration import ValueDeclaration
from imr_letters.engine.values import Kind

#: The codecs of kinds that have one for all their fields.
SHARED: dict[str, type[Codec]] = {
    "words": Words,
    "prose": Prose,
    "date": UsDate,
    "whole number": WholeNumber,
    "amount": DollarAmount,
    "list": NameList,
}

_HINTS = {
    "words": "Words.",
    "prose": "Prose. A blank line begins a new paragraph.",
    "date": "A day: 2017-02-27, or 02/27/2017.",
    "whole number": "A whole number.",
    "amount": "An amount of dollars and cents, such as 1204.50.",
    "list": "With commas between them.",
    "table": "A row on each line, with bars between its columns.",
}
_YES_NO = {"yes": "Yes", "no": "No"}


class YesNo(Choice):
    """Yes or no."""

    name = "yes_no"
    expected = "Yes or No"
    words = _YES_NO


def choices_of(column: ValueDeclaration) -> dict[str, str]:
    """Return the values of a closed set with their words, nothing for another kind."""
    if column.kind == "yes or no":
        return {value: (column.choices or _YES_NO)[value] for value in _YES_NO}
    return dict(column.choices or {}) if column.kind == "choice" else {}


def hint_of(column: ValueDeclaration) -> str:
    """Return what is taken for an answer, in words for the person who answers."""
    choices = choices_of(column)
    if choices:
        return f"{', '.join(list(choices)[:-1])} or {list(choices)[-1]}."
    if column.pattern is not None:
        return f"Such as {column.example}."
    if column.kind == "whole number" and (column.least, column.most) != (None, None):
        least, most = column.least or 0, column.most
        return f"A whole number, at least {least}." if most is None else f"A whole number from {least} to {most}."
    return _HINTS[column.kind]


def annotation_of(column: ValueDeclaration, kind: str) -> Any:
    """Return what a field holds, as a model annotates it; `kind` is the kind of a pattern's words."""
    choices = choices_of(column)
    if choices:
        return Literal[tuple(choices)]
    if column.pattern is not None:
        return Annotated[str, AfterValidator(_written(column)), Field(pattern=f"^{column.pattern}$"), Kind(kind)]
    if column.kind == "whole number":
        bounds = Field(ge=column.least or 0, le=999_999_999 if column.most is None else column.most)
        return Annotated[values.Whole, bounds]
    known: dict[str, Any] = {
        "words": values.Words,
        "prose": values.Prose,
        "date": values.Day,
        "amount": values.Amount,
        "list": values.Names,
    }
    return known[column.kind]


def _written(column: ValueDeclaration) -> Callable[[str], str]:
    pattern = re.compile(column.pattern or "")

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"is not of the form {column.example}")
        return value

    return check


def codec_of(column: ValueDeclaration, name: str, kind: str) -> type[Codec]:
    """Return the codec that prints a field: its own of that name, or the one that all fields of its kind share."""
    choices = choices_of(column)
    if choices == _YES_NO:
        return YesNo
    if choices:
        return _choice_codec(name, choices)
    if column.pattern is not None:
        assert column.example is not None
        return _written_codec(name, kind, column.pattern, column.example)
    return SHARED[column.kind]


def _choice_codec(name: str, choices: dict[str, str]) -> type[Codec]:
    said = list(choices.values())
    expected = f"{', '.join(said[:-1])} or {said[-1]}"
    return type(
        "DeclaredChoice", (Choice,), {"name": name, "expected": expected, "words": choices, "__doc__": expected}
    )


def _written_codec(name: str, kind: str, pattern: str, example: str) -> type[Codec]:
    def examples(self: Codec) -> list[str]:  # noqa: ARG001 - a method
        return [example]

    known = {"name": name, "kind": kind, "expected": f"words such as {example}", "pattern": pattern}
    return type("DeclaredForm", (AsWritten,), {**known, "examples": examples, "__doc__": f"Words such as {example}."})


def date_codec(form: str) -> type[Codec]:
    """Return the codec of days whose usual form is another one."""
    return type("DeclaredDate", (UsDate,), {"usual": form, "expected": f"a date such as {form}"})


def read_vocabulary(text: str) -> Sequence[str]:
    """Return the entries of a vocabulary: one on each line; lines that begin with # are remarks."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
