"""Match a whole letter: an automaton over its blocks that finds every reading.

A state is a place in the grammar; a step reads one block by one pattern, or one more paragraph of the prose before
it. The readings are counted in one pass over the blocks, so the time grows with the letter's length and no faster.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imr_letters.engine.grammar.nodes import (
    Asserts,
    BlockNode,
    ChoiceNode,
    Lit,
    Node,
    Val,
    contradict,
    shape_of,
    way_shape,
)
from imr_letters.engine.matching.fences import Fences
from imr_letters.engine.matching.pattern import Pattern, is_fence
from imr_letters.engine.paths import GrammarPath

#: Readings that are told apart. Most of them are impossible (the conditions of choices that print nothing contradict
#: the values), which shows only when they are turned into data; of the others, the second is one too many.
MOST_READINGS = 64


@dataclass(frozen=True, slots=True)
class Enter:
    """A loop's next turn begins."""

    path: GrammarPath


@dataclass(frozen=True, slots=True)
class Begin:
    """A loop's first turn is about to begin, or the loop has none."""

    path: GrammarPath


#: What happens to loops between two blocks.
Loop = Begin | Enter
#: What happens on one way between two blocks.
Action = Loop | Asserts


@dataclass(frozen=True, slots=True)
class Actions:
    """What happens between two blocks: loops begin and enter turns, and one of several sets of conditions holds.

    Each of `held` gives the conditions before, between and after the `loops`. Without any, nothing is asserted.
    """

    loops: tuple[Loop, ...] = ()
    held: tuple[tuple[Asserts, ...], ...] = ()


@dataclass(slots=True)
class Step:
    """Reads one block and goes on to `target`; `actions` happen first. Without a pattern it continues prose."""

    actions: Actions
    pattern: Pattern | None
    value: Val | None
    target: int
    fences: Fences


@dataclass(slots=True)
class State:
    """A place in the grammar."""

    steps: list[Step] = field(default_factory=list)
    #: The actions with which the letter may end here; none where it may not.
    accept: tuple[Actions, ...] = ()
    #: The prose that may go on here, and the words it may not begin a paragraph with.
    prose: Val | None = None
    fences: Fences = field(default_factory=Fences)


