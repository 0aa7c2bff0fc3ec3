"""A review program as the engine knows it: one frozen value, made by the program and handed to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from imr_letters.engine.codecs import Codecs
from imr_letters.engine.errors import Finding
from imr_letters.engine.fields import Group, group
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.paths import GrammarPath
from imr_letters.engine.values import Part

#: What `family.toml` says that templates and stylesheets may name: `{{ organization }}`.
CONSTANTS = ("title", "organization", "short_name")
#: The decisions of a review program.
D = TypeVar("D", bound=Part)


def nothing(decision: Any) -> None:  # noqa: ARG001 - a default
    """Return nothing: no reason, for any decision."""
    return


def _at(decision: Part, path: GrammarPath) -> Any:
    """Return the value of a field outside lists, or None where it or a group around it is absent."""
    here: Any = decision if path else None
    for name in path:
        here = here if here is None else getattr(here, name)
    return here


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that a letter family declares: its label, the question for it, and whose question it is.

    `kind` is the kind it was declared with, `hint` says what is taken for an answer.
    """

    label: str
    question: str
    hint: str
    asked_of: str
    kind: str


def nothing_unlike(decision: Any) -> tuple[tuple[str, str, str], ...]:  # noqa: ARG001 - a default
    """Return no pairs of fields, for any decision."""
    return ()


def _none_of_them(decision: Any) -> tuple[tuple[str, str], ...]:  # noqa: ARG001 - a default
    return ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Form(Generic[D]):
    """What a review program decides, how its letters print that, and what it is called in messages.

    `model` is the root of its data, which may declare fields that follow from others (`Part.derived`). `subject` is
    what messages call it, and `schema` where its fields are described.
    """

    model: type[D]
    codecs: Codecs
    subject: str = "a decision"
    schema: str = "imr-letters schema"
    #: Fields of the root that the public edition does not have.
    withheld: tuple[str, ...] = ()
    #: Fields anywhere that letter families withhold from the public edition.
    private: tuple[GrammarPath, ...] = ()
    #: The field with the number of a case, and the one with the day by which the wording in force is chosen.
    number_at: GrammarPath = ()
    day_at: GrammarPath = ()
    #: Who can be asked for a field.
    roles: tuple[str, ...] = ()
    #: The fields that a letter family declares.
    asked: Mapping[GrammarPath, Asked] = _field(default_factory=dict)
    #: Why no letter family can print a decision, where the decision itself is the reason.
    unprintable: Callable[[D], Finding | None] = nothing
    #: The fields of a decision that hold words outside the vocabularies, each with a message: kept, and reported.
    outside_vocabularies: Callable[[D], Sequence[tuple[str, str]]] = _none_of_them
    #: Pairs of fields that are not about the same, the first printed before the second, each with a message: where
    #: a page of the letter begins between them, it may be another letter's.
    unlike: Callable[[D], Iterable[tuple[str, str, str]]] = nothing_unlike

    @cached_property
    def root(self) -> Group:
        """The fields, as letters may print them."""
        return group(self.model)

    @cached_property
    def published(self) -> Group:
        """The fields without those that are withheld."""
        return Group({name: kind for name, kind in self.root.fields.items() if name not in self.withheld})

    @cached_property
    def language(self) -> Language:
        """What a template of a letter may name."""
        return Language(self.root, self.codecs, self.subject, constants=CONSTANTS)

    def number_of(self, decision: D) -> str | None:
        """Return the number of a decision's case, where it has one."""
        found = _at(decision, self.number_at)
        return None if found is None else str(found)

    def day_of(self, decision: D) -> date | None:
        """Return the day by which the wording in force is chosen, where a decision has one."""
        found: date | None = _at(decision, self.day_at)
        return found

    @property
    def noun(self) -> str:
        """What messages call a decision, without the article."""
        return self.language.noun


class Phrases(Protocol[D]):
    """Approved words that a decision may name instead of holding them."""

    def resolve(self, decision: D) -> D:
        """Return the decision with the words in place of their names. Raises `RenderError` for unknown names."""

    def recognise(self, decision: D) -> D:
        """Return the decision with names in place of all words that they stand for: its normal form."""

    def normal(self, decision: D) -> tuple[D, D]:
        """Return the decision with the words of its names, and its normal form. Raises as `resolve` does."""


class NoPhrases(Generic[D]):
    """The phrases of a review program that has none."""

    def resolve(self, decision: D) -> D:
        """Return the decision."""
        return decision

    def recognise(self, decision: D) -> D:
        """Return the decision."""
        return decision

    def normal(self, decision: D) -> tuple[D, D]:
        """Return the decision, twice."""
        return decision, decision
