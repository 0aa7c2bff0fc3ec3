"""From what a family declares to its `Form`: the review program's own with fields added, and fields left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from imr_letters.engine.codecs import Codec, Codecs
from imr_letters.engine.codecs.simple import AsWritten, Choice, UsDate
from imr_letters.engine.declared.declaration import ALL, LETTER, Declared, FieldDeclaration, ValueDeclaration
from imr_letters.engine.declared.kinds import annotation_of, choices_of, codec_of, date_codec, hint_of
from imr_letters.engine.fields import FieldType, Group, Leaf, Listing, group, leaves
from imr_letters.engine.form import CONSTANTS, Asked, Form, nothing, nothing_unlike
from imr_letters.engine.grammar.problems import did_you_mean
from imr_letters.engine.paths import FieldPath, GrammarPath, dotted, values_at
from imr_letters.engine.values import Part

#: Notes a fault: the key in `family.toml`, what is wrong, what to do.
_Note = Callable[[FieldPath, str, str], None]


class _Placed:
    """A declared field with its path, and the field of the review program that it replaces."""

    def __init__(self, key: str, field: FieldDeclaration, around: GrammarPath, replaced: Leaf | None) -> None:
        self.key, self.field, self.around, self.replaced = key, field, around, replaced
        self.name = field.name or key
        self.path: GrammarPath = (*around, self.name)
        self.leaves: list[tuple[GrammarPath, ValueDeclaration, FieldPath]] = []
        at: FieldPath = ("fields", key)
        if field.kind == "table":
            for name, column in (field.columns or {}).items():
                self.leaves.append(((*self.path, "*", name), column, (*at, "columns", name)))
        else:
            self.leaves.append((self.path, field, at))


def form_of(
    base: Form[Any], declared: Declared, vocabularies: Mapping[str, Sequence[str]], note: _Note, schema: str
) -> Form[Any]:
    """Return the form of a family that declares fields; faults go to `note`.

    `vocabularies` are the entries of the files that fields name, and `schema` is what messages name as the
    description of the fields.
    """
    left_out = _left_out(base.root, declared.leave_out, note)
    placed = _placed(base, declared, left_out, note)
    for key, field in declared.fields.items():
        if field.asked_of is not None and base.roles and field.asked_of not in base.roles:
            message = f'asks "{field.asked_of[:40]}", whom nobody knows{did_you_mean(field.asked_of, base.roles)}'
            note(("fields", key, "asked_of"), message, f"use one of {', '.join(base.roles)}")
    codecs: dict[GrammarPath, type[Codec]] = {}
    kinds: dict[GrammarPath, str] = {}
    for each in placed:
        for path, column, _ in each.leaves:
            kinds[path] = each.replaced.kind if each.replaced is not None and column.pattern else f"written {path[-1]}"
            codecs[path] = codec_of(column, _codec_name(base.codecs, each, path), kinds[path])
    model = _model(base.model, (), left_out, placed, kinds) or _emptied(base.model, placed, kinds)
    root = group(model)
    known = _codecs(base, root, placed, codecs, declared, note)
    is_sub = issubclass(model, base.model)
    model.derived = {
        name: each
        for name, each in base.model.derived.items()
        if is_sub or (each.needs and all(_same(base.root, root, path, placed) for path in each.needs))
    }
    own = [(path, vocabularies.get(column.vocabulary, ())) for each in placed for path, column, _ in each.leaves
           if column.vocabulary is not None]  # fmt: skip

    def outside(decision: Any) -> Sequence[tuple[str, str]]:
        found = list(base.outside_vocabularies(decision)) if is_sub else []
        return [*found, *_outside(decision, own)]

    return replace(
        base,
        model=model,
        codecs=known,
        schema=schema,
        withheld=tuple(name for name in base.withheld if name in root.fields),
        private=tuple(each.path for each in placed if each.field.withheld),
        number_at=_named("number", declared.forms.number, base.number_at, root, note),
        day_at=_named("day", declared.forms.day, base.day_at, root, note),
        asked={each.path: _asked(each, base.roles) for each in placed},
        unprintable=base.unprintable if is_sub else nothing,
        outside_vocabularies=outside,
        unlike=base.unlike if is_sub else nothing_unlike,
    )


def _left_out(root: Group, names: Sequence[str], note: _Note) -> frozenset[GrammarPath]:
    found: set[GrammarPath] = set()
    for index, name in enumerate(names):
        if name == ALL:
            found |= {(each,) for each in root.fields}
            continue
        path = _path(root, name)
        if path is None:
            paths = [dotted(each) for each in _paths(root, ())]
            message = f'leave_out names "{name[:60]}", which is no field{did_you_mean(name, paths)}'
            note(
                ("leave_out", index),
                message,
                f"write a field by its path, such as {paths[0]} or {paths[-1].replace('[]', '')}",
            )
        else:
            found.add(path)
    return frozenset(found)


def _paths(kind: FieldType, path: GrammarPath) -> Iterator[GrammarPath]:
    inside = (*path, "*") if isinstance(kind, Listing) else path
    for name, inner in kind.fields.items():
        yield (*inside, name)
        yield from _paths(inner, (*inside, name))


def _path(root: Group, name: str) -> GrammarPath | None:
    """Return the path that dotted names mean: a list stands for each of its entries."""
    path: GrammarPath = ()
    here: FieldType = root
    for part in name.replace("[]", "").split("."):
        if part not in here.fields:
            return None
        path = (*path, "*", part) if isinstance(here, Listing) else (*path, part)
        here = here.fields[part]
    return path


def _around(root: Group, place: str) -> GrammarPath | None:
    """Return the path of the group that a place names; None where it is no group of the review program."""
    if place == LETTER:
        return ()
    lists = [name for name, kind in root.fields.items() if isinstance(kind, Listing)]
    entry = place.removeprefix("each ")
    name = next((each for each in lists if entry in (each, each.removesuffix("s"))), place)
    path = _path(root, name)
    if path is None:
        return None
    kind = _at(root, path)
    return None if isinstance(kind, Leaf) else (*path, "*") if isinstance(kind, Listing) else path


def _at(root: FieldType, path: GrammarPath) -> FieldType | None:
    here = root
    for name in path:
        if name == "*":
            continue
        if name not in here.fields:
            return None
        here = here.fields[name]
    return here


def _is_left(path: GrammarPath, left_out: frozenset[GrammarPath]) -> bool:
    return any(path[:size] in left_out for size in range(1, len(path) + 1))


def _placed(base: Form[Any], declared: Declared, left_out: frozenset[GrammarPath], note: _Note) -> list[_Placed]:
    found: list[_Placed] = []
    known: dict[GrammarPath, str] = {}
    for key, field in declared.fields.items():
        at: FieldPath = ("fields", key)
        around = _around(base.root, field.place)
        if around is None:
            if _path(base.root, field.place) is not None or not field.place.isidentifier() or field.place in CONSTANTS:
                places = [
                    LETTER,
                    *(dotted(each) for each in _paths(base.root, ()) if isinstance(_at(base.root, each), Group)),
                ]
                message = f'{key} is placed in "{field.place[:60]}", which is no group of fields'
                note((*at, "place"), message, f"use one of {', '.join(places)}, or the name of a new group")
                continue
            around = (field.place,)
        name = field.name or key
        path = (*around, name)
        if not around and name in CONSTANTS:
            note(at, f'"{name}" is a constant of the family: what family.toml says', "give the field another name")
            continue
        if path in known:
            note(at, f"{key} and {known[path]} are both {dotted(path)}", "give one of them another name or place")
            continue
        there = _at(base.root, path)
        if there is not None and not _is_left(path, left_out):
            message = f"{dotted(path)} is a field of {base.subject} already"
            note(
                at,
                message,
                f'give it another name; or replace the field: leave_out = ["{dotted(path).replace("[]", "")}"]',
            )
            continue
        known[path] = key
        replaced = there if isinstance(there, Leaf) else None
        found.append(_Placed(key, field, around, replaced))
    groups = {each.around: each.key for each in found if each.around}
    for each in found:
        if each.path in groups:
            other = groups[each.path]
            note(("fields", each.key), f"{each.key} is a field, and the place of {other}", "give one another name")
    return found


def _model(
    part: type[Part], path: GrammarPath, left_out: frozenset[GrammarPath], placed: Sequence[_Placed],
    kinds: Mapping[GrammarPath, str],
) -> type[Part] | None:  # fmt: skip
    """Return a part with the fields of a family: the part itself where nothing changes, None where none is left."""
    is_sub = True
    kept: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for name, kind in group(part).fields.items():
        here = (*path, name)
        info = copy.copy(part.model_fields[name])
        declared = next((each for each in placed if each.path == here), None)
        if declared is not None:
            kept[name] = changed[name] = _definition(declared, kinds)
            is_sub = False
            continue
        inner: type[Part] | None = None
        if isinstance(kind, Group | Listing):
            entry, inside = (kind.entry, (*here, "*")) if isinstance(kind, Listing) else (kind, here)
            assert entry.part is not None
            below = [each for each in placed if each.around[: len(inside)] == inside]
            if here in left_out:
                inner = _emptied(entry.part, below, kinds, inside) if below else None
            else:
                inner = _model(entry.part, inside, left_out, placed, kinds)
            if inner is entry.part:
                kept[name] = (info.annotation, info)
                continue
            if inner is not None:
                optional = kind.optional
                if here in left_out:
                    optional = not any(each.field.needed for each in below)
                    info = FieldInfo(default=None) if optional else FieldInfo()
                annotation: Any = tuple[inner, ...] if isinstance(kind, Listing) else inner  # type: ignore[valid-type]
                is_sub = is_sub and issubclass(inner, entry.part)
                kept[name] = changed[name] = _with(info, annotation | None if optional else annotation)
                continue
        elif here not in left_out:
            kept[name] = (Annotated[info.annotation, None, *info.metadata], _plain(info))
            continue
        if kind.optional:
            changed[name] = (None, None)
        else:
            is_sub = False
    added = {each.name: _definition(each, kinds) for each in placed if each.around == path and each.name not in kept}
    added |= _groups(path, placed, kinds, {*kept})
    if not changed and not added and is_sub and len(kept) == len(group(part).fields):
        return part
    if not kept and not added and path:
        return None
    if is_sub:
        return _created(part.__name__, part, {**changed, **added})
    made = _created(part.__name__, Part, {**kept, **added})
    made.keeps_words_of = part.keeps_words_of & {name for name in kept if name not in changed}
    return made


def _emptied(
    part: type[Part], placed: Sequence[_Placed], kinds: Mapping[GrammarPath, str], path: GrammarPath = ()
) -> type[Part]:
    """Return a part that has only the declared fields, none of its own."""
    own = {each.name: _definition(each, kinds) for each in placed if each.around == path}
    return _created(part.__name__, Part, {**own, **_groups(path, placed, kinds, set(own))})


def _groups(
    path: GrammarPath, placed: Sequence[_Placed], kinds: Mapping[GrammarPath, str], known: set[str]
) -> dict[str, Any]:
    """Return the new groups of a place, each needed where one of its fields is."""
    found: dict[str, list[_Placed]] = {}
    for each in placed:
        if each.around and each.around[:-1] == path and each.around[-1] not in known and each.around[-1] != "*":
            found.setdefault(each.around[-1], []).append(each)
    made: dict[str, Any] = {}
    for name, fields in found.items():
        title = "".join(word.title() for word in name.split("_"))
        model: Any = _created(title, Part, {each.name: _definition(each, kinds) for each in fields})
        words = f"{name.replace('_', ' ').capitalize()}."
        if any(each.field.needed for each in fields):
            made[name] = (model, Field(description=words))
        else:
            made[name] = (model | None, Field(default=None, description=words))
    return made


def _definition(placed: _Placed, kinds: Mapping[GrammarPath, str]) -> Any:
    """Return a declared field as a model defines it."""
    field = placed.field
    annotation: Any
    words = field.question or f"{_label(field, placed.name)}."
    if field.kind == "table":
        rows = {
            path[-1]: _leaf(annotation_of(column, kinds[path]), column, _label(column, path[-1]))
            for path, column, _ in placed.leaves
        }
        row = _created("".join(word.title() for word in placed.name.split("_")) + "Row", Part, rows)
        annotation = Annotated[tuple[row, ...], Field(min_length=1)]  # type: ignore[valid-type]
    else:
        annotation = annotation_of(field, kinds[placed.path])
    return _leaf(annotation, field, words)


def _leaf(annotation: Any, column: ValueDeclaration, words: str) -> Any:
    if column.needed:
        return (annotation, Field(description=words))
    return (annotation | None, Field(default=None, description=words))


def _with(info: FieldInfo, annotation: Any) -> Any:
    """Return a field of a model with another type, everything else being as it was."""
    return (Annotated[annotation, None, *info.metadata], _plain(info))


def _plain(info: FieldInfo) -> FieldInfo:
    if info.is_required():
        return Field(description=info.description)  # type: ignore[no-any-return]
    return Field(default=info.default, description=info.description)  # type: ignore[no-any-return]


def _created(name: str, base: type[Part], fields: Mapping[str, Any]) -> type[Part]:
    made: type[Part] = create_model(name, __base__=base, __module__=__name__, **dict(fields))
    made.__doc__ = base.__doc__ if base is not Part else None
    return made


def _codec_name(codecs: Codecs, placed: _Placed, path: GrammarPath) -> str:
    """Return the name of a field's codec: the one it is printed with already, or its own."""
    old = placed.replaced
    if old is None or path != placed.path:
        return path[-1]
    return next(
        (
            each.name
            for each in codecs.printing(old.kind)
            if (issubclass(each, Choice) and bool(old.choices) and set(each().examples()) == set(old.choices))
            or issubclass(each, AsWritten)
        ),
        path[-1],
    )


