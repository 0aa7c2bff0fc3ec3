"""Lint: what a careful program can see is wrong with a determination before it leaves.

    from imr_letters.lint import lint
    for finding in lint(decision):
        print(finding.text())

Errors stop a letter, warnings ride along, advice is for those who ask. `all_rules()` lists the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from imr_letters import letters
from imr_letters.engine.errors import Finding, RenderError, TemplateError
from imr_letters.engine.grammar.problems import did_you_mean
from imr_letters.engine.values import Part
from imr_letters.imr.form import Family, Reading, Unfinished
from imr_letters.imr.model import Decision
from imr_letters.letters import Given
from imr_letters.lint.places import InFile, InLetter, Locator, Nowhere
from imr_letters.lint.register import GROUPS, Check, Hit, Rule, RuleSeverity, all_rules, rule, rule_named
from imr_letters.lint.subject import Subject, subject_of, subject_of_draft
from imr_letters.wording import SHIPPED, Wording

__all__ = [
    "GROUPS",
    "Check",
    "Hit",
    "Rule",
    "Scope",
    "Subject",
    "all_rules",
    "lint",
    "lint_draft",
    "lint_letter",
    "lint_so_far",
    "lint_source",
    "rule",
    "rule_named",
    "stops",
]

_ORDER = ("error", "warning", "advice", "off")
#: Hits of one rule that are told of one letter.
MOST_HITS = 20


@dataclass(frozen=True)
class Scope:
    """Which rules apply and where wording comes from.

    `family` names one; without, it is the one that the decision's own facts choose. `off` holds codes of rules that
    are left out; without `advice`, rules of that severity are.
    """

    family: str | None = None
    wording: Wording = SHIPPED
    off: Collection[str] = ()
    advice: bool = True


#: All rules, with the wording that ships with the program.
ALL = Scope()


def lint(decision: Decision, name: str = "", scope: Scope = ALL) -> list[Finding]:
    """Return what the rules find in a decision, errors first, then warnings and advice.

    `name` names the source in the findings. Raises `UsageError` for an unknown code in `off`, `TemplateError` where
    the family's `family.toml` names one.
    """
    return _found(subject_of(decision, scope.wording), scope, Nowhere(name))


def lint_draft(file: Unfinished, name: str = "", scope: Scope = ALL) -> list[Finding]:
    """Return what the rules find in a decision file, with its lines; what is missing are errors too."""
    if file.decision is not None:
        subject = subject_of(file.decision, scope.wording)
    else:
        subject = subject_of_draft(file.data, scope.wording, file.form)
    return _found(subject, scope, InFile(file, name))


def lint_so_far(data: Mapping[str, Any], scope: Scope = ALL) -> list[Finding]:
    """Return what the rules find in the fields of a draft that are filled in; what is missing is among it."""
    return _found(subject_of_draft(data, scope.wording), scope, Nowhere(""))


def lint_letter(reading: Reading, name: str = "", scope: Scope = ALL) -> list[Finding]:
    """Return what the rules find in a letter that was read, with its pages and lines."""
    return _found(subject_of(reading.decision, scope.wording), scope, InLetter(reading, name))


def lint_source(
    source: Decision | Given, name: str = "", scope: Scope = ALL, *, is_decision: bool | None = None
) -> list[Finding]:
    """Return what the rules find in a decision, a decision file or draft, or a letter in any medium.

    A letter is read although its fixed words differ; each difference is among the findings. Whether a file holds a
    decision is seen from it, unless `is_decision` says so.

    Raises as `letters.parse` does, and `DecisionError` for a decision file with other faults than missing fields.
    """
    if isinstance(source, Part):
        return lint(source, name, scope)
    given = letters.prepared(source, name)
    if letters.is_decision(given, scope.wording) if is_decision is None else is_decision:
        return lint_draft(scope.wording.loads_unfinished(given.data, given.name, scope.family), given.name, scope)
    reading = letters.parse(given, scope.family, scope.wording, accept_drift=True)
    drift = [finding for finding in reading.findings if finding.severity == "error"]
    return [*drift, *lint_letter(reading, given.name, replace(scope, family=reading.family))]


def stops(findings: Iterable[Finding]) -> bool:
    """Tell whether a letter with these findings must not leave."""
    return any(finding.severity == "error" for finding in findings)


def _found(subject: Subject, scope: Scope, locator: Locator) -> list[Finding]:
    for code in scope.off:
        rule_named(code)
    family = scope.wording.family(scope.family) if scope.family else _family(subject, scope)
    settings = _settings(family) if family is not None and family.about.lint else {}
    found: list[Finding] = []
    for each in all_rules():
        severity = _milder(each.severity, settings.get(each.code, each.severity))
        if severity == "off" or each.code in scope.off or (severity == "advice" and not scope.advice):
            continue
        if not (each.general or subject.is_determination):
            continue
        for number, hit in enumerate(each.check(subject)):
            if number == MOST_HITS:
                break
            found.append(_finding(each, severity, hit, subject, locator))
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))


def _milder(one: RuleSeverity | Literal["off"], other: RuleSeverity | Literal["off"]) -> RuleSeverity | Literal["off"]:
    """Return the milder of two: a family never makes a rule stricter."""
    return max(one, other, key=_ORDER.index)


def _finding(each: Rule, severity: RuleSeverity, hit: Hit, subject: Subject, locator: Locator) -> Finding:
    spot = locator.spot(hit, subject.texts.get(hit.field) or subject.mailed.get(hit.field, ""))
    remedy = hit.remedy or each.remedy
    return Finding(
        each.code,
        severity,
        hit.message,
        source=spot.source,
        line=spot.line,
        column=spot.column,
        excerpt=spot.excerpt,
        mark=spot.mark,
        field=hit.field,
        also=hit.also,
        remedy=remedy,
    )


def _family(subject: Subject, scope: Scope) -> Family | None:
    """Return the family a letter of this decision would be of; None where no family fits."""
    if subject.decision is not None:
        try:
            return scope.wording.family_of(subject.decision)
        except RenderError:
            return None
    known = scope.wording.families.values()
    day = subject.decided_on
    fitting = [each for each in known if day is None or each.in_force(day)]
    return max(fitting, key=lambda each: str(each.about.in_force_from or ""), default=None)


def _settings(family: Family) -> Mapping[str, RuleSeverity | Literal["off"]]:
    """Return by code how a family takes rules; "off" for one that does not apply to it."""
    known = {each.code: each for each in all_rules()}
    for code in family.about.lint:
        if code not in known:
            message = f'[lint] names the rule "{code}", which there is not{did_you_mean(code, known)}'
            place = f"templates/{family.name}/family.toml"
            remedy = "imr-letters lint rules lists them; or install the package that brings the rule"
            raise TemplateError.of(message, source=place, remedy=remedy)
    return {code: setting.severity for code, setting in family.about.lint.items()}
