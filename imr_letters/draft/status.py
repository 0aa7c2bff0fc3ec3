"""What a draft still lacks, and what in it is doubtful: who is to answer, and where in the file."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from imr_letters import letters
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import UNFINISHED, answers, unfinished
from imr_letters.draft.probing import probe, pruned
from imr_letters.draft.questions import Role, parse, paths, question_at, question_path
from imr_letters.engine.errors import Finding, RenderError, UsageError
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.model import Decision, SnippetUse
from imr_letters.imr.unknown import outside_vocabularies
from imr_letters.lint import Scope, lint, lint_so_far
from imr_letters.wording import SHIPPED, Wording

#: Version of the shape that `draft status --json` prints.
VERSION = 1

#: Rules of lint about what `status` reports by itself.
_KNOWN = ("state-known", "specialty-known", "guideline-form", "mtus-edition", "snippet-status")

#: Missing: no answer. Unfinished: a half answer, or one that was refused, as it was typed.
#: Faulty: an answer the model refuses. Doubtful: an answer to be looked at once more.
Sort = Literal["missing", "unfinished", "faulty", "doubtful"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the letter of a draft is to be made with: the family of that name, or the one it fits; and the wording."""

    family: str | None = None
    wording: Wording = SHIPPED


#: No family in particular, of the wording that ships with the program.
ANY = Target()


@dataclass(frozen=True, slots=True)
class Open:
    """One thing to be done about a draft."""

    sort: Sort
    roles: tuple[Role, ...]
    path: FieldPath
    finding: Finding
    #: The other fields that it is about, such as the earlier of two dates in the wrong order.
    also: tuple[FieldPath, ...] = ()
    #: Whether a rule of lint found it, so that a person may say why it does not matter.
    by_lint: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps the draft from being finished; what is only to be looked at once more does not."""
        return self.sort != "doubtful" or self.finding.severity == "error"

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape that `--json` prints."""
        return {"kind": self.sort, "roles": list(self.roles), **self.finding.as_dict()}


def status(draft: Draft, target: Target = ANY) -> list[Open]:
    """Return what is missing or doubtful in a draft, in the order of the form; nothing for a complete one."""
    whole = probe(draft.data)
    found = [_missing(draft, path) for path in whole.missing]
    found += [_open("faulty", draft, path, finding) for path, finding in whole.faults]
    if whole.decision is not None:
        skipped = {*whole.missing, *(question_path(path) for path, _ in whole.faults)}
        doubts = [
            (parse(path), Finding("vocabulary", "warning", message))
            for path, message in outside_vocabularies(whole.decision)
        ]
        found += [
            _open("doubtful", draft, path, finding) for path, finding in doubts if question_path(path) not in skipped
        ]
        found += _snippets(draft, whole.decision, target)
    found = _with_marks(draft, found)
    if whole.decision is not None and all(each.finding.code == "vocabulary" for each in found):
        found += _rendered(draft, whole.decision, target) or _linted(draft, whole.decision, target)
    else:
        found += _linted_so_far(draft, {question_path(each.path) for each in found}, target)
    found += _future(draft)
    rank = {path: place for place, (path, _, _) in enumerate(paths(draft.data))}
    return sorted(found, key=lambda each: rank.get(question_path(each.path), len(rank)))


def _with_marks(draft: Draft, found: list[Open]) -> list[Open]:
    """Return what is open with the answers that are marked as unfinished, each once, with why it was refused."""
    for path in unfinished(draft.data):
        faults = [each for each in found if path in (each.path, question_path(each.path)) and each.sort != "doubtful"]
        if question_at(path) is None:
            line, _ = draft.place((UNFINISHED,))
            message, remedy = f'"{dotted(path)}" is no field', f"take the line out of {UNFINISHED}"
            finding = Finding("decision", "error", message, source=draft.name, line=line, field=UNFINISHED)
            found.append(Open("faulty", ("nurse",), (UNFINISHED,), replace(finding, remedy=remedy)))
        elif draft.value(path) is not None:
            why = next((each.finding.message for each in faults if each.sort == "faulty"), "")
            message = why or "the answer was interrupted or refused, and is kept as it was typed"
            remedy = f"finish it, and take its line out of {UNFINISHED} in the draft; or answer it with draft fill"
            opened = _open("unfinished", draft, path, Finding("missing", "error", message, remedy=remedy))
            found = [*(each for each in found if each not in faults), opened]
    return found


