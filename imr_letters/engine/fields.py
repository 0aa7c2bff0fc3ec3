"""The fields of a model as templates and messages name them: which there are, what they hold, which may be absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Discriminator, Tag

from imr_letters.engine.paths import GrammarPath
from imr_letters.engine.values import Derived, Kind, Part


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a union by their tags, which pydantic puts into the place of a fault.

    `by` is the field that distinguishes them, empty where the data as a whole does. `entries` says that the union is of
    the entries of a list rather than of the value as a whole.
    """

    by: str
    tags: tuple[str, ...]
    entries: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that a codec prints.

    `kind` is what codecs are chosen by, `choices` are the values of a closed set, `members` those of a union. A
    `derived` field follows from others: it is never stored nor printed, only asked for by conditions.
    """

    kind: str
    optional: bool = False
    choices: tuple[str, ...] = ()
    members: Members | None = None
    derived: Derived | None = None

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The fields below: none."""
        return {}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of fields by name, in order; `part` is the model that has them, where one does."""

    fields: Mapping[str, FieldType] = _field(compare=False)
    optional: bool = False
    part: type[Part] | None = None

    @property
    def derived(self) -> Mapping[str, Leaf]:
        """The fields that follow from others, by name."""
        known = self.part.derived if self.part is not None else {}
        return {name: Leaf("choice", choices=each.choices, derived=each) for name, each in known.items()}


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of groups."""

    entry: Group
    optional: bool = False

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The fields of an entry."""
        return self.entry.fields


#: What a path names.
FieldType = Leaf | Group | Listing


@cache
def group(part: type[Part], *, optional: bool = False) -> Group:
    """Return the fields of a part, `as_printed` aside, and those that a letter family leaves out."""
    found = {
        name: field_type(Annotated[info.annotation, None, *info.metadata], optional=not info.is_required())
        for name, info in part.model_fields.items()
        if name != "as_printed" and info.annotation is not NoneType
    }
    return Group(found, optional, part)


def leaves(kind: FieldType, path: GrammarPath = ()) -> Iterator[tuple[GrammarPath, Leaf]]:
    """Yield the values below a field, each with its path, in order."""
    if isinstance(kind, Leaf):
        yield path, kind
        return
    inside = (*path, "*") if isinstance(kind, Listing) else path
    for name, inner in kind.fields.items():
        yield from leaves(inner, (*inside, name))


def field_type(annotation: Any, *, optional: bool = False) -> FieldType:
    """Return what a field with an annotation holds. Raises `TypeError` where no codec could print it."""
    kinds = _kinds(annotation)
    if kinds:
        return Leaf(kinds[0], optional, members=_members(annotation))
    for inner in _plain(annotation):
        if get_origin(inner) is Literal:
            return Leaf("choice", optional, choices=get_args(inner))
        if get_origin(inner) is tuple:
            return Listing(group(get_args(inner)[0]), optional)
        if isinstance(inner, type) and issubclass(inner, Part):
            return group(inner, optional=optional)
    raise TypeError(f"a field has no kind: {annotation}")


def _kinds(annotation: Any) -> list[str]:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return [each.name for each in metadata if isinstance(each, Kind)] or _kinds(inner)
    if get_origin(annotation) in (Union, UnionType):
        return [kind for arm in get_args(annotation) for kind in _kinds(arm)]
    return []


def _members(annotation: Any, *, entries: bool = False) -> Members | None:
    """Return the tagged members of a union, or of the union that the entries of a list belong to."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        by = next((each.discriminator for each in metadata if isinstance(each, Discriminator)), None)
        if by is None:
            return _members(inner, entries=entries)
        tags = tuple(tag for arm in get_args(inner) for tag in _tags(arm, by))
        return Members(by if isinstance(by, str) else "", tags, entries)
    if get_origin(annotation) in (Union, UnionType):
        return next((found for arm in get_args(annotation) if (found := _members(arm, entries=entries))), None)
    return _members(get_args(annotation)[0], entries=True) if get_origin(annotation) is tuple else None


def _tags(arm: Any, by: object) -> tuple[str, ...]:
    """Return the tags of one member: those it is marked with, or the values of the field that distinguishes members."""
    if get_origin(arm) is Annotated:
        return tuple(each.tag for each in get_args(arm)[1:] if isinstance(each, Tag))
    return get_args(arm.model_fields[by].annotation) if isinstance(by, str) else ()


def _plain(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [plain for arm in get_args(annotation) if arm is not NoneType for plain in _plain(arm)]
    return [annotation]
