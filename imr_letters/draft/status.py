"""What a draft still lacks, and what in it is doubtful: who is to answer, and where in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from imr_letters import letters
from imr_letters.draft.document import Document
from imr_letters.draft.probing import probe
from imr_letters.draft.questions import Role, parse, paths, question_at, question_path
from imr_letters.engine.errors import Finding, RenderError, UsageError
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.model import Decision, SnippetUse
from imr_letters.imr.unknown import outside_vocabularies
from imr_letters.lint import Scope, lint
from imr_letters.wording import SHIPPED, Wording

#: Version of the shape that `draft status --json` prints.
VERSION = 1

#: Rules of lint about what `status` reports by itself.
_KNOWN = ("state-known", "specialty-known", "guideline-form", "mtus-edition", "snippet-status")

#: Missing: no answer. Faulty: an answer the model refuses. Doubtful: an answer to be looked at once more.
Sort = Literal["missing", "faulty", "doubtful"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the wording comes from: a family, and folders other than the shipped ones."""

    family: str | None = None
    wording: Wording = SHIPPED


@dataclass(frozen=True, slots=True)
class Open:
    """One thing to be done about a draft."""

    sort: Sort
    roles: tuple[Role, ...]
    path: FieldPath
    finding: Finding
    #: Whether a rule of lint found it, so that a person may say why it does not matter.
    by_lint: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps the draft from being finished; what is only to be looked at once more does not."""
        return self.sort != "doubtful" or self.finding.severity == "error"

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape that `--json` prints."""
        return {"kind": self.sort, "roles": list(self.roles), **self.finding.as_dict()}


def status(document: Document, where: Places | None = None) -> list[Open]:
    """Return what is missing or doubtful in a draft, in the order of the form; nothing for a complete one."""
    where = where or Places()
    whole = probe(document.data)
    found = [_missing(document, path) for path in whole.missing]
    found += [_open("faulty", document, path, finding) for path, finding in whole.faults]
    if whole.decision is not None:
        skipped = {*whole.missing, *(question_path(path) for path, _ in whole.faults)}
        doubts = [
            (parse(path), Finding("vocabulary", "warning", message))
            for path, message in outside_vocabularies(whole.decision)
        ]
        found += [
            _open("doubtful", document, path, finding) for path, finding in doubts if question_path(path) not in skipped
        ]
        found += _snippets(document, whole.decision, where)
        if all(each.finding.code == "vocabulary" for each in found):
            found += _rendered(document, whole.decision, where) or _linted(document, whole.decision, where)
    rank = {path: place for place, (path, _, _) in enumerate(paths(document.data))}
    return sorted(found, key=lambda each: rank.get(question_path(each.path), len(rank)))


def _missing(document: Document, path: FieldPath) -> Open:
    question = question_at(path)
    assert question is not None
    line, column = document.place(path)
    finding = Finding(
        "missing", "error", question.ask, source=document.name, line=line, column=column, field=dotted(path)
    )
    return Open("missing", question.roles, path, finding)


def _open(sort: Sort, document: Document, path: FieldPath, finding: Finding) -> Open:
    question = question_at(path)
    roles: tuple[Role, ...] = question.roles if question else ("operations",)
    if finding.code not in ("vocabulary", "decision", "missing", "snippet"):
        roles = tuple(dict.fromkeys((*roles, "nurse"))) if question else ("nurse",)
    line, column = document.place(path)
    placed = Finding(
        finding.code,
        "error" if sort == "faulty" else finding.severity,
        finding.message,
        source=document.name,
        line=line,
        column=column,
        field=dotted(path),
        remedy=finding.remedy,
    )
    return Open(sort, roles, path, placed)


def _snippets(document: Document, decision: Decision, where: Places) -> list[Open]:
    """Return what is wrong with the snippets a draft names, and which of their values are missing."""
    found: list[Open] = []
    for index, item in enumerate(decision.items):
        for number, block in enumerate(item.rationale):
            if not isinstance(block, SnippetUse):
                continue
            path: FieldPath = ("items", index, "rationale", number)
            try:
                snippet = where.wording.library.get(block.snippet, block.version)
            except UsageError as error:
                found += [_open("faulty", document, (*path, "snippet"), finding) for finding in error.findings]
                continue
            if snippet.about.status != "active":
                message = f"{snippet.name} is {snippet.about.status}"
                remedy = "choose an active snippet or version, or write own words"
                finding = Finding("decision", "warning", message, remedy=remedy)
                found.append(_open("doubtful", document, (*path, "snippet"), finding))
            for name, problem in snippet.faults(block.values).items():
                missing = name not in block.values
                finding = Finding("missing" if missing else "decision", "error", problem)
                found.append(_open("missing" if missing else "faulty", document, (*path, "values", name), finding))
    return found


def _rendered(document: Document, decision: Decision, where: Places) -> list[Open]:
    """Return why a draft that lacks nothing gives no letter."""
    try:
        letters.render(decision, where.family, where.wording)
    except RenderError as error:
        return [_open("doubtful", document, parse(finding.field), finding) for finding in error.findings]
    return []


def _linted(document: Document, decision: Decision, where: Places) -> list[Open]:
    """Return what lint finds in a draft that lacks nothing. Whether words are known is reported already."""
    found = lint(decision, scope=Scope(where.family, where.wording, _KNOWN, advice=False))
    opened = [_open("doubtful", document, parse(finding.field), finding) for finding in found]
    return [replace(each, by_lint=True) for each in opened]
