"""The parts of a letter's grammar, as they are read off a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from imr_letters.engine.codecs import Codec
from imr_letters.engine.paths import GrammarPath, dotted


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a template. `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"templates/{self.file} line {self.line}"


@dataclass(frozen=True, slots=True)
class Lit:
    """Fixed words."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Val:
    """A value, printed by a codec."""

    path: GrammarPath
    codec: Codec
    origin: Origin


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the decision: a field is present, or has a value of its closed set.

    `derived` computes the value of a field that follows from others: it is held against them and never stored. A
    field that is `optional` may be absent where it has none of its values.
    """

    path: GrammarPath
    value: str | None
    choices: tuple[str, ...] = ()
    derived: Callable[[Mapping[str, Any]], str] | None = field(default=None, compare=False)
    optional: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{dotted(self.path)} is {'present' if self.value is None else self.value}"

    def holds(self, value: object) -> bool:
        """Return whether it holds for the value of its field, None where that is absent."""
        return value is not None if self.value is None else value == self.value


#: Conditions that hold (True) or do not hold (False) where an arm of a choice is taken.
Asserts = tuple[tuple[Condition, bool], ...]


def contradict(asserts: Asserts) -> bool:
    """Tell whether conditions about the same place cannot hold together."""
    held: dict[GrammarPath, str] = {}
    absent: set[GrammarPath] = set()
    present: set[GrammarPath] = set()
    denied: set[tuple[GrammarPath, str]] = set()
    for condition, truth in asserts:
        if condition.value is None:
            (present if truth else absent).add(condition.path)
        elif truth:
            if held.setdefault(condition.path, condition.value) != condition.value:
                return True
        else:
            denied.add((condition.path, condition.value))
    known = present | held.keys()
    return (
        bool(absent & present)
        or any(item in denied for item in held.items())
        or any(path[: len(gone)] == gone for path in known for gone in absent)
    )


@dataclass(frozen=True, slots=True)
class InlineChoice:
    """A choice between words within one block; each arm with what its taking asserts."""

    arms: tuple[tuple[Asserts, tuple[Inline, ...]], ...]
    origin: Origin


Inline = Lit | Val | InlineChoice

#: Roles of a block, by the tag that makes it.
BlockRole = Literal["h1", "h2", "h3", "h4", "h5", "h6", "p", "row"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way a block can be printed: fixed words and values in turn, and what taking it asserts."""

    asserts: Asserts
    elements: tuple[Lit | Val, ...]


@dataclass(frozen=True, slots=True)
class BlockNode:
    """A block: a heading, a paragraph, a table row. An alternative without elements prints no block."""

    role: BlockRole
    alternatives: tuple[Alternative, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class ChoiceNode:
    """A choice between blocks."""

    arms: tuple[tuple[Asserts, tuple[Node, ...]], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class LoopNode:
    """Blocks repeated for each entry of a list."""

    path: GrammarPath
    optional: bool
    body: tuple[Node, ...]
    origin: Origin


Node = BlockNode | ChoiceNode | LoopNode


def shape_of(node: Node) -> object:
    """Return what a node prints and asserts, places in the template aside, so that two can be compared."""
    if isinstance(node, BlockNode):
        return (node.role, *((way.asserts, way_shape(way)) for way in node.alternatives))
    if isinstance(node, ChoiceNode):
        return tuple((asserts, tuple(map(shape_of, body))) for asserts, body in node.arms)
    return (node.path, node.optional, tuple(map(shape_of, node.body)))


def way_shape(way: Alternative) -> object:
    """Return what one way of printing a block prints, places in the template aside."""
    return tuple(
        element.text if isinstance(element, Lit) else (element.path, element.codec) for element in way.elements
    )


@dataclass(slots=True)
class Grammar:
    """The grammar of a letter family."""

    name: str
    nodes: tuple[Node, ...]
    files: tuple[str, ...] = field(default=())
