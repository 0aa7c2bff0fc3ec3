"""Checks on a whole grammar: every field comes back, and what tells two choices apart is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    dotted,
)
from imr_letters.grammar.pattern import is_fence
from imr_letters.grammar.problems import Problems
from imr_letters.model import Decision
from imr_letters.model.fields import fields
from imr_letters.model.parts import Part


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


def check(nodes: Sequence[Node], problems: Problems, file: str) -> None:
    """Note what would be lost or could be read in two ways."""
    if not problems.found:  # a value that was refused is missing for that reason
        _check_required(nodes, problems, file)
    _check_arms(nodes, problems)
    _check_prose(nodes, problems)


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


def _check_required(nodes: Sequence[Node], problems: Problems, file: str) -> None:
    always = _always(nodes)
    sometimes = set(printed_paths(nodes))
    for path in _required(Decision, ()):
        if path in always:
            continue
        message = "is printed only in some letters" if path in sometimes else "is never printed"
        problems.add(
            "field-lost",
            Origin(file, 1),
            f"{dotted(path)} {message}, so it could not be read back",
            f"print it in every letter, such as {{{{ {_as_written(path)} | ... }}}}",
        )


def _as_written(path: Path) -> str:
    return ".".join(("item" if name == "items" else name) for name in path if name != "*")


def _required(part: type[Part], path: Path) -> Iterator[Path]:
    for name, kind in fields(part).items():
        here = (*path, name)
        if kind.optional:
            continue
        if kind.kind == "list" and kind.part is not None:
            yield from _required(kind.part, (*here, "*"))
        elif kind.part is not None:
            yield from _required(kind.part, here)
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
        element.text if isinstance(element, Lit) else (element.path, element.codec.name) for element in way.elements
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
    for after, blocks in _following(list(nodes)):
        for block in blocks:
            for way in block.alternatives:
                first = way.elements[0] if way.elements else None
                if isinstance(first, Val) and first.codec.reach == "prose":
                    problems.add(
                        "prose-adjacent",
                        block.origin,
                        f"{dotted(after.path)} may hold several paragraphs and nothing fixed parts it from "
                        f"{dotted(first.path)}: paragraphs could belong to either",
                        "put a heading or a label between them",
                    )
                elif len(way.elements) == 1 and isinstance(first, Val) and first.codec.reach == "words":
                    problems.add(
                        "prose-adjacent",
                        block.origin,
                        f"{dotted(after.path)} may hold several paragraphs, and the one after it holds nothing but "
                        f"{dotted(first.path)}: its last paragraph could be either",
                        "put a label before it",
                    )
                elif isinstance(first, Lit) and not is_fence(first.text):
                    problems.add(
                        "prose-adjacent",
                        block.origin,
                        f'the words "{first.text}" after {dotted(after.path)} are too short to tell where it ends',
                        "put a heading or a label of at least one word between them",
                    )


def _following(nodes: list[Node]) -> Iterator[tuple[Val, list[BlockNode]]]:
    """Yield every value of several paragraphs with the blocks that can come right after it."""

    def walk(here: Sequence[Node], after: list[BlockNode]) -> Iterator[tuple[Val, list[BlockNode]]]:
        for index, node in enumerate(here):
            following = _first(here[index + 1 :]) + (after if _may_be_empty(here[index + 1 :]) else [])
            if isinstance(node, BlockNode):
                for way in node.alternatives:
                    last = way.elements[-1] if way.elements else None
                    if isinstance(last, Val) and last.codec.reach == "prose":
                        yield last, following
            elif isinstance(node, ChoiceNode):
                for _, body in node.arms:
                    yield from walk(body, following)
            else:
                yield from walk(node.body, _first(node.body) + following)

    yield from walk(nodes, [])


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