@dataclass(slots=True)
class Cell:
    """How a state was reached: the ways that lead to it, at most `MOST_READINGS`."""

    ways: list[tuple[Cell, Step, tuple[str, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class Failure:
    """Where no reading goes on: the index of the block (the number of blocks where the letter ends too early)."""

    block: int
    states: list[int]


@dataclass(frozen=True, slots=True)
class Trace:
    """One reading of a letter: for each block the step that read it and the words of its values."""

    steps: tuple[tuple[Step, tuple[str, ...]], ...]
    end: Actions


class Automaton:
    """The compiled grammar of a letter family."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.states = _compile(nodes)

    def begins(self, blocks: Sequence[str]) -> bool:
        """Return whether the first block is one that a letter may begin with."""
        read = self.read(blocks[:1])
        return not isinstance(read, Failure) or read.block > 0

    def read(self, blocks: Sequence[str]) -> list[Trace] | Failure:
        """Return every reading of the blocks (at most `MOST_READINGS`), or where reading stops."""
        active: dict[int, Cell] = {0: Cell()}
        states = self.states
        for index, block in enumerate(blocks):
            following: dict[int, Cell] = {}
            for number, cell in active.items():
                for step in states[number].steps:
                    pattern = step.pattern
                    if pattern is not None and not block.startswith(pattern.prefix):
                        continue
                    for words in _match(step, block):
                        reached = following.get(step.target)
                        if reached is None:
                            reached = following[step.target] = Cell()
                        if len(reached.ways) < MOST_READINGS:
                            reached.ways.append((cell, step, words))
            if not following:
                return Failure(index, list(active))
            active = following
        ends = [(cell, accept) for number, cell in active.items() for accept in self.states[number].accept]
        if not ends:
            return Failure(len(blocks), list(active))
        traces: list[Trace] = []
        for cell, accept in ends:
            for steps in _unwind(cell, len(blocks)):
                traces.append(Trace(steps, accept))
                if len(traces) == MOST_READINGS:
                    return traces
        return traces


def _match(step: Step, block: str) -> list[tuple[str, ...]]:
    if step.pattern is None:
        return [] if step.fences.hit(block) else [(block,)]
    readings = step.pattern.match(block)
    if readings and step.fences.active and step.fences.hit(block):
        return []
    return readings


def _unwind(cell: Cell, length: int) -> Iterator[tuple[tuple[Step, tuple[str, ...]], ...]]:
    """Yield the steps of every way to a cell; iterative, so that a letter may be as long as it likes."""
    choices: list[tuple[Cell, int]] = []  # the cell and which of its ways is followed, from the end to the start
    here = cell
    while True:
        while here.ways:
            choices.append((here, 0))
            here = here.ways[0][0]
        yield tuple(reversed([(at.ways[way][1], at.ways[way][2]) for at, way in choices]))
        assert len(choices) == length
        while choices and choices[-1][1] + 1 == len(choices[-1][0].ways):
            choices.pop()
        if not choices:
            return
        at, way = choices.pop()
        choices.append((at, way + 1))
        here = at.ways[way + 1][0]


class _Draft:
    """An automaton with steps that read nothing, before they are closed over."""

    def __init__(self) -> None:
        self.empty: list[list[tuple[tuple[Action, ...], int]]] = []
        self.reading: list[list[tuple[Pattern | None, Val | None, int]]] = []
        self.prose: dict[int, Val] = {}

    def state(self) -> int:
        self.empty.append([])
        self.reading.append([])
        return len(self.empty) - 1

    def add(self, nodes: Sequence[Node], here: int) -> int:
        """Append nodes after a state and return the state after them."""
        for node in nodes:
            after = self.state()
            if isinstance(node, BlockNode):
                self._add_block(node, here, after)
            elif isinstance(node, ChoiceNode):
                alike: dict[object, int] = {}
                for asserts, arm in node.arms:
                    shape = tuple(map(shape_of, arm))
                    first = alike.get(shape)
                    if first is None:
                        first = alike[shape] = self.state()
                        self.empty[self.add(arm, first)].append(((), after))
                    self.empty[here].append(((asserts,), first))
            else:
                turn, again = self.state(), self.state()
                begin = Begin(node.path)
                self.empty[here].append(((begin, Enter(node.path)), turn))
                last = self.add(node.body, turn)
                self.empty[last].append(((), again))
                self.empty[again].append(((Enter(node.path),), turn))
                self.empty[again].append(((), after))
                if node.optional:
                    self.empty[here].append(((begin,), after))
            here = after
        return here

    def _add_block(self, node: BlockNode, here: int, after: int) -> None:
        inside = fences_inside(node)
        alike: dict[object, int] = {}
        for alternative in node.alternatives:
            shape = way_shape(alternative)
            first = alike.get(shape)
            known = first is not None
            if first is None:
                first = alike[shape] = self.state() if alternative.asserts else here
            if first != here:
                self.empty[here].append(((alternative.asserts,), first))
            if known:
                continue
            if not alternative.elements:
                self.empty[first].append(((), after))
                continue
            pattern = Pattern(alternative, inside, node.role)
            if pattern.prose is None:
                self.reading[first].append((pattern, None, after))
            else:
                going_on = self.state()
                self.reading[first].append((pattern, None, going_on))
                self.reading[going_on].append((None, pattern.prose, going_on))
                self.empty[going_on].append(((), after))
                self.prose[going_on] = pattern.prose


def fences_inside(node: BlockNode) -> Fences:
    """Return the fixed words that no value of words may hold in a block, however it is printed."""
    return Fences(
        inside=[
            element.text
            for alternative in node.alternatives
            for element in alternative.elements[1:]
            if isinstance(element, Lit) and is_fence(element.text)
        ]
    )


def _compile(nodes: tuple[Node, ...]) -> list[State]:
    draft = _Draft()
    start = draft.state()
    end = draft.add(nodes, start)
    states = [State() for _ in draft.empty]
    for number, state in enumerate(states):
        state.steps, state.accept = _joined(draft, number, end)
    _keep_apart(states)
    everything = [step.pattern for state in states for step in state.steps if step.pattern is not None]
    fenced = [pattern for pattern in everything if is_fence(pattern.prefix)]
    start_words = [pattern.prefix for pattern in fenced if not pattern.literal]
    whole_words = [pattern.prefix for pattern in fenced if pattern.literal]
    for number, value in draft.prose.items():
        state = states[number]
        state.prose = value
        # What can come right after the prose without fixed words at its start, such as a title that ends in a word of
        # a closed set: a paragraph of that form is never prose.
        shapes = [step.pattern for step in state.steps if step.pattern is not None and step.pattern.has_form]
        state.fences = Fences(start=start_words, whole=whole_words, shapes=shapes)
        for each in states:
            for step in each.steps:
                # Prose that begins a block, or goes on in one, may not look like a part of the form.
                begins = step.pattern is not None and step.pattern.prose is value and not step.pattern.prefix
                if step.target == number and (begins or step.pattern is None):
                    step.fences = state.fences
    return states


def _joined(draft: _Draft, number: int, end: int) -> tuple[list[Step], tuple[Actions, ...]]:
    """Return the steps from a state, and how the letter may end there; ways that differ in conditions only are one."""
    reading: dict[tuple[int, int, tuple[Loop, ...]], list[tuple[Asserts, ...]]] = {}
    ending: dict[tuple[Loop, ...], list[tuple[Asserts, ...]]] = {}
    for actions, reached in _closure(draft, number):
        loops, held = _split(actions)
        for index in range(len(draft.reading[reached])):
            reading.setdefault((reached, index, loops), []).append(held)
        if reached == end:
            ending.setdefault(loops, []).append(held)
    steps = []
    for (reached, index, loops), ways in reading.items():
        pattern, value, target = draft.reading[reached][index]
        steps.append(Step(_actions(loops, ways), pattern, value, target, Fences()))
    return steps, tuple(_actions(loops, ways) for loops, ways in ending.items())


def _split(actions: tuple[Action, ...]) -> tuple[tuple[Loop, ...], tuple[Asserts, ...]]:
    """Return what happens to loops, and the conditions before, between and after it."""
    loops: list[Loop] = []
    held: list[Asserts] = [()]
    for action in actions:
        if isinstance(action, tuple):
            held[-1] = (*held[-1], *action)
        else:
            loops.append(action)
            held.append(())
    return tuple(loops), tuple(held)


def _actions(loops: tuple[Loop, ...], ways: list[tuple[Asserts, ...]]) -> Actions:
    free = any(not any(way) for way in ways)
    return Actions(loops, () if free else tuple(dict.fromkeys(ways)))


def _keep_apart(states: list[State]) -> None:
    """Where one block's fixed words begin another's, a value may not stand for the rest of them.

    "Denied: not: x" is the arm "Denied: not: ", never the arm "Denied: " with the value "not: x"; and where a block
    that is all value may stand in place of another that begins with fixed words, the value may not begin with them.
    """
    for state in states:
        patterns = [step.pattern for step in state.steps if step.pattern is not None]
        for pattern in patterns:
            rests = [
                other.prefix.removeprefix(pattern.prefix)
                for other in patterns
                if (pattern.prefix or (pattern.takes_any and not pattern.is_beside(other)))
                and other.prefix != pattern.prefix
                and other.prefix.startswith(pattern.prefix)
            ]
            if pattern.values and pattern.elements[-1] is not None and rests:
                pattern.forbid_at_start([rest for rest in rests if is_fence(rest)])


#: More ways than this from one block to the next are refused: such a template cannot be understood.
MOST_WAYS = 2_000


def _closure(draft: _Draft, number: int) -> list[tuple[tuple[Action, ...], int]]:
    """Return every state that is reached without reading a block, and the actions on the way.

    Ways on which conditions contradict each other are left out. Raises `OverflowError` for too many ways.
    """
    found: list[tuple[tuple[Action, ...], int]] = []
    waiting: deque[tuple[tuple[Action, ...], int, frozenset[int]]] = deque([((), number, frozenset())])
    while waiting:
        actions, here, passed = waiting.popleft()
        if here in passed:
            continue
        found.append((actions, here))
        if len(found) > MOST_WAYS:
            raise OverflowError
        for more, target in draft.empty[here]:
            together = (*actions, *more)
            if not _impossible(together):
                waiting.append((together, target, passed | {here}))
    return found


def _impossible(actions: tuple[Action, ...]) -> bool:
    """Tell whether conditions contradict each other within the same turns of their loops."""
    held: Asserts = ()
    for action in actions:
        if isinstance(action, tuple):
            held = (*held, *action)
            if contradict(held):
                return True
        elif isinstance(action, Enter):
            turn = (*action.path, "*")
            held = tuple((condition, truth) for condition, truth in held if condition.path[: len(turn)] != turn)
    return False
