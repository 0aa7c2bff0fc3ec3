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

    def with_value(self, path: FieldPath, value: Any, order: Order) -> Draft:
        """Return the draft with a value where there was none, or with another scalar in its place.

        Raises `DecisionError` where the text there has a form that cannot be spliced: the person must write it.
        """
        edited = Draft(self._spliced(path, value, order), self.name, self.bom)
        try:
            same = _folded(edited.data) == _folded(_with(self.data, path, value))
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
            whole = _wrapped(rest, value)
            if _is_flow(node) and node.value:
                raise self._refused(path)
            return self._replaced(node, key, done, whole, flow=flow)
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
        if isinstance(node, yaml.CollectionNode) and node.value:
            raise self._refused(path)
        start, end = node.start_mark.index, self._end(node)
        before = self.text.rfind("-", 0, start) + 1 if key is None else self.text.find(":", key.end_mark.index) + 1
        start = min(start, before) if not self.text[before:start].strip() else -1
        if start < 0:
            raise self._refused(path)
        if flow:
            return f"{self.text[:start]} {yamltext.flow(value)}{self.text[end:]}"
        above = self._find(path[:-1])[0]
        column: Any = above.start_mark.column if above is not None else 0
        written = self._ends(yamltext.after(value, column, dash=key is None))
        stop = self._line_end(end)
        remark = self.text[end:stop].strip()
        if remark and not remark.startswith("#"):
            raise self._refused(path)
        line = self.text.rfind("\n", 0, before) + 1
        moved = ""  # a remark behind an empty field would be taken for a part of the answer: it goes above
        if remark:
            pad = len(self.text[line:]) - len(self.text[line:].lstrip(" "))
            moved = " " * pad + remark + self._newline
        return f"{self.text[:line]}{moved}{self.text[line:start]}{written}{self.text[stop:]}"

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

    def _insert(self, at: int, text: str) -> str:
        return self.text[:at] + text + self.text[at:]

    @property
    def _newline(self) -> str:
        return "\r\n" if self.text.partition("\n")[0].endswith("\r") else "\n"

    def _ends(self, text: str) -> str:
        return text.replace("\n", self._newline)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def _is_flow(node: yaml.Node) -> bool:
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


def _folded(data: Any) -> Any:
    """Return plain data with the lines of each paragraph joined: how prose is broken into lines means nothing."""
    if isinstance(data, dict):
        return {key: _folded(inner) for key, inner in data.items()}
    if isinstance(data, list):
        return [_folded(inner) for inner in data]
    if data is None:
        return None
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", str(data).strip())]
