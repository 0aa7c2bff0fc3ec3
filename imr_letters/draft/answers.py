"""An answer in a person's words, and the value it stands for; the model has the last word on each."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from imr_letters.draft import yamltext
from imr_letters.draft.draft import Draft
from imr_letters.draft.questions import question_path, type_at
from imr_letters.draft.typed import Typed, refused
from imr_letters.engine import text
from imr_letters.engine.errors import DecisionError, Finding
from imr_letters.engine.fields import Group, Leaf, Listing
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.codecs import GuidelineLine
from imr_letters.imr.model import Decision
from imr_letters.imr.model.guideline import OtherGuideline
from imr_letters.imr.records import loads

_US_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_BY = "The Expert Reviewer"
_LEAD = re.compile(
    rf"(?:{_BY} based their decision on recommendation\(s\) outside of the MTUS Guidelines\. )?Decision based on "
)

#: By kind of field: a value that is sound, to stand in while something else is looked at.
_STAND_INS: dict[str, Any] = {
    "words": "Alpha",
    "prose": "Alpha.",
    "day": "2016-06-06",
    "case_number": "CM16-0000000",
    "names": ["California"],
    "request": "Alpha",
    "guideline": {"basis": "none_cited"},
    "rationale": [{"text": "Alpha."}],
}


class AnswerError(ValueError):
    """An answer that cannot be taken; its text says why and what would do."""


def answer_of(path: FieldPath, typed: Typed) -> Any:
    """Return the plain data that an answer in plain signs stands for. Raises `AnswerError`."""
    characters = refused(typed.words)
    if characters:
        raise AnswerError(f"holds what no letter may hold: {characters}")
    return value_of(path, typed.words)


def shown(draft: Draft, path: FieldPath) -> str:
    """Return what a draft holds at a field in the words of an answer; what has no such words as it is in the file."""
    value = draft.value(path)
    if value is None or isinstance(value, str):
        return value or ""
    kind = type_at(path)
    with contextlib.suppress(AnswerError, ValueError):
        if isinstance(kind, Leaf) and not faults(path, value):
            return _WORDS[kind.kind](value)
    return yamltext.text({str(path[-1]): value}).partition(":")[2].strip("\n")


def _rationale_words(blocks: Any) -> str:
    if any("text" not in block for block in blocks):
        raise ValueError("holds a snippet, which has no words of its own")
    return text.PARAGRAPH.join(block["text"] for block in blocks)


def _guideline_words(value: Any) -> str:
    if value.get("basis") == "none_cited":
        return "none"
    line = GuidelineLine(_BY).encode(_adapter(("items", "[]", "reviewer_guideline")).validate_python(value))
    brief = _LEAD.sub("", line).removesuffix(".").replace("Non-MTUS Citation ", "Non-MTUS ")
    with contextlib.suppress(AnswerError):
        if _guideline(brief) == value:
            return brief
    return line


#: How the values of a kind of field are written as an answer, where they are no text.
_WORDS: dict[str, Callable[[Any], str]] = {
    "names": ", ".join,
    "request": lambda value: " | ".join(
        value[name] for name in ("original", "authorized", "remaining") if value.get(name)
    ),
    "rationale": _rationale_words,
    "guideline": _guideline_words,
}


def value_of(path: FieldPath, words: str) -> Any:
    """Return the plain data that an answer stands for, checked by the model. Raises `AnswerError`."""
    value = _read(path, words)
    found = faults(path, value)
    if found:
        raise AnswerError("; ".join(f"{finding.message}{_hint(finding)}" for finding in found[:3]))
    return value


def _hint(finding: Finding) -> str:
    return f" ({finding.remedy})" if finding.remedy and "imr-letters schema" not in finding.remedy else ""


def faults(path: FieldPath, value: Any) -> list[Finding]:
    """Return what the model finds wrong with a value, everything else being sound."""
    with contextlib.suppress(ValidationError):
        _adapter(tuple("[]" if isinstance(step, int) else step for step in path)).validate_python(value)
        return []  # nearly every value, at a fraction of the cost of finding out what is wrong
    data = stand_in(())
    here: Any = data
    for step in path[:-1]:
        here = here[0] if isinstance(step, int) else here[step]
    here[path[-1]] = value
    try:
        loads(json.dumps(data))
    except DecisionError as error:
        return list(error.findings)
    return []


@cache
def _adapter(path: tuple[str, ...]) -> TypeAdapter[Any]:
    """Return the model's check of one field."""
    part: type[BaseModel] = Decision
    if path[:-1]:
        kind = type_at(tuple(0 if step == "[]" else step for step in path[:-1]))
        entry = kind.entry if isinstance(kind, Listing) else kind
        assert isinstance(entry, Group)
        assert entry.part is not None
        part = entry.part
    info = part.model_fields[path[-1]]
    checked: Any = Annotated[info.annotation, None, *info.metadata]
    return TypeAdapter(checked)


