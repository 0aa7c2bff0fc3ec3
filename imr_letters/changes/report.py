"""What a comparison found, gathered by cause: one card for each edit, what it does to which letters, what it weighs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imr_letters.changes.causes import Edits
from imr_letters.changes.corpus import Corpus
from imr_letters.changes.coverage import Branch, Coverage, coverage
from imr_letters.changes.edits import Edit, TemplateEdits
from imr_letters.changes.letters import Change, Compared, OldLetter, why_unread
from imr_letters.changes.pages import Pages
from imr_letters.changes.trace import Frame
from imr_letters.changes.versions import Version
from imr_letters.changes.weigh import Weight, weigh
from imr_letters.engine.errors import Finding
from imr_letters.english.differences import Segment, shortened
from imr_letters.imr.form import Family

#: Version of the shape that --json prints.
VERSION = 1
#: Examples on a card.
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A block of one letter that an edit changed."""

    letter: str
    role: str
    segments: tuple[Segment, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        return {"letter": self.letter, "role": self.role, "words": [[op, text] for op, text in self.segments]}


@dataclass(frozen=True, slots=True)
class Card:
    """A cause and its effects."""

    edit: Edit
    #: The letters whose words it changes, and those that it lets only look different.
    letters: tuple[str, ...]
    looks: tuple[str, ...]
    changes: int
    #: When what was edited is printed; empty where it always is.
    when: tuple[str, ...]
    weights: tuple[Weight, ...]
    examples: tuple[Example, ...]
    #: The letters that can no longer be printed because of it.
    refused: tuple[str, ...] = ()

    @property
    def effect(self) -> str:
        """What it does: refuses letters, changes words, may change looks, or nothing that the corpus shows."""
        effects = {"words": self.letters, "refused": self.refused, "looks": self.looks}
        return next((name for name, letters in effects.items() if letters), "none")

    @property
    def touched(self) -> tuple[str, ...]:
        """The letters of its effect."""
        return self.letters or self.refused or self.looks

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        return {
            "kind": self.edit.kind,
            "where": self.edit.where,
            "how": self.edit.how,
            "before": self.edit.before,
            "after": self.edit.after,
            "effect": self.effect,
            "letters": list(self.letters),
            "refused": list(self.refused),
            "looks": list(self.looks),
            "changes": self.changes,
            "when": list(self.when),
            "approval": [
                {"area": each.area, "approver": each.approver, "because": each.because} for each in self.weights
            ],
            "examples": [each.as_dict() for each in self.examples],
        }


@dataclass(frozen=True, slots=True)
class OldLetters:
    """Whether letters of the old version still read with the new one; only those that would change are tried."""

    tried: int = 0
    unread: tuple[tuple[str, Finding | None], ...] = ()
    different: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        unread = [{"letter": name, "finding": each.as_dict() if each else None} for name, each in self.unread]
        return {"tried": self.tried, "unread": unread, "different": list(self.different)}


@dataclass(frozen=True, slots=True)
class Report:
    """What the change from one version to another does to the letters of a corpus."""

    old: str
    new: str
    letters: int
    #: How many letters met which fate.
    fates: Mapping[str, int]
    cards: tuple[Card, ...]
    #: Why the new version is refused; there are no letters then.
    refused: tuple[Finding, ...] = ()
    skipped: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    #: The template files that were edited, and the families that are made of them.
    files: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    old_letters: OldLetters = OldLetters()
    pages: tuple[Pages, ...] = ()
    notes: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> int:
        """How many letters are not what they were."""
        return self.letters - self.fates.get("same", 0) - self.fates.get("unprinted", 0)

    @property
    def missed(self) -> tuple[Branch, ...]:
        """The branches of edited template files that no letter of the corpus takes, in whichever family."""
        letters: dict[tuple[str, int, str], int] = defaultdict(int)
        branches: dict[tuple[str, int, str], Branch] = {}
        for each in self.coverage:
            for branch, count in each.branches:
                place = (branch.file, branch.line, branch.when)
                letters[place] += count
                branches.setdefault(place, branch)
        return tuple(each for place, each in branches.items() if each.file in self.files and not letters[place])

    @property
    def exit_code(self) -> int:
        """1 where anything that shows was edited, 0 where nothing was."""
        return int(bool(self.refused or self.changed or any(not card.edit.nothing for card in self.cards)))

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape of `--json`."""
        return {
            "version": VERSION,
            "base": self.old,
            "new": self.new,
            "letters": self.letters,
            "changed": self.changed,
            "fates": dict(self.fates),
            "causes": [card.as_dict() for card in self.cards],
            "refused": [each.as_dict() for each in self.refused],
            "skipped": [each.as_dict() for each in self.skipped],
            "branches_missed": [{"template": each.where, "when": each.when} for each in self.missed],
            "coverage": [each.as_dict() | {"edited": each.family in self.edited} for each in self.coverage],
            "old_letters": self.old_letters.as_dict(),
            "pages": [each.as_dict() for each in self.pages],
            "notes": list(self.notes),
        }


def refused(old: Version, new: Version, corpus: Corpus, findings: Sequence[Finding], edits: TemplateEdits) -> Report:
    """Return the report on a new version that does not load: why, and what was edited."""
    cards = tuple(
        Card(edit, (), (), 0, (), weigh((), (edit.before, edit.after)), ()) for edit in edits if not edit.nothing
    )
    return Report(old.name, new.name, len(corpus.entries), {}, cards, refused=tuple(findings), skipped=corpus.skipped)


def assembled(old: Version, new: Version, corpus: Corpus, edits: Edits, letters: Sequence[Compared]) -> Report:
    """Gather what was found letter by letter."""
    gathered = _Cards(edits)
    for letter in letters:
        gathered.add(letter)
    files = frozenset(edit.file for edit in edits.templates if not edit.nothing)
    plans = edits.new.plans
    others = " and ".join(version.name for version in (old, new) if version.other_program)
    printer = (
        "printed the letters of both sides: a change of the program shows in the snapshots of the samples, not here"
    )
    note = f"the program code of {others} is not that of the program that runs now, which {printer}"
    return Report(
        old.name,
        new.name,
        len(letters),
        Counter(letter.fate for letter in letters),
        gathered.cards(),
        skipped=corpus.skipped,
        coverage=tuple(coverage(plan, [letter.after for letter in letters]) for plan in plans.values()),
        files=files,
        edited=frozenset(name for name, plan in plans.items() if plan.files & files),
        old_letters=_old_letters(letters, edits.families[1]),
        notes=(note,) if others else (),
        compared=tuple(letter for letter in letters if letter.fate != "same"),
    )


def _old_letters(letters: Sequence[Compared], families: Mapping[str, Family]) -> OldLetters:
    names: dict[OldLetter, list[Compared]] = defaultdict(list)
    for letter in letters:
        if letter.old_letter is not None:
            names[letter.old_letter].append(letter)
    unread = [
        (letter.name, why_unread(letter.before, families) if number < EXAMPLES else None)
        for number, letter in enumerate(names["unread"])
    ]
    tried = sum(map(len, names.values()))
    return OldLetters(tried, tuple(unread), tuple(letter.name for letter in names["different"]))


class _Cards:
    """Gathers changes by edit; an edit that no letter shows has its card too."""

    def __init__(self, edits: Edits) -> None:
        self._edits = edits
        self._letters: dict[Edit, dict[str, None]] = defaultdict(dict)
        self._looks: dict[Edit, dict[str, None]] = defaultdict(dict)
        self._refused: dict[Edit, dict[str, None]] = defaultdict(dict)
        self._changes: dict[Edit, list[tuple[str, Change]]] = defaultdict(list)
        self._order: dict[Edit, None] = dict.fromkeys(edits.templates)
        self._order |= dict.fromkeys(edits.snippets.values())
        self._order |= dict.fromkeys(edits.facts)
        self._order |= dict.fromkeys(edit for each in edits.looks.values() for edit in each)

    def add(self, letter: Compared) -> None:
        """Take what one letter shows."""
        for change in letter.changes:
            for edit in change.causes:
                self._letters[edit][letter.name] = None
                self._changes[edit].append((letter.name, change))
        for edit in letter.looks:
            self._looks[edit][letter.name] = None
        if letter.fate == "refused" and letter.finding is not None:
            path = "".join(each for each in letter.finding.field if not each.isdigit())
            where = " ".join(each for each in (letter.finding.code, path) if each)
            edit = Edit("refused", where, "removed", after=letter.finding.message if not path else "")
            for each in (edit, *letter.refused_by):
                self._refused[each][letter.name] = None

    def cards(self) -> tuple[Card, ...]:
        """Return the cards: what refuses letters first, then by how many letters an edit touches."""
        edits = dict.fromkeys([*self._refused, *self._letters, *self._looks, *self._order])
        cards = [self._card(edit) for edit in edits if not edit.nothing]
        rank = {"refused": 0, "words": 1, "looks": 2, "none": 3}
        return tuple(sorted(cards, key=lambda card: (rank[card.effect], -len(card.touched))))

    def _card(self, edit: Edit) -> Card:
        changes = self._changes[edit]
        frames, paths = self._facts(edit)
        always = [set(change.when) for _, change in changes]
        when = [frame.when for frame in frames] or (sorted(set.intersection(*always)) if always else [])
        words = () if edit.kind in ("stylesheet", "family") else (edit.before, edit.after)
        own = weigh(paths, words)
        weights = {each.area: each for _, change in changes for each in change.weights}
        weights = {each.area: each for each in own} | weights
        examples: dict[tuple[Segment, ...], Example] = {}
        for name, change in changes:
            if len(examples) < EXAMPLES:
                examples.setdefault(change.segments, Example(name, change.role, shortened(change.segments)))
        return Card(
            edit,
            tuple(self._letters[edit]),
            tuple(name for name in self._looks[edit] if name not in self._letters[edit]),
            len(changes),
            tuple(dict.fromkeys(when)),
            tuple(sorted(weights.values())),
            tuple(each for each in examples.values() if each.segments),
            tuple(self._refused[edit]),
        )

    def _facts(self, edit: Edit) -> tuple[tuple[Frame, ...], set[str]]:
        """Return what is known of an edited line from the templates alone, letters or not."""
        for side, line in ((self._edits.new, edit.new), (self._edits.old, edit.old)):
            for plan in side.plans.values():
                here = (edit.file, line or 0)
                if here in plan.frames:
                    frames = plan.frames[here]
                    asked = {path for frame in frames for path in frame.paths}
                    return frames, plan.paths.get(here, set()) | asked
        return (), set()
