"""One snippet: approved wording for a rationale, what its file says about it, and both directions.

A snippet is a file `rationale_snippets/<id>/<version>.md`: front matter in YAML between two lines `---`, then the
words. Its names are those of HL7 FHIR R5 for knowledge artifacts: `title`, `status`, `approved_on` (approvalDate),
`last_reviewed_on` (lastReviewDate), `effective_period`, `reviewer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from imr_letters.engine import text
from imr_letters.engine.codecs.simple import Number
from imr_letters.engine.errors import DecisionError, Finding, RenderError
from imr_letters.engine.fields import Group, Leaf, field_type
from imr_letters.engine.grammar.nodes import BlockNode
from imr_letters.engine.grammar.problems import Problems, did_you_mean
from imr_letters.engine.matching.pattern import examples
from imr_letters.engine.records.loading import loads_yaml
from imr_letters.engine.template.passage import Passage
from imr_letters.engine.values import Day, Words
from imr_letters.imr.model.decision import VariableName
from imr_letters.imr.model.guideline import Guideline

FOLDER = "rationale_snippets"

#: Words that Jinja takes for its own.
_RESERVED = frozenset(
    ("and", "or", "not", "if", "elif", "else", "endif", "in", "is", "for", "true", "false", "none", "loop", "self")
)
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
#: The kind of field of the model for each kind of variable.
_KINDS = {"words": "words", "number": "number", "date": "day", "choice": "choice"}


class _Front(BaseModel):
    """A group of front matter. Immutable; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Variable(_Front):
    """What a person fills in when the snippet is used."""

    name: VariableName
    kind: Literal["words", "number", "date", "choice"]
    question: Words = Field(description="What to ask the reviewer.")
    choices: tuple[Words, ...] = Field(default=(), description="The words to choose from; only of a choice.")
    required: bool = True

    @field_validator("name")
    @classmethod
    def _no_word_of_jinja(cls, name: str) -> str:
        if name in _RESERVED:
            raise ValueError(f'cannot be called "{name}", which means something to templates: choose another name')
        return name

    @model_validator(mode="after")
    def _choices_of_a_choice(self) -> Variable:
        if self.kind == "choice" and len(set(self.choices)) < 2:
            raise ValueError("is a choice without at least two different choices")
        if self.kind == "choice" and len(set(self.choices)) < len(self.choices):
            raise ValueError("gives a choice twice")
        if self.kind != "choice" and self.choices:
            raise ValueError(f"gives choices, but its kind is {self.kind}: write kind: choice, or leave them out")
        return self

    def field_type(self) -> Leaf:
        """Return how templates see the variable."""
        return Leaf(_KINDS[self.kind], not self.required, choices=self.choices)

    def fault(self, value: str) -> str | None:
        """Say why a value does not fit, or return None."""
        if self.kind == "choice":
            return None if value in self.choices else f"is none of: {', '.join(self.choices)}"
        if self.kind == "number":
            return None if Number().matches(value) else "is not a whole number from 1 to 9999"
        if self.kind == "date":
            try:
                return None if date.fromisoformat(value).isoformat() == value else "is not a date such as 2017-02-27"
            except ValueError:
                return "is not a date such as 2017-02-27"
        return None


class Period(_Front):
    """From when to when wording is meant to be used (FHIR Period)."""

    start: Day
    end: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end is not None and self.end < self.start:
            raise ValueError("ends before it starts")
        return self


class AppliesTo(_Front):
    """What treatments the wording is about, in the words of the State's search page."""

    treatment_category: tuple[Words, ...] = ()
    drug_class: tuple[Words, ...] = ()


class FrontMatter(_Front):
    """What the front matter of a snippet says."""

    title: Words
    status: Literal["draft", "active", "retired"]
    approved_on: Day | None = None
    last_reviewed_on: Day | None = None
    effective_period: Period
    reviewer: Words = Field(description="The role that approved the wording, such as Medical director; never a name.")
    citations: Guideline
    applies_to: AppliesTo = AppliesTo()
    argues_for: Literal["upheld", "overturned", "either"]
    variables: tuple[Variable, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> FrontMatter:
        if self.status != "draft" and self.approved_on is None:
            raise ValueError(f"is {self.status}, so it needs approved_on, the day it was approved")
        names = [variable.name for variable in self.variables]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f'has two variables "{twice}": give one another name')
        return self


