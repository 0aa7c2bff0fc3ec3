"""Print a decision and keep, for every word, the template line and the statements that printed it.

The same events that the grammar is built from are walked with a decision in hand. Which side of a choice was taken and
how often a loop ran are kept too: that is what coverage counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from imr_letters.engine.checks.counterexample import conditions
from imr_letters.engine.errors import Finding, ImrLettersError
from imr_letters.engine.grammar.nodes import Asserts, Val
from imr_letters.engine.paths import Path, dotted
from imr_letters.engine.template.compiled import AsPrinted, view
from imr_letters.engine.template.events import Event, For, If
from imr_letters.engine.template.markup import BLOCKS, CELLS, Token
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.form import Family
from imr_letters.imr.model import Decision
from imr_letters.wording import Wording

#: A line of a template: its file below templates/ and its number, counted from 1.
Line = tuple[str, int]
#: Which side of a choice was taken, counted from 0, or how often a loop ran.
Way = int | Literal["none", "one", "many"]
#: The number of a choice or loop, counted in the template's order, and the way taken there.
Taken = tuple[int, Way]


@dataclass(frozen=True, slots=True)
class Frame:
    """A statement around words: where it stands, and when its inside is printed."""

    file: str
    line: int
    when: str
    #: The fields that the condition asks.
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a block with the place that printed them; for a value its field, its path and its codec too."""

    text: str
    file: str
    line: int
    frames: tuple[Frame, ...] = ()
    field: str = ""
    path: str = ""
    codec: str = ""


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """A heading, a paragraph or a row, with what printed it piece by piece."""

    role: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter as one version prints it, or why it does not."""

    family: str
    blocks: tuple[PrintedBlock, ...] = ()
    #: Of the markup: what has the same digest needs no second look.
    digest: str = ""
    lines: frozenset[Line] = frozenset()
    taken: frozenset[Taken] = frozenset()
    fault: Finding | None = None


def printed(decision: Decision, wording: Wording, name: str | None = None) -> Printed:
    """Print a decision in the family of that name, or in the one that its own facts tell."""
    house: Family | None = None
    try:
        house = wording.family_of(decision) if name is None else wording.family(name)
        resolved, _ = house.phrases.normal(decision)
    except ImrLettersError as error:
        return Printed(house.name if house else "", fault=error.findings[0])
    return trace(house, resolved)


def trace(house: Family, resolved: Decision) -> Printed:
    """Print a decision whose snippets are words, in a family."""
    seen = view(resolved)
    printer = _Printer(house, seen)
    printer.walk(house.template.events, {}, ())
    printer.close()
    digest = hashlib.sha256(house.template.html(seen).encode()).hexdigest()
    return Printed(house.name, tuple(printer.blocks), digest, frozenset(printer.lines), frozenset(printer.taken))


def statements(events: Sequence[Event], frames: tuple[Frame, ...] = ()) -> Iterator[tuple[Event, tuple[Frame, ...]]]:
    """Yield every event with the statements around it, in the order of the template."""
    for event in events:
        yield event, frames
        if isinstance(event, If):
            for asserts, body in event.arms:
                yield from statements(body, (*frames, _frame(event, asserts)))
        elif isinstance(event, For):
            yield from statements(event.body, (*frames, _turn(event)))


def numbered(house: Family) -> dict[int, int]:
    """Return the number of each choice and loop of a family, by its identity, counted in the template's order."""
    every = [event for event, _ in statements(house.template.events) if isinstance(event, If | For)]
    return {id(event): number for number, event in enumerate(every)}


def when(asserts: Asserts) -> str:
    """Return in words when an arm is taken."""
    return " and ".join(conditions(asserts))


def _frame(event: If, asserts: Asserts) -> Frame:
    paths = tuple(dotted(condition.path) for condition, _ in asserts)
    return Frame(event.origin.file, event.origin.line, when(asserts), paths)


def _turn(event: For) -> Frame:
    return Frame(event.origin.file, event.origin.line, f"for each of {dotted(event.path)}")


