"""Asking for what a draft lacks, one question after the other; each answer is in the file before the next is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imr_letters.draft.answers import AnswerError, answer_of, shown, value_of
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import answered, kept
from imr_letters.draft.file import DraftFile
from imr_letters.draft.probing import pruned
from imr_letters.draft.questions import Question, Role, question_at, question_path, type_at
from imr_letters.draft.status import ANY, Open, Target, status
from imr_letters.draft.typed import plain
from imr_letters.engine.errors import DecisionError, UsageError
from imr_letters.engine.fields import Leaf
from imr_letters.engine.paths import FieldPath
from imr_letters.imr.vocabulary import mtus_chapters
from imr_letters.snippets import Snippet, Variable
from imr_letters.snippets.search import matching

#: Snippets that are offered for one rationale.
MOST_OFFERS = 9
#: What the question of a variable says whose value is the request, so that it need not be typed again.
_OF_REQUEST = "in the words of the request"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to ask: about which field, in which words, and what is the matter with the answer there is.

    `choices` are the values of a closed set. `prose` is answered by several lines, `rationale` also by a snippet;
    `variable` is the one of a snippet that is asked for. `so_far` is the answer that is in the draft, as people write
    it, `default` what an empty answer takes; `number` counts the questions asked, and `of` those there are.
    """

    path: FieldPath
    words: str
    help: str
    about: str = ""
    fault: str = ""
    so_far: str = ""
    default: str = ""
    number: int = 1
    of: int = 1
    choices: tuple[str, ...] = ()
    prose: bool = False
    rationale: bool = False
    variable: Variable | None = None


