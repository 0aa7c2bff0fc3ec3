"""What a rule is, and the register of all of them.

A rule is a small generator: it is shown a `Subject` and yields a `Hit` for everything that is wrong. The decorator
`@rule(...)` gives it its code, severity, source and remedy, and enters it into the register. Other packages bring
rules of their own through the entry point group `imr_letters.lint`: each entry names a module that makes them.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Literal

from imr_letters.engine.errors import UsageError
from imr_letters.engine.grammar.problems import did_you_mean
from imr_letters.lint.subject import Subject

RuleSeverity = Literal["error", "warning", "advice"]
#: What rules are about, in the order of the documents.
RuleGroup = Literal[
    "completeness",
    "consistency",
    "dates",
    "treatment",
    "evidence",
    "documents",
    "mailing",
    "deadlines",
    "language",
    "privacy",
    "snippets",
]
GROUPS: tuple[RuleGroup, ...] = (
    "completeness", "consistency", "dates", "treatment", "evidence", "documents", "mailing", "deadlines", "language",
    "privacy", "snippets",
)  # fmt: skip

#: Groups whose rules hold for letters of every review program.
_GENERAL = ("language", "privacy")

#: The entry point group through which other packages bring rules.
ENTRY_POINTS = "imr_letters.lint"

_CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that is wrong: the field, what is wrong in words, and the words of the field that show it.

    `start` is the offset of the words in the field's text, where they stand there more than once. `remedy` takes the
    place of the rule's own. `also` are the other fields that it is about.
    """

    field: str
    message: str
    words: str = ""
    start: int = -1
    remedy: str = ""
    also: tuple[str, ...] = ()


Check = Callable[[Subject], Iterable[Hit]]


@dataclass(frozen=True)
class Rule:
    """A check with what is to be said about it."""

    code: str
    severity: RuleSeverity
    group: str
    source: str
    remedy: str
    check: Check
    #: Whether it holds for letters of every review program; the others are about determinations of this one.
    general: bool = False

    @property
    def title(self) -> str:
        """What must hold, in one line: the first paragraph of the check's docstring."""
        return " ".join(self._paragraphs[0].split())

    @property
    def about(self) -> str:
        """What else the docstring says: how the rule judges, and what it leaves alone."""
        return "\n\n".join(" ".join(each.split()) for each in self._paragraphs[1:])

    @property
    def is_own(self) -> bool:
        """Whether it is one of this package's."""
        return self.check.__module__.startswith("imr_letters.lint.rules.")

    @property
    def _paragraphs(self) -> list[str]:
        return (inspect.getdoc(self.check) or self.code).split("\n\n")

    def text(self) -> str:
        """Return what `lint explain` prints."""
        parts = [f"{self.code} ({self.severity}, {self.group})", self.title, self.about]
        return "\n\n".join([*(part for part in parts if part), f"Source: {self.source}", f"Remedy: {self.remedy}"])


_RULES: dict[str, Rule] = {}


def rule(
    code: str, severity: RuleSeverity, group: str, *, source: str, remedy: str, general: bool = False
) -> Callable[[Check], Rule]:
    """Make a check a rule of the register. Codes are words of small letters with hyphens, each given once.

    A rule that is `general` needs only words, prose and days: it also holds for families that leave out fields which
    determinations must have. Those of language and privacy always are.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f'"{code}" is no code for a rule: write small words with hyphens, such as date-order')

    def enter(check: Check) -> Rule:
        made = Rule(code, severity, group, source, remedy, check, general or group in _GENERAL)
        known = _RULES.get(code)
        if known is not None and known.check.__module__ != check.__module__:
            raise ValueError(f'two rules have the code "{code}"')
        _RULES[code] = made
        return made

    return enter


@cache
def _load() -> None:
    for group in GROUPS:
        importlib.import_module(f"imr_letters.lint.rules.{group}")
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        entry.load()


def all_rules() -> tuple[Rule, ...]:
    """Return every rule: those of this package by group, then those of others by code."""
    _load()
    own = [each for each in _RULES.values() if each.is_own]
    others = [each for each in _RULES.values() if not each.is_own]
    return (*own, *sorted(others, key=lambda each: each.code))


def rule_named(code: str) -> Rule:
    """Return the rule of a code. Raises `UsageError` for an unknown one."""
    _load()
    if code not in _RULES:
        message = f'there is no rule "{code}"{did_you_mean(code, _RULES)}'
        raise UsageError.of(message, remedy="imr-letters lint rules lists them all")
    return _RULES[code]
