"""What a reading has assumed about its decision: which fields are there, and which of their values are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imr_letters.engine.grammar.nodes import Asserts, BlockNode, ChoiceNode, Condition, Node, Val
from imr_letters.engine.matching.automaton import Actions, Begin, Enter, Loop
from imr_letters.engine.paths import GrammarPath

#: A value of a closed set; the empty word for any value; None for a field that is absent.
_Left = frozenset[str | None]
_ABSENT: _Left = frozenset({None})


@dataclass(frozen=True, slots=True)
class Facts:
    """By field, in order: the values that are left."""

    held: tuple[tuple[GrammarPath, _Left], ...] = ()

    def get(self, path: GrammarPath) -> _Left | None:
        """Return the values that are left of a field, or None where nothing is known."""
        return next((left for known, left in self.held if known == path), None)

    def having(self, path: GrammarPath, left: _Left) -> Facts:
        """Return the facts with one more."""
        kept = [each for each in self.held if each[0] != path]
        return Facts(tuple(sorted([*kept, (path, left)], key=lambda each: each[0])))

    def only(self, paths: frozenset[GrammarPath]) -> Facts:
        """Return the facts about some fields."""
        return Facts(tuple(each for each in self.held if each[0] in paths))

    def without(self, paths: frozenset[GrammarPath]) -> Facts:
        """Return the facts about other fields."""
        return Facts(tuple(each for each in self.held if each[0] not in paths))


@dataclass(frozen=True, slots=True)
class Acted:
    """What is so after a way between two blocks, and what was so in turns of loops that are over."""

    now: Facts
    past: Facts


class Domains:
    """The fields that conditions of a template ask for, with their possible values."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._values: dict[GrammarPath, set[str | None]] = {}
        self._derived: set[GrammarPath] = set()
        for condition in _conditions(nodes):
            values = self._values.setdefault(condition.path, set(condition.choices or ("",)))
            if condition.choices:
                values.discard("")
                values.update(condition.choices)
            if condition.optional or condition.value is None:
                values.add(None)
            if condition.derived is not None:
                self._derived.add(condition.path)
        self._below = {
            path: [each for each in self._values if len(each) > len(path) and each[: len(path)] == path]
            for path in self._values
        }

    def __contains__(self, path: GrammarPath) -> bool:
        return path in self._values

    def named(self, actions: Actions, values: Sequence[Val]) -> Iterator[GrammarPath]:
        """Yield the fields that a step asks for or prints."""
        for way in actions.held:
            for held in way:
                yield from (condition.path for condition, _ in held)
        for loop in actions.loops:
            yield from (path for path in self._values if loop.path[: len(path)] == path)
        for value in values:
            yield from (path for path in self._values if value.path[: len(path)] == path)

    def act(
        self, facts: Facts, loops: Sequence[Loop], held: Sequence[Asserts], given: Facts | None = None
    ) -> Acted | None:
        """Return what is so after loops begin or go on while conditions hold; None where that cannot be.

        `given` are facts about the entries that are entered.
        """
        past = Facts()
        now: Facts | None = facts
        for number in range(len(loops) + 1):
            for condition, truth in held[number] if held else ():
                now = None if now is None else self._assume(now, condition, truth)
            if now is None:
                return None
            if number == len(loops):
                break
            loop = loops[number]
            following = loops[number + 1] if number + 1 < len(loops) else None
            if isinstance(loop, Begin):
                entered = isinstance(following, Enter) and following.path == loop.path
                now = self._there(now, loop.path) if entered else self._left(now, loop.path, _ABSENT)
                if now is None:
                    return None
                continue
            turn = (*loop.path, "*")
            over = frozenset(path for path, _ in now.held if path[: len(turn)] == turn)
            past = Facts(past.held + now.only(over).held)
            now = now.without(over)
            for path, left in given.held if given is not None else ():
                if path[: len(turn)] == turn:
                    now = now.having(path, left)
        return None if now is None else Acted(now, past)

    def _assume(self, facts: Facts, condition: Condition, truth: bool) -> Facts | None:
        values = self._values[condition.path]
        if condition.value is None:
            left = frozenset(each for each in values if (each is not None) == truth)
        else:
            left = frozenset(each for each in values if (each == condition.value) == truth)
        return self._left(facts, condition.path, left)

    def _left(self, facts: Facts, path: GrammarPath, left: _Left) -> Facts | None:
        """Return the facts where only these values of a field are left; None where none is."""
        if path not in self._values:
            return facts
        for cut in range(1, len(path)):
            if facts.get(path[:cut]) == _ABSENT:
                return facts if None in left else None
        known = facts.get(path)
        left = left & (known if known is not None else frozenset(self._values[path]))
        if not left:
            return None
        facts = facts.having(path, left)
        if None not in left:
            return self._there(facts, path[:-1])
        if left == _ABSENT:
            for below in self._below[path]:
                if None not in (facts.get(below) or _ABSENT):
                    return None
        return facts

    def _there(self, facts: Facts, path: GrammarPath) -> Facts | None:
        """Return the facts where a field, and all it is in, is there."""
        now: Facts | None = facts
        for cut in range(1, len(path) + 1):
            here = path[:cut]
            if now is not None and here in self._values:
                known = now.get(here)
                left = (known if known is not None else frozenset(self._values[here])) - {None}
                now = now.having(here, left) if left else None
        return now

    def printed(self, values: Sequence[Val], facts: Facts) -> Facts | None:
        """Return the facts after values were printed: they are there."""
        now: Facts | None = facts
        for value in values:
            now = None if now is None else self._there(now, value.path)
        return now

    def read_alike(
        self, path: GrammarPath, one: Facts, other: Facts, live: frozenset[GrammarPath]
    ) -> Iterator[tuple[Facts, Facts]]:
        """Yield the facts of two readings that have read the same words of a field."""
        first, second = self._there(one, path), self._there(other, path)
        if first is None or second is None:
            return
        if path not in self._values or self._values[path] <= {"", None}:
            yield first, second
            return
        both = (first.get(path) or frozenset()) & (second.get(path) or frozenset())
        if path not in live:
            if both:
                yield first, second
            return
        for value in sorted(each for each in both if each is not None):
            left: _Left = frozenset({value})
            yield first.having(path, left), second.having(path, left)

    def disjoint(self, one: Facts, other: Facts) -> Iterator[GrammarPath]:
        """Yield the fields about which two sets of facts exclude each other, but those that follow from others."""
        for path, left in one.held:
            beside = other.get(path)
            if beside is not None and not left & beside and path not in self._derived:
                yield path

    def values(self, path: GrammarPath) -> list[str]:
        """Return the values of the closed set that a field has, where it is asked for and has one."""
        return sorted(each for each in self._values.get(path, ()) if each)


def _conditions(nodes: Sequence[Node]) -> Iterator[Condition]:
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from (condition for way in node.alternatives for condition, _ in way.asserts)
        elif isinstance(node, ChoiceNode):
            for asserts, body in node.arms:
                yield from (condition for condition, _ in asserts)
                yield from _conditions(body)
        else:
            yield from _conditions(node.body)