class Session:
    """Goes through the open questions of a draft, for one role or for all.

    Raises as `DraftFile` does; `ConflictError` where the draft is changed by somebody else meanwhile.
    """

    def __init__(self, path: Path, role: Role | None = None, target: Target = ANY) -> None:
        self._file = DraftFile(path)
        self._role = role
        self._target = target
        self._skipped: set[FieldPath] = set()
        #: Values a picked snippet may have but need not: asked for once.
        self._optional: list[tuple[FieldPath, Variable]] = []
        #: The fields asked about, in order, for the way back; the one to be asked about next, on that way.
        self._asked: list[FieldPath] = []
        self._again: FieldPath | None = None

    def open(self) -> list[Open]:
        """Return what is still to be done, of the role that answers."""
        found = status(self._file.draft, self._target)
        return [each for each in found if self._role is None or self._role in each.roles]

    def ask(self) -> Ask | None:
        """Return the next question; None where nothing is left but what was skipped or must be corrected by hand."""
        left: dict[FieldPath, str] = {}
        for each in self.open():
            path = each.path if self._variable(each.path) else question_path(each.path)
            if each.sort == "doubtful" or path in self._skipped or not self._can_write(path):
                continue
            if question_at(path) is not None:
                left.setdefault(path, "" if each.sort == "missing" else each.finding.message)
        if self._again is not None:
            left = {self._again: left.get(self._again, ""), **left}
            self._again = None
        for path, _ in self._optional:
            if self._can_write(path):
                left.setdefault(path, "")
        if not left:
            return None
        path, fault = next(iter(left.items()))
        self._optional = [each for each in self._optional if each[0] != path]
        number = len(self._asked) + 1
        self._asked.append(path)
        return replace(self._ask(path, fault), number=number, of=number + len(left) - 1)

    def back(self) -> bool:
        """Ask about the field before the current one again, whatever its answer was; return whether there was one."""
        if len(self._asked) < 2:
            return False
        self._asked.pop()
        self._again = self._asked.pop()
        self._skipped.discard(self._again)
        return True

    def _ask(self, path: FieldPath, fault: str) -> Ask:
        variable = self._variable(path)
        if variable is not None:
            return self._variable_ask(path, variable, fault)
        question = question_at(path)
        assert question is not None
        return self._field_ask(path, question, fault)

    def _field_ask(self, path: FieldPath, question: Question, fault: str) -> Ask:
        kind = type_at(path)
        assert isinstance(kind, Leaf)
        help_ = question.form
        if kind.kind == "guideline":
            help_ += f"\nChapters of the MTUS: {'; '.join(mtus_chapters())}."
        prose = kind.kind in ("prose", "rationale")
        rationale = kind.kind == "rationale"
        so_far = shown(self._file.draft, path)
        return Ask(
            path, question.ask, help_, self._about(path), fault, so_far, choices=kind.choices, prose=prose,
            rationale=rationale,
        )  # fmt: skip

    def _variable_ask(self, path: FieldPath, variable: Variable, fault: str) -> Ask:
        forms = {"number": "A whole number.", "date": "A day: 2017-02-27, or 02/27/2017.", "choice": "One of these."}
        help_ = forms.get(variable.kind, "Words.") + ("" if variable.required else " It may be left out.")
        about = self._about(path)
        so_far = shown(self._file.draft, path)
        # The service is asked for in the words of the request, which are known.
        default = (
            self._request(path) if variable.kind == "words" and _OF_REQUEST in variable.question and not so_far else ""
        )
        return Ask(
            path, variable.question, help_, about, fault, so_far, default, choices=variable.choices, variable=variable
        )

    def _variable(self, path: FieldPath) -> Variable | None:
        """Return the variable of a snippet that a path names."""
        if len(path) != 6 or path[4] != "values":
            return None
        block = self._file.draft.value(path[:4])
        if not isinstance(block, dict):
            return None
        try:
            snippet = self._target.wording.library.get(str(block.get("snippet")), int(block.get("version") or 0))
        except (UsageError, ValueError):
            return None
        return next((each for each in snippet.about.variables if each.name == path[5]), None)

    def skip(self, ask: Ask) -> None:
        """Leave a question for another time."""
        self._skipped.add(ask.path)

    def answer(self, ask: Ask, words: str) -> list[str]:
        """Save the draft with an answer, and return what is to be said about it: signs made plain, and doubts.

        Raises `AnswerError` with the reason where the answer is refused; then it is kept as it was typed.
        """
        typed = plain(words)
        try:
            if ask.variable is not None:
                value = variable_value(ask.variable, typed.words)
            else:
                value = answer_of(ask.path, typed)
                # Prose is written as prose; read, it is a list of one block.
                value = typed.words.strip() if ask.rationale else value
        except AnswerError:
            self.keep(ask, words)
            raise
        self._save(words, lambda draft: answered(draft, ask.path, value))
        doubts = [each.finding for each in self.open() if each.sort == "doubtful" and self._concerns(each, ask.path)]
        return [*typed.notes, *(doubt.message for doubt in doubts)]

    def _concerns(self, found: Open, path: FieldPath) -> bool:
        return path in (found.path, question_path(found.path), *(question_path(each) for each in found.also))

    def keep(self, ask: Ask, words: str) -> None:
        """Save an answer that was interrupted or refused as it was typed, marked as unfinished."""
        if words.strip():
            self._save(words, lambda draft: kept(draft, ask.path, words))

    def _save(self, words: str, edit: Callable[[Draft], Draft]) -> None:
        """Save the draft after an edit; the words are put in a file next to it where they have no place in it."""
        try:
            draft = edit(self._file.draft)
        except DecisionError:
            self._file.put_aside(words)
            raise
        self._file.save(draft)

    def offers(self, ask: Ask) -> list[Snippet]:
        """Return the snippets that suit an item, best first; those that argue for its outcome."""
        item = self._item(ask.path)
        outcome = item.get("outcome")
        known = [
            snippet
            for snippet in self._target.wording.library.current()
            if outcome not in ("upheld", "overturned") or snippet.about.argues_for in (outcome, "either")
        ]
        return list(matching(self._request(ask.path), outcome, item.get("reviewer_guideline"), known))[:MOST_OFFERS]

    def pick(self, ask: Ask, snippet: Snippet) -> None:
        """Save the draft with a snippet as the item's rationale; its variables are asked for next.

        Its citations become the reviewer's guideline, unless one is given.
        """
        block = {"snippet": snippet.id, "version": snippet.version}
        draft = answered(self._file.draft, ask.path, [block])
        guideline: FieldPath = (*ask.path[:-1], "reviewer_guideline")
        if not self._item(ask.path).get("reviewer_guideline") and self._can_write(guideline):
            cited = snippet.about.citations.model_dump(mode="json", exclude_defaults=True)
            draft = answered(draft, guideline, cited)
        self._file.save(draft)
        values: FieldPath = (*ask.path, 0, "values")
        self._optional += [((*values, each.name), each) for each in snippet.about.variables if not each.required]

    def _item(self, path: FieldPath) -> dict[str, Any]:
        items = pruned(self._file.draft.data).get("items") or [{}]
        found = items[path[1]] if isinstance(path[1], int) and path[1] < len(items) else {}
        return found if isinstance(found, dict) else {}

    def _request(self, path: FieldPath) -> str:
        """Return the treatment of an item that is to be decided."""
        request = self._item(path).get("request") or ""
        if isinstance(request, dict):
            request = request.get("remaining") or request.get("original") or ""
        return " ".join(str(request).split())

    def _about(self, path: FieldPath) -> str:
        """Say which item a question is about."""
        if path[0] != "items" or not isinstance(path[1], int):
            return ""
        request = self._request(path)
        return f"item {path[1] + 1}" + (f": {request}" if request and path[-1] != "request" else "")

    def _can_write(self, path: FieldPath) -> bool:
        """Return whether one answer may take the place of what is there: of several blocks, it would drop all."""
        held = self._file.draft.value(path)
        return not (isinstance(held, list) and len(held) > 1 and question_path(path)[-1:] == ("rationale",))


def words_of(snippet: Snippet, values: Mapping[str, str] | None = None) -> str:
    """Return a snippet's words for a person to choose by: its variables are their values, or names in brackets."""
    known = values or {}
    words = re.sub(r"\{%.*?%\}", "", snippet.body)
    return re.sub(
        r"\{\{ *(\w+).*?\}\}",
        lambda found: known.get(found[1], f"[{found[1]}?]" if values is not None else f"[{found[1]}]"),
        words,
    )


def variable_value(variable: Variable, words: str) -> str:
    """Return the value of a snippet's variable that an answer stands for. Raises `AnswerError`."""
    words = " ".join(words.split())
    if variable.kind == "choice":
        if words.isdigit() and 1 <= int(words) <= len(variable.choices):
            return variable.choices[int(words) - 1]
    elif variable.kind == "date":
        words = value_of(("case", "decided_on"), words)
    fault = variable.fault(words)
    if fault:
        raise AnswerError(fault)
    return words
