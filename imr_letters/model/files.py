"""Read decision files: JSON and YAML, every fault with file, line and field.

Scalars stay strings, so that a number or the word NO is never turned into something else. Refused: keys given twice,
anchors, aliases, tags and merges of YAML, unknown fields, and a YAML value with a comment behind it on the same line
(`Norco 10/325mg #60` would silently lose its quantity).
"""

from __future__ import annotations

import bisect
import difflib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from imr_letters.errors import DecisionError, Finding, InputError, excerpt
from imr_letters.model.decision import Decision
from imr_letters.model.fields import WHOLE, FieldType
from imr_letters.text import CharacterError

#: Largest decision file, in bytes.
LARGEST = 8_000_000
_DEEPEST = 24
#: A line that begins with a field of a decision file in YAML.
_FIELD = re.compile(rb"(?m)^(?:case|reviewer|clinical_summary|items):")

#: Faults of one file that are told.
MOST_FAULTS = 50

_Model = TypeVar("_Model", bound=BaseModel)
#: A path in a file: field names and indices.
_Path = tuple[str | int, ...]


@dataclass
class _Document:
    """The data of a file and where each part of it begins: line and column counted from 1."""

    data: Any
    find: Callable[[], dict[_Path, tuple[int, int]]]

    @cached_property
    def places(self) -> dict[_Path, tuple[int, int]]:
        """Looked for where there is a fault to be told; in JSON that takes longer than reading."""
        return self.find()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A decision file that may have gaps: what is filled in, the decision if nothing is missing, and where it stands.

    `places` tells by path (`items[0].request`) the line and column, counted from 1, where a field begins.
    """

    data: dict[str, Any]
    decision: Decision | None
    text: str
    places: dict[str, tuple[int, int]]


def load(path: Path) -> Decision:
    """Return the decision of a file. Raises `InputError` or `DecisionError`."""
    return loads(read_bytes(path), str(path))


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return a file's bytes. Raises `InputError` for what cannot be opened or is too large."""
    try:
        if path.is_dir():
            raise InputError(Finding("input", "error", "is a folder", str(path), remedy="name a file"))
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise InputError(Finding("input", "error", reason, str(path), remedy="check the name of the file")) from None
    if len(data) > largest:
        remedy = "give one letter or decision in each file"
        raise InputError(Finding("too-long", "error", f"is larger than {largest:,} bytes", str(path), remedy=remedy))
    return data


def loads(data: bytes | str, name: str = "") -> Decision:
    """Return the decision that JSON or YAML text holds. Raises `InputError` or `DecisionError`."""
    text = _text(data, name)
    return _validated(Decision, WHOLE, _document(text, name), text, name)


def loads_unfinished(data: bytes | str, name: str = "") -> Unfinished:
    """Return what a decision file holds that may have gaps, such as a draft.

    Raises `InputError`, and `DecisionError` for every fault but a missing or an empty field.
    """
    text = _text(data, name)
    document = _document(text, name)
    document.data = _filled(document.data)
    places = {_dotted(path): place for path, place in document.places.items()}
    try:
        return Unfinished(document.data, Decision.model_validate(document.data), text, places)
    except ValidationError as error:
        faults = _findings(error, document, text, name, WHOLE, missing=False)
        if faults:
            raise DecisionError(*faults) from None
        return Unfinished(document.data, None, text, places)


def _filled(data: Any) -> Any:
    """Return data without the fields that hold nothing."""
    if isinstance(data, dict):
        return {key: inner for key, each in data.items() if (inner := _filled(each)) not in (None, "", [])}
    return [_filled(each) for each in data] if isinstance(data, list) else data


def _document(text: str, name: str) -> _Document:
    stripped = text.lstrip()
    if not stripped:
        raise InputError(Finding("empty", "error", "is empty", name, remedy="give a decision in JSON or YAML"))
    document = _json(text, name) if stripped[0] == "{" else _yaml(text, name)
    if not isinstance(document.data, dict):
        raise DecisionError(
            Finding("not-a-decision", "error", "holds no decision", name, 1, 1, remedy="see imr-letters schema")
        )
    return document


def loads_yaml(text: str, name: str, model: type[_Model], root: FieldType) -> _Model:
    """Return what YAML text holds, of another model whose fields are those of `root`. Raises `DecisionError`."""
    document = _yaml(text, name)
    if not isinstance(document.data, dict):
        raise DecisionError(Finding("decision", "error", "holds no fields", name, 1, 1, remedy="write field: value"))
    return _validated(model, root, document, text, name)


def _validated(model: type[_Model], root: FieldType, document: _Document, text: str, name: str) -> _Model:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DecisionError(*_findings(error, document, text, name, root)) from None


def looks_like_decision(data: bytes, name: str) -> bool:
    """Tell whether a file holds a decision and not a letter, by its name or by how it begins."""
    suffix = Path(name).suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        return True
    begin = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"{") or _FIELD.search(begin) is not None


