"""What a template can do, and how much of it a corpus shows: every arm of every choice, every loop's turns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from imr_letters.changes.trace import Frame, Line, Printed, Turns, statements, when
from imr_letters.engine.grammar.nodes import Val
from imr_letters.engine.paths import dotted
from imr_letters.engine.template.events import For, If
from imr_letters.engine.template.markup import Token
from imr_letters.imr.form import Family


@dataclass(frozen=True, slots=True)
class Branch:
    """An arm of a choice, or a loop with none, one or many turns; `number` counts a template's statements."""

    number: int
    file: str
    line: int
    when: str
    arm: int | None = None
    turns: Turns | None = None

    @property
    def where(self) -> str:
        """The place of its statement."""
        return f"templates/{self.file} line {self.line}"


class Plan:
    """The statements of a family's template, and what stands on each of its lines."""

    def __init__(self, house: Family) -> None:
        self.family = house.name
        self.files = frozenset(house.template.grammar.files)
        self.branches: list[Branch] = []
        #: By line: the statements around what stands on it; the fields it prints or asks; its words.
        self.frames: dict[Line, tuple[Frame, ...]] = {}
        self.paths: dict[Line, set[str]] = defaultdict(set)
        self.words: dict[Line, str] = defaultdict(str)
        number = -1
        for event, frames in statements(house.template.events):
            line = (event.origin.file, event.origin.line)
            self.frames.setdefault(line, frames)
            if isinstance(event, If | For):
                self.frames[line] = frames  # not those of what follows on the same line
            if isinstance(event, Token):
                self.words[line] += event.value if event.kind == "text" else ""
            elif isinstance(event, Val):
                self.paths[line].add(dotted(event.path))
            elif isinstance(event, If):
                number += 1
                for arm, (asserts, _) in enumerate(event.arms):
                    self.paths[line].update(dotted(condition.path) for condition, _ in asserts)
                    around = [frame.when for frame in frames]
                    self.branches.append(Branch(number, *line, ", ".join([*around, when(asserts)]), arm=arm))
            else:
                number += 1
                self._loop(number, event, line)

    def _loop(self, number: int, event: For, line: Line) -> None:
        counts: list[tuple[Turns, str]] = [("one", "once"), ("many", "several times")]
        if event.optional:
            counts.insert(0, ("none", "not at all"))
        for turns, words in counts:
            self.branches.append(Branch(number, *line, f"{dotted(event.path)} {words}", turns=turns))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many letters of a corpus take each branch of a family's template."""

    family: str
    letters: int
    branches: tuple[tuple[Branch, int], ...]

    @property
    def missed(self) -> tuple[Branch, ...]:
        """The branches that no letter takes."""
        return tuple(branch for branch, letters in self.branches if not letters)

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        return {
            "family": self.family,
            "letters": self.letters,
            "branches": [
                {
                    "template": branch.where,
                    "kind": "choice" if branch.turns is None else "loop",
                    "when": branch.when,
                    "letters": letters,
                }
                for branch, letters in self.branches
            ],
        }


def taken(letter: Printed) -> set[tuple[int, int | Turns]]:
    """Return the branches that a letter takes."""
    return {*letter.arms, *letter.turns}


def coverage(plan: Plan, letters: Iterable[Printed]) -> Coverage:
    """Count the branches that letters of a family take."""
    counts: Counter[tuple[int, int | Turns]] = Counter()
    number = 0
    for letter in letters:
        if letter.family == plan.family and letter.fault is None:
            number += 1
            counts.update(taken(letter))
    return Coverage(
        plan.family, number, tuple((branch, counts[branch.number, key(branch)]) for branch in plan.branches)
    )


def key(branch: Branch) -> int | Turns:
    """Return what tells a branch from the others of its statement."""
    if branch.turns is not None:
        return branch.turns
    assert branch.arm is not None
    return branch.arm
