"""One letter in two versions: what differs, why, and whether the old one still reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from imr_letters.changes.causes import Edits
from imr_letters.changes.corpus import Entry
from imr_letters.changes.edits import Edit
from imr_letters.changes.trace import Printed, PrintedBlock, printed
from imr_letters.changes.versions import Version
from imr_letters.changes.weigh import Weight, weigh
from imr_letters.engine.attempts import attempt
from imr_letters.engine.errors import Finding, ImrLettersError
from imr_letters.engine.letter import Block
from imr_letters.engine.parse import parse
from imr_letters.engine.render import render
from imr_letters.english.differences import Segment, aligned, likeness, segments
from imr_letters.imr.form import Family
from imr_letters.imr.model import Decision
from imr_letters.media import text

#: What became of a letter. `unprinted` ones could be printed in neither version; `new` ones only now.
Fate = Literal["same", "words", "looks", "refused", "new", "unprinted"]
#: Whether the letter of the old version still reads with the new one.
OldLetter = Literal["read", "unread", "different"]


@dataclass(frozen=True, slots=True)
class Change:
    """A block that differs, and the edits that it is due to."""

    causes: tuple[Edit, ...]
    role: str
    segments: tuple[Segment, ...]
    #: The conditions under which its words are printed.
    when: tuple[str, ...]
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A letter of the corpus in both versions."""

    name: str
    fate: Fate
    before: Printed
    after: Printed
    changes: tuple[Change, ...] = ()
    looks: tuple[Edit, ...] = ()
    old_letter: OldLetter | None = None
    finding: Finding | None = None
    #: The edits that refuse it.
    refused_by: tuple[Edit, ...] = ()


class Comparer:
    """Compares letter by letter."""

    def __init__(self, old: Version, new: Version, edits: Edits, family: str | None) -> None:
        self._old, self._new, self._edits, self._family = old.wording, new.wording, edits, family
        self._families: Mapping[str, Family] = new.wording.families

    def compare(self, entry: Entry) -> Compared:
        """Compare one letter."""
        asked = self._family or entry.family
        before = printed(entry.decision, self._old, asked)
        after = printed(entry.decision, self._new, asked if asked in self._families else None)
        name = entry.name
        if before.fault and after.fault:
            return Compared(name, "unprinted", before, after, finding=after.fault)
        if before.fault:
            return Compared(name, "new", before, after)
        if after.fault:
            return self._refused(entry, before, after, after.fault)
        if before.digest == after.digest and before.family == after.family:
            return self._same(name, before, after, markup=False)
        pairs = _paired(before.blocks, after.blocks, self._edits.same_place)
        if not pairs:
            return self._same(name, before, after, markup=True)
        try:
            render(entry.decision, self._families[after.family])
        except ImrLettersError as error:
            return self._refused(entry, before, after, error.findings[0])
        changes = tuple(self._change(old, new, before, after, entry) for old, new in pairs)
        looks = tuple(self._looks(before, after, markup=True))
        old_letter = self._old_letter(entry, before)
        return Compared(name, "words", before, after, changes, looks, old_letter)

    def _same(self, name: str, before: Printed, after: Printed, *, markup: bool) -> Compared:
        """The words are the same; what printed them is not kept."""
        looks = tuple(self._looks(before, after, markup=markup))
        if before.family != after.family:
            looks = (*self._edits.of_another_family(before.family, after.family), *looks)
        before, after = (replace(each, blocks=(), lines=frozenset()) for each in (before, after))
        return Compared(name, "looks" if looks else "same", before, after, looks=looks)

    def _refused(self, entry: Entry, before: Printed, after: Printed, finding: Finding) -> Compared:
        causes = tuple(self._edits.of_refusal(finding, before.family, entry.decision))
        old_letter = self._old_letter(entry, before)
        return Compared(entry.name, "refused", before, after, old_letter=old_letter, finding=finding, refused_by=causes)

    def _change(
        self, old: PrintedBlock | None, new: PrintedBlock | None, before: Printed, after: Printed, entry: Entry
    ) -> Change:
        names = (before.family, after.family)
        if before.family != after.family:
            causes = tuple(self._edits.of_another_family(*names))
            pieces = (new or old or PrintedBlock("p", ())).pieces
        else:
            found = self._edits.of_change(old, new, names, entry.decision)
            causes = tuple(found)
            pieces = tuple(piece for each in found.values() for piece in each)
        blocks = [block for block in (old, new) if block is not None]
        fields = {piece.path for block in blocks for piece in block.pieces if piece.path}
        asked = {path for piece in pieces for frame in piece.frames for path in frame.paths}
        # Values are people's own words; only the fixed text says what a change is about.
        words = [piece.text for block in blocks for piece in block.pieces if piece.codec in ("", "rationale")]
        shared = set.intersection(*({frame.when for frame in piece.frames} for piece in pieces)) if pieces else set()
        difference = segments(old.text if old else "", new.text if new else "")
        return Change(causes, blocks[-1].role, difference, tuple(sorted(shared)), weigh(fields | asked, words))

    def _looks(self, before: Printed, after: Printed, *, markup: bool) -> list[Edit]:
        """Return the edits by which a letter may look different although its words are the same."""
        found = list(self._edits.looks.get(after.family, ()))
        if markup:
            sides = ((self._edits.old.edits, before.lines), (self._edits.new.edits, after.lines))
            seen = [edits[line] for edits, lines in sides for line in sorted(lines) if line in edits]
            found += [edit for edit in dict.fromkeys(seen) if edit.looks and not edit.nothing]
        return found

    def _old_letter(self, entry: Entry, before: Printed) -> OldLetter:
        """Read the old letter with the new templates."""
        source = _source(before)
        readings: list[Decision] = []
        for family in self._families.values():
            for each in attempt(family, source).readings:
                decision = family.phrases.recognise(each.decision)
                if decision not in readings:
                    readings.append(decision)
        if not readings:
            return "unread"
        resolved = self._edits.old.library.resolve(entry.decision)
        again = [_said(self._edits.new.library.recognise(resolved)), _said(resolved)]
        return "read" if len(readings) == 1 and _said(readings[0]) in again else "different"