class _Printer:
    """Walks the events of a template; the folding of white space is that of `Template.blocks`."""

    def __init__(self, house: Family, seen: Mapping[str, Any]) -> None:
        self._seen = seen
        self._numbers = numbered(house)
        self._role = ""
        self._pieces: list[Piece] = []
        self.blocks: list[PrintedBlock] = []
        self.lines: set[Line] = set()
        self.taken: set[Taken] = set()

    def walk(self, events: Sequence[Event], turns: dict[Path, int], frames: tuple[Frame, ...]) -> None:
        """Print events; `turns` tells the turn of each loop around them."""
        for event in events:
            self.lines.add((event.origin.file, event.origin.line))
            if isinstance(event, Token):
                self._token(event, frames)
            elif isinstance(event, Val):
                self._value(event, turns, frames)
            elif isinstance(event, If):
                arm = next(number for number, (asserts, _) in enumerate(event.arms) if self._holds(asserts, turns))
                asserts, body = event.arms[arm]
                self.taken.add((self._numbers[id(event)], arm))
                self.walk(body, turns, (*frames, _frame(event, asserts)))
            else:
                entries = self._at(event.path, turns) or ()
                count: Way = "many" if len(entries) > 1 else "one" if entries else "none"
                self.taken.add((self._numbers[id(event)], count))
                for turn in range(len(entries)):
                    self.walk(event.body, {**turns, event.path: turn}, (*frames, _turn(event)))

    def close(self) -> None:
        """End the block that is open."""
        while self._pieces and not self._pieces[-1].text.rstrip(" "):
            self._pieces.pop()
        if self._pieces:
            last = self._pieces[-1]
            self._pieces[-1] = _with_text(last, last.text.rstrip(" "))
            self.blocks.append(PrintedBlock(self._role, tuple(self._pieces)))
        self._pieces = []

    def _token(self, token: Token, frames: tuple[Frame, ...]) -> None:
        place = token.origin
        if token.kind == "text":
            self._add(Piece(re.sub(r"\s+", " ", token.value), place.file, place.line, frames))
        elif token.value in BLOCKS:
            self.close()
            self._role = BLOCKS[token.value] if token.kind == "open" else ""
        elif token.value in CELLS:
            self._add(Piece(" ", place.file, place.line, frames))

    def _value(self, value: Val, turns: dict[Path, int], frames: tuple[Frame, ...]) -> None:
        found = self._at(value.path, turns)
        words = found.words if isinstance(found, AsPrinted) else value.codec.encode(found)
        field = _concrete(value.path, turns)
        place = value.origin
        for number, paragraph in enumerate(words.split(PARAGRAPH)):
            if number:
                self.close()
            piece = Piece(paragraph, place.file, place.line, frames, field, dotted(value.path), value.codec.name)
            self._add(piece)

    def _add(self, piece: Piece) -> None:
        text = piece.text
        if not self._role or not self._pieces or self._pieces[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if text and self._role:
            self._pieces.append(_with_text(piece, text))

    def _holds(self, asserts: Asserts, turns: dict[Path, int]) -> bool:
        for condition, truth in asserts:
            found = self._at(condition.path, turns)
            if (found is not None if condition.value is None else found == condition.value) != truth:
                return False
        return True

    def _at(self, path: Path, turns: dict[Path, int]) -> Any:
        found: Any = self._seen
        for index, name in enumerate(path):
            if found is None:
                return None
            found = found[turns[path[:index]]] if name == "*" else found[name]
        return found


def _with_text(piece: Piece, text: str) -> Piece:
    if text == piece.text:
        return piece
    return Piece(text, piece.file, piece.line, piece.frames, piece.field, piece.path, piece.codec)


def _concrete(path: Path, turns: dict[Path, int]) -> str:
    name = ""
    for index, part in enumerate(path):
        name += f"[{turns[path[:index]]}]" if part == "*" else f".{part}" if name else part
    return name
