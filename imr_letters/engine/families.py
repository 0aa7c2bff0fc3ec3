"""Letter families: the template of each, its looks, and what it says about itself.

A family is a folder `templates/<family>/` with `letter.html.jinja` and `family.toml`; `letter.css` there, or else
the one in `templates/shared/`, gives its looks; `added.css` adds to it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Generic, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imr_letters.engine import paths
from imr_letters.engine.checks.totality import printed_paths
from imr_letters.engine.errors import InputError, TemplateError
from imr_letters.engine.files import inside
from imr_letters.engine.form import D, Form, NoPhrases, Phrases
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.records.loading import read_bytes
from imr_letters.engine.template.compiled import Template
from imr_letters.engine.values import Part, Words

LETTER = "letter.html.jinja"
#: What messages call the folder of the letter families, wherever it is.
TEMPLATES = "templates"
#: Largest file of a family, in bytes.
LARGEST = 2_000_000


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


class Unproved(BaseModel):
    """Takes a template of which it is not proved that every letter has one reading; always with a reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Words


class About(BaseModel):
    """What `family.toml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Words
    organization: Words
    in_force_from: date | None = None
    in_force_to: date | None = None
    letterhead: Letterhead = Letterhead()
    #: Fields that may be absent from a decision, but not from one that this family prints.
    needs: tuple[str, ...] = ()
    #: What counsel has to confirm before letters of this wording are mailed.
    confirm_with_counsel: tuple[Words, ...] = ()
    #: Why the family may be used although it is not proved that each of its letters has one reading.
    unproved: Unproved | None = None
    #: By code of the rule.
    lint: dict[str, LintSetting] = Field(default_factory=dict)


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        faults = [f"{paths.dotted(each['loc'])}: {each['msg'].lower()}" for each in error.errors()]
        return "; ".join(faults)
    return f"cannot be read: {' '.join(str(error).split())[:200]}"


class Family(Generic[D]):
    """A letter family: its template, compiled when first used, and what `family.toml` says about it.

    `form` is the review program that the letters are of, and `phrases` gives the approved words they draw from.
    """

    def __init__(self, root: Path, name: str, form: Form[D], phrases: Callable[[], Phrases[D]] = NoPhrases) -> None:
        self.name = name
        self.root = root
        self.form = form
        self._phrases = phrases
        try:
            self.about = About.model_validate(tomllib.loads(self.content(f"{name}/family.toml").decode()))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValidationError) as error:
            raise TemplateError.of(
                _why(error),
                source=f"templates/{name}/family.toml",
                remedy="it needs title and organization in quotes, and may have in_force_from and in_force_to",
            ) from None
        optional = [name for name, kind in form.root.fields.items() if kind.optional]
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
        return Template(
            f"{self.name}/{LETTER}",
            self._load,
            known,
            self.form.language,
            self.about.needs,
            accept_doubt=self.about.unproved is not None,
        )

    @property
    def phrases(self) -> Phrases[D]:
        """The approved words that decisions may name. Raises `SnippetError` with every fault they have."""
        return self._phrases()

    @property
    def automaton(self) -> Automaton:
        """The compiled grammar of the template."""
        return self.template.automaton

    @cached_property
    def css(self) -> str:
        """The stylesheet: the family's own or else the shared one, and what the family adds to it."""
        own, shared, added = f"{self.name}/letter.css", "shared/letter.css", f"{self.name}/added.css"
        sheet = self._text(own if self._has(own) else shared)
        return sheet + self._text(added) if self._has(added) else sheet

    @cached_property
    def logo(self) -> bytes | None:
        """The letterhead's logo. Raises `TemplateError` where the file it names is missing."""
        name = self.about.letterhead.logo
        if name is None:
            return None
        if not self._has(f"{self.name}/{name}"):
            place = f"templates/{self.name}/family.toml"
            message = f'the logo "{name}" is not in the folder of the family'
            raise TemplateError.of(message, source=place, remedy="put the SVG file there")
        return self.content(f"{self.name}/{name}")

    @cached_property
    def printed(self) -> frozenset[paths.GrammarPath]:
        """The fields the template can print."""
        return frozenset(printed_paths(self.template.grammar.nodes))

    def lost(self, decision: D) -> list[str]:
        """Return the fields of a decision that this family's letter would lose."""
        return [paths.dotted(path) for path in present(decision) if path not in self.printed]

    def missing(self, decision: D) -> list[str]:
        """Return the fields that this family's letter cannot do without, and the decision does not have."""
        return [name for name in self.about.needs if getattr(decision, name) is None]

    def collision(self, paragraph: str) -> str | None:
        """Return the words of the form that a paragraph of prose would be taken for, or None."""
        hits = (state.fences.hit(paragraph) for state in self.automaton.states if state.prose is not None)
        return next((hit for hit in hits if hit is not None), None)

    def in_force(self, day: date) -> bool:
        """Return whether the family's wording was in force on a day."""
        start, end = self.about.in_force_from, self.about.in_force_to
        return (start is None or start <= day) and (end is None or day <= end)

    def content(self, name: str) -> bytes:
        """Return a file of the folder of templates, by its path in it: what a letter says or looks like.

        Raises `TemplateError` for one that leads out of the folder, is not a plain file, is too large or not there:
        whoever writes templates must not be able to publish another file of this machine.
        """
        place = f"{TEMPLATES}/{name}"
        try:
            return read_bytes(inside(self.root / name, self.root), LARGEST)
        except InputError as error:
            raise TemplateError(*(replace(finding, source=place) for finding in error.findings)) from None

    def _has(self, name: str) -> bool:
        """Return whether there is something of this name in the folder of templates, be it a link."""
        return os.path.lexists(self.root / name)

    def _text(self, name: str) -> str:
        try:
            return self.content(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            place = f"{TEMPLATES}/{name}"
            raise TemplateError.of("is not UTF-8 text", source=place, remedy="save it as UTF-8") from None

    def _load(self, name: str) -> str | None:
        return self._text(name) if self._has(name) and not (self.root / name).is_dir() else None


def present(part: Part, path: paths.GrammarPath = ()) -> Iterator[paths.GrammarPath]:
    """Yield the fields that a decision has."""
    for name, value in part.__dict__.items():
        if name == "as_printed" or value is None:
            continue
        if isinstance(value, Part):
            yield from present(value, (*path, name))
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            yield from dict.fromkeys(found for entry in value for found in present(entry, (*path, name, "*")))
        else:
            yield (*path, name)
