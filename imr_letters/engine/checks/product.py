"""Whether a letter can be read in two ways: the automaton of a family walked twice over the same blocks.

A pair is where two readings of the same letter are, with what each has assumed about its decision. The readings go on
together where their next blocks can have the same words. A pair from which both may end, and whose decisions differ,
is a candidate: its letter is read as every letter is, and where two decisions come back, it is a counterexample. Where
no candidate is left, every letter of the family has one reading: that is the proof.

What no such machine can follow is taken as possible: two values that are printed twice, and two lists that are. A
candidate of that kind is found out when its letter is read; then the family is neither proved nor disproved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from imr_letters.engine.checks.facts import Domains, Facts
from imr_letters.engine.checks.watch import GivenUpError, Reader, in_common
from imr_letters.engine.grammar.nodes import Asserts, BlockNode, ChoiceNode, Lit, LoopNode, Node, Val, way_shape
from imr_letters.engine.matching.automaton import Actions, Automaton, Begin, Enter, Failure, Step
from imr_letters.engine.matching.pattern import examples
from imr_letters.engine.matching.readback import read_back
from imr_letters.engine.paths import GrammarPath

#: Pairs that are looked at; a template beyond that is not proved.
MOST_PAIRS = 40_000
#: Steps that are held against each other, after which a template is not proved either: some seconds.
MOST_MEETINGS = 300_000
#: Candidates whose letters are read; the search ends with the first true one.
MOST_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A letter that two decisions print, as its blocks and the data of both; without data, one that may be."""

    blocks: tuple[str, ...]
    data: tuple[dict[str, object], ...]
    #: Where the two readings part: the steps, and the words both read there.
    steps: tuple[Step, Step] | None
    words: str
    #: What each reading assumes where nothing but that differs.
    assumed: tuple[Asserts, Asserts] = ((), ())


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two readings of the same blocks."""

    left: int
    right: int
    one: Facts
    other: Facts
    #: They have read a block in different ways, or assumed what excludes each other.
    diverged: bool = False
    #: Fields of list entries that both have read alike, in a loop that is over.
    shared: frozenset[GrammarPath] = frozenset()


@dataclass(frozen=True, slots=True)
class _Came:
    """How a pair was reached."""

    before: _Pair
    steps: tuple[Step, Step]
    words: str
    assumed: tuple[Asserts, Asserts]


class Product:
    """Looks for letters of an automaton that read in two ways, or otherwise than by the automaton of an `other` family.

    `nodes` are those of the grammar, or of both, and `always` are the fields that every letter prints.
    """

    def __init__(
        self,
        automaton: Automaton,
        nodes: Sequence[Node],
        always: Collection[GrammarPath],
        other: Automaton | None = None,
    ) -> None:
        self._automata = (automaton, other or automaton)
        self._between = other is not None
        self._domains = Domains(nodes)
        self._always = always
        self._steady = frozenset(_steady(nodes))
        self._readers: dict[tuple[int, int], Reader] = {}
        self._met: dict[tuple[Reader, Reader], str | None] = {}
        self._came: dict[_Pair, _Came] = {}
        #: Pairs that were looked at.
        self.pairs = 0

    def ambiguity(self) -> Ambiguity | None:
        """Return a letter that reads in two ways, or may; None where there is none."""
        doubtful: Ambiguity | None = None
        tried = 0
        try:
            for found in self._candidates():
                decided = self._replayed(found)
                if len(decided.data) > 1:
                    return decided
                doubtful = doubtful or decided
                tried += 1
                if tried >= MOST_CANDIDATES:
                    break
        except GivenUpError:
            return doubtful or Ambiguity((), (), None, "")
        return doubtful

    def _candidates(self) -> Iterator[tuple[_Pair, tuple[Asserts, Asserts]]]:
        lefts, rights = (each.states for each in self._automata)
        begin = _Pair(0, 0, Facts(), Facts())
        waiting = deque([begin])
        known = {begin}
        meetings = 0
        while waiting:
            pair = waiting.popleft()
            self.pairs += 1
            left, right = lefts[pair.left], rights[pair.right]
            meetings += len(left.steps) * len(right.steps)
            if self.pairs > MOST_PAIRS or meetings > MOST_MEETINGS:
                raise GivenUpError
            for one, other in product(left.accept, right.accept):
                for ended, assumed in self._assume(pair, one, other, frozenset()):
                    if ended.diverged:
                        yield pair, assumed
            for step, partner in product(left.steps, right.steps):
                words = self._common(step, partner)
                if words is None:
                    continue
                for reached, assumed in self._together(pair, step, partner):
                    if reached not in known:
                        known.add(reached)
                        self._came[reached] = _Came(pair, (step, partner), words, assumed)
                        waiting.append(reached)

    def _together(self, pair: _Pair, one: Step, other: Step) -> Iterator[tuple[_Pair, tuple[Asserts, Asserts]]]:
        """Yield where two readings are after a block that each reads by a step of its own."""
        same = self._reads_the_same(one, other)
        live = self._live[0][one.target] | self._live[1][other.target]
        for after, assumed in self._assume(pair, one.actions, other.actions, live, one, other):
            diverged = after.diverged or not self._is_one_step(one, other)
            facts = [(after.one, after.other)]
            shared = after.shared
            for value, second in zip(_values(one), _values(other), strict=False) if same else ():
                facts = [each for both in facts for each in self._domains.read_alike(value.path, *both, live)]
                if not diverged and value is second and value.path in self._steady:
                    shared |= {value.path}
            if not same:
                left = self._domains.printed(_values(one), after.one)
                right = self._domains.printed(_values(other), after.other)
                facts = [(left, right)] if left is not None and right is not None else []
            for left, right in facts:
                left, right = left.only(live), right.only(live)
                yield _Pair(one.target, other.target, left, right, diverged, shared), assumed

    def _assume(
        self,
        pair: _Pair,
        one: Actions,
        other: Actions,
        live: frozenset[GrammarPath],
        left: Step | None = None,
        right: Step | None = None,
    ) -> Iterator[tuple[_Pair, tuple[Asserts, Asserts]]]:
        """Yield what two readings assume on their ways to the next blocks, where it is possible."""
        for first, second in product(one.held or ((),), other.held or ((),)):
            alike = not pair.diverged and one.loops == other.loops
            for given in self._given(one.loops, pair.shared) if alike else (Facts(),):
                done = self._domains.act(pair.one, one.loops, first, given)
                also = self._domains.act(pair.other, other.loops, second, given)
                if done is None or also is None:
                    continue
                apart = left is not None and right is not None and not self._is_one_step(left, right)
                diverged = pair.diverged or apart or one.loops != other.loops
                # Facts that exclude each other and end here: two decisions, unless the letter prints the field.
                for ours, theirs in ((done.past, also.past), (done.now.without(live), also.now.without(live))):
                    diverged = diverged or any(
                        path not in self._always for path in self._domains.disjoint(ours, theirs)
                    )
                conds = tuple(tuple(each for held in way for each in held) for way in (first, second))
                yield _Pair(pair.left, pair.right, done.now, also.now, diverged, pair.shared), (conds[0], conds[1])

    def _given(self, loops: Sequence[Begin | Enter], shared: frozenset[GrammarPath]) -> list[Facts]:
        """Return what may be so about the next entries, of which both readings have read the same in another loop."""
        turns = [(*loop.path, "*") for loop in loops if isinstance(loop, Enter)]
        paths = [path for path in sorted(shared) if any(path[: len(turn)] == turn for turn in turns)]
        ways = product(*(self._domains.values(path) for path in paths if self._domains.values(path)))
        asked = [path for path in paths if self._domains.values(path)]
        return [
            Facts(tuple((path, frozenset({value})) for path, value in zip(asked, way, strict=True))) for way in ways
        ]

    def _is_one_step(self, one: Step, other: Step) -> bool:
        """Return whether two steps are the same, or are of two families and print the same."""
        if not self._between:
            return one is other
        return one.actions.loops == other.actions.loops and self._reads_the_same(one, other)

    def _reads_the_same(self, one: Step, other: Step) -> bool:
        """Return whether two steps read the same values out of the same words."""
        if not self._between or one.pattern is None or other.pattern is None:
            return one.pattern is other.pattern and (
                one.pattern is not None or one.value is other.value or (self._between and _same_value(one, other))
            )
        return way_shape(one.pattern.alternative) == way_shape(other.pattern.alternative)

    @cached_property
    def _live(self) -> tuple[list[frozenset[GrammarPath]], ...]:
        """Return for each state of both the fields that are asked for or printed from there on."""
        return tuple(map(self._live_in, self._automata))

    def _live_in(self, automaton: Automaton) -> list[frozenset[GrammarPath]]:
        states = automaton.states
        named = [
            frozenset(path for step in state.steps for path in self._domains.named(step.actions, _values(step)))
            | frozenset(path for accept in state.accept for path in self._domains.named(accept, ()))
            for state in states
        ]
        live = list(named)
        changed = True
        while changed:
            changed = False
            for number in range(len(states) - 1, -1, -1):
                found = live[number].union(*(live[step.target] for step in states[number].steps))
                if found != live[number]:
                    live[number], changed = found, True
        return live

    def _common(self, one: Step, other: Step) -> str | None:
        """Return words that both steps read, or None where there are none."""
        if one is other or self._reads_the_same(one, other):
            return ""
        if _surely_apart(one, other) or _surely_apart(other, one):
            return None
        key = (self._reader(one), self._reader(other))
        if key not in self._met:
            try:
                found = next(in_common(*key), None)
            except GivenUpError:
                found = ""
            self._met[key] = self._met[key[1], key[0]] = found
        return self._met[key]

    def _reader(self, step: Step) -> Reader:
        key = (id(step.pattern), id(step.fences) if step.fences.active else 0)
        if key not in self._readers:
            self._readers[key] = Reader(step.pattern, step.fences)
        return self._readers[key]

    def _replayed(self, found: tuple[_Pair, tuple[Asserts, Asserts]]) -> Ambiguity:
        """Return a candidate with the decisions that its letter reads as."""
        pair, assumed = found
        way: list[_Came] = []
        while pair in self._came:
            way.append(self._came[pair])
            pair = way[-1].before
        way.reverse()
        parting = next((each for each in way if not self._is_one_step(*each.steps)), None)
        if parting is None:
            assumed = next((each.assumed for each in way if each.assumed[0] != each.assumed[1]), assumed)
        best = Ambiguity((), (), None, "")
        for number in range(2):
            plain = [_words(each, number) for each in way]
            for chosen in (plain, *self._as_printed(way, plain)):
                blocks = tuple(chosen)
                data = self._readings(blocks)
                words = blocks[way.index(parting)] if parting is not None else ""
                best = Ambiguity(blocks, data, parting.steps if parting else None, words, assumed)
                if len(data) > 1:
                    return best
        return best

    def _as_printed(self, way: Sequence[_Came], plain: Sequence[str]) -> Iterator[list[str]]:
        """Yield the blocks of two families with one in words that either of them prints, which the other reads too."""
        for at, came in enumerate(way if self._between else ()):
            one, other = came.steps
            if one.pattern is not None and other.pattern is not None and not self._is_one_step(one, other):
                for text in (*examples(one.pattern.alternative), *examples(other.pattern.alternative)):
                    if one.pattern.match(text) and other.pattern.match(text):
                        yield [*plain[:at], text, *plain[at + 1 :]]

    def _readings(self, blocks: Sequence[str]) -> tuple[dict[str, object], ...]:
        """Return the decisions that a letter reads as; where it is of two families, one of each, if they differ."""
        one, other = self._automata
        if not self._between:
            return tuple(_data(one, blocks))
        left, right = _data(one, blocks), _data(other, blocks)
        return next(((first, second) for first, second in product(left, right) if first != second), ())


def _data(automaton: Automaton, blocks: Sequence[str]) -> list[dict[str, object]]:
    """Return the data of every sound reading of a letter."""
    traces = automaton.read(blocks)
    found: list[dict[str, object]] = []
    for trace, prefer in product(() if isinstance(traces, Failure) else traces, (None, 0, 1, 2)):
        readback = read_back(trace, prefer)
        if not readback.faults and readback.data not in found:
            found.append(readback.data)
    return found


def _same_value(one: Step, other: Step) -> bool:
    values = [each.value for each in (one, other)]
    return len({(each.path, each.codec) for each in values if each is not None}) == 1 and None not in values


def _words(came: _Came, number: int) -> str:
    """Return the words of a block that two readings share."""
    one = came.steps[0]
    if came.words:
        return came.words
    if one.pattern is None:
        return "Omega."
    words = ""
    held = dict.fromkeys(condition.path for condition, truth in came.assumed[0] if truth)
    values = {condition.path: condition.value for condition, truth in came.assumed[0] if truth and condition.value}
    for element in one.pattern.elements:
        if isinstance(element, Lit):
            words += element.text
            continue
        plain = element.codec.examples()
        chosen = values.get(element.path) if element.path in held else None
        example = chosen if chosen in plain else plain[number % len(plain)]
        words += element.codec.encode(example).split("\n\n")[0]
    return words


def _values(step: Step) -> Sequence[Val]:
    if step.pattern is None:
        return (step.value,) if step.value is not None else ()
    return step.pattern.values


def _surely_apart(one: Step, other: Step) -> bool:
    """Return whether what one step reads is kept out of the other, or begins otherwise: found without a search."""
    first, second = one.pattern, other.pattern
    if first is None:
        return False
    if second is not None and first.prefix and second.prefix:
        if first.literal and second.literal:
            return first.prefix != second.prefix
        if not (first.prefix.startswith(second.prefix) or second.prefix.startswith(first.prefix)):
            return True
    fences = other.fences
    if first.literal and (first.prefix in fences.whole or (second is not None and not second.match(first.prefix))):
        return True
    return any(first.prefix.startswith(fence) for fence in fences.start) or any(each is first for each in fences.shapes)


def _steady(nodes: Sequence[Node]) -> Iterator[GrammarPath]:
    """Yield the fields of list entries that a loop prints in every turn."""
    for node in nodes:
        if isinstance(node, LoopNode):
            for inner in node.body:
                if isinstance(inner, BlockNode):
                    ways = [{each.path for each in way.elements if isinstance(each, Val)} for way in inner.alternatives]
                    yield from set.intersection(*ways)
            yield from _steady(node.body)
        elif isinstance(node, ChoiceNode):
            for _, body in node.arms:
                yield from _steady(body)
