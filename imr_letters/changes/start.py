"""Start a letter family: a copy of another one, for another organization or from another day on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from imr_letters.engine.errors import ConflictError, UsageError
from imr_letters.engine.families import LETTER, About
from imr_letters.engine.files import write
from imr_letters.imr.form import Family
from imr_letters.wording import Wording, forget

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHARED = "shared"


@dataclass(frozen=True, slots=True)
class NewFamily:
    """What is said about the new family; what is not, is taken from the other one."""

    title: str | None = None
    organization: str | None = None
    in_force_from: date | None = None


_EMPTY_TOML = """\
# An empty family: docs/fields.md says how fields are declared, docs/templates.md how letters print them.
title = {title}
organization = {organization}
leave_out = ["*"]

[forms]
number = "case.number"
day = "case.decided_on"

[fields.number]
kind = "words"
place = "case"
question = "Which case is it?"

[fields.decided_on]
kind = "date"
place = "case"
question = "When was the decision made?"

[fields.reasons]
kind = "prose"
question = "What was decided, and why?"
"""
_EMPTY_LETTER = """\
<article>
<h1>{{ title }}</h1>
<p>{{ organization }}</p>
<p>Case number: {{ case.number | words }}</p>
<p>Date of the decision: {{ case.decided_on | us_date }}</p>
<h2>Reasons</h2>
<p>{{ reasons | prose }}</p>
</article>
"""


def start_empty(name: str, folder: Path, facts: NewFamily) -> list[Path]:
    """Write the folder of a family that has a few fields of its own and a letter that prints them; return its files.

    Raises `ConflictError` where the name is taken, `UsageError` for a name that is none, or without an organization.
    """
    target = _target(name, folder)
    if facts.organization is None:
        remedy = "add --organization NAME, or --from FAMILY to begin with another family"
        raise UsageError.of("a new family needs the name of the organization that sends its letters", remedy=remedy)
    said = {"title": _quoted(facts.title or "Decision"), "organization": _quoted(facts.organization)}
    about = _EMPTY_TOML.format(**said)
    if facts.in_force_from is not None:
        about = about.replace("leave_out", f"in_force_from = {facts.in_force_from.isoformat()}\nleave_out", 1)
    made = [target / "family.toml", target / LETTER]
    for path, words in zip(made, (about, _EMPTY_LETTER), strict=True):
        write(path, words.encode())
    forget()
    Wording(folder).family(name).template  # noqa: B018 - checked when it is asked for
    return made


def _target(name: str, folder: Path) -> Path:
    """Return the folder of a new family. Raises `UsageError` for a name that is none, `ConflictError` for one taken."""
    if not _NAME.fullmatch(name) or name == _SHARED:
        remedy = "use small letters, digits and single hyphens, such as example-2026"
        raise UsageError.of(f'"{name[:60]}" is no name for a letter family', remedy=remedy)
    target = folder / name
    if target.exists():
        raise ConflictError.of("is there already", source=str(target), remedy="choose another name")
    return target


def start(name: str, source: Family, folder: Path, facts: NewFamily) -> list[Path]:
    """Write a family's folder and the files its template is put together from; return them.

    The wording is copied, not shared, so that either family may change: only what several families include stays
    where it is. Raises `ConflictError` where the name is taken or a shared file there differs, `UsageError` for a
    name that is none, `TemplateError` where the result does not load.
    """
    _target(name, folder)
    files = {folder / each: source.content(each) for each in source.template.grammar.files}
    # A file of another family is taken with all of that family.
    for each in dict.fromkeys([source.name, *(Path(each).parts[0] for each in source.template.grammar.files)]):
        if (source.root / each / "family.toml").exists():
            files_there = [f"{each}/{path.name}" for path in (source.root / each).iterdir() if path.is_file()]
            files |= {folder / name: source.content(name) for name in files_there}
    sheet = f"{_SHARED}/letter.css"
    if (source.root / sheet).exists():
        files[folder / sheet] = source.content(sheet)
    files[folder / source.name / "family.toml"] = _toml(source.about, facts, source.name).encode()
    # What is in the other family's folder goes to the new one; what is shared keeps its place.
    placed = {_placed(path, folder, source.name, name): data for path, data in files.items()}
    for path, data in placed.items():
        if path.exists() and path.read_bytes() != data:
            remedy = "take another folder: what is shared there is not what this family includes"
            raise ConflictError.of("is there already and differs", source=str(path), remedy=remedy)
    made = []
    for path, data in placed.items():
        if not path.exists():
            write(path, data)
            made.append(path)
    forget()
    Wording(folder).family(name).template  # noqa: B018 - checked when it is asked for
    return made


def _placed(path: Path, folder: Path, old: str, new: str) -> Path:
    relative = path.relative_to(folder)
    return folder / new / Path(*relative.parts[1:]) if relative.parts[0] == old else path


def _toml(about: About, facts: NewFamily, source: str) -> str:
    """Return `family.toml`; the letterhead is another organization's and is not taken along."""
    same = facts.organization in (None, about.organization)
    lines = [
        f"# Begun as a copy of {source}; its words are in {LETTER}.",
        f"title = {_quoted(facts.title or about.title)}",
        f"organization = {_quoted(facts.organization or about.organization)}",
    ]
    if same and about.short_name is not None:
        lines.append(f"short_name = {_quoted(about.short_name)}")
    if about.page_head and facts.title in (None, about.title):
        lines.append(f"page_head = [{', '.join(map(_quoted, about.page_head))}]")
    if about.leave_out:
        lines.append(f"leave_out = [{', '.join(map(_quoted, about.leave_out))}]")
    since = facts.in_force_from or about.in_force_from
    if since is not None:
        lines.append(f"in_force_from = {since.isoformat()}")
    if about.in_force_to is not None and facts.in_force_from is None:
        lines.append(f"in_force_to = {about.in_force_to.isoformat()}")
    if about.needs:
        lines.append(f"needs = [{', '.join(map(_quoted, about.needs))}]")
    if about.confirm_with_counsel:
        lines.append("confirm_with_counsel = [")
        lines += [f"    {_quoted(each)}," for each in about.confirm_with_counsel]
        lines.append("]")
    head = about.letterhead
    if same and (head.logo or head.lines):
        lines += ["", "[letterhead]", f"lines = [{', '.join(map(_quoted, head.lines))}]"]
        lines += [f"logo = {_quoted(head.logo)}"] if head.logo else []
    declared = about.declared.model_dump(mode="json", exclude_defaults=True, exclude={"leave_out"})
    lines += _tables(declared, ())
    for code, setting in about.lint.items():
        lines += ["", f"[lint.{code}]"]
        lines += [f"severity = {_quoted(setting.severity)}", f"reason = {_quoted(setting.reason)}"]
    return "\n".join(lines) + "\n"


def _tables(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of TOML tables: values first, then the tables inside."""
    values = {name: value for name, value in data.items() if not isinstance(value, dict)}
    if path and values:
        yield from ("", f"[{'.'.join(path)}]")
        yield from (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _tables(value, (*path, name))


def _quoted(words: str) -> str:
    """Return words as a TOML string; JSON's is one."""
    return json.dumps(words, ensure_ascii=False)