def _paired(
    old: Sequence[PrintedBlock], new: Sequence[PrintedBlock], same_place: Callable[[PrintedBlock, PrintedBlock], bool]
) -> list[tuple[PrintedBlock | None, PrintedBlock | None]]:
    """Return which block of a letter became which of the other one, in order; blocks that are equal are left out.

    Blocks belong together that the same place of the template printed, and then those that share most words.
    """
    matcher = SequenceMatcher(None, [block.text for block in old], [block.text for block in new], autojunk=False)
    found: list[tuple[PrintedBlock | None, PrintedBlock | None]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            left, right = old[i:j], new[k:m]
            pairs = aligned(left, right, lambda one, other: likeness(one.text, other.text) + same_place(one, other))
            found += [(None if a is None else left[a], None if b is None else right[b]) for a, b in pairs]
    return found


def _said(decision: Decision) -> object:
    """Return what a decision says, whichever words said it."""
    return _without_words(decision.data())


def _without_words(data: object) -> object:
    if isinstance(data, dict):
        return {name: _without_words(each) for name, each in data.items() if name != "as_printed"}
    return [_without_words(each) for each in data] if isinstance(data, list) else data


def _source(letter: Printed) -> text.TextSource:
    """Return a letter as it is read from a text file."""
    return text.source(text.compose([Block("p", block.text) for block in letter.blocks]))


def why_unread(letter: Printed, families: Mapping[str, Family]) -> Finding | None:
    """Return the first thing that keeps an old letter from being read; this takes longer than to know that it is."""
    known = [families[letter.family]] if letter.family in families else list(families.values())
    try:
        parse(_source(letter), known)
    except ImrLettersError as error:
        return error.findings[0]
    return None
