"""Turn one reading of a letter into the data of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from imr_letters.engine.codecs.phrases import PhraseError, as_meant
from imr_letters.engine.grammar.nodes import Condition, Lit, Val
from imr_letters.engine.matching.automaton import Actions, Begin, Trace
from imr_letters.engine.paths import NUMBER, GrammarPath, dotted, named
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
    """Why a reading makes no decision: the block, the field, and the reason; `phrase` where it is a fixed phrase."""

    block: int
    path: GrammarPath
    message: str
    value: Val | None = None
    phrase: PhraseError | None = None


@dataclass(slots=True)
class Readback:
    """The data of a reading.

    `faults` is empty where the reading is sound; `kept` names words kept as printed, `prose` the words of all prose,
    with the block they end in.
    """

    data: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    kept: list[tuple[int, Val, str]] = field(default_factory=list)
    prose: list[tuple[int, Val, str]] = field(default_factory=list)


def read_back(trace: Trace, prefer: int | None = None, *, accept_drift: bool = False) -> Readback:
    """Return the data a reading stands for.

    Where the letter leaves open which of several conditions holds, that is a fault; with `prefer`, the one of that
    number is taken: so the check of templates finds what a letter leaves open. With `accept_drift`, words that are
    nearly a fixed phrase are read as the phrase; each such place is among the faults all the same.
    """
    return _Builder(prefer, accept_drift=accept_drift).build(trace)


def places(trace: Trace) -> Iterator[Place]:
    """Yield where each value of a reading stands, in the order of the letter."""
    turns: dict[GrammarPath, int] = {}
    for block, (step, words) in enumerate(trace.steps):
        _count_turns(step.actions, turns)
        if step.pattern is None:
            assert step.value is not None
            yield Place(named(step.value.path, turns), block, 0, len(words[0]), step.value)
            continue
        at = 0
        values = iter(words)
        for element in step.pattern.elements:
            if isinstance(element, Lit):
                at += len(element.text)
            else:
                size = len(next(values))
                if element.path[-1] != NUMBER:
                    yield Place(named(element.path, turns), block, at, at + size, element)
                at += size


def _count_turns(actions: Actions, turns: dict[GrammarPath, int]) -> None:
    for action in actions.loops:
        if isinstance(action, Begin):
            turns[action.path] = -1
        else:
            turns[action.path] += 1


@cache
def _split(path: GrammarPath) -> tuple[GrammarPath, GrammarPath, str]:
    """Return the loop turn a path starts from, the parts below it, and the field's name."""
    cut = max((index + 1 for index, part in enumerate(path) if part == "*"), default=0)
    return path[:cut], path[cut:-1], path[-1]


@dataclass(slots=True)
class _Run:
    part: dict[str, Any]
    path: GrammarPath
    turns: int
    block: int


