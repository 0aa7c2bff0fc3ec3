"""TOML with the line of each key, so that a message can name it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imr_letters.engine.errors import TemplateError
from imr_letters.engine.paths import FieldPath

#: Largest file, in bytes: a family says less.
LARGEST = 200_000
#: How deep values may be nested.
DEEPEST = 8

_REMEDY = "it needs title and organization in quotes, and may have in_force_from and in_force_to"
_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_HEADER = re.compile(rf"\s*\[\[?\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*\]\]?")
_ASSIGNED = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")


@dataclass(frozen=True)
class TomlText:
    """What a TOML file holds, and the line of each of its keys."""

    source: str
    data: dict[str, Any]
    _lines: dict[FieldPath, int] = field(repr=False)

    def line(self, path: FieldPath) -> int | None:
        """Return the line of a key, or of the nearest one around it; None where none of them is written."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)


def read(content: bytes, source: str) -> TomlText:
    """Return what the bytes of a file hold. Raises `TemplateError` for what cannot be read, naming it `source`."""
    if len(content) > LARGEST:
        raise TemplateError.of(f"is larger than {LARGEST:,} bytes", source=source, remedy="a family says less")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TemplateError.of("is not UTF-8 text", source=source, line=line, remedy="save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        said = "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
        place = re.search(r" \(at line (\d+), column \d+\)", said)
        here = int(place[1]) if place else None
        message = said.replace(place[0], "") if place else said
        raise TemplateError.of(
            f"cannot be read: {message[:1].lower()}{message[1:]}", source=source, line=here, remedy=_REMEDY
        ) from None
    lines: dict[FieldPath, int] = {}
    for key, number in _keys(text):
        for size in range(1, len(key) + 1):
            lines.setdefault(key[:size], number)
    found = TomlText(source, data, lines)
    for key in _too_deep(data):
        message = f"{'.'.join(map(str, key[:2]))} is nested too deep"
        raise TemplateError.of(message, source=source, line=found.line(key), remedy="write it as the docs show it")
    return found


def _keys(text: str) -> Iterator[tuple[FieldPath, int]]:
    table: FieldPath = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            yield table, number
        elif assigned := _ASSIGNED.match(line):
            yield (*table, *_parts(assigned[1])), number


def _parts(key: str) -> FieldPath:
    return tuple(each.strip("\"'") for each in re.findall(_KEY, key))


def _too_deep(data: Any, path: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield the first key of each value that is nested too deep."""
    if len(path) > DEEPEST:
        yield path
    elif isinstance(data, dict):
        for name, inner in data.items():
            yield from _too_deep(inner, (*path, name))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from _too_deep(inner, (*path, index))
