"""How much a change of wording weighs: whether somebody named has to approve it.

The areas are in `weight.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, order=True)
class Weight:
    """An area that a change touches, who has to approve it, and the reason."""

    area: str
    approver: str
    because: str


@dataclass(frozen=True, slots=True)
class _Area:
    name: str
    approver: str
    fields: frozenset[str]
    words: re.Pattern[str]


@cache
def _areas() -> tuple[_Area, ...]:
    table = tomllib.loads(resources.files("imr_letters.changes").joinpath("weight.toml").read_text(encoding="utf-8"))
    return tuple(
        _Area(
            name.replace("-", " "),
            about["approver"],
            frozenset(about["fields"]),
            re.compile("|".join(rf"\b{re.escape(words)}" for words in about["words"])),
        )
        for name, about in table.items()
    )


def weigh(fields: Iterable[str], texts: Iterable[str]) -> tuple[Weight, ...]:
    """Return the areas in which a block is that prints fields and says texts."""
    fields = set(fields)
    words = " ".join(texts).lower()
    found = []
    for area in _areas():
        printed = sorted(area.fields & fields)
        said = area.words.search(words)
        if printed:
            found.append(Weight(area.name, area.approver, f"prints {printed[0]}"))
        elif said:
            found.append(Weight(area.name, area.approver, f'says "{said.group()}"'))
    return tuple(found)
