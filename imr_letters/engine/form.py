"""A review program as the engine knows it: one frozen value, made by the program and handed to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from imr_letters.engine.codecs import Codecs
from imr_letters.engine.errors import Finding
from imr_letters.engine.fields import Group, group
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.values import Part

#: The decisions of a review program.
D = TypeVar("D", bound=Part)


def _nothing(decision: Any) -> None:  # noqa: ARG001 - a default
    return None


def _nothing_unlike(decision: Any) -> tuple[tuple[str, str, str], ...]:  # noqa: ARG001 - a default
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
    #: The day by which the wording in force is chosen, where a decision has one.
    day_of: Callable[[D], date | None] = _nothing
    #: Why no letter family can print a decision, where the decision itself is the reason.
    unprintable: Callable[[D], Finding | None] = _nothing
    #: The fields of a decision that hold words outside the vocabularies, each with a message: kept, and reported.
    outside_vocabularies: Callable[[D], Sequence[tuple[str, str]]] = _none_of_them
    #: Pairs of fields that are not about the same, the first printed before the second, each with a message: where
    #: a page of the letter begins between them, it may be another letter's.
    unlike: Callable[[D], Iterable[tuple[str, str, str]]] = _nothing_unlike

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
        return Language(self.root, self.codecs, self.subject)

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


class NoPhrases:
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