class _Builder:
    def __init__(self, prefer: int | None, *, accept_drift: bool) -> None:
        self._prefer = prefer
        self._accept_drift = accept_drift
        self._readback = Readback({})
        self._turns: dict[GrammarPath, dict[str, Any]] = {(): self._readback.data}
        self._counts: dict[GrammarPath, int] = {}
        #: For each place with conditions, the ways that may have been taken, and the block.
        self._asserted: list[tuple[list[_Held], int]] = []
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
            if step.actions.loops or step.actions.held:
                self._act(step.actions, block)
            for value, text in zip(step.pattern.values, words, strict=True):
                if value.path[-1] == NUMBER:
                    self._count(value, text, block)
                    continue
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
            words = PARAGRAPH.join(texts)
            self._set(part, value, words, block)
            self._readback.prose.append((block + len(texts) - 1, value, words))

    def _act(self, actions: Actions, block: int) -> None:
        ways: list[_Held] = [[] for _ in actions.held]
        if ways:
            self._bind(ways, actions, 0)
        for number, action in enumerate(actions.loops, start=1):
            if isinstance(action, Begin):
                self._counts[action.path] = 0
                self._runs.append(_Run(self._part(action.path), action.path, 0, block))
            else:
                turns = self._part(action.path).setdefault(action.path[-1], [])
                count = self._counts[action.path]
                if count == len(turns):
                    turns.append({})
                self._turns[(*action.path, "*")] = turns[count]
                self._counts[action.path] = count + 1
                run = next(run for run in reversed(self._runs) if run.path == action.path)
                run.turns, run.block = count + 1, block
            if ways:
                self._bind(ways, actions, number)
        if ways:
            self._asserted.append((ways, block))

    def _bind(self, ways: list[_Held], actions: Actions, number: int) -> None:
        """Hold conditions against the turns that loops are in at their place."""
        for way, held in zip(ways, actions.held, strict=True):
            way += [(condition, truth, self._turns[_split(condition.path)[0]]) for condition, truth in held[number]]

    def _part(self, path: GrammarPath) -> dict[str, Any]:
        turn, names, _ = _split(path)
        part = self._turns[turn]
        for name in names:
            part = part.setdefault(name, {})
        return part

    def _count(self, value: Val, words: str, block: int) -> None:
        """Hold the number of an entry against its place."""
        counted = self._counts[value.path[:-2]]
        if words != str(counted):
            message = f"expected {counted}, the number of the entry, and found {words[:20]}"
            self._readback.faults.append(Fault(block, value.path[:-1], message, value))

    def _set(self, part: dict[str, Any], value: Val, words: str, block: int) -> None:
        name = value.path[-1]
        try:
            # Prose is never said twice, so it is not remembered.
            decoded, canonical = (value.codec.decode(words), True) if value.codec.exact else value.codec.read(words)
        except PhraseError as error:
            self._readback.faults.append(Fault(block, value.path, str(error), value, error))
            if self._accept_drift:
                part[name] = value.codec.decode(as_meant(words, value.codec.phrases))
            return
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
        """Hold the branches that were read against the values that were read; take facts that only a branch shows."""
        open_ways = self._asserted
        for told in (_is_told, _is_told, _holds):
            waiting = []
            for ways, block in open_ways:
                left = ways if len(ways) == 1 else [way for way in ways if all(told(*each) for each in way)]
                if len(left) == 1:
                    _take(left[0])
                else:
                    waiting.append((ways, block))
            open_ways = waiting
        for ways, _ in open_ways if self._prefer is not None else ():
            left = [way for way in ways if all(_is_told(*each) for each in way)]
            if left:
                _take(left[min(self._prefer or 0, len(left) - 1)])
        for ways, block in self._asserted:
            sound = [way for way in ways if all(_holds(*each) for each in way)]
            if not sound:
                failed = [(each, truth) for way in ways for each, truth, turn in way if not _holds(each, truth, turn)]
                condition = next(
                    (each for each, truth in failed if truth), failed[0][0]
                )  # what the wording says itself
                message = f"this wording is used only where {condition}, or only where it is not"
                self._readback.faults.append(Fault(block, condition.path, message))


#: Conditions that hold together, each with the part of the data that it is about.
_Held = list[tuple[Condition, bool, dict[str, Any]]]


def _value(condition: Condition, turn: dict[str, Any]) -> Any:
    _, names, name = _split(condition.path)
    part = turn
    for each in names:
        part = part.get(each, {})
    return part.get(name) if condition.derived is None else condition.derived(part)


def _holds(condition: Condition, truth: bool, turn: dict[str, Any]) -> bool:
    found = _value(condition, turn)
    known = found is not None or condition.value is None or condition.optional
    return known and condition.holds(found) == truth


def _is_told(condition: Condition, truth: bool, turn: dict[str, Any]) -> bool:
    """Return whether a condition may hold by what is known so far: of a field of a closed set, it may not be."""
    unknown = condition.derived is not None or (condition.choices and _value(condition, turn) is None)
    return bool(unknown) or _holds(condition, truth, turn)


def _take(way: _Held) -> None:
    """Add the values that conditions leave no choice about."""
    for path, turn in {(condition.path, id(turn)): turn for condition, _, turn in way}.items():
        about = [each for each in way if each[0].path == path[0] and each[2] is turn]
        first = about[0][0]
        denied = {condition.value for condition, truth, _ in about if not truth}
        said = [condition.value for condition, truth, _ in about if truth and condition.value is not None]
        there = not first.optional or any(truth and condition.value is None for condition, truth, _ in about)
        left = said or ([each for each in first.choices if each not in denied] if there and None not in denied else [])
        if first.derived is None and len(left) == 1 and (said or denied):
            _, names, name = _split(first.path)
            part = turn
            for each in names:
                part = part.setdefault(each, {})
            part.setdefault(name, left[0])