def _no_decision(what: str, name: str) -> InputError:
    remedy = "give a decision file; imr-letters parse makes one of a letter"
    return InputError(Finding("not-a-decision", "error", f"is {what}, not a decision file", name, remedy=remedy))


def _text(data: bytes | str, name: str) -> str:
    if isinstance(data, bytes):
        if b"%PDF-" in data[:1024]:
            raise _no_decision("a PDF", name)
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise InputError(
                Finding("encoding", "error", "is not UTF-8 text", name, line, remedy="save it as UTF-8")
            ) from None
    if "\x00" in data:
        raise InputError(Finding("binary", "error", "is not text", name, remedy="give a decision in JSON or YAML"))
    if len(data) > LARGEST:
        raise InputError(Finding("too-long", "error", f"is larger than {LARGEST:,} characters", name))
    return data


def _fault(name: str, text: str, line: int, column: int, message: str, remedy: str, field: str = "") -> Finding:
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    whole = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = len(whole) - len(whole.lstrip())
    shown, mark = excerpt(whole.strip(), max(0, column - 1 - indent), 1) if whole.strip() else ("", None)
    return Finding("decision", "error", message, name, line, column, shown, mark, field, remedy=remedy)


def _json(text: str, name: str) -> _Document:
    twice: list[str] = []

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in given:
            if key in found:
                twice.append(key)
            found[key] = value
        return found

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        finding = _fault(name, text, error.lineno, error.colno, f"is not JSON: {error.msg}", "mend the place shown")
        raise DecisionError(finding) from None
    except ValueError as error:
        raise DecisionError(Finding("decision", "error", str(error), name, remedy="write it as text")) from None
    except RecursionError:
        raise DecisionError(Finding("decision", "error", "is nested too deep", name)) from None
    if twice:
        raise DecisionError(Finding("decision", "error", f'gives "{twice[0]}" twice', name, remedy="keep one of them"))
    return _Document(data, partial(_json_places, text))


def _no_number(word: str) -> str:
    raise ValueError(f"{word} is no value")


def _json_places(text: str) -> dict[_Path, tuple[int, int]]:
    """Return where the values of valid JSON begin."""
    places: dict[_Path, tuple[int, int]] = {}
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    line_starts = [0]
    for index, char in enumerate(text):
        if char == "\n":
            line_starts.append(index + 1)

    def place(at: int) -> tuple[int, int]:
        line = bisect.bisect_right(line_starts, at)
        return line, at - line_starts[line - 1] + 1

    def space(at: int) -> int:
        while text[at] in " \t\r\n":
            at += 1
        return at

    def walk(at: int, path: _Path) -> int:
        at = space(at)
        places[path] = place(at)
        if text[at] not in "{[":
            return decoder.raw_decode(text, at)[1]
        close = "}" if text[at] == "{" else "]"
        at, index = space(at + 1), 0
        while text[at] != close:
            key: str | int = index
            if close == "}":
                start = at
                key, at = decoder.raw_decode(text, at)
                at = space(at) + 1  # the colon
                end = walk(at, (*path, key))
                places[(*path, key)] = place(start)
                at = end
            else:
                at = walk(at, (*path, key))
            at, index = space(at), index + 1
            at = space(at + 1) if text[at] == "," else at
        return at + 1

    walk(0, ())
    return places


