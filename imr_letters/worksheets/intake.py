"""From a referral worksheet to drafts: one for each case; rows that cannot be taken go into a file to be corrected."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from imr_letters.draft import questionnaire, schema
from imr_letters.draft.answers import AnswerError, value_of
from imr_letters.draft.questions import parse, type_at
from imr_letters.engine.errors import ConflictError, Finding
from imr_letters.engine.fields import Leaf
from imr_letters.engine.files import write
from imr_letters.engine.paths import FieldPath
from imr_letters.engine.showing import guarded
from imr_letters.english.residue import residue
from imr_letters.imr.model.decision import CASE_NUMBER
from imr_letters.worksheets import mapping
from imr_letters.worksheets.days import DayColumns
from imr_letters.worksheets.opening import open_sheet
from imr_letters.worksheets.sheet import WHY, Sheet, SheetRow, column_letter

#: Days as spreadsheets count them, from 1954 to 2119: a bare number that is not one of these is no date.
_SERIAL = re.compile(r"([2-7][0-9]{4})(?:\.[0-9]+)?")
#: Faults of rows that are reported; the file of rejected rows holds all.
MOST_TOLD = 20


@dataclass(slots=True)
class CaseRows:
    """The rows of one case so far, and what they say."""

    rows: list[SheetRow] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    #: By row number: why it cannot be taken.
    faults: dict[int, list[str]] = field(default_factory=dict)
    #: By field: the row that gave its value, and the words.
    given: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Intake:
    """What became of a worksheet."""

    drafts: list[Path] = field(default_factory=list)
    rejected: int = 0
    rejected_file: Path | None = None
    conflicts: int = 0
    findings: list[Finding] = field(default_factory=list)


def take(
    worksheet: Path,
    folder: Path,
    mapping_file: Path | None = None,
    schema_file: Path | None = None,
) -> Intake:
    """Write one draft for each case of a worksheet into a folder.

    Every row either is in a draft or in the file of rejected rows. A case is rejected as a whole when one of its
    rows is: no draft lacks an item unnoticed. Drafts that are there already and differ stay as they are; their rows
    are rejected too. Raises `InputError` or `UsageError` where the worksheet or the mapping cannot be read at all.
    """
    given = mapping.load(mapping_file) if mapping_file is not None else None
    sheet = open_sheet(worksheet, given.sheet if given else None)
    columns = mapping.columns_of(sheet, given.columns if given else None, str(mapping_file or ""))
    schema_file = schema_file or folder / schema.NAME
    done = Intake(findings=[*sheet.notes, *_unused(sheet, columns)])
    rejected: list[tuple[SheetRow, str]] = []
    reference = schema.reference(folder / "draft.yaml", schema_file)
    for case in _cases(sheet, columns):
        _finish(case, sheet, folder, reference, done, rejected)
    if not done.drafts and not rejected:
        message, remedy = "has no rows below its header", "write a row for each case, or for each item"
        done.findings.append(Finding("layout", "warning", message, source=str(sheet.path), line=1, remedy=remedy))
    if done.drafts:
        schema.save(schema_file)
        if hasattr(os, "sync"):
            os.sync()  # once: waiting for the disk after each of fifty thousand files would take minutes
    if rejected:
        rejected.sort(key=lambda each: each[0].number)
        done.rejected = len(rejected)
        done.rejected_file = _write_rejected(sheet, rejected)
    return done


def _unused(sheet: Sheet, columns: mapping.Columns) -> list[Finding]:
    if not columns.unused:
        return []
    shown = ", ".join(f'"{title[:40]}"' for title in columns.unused[:20])
    message = f"columns that answer no question were left aside: {shown}"
    remedy = "if one should, name it in a mapping file (imr-letters draft mapping WORKSHEET)"
    return [Finding("layout", "note", message, source=str(sheet.path), line=1, remedy=remedy)]


def _cases(sheet: Sheet, columns: mapping.Columns) -> Iterator[CaseRows]:
    """Yield the cases, each when its last row was read: the rows are gone through twice, so that few wait at once."""
    number_at = next(column.index for column in columns.columns if column.field == "case.number")
    last: dict[str, int] = {}
    days = DayColumns([column.index for column in columns.columns if _leaf(column).kind == "day"])
    for row in sheet.rows():
        last[row.cells[number_at].strip()] = row.number
        days.look(row)
    waiting: dict[str, CaseRows] = {}
    for row in sheet.rows():
        number = row.cells[number_at].strip()
        if not number or row.fault:
            # Without its case it can only be reported by itself; the rows of a case it may belong to do not wait for
            # it, unless it names that case.
            case = waiting.setdefault(number, CaseRows()) if number else CaseRows()
            case.rows.append(row)
            case.faults[row.number] = [row.fault or "has no case number: write the one it belongs to"]
        else:
            case = waiting.setdefault(number, CaseRows())
            case.rows.append(row)
            _take_row(case, row, sheet, columns, days)
        if not number:
            yield case
        elif last[number] == row.number:
            yield waiting.pop(number)


def _leaf(column: mapping.Column) -> Leaf:
    """Return the kind of field that a column answers."""
    kind = type_at(parse(column.field.replace("[]", "[0]")))
    assert isinstance(kind, Leaf)
    return kind


def _take_row(case: CaseRows, row: SheetRow, sheet: Sheet, columns: mapping.Columns, days: DayColumns) -> None:
    """Put what a row says into its case."""
    faults: list[str] = []
    items: list[dict[str, Any]] = case.data.setdefault("items", [])
    first = len(items)
    if len(case.rows) > 1 and not columns.row_is_item:
        faults.append(f"is a second row of the case in row {case.rows[0].number}: take one of them out")
    for column in columns.columns:
        try:
            _take_cell(case, row, column, first + (column.item or 0), sheet, days)
        except AnswerError as error:
            faults.append(f'column {column_letter(column.index)} "{sheet.header[column.index][:40]}" {error}')
    if columns.row_is_item and len(items) == first and not faults:
        faults.append("holds no item: write the disputed treatment")
    empty = next((at for at in range(first, len(items)) if not items[at]), None)
    if empty is not None:
        faults.append(f"leaves out item {empty - first + 1} before another one: move the items up")
    if faults:
        case.faults[row.number] = faults


def _take_cell(
    case: CaseRows, row: SheetRow, column: mapping.Column, item: int, sheet: Sheet, days: DayColumns
) -> None:
    """Put what a cell says into its case, or into this item of it. Raises `AnswerError`."""
    if column.index in row.faults:
        raise AnswerError(row.faults[column.index])
    words = row.cells[column.index].strip()
    if not words:
        return
    fault = _doubt(row, column, words, days)
    if fault:
        raise AnswerError(fault)
    path = parse(column.field.replace("[]", f"[{item}]"))
    value = _value(path, words, sheet)
    if path[0] == "items":
        items = case.data["items"]
        items += [{} for _ in range(len(items), item + 1)]
        if items[item].setdefault(str(path[-1]), value) != value:
            raise AnswerError("says something else than another column for the same field: leave one of them empty")
        return
    earlier, said = case.given.setdefault(column.field, (row.number, str(value)))
    if said != str(value):
        raise AnswerError(f"says something else than row {earlier} of the same case")
    _put(case.data, path, value)


def _doubt(row: SheetRow, column: mapping.Column, words: str, days: DayColumns) -> str | None:
    """Return why the words of a cell may not be what the person meant, or None."""
    if _leaf(column).kind == "day":
        return days.fault(column.index, words)
    kind = row.kinds.get(column.index)
    if kind is not None:
        return f"is {kind} in the worksheet, not words: format the cell as text and write it as it is meant"
    # "None" is an answer where a guideline is asked for.
    left = next(residue(words, whole=_leaf(column).kind != "guideline"), None)
    if left is None:
        return None
    return f'holds {left.what}, "{left.words[:40]}": write what belongs there'


def _value(path: FieldPath, words: str, sheet: Sheet) -> Any:
    kind = type_at(path)
    assert isinstance(kind, Leaf)
    if kind.kind == "day":
        words = re.sub(r"(?<=[0-9])[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?$", "", words)
        serial = _SERIAL.fullmatch(words)
        if serial:
            begin = date(1904, 1, 1) if sheet.epoch_1904 else date(1899, 12, 30)
            words = (begin + timedelta(days=int(serial[1]))).isoformat()
    value = value_of(path, words)
    return value[0]["text"] if kind.kind == "rationale" else value


def _put(data: dict[str, Any], path: FieldPath, value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(str(step), {})
    data[str(path[-1])] = value


def _finish(
    case: CaseRows, sheet: Sheet, folder: Path, reference: str, done: Intake, rejected: list[tuple[SheetRow, str]]
) -> None:
    """Write the draft of a case, or reject its rows."""
    if not case.faults:
        target = folder / f"{file_name(case.data['case']['number'])}.yaml"
        try:
            write(target, questionnaire.text(case.data, schema_path=reference).encode(), durable=False)
        except ConflictError:
            done.conflicts += 1
            why = f"a draft that differs is there already: {target.name}"
            case.faults = {row.number: [why] for row in case.rows}
        else:
            done.drafts.append(target)
            return
    bad = ", ".join(str(number) for number in sorted(case.faults)[:5])
    for row in case.rows:
        faults = case.faults.get(row.number)
        why = "; ".join(faults) if faults else f"sound, but row {bad} of the same case is not"
        rejected.append((row, why))
        if faults and len(done.findings) < MOST_TOLD:
            done.findings.append(
                Finding("input", "error", f"row {row.number} {why}", source=str(sheet.path), line=row.number)
            )


def file_name(number: str) -> str:
    """Return a name for the file of a case: its number, or what of it is safe and a digest of the rest."""
    if re.fullmatch(CASE_NUMBER, number):
        return number
    digest = hashlib.sha256(number.encode()).hexdigest()[:8]
    slug = re.sub("[^A-Za-z0-9-]+", "-", number).strip("-")[:40]
    return f"{slug}-{digest}" if slug else digest


def _write_rejected(sheet: Sheet, rejected: list[tuple[SheetRow, str]]) -> Path:
    """Write the rejected rows next to the worksheet, under a name that nothing else has, and return it."""
    header = sheet.header[:-1] if sheet.header[-1] == WHY else sheet.header
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*map(guarded, header), WHY])
    for row, why in rejected:
        cells = row.cells[: len(header)] + [""] * (len(header) - len(row.cells))
        surplus = row.cells[len(sheet.header) :]  # nothing is lost, and the row stays one with too many cells
        writer.writerow([*map(guarded, cells), guarded(why), *map(guarded, surplus)])
    data = b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
    stem = re.sub(r"\.rejected(-\d+)?\.csv$", "", sheet.path.name)
    for number in range(1, 10_000):
        target = sheet.path.with_name(f"{stem}.rejected{'' if number == 1 else f'-{number}'}.csv")
        if not target.exists() or target.read_bytes() == data:
            break
    write(target, data)
    return target
