"""Whom a text calls he, and whom she."""

from __future__ import annotations

import re
from typing import Literal

Sex = Literal["male", "female"]

_HE = re.compile(r"\b(?:he|him|his|himself|male|man|gentleman)\b", re.IGNORECASE)
_SHE = re.compile(r"\b(?:she|her|hers|herself|female|woman|lady)\b", re.IGNORECASE)
#: "He/she", "his/her": nobody's sex.
_EITHER = re.compile(r"\b(?:s?he|his|him|her)\s*/\s*\w+", re.IGNORECASE)
#: Fewer words are a slip of the pen, or mean somebody else.
_FEWEST = 2


def sex_of(text: str) -> Sex | None:
    """Return the sex of the person a text is about; None where it says too little, or speaks of both."""
    plain = _EITHER.sub(" ", text)
    male, female = len(_HE.findall(plain)), len(_SHE.findall(plain))
    if male >= _FEWEST and not female:
        return "male"
    return "female" if female >= _FEWEST and not male else None
