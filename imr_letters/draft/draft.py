"""A draft's text, and the places of its values in it: an answer is spliced in where it belongs.

Everything else stays as it was, byte for byte, because it is never rewritten: comments, order, quotes, blank
lines, line ends. A library that loads YAML and dumps it again cannot promise that.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from imr_letters.draft import yamltext
from imr_letters.engine.errors import DecisionError, InputError
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.engine.records.loading import LARGEST, loads_yaml
from imr_letters.imr.form import FORM

#: A line that is neither blank nor a comment.
_CONTENT = re.compile(r"(?m)^[^\S\n]*[^#\s]")

#: A comment on the next line that is not blank, and how deep it is indented.
_DEEPER = re.compile(r"(?:\r?\n[^\S\n]*)*?\r?\n( *)#[^\r\n]*")

#: The fields of a group in the order of the form.
Order = Callable[[FieldPath], Sequence[str]]


#: Comments in text that holds nothing else but white space and signs of YAML.
_COMMENT = re.compile(r"(?<!\S)#[^\r\n]*")

#: Blank lines; the first line of an entry that has its dash to itself.
_BLANK = re.compile(r"(?:[^\S\n]*\n)*")
_DASH = re.compile(r"(?m)^ *-")


@dataclass(frozen=True)
class Chunks:
    """The lines of a list: for each entry the blank lines before it, and its own; where they are in the text."""

    entries: list[tuple[str, str]]
    start: int
    end: int
    written: Callable[[Any], str]

    def inserted(self, at: int, value: Any) -> list[tuple[str, str]]:
        """Return the lines with one more entry."""
        first, body = self.entries[at]
        gap = first or (self.entries[1][0] if len(self.entries) > 1 else "")
        return [*self.entries[:at], (first, self.written(value)), (gap, body), *self.entries[at + 1 :]]

    def removed(self, at: int) -> list[tuple[str, str]]:
        """Return the lines without an entry."""
        return self._with_gaps([body for place, (_, body) in enumerate(self.entries) if place != at])

    def moved(self, at: int, to: int) -> list[tuple[str, str]]:
        """Return the lines with an entry at another place."""
        bodies = [body for _, body in self.entries]
        bodies.insert(to, bodies.pop(at))
        return self._with_gaps(bodies)

    def _with_gaps(self, bodies: list[str]) -> list[tuple[str, str]]:
        return [(gap, body) for (gap, _), body in zip(self.entries, bodies, strict=False)]


class _Any(BaseModel):
    """Any fields at all: a draft is read as strictly as a decision, but may hold less."""

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True)
class Draft:
    """A draft: its text, with line ends as they are. Immutable; `with_value` returns the next one."""

    text: str
    name: str = ""
    bom: bool = False

    @classmethod
    def read(cls, data: bytes, name: str) -> Draft:
        """Return the draft that a file's bytes hold. Raises `InputError` or `DecisionError` for no YAML."""
        bom = data.startswith(codecs.BOM_UTF8)
        try:
            text = data.removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            message = "is not UTF-8 text"
            raise InputError.of(message, source=name, line=line, remedy="save it as UTF-8", code="encoding") from None
        if len(text) > LARGEST or "\0" in text:
            raise InputError.of("is no draft", source=name, remedy="give a draft in YAML", code="binary")
        draft = cls(text, name, bom)
        _ = draft.data  # read now, so that faults are reported now
        return draft

    @property
    def bytes(self) -> bytes:
        """The file's bytes."""
        return (codecs.BOM_UTF8 if self.bom else b"") + self.text.encode()

    @cached_property
    def data(self) -> dict[str, Any]:
        """The values, as text, lists and groups; what is empty is None."""
        if not _CONTENT.search(self.text):
            return {}
        return dict(loads_yaml(self.text, self.name, _Any, FORM.published, schema=FORM.schema).model_extra or {})

    @cached_property
    def _root(self) -> yaml.Node | None:
        # Read as a decision first: that refuses what is no YAML, or nested too deep, and says where.
        return yaml.compose(self.text, Loader=yaml.CSafeLoader) if self.data else None

    def place(self, path: FieldPath) -> tuple[int, int]:
        """Return line and column, counted from 1, of a value's field, or of the nearest group that is there."""
        node, key, rest = self._find(path)
        del rest
        mark: Any = (key or node).start_mark if node is not None else None
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)

    def value(self, path: FieldPath) -> Any:
        """Return what the draft holds at a path; None where nothing is."""
        here: Any = self.data
        for step in path:
            if not isinstance(here, list if isinstance(step, int) else dict):
                return None
            try:
                here = here[step]  # type: ignore[index] # it is the kind of container that the step is into
            except (KeyError, IndexError):
                return None
        return here

    def with_value(self, path: FieldPath, value: Any, order: Order) -> Draft:
        """Return the draft with a value where there was none, or in the place of another.

        Comments inside a value that is replaced move above it. Raises `DecisionError` where the text there has a form
        that cannot be spliced: the person must write it.
        """
        return self._checked(self._spliced(path, value, order), _with(self.data, path, value), path)

    def with_entry(self, path: FieldPath, value: Any, order: Order) -> Draft:
        """Return the draft with a further entry in a list, before the one at `path` or at the end of it.

        Raises `DecisionError` as `with_value` does.
        """
        *above, at = path
        entries = self.value(tuple(above)) or []
        if not isinstance(at, int) or not isinstance(entries, list) or at >= len(entries):
            return self.with_value(path, value, order)
        entries = [*entries[:at], value, *entries[at:]]
        return self._listed(path, entries, order, lambda chunks: chunks.inserted(at, value))

    def without(self, path: FieldPath, order: Order) -> Draft:
        """Return the draft without an entry of a list, its comments included, or without a field.

        Raises `DecisionError` as `with_value` does.
        """
        *above, at = path
        held = self.value(tuple(above))
        if isinstance(at, int) and isinstance(held, list) and at < len(held):
            entries = [*held[:at], *held[at + 1 :]]
            return self._listed(path, entries, order, lambda chunks: chunks.removed(at))
        node, key, rest = self._find(path)
        if rest or node is None or key is None or _is_flow(self._find(path[:-1])[0]):
            raise self._refused(path)
        line = self.text.rfind("\n", 0, key.start_mark.index) + 1
        if self.text[line : key.start_mark.index].strip():
            raise self._refused(path)
        text = self.text[:line] + self.text[self._next_line(self._end(node)) :]
        return self._checked(text, _without(self.data, path), path)

    def with_moved(self, path: FieldPath, to: int, order: Order) -> Draft:
        """Return the draft with an entry of a list at another place among its neighbors, its comments included.

        Raises `DecisionError` as `with_value` does.
        """
        *above, at = path
        entries = self.value(tuple(above))
        if not isinstance(at, int) or not isinstance(entries, list) or not (at < len(entries) > to >= 0):
            raise self._refused(path)
        entries = [*entries[:at], *entries[at + 1 :]]
        entries.insert(to, self.value(path))
        return self._listed(path, entries, order, lambda chunks: chunks.moved(at, to))

    def _listed(
        self, path: FieldPath, entries: list[Any], order: Order, change: Callable[[Chunks], list[tuple[str, str]]]
    ) -> Draft:
        """Return the draft with the entries of a list changed; one in brackets is written again."""
        node, _, _ = self._find(path[:-1])
        if not isinstance(node, yaml.SequenceNode) or any(_is_flow(each) for each in self._above(path)):
            return self.with_value(path[:-1], entries, order)
        chunks = self._chunks(node, path)
        text = "".join(gap + body for gap, body in change(chunks))
        text = f"{self.text[: chunks.start]}{text}{self.text[chunks.end :]}"
        return self._checked(text, _with(self.data, path[:-1], entries or None), path)

    def _chunks(self, node: yaml.SequenceNode, path: FieldPath) -> Chunks:
        """Return the lines of a list by entry. The comments above an entry are its own."""
        column: Any = node.start_mark.column
        _, key, _ = self._find(path[:-1])
        start = self._next_line(key.start_mark.index) if key is not None else 0
        bounds = [start]
        for entry in node.value:
            bounds.append(self._next_line(self._past_comments(self._line_end(self._end(entry)), column)))
        lines = [self.text[one:other] for one, other in pairwise(bounds)]
        if key is None or not all(_DASH.search(each) for each in lines):
            raise self._refused(path)
        newline = self._newline
        ended = [each if each.endswith("\n") else each + newline for each in lines]
        split = [(each[: _BLANK.match(each).end()], each[_BLANK.match(each).end() :]) for each in ended]  # type: ignore[union-attr]
        return Chunks(split, start, bounds[-1], lambda value: self._entry(value, column) + newline)

    def _entry(self, value: Any, column: int) -> str:
        return self._ends(" " * column + "-" + yamltext.after(value, column, dash=True))

    def _checked(self, text: str, data: Any, path: FieldPath) -> Draft:
        """Return the draft of an edited text. Raises `DecisionError` where it does not hold the data it should."""
        edited = Draft(text, self.name, self.bom)
        try:
            same = _folded(edited.data) == _folded(data)
        except DecisionError:
            same = False
        if not same:
            raise self._refused(path)
        return edited

    def _refused(self, path: FieldPath) -> DecisionError:
        line, column = self.place(path)
        message = "the answer cannot be written here without changing what stands around it"
        remedy = "write it into the file yourself"
        return DecisionError.of(message, source=self.name, line=line, column=column, field=dotted(path), remedy=remedy)

    def _find(self, path: FieldPath) -> tuple[yaml.Node | None, yaml.Node | None, FieldPath]:
        """Return the deepest node on a path, its key, and the rest of the path."""
        node, key = self._root, None
        for index, step in enumerate(path):
            found: tuple[yaml.Node | None, yaml.Node] | None = None
            if isinstance(node, yaml.MappingNode):
                found = next(((name, inner) for name, inner in node.value if name.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = None, node.value[step]
            if found is None:
                return node, key, path[index:]
            key, node = found
        return node, key, ()

    def _spliced(self, path: FieldPath, value: Any, order: Order) -> str:
        node, key, rest = self._find(path)
        if node is None:  # nothing but comments so far
            head = self.text if not self.text or self.text.endswith("\n") else self.text + self._newline
            return head + self._ends(yamltext.text(_wrapped(path, value)))
        done = path[: len(path) - len(rest)]
        flow = any(_is_flow(above) for above in self._above(done))
        if _is_null(node) or not rest:
            return self._replaced(node, key, done, _wrapped(rest, value), flow=flow)
        if isinstance(node, yaml.MappingNode) and isinstance(rest[0], str):
            whole = _wrapped(rest[1:], value)
            if flow or _is_flow(node):
                pair = f"{yamltext.flow(rest[0])}: {yamltext.flow(whole)}"
                return self._insert(node.end_mark.index - 1, f", {pair}" if node.value else pair)
            return self._field_added(node, rest[0], whole, order(done))
        if isinstance(node, yaml.SequenceNode) and rest[0] == len(node.value) and not (flow or _is_flow(node)):
            column: Any = node.start_mark.column
            entry = "\n" + " " * column + "-" + yamltext.after(_wrapped(rest[1:], value), column, dash=True)
            return self._insert(self._line_end(self._end(node)), self._ends(entry))
        raise self._refused(path)

    def _above(self, path: FieldPath) -> list[yaml.Node]:
        return [found for size in range(len(path)) if (found := self._find(path[:size])[0]) is not None]

    def _replaced(self, node: yaml.Node, key: yaml.Node | None, path: FieldPath, value: Any, *, flow: bool) -> str:
        start, end = node.start_mark.index, self._end(node)
        before = self.text.rfind("-", 0, start) + 1 if key is None else self.text.find(":", key.end_mark.index) + 1
        if flow:
            if self.text[before:start].strip():
                raise self._refused(path)
            return f"{self.text[:before]} {yamltext.flow(value)}{self.text[end:]}"
        above = self._find(path[:-1])[0]
        column: Any = above.start_mark.column if above is not None else 0
        written = self._ends(yamltext.after(value, column, dash=key is None))
        stop = self._line_end(end)
        line = self.text.rfind("\n", 0, before) + 1
        # Comments inside or behind the value would be taken for a part of the answer: they go above it.
        pad = " " * (len(self.text[line:]) - len(self.text[line:].lstrip(" ")))
        moved = "".join(f"{pad}{each}{self._newline}" for each in self._comments(before, stop))
        return f"{self.text[:line]}{moved}{self.text[line:before]}{written}{self.text[stop:]}"

    def _comments(self, start: int, end: int) -> list[str]:
        """Return the comments in a stretch of the text."""
        found: list[str] = []
        at = start
        for token in yaml.scan(self.text, Loader=yaml.CSafeLoader):
            if token.start_mark.index >= end:
                break
            if token.end_mark.index <= start:
                continue
            gap = self.text[at : max(at, token.start_mark.index)]
            if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
                gap += self.text[token.start_mark.index : self._line_end(token.start_mark.index)][1:]
            found += [each.group().rstrip() for each in _COMMENT.finditer(gap)]
            at = max(at, self._scalar_end(token))
        return [*found, *(each.group().rstrip() for each in _COMMENT.finditer(self.text[at : max(at, end)]))]

    def _scalar_end(self, token: Any) -> int:
        """Return where a token ends; that of a block of prose ends before the blank lines and comments below it."""
        start, end = token.start_mark.index, token.end_mark.index
        return int(start + len(self.text[start:end].rstrip()))

    def _field_added(self, group: yaml.MappingNode, name: str, value: Any, order: Sequence[str]) -> str:
        column: Any = group.start_mark.column
        present = {key.value: inner for key, inner in group.value}
        earlier = order[: order.index(name)] if name in order else list(present)
        before = next((each for each in reversed(earlier) if each in present), None)
        written = f"{name}:{yamltext.after(value, column)}"
        if before is None:
            return self._insert(group.start_mark.index, self._ends(f"{written}\n{' ' * column}"))
        at = self._line_end(self._end(present[before]))
        return self._insert(self._past_comments(at, column), self._ends(f"\n{' ' * column}{written}"))

    def _past_comments(self, at: int, column: int) -> int:
        """Return the end of the comments that follow and stand deeper: behind prose they would become a part of it."""
        while (found := _DEEPER.match(self.text, at)) and len(found[1]) > column:
            at = found.end()
        return at

    def _end(self, node: yaml.Node) -> int:
        """Return where a value's own text ends; the parser takes comments and blank lines behind it along."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(self.text[start:end].rstrip())

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[at:end].endswith("\r") else end

    def _next_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _insert(self, at: int, text: str) -> str:
        return self.text[:at] + text + self.text[at:]

    @property
    def _newline(self) -> str:
        return "\r\n" if self.text.partition("\n")[0].endswith("\r") else "\n"

    def _ends(self, text: str) -> str:
        return text.replace("\n", self._newline)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def _is_flow(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _wrapped(path: FieldPath, value: Any) -> Any:
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def _with(data: Any, path: FieldPath, value: Any) -> Any:
    """Return plain data with a value at a path, as reading it from a file gives it."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        group = dict(data) if isinstance(data, dict) else {}
        return {**group, step: _with(group.get(step), rest, value)}
    entries = list(data) if isinstance(data, list) else []
    entries[step:] = [_with(entries[step] if step < len(entries) else None, rest, value), *entries[step + 1 :]]
    return entries


def _without(data: Any, path: FieldPath) -> Any:
    """Return plain data without a field."""
    step, rest = path[0], path[1:]
    if not rest:
        return {name: inner for name, inner in data.items() if name != step} or None
    if isinstance(step, str):
        return {**data, step: _without(data[step], rest)}
    return [*data[:step], _without(data[step], rest), *data[step + 1 :]]


def _folded(data: Any) -> Any:
    """Return plain data with the lines of each paragraph joined: how prose is broken into lines means nothing."""
    if isinstance(data, dict):
        return {key: _folded(inner) for key, inner in data.items()}
    if isinstance(data, list):
        return [_folded(inner) for inner in data]
    if data is None:
        return None
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", str(data).strip())]
