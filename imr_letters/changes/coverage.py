"""What a template can do, and how much of it a corpus shows: every side of every choice, how often every loop runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from imr_letters.changes.trace import Frame, Printed, Taken, TemplateLine, Way, statements, when
from imr_letters.engine.grammar.nodes import Val
from imr_letters.engine.paths import dotted
from imr_letters.engine.template.events import For, If
from imr_letters.imr.form import Family


@dataclass(frozen=True, slots=True)
class Branch:
    """A side of a choice, or a loop that runs not at all, once or several times."""

    taken: Taken
    file: str
    line: int
    when: str

    @property
    def where(self) -> str:
        """The place of its statement."""
        return f"templates/{self.file} line {self.line}"


class Plan:
    """The statements of a family's template, and what each of its lines prints."""

    def __init__(self, family: Family) -> None:
        self.family = family.name
        self.files = frozenset(family.template.grammar.files)
        self.branches: list[Branch] = []
        #: By line: the statements around it; the fields it prints or asks.
        self.frames: dict[TemplateLine, tuple[Frame, ...]] = {}
        self.paths: dict[TemplateLine, set[str]] = defaultdict(set)
        number = -1
        for event, frames in statements(family.template.events):
            line = (event.origin.file, event.origin.line)
            self.frames.setdefault(line, frames)
            if isinstance(event, If | For):
                self.frames[line] = frames  # not those of what follows on the same line
            if isinstance(event, Val):
                self.paths[line].add(dotted(event.path))
            elif isinstance(event, If):
                number += 1
                for arm, (asserts, _) in enumerate(event.arms):
                    self.paths[line].update(dotted(condition.path) for condition, _ in asserts)
                    around = [frame.when for frame in frames]
                    self.branches.append(Branch((number, arm), *line, ", ".join([*around, when(asserts)])))
            elif isinstance(event, For):
                number += 1
                self._loop(number, event, line)

    def _loop(self, number: int, event: For, line: TemplateLine) -> None:
        counts: list[tuple[Way, str]] = [("one", "once"), ("many", "several times")]
        if event.optional:
            counts.insert(0, ("none", "not at all"))
        for count, words in counts:
            self.branches.append(Branch((number, count), *line, f"{dotted(event.path)} {words}"))


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
                    "kind": "choice" if isinstance(branch.taken[1], int) else "loop",
                    "when": branch.when,
                    "letters": letters,
                }
                for branch, letters in self.branches
            ],
        }


def coverage(plan: Plan, letters: Iterable[Printed]) -> Coverage:
    """Count the branches that letters of a family take."""
    mine = [letter for letter in letters if letter.family == plan.family and letter.fault is None]
    counts = Counter(way for letter in mine for way in letter.taken)
    return Coverage(plan.family, len(mine), tuple((branch, counts[branch.taken]) for branch in plan.branches))
