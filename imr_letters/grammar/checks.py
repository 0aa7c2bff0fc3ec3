"""Checks on a whole grammar: every field comes back, and what tells two choices apart is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_letters.grammar.automaton import Automaton
from imr_letters.grammar.nodes import (
    Alternative,
    Asserts,
    BlockNode,
    ChoiceNode,
    Lit,
    LoopNode,
    Node,
    Origin,
    Path,
    Val,
    as_written,
    dotted,
)
from imr_letters.grammar.pattern import examples, is_fence
from imr_letters.grammar.problems import Problems
from imr_letters.model.fields import WHOLE, FieldType


def printed_paths(nodes: Sequence[Node]) -> Iterator[Path]:
    """Yield the paths that a grammar prints somewhere, or tells by a choice."""
    for node in nodes:
        if isinstance(node, BlockNode):
            for alternative in node.alternatives:
                yield from _told(alternative)
        elif isinstance(node, ChoiceNode):
            for asserts, body in node.arms:
                yield from _asserted(asserts)
                yield from printed_paths(body)
        else:
            yield from printed_paths(node.body)


def check(nodes: Sequence[Node], problems: Problems, place: Origin, root: FieldType = WHOLE) -> None:
    """Note what would be lost or could be read in two ways."""
    if not problems.found:  # a value that was refused is missing for that reason
        _check_required(nodes, problems, place, root)
    _check_arms(nodes, problems)
    _check_prose(nodes, problems)


def check_apart(automaton: Automaton, problems: Problems) -> None:
    """Note blocks that can stand at the same place of a letter and read as each other, with an example."""
    for state in automaton.states:
        patterns = list({id(step.pattern): step.pattern for step in state.steps if step.pattern is not None}.values())
        for pattern in patterns:
            for other in patterns:
                if other is pattern:
                    continue
                example = next((text for text in examples(pattern.alternative) if other.match(text)), None)
                if example is not None:
                    problems.add(
                        "arms-overlap",
                        other.elements[0].origin,
                        f"this block can print the same words as the one on line {pattern.elements[0].origin.line}: "
                        f'"{example[:70]}" would read as either',
                        "begin or end the one of them with other words of the form",
                    )


def _told(alternative: Alternative) -> Iterator[Path]:
    yield from (element.path for element in alternative.elements if isinstance(element, Val))
    yield from _asserted(alternative.asserts)


def _asserted(asserts: Asserts) -> Iterator[Path]:
    for condition, truth in asserts:
        if condition.value is not None and (truth or len(condition.choices) == 2):
            yield condition.path


def _absent(asserts: Asserts) -> set[Path]:
    return {condition.path for condition, truth in asserts if condition.value is None and not truth}


def _always(nodes: Sequence[Node]) -> set[Path]:
    """Return the paths that are told whichever arms are taken; a path that is absent counts as told."""
    told: set[Path] = set()
    for node in nodes:
        if isinstance(node, BlockNode):
            ways = [set(_told(way)) | _absent(way.asserts) for way in node.alternatives]
            told |= _common(ways)
        elif isinstance(node, ChoiceNode):
            told |= _common([_always(body) | set(_asserted(asserts)) | _absent(asserts) for asserts, body in node.arms])
        else:
            told |= _always(node.body)
    return told


def _common(ways: list[set[Path]]) -> set[Path]:
    """Return what every way tells; below a path that one way tells to be absent, that way tells everything."""
    everything = set().union(*ways)
    return {path for path in everything if all(path in way or any(path[: len(up)] == up for up in way) for way in ways)}


def _check_required(nodes: Sequence[Node], problems: Problems, place: Origin, root: FieldType) -> None:
    always = _always(nodes)
    sometimes = set(printed_paths(nodes))
    for path in _required(root, (), sometimes):
        if path in always:
            continue
        message = "is printed only in some letters" if path in sometimes else "is never printed"
        problems.add(
            "field-lost",
            place,
            f"{dotted(path)} {message}, so it could not be read back",
            f"print it in every letter, such as {{{{ {as_written(path)} | ... }}}}",
        )


def _required(group: FieldType, path: Path, printed: set[Path]) -> Iterator[Path]:
    """Yield the fields that must come back; those of a group that may be absent only where some of it is printed."""
    for name, kind in group.fields().items():
        here = (*path, name)
        some = kind.kind in ("part", "list") and any(each[: len(here)] == here for each in printed)
        if kind.optional and not some:
            continue
        if kind.kind == "list":
            yield from _required(kind, (*here, "*"), printed)
        elif kind.kind == "part":
            yield from _required(kind, here, printed)
        else:
            yield here


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


def _check_arms(nodes: Sequence[Node], problems: Problems) -> None:
    for node in nodes:
        if isinstance(node, ChoiceNode):
            for _, body in node.arms:
                _check_arms(body, problems)
            shapes = [_shape(body) for _, body in node.arms]
            if len(set(shapes)) < len(shapes):
                _same(node.origin, node.arms[0][0], problems)
        elif isinstance(node, LoopNode):
            _check_arms(node.body, problems)
            if _may_be_empty(node.body):
                problems.add(
                    "loop",
                    node.origin,
                    f"a turn of this loop may print nothing, so nobody could count {dotted(node.path)}",
                    "print something in every turn",
                )
        elif len({_way(way) for way in node.alternatives}) < len(node.alternatives):
            twice = next(way for way in node.alternatives if way.asserts)
            _same(node.origin, twice.asserts, problems)


def _same(origin: Origin, asserts: Asserts, problems: Problems) -> None:
    condition = asserts[-1][0]
    problems.add(
        "arms-alike",
        origin,
        f"two arms of a choice print the same: a letter could not tell whether {condition}",
        "print something different in each arm, or leave the choice out",
    )


def _check_prose(nodes: Sequence[Node], problems: Problems) -> None:
    """Prose of several paragraphs is followed by something fixed, or nobody can tell where it ends."""
    for prose, blocks in _following(list(nodes)):
        for block, after in blocks:
            for way in block.alternatives:
                first = way.elements[0] if way.elements else None
                if isinstance(first, Val):
                    if first.codec.reach == "prose" or not _anchored(after, blocks):
                        problems.add("prose-adjacent", block.origin, *_unparted(prose, first))
                elif isinstance(first, Lit) and not is_fence(first.text):
                    problems.add(
                        "prose-adjacent",
                        block.origin,
                        f'"{first.text.strip()}" after {dotted(prose.path)} is too short to tell where it ends',
                        "put a heading or a label with a word of at least three letters between them",
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


def _following(nodes: list[Node]) -> Iterator[tuple[Val, list[_Follower]]]:
    """Yield every value of several paragraphs with the blocks that can come right after it, and what follows those.

    What follows a block with which a letter may end is empty.
    """
    after: dict[int, tuple[BlockNode, list[BlockNode], bool]] = {}

    def walk(here: Sequence[Node], rest: list[BlockNode], may_end: bool) -> None:
        for index, node in enumerate(here):
            empty = _may_be_empty(here[index + 1 :])
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
                yield last, [(each, [] if after[id(each)][2] else after[id(each)][1]) for each in following]


def _first(nodes: Sequence[Node]) -> list[BlockNode]:
    found: list[BlockNode] = []
    for node in nodes:
        if isinstance(node, BlockNode):
            found.append(node)
        elif isinstance(node, ChoiceNode):
            found += [block for _, body in node.arms for block in _first(body)]
        else:
            found += _first(node.body)
        if not _may_be_empty([node]):
            break
    return found


def _may_be_empty(nodes: Sequence[Node]) -> bool:
    return all(
        any(not way.elements for way in node.alternatives)
        if isinstance(node, BlockNode)
        else any(_may_be_empty(body) for _, body in node.arms)
        if isinstance(node, ChoiceNode)
        else node.optional or _may_be_empty(node.body)
        for node in nodes
    )
