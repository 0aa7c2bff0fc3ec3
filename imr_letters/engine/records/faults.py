"""What is wrong with the data of a decision file, in words for the person who wrote it."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import ValidationError

from imr_letters.engine.errors import Finding
from imr_letters.engine.fields import FieldType, Group, Leaf
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.engine.records.notation import Notation, fault
from imr_letters.engine.text import CharacterError

#: Faults of one file that are told.
MOST_FAULTS = 50


def faults_of(
    error: ValidationError,
    notation: Notation,
    text: str,
    name: str,
    root: Group,
    *,
    schema: str,
    missing: bool = True,
) -> list[Finding]:
    """Return the faults of a file; without `missing`, those aside that an unfinished file may have.

    `root` holds the fields that it may have, and `schema` names what describes them.
    """
    found: list[Finding] = []
    for each in error.errors(include_url=False, include_input=False):
        path = _without_tags(each["loc"], root)
        if not missing and (each["type"] in ("missing", "too_short") or _data_at(notation.data, path) is None):
            continue
        if each["type"] == "too_short" and _data_at(notation.data, path):
            continue  # its entries are at fault, each told by itself
        kind, known = _type_at(path, root)
        if path and isinstance(path[-1], str) and len(path[-1]) > 40:
            path = (*path[:-1], path[-1][:40] + "...")
        message, remedy = _explain(each["type"], each["msg"], path, kind, known, schema)
        place = path
        while place and place not in notation.places:
            place = place[:-1]
        line, column = notation.places.get(place, (1, 1))
        if each["type"] == "value_error" and isinstance(cause := each["ctx"]["error"], CharacterError):
            line, column = _place_of(cause.char, text, line, column)
        finding = fault(name, text, line, column, message, remedy, dotted(path))
        if finding not in found:
            found.append(finding)
        if len(found) == MOST_FAULTS:
            found.append(
                Finding("decision", "error", f"further faults omitted (first {MOST_FAULTS} shown)", source=name)
            )
            break
    return found


def _place_of(char: str, text: str, line: int, column: int) -> tuple[int, int]:
    """Return where a character stands in a file, at or after a place; the place where it is written as an escape."""
    lines = text.split("\n")
    for number in range(line - 1, len(lines)):
        at = lines[number].find(char)
        if at >= 0:
            return number + 1, at + 1
    return line, column


def _without_tags(place: FieldPath, root: Group) -> FieldPath:
    """Leave out the names pydantic puts into a place for the member of a union."""
    path: FieldPath = ()
    for part in place:
        kind, _ = _type_at(path, root)
        members = kind.members if isinstance(kind, Leaf) else None
        tagged = members is not None and path[-1] != "" and (isinstance(path[-1], int) or not members.entries)
        path = (*path, "") if tagged else (*path, part)
    return tuple(part for part in path if part != "")


def _data_at(data: Any, path: FieldPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _explain(
    code: str, message: str, path: FieldPath, kind: FieldType | None, known: tuple[str, ...], schema: str
) -> tuple[str, str]:
    last = path[-1] if path else ""
    if code == "missing":
        return f'"{last}" is missing', f"write it down; see {schema}"
    if code == "extra_forbidden":
        near = difflib.get_close_matches(str(last), known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        return (
            f'there is no field "{last}"{hint}',
            f"use one of {', '.join(known)}" if known else "leave it out",
        )
    if code == "literal_error" and isinstance(kind, Leaf) and kind.choices:
        return "is none of the known values", f"write {' or '.join(kind.choices)}"
    if code in ("value_error", "assertion_error"):
        return message.removeprefix("Value error, "), ""
    if code == "too_short":
        return "is an empty list", "give at least one entry"
    if code.startswith("union_tag") and isinstance(kind, Leaf) and kind.members is not None and kind.members.by:
        by, tags = kind.members.by, kind.members.tags
        return f"has no known {by}", f"write {by}: {', '.join(tags[:-1])} or {tags[-1]}"
    if code == "string_pattern_mismatch":
        return "is no name of this kind", "write small letters, digits and - or _, without spaces"
    if code == "tuple_type":
        return "is not a list", "write each entry on a line of its own after '- '"
    plain = {
        "string_type": "is not text",
        "model_type": "is not a group of fields",
        "model_attributes_type": "is not a group of fields",
        "int_parsing": "is not a whole number",
    }
    return plain.get(code, message[:1].lower() + message[1:]), f"see {schema} for the form of this field"


def _type_at(path: FieldPath, root: Group) -> tuple[FieldType | None, tuple[str, ...]]:
    """Return the type of a field, and the names of the fields beside it, as far as they are known."""
    here: FieldType | None = root
    beside: tuple[str, ...] = ()
    for name in path:
        if isinstance(name, int) or name == "":
            continue
        known = here.fields if here is not None else {}
        if not known:
            return None, ()
        beside = tuple(known)
        here = known.get(name)
    return here, beside
