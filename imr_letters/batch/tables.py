"""The tables that letters are read into: a row for each letter, and a row for each disputed item.

Their suffix says which form they have: JSONL, CSV or Parquet.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Protocol

from imr_letters.batch.inputs import parquet
from imr_letters.batch.rows import Row, counts
from imr_letters.engine.errors import UsageError
from imr_letters.engine.form import Form
from imr_letters.engine.paths import GrammarPath, dotted, values_at
from imr_letters.engine.showing import guarded
from imr_letters.engine.values import Part
from imr_letters.imr.codecs import CODECS, GuidelineLine, Request
from imr_letters.imr.form import is_determination, outcome_of
from imr_letters.imr.model import Case, Decision, Item, Reviewer

#: The columns of a letter that are those of the decision's header and of its reviewer: dates are days in Parquet.
_CASE = tuple(name for name in Case.model_fields if name != "as_printed")
_REVIEWER = tuple(name for name in Reviewer.model_fields if name != "as_printed")
_COUNTS = ("items", "upheld", "overturned")

#: Columns by table, in order, each with its kind.
LETTERS: dict[str, str] = {
    "source": "text",
    **{name: "day" if name.endswith("_on") else "text" for name in _CASE},
    **dict.fromkeys(_REVIEWER, "text"),
    "family": "text",
    "outcome": "text",
    **dict.fromkeys(_COUNTS, "number"),
    "clinical_summary": "text",
    "error": "text",
    "findings": "data",
    "decision": "data",
}
ITEMS: dict[str, str] = {
    "source": "text",
    "number": "text",
    "item": "number",
    "outcome": "text",
    "request": "text",
    "claims_administrator_guideline": "text",
    "claims_administrator_basis": "text",
    "reviewer_guideline": "text",
    "reviewer_basis": "text",
    "rationale": "text",
    "snippets": "text",
}

#: The columns of an item that are fields of it.
_OF_ITEMS = ("outcome", "request", "claims_administrator_guideline", "reviewer_guideline", "rationale")

_BATCH = 1_000


def letter_columns(forms: Iterable[Form[Decision]]) -> dict[str, str]:
    """Return the columns of the table of letters, with a column for each field that letter families declare."""
    own = {dotted(path): kind for form in forms for path, kind in _declared(form) if path[0] != "items"}
    last = ("error", "findings", "decision")
    return (
        {name: kind for name, kind in LETTERS.items() if name not in last}
        | own
        | {each: LETTERS[each] for each in last}
    )


def item_columns(forms: Iterable[Form[Decision]]) -> dict[str, str]:
    """Return the columns of the table of items, with a column for each field that letter families declare."""
    own = {path[-1]: kind for form in forms for path, kind in _declared(form) if path[0] == "items"}
    return ITEMS | {name: kind for name, kind in own.items() if name not in ITEMS}


def _declared(form: Form[Decision]) -> Iterator[tuple[GrammarPath, str]]:
    """Yield the declared fields with the kinds of their columns: tables are data."""
    kinds = {"date": "day", "whole number": "number", "table": "data"}
    for path, asked in form.asked.items():
        yield path, kinds.get(asked.kind, "text")


def letter_row(decision: Decision, family: str, findings: Sequence[Row], form: Form[Decision]) -> Row:
    """Return the row of a letter that was read."""
    own = {dotted(path): _cell(decision, path) for path, _ in _declared(form) if path[0] != "items"}
    return {
        **{name: _cell(decision, ("case", name)) for name in _CASE},
        "number": form.number_of(decision),
        **{name: _cell(decision, ("reviewer", name)) for name in _REVIEWER},
        "family": family,
        "outcome": outcome_of(decision),
        **counts(decision),
        "clinical_summary": _cell(decision, ("clinical_summary",)),
        **own,
        "findings": list(findings),
        "decision": decision.data(),
    }


def item_rows(decision: Decision, resolved: Decision, form: Form[Decision]) -> list[Row]:
    """Return the rows of the items of a letter: words as the letter prints them, those of snippets in their place."""
    pairs = zip(getattr(decision, "items", ()), getattr(resolved, "items", ()), strict=True)
    own = [path for path, _ in _declared(form) if path[0] == "items"]
    whole = is_determination(form)
    return [
        {
            "number": form.number_of(decision),
            "item": number,
            **(_item(item, other) if whole else {name: _cell(other, (name,)) for name in _OF_ITEMS}),
            **{path[-1]: _cell(item, path[2:]) for path in own},
        }
        for number, (item, other) in enumerate(pairs, start=1)
    ]


def _item(item: Item, other: Item) -> Row:
    return {
        "outcome": item.outcome,
        "request": item.as_printed.get("request") or Request().encode(item.request),
        "claims_administrator_guideline": _guideline(item, "claims_administrator", "The Claims Administrator"),
        "claims_administrator_basis": item.claims_administrator_guideline.basis,
        "reviewer_guideline": _guideline(item, "reviewer", "The Expert Reviewer"),
        "reviewer_basis": item.reviewer_guideline.basis,
        "rationale": CODECS.make("rationale").encode(other.rationale),
        "snippets": ", ".join(f"{use.snippet}/{use.version}" for use in item.uses),
    }


def _guideline(item: Item, who: str, by: str) -> str:
    name = f"{who}_guideline"
    return item.as_printed.get(name) or GuidelineLine(by).encode(getattr(item, name))


def _cell(part: object, path: GrammarPath) -> Any:
    """Return the value of a field as a cell: names with commas, tables as plain data, None where it is absent."""
    _, value = next(iter(values_at(part, path)), (path, None))
    if value is None or isinstance(value, str | int | date):
        return value
    entries = list(value) if isinstance(value, tuple) else [value]
    if all(isinstance(each, str) for each in entries):
        return ", ".join(entries)
    if all(isinstance(each, Part) for each in entries):
        return [each.data() for each in entries]
    return json.dumps([each.model_dump(mode="json", exclude_defaults=True) for each in entries], ensure_ascii=False)


def items_name(table: str) -> str:
    """Return the address of the table of items that belongs to a table of letters."""
    path = PurePosixPath(table)
    return f"{table.removesuffix(path.suffix)}-items{path.suffix}"


class Writer(Protocol):
    """Writes the rows of one table."""

    def add(self, row: Row) -> None:
        """Add a row."""

    def end(self) -> None:
        """Write what is still held back."""


def suffix_of(table: str) -> str:
    """Return the suffix of a table. Raises `UsageError` for one that stands for no table."""
    suffix = PurePosixPath(table).suffix.lower()
    if suffix not in (".jsonl", ".ndjson", ".csv", ".parquet"):
        remedy = "end its name with .jsonl, .csv or .parquet"
        raise UsageError.of("a table is JSONL, CSV or Parquet", remedy=remedy)
    return suffix


def writer(suffix: str, file: BinaryIO, columns: dict[str, str]) -> Writer:
    """Return who writes a table of a suffix."""
    kinds: dict[str, type[_Csv | _Parquet]] = {".csv": _Csv, ".parquet": _Parquet}
    return kinds[suffix](file, columns) if suffix in kinds else _Jsonl(file, columns)


class _Jsonl:
    def __init__(self, file: BinaryIO, columns: dict[str, str]) -> None:
        self._file, self._columns = file, columns

    def add(self, row: Row) -> None:
        shape = {name: row.get(name) for name in self._columns}
        self._file.write(json.dumps(shape, ensure_ascii=False, default=_day).encode() + b"\n")

    def end(self) -> None:
        """Nothing is held back."""


class _Csv:
    def __init__(self, file: BinaryIO, columns: dict[str, str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._writer = csv.DictWriter(self._text, list(columns), lineterminator="\n")
        self._writer.writeheader()
        self._columns = columns

    def add(self, row: Row) -> None:
        cells = {name: _flat(row.get(name), kind) for name, kind in self._columns.items()}
        self._writer.writerow({name: guarded(cell) if isinstance(cell, str) else cell for name, cell in cells.items()})

    def end(self) -> None:
        self._text.detach()


class _Parquet:
    def __init__(self, file: BinaryIO, columns: dict[str, str]) -> None:
        parquet()
        import pyarrow

        kinds = {"text": pyarrow.string(), "data": pyarrow.string(), "number": pyarrow.int32(), "day": pyarrow.date32()}
        self._arrow: Any = pyarrow
        self._schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
        self._writer = parquet().ParquetWriter(file, self._schema, compression="zstd")
        self._columns = columns
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        self._rows.append({name: _flat(row.get(name), kind) for name, kind in self._columns.items()})
        if len(self._rows) >= _BATCH:
            self._write()

    def end(self) -> None:
        if self._rows:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def _flat(value: Any, kind: str) -> Any:
    """Return a value as a cell: data as JSON."""
    if kind != "data" or value is None:
        return value
    return json.dumps(value, ensure_ascii=False, default=_day)


def _day(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