_ROOT = Group({name: field_type(Guideline) if name == "citations" else Leaf("") for name in FrontMatter.model_fields})


class Snippet:
    """A snippet of one version."""

    def __init__(self, id_: str, version: int, about: FrontMatter, source: str, body: str, passage: Passage) -> None:
        self.id = id_
        self.version = version
        self.about = about
        #: All of the file.
        self.source = source
        #: The words as they stand in the file, variables and all.
        self.body = body
        self.passage = passage
        self._variables = {variable.name: variable for variable in about.variables}

    def __repr__(self) -> str:
        return f"<snippet {self.name}>"

    @property
    def name(self) -> str:
        """The id and the version, for messages."""
        return f"{self.id} version {self.version}"

    @property
    def size(self) -> int:
        """The number of paragraphs."""
        return len(self.passage.paragraphs)

    @property
    def path(self) -> str:
        """Where its file is, for messages."""
        return f"{FOLDER}/{self.passage.file}"

    def examples(self) -> Iterator[tuple[BlockNode, str]]:
        """Yield each paragraph, as it is printed with plain values."""
        for paragraph in self.passage.paragraphs:
            for way in paragraph.alternatives:
                yield from ((paragraph, words) for words in examples(way))

    @cached_property
    def key(self) -> tuple[str, int]:
        """What names it in a decision."""
        return self.id, self.version

    def faults(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return by variable why these values cannot be printed; empty where they can."""
        found = {}
        for name, value in values.items():
            if name not in self._variables:
                known = f"it has {', '.join(self._variables)}" if self._variables else "it has none"
                found[name] = f'has no variable "{name}"{did_you_mean(name, self._variables)}; {known}'
            elif fault := self._variables[name].fault(value):
                found[name] = f'"{name}" {fault}'
        for name, variable in self._variables.items():
            if variable.required and name not in values:
                found[name] = f'"{name}" is not filled in: {variable.question}'
        return found

    def words(self, values: Mapping[str, str]) -> str:
        """Return the printed words, paragraphs separated by a blank line. Raises `RenderError` for unfit values."""
        faults = self.faults(values)
        if faults:
            raise RenderError(*(self._fault(f"{self.name}: {each}", f".values.{at}") for at, each in faults.items()))
        given = {
            name: None if name not in values else date.fromisoformat(values[name]) if kind == "date" else values[name]
            for name, kind in ((each.name, each.kind) for each in self.about.variables)
        }
        paragraphs = self.passage.print(given)
        if self.read(paragraphs) != values:
            message = f"{self.name}: with these values the words could not be read back"
            raise RenderError(self._fault(message, ".values", "say a value in other words than the snippet's own"))
        return text.PARAGRAPH.join(paragraphs)

    def read(self, paragraphs: Sequence[str]) -> dict[str, str] | None:
        """Return the values with which the snippet prints these paragraphs, or None where it does not."""
        readings = self.passage.read(paragraphs)
        if len(readings) != 1:
            return None
        return {
            name: value.isoformat() if isinstance(value, date) else value for name, value in sorted(readings[0].items())
        }

    @staticmethod
    def _fault(message: str, field: str, remedy: str = "mend the value, or say it in own words") -> Finding:
        return Finding("snippet", "error", message, field=field, remedy=remedy)


def read_snippet(id_: str, version: int, content: str, problems: Problems) -> Snippet | None:
    """Return the snippet that a file holds; None where faults, noted in `problems`, leave none."""
    file = f"{id_}/{version}.md"
    source = f"{FOLDER}/{file}"
    content = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(content)
    if front is None:
        remedy = "begin it with a line ---, what is to be said about the snippet, and a second line ---"
        problems.found.append(Finding("snippet", "error", "has no front matter", source=source, line=1, remedy=remedy))
        return None
    try:
        # The first line is kept empty, so that lines are counted as in the file.
        about = loads_yaml("\n" + front.group(1), source, FrontMatter, _ROOT, schema=f"{FOLDER}/README.md")
    except DecisionError as error:
        problems.found += [replace(finding, code="snippet") for finding in error.findings]
        return None
    before = len(problems.found)
    body = content[front.end() :].strip("\n")
    first_line = content.count("\n", 0, len(content) - len(content[front.end() :].lstrip("\n"))) + 1
    variables = {variable.name: variable.field_type() for variable in about.variables}
    passage = Passage(file, body, first_line, variables, problems)
    return Snippet(id_, version, about, content, body, passage) if len(problems.found) == before else None