def _codecs(
    base: Form[Any], root: Group, placed: Sequence[_Placed], codecs: Mapping[GrammarPath, type[Codec]],
    declared: Declared, note: _Note,
) -> Codecs:  # fmt: skip
    """Return the codecs of a form: those of the review program that print something, and those of declared fields."""
    others = [kind for path, kind in leaves(root) if path not in codecs]
    used: dict[str, type[Codec]] = {}
    for name, known in base.codecs.items():
        prints = any(kind.kind == known.kind and _prints(known, kind) for kind in others)
        if prints or not (issubclass(known, Choice | AsWritten) or known.kind not in _KINDS):
            used[name] = known
    shown: dict[str, tuple[type[Codec], str]] = {}
    for each in placed:
        for path, column, at in each.leaves:
            codec = codecs[path]
            there = used.get(codec.name)
            earlier = shown.get(codec.name)
            own = bool(choices_of(column)) or column.pattern is not None
            if there is not None and there is not codec and own:
                message = f'the codec of {dotted(path)} would be called "{codec.name}", as another one is'
                note(at, message, "give the field another name")
            elif earlier is not None and own and _shape(earlier[0]) != _shape(codec):
                message = (
                    f'{dotted(path)} and {earlier[1]} are of one name, "{codec.name}", and are printed differently'
                )
                note(at, message, "give one of them another name")
            shown.setdefault(codec.name, (codec, dotted(path)))
    used = {**used, **{name: codec for name, (codec, _) in shown.items() if name not in used}}
    if declared.forms.date is not None and UsDate.name in used:
        used[UsDate.name] = date_codec(declared.forms.date)
    return Codecs(*used.values())


