"""A new draft as commented YAML: what is known filled in, the rest as questions."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from functools import cache
from typing import Any

from imr_letters.draft import schema, yamltext
from imr_letters.draft.questions import by_field, type_at
from imr_letters.engine.fields import FieldType, Group, Listing
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.form import FORM

_HEAD = """\
# Draft of a determination. Lines that begin with # are the questions; write each answer behind or below its field.
# Unanswered fields stay empty. imr-letters draft status FILE shows what is missing, draft fill FILE asks for it.
"""
_CASE_REMARK = "A determination without a header, as older public copies are: take the whole of case out."
_ROLES = "(answered by {})"


def text(data: Mapping[str, Any] | None = None, *, items: int = 1, schema_path: str = "", remark: str = "") -> str:
    """Return a draft with what is known filled in. `items` is how many items there are where none is known.

    `schema_path` is the place of the schema, as editors need it; `remark` comes first.
    """
    data = data or {}
    head = f"# yaml-language-server: $schema={schema_path or schema.NAME}\n{_HEAD}"
    if remark:
        head += "".join(f"# {line}\n" for line in textwrap.wrap(remark, yamltext.WIDTH))
    parts = [_field((name,), kind, data.get(name), 0, items) for name, kind in FORM.published.fields.items()]
    return head + "\n" + "\n".join(parts)


def _field(path: FieldPath, kind: FieldType, value: Any, indent: int, items: int = 1) -> str:
    pad = " " * indent
    name = path[-1]
    if isinstance(kind, Group):
        remark = _comment(_CASE_REMARK, indent) if kind.optional else ""
        return f"{remark}{pad}{name}:\n{_group(path, value or {}, indent + 2)}"
    if isinstance(kind, Listing):
        entries = value if isinstance(value, list) and value else [{}] * items
        groups = [_group((*path, index), entry, indent + 4) for index, entry in enumerate(entries)]
        dash = " " * (indent + 2) + "-"
        return f"{pad}{name}:\n" + "\n".join(f"{dash}\n{group}" for group in groups)
    return f"{_question(path, indent)}{pad}{name}:{yamltext.after(value, indent)}\n"


def _group(path: FieldPath, data: Mapping[str, Any], indent: int) -> str:
    kind = type_at(path)
    assert kind is not None
    written = [_field((*path, name), inner, data.get(name), indent) for name, inner in kind.fields.items()]
    if data.get("as_printed"):
        written.append(f"{' ' * indent}as_printed:{yamltext.after(data['as_printed'], indent)}\n")
    return "".join(written)


def _question(path: FieldPath, indent: int) -> str:
    index = path[1] if path[0] == "items" else 0
    return _question_text(tuple("*" if isinstance(step, int) else step for step in path), indent, index == 0)


@cache
def _question_text(path: tuple[str, ...], indent: int, whole: bool) -> str:
    """Return the comment that asks for a field; of items after the first, without the forms of an answer."""
    question = by_field()[dotted(path)]
    roles = _ROLES.format(" and ".join(question.roles))
    if not whole:
        return _comment(f"{question.ask} {roles}", indent)
    written = "".join(f"{' ' * indent}#   {line}\n" for line in question.written)
    return _comment(f"{question.ask} {roles}", indent) + written


def _comment(words: str, indent: int) -> str:
    lines = textwrap.wrap(words, yamltext.WIDTH - indent, break_on_hyphens=False)
    return "".join(f"{' ' * indent}# {line}\n" for line in lines)
