"""What is shown to people and to their programs: nothing of it may play tricks on a terminal or give a secret away.

File names, templates, decisions and worksheets come from others. Each printed line goes through `line`, each text of
several lines through `text`, each JSON shape through `escaped`, each cell of CSV through `guarded`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

#: How an address begins; a path that was made of one has a single slash.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")
#: What ends one in a sentence.
_END = re.compile(r"[\s\"'<>]")
_UNSEEN = re.compile(r"[^\n -~]")
#: Schemes in which the part before @ names a container.
_CONTAINERS = ("abfs", "abfss", "wasb", "wasbs")
#: What begins a cell that a spreadsheet runs, also by its wide form and after blanks.
_FORMULA = re.compile(r"['\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MASK = "***"


def text(given: str) -> str:
    """Return text in which every character that cannot be seen is shown as ?; line ends stay.

    Terminal codes, C1 controls, bidirectional controls and zero-width characters are such. Each becomes one character,
    so that marks below a line stay where they are.
    """
    if given.isascii() and given.replace("\n", "").isprintable():
        return given
    return "".join(map(_seen, given))


def _seen(char: str) -> str:
    if char.isprintable() or char == "\n":
        return char
    return " " if char == "\t" or unicodedata.category(char) == "Zs" else "?"


def line(given: str) -> str:
    """Return such text as one line, in which the secrets of addresses are masked."""
    return text(masked(given)).replace("\n", "?")


def masked(given: str) -> str:
    """Return text in which addresses hold no secrets: user and password, and all that comes after ? or #.

    It errs on the side of masking: what comes before an @ may be a key with slashes in it.
    """
    found = list(_ADDRESS.finditer(given)) if ":/" in given else []
    if not found:
        return given
    pieces = [given[: found[0].start()]]
    for begin, following in zip(found, [*found[1:], None], strict=True):
        rest = given[begin.end() : following.start() if following else None]
        end = _END.search(rest)
        stop = end.start() if end else len(rest)
        pieces += [begin[0], _masked(begin[1], rest[:stop]), rest[stop:]]
    return "".join(pieces)


def _masked(scheme: str, rest: str) -> str:
    """Return what comes after the slashes of an address."""
    ends = [at for at in map(rest.find, "?#;") if at >= 0]
    query = rest[min(ends)] + _MASK + _closing(rest) if ends else ""
    path = rest[: min(ends)] if ends else rest
    authority = path.partition("/")[0]
    is_port = authority.rpartition(":")[2].isdecimal()
    if "@" in authority and not (scheme in _CONTAINERS and ":" not in authority):
        path = _MASK + path[authority.rindex("@") :]
    elif ":" in authority and not is_port:
        path = _MASK + (path[path.rindex("@") :] if "@" in path else "")
    return path + query


def _closing(rest: str) -> str:
    """Return the signs after an address that are those of the sentence around it."""
    found = re.search(r"[:,.)]+$", rest)
    return found[0] if found else ""


def escaped(shape: Any, indent: int | None = None) -> str:
    """Return data as JSON that reads back to the same, in which every character that cannot be seen is escaped."""
    return _UNSEEN.sub(_escape, json.dumps(shape, ensure_ascii=False, indent=indent))


def _escape(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `unguarded` gives the cell back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell that was guarded as it was."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell
