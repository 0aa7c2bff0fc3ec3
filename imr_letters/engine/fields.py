"""The decision's fields as templates name them: which paths exist, what they hold, which may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from imr_letters.engine.values import Kind, Part
from imr_letters.imr.model.decision import CaseOutcome, Decision, case_outcome


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a path of a template names.

    `kind` is the kind of a value, `"part"` for a group of fields and `"list"` for a list of parts; `part` is the
    model of either, or `names` holds the fields of a group that no model has. `choices` are the values of a closed
    set. `optional` tells that it may be absent. `derived` computes the value of a field that follows from the data of
    its part: such a field is never stored nor printed, only asked for by conditions.
    """

    kind: str
    optional: bool = False
    part: type[Part] | None = None
    choices: tuple[str, ...] = ()
    names: Mapping[str, FieldType] = field(default_factory=dict, compare=False)
    derived: Callable[[Mapping[str, Any]], str] | None = field(default=None, compare=False)

    def fields(self) -> Mapping[str, FieldType]:
        """Return the fields of a group, or of the entries of a list, by name; a value has none."""
        return fields(self.part) if self.part is not None else self.names


def _outcome(data: Mapping[str, Any]) -> str:
    return case_outcome(item["outcome"] for item in data.get("items", ()) if "outcome" in item)


#: Fields that follow from others, by part.
_DERIVED: dict[type[Part], dict[str, FieldType]] = {
    Decision: {"outcome": FieldType("choice", choices=get_args(CaseOutcome), derived=_outcome)}
}


def derived(part: type[Part]) -> Mapping[str, FieldType]:
    """Return the fields of a part that follow from its others, by name."""
    return _DERIVED.get(part, {})


@cache
def fields(part: type[Part]) -> dict[str, FieldType]:
    """Return the fields of a part by name, in order, `as_printed` aside."""
    return {
        name: _field_type(Annotated[info.annotation, None, *info.metadata], not info.is_required())
        for name, info in part.model_fields.items()
        if name != "as_printed"
    }


#: The whole decision, as letters may print it.
WHOLE = FieldType("part", part=Decision)
#: What stands in a decision for the mailed letter alone (`imr_letters.imr.model.mailing`).
MAILED = ("parties", "recipients", "addressee", "documents")


def _field_type(annotation: Any, optional: bool) -> FieldType:
    kinds = _kinds(annotation)
    if kinds:
        return FieldType(kinds[0], optional)
    for inner in _plain(annotation):
        if get_origin(inner) is Literal:
            return FieldType("choice", optional, choices=get_args(inner))
        if get_origin(inner) is tuple:
            entry = get_args(inner)[0]
            return FieldType("list", optional, part=entry)
        if isinstance(inner, type) and issubclass(inner, Part):
            return FieldType("part", optional, part=inner)
    raise TypeError(f"a field of a decision has no kind: {annotation}")


def _kinds(annotation: Any) -> list[str]:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return [item.name for item in metadata if isinstance(item, Kind)] or _kinds(inner)
    if get_origin(annotation) in (Union, UnionType):
        return [kind for arm in get_args(annotation) for kind in _kinds(arm)]
    return []


def _plain(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [plain for arm in get_args(annotation) if arm is not NoneType for plain in _plain(arm)]
    return [annotation]


#: The decision without what is for the mailed letter alone: what a reviewer is asked for.
ROOT = FieldType("part", names={name: kind for name, kind in WHOLE.fields().items() if name not in MAILED})
