"""The notations of decision files, JSON and YAML: plain data, and where each part of it begins.

Scalars stay strings, so that a number or the word NO is never turned into something else. Refused: keys given twice,
anchors, aliases, tags and merges of YAML, and a YAML value with a comment behind it on the same line
(`Norco 10/325mg #60` would silently lose its quantity).
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NoReturn

import yaml

from imr_letters.engine.errors import DecisionError, Finding, excerpt
from imr_letters.engine.paths import FieldPath

_DEEPEST = 24


class NotYamlError(DecisionError):
    """A text that is not YAML at all."""


@dataclass
class Notation:
    """The data of a file and where each part of it begins: line and column counted from 1."""

    data: Any
    find: Callable[[], dict[FieldPath, tuple[int, int]]]

    @cached_property
    def places(self) -> dict[FieldPath, tuple[int, int]]:
        """Looked for where there is a fault to be told; in JSON that takes longer than reading."""
        return self.find()


def fault(name: str, text: str, line: int, column: int, message: str, remedy: str, field: str = "") -> Finding:
    """Return a fault of a file with the line it stands in; line and column are counted from 1."""
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    whole = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = len(whole) - len(whole.lstrip())
    shown, mark = excerpt(whole.strip(), max(0, column - 1 - indent), 1) if whole.strip() else ("", None)
    return Finding(
        "decision",
        "error",
        message,
        source=name,
        line=line,
        column=column,
        excerpt=shown,
        mark=mark,
        field=field,
        remedy=remedy,
    )


def read_json(text: str, name: str) -> Notation:
    """Return what JSON holds. Raises `DecisionError` for faults of the notation."""
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
        finding = fault(name, text, error.lineno, error.colno, f"is not JSON: {error.msg}", "mend the place shown")
        raise DecisionError(finding) from None
    except ValueError as error:
        raise DecisionError.of(str(error), source=name, remedy="write it as text") from None
    except RecursionError:
        raise DecisionError.of("is nested too deep", source=name) from None
    if twice:
        raise DecisionError.of(f'gives "{twice[0]}" twice', source=name, remedy="keep one of them")
    return Notation(data, partial(_json_places, text))


def _no_number(word: str) -> str:
    raise ValueError(f"{word} is no value")


def _json_places(text: str) -> dict[FieldPath, tuple[int, int]]:
    """Return where the values of valid JSON begin."""
    places: dict[FieldPath, tuple[int, int]] = {}
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

    def walk(at: int, path: FieldPath) -> int:
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
        self.places: dict[FieldPath, tuple[int, int]] = {}

    def refuse(self, mark: Any, message: str, remedy: str) -> NoReturn:
        raise DecisionError(fault(self._name, self._text, mark.line + 1, mark.column + 1, message, remedy))

    def document(self) -> Any:
        data: Any = None
        seen = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    self.refuse(
                        event.start_mark,
                        "holds a second document",
                        "put each document into a file of its own",
                    )
                seen = True
            elif isinstance(event, yaml.NodeEvent):
                data = self._node(event, (), 0)
        return data

    def _node(self, event: yaml.Event, path: FieldPath, depth: int) -> Any:
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
            self.refuse(mark, "is nested too deep", f"nest fewer than {_DEEPEST} levels")
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


def read_yaml(text: str, name: str) -> Notation:
    """Return what YAML holds. Raises `NotYamlError`, and `DecisionError` for YAML that is refused."""
    reader = _YamlReader(text, name)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        remedy = "quote words that hold ': ' or begin with a special sign; indent with spaces"
        raise NotYamlError(
            fault(name, text, line, column, f"is not YAML: {error.problem or error.context}", remedy)
        ) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())[:120]
        raise DecisionError.of(f"is not YAML: {reason}", source=name) from None
    return Notation(data, lambda: reader.places)
