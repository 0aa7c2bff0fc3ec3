"""Why words of a letter differ: each change is led back to the edit of a template line or a snippet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from imr_letters.changes.coverage import Plan
from imr_letters.changes.edits import Edit, TemplateEdits, family_edits, snippet_edits, stylesheet_edits
from imr_letters.changes.trace import Frame, Piece, PrintedBlock, TemplateLine
from imr_letters.changes.versions import Version
from imr_letters.engine.errors import Finding, ImrLettersError
from imr_letters.engine.text import PARAGRAPH
from imr_letters.english.differences import spans
from imr_letters.imr.model import Decision, SnippetUse
from imr_letters.snippets import Library


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions, as a difference sees it."""

    edits: Mapping[TemplateLine, Edit]
    others: Mapping[TemplateLine, TemplateLine]
    plans: Mapping[str, Plan]
    library: Library


class Edits:
    """Everything that was edited between two versions, and how to find what a change is due to.

    Raises `TemplateError` and `SnippetError` where a version does not load.
    """

    def __init__(self, old: Version, new: Version) -> None:
        before, after = old.wording.families, new.wording.families
        self.templates = TemplateEdits(old.wording.templates_folder, new.wording.templates_folder)
        self.families = (before, after)
        left = {name: Plan(family) for name, family in before.items()}
        right = {name: Plan(family) for name, family in after.items()}
        libraries = old.wording.library, new.wording.library
        self.snippets = snippet_edits(*libraries)
        self.old = Side(self.templates.at_old, self.templates.to_new, left, libraries[0])
        self.new = Side(self.templates.at_new, self.templates.to_old, right, libraries[1])

    @cached_property
    def looks(self) -> dict[str, list[Edit]]:
        """By family: edits of its stylesheet, and of its letterhead and the other facts of `family.toml` that show."""
        before, after = self.families
        return {
            name: [*stylesheet_edits(before[name], family), *(e for e in family_edits(before[name], family) if e.looks)]
            for name, family in after.items()
            if name in before
        }

    @cached_property
    def facts(self) -> list[Edit]:
        """Edits of `family.toml` by which letters go to another family, and families that came or went."""
        before, after = self.families
        found = [
            edit
            for name, family in after.items()
            if name in before
            for edit in family_edits(before[name], family)
            if not edit.looks
        ]
        found += [Edit("family", f"templates/{name}", "added") for name in after if name not in before]
        return found + [Edit("family", f"templates/{name}", "removed") for name in before if name not in after]

    def of_another_family(self, old: str, new: str) -> list[Edit]:
        """Return why a letter went from one family to another."""
        named = [edit for edit in self.facts if edit.where.split("/")[1] in (old, new)]
        return named or self.facts or [Edit("unexplained", f"family {old} became {new}", "changed")]

    def same_place(self, old: PrintedBlock, new: PrintedBlock) -> bool:
        """Return whether the same line of a template, edited or not, began two blocks."""
        here, there = ((block.pieces[0].file, block.pieces[0].line) for block in (old, new))
        edit = self.templates.at_old.get(here)
        if edit is not None:
            return edit.how == "changed" and edit is self.templates.at_new.get(there)
        return self.templates.to_new.get(here) == there

    def of_refusal(self, finding: Finding, family: str, decision: Decision) -> list[Edit]:
        """Return the edits because of which a letter can no longer be printed, as far as they are known."""
        if finding.code == "snippet":
            every = [use for item in getattr(decision, "items", ()) for use in getattr(item, "uses", ())]
            return [self.snippets[use.snippet, use.version] for use in every if self._edited(use)]
        files = self.old.plans[family].files if family in self.old.plans else frozenset()
        names = set(re.findall(r"\w+", f"{finding.field} {finding.message}"))
        edits = [edit for edit in self.templates if edit.file in files and not edit.nothing and not edit.looks]
        return [edit for edit in edits if self._gone(edit) & names]

    def _gone(self, edit: Edit) -> set[str]:
        """Return the names of the fields that an edited line printed."""
        plans = self.old.plans.values()
        paths = {path for plan in plans for path in plan.paths.get((edit.file, edit.old or 0), ())}
        return {path.rpartition(".")[2] for path in paths}

    def of_change(
        self, old: PrintedBlock | None, new: PrintedBlock | None, names: tuple[str, str], decision: Decision
    ) -> dict[Edit, tuple[Piece, ...]]:
        """Return the edits that a block's change is due to, each with the pieces of the letter that show it."""
        found: dict[Edit, tuple[Piece, ...]] = {}
        for left, right in _changes(old, new):
            for edit in self._edits(left, right) or self._snippets(old, new, [*right, *left], decision):
                found[edit] = (*found.get(edit, ()), *(right or left))
        return found or {self._structure(names): (*(new or old or PrintedBlock("p", ())).pieces,)}

    def _edits(self, left: Sequence[Piece], right: Sequence[Piece]) -> list[Edit]:
        """Look at the lines that printed the words, then at the statements around them, in either version."""
        sides = ((self.old, self.new, left), (self.new, self.old, right))
        own = [side.edits.get((piece.file, piece.line)) for side, _, pieces in sides for piece in pieces]
        found = _telling(own)
        if found:
            return found
        around: list[Edit | None] = []
        for side, other, pieces in sides:
            for piece in pieces:
                around += _statements(side.edits, piece.frames, (piece.file, piece.line))
                # A statement that was taken out, or put in, is known to the other version alone.
                there = side.others.get((piece.file, piece.line))
                if there is not None:
                    frames = next((plan.frames[there] for plan in other.plans.values() if there in plan.frames), ())
                    around += _statements(other.edits, frames, there)
        return _telling(around)

    def _snippets(
        self, old: PrintedBlock | None, new: PrintedBlock | None, pieces: list[Piece], decision: Decision
    ) -> list[Edit]:
        """Where no line differs, look at the snippets of the rationale that was printed."""
        fields = dict.fromkeys(piece.field for piece in pieces if piece.codec == "rationale")
        items = [decision.items[int(field.split("[")[1].split("]")[0])] for field in fields]
        uses = [use for item in items for use in item.uses]
        edits = [(use, self.snippets[use.snippet, use.version]) for use in uses if self._edited(use)]
        said = [
            edit
            for use, edit in edits
            if any(
                block is not None and any(block.text.endswith(words) for words in _paragraphs(side.library, use))
                for side, block in ((self.old, old), (self.new, new))
            )
        ]
        return list(dict.fromkeys(said or [edit for _, edit in edits]))

    def _edited(self, use: SnippetUse) -> bool:
        edit = self.snippets.get((use.snippet, use.version))
        return edit is not None and not edit.nothing

    def _structure(self, names: tuple[str, str]) -> Edit:
        """Return the edit of a line that puts files together, where words came or went with a file."""
        files = self.old.plans[names[0]].files | self.new.plans[names[1]].files
        edits = [edit for edit in self.templates if edit.file in files and not edit.nothing]
        joins = [edit for edit in edits if "{%" in edit.before + edit.after]
        return next(iter([*joins, *edits]), Edit("unexplained", "no edit explains this", "changed"))


