"""Letter families: the template of each, its looks, and what it says about itself.

A family is a folder `templates/<family>/` with `letter.html.jinja` and `family.toml`; `letter.css` there, or else
the one in `templates/shared/`, gives its looks; `added.css` adds to it.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imr_letters.engine import paths
from imr_letters.engine.checks.totality import printed_paths
from imr_letters.engine.declared import Declared, FieldDeclaration, Forms, ValueDeclaration, form_of
from imr_letters.engine.declared.kinds import read_vocabulary
from imr_letters.engine.declared.tomltext import TomlText
from imr_letters.engine.declared.tomltext import read as read_toml
from imr_letters.engine.errors import Finding, InputError, TemplateError
from imr_letters.engine.files import inside
from imr_letters.engine.form import CONSTANTS, D, Form, NoPhrases, Phrases
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


class About(Declared):
    """What `family.toml` says."""

    title: Words
    organization: Words
    #: What the organization is called in labels; the organization itself without.
    short_name: Words | None = None
    #: What the head of a first page says, at the left and at the right; the title without.
    page_head: tuple[Words, ...] = Field(default=(), max_length=2)
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

    @property
    def constants(self) -> dict[str, str]:
        """The words that templates and stylesheets name: `{{ organization }}`."""
        said = {"title": self.title, "organization": self.organization, "short_name": self.short_name}
        return {name: said[name] or self.organization for name in CONSTANTS}

    @property
    def page_heads(self) -> dict[str, str]:
        """The words that stylesheets name for the head of a page: `{{ page_head_left }}`."""
        left, right = (*(self.page_head or (self.title,)), "")[:2]
        return {"page_head_left": left, "page_head_right": right, "page_head": f"{left}: {right}" if right else left}

    @property
    def declared(self) -> Declared:
        """What the family declares of its fields."""
        return Declared(leave_out=self.leave_out, forms=self.forms, fields=self.fields)


#: The tables of `family.toml`, by the shape of their path, and what they may hold.
_TABLES: dict[tuple[str, ...], type[BaseModel]] = {
    (): About,
    ("forms",): Forms,
    ("fields", "*"): FieldDeclaration,
    ("fields", "*", "columns", "*"): ValueDeclaration,
    ("letterhead",): Letterhead,
    ("lint", "*"): LintSetting,
    ("unproved",): Unproved,
}
_REMEDY = "it needs title and organization in quotes, and may have in_force_from and in_force_to"


def _about(file: TomlText) -> About:
    """Return what a `family.toml` says. Raises `TemplateError` with every fault it has."""
    try:
        about = About.model_validate(file.data)
    except ValidationError as error:
        faults = [_fault(file, each["loc"], each["type"], each["msg"]) for each in error.errors(include_url=False)]
        raise TemplateError(*dict.fromkeys(faults)) from None
    found = [
        Finding("family", "error", message, source=file.source, line=file.line(path), remedy=remedy)
        for path, message, remedy in about.declared.faults()
    ]
    if found:
        raise TemplateError(*found)
    return about


def _fault(file: TomlText, path: paths.FieldPath, code: str, said: str) -> Finding:
    """Return one fault of `family.toml` in the words of its editor."""
    path = tuple(each for each in path if each != "[key]")
    known = next(
        (list(model.model_fields) for shape, model in _TABLES.items() if _of_shape(path[:-1], shape)), list[str]()
    )
    remedy = _REMEDY
    if code == "extra_forbidden" and known:
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        message = f'there is no key "{str(path[-1])[:60]}"' + (f' (did you mean "{near[0]}"?)' if near else "")
        remedy = f"use one of {', '.join(known)}"
    elif code == "missing":
        message = f'"{path[-1]}" is missing'
    elif code == "literal_error":
        message = f"{paths.dotted(path)} is not an allowed value"
        remedy = f"write {said.removeprefix('Input should be ')}"
    else:
        message = f"{paths.dotted(path)}: {said.removeprefix('Value error, ').lower()}"
    return Finding("family", "error", message, source=file.source, line=file.line(path), remedy=remedy)


def _of_shape(path: paths.FieldPath, shape: tuple[str, ...]) -> bool:
    return len(path) == len(shape) and all(part in ("*", each) for each, part in zip(path, shape, strict=True))


@lru_cache(maxsize=200)
def _form(base: Form[Any], declared: str, vocabularies: str, schema: str) -> Form[Any]:
    """Return the form of a declaration: families that declare the same fields share their decisions."""
    faults: list[tuple[paths.FieldPath, str, str]] = []
    found = form_of(
        base,
        Declared.model_validate_json(declared),
        json.loads(vocabularies),
        lambda path, message, remedy: faults.append((path, message, remedy)),
        schema,
    )
    if faults:
        raise _DeclarationError(faults)
    return found


class _DeclarationError(Exception):
    """What is wrong with a declaration: by key, a message and a remedy."""

    def __init__(self, faults: Sequence[tuple[paths.FieldPath, str, str]]) -> None:
        super().__init__(faults)
        self.faults = faults


def _no_phrases(form: Form[D]) -> NoPhrases[D]:  # noqa: ARG001 - a default
    return NoPhrases()


class Family(Generic[D]):
    """A letter family: its template, compiled when first used, and what `family.toml` says about it.

    `form` is the review program that the letters are of, and `phrases` gives the approved words they draw from.
    `usual_css` is the stylesheet of families whose folder has none.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        form: Form[D],
        phrases: Callable[[Form[D]], Phrases[D]] = _no_phrases,
        usual_css: Path | None = None,
    ) -> None:
        self.name = name
        self.root = root
        self.form = form
        self._phrases = phrases
        self._usual_css = usual_css
        file = read_toml(self.content(f"{name}/family.toml"), f"{TEMPLATES}/{name}/family.toml")
        self.about = _about(file)
        if not self.about.declared.says_nothing:
            form = self.form = self._declared(form, file)
        optional = [name for name, kind in form.root.fields.items() if kind.optional]
        for name in self.about.needs:
            if name not in optional:
                message = f'needs names "{name}", which is no field that may be absent'
                remedy = f"use some of {', '.join(optional)}"
                raise TemplateError.of(message, source=file.source, line=file.line(("needs",)), remedy=remedy)

    def _declared(self, base: Form[D], file: TomlText) -> Form[D]:
        """Return the form of the fields that the family declares. Raises `TemplateError` with every fault."""
        vocabularies, faults = self._vocabularies(file)
        declared = self.about.declared.model_dump_json(exclude_defaults=True)
        try:
            form = _form(base, declared, json.dumps(vocabularies), f"{base.schema} --family {self.name}")
        except _DeclarationError as error:
            faults += [
                Finding("family", "error", message, source=file.source, line=file.line(path), remedy=remedy)
                for path, message, remedy in error.faults
            ]
        if faults:
            raise TemplateError(*faults)
        return form

    def _vocabularies(self, file: TomlText) -> tuple[Mapping[str, Sequence[str]], list[Finding]]:
        """Return the entries of the files that fields name, and what is wrong with those files."""
        found: dict[str, Sequence[str]] = {}
        faults: list[Finding] = []
        for key, field in self.about.fields.items():
            named: dict[paths.FieldPath, str | None] = {("fields", key): field.vocabulary}
            named |= {("fields", key, "columns", name): each.vocabulary for name, each in (field.columns or {}).items()}
            for path, name in named.items():
                if name is None or name in found:
                    continue
                message = "" if self._has(f"{self.name}/{name}") else "is not in the folder of the family"
                if not message:
                    found[name] = read_vocabulary(self._text(f"{self.name}/{name}"))
                    message = "" if found[name] else "holds no entry"
                if message:
                    remedy = "put a text file there with one entry on each line"
                    place = file.line((*path, "vocabulary"))
                    message = f'the vocabulary "{name}" {message}'
                    faults.append(Finding("family", "error", message, source=file.source, line=place, remedy=remedy))
        return found, faults

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
            constants=self.about.constants,
            accept_doubt=self.about.unproved is not None,
        )

    @property
    def phrases(self) -> Phrases[D]:
        """The approved words that decisions may name. Raises `SnippetError` with every fault they have."""
        return self._phrases(self.form)

    @property
    def automaton(self) -> Automaton:
        """The compiled grammar of the template."""
        return self.template.automaton

    @cached_property
    def css(self) -> str:
        """The stylesheet: the family's own or else the shared one, and what the family adds to it.

        Where the folder has neither, it is the one that ships with the program. Raises `TemplateError` for one that is
        not UTF-8 text.
        """
        own, shared, added = f"{self.name}/letter.css", "shared/letter.css", f"{self.name}/added.css"
        if self._usual_css is not None and not (self._has(own) or self._has(shared)):
            sheet = self._usual_css.read_text(encoding="utf-8")
        else:
            sheet = self._text(own if self._has(own) else shared)
        sheet += self._text(added) if self._has(added) else ""
        for name, words in {**self.about.constants, **self.about.page_heads}.items():
            quoted = words.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
            sheet = re.sub(rf"\{{\{{ *{name} *\}}\}}", lambda _, quoted=quoted: quoted, sheet)  # type: ignore[misc]
        return sheet

    @property
    def sources(self) -> dict[str, str]:
        """The files that the letters' fixed words and looks come from, by their place."""
        names = list(self.template.grammar.files)
        own, shared, added = f"{self.name}/letter.css", "shared/letter.css", f"{self.name}/added.css"
        names += [each for each in (own if self._has(own) else shared, added) if self._has(each)]
        return {f"{TEMPLATES}/{each}": self._text(each) for each in names}

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
