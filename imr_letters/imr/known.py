"""Names of fields that are known beforehand, apart from those that somebody wrote into a file."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from imr_letters.imr.model import schema


def known_field(path: str) -> str:
    """Return the path of a field, with a question mark for every name that the input brought along."""
    parts = (_PART.fullmatch(part) for part in path.split("."))
    return ".".join(part[0] if part and part[1] in _names() else "?" for part in parts)


_PART = re.compile(r"([a-z_]+)(?:\[[0-9]{1,4}\])*")


@cache
def _names() -> frozenset[str]:
    """Return the names of all fields of a decision, as its schema has them."""

    def names(shape: Any) -> set[str]:
        if isinstance(shape, list):
            return {name for each in shape for name in names(each)}
        if not isinstance(shape, dict):
            return set()
        own = shape.get("properties")
        return {*(own if isinstance(own, dict) else ()), *(name for each in shape.values() for name in names(each))}

    return frozenset(names(schema()))
