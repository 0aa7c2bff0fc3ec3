"""Turn one reading of a letter into the data of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from imr_letters.engine.grammar.nodes import Condition, Lit, Val
from imr_letters.engine.matching.automaton import Action, Begin, Enter, Trace
from imr_letters.engine.paths import FieldPath, Path, dotted
from imr_letters.engine.text import PARAGRAPH


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a letter: block and offsets of its words, and where in the decision it belongs."""

    field: str
    block: int
    start: int
    end: int
    value: Val


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reading makes no decision: the block, the field, and the reason."""

    block: int
    path: Path
    message: str
    value: Val | None = None


@dataclass(slots=True)
class Readback:
    """The data of a reading. `faults` is empty where the reading is sound; `kept` names words kept as printed."""

    data: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    kept: list[tuple[int, Val, str]] = field(default_factory=list)


def read_back(trace: Trace) -> Readback:
    """Return the data a reading stands for."""
    return _Builder().build(trace)


def places(trace: Trace) -> Iterator[Place]:
    """Yield where each value of a reading stands, in the order of the letter."""
    turns: dict[Path, int] = {}
    for block, (step, words) in enumerate(trace.steps):
        _count_turns(step.actions, turns)
        if step.pattern is None:
            assert step.value is not None
            yield Place(dotted(_concrete(step.value.path, turns)), block, 0, len(words[0]), step.value)
            continue
        at = 0
        values = iter(words)
        for element in step.pattern.elements:
            if isinstance(element, Lit):
                at += len(element.text)
            else:
                size = len(next(values))
                yield Place(dotted(_concrete(element.path, turns)), block, at, at + size, element)
                at += size


def _count_turns(actions: tuple[Action, ...], turns: dict[Path, int]) -> None:
    for action in actions:
        if isinstance(action, Begin):
            turns[action.path] = -1
        elif isinstance(action, Enter):
            turns[action.path] += 1


def _concrete(path: Path, turns: dict[Path, int]) -> FieldPath:
    return tuple(turns[path[:index]] if part == "*" else part for index, part in enumerate(path))


@cache
def _split(path: Path) -> tuple[Path, Path, str]:
    """Return the loop turn a path starts from, the parts below it, and the field's name."""
    cut = max((index + 1 for index, part in enumerate(path) if part == "*"), default=0)
    return path[:cut], path[cut:-1], path[-1]


@dataclass(slots=True)
class _Run:
    part: dict[str, Any]
    path: Path
    turns: int
    block: int


class _Builder:
    def __init__(self) -> None:
        self._readback = Readback({})
        self._turns: dict[Path, dict[str, Any]] = {(): self._readback.data}
        self._counts: dict[Path, int] = {}
        self._asserted: list[tuple[Condition, bool, dict[str, Any], int]] = []
        #: Every run of a loop: the part that holds its list, its path, its turns, the last block of it.
        self._runs: list[_Run] = []
        self._prose: tuple[int, Val, dict[str, Any], list[str]] | None = None

    def build(self, trace: Trace) -> Readback:
        for block, (step, words) in enumerate(trace.steps):
            if step.pattern is None:
                assert self._prose is not None
                self._prose[3].append(words[0])
                continue
            self._end_prose()
            if step.actions:
                self._act(step.actions, block)
            for value, text in zip(step.pattern.values, words, strict=True):
                part = self._part(value.path)
                if value is step.pattern.prose:
                    self._prose = (block, value, part, [text])
                else:
                    self._set(part, value, text, block)
        self._end_prose()
        self._act(trace.end, len(trace.steps) - 1)
        self._check_runs()
        self._check()
        return self._readback

    def _end_prose(self) -> None:
        if self._prose is not None:
            block, value, part, texts = self._prose
            self._prose = None
            self._set(part, value, PARAGRAPH.join(texts), block)

    def _act(self, actions: tuple[Action, ...], block: int) -> None:
        for action in actions:
            if isinstance(action, Begin):
                self._counts[action.path] = 0
                self._runs.append(_Run(self._part(action.path), action.path, 0, block))
            elif isinstance(action, Enter):
                turns = self._part(action.path).setdefault(action.path[-1], [])
                count = self._counts[action.path]
                if count == len(turns):
                    turns.append({})
                self._turns[(*action.path, "*")] = turns[count]
                self._counts[action.path] = count + 1
                run = next(run for run in reversed(self._runs) if run.path == action.path)
                run.turns, run.block = count + 1, block
            else:
                for condition, truth in action:
                    self._asserted.append((condition, truth, self._turns[_split(condition.path)[0]], block))

    def _part(self, path: Path) -> dict[str, Any]:
        turn, names, _ = _split(path)
        part = self._turns[turn]
        for name in names:
            part = part.setdefault(name, {})
        return part

    def _set(self, part: dict[str, Any], value: Val, words: str, block: int) -> None:
        name = value.path[-1]
        try:
            # Prose is never said twice, so it is not remembered.
            decoded, canonical = (value.codec.decode(words), True) if value.codec.exact else value.codec.read(words)
        except ValueError as error:
            self._readback.faults.append(Fault(block, value.path, str(error), value))
            return
        if part.get(name, decoded) != decoded:
            self._readback.faults.append(
                Fault(block, value.path, "the letter says this twice, and not the same", value)
            )
            return
        part[name] = decoded
        if not canonical:
            part.setdefault("as_printed", {})[name] = words
            self._readback.kept.append((block, value, words))

    def _check_runs(self) -> None:
        """A list that is told twice, such as in a table and again below, has as many entries both times."""
        for run in self._runs:
            entries = len(run.part.get(run.path[-1], ()))
            if run.turns != entries:
                message = f"the letter tells {run.turns} of {dotted(run.path)} here, and {entries} elsewhere"
                self._readback.faults.append(Fault(run.block, run.path, message))

    def _check(self) -> None:
        """Hold the arms that were read against the values that were read; take facts that only an arm tells."""
        for condition, truth, turn, _ in self._asserted:
            if condition.value is not None and condition.derived is None:
                _, names, name = _split(condition.path)
                part = turn
                for each in names:
                    part = part.setdefault(each, {})
                others = [choice for choice in condition.choices if choice != condition.value]
                if truth:
                    part.setdefault(name, condition.value)
                elif len(others) == 1:
                    part.setdefault(name, others[0])
        for condition, truth, turn, block in self._asserted:
            _, names, name = _split(condition.path)
            part = turn
            for each in names:
                part = part.get(each, {})
            found = part.get(name) if condition.derived is None else condition.derived(part)
            holds = found is not None if condition.value is None else found == condition.value
            if holds != truth:
                message = f"this wording is used only where {condition}, or only where it is not"
                self._readback.faults.append(Fault(block, condition.path, message))
