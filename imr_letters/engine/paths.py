"""Paths of fields, and how people write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

#: A path in a grammar; `*` stands for an entry of a list: ("charges", "*", "label").
GrammarPath = tuple[str, ...]
#: In a grammar's path: the number of an entry, counted from 1, which follows from its place.
NUMBER = "#"
#: A path in data: the names of fields and the indices of entries, from the top.
FieldPath = tuple[str | int, ...]


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as messages name it: `charges[0].label`, or `charges[].label` for any entry."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == "*":
            text += "[]"
        else:
            text += f".{part}" if text else part
    return text


def entered(path: GrammarPath, entries: Mapping[GrammarPath, int]) -> FieldPath:
    """Return a path in data, with the entry that is reached of each list."""
    return tuple(entries[path[:index]] if part == "*" else part for index, part in enumerate(path))


def named(path: GrammarPath, entries: Mapping[GrammarPath, int]) -> str:
    """Return how messages name a path in data, with the entry that is reached of each list."""
    return _named(path, tuple(entries[each] for each in _lists(path)))


@cache
def _lists(path: GrammarPath) -> tuple[GrammarPath, ...]:
    return tuple(path[:index] for index, part in enumerate(path) if part == "*")


@lru_cache(maxsize=4096)
def _named(path: GrammarPath, entries: tuple[int, ...]) -> str:
    return dotted(entered(path, dict(zip(_lists(path), entries, strict=True))))


def values_at(data: Any, path: GrammarPath, where: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    """Yield the values of a field in plain data, each with its place; nothing where it is absent."""
    if data is None:
        return
    if not path:
        yield where, data
    elif path[0] == "*":
        for index, entry in enumerate(data if isinstance(data, list | tuple) else ()):
            yield from values_at(entry, path[1:], (*where, index))
    elif isinstance(data, Mapping):
        yield from values_at(data.get(path[0]), path[1:], (*where, path[0]))
    elif hasattr(data, "__dict__"):
        yield from values_at(getattr(data, path[0], None), path[1:], (*where, path[0]))


def as_written(path: GrammarPath) -> str:
    """Return a path as a template writes it, with the usual names of loops: `charge.label`."""
    names = [name[:-1] if then == "*" else name for name, then in zip(path, (*path[1:], ""), strict=True)]
    return ".".join(name for name in names if name != "*")
