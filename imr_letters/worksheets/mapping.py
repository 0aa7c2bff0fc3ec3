"""Which column of a worksheet answers which question: by obvious names, or as a mapping file says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from imr_letters.draft.questions import QUESTIONS, by_field
from imr_letters.engine.errors import DecisionError, Finding, InputError, UsageError
from imr_letters.engine.fields import Group, Leaf
from imr_letters.engine.paths import dotted
from imr_letters.engine.records.loading import loads_yaml, read_bytes
from imr_letters.worksheets.sheet import WHY, Sheet

#: Most items of one case that a row may hold.
MOST_ITEMS = 50

#: Other names a column may have, in small letters and digits only.
_NAMES: dict[str, tuple[str, ...]] = {
    "case.number": ("imrcasenumber", "casenumber", "caseno", "case", "imrcase", "imrnumber", "caseid"),
    "case.priority": ("priority", "reviewpriority", "reviewtype"),
    "case.assigned_on": ("dateassigned", "assigned", "assignedon", "assigneddate", "assignmentdate"),
    "case.injured_on": ("dateofinjury", "injurydate", "doi", "injured", "injuredon"),
    "case.decided_on": ("decisiondate", "dateofdecision", "decided", "decidedon", "determinationdate"),
    "case.ur_denied_on": ("urdenialdate", "urdenied", "urdate", "urdecisiondate", "utilizationreviewdate",
                          "urdeniedon"),
    "case.application_received_on": ("applicationreceived", "applicationdate", "received", "datereceived",
                                     "applicationreceivedon", "imrapplicationreceived"),
    "reviewer.licensed_in": ("statesoflicensure", "stateoflicensure", "licensedin", "licensure"),
    "reviewer.certifications": ("certificationsspecialty", "certifications", "specialty", "reviewerspecialty"),
    "reviewer.subspecialty": ("subspecialty",),
    "clinical_summary": ("clinicalsummary", "clinicalcasesummary", "summary"),
    "items[].request": ("request", "disputedtreatment", "treatment", "requestedtreatment", "disputeditem", "service",
                        "disputedservice"),
    "items[].outcome": ("outcome", "decision", "itemdecision"),
    "items[].claims_administrator_guideline": ("claimsadministratorguideline", "caguideline", "urguideline"),
    "items[].reviewer_guideline": ("reviewerguideline", "expertreviewerguideline"),
    "items[].rationale": ("rationale", "decisionrationale"),
}  # fmt: skip

_FIELD = re.compile(r"items(?:\[([0-9]*)\])?\.(\w+)|(case|reviewer)\.(\w+)|clinical_summary")
_NUMBERED = re.compile(r"(.*?[a-z])([1-9][0-9]?)")


class Given(BaseModel):
    """A mapping file: the sheet, and by field the name of the column."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sheet: str | None = None
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the worksheet and the field it answers; `item` says which item, None for the row's own."""

    index: int
    field: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one worksheet that are read."""

    columns: tuple[Column, ...]
    #: Whether each row is one item, so that several rows may make a case.
    row_is_item: bool
    #: Names of columns that answer nothing.
    unused: tuple[str, ...] = ()


def load(path: Path) -> Given:
    """Return a mapping file, TOML or YAML. Raises `InputError` or `DecisionError` for what is none."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError.of("is not UTF-8 text", source=str(path), remedy="save it as UTF-8", code="encoding") from None
    if path.suffix.lower() in (".yaml", ".yml"):
        root = Group({"sheet": Leaf("words", optional=True), "columns": Group({})})
        return loads_yaml(text, str(path), Given, root, schema="docs/drafting.md")
    try:
        return Given.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message, remedy = f"is not TOML: {error}", 'write lines such as "case.number" = "Case Number" below [columns]'
        raise DecisionError.of(message, source=str(path), remedy=remedy) from None
    except ValidationError as error:
        each = error.errors(include_url=False, include_input=False)[0]
        place = dotted(each["loc"])
        remedy = 'it has sheet = "NAME" and below [columns] lines such as "case.number" = "Case Number"'
        message = f"is no mapping: {place}: {each['msg'].lower()}"
        raise DecisionError.of(message, source=str(path), remedy=remedy) from None


