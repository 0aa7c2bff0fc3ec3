"""The library's door: `render`, `parse`, `verify`, `lint` and `check`, with the folders of their wording by keyword."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from imr_letters import letters
from imr_letters.engine.errors import Finding
from imr_letters.imr.form import Reading
from imr_letters.imr.model import Decision
from imr_letters.letters import Given, RenderedLetter
from imr_letters.wording import Wording

#: A folder of wording: its path.
FolderPath = Path | str

__all__ = ["RenderedLetter", "check", "lint", "parse", "render", "verify"]


def render(
    decision: Decision,
    family: str | None = None,
    *,
    templates: FolderPath | None = None,
    snippets: FolderPath | None = None,
) -> RenderedLetter:
    """Return the letter of a decision, in the family of that name or the one the decision's own facts choose.

    `templates` and `snippets` are folders to use instead of the shipped ones, here and in all functions below.

    Raises `RenderError` where the letter would not read back to this very decision.
    """
    return letters.render(decision, family, _wording(templates, snippets))


def parse(
    source: Given,
    family: str | None = None,
    *,
    name: str = "",
    accept_drift: bool = False,
    templates: FolderPath | None = None,
    snippets: FolderPath | None = None,
) -> Reading:
    """Return the one reading of a letter: its text, the bytes of its text or PDF, or the path of a file of either.

    Raises a `LetterError` where there is not exactly one: `DriftError` where fixed wording or the form of a value
    departs from the family's (unless `accept_drift`, which reports changed wording as findings instead), and
    `AmbiguousError` for two readings; `InputError` for what is no letter file at all.
    """
    return letters.parse(source, family, _wording(templates, snippets), name=name, accept_drift=accept_drift)


def verify(
    source: Decision | Given,
    family: str | None = None,
    *,
    name: str = "",
    templates: FolderPath | None = None,
    snippets: FolderPath | None = None,
) -> list[Finding]:
    """Check a decision (render, read back) or a letter (read, render again); an empty list says they are identical.

    Of a PDF three things are compared: what its pages say, the decision attached to it, and the PDF rendered again.

    A letter that may not be whole is not identical unless the decision attached to it says that it is.

    Raises as `render` and `parse` do. Notes and warnings of the reading are among the findings.
    """
    return letters.verify(source, family, _wording(templates, snippets), name=name)


def lint(
    source: Decision | Given,
    family: str | None = None,
    *,
    name: str = "",
    templates: FolderPath | None = None,
    snippets: FolderPath | None = None,
    off: Collection[str] = (),
    advice: bool = True,
    is_decision: bool | None = None,
) -> list[Finding]:
    """Return what the rules of lint find in a decision, a decision file or draft, or a letter (text or PDF).

    A letter is read although its fixed words differ; each difference is among the findings. `off` holds codes of rules
    to leave out; without `advice`, rules of that severity are. Whether a file holds a decision is seen from it, unless
    `is_decision` says so.

    Raises as `parse` does, and `DecisionError` for a decision file with other faults than missing fields.
    """
    from imr_letters.lint import Scope, lint_source

    scope = Scope(family, _wording(templates, snippets), off, advice)
    return lint_source(source, name, scope, is_decision=is_decision)


def check(name: str | None = None, *, templates: FolderPath | None = None) -> list[str]:
    """Load one letter family or all of them; return the names. Raises `TemplateError` with every fault of all."""
    return [each.name for each in _wording(templates, None).check_templates(name)]


def _wording(templates: FolderPath | None, snippets: FolderPath | None) -> Wording:
    return Wording(*(None if each is None else Path(each) for each in (templates, snippets)))
