"""Whether two letter families can read one letter differently, such as one of an older wording: by example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from imr_letters.engine.checks.counterexample import Counterexample
from imr_letters.engine.checks.product import Product
from imr_letters.engine.checks.proof import differing, shown
from imr_letters.engine.checks.totality import always_printed
from imr_letters.engine.errors import Finding
from imr_letters.engine.families import Family
from imr_letters.engine.form import D

_REMEDY = "give in_force_from and in_force_to in family.toml so that one of them was in force on any day"


def read_differently(families: Sequence[Family[D]], name: str | None = None) -> Iterator[Finding]:
    """Yield a finding for each two families that can read one letter differently; with a `name`, those with it.

    What a letter is read as then follows from when the families were in force: a note, or else a warning.
    """
    for one, other in combinations(families, 2):
        if name is None or name in (one.name, other.name):
            yield from _read_differently(one, other)


def _read_differently(one: Family[D], other: Family[D]) -> Iterator[Finding]:
    nodes = (*one.template.grammar.nodes, *other.template.grammar.nodes)
    always = [always_printed(each.template.grammar.nodes, each.form.language) for each in (one, other)]
    found = Product(one.automaton, nodes, always[0] & always[1], other.automaton).ambiguity()
    if found is None or len(found.data) < 2:
        return
    apart = _never_both_in_force(one, other)
    yield Finding(
        "families-overlap",
        "note" if apart else "warning",
        f"{one.name} and {other.name} can read one letter differently; "
        + (
            "the one that was in force on the day of the decision is taken"
            if apart
            else "both may be in force on the day of the decision, so the letter may be refused as ambiguous"
        ),
        source=f"templates/{other.name}/family.toml",
        remedy="" if apart else _REMEDY,
        example=str(Counterexample(shown(found), *differing(found, (one.name, other.name)))),
    )


def _never_both_in_force(one: Family[D], other: Family[D]) -> bool:
    first, second = sorted((one.about, other.about), key=lambda each: each.in_force_from or date.min)
    end, start = first.in_force_to, second.in_force_from
    return end is not None and start is not None and end < start
