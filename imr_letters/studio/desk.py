"""One draft on the desk: answers come in from windows, and each is in the file before it is answered.

The file is the truth. It is read again when something else has changed it, and an answer is taken only where the field
still holds what the window last saw; the other fields of a window that is behind are no obstacle.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr_letters import letters
from imr_letters.draft import edits, finish
from imr_letters.draft.answers import AnswerError, answer_of, shown
from imr_letters.draft.draft import Draft
from imr_letters.draft.file import DraftFile
from imr_letters.draft.fill import variable_value
from imr_letters.draft.preview import body, rationale_words
from imr_letters.draft.questions import parse, paths, question_path, type_at
from imr_letters.draft.status import Open, Target, status
from imr_letters.draft.typed import plain
from imr_letters.engine.errors import InputError, UsageError
from imr_letters.engine.fields import Leaf
from imr_letters.engine.files import write
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.engine.records.loading import read_bytes
from imr_letters.imr.model.guideline import NoGuideline
from imr_letters.snippets import Snippet, Variable
from imr_letters.snippets.search import by_words, matching
from imr_letters.studio.folder import decision_file

#: Earlier states of a draft that can be returned to.
MOST_STEPS = 200
#: Snippets that are shown for one rationale.
MOST_OFFERS = 12
_PDF = threading.Lock()  # one letter is laid out at a time


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an answer: the words the field now has, why it is refused, and notes on what was changed.

    `theirs` holds the words of the field where something else has changed it meanwhile; then nothing was saved.
    """

    words: str
    fault: str = ""
    notes: tuple[str, ...] = ()
    theirs: str | None = None


