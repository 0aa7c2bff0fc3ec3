"""Switch the rules of the proof off one by one: each must change a verdict. `python -m tests.checker_mutations`.

`tests/test_proof.py` tries some of them on the hand-made templates; the command tries all, on the mutants as well, and
prints by which template each is noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any
from unittest.mock import patch

from imr_letters.engine.checks import division, facts, product, proof, totality, watch, whole
from imr_letters.engine.template import build
from tests.conftest import ROOT
from tests.proving import Sample, hand_made, mutant, verdict

#: By what each rule says: where it is, its name there, and what takes its place.
RULES: dict[str, tuple[object, str, Any]] = {
    "every field is printed on every path": (whole, "check_total", lambda *_: None),
    "an optional list may be absent": (totality, "_values", lambda condition, _: condition.choices or ("",)),
    "a branch that leaves one value shows it": (totality, "told", lambda _: ()),
    "what the model refuses is not asked for": (totality, "_needed", lambda *_: None),
    "each entry of a list prints something": (whole, "_check_turns", lambda *_: None),
    "a paragraph is divided in one way": (build, "two_divisions", lambda _: None),
    "so are values of a fixed form": (build._Assembler, "_check_typed", lambda *_: None),
    "only values that codecs read are a division": (division, "_sound", lambda *_: True),
    "a value printed twice is the same": (division, "_divisions", lambda *_: [("a", "b"), ("b", "a")]),
    "fixed words are kept out of values": (watch.Guard, "met", lambda *_: False),
    "also words next to a space at the border": (watch.Guard, "met_at_end", watch.Guard.met),
    "fences belong to values": (watch.Reader, "_worded", frozenset(range(99))),
    "words that are read alike lead on together": (product, "_surely_apart", lambda *_: True),
    "facts that exclude each other are two decisions": (facts.Domains, "disjoint", lambda *_: ()),
    "what contradicts itself is no decision": (facts.Domains, "_left", lambda _s, known, *_: known),
    "what is printed is there": (facts.Domains, "printed", lambda _s, _v, known: known),
    "what is below is there": (facts.Domains, "_there", lambda _s, known, _p: known),
    "values read alike are the same": (facts.Domains, "read_alike", lambda _s, _p, one, other, _l: [(one, other)]),
    "entries printed in another list are the same": (product.Product, "_given", lambda *_: [facts.Facts()]),
    "what every letter prints is known": (proof, "always_printed", lambda *_: frozenset()),
    "two ways to read a block are two decisions": (product.Product, "_is_one_step", lambda *_: True),
    "a counterexample is read as letters are": (product.Product, "_readings", lambda *_: ()),
}


def noticed(rule: str, samples: Iterable[tuple[Sample, str]]) -> str | None:
    """Return the name of a template whose verdict changes without a rule, or None."""
    place, name, off = RULES[rule]
    with patch.object(place, name, off):
        return next((each.name for each, expected in samples if _other(verdict(each)[0], expected)), None)


def _other(found: str, expected: str) -> bool:
    return found == "proved" if expected == "refused" else found != expected


def expectations() -> list[tuple[Sample, str]]:
    """Return the hand-made templates with their verdicts."""
    return [(each, str((each.case or {})["verdict"])) for each in hand_made()]


def mutants() -> Sequence[tuple[Sample, str]]:
    """Return the mutants of the table with their verdicts."""
    by_name = {each.name: each for each in hand_made()}
    lines = (ROOT / "tests" / "cases" / "mutants.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines)
    return [(mutant(by_name[name], int(number)), expected) for name, number, expected in rows]


def main() -> int:
    """Print by which template each rule is noticed; return 1 where one is not."""
    samples = [*expectations(), *mutants()]
    found = {rule: noticed(rule, samples) for rule in RULES}
    for rule, name in found.items():
        print(f"{rule}: {name or 'NOT NOTICED'}")  # noqa: T201
    return int(None in found.values())


if __name__ == "__main__":
    sys.exit(main())
