"""Letter families: where templates are found, and which family a decision's letter belongs to.

A family is a folder `templates/<family>/` with `letter.html.jinja` and `family.toml`; `letter.css` there, or else
the one in `templates/shared/`, gives its looks; `added.css` adds to it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imr_letters.engine.checks.whole import printed_paths
from imr_letters.engine.errors import Finding, RenderError, TemplateError, UsageError
from imr_letters.engine.fields import MAILED, WHOLE
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.template.compiled import Template
from imr_letters.engine.template.nodes import Path as FieldPath
from imr_letters.engine.template.nodes import dotted
from imr_letters.engine.values import Part, Words
from imr_letters.imr.model import Decision
from imr_letters.snippets import Library, library

LETTER = "letter.html.jinja"


class Letterhead(BaseModel):
    """What stands above the first page of a PDF letter: a logo (an SVG file of the family's folder), address lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    logo: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.svg$")] | None = None
    lines: tuple[Words, ...] = Field(default=(), max_length=6)


class LintSetting(BaseModel):
    """How a family takes a lint rule: off, or less severe than the rule itself; always with a reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Literal["off", "advice", "warning"]
    reason: Words


class About(BaseModel):
    """What `family.toml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    organization: str
    in_force_from: date | None = None
    in_force_to: date | None = None
    letterhead: Letterhead = Letterhead()
    #: Fields that may be absent from a decision, but not from one that this family prints, such as addressee.
    needs: tuple[str, ...] = ()
    #: What counsel has to confirm before letters of this wording are mailed.
    confirm_with_counsel: tuple[Words, ...] = ()
    #: By code of the rule.
    lint: dict[str, LintSetting] = Field(default_factory=dict)


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg'].lower()}" for each in error.errors()]
        return "; ".join(faults)
    return f"cannot be read: {' '.join(str(error).split())[:200]}"


class Family:
    """A letter family: its template, compiled when first used, and what `family.toml` says about it.

    `snippets` is the folder of the rationale library its letters draw from; the shipped one without.
    """

    def __init__(self, root: Path, name: str, snippets: Path | None = None) -> None:
        self.name = name
        self.root = root
        self._snippets = snippets
        try:
            self.about = About.model_validate(tomllib.loads((root / name / "family.toml").read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise TemplateError.of(
                _why(error),
                source=f"templates/{name}/family.toml",
                remedy="it needs title and organization in quotes, and may have in_force_from and in_force_to",
            ) from None
        optional = [name for name, kind in WHOLE.fields().items() if kind.optional]
        for name in self.about.needs:
            if name not in optional:
                message = f'needs names "{name}", which is no field that may be absent'
                place = f"templates/{self.name}/family.toml"
                remedy = f"use some of {', '.join(optional)}"
                raise TemplateError.of(message, source=place, remedy=remedy)

    @cached_property
    def template(self) -> Template:
        """The template. Raises `TemplateError` with every fault it has."""
        known = sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*.jinja"))
        return Template(f"{self.name}/{LETTER}", self._load, known, self.about.needs)

    @property
    def library(self) -> Library:
        """The rationale library. Raises `SnippetError` with every fault it has."""
        return library(self._snippets)

    @property
    def automaton(self) -> Automaton:
        """The compiled grammar of the template."""
        return self.template.automaton

    @cached_property
    def css(self) -> str:
        """The stylesheet: the family's own or else the shared one, and what the family adds to it."""
        own, added = self.root / self.name / "letter.css", self.root / self.name / "added.css"
        sheet = (own if own.exists() else self.root / "shared" / "letter.css").read_text(encoding="utf-8")
        return sheet + added.read_text(encoding="utf-8") if added.exists() else sheet

    @cached_property
    def logo(self) -> bytes | None:
        """The letterhead's logo. Raises `TemplateError` where the file it names is missing."""
        name = self.about.letterhead.logo
        if name is None:
            return None
        try:
            return (self.root / self.name / name).read_bytes()
        except OSError:
            place = f"templates/{self.name}/family.toml"
            message = f'the logo "{name}" is not in the folder of the family'
            raise TemplateError.of(message, source=place, remedy="put the SVG file there") from None

    @cached_property
    def printed(self) -> frozenset[FieldPath]:
        """The fields the template can print."""
        return frozenset(printed_paths(self.template.grammar.nodes))

    def lost(self, decision: Decision) -> list[str]:
        """Return the fields of a decision that this family's letter would lose."""
        return [dotted(path) for path in _present(decision, ()) if path not in self.printed]

    def missing(self, decision: Decision) -> list[str]:
        """Return the fields that this family's letter cannot do without, and the decision does not have."""
        return [name for name in self.about.needs if getattr(decision, name) is None]

    def collision(self, paragraph: str) -> str | None:
        """Return the words of the form that a paragraph of prose would be taken for, or None."""
        hits = (state.fences.hit(paragraph) for state in self.automaton.states if state.prose is not None)
        return next((hit for hit in hits if hit is not None), None)

    def in_force(self, day: date) -> bool:
        """Tell whether the family's wording was in force on a day."""
        start, end = self.about.in_force_from, self.about.in_force_to
        return (start is None or start <= day) and (end is None or day <= end)

    def _load(self, name: str) -> str | None:
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            return None
        return path.read_text(encoding="utf-8-sig")


def templates_folder() -> Path:
    """Return the folder of the shipped templates: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


@cache
def families(root: Path | None = None, snippets: Path | None = None) -> dict[str, Family]:
    """Return the families below a folder by name, in order. The shipped ones without `root`.

    `snippets` is the folder of their rationale library; the shipped one without.
    """
    folder = root or templates_folder()
    if not folder.is_dir():
        raise UsageError.of(f"there is no folder of templates {folder}")
    names = [path.parent.name for path in sorted(folder.glob(f"*/{LETTER}"))]
    found = {name: Family(folder, name, snippets) for name in names}
    if not found:
        raise UsageError.of(f"{folder} holds no letter family", remedy=f"a family is a folder with {LETTER}")
    return found


def family(name: str, root: Path | None = None, snippets: Path | None = None) -> Family:
    """Return a family by name. Raises `UsageError` for an unknown one."""
    known = families(root, snippets)
    if name not in known:
        raise UsageError.of(f'there is no letter family "{name}"', remedy=f"use one of {', '.join(known)}")
    return known[name]


def family_of(decision: Decision, root: Path | None = None, snippets: Path | None = None) -> Family:
    """Return the family of a decision: one that prints all of it and was in force when it was decided.

    Without a decision date, the newest wording that prints all of it. Raises `RenderError` where there is none.
    """
    known = list(families(root, snippets).values())
    able = [each for each in known if not each.missing(decision) and not each.lost(decision)]
    day = decision.case.decided_on if decision.case else None
    fitting = [each for each in able if day is None or each.in_force(day)]
    if fitting:
        return max(fitting, key=lambda each: each.about.in_force_from or date.min)
    if decision.recipients is not None and decision.addressee is None:
        message = "the decision has recipients, and this letter is addressed to none of them"
        remedy = "imr-letters mail makes one letter for each recipient, imr-letters publish the public one"
        raise RenderError(Finding("family", "error", message, field="addressee", remedy=remedy))
    if able:
        message = f"no letter family that prints all of this decision was in force on {day}"
    else:
        mailed = any(getattr(decision, name) is not None for name in MAILED)
        losses = (_unable(each, decision) for each in known if mailed or not each.about.needs)
        message = f"no letter family prints all of this decision: {'; '.join(losses)}"
    raise RenderError(Finding("family", "error", message, remedy="choose one with --family, or mend the decision"))


def _unable(family: Family, decision: Decision) -> str:
    """Say why a family cannot print a decision."""
    missing = family.missing(decision)
    if missing:
        return f"{family.name} needs {', '.join(missing)}"
    return f"{family.name} does not print {', '.join(family.lost(decision))}"


def _present(part: Part, path: FieldPath) -> Iterator[FieldPath]:
    for name, value in part.__dict__.items():
        if name == "as_printed" or value is None:
            continue
        if isinstance(value, Part):
            yield from _present(value, (*path, name))
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            yield from dict.fromkeys(found for entry in value for found in _present(entry, (*path, name, "*")))
        else:
            yield (*path, name)
