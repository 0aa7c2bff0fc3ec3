"""The letter: blocks of words, each with a role. It knows no medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from imr_letters.engine.errors import Finding, Severity, excerpt
from imr_letters.engine.grammar.nodes import BlockRole
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.matching.readback import Place

if TYPE_CHECKING:  # what reads a PDF from outside, in a process of its own, does without the models
    from imr_letters.engine.values import Part

D = TypeVar("D", bound="Part")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a table row: its role and its words in normal form."""

    role: BlockRole
    text: str


@dataclass(frozen=True, slots=True)
class Letter(Generic[D]):
    """A finished letter of a family: its blocks in order, and where each value of the decision stands in them."""

    family: str
    decision: D
    blocks: tuple[Block, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """A place in what was read: line and column counted from 1, the line's text, the offset of the place in it.

    Where `page` is known, the line is counted on that page.
    """

    line: int | None
    column: int | None
    text: str
    offset: int
    page: int | None = None

    def source(self, name: str) -> str:
        """Return the name of the source with the page, for messages."""
        return f"{name} page {self.page}".strip() if self.page else name


class Source(Protocol):
    """What a medium's reader hands to the parser."""

    @property
    def name(self) -> str:
        """The name of the file, for messages."""

    @property
    def blocks(self) -> Sequence[str]:
        """The words of the blocks, in normal form."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was noticed and what was guessed while reading."""

    @property
    def certain(self) -> bool:
        """Whether the layout leaves no doubt where blocks begin and end."""

    @property
    def page_breaks(self) -> Sequence[tuple[int, int]]:
        """Where pages begin after the first, as block and offset."""

    def where(self, block: int, offset: int) -> Where:
        """Return the place in the source of an offset in a block."""

    def recovered(self, automaton: Automaton) -> Source | None:
        """Return the blocks as a family's grammar suggests them, where the layout alone does not tell them."""


def finding_at(
    source: Source,
    block: int,
    start: int = 0,
    length: int = 1,
    *,
    code: str,
    message: str,
    severity: Severity = "error",
    field: str = "",
    template: str = "",
    remedy: str = "",
) -> Finding:
    """Return a finding about words of a block, at their place in what was read."""
    return finding_in(
        source.where(block, start),
        source.name,
        length,
        code=code,
        message=message,
        severity=severity,
        field=field,
        template=template,
        remedy=remedy,
    )


def finding_in(
    where: Where,
    name: str,
    length: int = 1,
    *,
    code: str,
    message: str,
    severity: Severity = "error",
    field: str = "",
    template: str = "",
    remedy: str = "",
) -> Finding:
    """Return a finding about so many characters at a place in the source of that name."""
    line, mark = excerpt(where.text, where.offset, length) if where.text else ("", None)
    return Finding(
        code,
        severity,
        message,
        source=where.source(name),
        line=where.line,
        column=where.column,
        excerpt=line,
        mark=mark,
        field=field,
        template=template,
        remedy=remedy,
    )
