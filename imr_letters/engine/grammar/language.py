"""What a template may name, and how messages speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from imr_letters.engine.codecs import Codecs
from imr_letters.engine.fields import FieldType, Group, Leaf, Listing
from imr_letters.engine.paths import GrammarPath, as_written


@dataclass(frozen=True, eq=False)
class Language:
    """The fields below `root` and the codecs that a template may name, and the words of messages about it.

    `subject` is what the whole is called and `field` a part of it; `allowed` says what may stand in the template.
    """

    root: Group
    codecs: Codecs
    subject: str
    field: str = "field"
    #: Names of words that are the same in all letters of a family: `{{ title }}`, without a codec.
    constants: tuple[str, ...] = ()
    allowed: str = "a template may hold words, tags, {{ field | codec }}, if, for, include, extends, block and comments"

    @property
    def noun(self) -> str:
        """The subject without its article."""
        return self.subject.partition(" ")[2]

    @cached_property
    def conditions(self) -> str:
        """What conditions can be read back, by examples from the fields."""
        absent = next((name for name, kind in self.root.fields.items() if kind.optional), None)
        chosen = next(_choices(self.root, ()), None)
        shown = [f"{{% if {absent} %}} for a {self.field} that may be absent"] if absent else []
        if chosen is not None:
            path, kind = chosen
            shown.append(f'{{% if {as_written(path)} == "{kind.choices[0]}" %}}')
        return f"write {', or '.join(shown)}; also not, !=" if shown else f"leave it out: no {self.field} may be absent"

    @cached_property
    def listing(self) -> str | None:
        """A list of the root, for examples: one that is always there, or else any; None where there is none."""
        lists = [(kind.optional, name) for name, kind in self.root.fields.items() if isinstance(kind, Listing)]
        return min(lists, key=lambda each: each[0])[1] if lists else None


def _choices(group: Group, path: GrammarPath) -> Iterator[tuple[GrammarPath, Leaf]]:
    """Yield the values of closed sets that are always there."""
    for name, kind in group.fields.items():
        yield from () if kind.optional else _choices_of(kind, (*path, name))


def _choices_of(kind: FieldType, path: GrammarPath) -> Iterator[tuple[GrammarPath, Leaf]]:
    if isinstance(kind, Leaf):
        yield from [(path, kind)] if kind.choices else []
    elif isinstance(kind, Listing):
        yield from _choices(kind.entry, (*path, "*"))
    else:
        yield from _choices(kind, path)
