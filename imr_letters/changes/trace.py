"""Print a decision and keep, for every word, the template line and the statements that printed it.

The same events that the grammar is built from are walked with a decision in hand. Which side of a choice was taken and
how often a loop ran are kept too: that is what coverage counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from imr_letters.engine.checks.counterexample import conditions
from imr_letters.engine.errors import Finding, ImrLettersError
from imr_letters.engine.grammar.nodes import Asserts, Val
from imr_letters.engine.paths import NUMBER, GrammarPath, dotted, entered, named
from imr_letters.engine.template.compiled import view, words_of
from imr_letters.engine.template.events import Event, For, If
from imr_letters.engine.template.markup import BLOCKS, Token, shown
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.form import Family
from imr_letters.imr.model import Decision
from imr_letters.wording import Wording

#: A line of a template: its file below templates/ and its number, counted from 1.
TemplateLine = tuple[str, int]
#: Which side of a choice was taken, counted from 0, or how often a loop ran.
Way = int | Literal["none", "one", "many"]
#: The number of a choice or loop, counted in the template's order, and the way taken there.
Taken = tuple[int, Way]


@dataclass(frozen=True, slots=True)
class Frame:
    """A statement around words: its place, and when its inside is printed."""

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
    lines: frozenset[TemplateLine] = frozenset()
    taken: frozenset[Taken] = frozenset()
    fault: Finding | None = None


def printed(decision: Decision, wording: Wording, name: str | None = None) -> Printed:
    """Print a decision in the family of that name, or in the one that its own facts choose."""
    family: Family | None = None
    try:
        family = wording.family_of(decision) if name is None else wording.family(name)
        resolved, _ = family.phrases.normal(decision)
    except ImrLettersError as error:
        return Printed(family.name if family else "", fault=error.findings[0])
    return trace(family, resolved)


def trace(family: Family, resolved: Decision) -> Printed:
    """Print a decision whose snippets are words, in a family."""
    seen = view(resolved)
    printer = _Printer(family, seen)
    printer.walk(family.template.events, {}, ())
    printer.close()
    digest = hashlib.sha256(family.template.html(seen).encode()).hexdigest()
    return Printed(family.name, tuple(printer.blocks), digest, frozenset(printer.lines), frozenset(printer.taken))


def statements(events: Sequence[Event], frames: tuple[Frame, ...] = ()) -> Iterator[tuple[Event, tuple[Frame, ...]]]:
    """Yield every event with the statements around it, in the order of the template."""
    for event in events:
        yield event, frames
        if isinstance(event, If):
            for asserts, body in event.arms:
                yield from statements(body, (*frames, _frame(event, asserts)))
        elif isinstance(event, For):
            yield from statements(event.body, (*frames, _repeated(event)))


def numbered(family: Family) -> dict[int, int]:
    """Return the number of each choice and loop of a family, by its identity, counted in the template's order."""
    every = [event for event, _ in statements(family.template.events) if isinstance(event, If | For)]
    return {id(event): number for number, event in enumerate(every)}


def when(asserts: Asserts) -> str:
    """Return in words when a side of a choice is taken."""
    return " and ".join(conditions(asserts))


def _frame(event: If, asserts: Asserts) -> Frame:
    paths = tuple(dotted(condition.path) for condition, _ in asserts)
    return Frame(event.origin.file, event.origin.line, when(asserts), paths)


def _repeated(event: For) -> Frame:
    return Frame(event.origin.file, event.origin.line, f"for each of {dotted(event.path)}")


class _Printer:
    """Walks the events of a template; the folding of white space is that of `Template.blocks`."""

    def __init__(self, family: Family, seen: Mapping[str, Any]) -> None:
        self._seen = seen
        self._numbers = numbered(family)
        self._role = ""
        self._pieces: list[Piece] = []
        self.blocks: list[PrintedBlock] = []
        self.lines: set[TemplateLine] = set()
        self.taken: set[Taken] = set()

    def walk(self, events: Sequence[Event], entries: dict[GrammarPath, int], frames: tuple[Frame, ...]) -> None:
        """Print events; `entries` has the entry that each loop around them is at."""
        for event in events:
            self.lines.add((event.origin.file, event.origin.line))
            if isinstance(event, Token):
                self._token(event, frames)
            elif isinstance(event, Val):
                self._value(event, entries, frames)
            elif isinstance(event, If):
                arm = next(number for number, (asserts, _) in enumerate(event.arms) if self._holds(asserts, entries))
                asserts, body = event.arms[arm]
                self.taken.add((self._numbers[id(event)], arm))
                self.walk(body, entries, (*frames, _frame(event, asserts)))
            else:
                length = len(self._at(event.path, entries) or ())
                count: Way = "many" if length > 1 else "one" if length else "none"
                self.taken.add((self._numbers[id(event)], count))
                for index in range(length):
                    self.walk(event.body, {**entries, event.path: index}, (*frames, _repeated(event)))

    def close(self) -> None:
        """End the block that is open."""
        while self._pieces and not self._pieces[-1].text.rstrip(" "):
            self._pieces.pop()
        if self._pieces:
            last = self._pieces[-1]
            self._pieces[-1] = replace(last, text=last.text.rstrip(" "))
            self.blocks.append(PrintedBlock(self._role, tuple(self._pieces)))
        self._pieces = []

    def _token(self, token: Token, frames: tuple[Frame, ...]) -> None:
        words = shown(token)
        if words == "\n":
            self.close()
            self._role = BLOCKS[token.value] if token.kind == "open" else ""
        else:
            self._add(Piece(words, token.origin.file, token.origin.line, frames))

    def _value(self, value: Val, entries: dict[GrammarPath, int], frames: tuple[Frame, ...]) -> None:
        field, path, place = named(value.path, entries), dotted(value.path), value.origin
        if value.path[-1] == NUMBER:  # of an entry: it is no field
            said = str(entries[value.path[:-2]] + 1)
            self._add(Piece(said, place.file, place.line, frames))
            return
        words = words_of(value.codec, self._at(value.path, entries))
        for number, paragraph in enumerate(words.split(PARAGRAPH)):
            if number:
                self.close()
            self._add(Piece(paragraph, place.file, place.line, frames, field, path, value.codec.name))

    def _add(self, piece: Piece) -> None:
        if piece.text.startswith(" ") and (not self._pieces or self._pieces[-1].text.endswith(" ")):
            piece = replace(piece, text=piece.text[1:])
        if piece.text and self._role:
            self._pieces.append(piece)

    def _holds(self, asserts: Asserts, entries: dict[GrammarPath, int]) -> bool:
        return all(condition.holds(self._at(condition.path, entries)) == truth for condition, truth in asserts)

    def _at(self, path: GrammarPath, entries: dict[GrammarPath, int]) -> Any:
        found: Any = self._seen
        for step in entered(path, entries):
            if found is None:
                return None
            found = found[step]
        return found