def _missing(draft: Draft, path: FieldPath) -> Open:
    question = question_at(path)
    assert question is not None
    line, column = draft.place(path)
    finding = Finding("missing", "error", question.ask, source=draft.name, line=line, column=column, field=dotted(path))
    return Open("missing", question.roles, path, finding)


def _open(sort: Sort, draft: Draft, path: FieldPath, finding: Finding) -> Open:
    question = question_at(path)
    roles: tuple[Role, ...] = question.roles if question else ("operations",)
    if finding.code not in ("vocabulary", "decision", "missing", "snippet"):
        roles = tuple(dict.fromkeys((*roles, "nurse"))) if question else ("nurse",)
    line, column = draft.place(path)
    placed = Finding(
        finding.code,
        finding.severity if sort == "doubtful" else "error",
        finding.message,
        source=draft.name,
        line=line,
        column=column,
        field=dotted(path),
        also=finding.also,
        remedy=finding.remedy,
    )
    return Open(sort, roles, path, placed, tuple(parse(each) for each in finding.also))


def _snippets(draft: Draft, decision: Decision, target: Target) -> list[Open]:
    """Return what is wrong with the snippets a draft names, and which of their values are missing."""
    found: list[Open] = []
    for index, item in enumerate(decision.items):
        for number, block in enumerate(item.rationale):
            if not isinstance(block, SnippetUse):
                continue
            path: FieldPath = ("items", index, "rationale", number)
            try:
                snippet = target.wording.library.get(block.snippet, block.version)
            except UsageError as error:
                found += [_open("faulty", draft, (*path, "snippet"), finding) for finding in error.findings]
                continue
            if snippet.about.status != "active":
                message = f"{snippet.name} is {snippet.about.status}"
                remedy = "choose an active snippet or version, or write own words"
                finding = Finding("decision", "warning", message, remedy=remedy)
                found.append(_open("doubtful", draft, (*path, "snippet"), finding))
            for name, problem in snippet.faults(block.values).items():
                missing = name not in block.values
                finding = Finding("missing" if missing else "decision", "error", problem)
                found.append(_open("missing" if missing else "faulty", draft, (*path, "values", name), finding))
    return found


def _rendered(draft: Draft, decision: Decision, target: Target) -> list[Open]:
    """Return why a draft that lacks nothing gives no letter."""
    try:
        letters.render(decision, target.family, target.wording)
    except RenderError as error:
        return [_open("doubtful", draft, parse(finding.field), finding) for finding in error.findings]
    return []


def _linted(draft: Draft, decision: Decision, target: Target) -> list[Open]:
    """Return what lint finds in a draft that lacks nothing. Whether words are known is reported already."""
    found = lint(decision, scope=Scope(target.family, target.wording, _KNOWN, advice=False))
    opened = [_open("doubtful", draft, parse(finding.field), finding) for finding in found]
    return [replace(each, by_lint=True) for each in opened]


def _linted_so_far(draft: Draft, open_: set[FieldPath], target: Target) -> list[Open]:
    """Return what lint finds in the fields of a draft that have answers, while others are still open."""
    found = lint_so_far(pruned(answers(draft.data)), Scope(target.family, target.wording, _KNOWN, advice=False))
    placed = [_open("doubtful", draft, parse(each.field), each) for each in found if each.field]
    return [
        replace(each, by_lint=True)
        for each in placed
        if draft.value(each.path) is not None and open_.isdisjoint(question_path(at) for at in (each.path, *each.also))
    ]


def _future(draft: Draft) -> list[Open]:
    """Return the dates of the header that have not come yet."""
    found = []
    case = draft.data.get("case")
    for name, value in case.items() if isinstance(case, dict) else ():
        with contextlib.suppress(ValueError):
            if name.endswith("_on") and date.fromisoformat(str(value)) > date.today():
                finding = Finding("future", "warning", "this day has not come yet", remedy="correct the date")
                found.append(_open("doubtful", draft, ("case", name), finding))
    return found
