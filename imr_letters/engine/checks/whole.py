"""Checks on a whole grammar: every field comes back, and what tells two choices apart is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from imr_letters.engine.checks.counterexample import (
    Counterexample,
    alike,
    conditions,
    goes_on,
    may_be_empty,
    prints,
    silent_turn,
    value_fact,
)
from imr_letters.engine.checks.overlap import machine, overlap
from imr_letters.engine.checks.totality import check_total
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import (
    Alternative,
    Asserts,
    BlockNode,
    ChoiceNode,
    Lit,
    LoopNode,
    Node,
    Origin,
    Val,
)
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import Automaton, Enter, Step
from imr_letters.engine.matching.pattern import Pattern, examples, is_fence
from imr_letters.engine.paths import GrammarPath, dotted


def check(
    nodes: Sequence[Node], problems: Problems, place: Origin, language: Language, needs: tuple[GrammarPath, ...] = ()
) -> None:
    """Note what would be lost or could be read in two ways."""
    if not problems.found:  # a value that was refused is missing for that reason
        check_total(nodes, problems, place, language, needs)
    _check_turns(nodes, problems)
    if problems.found:  # no automaton is made, and nothing proved: what meets the eye is said at once
        _check_arms(nodes, problems)
        _check_prose(nodes, problems)


def explain(nodes: Sequence[Node], automaton: Automaton, problems: Problems, *, shown: bool) -> None:
    """Say in an editor's words why a letter has two readings: branches, prose, or blocks alike.

    Where that was not `shown` by a letter, say only what is so for certain: branches that no letter shows.
    """
    if not shown:
        _check_arms(nodes, problems, frozenset(_printed(nodes)))
        return
    _check_arms(nodes, problems)
    _check_prose(nodes, problems)
    if not problems.found:
        _check_apart(automaton, problems)


def _check_apart(automaton: Automaton, problems: Problems) -> None:
    """Note blocks that can stand at the same place of a letter and read as each other, with an example."""
    told: set[frozenset[int]] = set()
    for state in automaton.states:
        steps = {id(step.pattern): step for step in reversed(state.steps) if step.pattern is not None}
        for one, other in combinations(reversed(steps.values()), 2):
            pair = frozenset((id(one.pattern), id(other.pattern)))
            words = None if pair in told else _words_of_both(one, other)
            told.add(pair)
            if words is not None:
                _note_overlap(one, other, words, problems)


def _words_of_both(one: Step, other: Step) -> str | None:
    """Return words that both steps read: of plain values where they do, else the shortest there are."""
    assert one.pattern is not None
    assert other.pattern is not None
    plain = [*examples(one.pattern.alternative), *examples(other.pattern.alternative)]
    found = next((text for text in plain if one.pattern.match(text) and other.pattern.match(text)), None)
    if found is not None or not (_goes_with(one.pattern, other.pattern)):
        return found
    words = overlap(machine(one.pattern.alternative), machine(other.pattern.alternative))
    # Words that the form keeps out of a value, or that no value is printed with, are no reading.
    return words if words and _can_print(one.pattern, words) and _can_print(other.pattern, words) else None


def _can_print(pattern: Pattern, words: str) -> bool:
    return any(
        all(prints(value.codec, text) for value, text in zip(pattern.values, reading, strict=True))
        for reading in pattern.match(words)[:1]
    )


def _note_overlap(one: Step, other: Step, words: str, problems: Problems) -> None:
    assert one.pattern is not None
    assert other.pattern is not None
    there, here = sorted(
        (step.pattern.elements[0].origin for step in (one, other) if step.pattern), key=lambda place: place.line
    )
    if one.pattern.is_beside(other.pattern):
        message = "two ways of printing this block can print the same words"
    elif here == there:
        message = "this block can print the same words as another one on this line"
    else:
        file = "" if here.file == there.file else f" of templates/{there.file}"
        message = f"this block can print the same words as the one on line {there.line}{file}"
    remedy = "begin or end the one of them with other words of the form"
    one_turn, other_turn = (
        tuple(f"one more of {dotted(each.path)}" for each in step.actions.loops if isinstance(each, Enter))
        for step in (one, other)
    )
    turns = ((), ()) if one_turn == other_turn else (one_turn, other_turn)
    told = Counterexample((words,), (*turns[0], *_reading(one, words)), (*turns[1], *_reading(other, words)))
    problems.add("arms-overlap", here, message, remedy, example=told)


def _reading(step: Step, words: str) -> tuple[str, ...]:
    """Say what a block means, read by a step."""
    assert step.pattern is not None
    values = step.pattern.match(words)[0]
    held = [each for segment in (step.actions.held[0] if step.actions.held else ()) for each in segment]
    said = (value_fact(value.path, text) for value, text in zip(step.pattern.values, values, strict=True))
    return (*said, *conditions(tuple(held), step.pattern.elements))


def _goes_with(one: Pattern, other: Pattern) -> bool:
    """Tell whether the fixed words at the start of one pattern may be those of another."""
    return one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)


def _shape(nodes: Sequence[Node]) -> object:
    """Return what nodes print, places aside, so that two can be compared."""
    shape: list[object] = []
    for node in nodes:
        if isinstance(node, BlockNode):
            shape.append(tuple(_way(way) for way in node.alternatives))
        elif isinstance(node, ChoiceNode):
            shape.append(tuple(_shape(body) for _, body in node.arms))
        else:
            shape.append((node.path, _shape(node.body)))
    return tuple(shape)


def _way(way: Alternative) -> object:
    return tuple(
        element.text if isinstance(element, Lit) else (element.path, element.codec) for element in way.elements
    )


def _check_turns(nodes: Sequence[Node], problems: Problems) -> None:
    for node in nodes:
        if isinstance(node, ChoiceNode):
            for _, body in node.arms:
                _check_turns(body, problems)
        elif isinstance(node, LoopNode):
            _check_turns(node.body, problems)
            if may_be_empty(node.body):
                problems.add(
                    "loop",
                    node.origin,
                    f"a turn of this loop may print nothing, so nobody could count {dotted(node.path)}",
                    "print something in every turn",
                    example=silent_turn(node),
                )


def _printed(nodes: Sequence[Node]) -> Iterator[GrammarPath]:
    """Yield the paths of the values that are printed, and of all they are in."""
    for node in nodes:
        if isinstance(node, BlockNode):
            values = [each for way in node.alternatives for each in way.elements if isinstance(each, Val)]
            yield from (value.path[:cut] for value in values for cut in range(1, len(value.path) + 1))
        else:
            for body in [body for _, body in node.arms] if isinstance(node, ChoiceNode) else [node.body]:
                yield from _printed(body)


def _check_arms(nodes: Sequence[Node], problems: Problems, but_for: Collection[GrammarPath] = frozenset()) -> None:
    """Note arms that print the same, `but_for` those that differ in fields which are printed."""
    for node in nodes:
        if isinstance(node, ChoiceNode):
            for _, body in node.arms:
                _check_arms(body, problems, but_for)
            arms = [(asserts, _shape(body), body) for asserts, body in node.arms]
            _check_alike(arms, node.origin, problems, but_for)
        elif isinstance(node, LoopNode):
            _check_arms(node.body, problems, but_for)
        else:
            ways = [
                (way.asserts, _way(way), (replace(node, alternatives=(replace(way, asserts=()),)),))
                for way in node.alternatives
            ]
            _check_alike(ways, node.origin, problems, but_for)


def _check_alike(
    arms: Sequence[tuple[Asserts, object, Sequence[Node]]],
    origin: Origin,
    problems: Problems,
    but_for: Collection[GrammarPath],
) -> None:
    """Note two arms that print the same: each is given with its conditions, its shape, and its nodes."""
    for number, (asserts, shape, body) in enumerate(arms):
        twin = next(((others, nodes) for others, same, nodes in arms[:number] if same == shape), None)
        if twin is not None:
            condition = next(condition for condition, truth in twin[0] if (condition, not truth) in asserts)
            if condition.path in but_for:
                continue
            problems.add(
                "arms-alike",
                origin,
                f"two arms of a choice print the same: a letter could not tell whether {condition}",
                "print something different in each arm, or leave the choice out",
                example=alike(twin, (asserts, body)),
            )
            return


def _check_prose(nodes: Sequence[Node], problems: Problems) -> None:
    """Prose of several paragraphs is followed by something fixed, or nobody can tell where it ends."""
    for prose, held, blocks in _following(list(nodes)):
        for block, after in blocks:
            for way in block.alternatives:
                first = way.elements[0] if way.elements else None
                if isinstance(first, Val):
                    if first.codec.reach == "prose" or not _anchored(after, blocks):
                        problems.add(
                            "prose-adjacent", block.origin, *_unparted(prose, first), example=goes_on(prose, held, way)
                        )
                elif isinstance(first, Lit) and not is_fence(first.text):
                    problems.add(
                        "prose-adjacent",
                        block.origin,
                        f'"{first.text.strip()}" after {dotted(prose.path)} is too short to tell where it ends',
                        "put a heading or a label with a word of at least three letters between them",
                        example=goes_on(prose, held, way),
                    )


def _unparted(prose: Val, first: Val) -> tuple[str, str]:
    message = (
        f"{dotted(prose.path)} may hold several paragraphs, and the paragraph after it begins with "
        f"{dotted(first.path)}: nobody can tell where the one ends and the other begins"
    )
    return message, "put a heading or a label of the form before it, or one right after it in every letter"


_Follower = tuple[BlockNode, list[BlockNode]]


def _anchored(after: list[BlockNode], beside: list[_Follower]) -> bool:
    """Tell whether a block without fixed words at its start is told by the fixed words of what always follows it.

    What follows must begin with fixed words, and may not follow the prose itself: the block is the one before it.
    """
    direct = {id(each) for each, _ in beside}
    return bool(after) and all(
        id(each) not in direct
        and all(
            way.elements and isinstance(way.elements[0], Lit) and is_fence(way.elements[0].text)
            for way in each.alternatives
        )
        for each in after
    )


def _following(nodes: list[Node]) -> Iterator[tuple[Val, Asserts, list[_Follower]]]:
    """Yield every value of several paragraphs with its conditions and the blocks that can come right after it.

    With each block stands what follows it. What follows a block with which a letter may end is empty.
    """
    after: dict[int, tuple[BlockNode, list[BlockNode], bool]] = {}

    def walk(here: Sequence[Node], rest: list[BlockNode], may_end: bool) -> None:
        for index, node in enumerate(here):
            empty = may_be_empty(here[index + 1 :])
            following = _first(here[index + 1 :]) + (rest if empty else [])
            ends = may_end and empty
            if isinstance(node, BlockNode):
                after[id(node)] = (node, following, ends)
            elif isinstance(node, ChoiceNode):
                for _, body in node.arms:
                    walk(body, following, ends)
            else:
                walk(node.body, _first(node.body) + following, ends)

    walk(nodes, [], may_end=True)
    for node, following, _ in after.values():
        for way in node.alternatives:
            last = way.elements[-1] if way.elements else None
            if isinstance(last, Val) and last.codec.reach == "prose":
                yield (
                    last,
                    way.asserts,
                    [(each, [] if after[id(each)][2] else after[id(each)][1]) for each in following],
                )


def _first(nodes: Sequence[Node]) -> list[BlockNode]:
    found: list[BlockNode] = []
    for node in nodes:
        if isinstance(node, BlockNode):
            found.append(node)
        elif isinstance(node, ChoiceNode):
            found += [block for _, body in node.arms for block in _first(body)]
        else:
            found += _first(node.body)
        if not may_be_empty([node]):
            break
    return found
