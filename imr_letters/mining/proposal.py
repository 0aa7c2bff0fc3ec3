"""A passage that was found in letters, written out as a draft of a snippet.

The file is meant to be saved and shared, so it holds no value that could be of a single person: of such values it says
only of what kind they were.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, count
from typing import Any

import yaml

from imr_letters.english.wordlists import SIGNS
from imr_letters.imr.model.guideline import Guideline, NoGuideline, OtherGuideline
from imr_letters.mining.passages import Recurring
from imr_letters.mining.sieve import personal
from imr_letters.mining.skeleton import introduction, key
from imr_letters.mining.slots import Slot

_WIDTH = 95
_TITLE_WORDS = 8
_TAG = re.compile(r"\{\{.*?\}\}")


def drafts(
    passages: Iterable[Recurring], *, reviewer: str, start: date, taken: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the file name, `<id>/1.md`, and the content of a draft for each passage; no id is one of those `taken`."""
    known = set(taken)
    for passage in passages:
        stem = "-".join(re.findall("[a-z0-9]+", _title(passage).casefold())[:6])[:50].strip("-") or "passage"
        name = next(each for each in chain([stem], (f"{stem}-{number}" for number in count(2))) if each not in known)
        known.add(name)
        yield f"{name}/1.md", as_snippet(passage, reviewer=reviewer, start=start)


def as_snippet(passage: Recurring, *, reviewer: str, start: date) -> str:
    """Return the content of a draft file for a passage.

    `reviewer` is the role that is to approve it, `start` the day from which it is meant to be used.
    """
    front: dict[str, Any] = {
        "title": _title(passage),
        "status": "draft",
        "effective_period": {"start": start},
        "reviewer": reviewer,
        "citations": _citations(passage.guideline),
        "applies_to": {"treatment_category": []},
        "argues_for": passage.argues_for,
    }
    variables = "".join(_variable(slot) for slot in passage.variables)
    notes = "".join(f"# {line}\n" for line in _notes(passage))
    fields = f"variables:\n{variables}" if variables else ""
    return f"---\n{notes}{_yaml(front)}{fields}---\n{_wrapped(passage.text)}\n"


def _notes(passage: Recurring) -> Iterator[str]:
    yield (
        f"Found in {passage.letters} letters, {passage.items} disputed items: {passage.upheld} upheld, "
        f"{passage.overturned} overturned."
    )
    if passage.chapters:
        cited = ", ".join(f"{chapter} ({count})" for chapter, count in passage.chapters[:4])
        yield from textwrap.wrap(f"They cite: {cited}.", _WIDTH)
    if isinstance(passage.guideline, OtherGuideline | NoGuideline | None):
        yield "Most of them cite no guideline of a known form: write the citation down."


def _citations(guideline: Guideline | None) -> dict[str, Any]:
    # Words of no known form are not carried over: nobody has looked at what they tell.
    if guideline is None or isinstance(guideline, OtherGuideline):
        guideline = NoGuideline(basis="none_cited")
    data = guideline.model_dump(mode="json", exclude_defaults=True)
    if any(personal(str(data.get(name, ""))) for name in ("non_mtus", "other_guidelines")):
        return {"basis": "none_cited"}
    return data


def _variable(slot: Slot) -> str:
    data: dict[str, Any] = {"name": slot.name, "kind": slot.kind, "question": slot.question}
    if slot.choices:
        data["choices"] = list(slot.choices)
    data["required"] = True
    lines = _yaml([data]).splitlines()
    return "".join(f"  {line}\n" for line in [*(f"# {note}" for note in _seen(slot)), *lines])


def _seen(slot: Slot) -> list[str]:
    hidden = len(slot.values) - len(slot.shown)
    if slot.kind == "choice":
        return []
    if not slot.shown:
        what = {"date": "days", "number": "numbers"}.get(slot.kind, "values")
        return [f"{len(slot.values)} different {what} in the letters."]
    more = f"; {hidden} more" if hidden else ""
    return textwrap.wrap(f"In the letters: {'; '.join(slot.shown[:6])}{more}.", _WIDTH - 4)


def _title(passage: Recurring) -> str:
    """Return the first telling words: a title to begin with."""
    words = " ".join(part if isinstance(part, str) else "..." for part in passage.parts).split()
    words = [word for word in words if word.strip(SIGNS)] or ["Untitled"]
    skipped = introduction(tuple(key(word) for word in words[:14]))
    chosen = [word for word in words[skipped:] if word.strip(".")][:_TITLE_WORDS] or words[:_TITLE_WORDS]
    title = " ".join(chosen).strip(f"{SIGNS} ")
    return title[:1].upper() + title[1:]


def _yaml(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _wrapped(text: str) -> str:
    """Return the words in lines that never part a tag."""
    whole = _TAG.sub(lambda tag: tag.group().replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines = textwrap.fill(whole, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return _TAG.sub(lambda tag: tag.group().replace("\N{NO-BREAK SPACE}", " "), lines)