def _changes(old: PrintedBlock | None, new: PrintedBlock | None) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Yield the pieces of the words that differ, of the old and of the new block."""
    if old is None or new is None:
        yield list(old.pieces if old else ()), list(new.pieces if new else ())
        return
    before, after = _pieces_of_words(old), _pieces_of_words(new)
    for i, j, k, m in spans(old.text, new.text):
        yield [piece for word in before[i:j] for piece in word], [piece for word in after[k:m] for piece in word]


def _pieces_of_words(block: PrintedBlock) -> list[tuple[Piece, ...]]:
    """Return for each word of a block the pieces that printed it."""
    found: list[list[Piece]] = [[]]
    for piece in block.pieces:
        for index, word in enumerate(piece.text.split(" ")):
            if index:
                found.append([])
            if word:
                found[-1].append(piece)
    return [tuple(each) for each in found]


def _telling(edits: Iterable[Edit | None]) -> list[Edit]:
    return list(dict.fromkeys(edit for edit in edits if edit is not None and not edit.nothing and not edit.looks))


def _statements(edits: Mapping[TemplateLine, Edit], frames: Sequence[Frame], here: TemplateLine) -> Iterator[Edit]:
    """Yield the edits of the statements around a line, innermost first.

    An `elif` has a line of its own, between that of its `if` and what it prints.
    """
    for frame in reversed(frames):
        last = here[1] - 1 if frame.file == here[0] else frame.line
        for line in [frame.line, *range(last, frame.line, -1)]:
            edit = edits.get((frame.file, line))
            if edit is not None and "{%" in edit.before + edit.after:
                yield edit


def _paragraphs(known: Library, use: SnippetUse) -> list[str]:
    try:
        return known.get(use.snippet, use.version).words(use.values).split(PARAGRAPH)
    except ImrLettersError:
        return []