#: Kinds that the codecs of every review program print.
_KINDS = ("words", "prose", "day", "names", "choice")


def _shape(codec: type[Codec]) -> object:
    made = codec()
    return (made.closed, made.pattern, tuple(made.examples()))


def _prints(codec: type[Codec], kind: Leaf) -> bool:
    return not kind.choices or set(codec().examples()) == set(kind.choices)


def _same(old: Group, new: Group, path: GrammarPath, placed: Sequence[_Placed]) -> bool:
    return all(each.path != path for each in placed) and _at(old, path) is not None and _at(new, path) is not None


def _named(key: str, name: str | None, usual: GrammarPath, root: Group, note: _Note) -> GrammarPath:
    """Return the path of the field that names a decision: the family's or the usual one, where there is one."""
    if name is None:
        kind = _at(root, usual) if usual else None
        return usual if isinstance(kind, Leaf) and (key != "day" or kind.kind == "day") else ()
    path = _path(root, name)
    kind = None if path is None else _at(root, path)
    if path is None or "*" in path or not isinstance(kind, Leaf) or (key == "day" and kind.kind != "day"):
        wanted = "a day" if key == "day" else "a number or words"
        note(("forms", key), f'"{name[:60]}" is no field outside lists that holds {wanted}', "write its path")
        return ()
    return path


def _label(column: ValueDeclaration, name: str) -> str:
    return column.label or name.replace("_", " ").capitalize()


def _asked(placed: _Placed, roles: Sequence[str]) -> Asked:
    field = placed.field
    label = _label(field, placed.name)
    hint = hint_of(field)
    if field.kind == "table":
        names = " | ".join(_label(column, path[-1]) for path, column, _ in placed.leaves)
        hint = f"{hint[:-1]}: {names}."
    return Asked(label, field.question or f"{label}?", hint, field.asked_of or next(iter(roles), ""), field.kind)


def _outside(decision: Any, vocabularies: Sequence[tuple[GrammarPath, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    for path, entries in vocabularies:
        for where, value in values_at(decision, path):
            for each in value if isinstance(value, tuple) else (value,):
                if each not in entries:
                    yield dotted(where), f'"{each}" is not in the vocabulary of this field'
