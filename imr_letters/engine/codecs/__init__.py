"""The codecs: one for each kind of value, each with both directions, each a template filter of its name."""

from __future__ import annotations

from functools import cache

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.codecs.simple import (
    CaseNumber,
    ChoiceWords,
    NameList,
    Number,
    Outcome,
    Priority,
    Prose,
    Rationale,
    UsDate,
    Words,
)
from imr_letters.engine.text import refused
from imr_letters.imr.codecs.guideline import GuidelineLine
from imr_letters.imr.codecs.mailing import Address, Capacity
from imr_letters.imr.codecs.request import Request

__all__ = ["CODECS", "VARIABLE_CODECS", "Codec", "codec"]

#: Every codec of letters by the name templates know it by.
CODECS: dict[str, type[Codec]] = {
    each.name: each
    for each in (
        Words,
        Prose,
        Rationale,
        UsDate,
        CaseNumber,
        Outcome,
        Priority,
        NameList,
        Request,
        GuidelineLine,
        Address,
        Capacity,
    )
}

#: The codecs of a snippet's variables.
VARIABLE_CODECS: dict[str, type[Codec]] = {each.name: each for each in (Words, Number, UsDate, ChoiceWords)}


@cache
def codec(name: str, *arguments: str) -> Codec:
    """Return the codec of a name with the arguments a template gives it.

    Raises `ValueError` for arguments it does not take.
    """
    for argument in arguments:
        fault = refused(argument)
        if fault:
            raise fault
    try:
        return (CODECS.get(name) or VARIABLE_CODECS[name])(*arguments)
    except TypeError:
        raise ValueError(f"the codec {name} does not take {len(arguments)} arguments") from None
