"""Values written as YAML, the way a person would write them: quotes only where needed, prose as indented lines."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

#: Width of the lines prose is broken into.
WIDTH = 105
#: Words that stay the same under every reader of YAML without quotes, dates among them.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.()/%&'+;-]*(?<! )")
#: Words that some readers of YAML take for a number, a truth value or nothing.
_OTHER_TYPE = re.compile(r"[0-9][0-9_,.]*(?:[eE][+-]?[0-9]+)?|0[xob].*|(?i:null|true|false|yes|no|on|off|y|n|inf|nan)")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar(value: str | int) -> str:
    """Return a value as it is written on one line."""
    if isinstance(value, int) or (_PLAIN.fullmatch(value) and not _OTHER_TYPE.fullmatch(value)):
        return str(value)
    return flow(value)


def flow(value: Any) -> str:
    """Return a value in the form of JSON, which is YAML that fits on one line and into any place."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))


def prose(value: str, indent: int) -> str | None:
    """Return prose as the lines of a block, indented by `indent`, its lines as they are; too long ones are broken.

    None where a block would not give the same words back.
    """
    if not value.strip() or _UNSEEN.search(value):
        return None
    lines: list[str] = []
    for line in value.strip().split("\n"):
        broken = textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [line] if line == line.strip() and len(line) <= WIDTH + indent else broken
    return "\n".join(" " * indent + line if line else "" for line in lines)


def after(value: Any, indent: int, *, dash: bool = False) -> str:
    """Return what follows the colon of a field, or the dash of a list's entry, that is indented by `indent`.

    No line end closes it.
    """
    deeper = indent + 2
    if isinstance(value, str) and ("\n" in value or len(value) > WIDTH - indent):
        block = prose(value, deeper)
        if block is not None:
            return f" |-\n{block}"
    if isinstance(value, Mapping) and value:
        lines = [f"{key}:{after(inner, deeper)}" for key, inner in value.items()]
        pad = "\n" + " " * deeper
        return (" " if dash else pad) + pad.join(lines)
    if isinstance(value, Sequence) and not isinstance(value, str) and value and not dash:
        return "".join(f"\n{' ' * deeper}-{after(inner, deeper, dash=True)}" for inner in value)
    if isinstance(value, str | int):
        return f" {scalar(value)}"
    return "" if value is None else f" {flow(value)}"


def text(data: Mapping[str, Any]) -> str:
    """Return plain data as a YAML document, a blank line between the fields on top."""
    return "\n".join(f"{key}:{after(inner, 0)}\n" for key, inner in data.items())
