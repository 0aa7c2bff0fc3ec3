"""Asking for what a draft lacks, one question after the other; each answer is in the file before the next is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr_letters.draft.answers import AnswerError, value_of
from imr_letters.draft.file import DraftFile
from imr_letters.draft.probing import pruned
from imr_letters.draft.questions import Question, Role, order, question_at, question_path, type_at
from imr_letters.draft.status import ANY, Open, Target, status
from imr_letters.engine.errors import DecisionError
from imr_letters.engine.fields import Leaf
from imr_letters.engine.paths import FieldPath
from imr_letters.imr.vocabulary import mtus_chapters
from imr_letters.snippets import Snippet, Variable
from imr_letters.snippets.search import matching

#: Snippets that are offered for one rationale.
MOST_OFFERS = 9


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to ask: about which field, in which words, and what is the matter with the answer there is.

    `choices` are the values of a closed set. `prose` is answered by several lines, `rationale` also by a snippet;
    `variable` is the one of a snippet that is asked for.
    """

    path: FieldPath
    words: str
    help: str
    about: str = ""
    fault: str = ""
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

    def open(self) -> list[Open]:
        """Return what is still to be done, of the role that answers."""
        found = status(self._file.draft, self._target)
        return [each for each in found if self._role is None or self._role in each.roles]

    def ask(self) -> Ask | None:
        """Return the next question; None where nothing is left but what was skipped or must be mended by hand."""
        for each in self.open():
            variable = self._variable(each.path)
            path = question_path(each.path) if variable is None else each.path
            if each.sort == "doubtful" or path in self._skipped or not self._can_write(path):
                continue
            fault = each.finding.message if each.sort == "faulty" else ""
            if variable is not None:
                return self._variable_ask(path, variable, fault)
            question = question_at(path)
            if question is not None:
                return self._field_ask(path, question, fault)
        while self._optional:
            path, variable = self._optional.pop(0)
            if self._can_write(path):
                return self._variable_ask(path, variable, "")
        return None

    def _field_ask(self, path: FieldPath, question: Question, fault: str) -> Ask:
        kind = type_at(path)
        assert isinstance(kind, Leaf)
        help_ = question.form
        if kind.kind == "guideline":
            help_ += f"\nChapters of the MTUS: {'; '.join(mtus_chapters())}."
        prose = kind.kind in ("prose", "rationale")
        rationale = kind.kind == "rationale"
        return Ask(path, question.ask, help_, self._about(path), fault, kind.choices, prose, rationale)

    def _variable_ask(self, path: FieldPath, variable: Variable, fault: str) -> Ask:
        forms = {"number": "A whole number.", "date": "A day: 2017-02-27, or 02/27/2017.", "choice": "One of these."}
        help_ = forms.get(variable.kind, "Words.") + ("" if variable.required else " It may be left out.")
        about = self._about(path)
        return Ask(path, variable.question, help_, about, fault, variable.choices, variable=variable)

    def _variable(self, path: FieldPath) -> Variable | None:
        """Return the variable of a snippet that a path names."""
        if len(path) != 6 or path[4] != "values":
            return None
        block = self._item(path)["rationale"][path[3]]
        snippet = self._target.wording.library.get(block["snippet"], int(block["version"]))
        return next((each for each in snippet.about.variables if each.name == path[5]), None)

    def skip(self, ask: Ask) -> None:
        """Leave a question for another time."""
        self._skipped.add(ask.path)

    def answer(self, ask: Ask, words: str) -> None:
        """Check an answer and save the draft with it. Raises `AnswerError` with the reason; then nothing changes."""
        if ask.variable is not None:
            value = variable_value(ask.variable, words)
        else:
            value = value_of(ask.path, words)
            # Prose is written as prose; read, it is a list of one block.
            value = words.strip() if ask.rationale else value
        self._save(ask.path, value, words)

    def keep(self, ask: Ask, words: str) -> None:
        """Save what was typed of an answer when the window was closed, sound or not: `status` says what it lacks."""
        if words.strip():
            self._save(ask.path, words.strip(), words)

    def _save(self, path: FieldPath, value: Any, words: str) -> None:
        try:
            draft = self._file.draft.with_value(path, value, order)
        except DecisionError:
            self._file.put_aside(words)
            raise
        self._file.save(draft)

    def offers(self, ask: Ask) -> list[Snippet]:
        """Return the snippets that suit an item, best first; those that argue for its outcome."""
        item = self._item(ask.path)
        outcome = item.get("outcome")
        request = item.get("request") or ""
        if isinstance(request, dict):
            request = request.get("remaining") or request.get("original") or ""
        known = [
            snippet
            for snippet in self._target.wording.library.current()
            if outcome not in ("upheld", "overturned") or snippet.about.argues_for in (outcome, "either")
        ]
        return list(matching(str(request), outcome, item.get("reviewer_guideline"), known))[:MOST_OFFERS]

    def pick(self, ask: Ask, snippet: Snippet) -> None:
        """Save the draft with a snippet as the item's rationale; its variables are asked for next.

        Its citations become the reviewer's guideline, unless one is given.
        """
        block = {"snippet": snippet.id, "version": snippet.version}
        draft = self._file.draft.with_value(ask.path, [block], order)
        guideline: FieldPath = (*ask.path[:-1], "reviewer_guideline")
        if not self._item(ask.path).get("reviewer_guideline") and self._can_write(guideline):
            cited = snippet.about.citations.model_dump(mode="json", exclude_defaults=True)
            draft = draft.with_value(guideline, cited, order)
        self._file.save(draft)
        values: FieldPath = (*ask.path, 0, "values")
        self._optional += [((*values, each.name), each) for each in snippet.about.variables if not each.required]

    def _item(self, path: FieldPath) -> dict[str, Any]:
        items = pruned(self._file.draft.data).get("items") or [{}]
        found = items[path[1]] if isinstance(path[1], int) and path[1] < len(items) else {}
        return found if isinstance(found, dict) else {}

    def _about(self, path: FieldPath) -> str:
        """Say which item a question is about."""
        if path[0] != "items" or not isinstance(path[1], int):
            return ""
        request = self._item(path).get("request")
        if isinstance(request, dict):
            request = request.get("remaining") or request.get("original")
        return f"item {path[1] + 1}" + (f": {request}" if request and path[-1] != "request" else "")

    def _can_write(self, path: FieldPath) -> bool:
        """Return whether an answer has a place: a group of fields that is there already is corrected in the file."""
        here: Any = self._file.draft.data
        for step in path:
            if here is None:
                return True
            if not isinstance(here, list if isinstance(step, int) else dict):
                return False
            try:
                here = here[step]  # type: ignore[index] # as above
            except (KeyError, IndexError):
                return True
        return not isinstance(here, dict | list) or not here


def words_of(snippet: Snippet) -> str:
    """Return a snippet's words for a person to choose by: the names of its variables stand in brackets."""
    return re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{ *(\w+).*?\}\}", r"[\1]", snippet.body))


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