class Desk:
    """A draft, its file, and the way back. Raises as `DraftFile` does."""

    def __init__(self, path: Path, target: Target) -> None:
        self.path = path
        self.target = target
        self.lock = threading.RLock()
        self._file = DraftFile(path)
        self._steps: list[Draft] = []

    @property
    def draft(self) -> Draft:
        """The draft as its file has it now."""
        with self.lock:
            if read_bytes(self.path) != self._file.draft.bytes:
                self._file = DraftFile(self.path)
                self._steps.clear()
            return self._file.draft

    @property
    def version(self) -> str:
        """What the file holds, as a short name."""
        return hashlib.sha256(self.draft.bytes).hexdigest()[:16]

    def words(self, path: FieldPath) -> str:
        """Return the words of a field's answer."""
        return _lines(shown(self.draft, path))

    def open(self) -> list[Open]:
        """Return what is to be done."""
        return status(self.draft, self.target)

    def letter(self) -> tuple[str, str]:
        """Return the letter as markup, with questions where answers are missing, and its stylesheet."""
        return body(self.draft, self.target)

    def answer(self, path: FieldPath, words: str, base: str) -> Saved:
        """Save what was typed in a field, sound or not. `base` are the words that the window saw there before."""
        with self.lock:
            variable = self._field(path)
            now = self.words(path)
            if now.strip() not in (_lines(base).strip(), _lines(words).strip()):
                self._file.put_aside(words)
                return Saved(words, theirs=now)
            typed = plain(words)
            try:
                value = self._value(path, variable, typed.words)
            except AnswerError as error:
                self._save(edits.kept(self.draft, path, words))
                return Saved(self.words(path), str(error), typed.notes)
            self._save(edits.answered(self.draft, path, value))
            return Saved(self.words(path), "", typed.notes)

    def _value(self, path: FieldPath, variable: Variable | None, words: str) -> Any:
        if not words.strip():
            return None
        if variable is not None:
            return variable_value(variable, words)
        value = answer_of(path, plain(words))
        kind = type_at(path)
        return words.strip() if isinstance(kind, Leaf) and kind.kind == "rationale" else value

    def _field(self, path: FieldPath) -> Variable | None:
        """Return the variable that a path names, None for a question. Raises `InputError` for any other path."""
        if any(path == known for known, _, _ in paths(self.draft.data)):
            return None
        if len(path) == 6 and path[4] == "values":
            snippet = self.snippet(path[:4])
            for variable in snippet.about.variables if snippet else ():
                if variable.name == path[5]:
                    return variable
        raise InputError.of("is no field of this draft", field=dotted(path))

    def snippet(self, path: FieldPath) -> Snippet | None:
        """Return the snippet that a block of a rationale names."""
        block = self.draft.value(path)
        if not isinstance(block, dict) or "snippet" not in block:
            return None
        try:
            return self.target.wording.library.get(str(block["snippet"]), int(block.get("version") or 0))
        except (UsageError, ValueError):
            return None

    def offers(self, item: int, query: str) -> list[Snippet]:
        """Return the snippets that suit an item, or that hold the words of a query, best first."""
        outcome = self.draft.value(("items", item, "outcome"))
        current = list(self.target.wording.library.current())
        if query.strip():
            return by_words(query, current)[:MOST_OFFERS]
        fitting = [
            each
            for each in current
            if outcome not in ("upheld", "overturned") or each.about.argues_for in (outcome, "either")
        ]
        cited = self.draft.value(("items", item, "reviewer_guideline"))
        given = cited if isinstance(cited, dict) else None
        sound = outcome if isinstance(outcome, str) else None
        return list(matching(self._request(item), sound, given, fitting))[:MOST_OFFERS]

    def _request(self, item: int) -> str:
        request = self.draft.value(("items", item, "request"))
        if isinstance(request, dict):
            request = request.get("remaining") or request.get("original")
        return request if isinstance(request, str) else ""

    def pick(self, item: int, id_: str, version: int) -> None:
        """Make a snippet the rationale of an item; its citations become the guideline, unless there is one.

        Variables that ask for the words of the request get them.
        """
        with self.lock:
            path: FieldPath = ("items", item, "rationale")
            self._field(path)
            snippet = self.target.wording.library.get(id_, version)
            request = self._request(item)
            values = {
                each.name: request
                for each in snippet.about.variables
                if request and each.kind == "words" and "in the words of the request" in each.question
            }
            block: dict[str, Any] = {"snippet": snippet.id, "version": snippet.version}
            draft = edits.answered(self.draft, path, [{**block, "values": values} if values else block])
            guideline: FieldPath = ("items", item, "reviewer_guideline")
            if not draft.value(guideline) and not isinstance(snippet.about.citations, NoGuideline):
                cited = snippet.about.citations.model_dump(mode="json", exclude_defaults=True)
                draft = edits.answered(draft, guideline, cited)
            self._save(draft)

    def own_words(self, item: int) -> None:
        """Turn a rationale of snippets into own words that say the same."""
        with self.lock:
            path: FieldPath = ("items", item, "rationale")
            self._field(path)
            words = rationale_words(self.draft.value(path), self.target)
            self._save(edits.answered(self.draft, path, words))

    def printed(self, path: FieldPath) -> str:
        """Return the words of a rationale as the letter prints them, its snippets filled in as far as they are."""
        return rationale_words(self.draft.value(path), self.target)

    def change_items(self, edit: Callable[[Draft], Draft]) -> None:
        """Add, move or take out an item."""
        with self.lock:
            self._save(edit(self.draft))

    def undo(self) -> bool:
        """Return to the state before the last change made here; return whether there was one."""
        with self.lock:
            before = self.draft.text
            while self._steps:
                step = self._steps.pop()
                if step.text != before:
                    self._file.save(step)
                    return True
            return False

    def _save(self, draft: Draft) -> None:
        before = self.draft
        if draft.text == before.text:
            return
        self._file.save(draft)
        self._steps = [*self._steps[-MOST_STEPS:], before]

    def pdf(self) -> bytes:
        """Return the letter of the draft as a PDF that is stamped as a draft."""
        from imr_letters.draft.preview import preview

        with _PDF:
            return preview(self.draft, "pdf", self.target)

    def finish(self, *, replace: bool = False, reason: str = "") -> tuple[list[str], list[Open]]:
        """Write the decision and its PDF next to the draft, and return their names; or what keeps from it.

        With a reason, errors of lint do not. Raises `ConflictError` where a different decision or letter is there.
        """
        with self.lock, _PDF:
            made, open_ = finish.decision(self.draft, self.target, lint=not reason.strip())
            if made is None:
                return [], open_
            decision, letter = decision_file(self.path), self.path.with_suffix(".pdf")
            pages = letters.render(made, self.target.family, self.target.wording).pdf()
            finish.save(made, self.path, decision, replace=replace)
            write(letter, pages, replace=replace, like=self.path)
            return [decision.name, letter.name], open_


def question_of(found: Open) -> list[str]:
    """Return the names of the fields of a page at which a finding is shown."""
    return list(dict.fromkeys(name for path in (found.path, *found.also) for name in (dotted(path), _asked(path))))


def _asked(path: FieldPath) -> str:
    return dotted(question_path(path))


def _lines(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")


def field(name: str) -> FieldPath:
    """Return the path that the name of a field on a page means."""
    return parse(name) if len(name) <= 200 else ()