class _YamlReader:
    """Builds plain data from the events of a YAML document."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)  # where YAML ends its lines
        self._name = name
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.places: dict[_Path, tuple[int, int]] = {}

    def refuse(self, mark: Any, message: str, remedy: str) -> NoReturn:
        raise DecisionError(_fault(self._name, self._text, mark.line + 1, mark.column + 1, message, remedy))

    def document(self) -> Any:
        data: Any = None
        seen = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    self.refuse(
                        event.start_mark,
                        "holds a second document",
                        "put each decision into a file of its own",
                    )
                seen = True
            elif isinstance(event, yaml.NodeEvent):
                data = self._node(event, (), 0)
        return data

    def _node(self, event: yaml.Event, path: _Path, depth: int) -> Any:
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.refuse(
                mark,
                "uses an anchor or alias of YAML",
                "write the value itself; quote words that begin with & or *",
            )
        if getattr(event, "tag", None):
            self.refuse(mark, "uses a tag of YAML", "leave the tag out; quote words that begin with !")
        if depth > _DEEPEST:
            self.refuse(mark, "is nested too deep", "see imr-letters schema for the form of a decision")
        self.places.setdefault(path, (mark.line + 1, mark.column + 1))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            entries: list[Any] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                entries.append(self._node(event, (*path, len(entries)), depth + 1))
            return entries
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.refuse(event.start_mark, "has a field name that is no word", "write field: value")
            key = event.value
            if key in found:
                self.refuse(event.start_mark, f'gives "{key}" twice', "keep one of them")
            start: Any = event.start_mark
            self.places[(*path, key)] = (start.line + 1, start.column + 1)
            found[key] = self._node(next(self._events), (*path, key), depth + 1)
        return found

    def _scalar(self, event: yaml.ScalarEvent) -> str | None:
        if not event.style:  # plain: neither quoted nor a block
            end: Any = event.end_mark
            rest = self._lines[end.line][end.column :].strip() if event.value else ""
            if rest.startswith("#"):
                self.refuse(
                    end,
                    f'YAML takes "{rest[:40]}" for a comment, so it would be lost',
                    "put the value in quotes, or the comment on a line of its own",
                )
            if event.value in ("", "~", "null"):
                return None
        return event.value


def _yaml(text: str, name: str) -> _Document:
    reader = _YamlReader(text, name)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        if not _FIELD.search(text.encode()):
            raise _no_decision("another text", name) from None
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        remedy = "quote words that hold ': ' or begin with a special sign; indent with spaces"
        raise DecisionError(
            _fault(name, text, line, column, f"is not YAML: {error.problem or error.context}", remedy)
        ) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())[:120]
        raise DecisionError(Finding("decision", "error", f"is not YAML: {reason}", name)) from None
    return _Document(data, lambda: reader.places)


def _findings(
    error: ValidationError, document: _Document, text: str, name: str, root: FieldType, *, missing: bool = True
) -> list[Finding]:
    """Return the faults of a file; without `missing`, those aside that an unfinished file may have."""
    found: list[Finding] = []
    for each in error.errors(include_url=False, include_input=False):
        path = _without_tags(each["loc"], root)
        if not missing and (each["type"] in ("missing", "too_short") or _data_at(document.data, path) is None):
            continue
        if each["type"] == "too_short" and _data_at(document.data, path):
            continue  # its entries are at fault, each told by itself
        kind, known = _type_at(path, root)
        if path and isinstance(path[-1], str) and len(path[-1]) > 40:
            path = (*path[:-1], path[-1][:40] + "...")
        message, remedy = _explain(each["type"], each["msg"], path, kind, known)
        place = path
        while place and place not in document.places:
            place = place[:-1]
        line, column = document.places.get(place, (1, 1))
        if each["type"] == "value_error" and isinstance(cause := each["ctx"]["error"], CharacterError):
            line, column = _place_of(cause.char, text, line, column)
        finding = _fault(name, text, line, column, message, remedy, _dotted(path))
        if finding not in found:
            found.append(finding)
        if len(found) == MOST_FAULTS:
            found.append(Finding("decision", "error", f"and more; only the first {MOST_FAULTS} faults are told", name))
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


def _without_tags(place: _Path, root: FieldType) -> _Path:
    """Leave out the names pydantic puts into a place for the member of a union."""
    path: _Path = ()
    for part in place:
        kind, _ = _type_at(path, root)
        tagged = kind is not None and kind.kind in ("guideline", "request") and path[-1:] != ("",)
        tagged = tagged or (kind is not None and kind.kind == "rationale" and isinstance(path[-1], int))
        path = (*path, "") if tagged else (*path, part)
    return tuple(part for part in path if part != "")


def _data_at(data: Any, path: _Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _explain(code: str, message: str, path: _Path, kind: FieldType | None, known: tuple[str, ...]) -> tuple[str, str]:
    last = path[-1] if path else ""
    if code == "missing":
        return f'"{last}" is missing', "write it down; imr-letters schema tells what it holds"
    if code == "extra_forbidden":
        near = difflib.get_close_matches(str(last), known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        return (
            f'there is no field "{last}"{hint}',
            f"use one of {', '.join(known)}" if known else "leave it out",
        )
    if code == "literal_error" and kind is not None and kind.choices:
        return "is none of the known values", f"write {' or '.join(kind.choices)}"
    if code in ("value_error", "assertion_error"):
        return message.removeprefix("Value error, "), ""
    if code == "too_short":
        return "is an empty list", "give at least one entry"
    if code.startswith("union_tag"):
        return "has no known basis", "write basis: mtus, outside_mtus, not_mtus, none_cited or unrecognized"
    if code == "string_pattern_mismatch":
        return "is no name of this kind", "write small letters, digits and - or _, without spaces"
    if code == "tuple_type":
        return "is not a list", "write each entry on a line of its own after '- '"
    plain = {
        "string_type": "is not text",
        "tuple_type": "is not a list",
        "model_type": "is not a group of fields",
    }
    plain |= {"int_parsing": "is not a whole number", "model_attributes_type": "is not a group of fields"}
    return plain.get(code, message[:1].lower() + message[1:]), "see imr-letters schema for the form of this field"


def _type_at(path: _Path, root: FieldType) -> tuple[FieldType | None, tuple[str, ...]]:
    """Return the type of a field, and the names of the fields beside it, as far as they are known."""
    here: FieldType | None = root
    beside: tuple[str, ...] = ()
    for name in path:
        if isinstance(name, int) or name == "":
            continue
        known = here.fields() if here is not None else {}
        if not known:
            return None, ()
        beside = tuple(known)
        here = known.get(name)
    return here, beside


def _dotted(path: _Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
