"""Invented decisions that exercise a template: every side of every choice, every loop not at all, once, several times.

The set is small, not proven to be the smallest: of many decisions made at random (the same in every run) the one that
takes most branches not yet taken is picked, until none adds any; then those that others make up for are left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from imr_letters.changes.coverage import Branch, Plan
from imr_letters.changes.trace import Taken, trace
from imr_letters.engine.errors import RenderError
from imr_letters.engine.fields import FieldType, Group, Leaf, Listing
from imr_letters.engine.files import write
from imr_letters.engine.form import Form
from imr_letters.engine.paths import GrammarPath
from imr_letters.engine.render import render
from imr_letters.imr.form import FORM, Family
from imr_letters.imr.model import Decision
from imr_letters.imr.model.decision import Outcome
from imr_letters.imr.records import loads
from imr_letters.testing.factories import make_decision

#: Decisions that are tried.
TRIED = 250

#: A decision and the branches it takes.
_Tried = tuple[Decision, frozenset[Taken]]


@dataclass(frozen=True, slots=True)
class Cover:
    """Decisions that take the branches of a family's template, each with those it is there for, and what is missed."""

    family: str
    decisions: tuple[tuple[Decision, tuple[Branch, ...]], ...]
    missed: tuple[Branch, ...]
    form: Form[Decision] = FORM


def cover(family: Family) -> Cover:
    """Return invented decisions that exercise a family's template. Raises `TemplateError` where it does not load."""
    plan = Plan(family)
    wanted = {branch.taken: branch for branch in plan.branches}
    pool: list[_Tried] = [(each, trace(family, each).taken & wanted.keys()) for each in invented(family)]
    chosen: list[_Tried] = []
    left = set(wanted)
    while pool and left:
        best = max(pool, key=lambda each: (len(each[1] & left), -_size(each[0])))
        pool.remove(best)
        if not best[1] & left:
            break
        if _printable(best[0], family):
            chosen.append(best)
            left -= best[1]
    chosen = _needed(chosen)
    named: set[Taken] = set()
    found = []
    for decision, branches in chosen:
        found.append((decision, tuple(wanted[each] for each in wanted if each in branches - named)))
        named |= branches
    return Cover(
        family.name, tuple(found), tuple(branch for each, branch in wanted.items() if each in left), family.form
    )


def save(made: Cover, folder: Path, *, replace: bool = False) -> list[Path]:
    """Write the decisions as YAML. Raises `ConflictError` where a different file is there, unless to be replaced."""
    files = []
    for number, (decision, branches) in enumerate(made.decisions, start=1):
        lines = [f"# Invented, for tests of {made.family}. It exercises:"]
        lines += [f"#   {branch.where}: {branch.when}" for branch in branches]
        words = yaml.safe_dump(decision.data(), sort_keys=False, allow_unicode=True, width=95)
        data = "\n".join([*lines, words]).encode()
        assert loads(data, "", made.form) == decision
        files.append(folder / f"{made.family}-{number:02}.yaml")
        write(files[-1], data, replace=replace)
    return files


def _needed(chosen: Sequence[_Tried]) -> list[_Tried]:
    kept = list(chosen)
    for each in sorted(chosen, key=lambda pair: len(pair[1])):
        others: set[Taken] = set().union(*(branches for other, branches in kept if other is not each[0]))
        if each[1] <= others:
            kept.remove(each)
    return kept


def _printable(decision: Decision, family: Family) -> bool:
    try:
        render(decision, family)
    except RenderError:
        return False
    return True


def _size(decision: Decision) -> int:
    return len(decision.model_dump_json())


def invented(family: Family) -> Iterator[Decision]:
    """Yield decisions that a family prints, with optional fields there or not and lists of several lengths."""
    rng = random.Random(family.name)  # noqa: S311 - the same in every run
    seen: set[str] = set()
    for number in range(TRIED):
        items = rng.choice((1, 1, 2, 3))
        outcomes = [rng.choice(get_args(Outcome)) for _ in range(items)]
        base = make_decision(items=items, outcome=outcomes, number=number % 40).data()
        try:
            made = _Inventor(family, rng).part(family.form.root, (), base)
            decision = family.form.model.model_validate(_dated(family, made))
        except ValidationError:
            continue  # fields that do not go together, such as the end of a range without its start
        words = decision.model_dump_json()
        if words not in seen and not family.missing(decision) and not family.lost(decision):
            seen.add(words)
            yield decision


def _dated(family: Family, data: dict[str, Any]) -> dict[str, Any]:
    """Move the days of the case so that the family was in force when it was decided."""
    case = data.get("case")
    if not case or family.form.day_at != FORM.day_at:
        return data
    decided = date.fromisoformat(case["decided_on"])
    if family.in_force(decided):
        return data
    shift = (family.about.in_force_to or family.about.in_force_from or decided) - decided
    days = {name: value for name, value in case.items() if name.endswith("_on")}
    moved = {name: (date.fromisoformat(value) + shift).isoformat() for name, value in days.items()}
    return {**data, "case": {**case, **moved}}


class _Inventor:
    """Fills in what a decision may have in addition to its clinical part, and leaves out what it may lack."""

    def __init__(self, family: Family, rng: random.Random) -> None:
        self._form = family.form
        self._printed = family.printed
        self._needs = {(name,) for name in family.about.needs}
        self._rng = rng
        self._recipients: list[dict[str, Any]] = []

    def part(self, kind: Group, path: GrammarPath, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a group of fields."""
        found: dict[str, Any] = {}
        for name, inner in kind.fields.items():
            here = (*path, name)
            if inner.optional and here not in self._needs and (not self._shows(here) or self._rng.random() < 0.4):
                continue
            value = self._value(name, inner, here, given.get(name))
            if value is not None:
                found[name] = value
            if name == "recipients" and isinstance(value, list):
                self._recipients = value
        return found

    def _example(self, kind: Leaf) -> Any:
        """Return a value of a field that the family declares: one of those that its codec is tried out with."""
        known = self._form.codecs.printing(kind.kind)[0]
        example = self._rng.choice(known().examples())
        return example.isoformat() if isinstance(example, date) else example

    def _shows(self, path: GrammarPath) -> bool:
        return any(each[: len(path)] == path for each in self._printed)

    def _value(self, name: str, kind: FieldType, path: GrammarPath, given: Any) -> Any:
        if name == "addressee" and self._recipients:
            first = {each: value for each, value in self._recipients[0].items() if each in ("name", "organization")}
            return {**first, "address": _ADDRESS}
        if isinstance(kind, Group):
            return self.part(kind, path, given or {})
        if isinstance(kind, Listing):
            entries = given or [{}] * self._rng.choice((1, 1, 2, 3))
            return [self.part(kind.entry, (*path, "*"), entry) for entry in entries]
        if kind.kind == "choice" and (name != "outcome" or given not in kind.choices):
            return self._rng.choice(kind.choices)
        if path in self._form.asked or path[: path.index("*") if "*" in path else 0] in self._form.asked:
            return self._example(kind)
        if given is not None:
            return given
        if kind.kind == "day":
            return (date(2016, 3, 1) + timedelta(days=self._rng.randrange(200))).isoformat()
        if kind.kind == "address":
            return _ADDRESS
        return f"Example {name.replace('_', ' ')}" if kind.kind == "words" else None


_ADDRESS = ["100 Example Street", "Sacramento, CA 95814"]
