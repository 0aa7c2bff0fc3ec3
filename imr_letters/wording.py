"""The wording that letters are made with and read by: a folder of templates, and one of rationale snippets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from imr_letters.engine.checks.between import read_differently
from imr_letters.engine.checks.names import foreign_names
from imr_letters.engine.choice import family_for, in_form
from imr_letters.engine.errors import DecisionError, Finding, RenderError, SnippetError, TemplateError, UsageError
from imr_letters.engine.families import LETTER, TEMPLATES
from imr_letters.engine.form import Form, NoPhrases, Phrases
from imr_letters.imr import records
from imr_letters.imr.form import FORM, Family, Unfinished
from imr_letters.imr.model import Decision
from imr_letters.snippets import Library, Snippet, read_library
from imr_letters.snippets.snippet import FOLDER as SNIPPETS

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Wording:
    """A folder of templates and one of rationale snippets; without either, the one that ships with the program.

    What the folders hold is read when it is first asked for, and once in a process for each wording.
    """

    templates: Path | None = None
    snippets: Path | None = None

    @property
    def templates_folder(self) -> Path:
        """The folder of the letter families."""
        return self.templates or shipped(TEMPLATES)

    @property
    def snippets_folder(self) -> Path:
        """The folder of the rationale library."""
        return self.snippets or shipped(SNIPPETS)

    @property
    def families(self) -> dict[str, Family]:
        """The letter families by name, in order. Raises `UsageError` where the folder holds none."""
        return _families(self)

    @property
    def library(self) -> Library:
        """The rationale library. Raises `SnippetError` with every fault it has, `UsageError` where there is none."""
        return read_library(self.snippets_folder)

    def absolute(self) -> Wording:
        """Return the same folders by paths that hold in every process, wherever it runs."""
        return Wording(*(folder and folder.absolute() for folder in (self.templates, self.snippets)))

    def check_templates(self, name: str | None = None) -> list[Family]:
        """Load one letter family or all of them, and return them. Raises `TemplateError` with every fault of all."""
        chosen = [self.family(name)] if name else list(self.families.values())
        faults: list[Finding] = []
        for each in chosen:
            try:
                each.template  # noqa: B018 - compiled, and checked, when it is asked for
            except TemplateError as error:
                faults += [finding for finding in error.findings if finding not in faults]
        if faults:
            raise TemplateError(*faults)
        return chosen

    def check_between(self, name: str | None = None) -> tuple[Finding, ...]:
        """Return what is doubtful between families: of all that are sound, or of one and the others.

        Two can read one letter differently, or one names the organization of another.
        """
        sound = []
        for each in self.families.values():
            with suppress(TemplateError):  # `check_templates` says why
                each.template  # noqa: B018 - compiled, and checked, when it is asked for
                sound.append(each)
        return (*read_differently(sound, name), *self._foreign_names(sound, name))

    def _foreign_names(self, sound: Sequence[Family], name: str | None) -> Iterator[Finding]:
        """Yield where a family names the organization of another one, or of one that ships with the program."""
        others = [each.about for each in {**SHIPPED.families, **self.families}.values()]
        known = [each for about in others for each in (about.organization, about.short_name) if each]
        for each in sound:
            if name in (None, each.name):
                yield from foreign_names(each.sources, each.about.constants.values(), known)

    def check_snippets(self) -> list[Snippet]:
        """Load the rationale library and hold it against the letter families; return its snippets.

        Raises `SnippetError` with every fault: of a snippet, of two that can print the same words, and of wording that
        a family would take for its own fixed words.
        """
        known = list(self.library)
        faults = [
            Finding(
                "collision",
                "error",
                f'begins or ends like the part of the form "{hit.strip()}" of family {family.name}',
                source=snippet.path,
                line=paragraph.origin.line,
                remedy="begin and end the paragraph with other words",
            )
            for family in self.families.values()
            for snippet in known
            for paragraph, words in snippet.examples()
            if (hit := family.collision(words))
        ]
        if faults:
            raise SnippetError(*dict.fromkeys(faults))
        return known

    def family(self, name: str) -> Family:
        """Return a family by name. Raises `UsageError` for an unknown one."""
        if name not in self.families:
            raise UsageError.of(f'there is no letter family "{name}"', remedy=f"use one of {', '.join(self.families)}")
        return self.families[name]

    def family_of(self, decision: Decision) -> Family:
        """Return the family of a decision: one that prints all of it and was in force when it was decided.

        Without a decision date, the newest wording that prints all of it. Raises `RenderError` where there is none.
        """
        return family_for(decision, self.form_of(decision), list(self.families.values()))

    @property
    def forms(self) -> list[Form[Decision]]:
        """The forms of the families, each once: families may declare fields of their own."""
        return list(dict.fromkeys(family.form for family in self.families.values()))

    def form_of(self, decision: Decision) -> Form[Decision]:
        """Return the form whose fields a decision has."""
        return next((form for form in self.forms if form.model is type(decision)), FORM)

    def phrases_of(self, decision: Decision) -> Phrases[Decision]:
        """Return the approved words that a decision may name: those of the library, or none."""
        return _phrases(self, self.form_of(decision))

    def loads(self, data: bytes | str, name: str = "", family: str | None = None) -> Decision:
        """Return the decision that JSON or YAML text holds, with the fields of the family of that name.

        Without a family, with the fields of those families that it fits. Raises `InputError` or `DecisionError`;
        `RenderError` for a decision with the fields of other families than the one that is named.
        """
        if family is None:
            return self._fitting(data, name)
        chosen = self.family(family)
        try:
            return records.loads(data, name, chosen.form)
        except DecisionError:
            other = None
            if len(self.forms) > 1:
                with suppress(DecisionError):
                    other = self._fitting(data, name)
            if other is None:
                raise
        return in_form(other, chosen)

    def _fitting(self, data: bytes | str, name: str) -> Decision:
        found = _loaded(self.forms, lambda form: records.loads(data, name, form))
        for each in found if len(found) > 1 else ():
            with suppress(RenderError):
                return in_form(each, self.family_of(each))
        return found[0]

    def loads_unfinished(self, data: bytes | str, name: str = "", family: str | None = None) -> Unfinished:
        """Return what a decision file holds that may have gaps. Raises as `loads` does, but for what is missing."""
        forms = [self.family(family).form] if family is not None else self.forms
        found = _loaded(forms, lambda form: records.loads_unfinished(data, name, form))
        return next((each for each in found if each.decision is not None), found[0])


def _loaded(forms: Iterable[Form[Decision]], load: Callable[[Form[Decision]], L]) -> list[L]:
    """Return what a file holds by each form that it fits. Raises the shortest `DecisionError` where it fits none."""
    found: list[L] = []
    errors: list[DecisionError] = []
    for form in forms:
        try:
            found.append(load(form))
        except DecisionError as error:
            errors.append(error)
    if not found:
        raise min(errors, key=lambda each: len(each.findings))
    return found


#: The wording that ships with the program.
SHIPPED = Wording()


@cache
def shipped(name: str) -> Path:
    """Return a folder that ships with the program: inside an installed package, or next to it in a checkout."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def forget() -> None:
    """Drop what this process has read: the files have changed."""
    _families.cache_clear()
    read_library.cache_clear()


@cache
def _families(wording: Wording) -> dict[str, Family]:
    folder = wording.templates_folder
    if not folder.is_dir():
        raise UsageError.of(f"there is no folder of templates {folder}")
    names = [path.parent.name for path in sorted(folder.glob(f"*/{LETTER}"))]
    usual = shipped(TEMPLATES) / "shared" / "letter.css"
    found = {name: Family(folder, name, FORM, lambda form: _phrases(wording, form), usual) for name in names}
    if not found:
        raise UsageError.of(f"{folder} holds no letter family", remedy=f"a family is a folder with {LETTER}")
    return found


def _phrases(wording: Wording, form: Form[Decision]) -> Phrases[Decision]:
    """Return the library, for decisions that can name its snippets."""
    items = form.root.fields.get("items")
    held = items.fields.get("rationale") if items is not None else None
    return wording.library if held == FORM.root.fields["items"].fields["rationale"] else NoPhrases()