def stand_in(path: FieldPath) -> Any:
    """Return a sound value for a field, or sound fields for a group; what may be absent is left out."""
    kind = type_at(path)
    assert kind is not None, dotted(path)
    if not isinstance(kind, Leaf):
        group = {
            name: stand_in((*path, name))
            for name, inner in kind.fields.items()
            if not inner.optional or isinstance(inner, Group)
        }
        return [group] if isinstance(kind, Listing) and not (path and isinstance(path[-1], int)) else group
    return kind.choices[0] if kind.choices else _STAND_INS[kind.kind]


def _read(path: FieldPath, words: str) -> Any:
    kind = type_at(question_path(path))
    assert isinstance(kind, Leaf), dotted(path)
    words = words.strip()
    if not words:
        raise AnswerError("is empty")
    if kind.choices:
        return _choice(words, kind.choices)
    if kind.kind == "day":
        return _day(words)
    if kind.kind == "names":
        return [name for name in (name.strip() for name in words.split(",")) if name]
    if kind.kind == "request":
        return _request(words)
    if kind.kind == "guideline":
        return _guideline(words)
    if kind.kind == "rationale":
        return [{"text": words}]
    return words


def _choice(words: str, choices: tuple[str, ...]) -> str:
    if words.isdigit() and 1 <= int(words) <= len(choices):
        return choices[int(words) - 1]
    near = [choice for choice in choices if choice.startswith(words.lower())]
    if len(near) != 1:
        raise AnswerError(f"is none of the known values (write {' or '.join(choices)})")
    return near[0]


def _day(words: str) -> str:
    """Return a day as data files write it; only forms that leave no doubt which part is the year are taken."""
    found = _US_DAY.fullmatch(words)
    if re.fullmatch("[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{2}", words):
        raise AnswerError("has a year of two digits (write all four)")
    if found is None:
        return words
    month, day, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise AnswerError(f"is a day that does not exist: {words} (write month/day/year)") from None


def _request(words: str) -> Any:
    parts = [part.strip() for part in words.split("|")]
    if len(parts) == 1:
        return words
    if len(parts) > 3:
        raise AnswerError("has more than three parts (write original | authorized | what remains)")
    return dict(zip(("original", "authorized", "remaining"), parts, strict=False))


def _guideline(words: str) -> Any:
    """Return the guideline of a line as the letter prints it, with or without the words it begins with."""
    try:
        words = text.words(words)
    except text.CharacterError as error:
        raise AnswerError(str(error)) from None
    if words.lower().rstrip(".") in ("none", "none cited"):
        return {"basis": "none_cited"}
    line = re.sub(r"(?:(?<=[.;] )|^)(?=(?:MTUS|Non-MTUS) )", "Decision based on ", words)
    line = line.replace("Non-MTUS Citation ", "Non-MTUS ").replace("Non-MTUS ", "Non-MTUS Citation ")
    line = re.sub(r"[.;] Decision based on Non", ". Decision based on Non", line)
    if line.startswith("Decision based on Non-MTUS "):
        line = f"{_BY} based their decision on recommendation(s) outside of the MTUS Guidelines. {line}"
    line = re.sub("^The (?:Claims Administrator|Expert Reviewer) ", f"{_BY} ", line)
    if not line.endswith("."):
        line += "."
    found = GuidelineLine(_BY).decode(line)
    if isinstance(found, OtherGuideline):
        raise AnswerError("is no guideline line of a known form (begin with MTUS or Non-MTUS, or write none)")
    return found.model_dump(mode="json", exclude_defaults=True)