def columns_of(sheet: Sheet, given: Mapping[str, str] | None = None, name: str = "") -> Columns:
    """Return the columns of a worksheet as a mapping file names them, or by their obvious names.

    Raises `UsageError` for a field that does not exist and `InputError` for a column that does not.
    """
    found = list(_given(sheet, given, name)) if given is not None else list(_obvious(sheet.header))
    if not any(column.field == "case.number" for column in found):
        shown = ", ".join(f'"{title[:40]}"' for title in sheet.header[:20] if title)
        raise InputError.of(
            f"has no column for the case number; its columns are {shown}",
            source=str(sheet.path),
            line=1,
            remedy="name one Case Number, or give a mapping file (imr-letters draft mapping WORKSHEET)",
        )
    used = {column.index for column in found}
    rest = [title for index, title in enumerate(sheet.header) if index not in used and title not in ("", WHY)]
    row_is_item = any(column.field.startswith("items[]") and column.item is None for column in found)
    return Columns(tuple(found), row_is_item, tuple(rest))


def _given(sheet: Sheet, given: Mapping[str, str], name: str) -> Iterator[Column]:
    titles = {title.casefold(): index for index, title in enumerate(sheet.header) if title}
    missing: list[Finding] = []
    for field, title in given.items():
        pattern, item = _field(field, name)
        index = titles.get(" ".join(title.split()).casefold())
        if index is None:
            near = get_close_matches(title.casefold(), titles, 1)
            hint = f' (did you mean "{sheet.header[titles[near[0]]]}"?)' if near else ""
            missing.append(
                Finding(
                    "input",
                    "error",
                    f'has no column "{title[:60]}"{hint}, which the mapping names for {field}',
                    source=str(sheet.path),
                    line=1,
                    remedy=f"mend {name or 'the mapping'}, or the header",
                )
            )
        else:
            yield Column(index, pattern, item)
    if missing:
        raise InputError(*missing)


def _field(field: str, name: str) -> tuple[str, int | None]:
    """Return the field that a mapping names, and the item where it names one."""
    found = _FIELD.fullmatch(field)
    pattern = f"items[].{found[2]}" if found and found[2] else field
    item = int(found[1]) if found and found[1] else None
    if pattern not in by_field() or (item is not None and item >= MOST_ITEMS):
        near = get_close_matches(pattern, by_field(), 1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        remedy = f"use one of {', '.join(by_field())}; items[0], items[1] ... where one row holds several items"
        raise UsageError.of(f'there is no field "{field[:60]}"{hint}', source=name, remedy=remedy)
    return pattern, item


def _obvious(header: list[str]) -> Iterator[Column]:
    """Yield the columns whose names leave no doubt; of two for one field, the first."""
    seen: set[tuple[str, int | None]] = set()
    for index, title in enumerate(header):
        field = _named(title)
        if field is not None and field not in seen:
            seen.add(field)
            yield Column(index, *field)


def _named(title: str) -> tuple[str, int | None] | None:
    exact = _FIELD.fullmatch(title)
    if exact:
        pattern = f"items[].{exact[2]}" if exact[2] else title
        if pattern in by_field():
            return pattern, int(exact[1]) if exact[1] else None
    folded = re.sub("[^a-z0-9]", "", title.lower().replace("#", "number" if "case" not in title.lower() else "no"))
    for question in QUESTIONS:
        names = (*_NAMES[question.field], re.sub("[^a-z0-9]", "", question.label.lower()))
        if folded in names:
            return question.field, None
        numbered = _NUMBERED.fullmatch(folded)
        if numbered and numbered[1] in names and question.field.startswith("items[]"):
            return question.field, int(numbered[2]) - 1
    return None


def starting_file(sheet: Sheet) -> str:
    """Return a mapping file for a worksheet: the columns that were recognised, and the rest as comments."""
    found = {(column.field, column.item): sheet.header[column.index] for column in _obvious(sheet.header)}
    used = set(found.values())
    lines = [
        "# Which column of the worksheet answers which question. Change the names on the right; take out a line, or",
        "# put # before it, where no column answers it. One row an item: items[]. One row a case with several items:",
        "# items[0], items[1] ...",
        "",
        '# sheet = "Sheet1"   # of an XLSX file with several',
        "",
        "[columns]",
    ]
    for question in QUESTIONS:
        titles = [(item, title) for (field, item), title in found.items() if field == question.field]
        for item, title in titles or [(None, "")]:
            name = question.field if item is None else question.field.replace("[]", f"[{item}]")
            lines.append(f"{'' if title else '# '}{_quoted(name)} = {_quoted(title)}   # {question.ask}")
    rest = [title for title in sheet.header if title and title not in used and title != WHY]
    if rest:
        lines += ["", "# Columns that answer nothing yet:"] + [f"#   {_quoted(title)}" for title in rest]
    return "\n".join(lines) + "\n"


def _quoted(words: str) -> str:
    return '"' + "".join(_escaped(char) for char in words) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
