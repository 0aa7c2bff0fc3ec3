"""Referral worksheets: every row is in a draft or in the file of rejected rows, whatever the worksheet is made of."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters.draft.draft import Draft
from imr_letters.engine.errors import ImrLettersError
from imr_letters.engine.showing import guarded, unguarded
from imr_letters.worksheets import open_sheet
from imr_letters.worksheets.intake import file_name
from tests.conftest import Run

HEADER = ["Case Number", "Priority", "DOI", "Decision Date", "Disputed Treatment", "Clinical Summary"]


def row(number: int, request: str = "Knee brace, left", **changes: str) -> list[Any]:
    cells = [f"CM16-09001{number:02}", "Standard", "02/03/2016", "2017-02-01", request, "The worker fell."]
    return [changes.get(name.replace(" ", "_"), cell) for name, cell in zip(HEADER, cells, strict=True)]


def as_csv(rows: list[list[Any]], delimiter: str = ",", header: list[str] | None = None) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header or HEADER, *rows])
    return out.getvalue()


def data_of(path: Path) -> dict[str, Any]:
    return Draft.read(path.read_bytes(), path.name).data


def rejected(folder: Path, name: str = "w.csv.rejected.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_bytes().decode("utf-8-sig"))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(run: Run, tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = as_csv([row(1, "Café chair, 1½ × 2"), row(2, 'Brace, 5" wide')], delimiter)
    (tmp_path / "w.csv").write_bytes(text.encode(encoding))
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 0
    assert sorted(path.name for path in (tmp_path / "drafts").iterdir()) == [
        "CM16-0900101.yaml",
        "CM16-0900102.yaml",
        "draft.schema.json",
    ]
    assert data_of(tmp_path / "drafts" / "CM16-0900101.yaml")["items"][0]["request"] == "Café chair, 1½ × 2"
    assert data_of(tmp_path / "drafts" / "CM16-0900102.yaml")["case"] == {
        "number": "CM16-0900102",
        "priority": "standard",
        "assigned_on": None,
        "injured_on": "2016-02-03",
        "decided_on": "2017-02-01",
        "ur_denied_on": None,
        "application_received_on": None,
    }
    assert ("Windows-1252" in outcome.err) == (encoding == "cp1252")


def test_lines_of_two_encodings_in_one_file(run: Run, tmp_path: Path) -> None:
    lines = as_csv([row(1, "Café"), row(2, "Café")]).splitlines(keepends=True)
    (tmp_path / "w.csv").write_bytes(lines[0].encode() + lines[1].encode() + lines[2].encode("cp1252"))
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 0
    for number in (1, 2):
        assert data_of(tmp_path / "drafts" / f"CM16-090010{number}.yaml")["items"][0]["request"] == "Café"


def test_rows_of_one_case_become_its_items_wherever_they_stand(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([row(1, "One"), row(2, "Other"), row(1, "Two", Clinical_Summary="")]))
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 0
    items = data_of(tmp_path / "drafts" / "CM16-0900101.yaml")["items"]
    assert [item["request"] for item in items] == ["One", "Two"]


def test_one_row_a_case_with_numbered_items(run: Run, tmp_path: Path) -> None:
    header = ["case.number", "Request 1", "Outcome 1", "Request 2", "Outcome 2"]
    rows = [["CM16-0900101", "One", "upheld", "Two", "Overturned"], ["CM16-0900102", "One", "", "", ""]]
    (tmp_path / "w.csv").write_text(as_csv(rows, header=header))
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 0
    items = data_of(tmp_path / "drafts" / "CM16-0900101.yaml")["items"]
    assert [(item["request"], item["outcome"]) for item in items] == [("One", "upheld"), ("Two", "overturned")]
    assert len(data_of(tmp_path / "drafts" / "CM16-0900102.yaml")["items"]) == 1


def test_bad_rows_are_listed_mended_and_fed_again(run: Run, tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, DOI="13/13/2016"),
        row(3, "Sound item"),
        row(3, "=1+1"),
        row(4, "-5 degree wedge", Priority="urgent"),
        ["", "Standard", "", "", "No case", ""],
        [*row(5), "one", "too many"],
    ]
    (tmp_path / "w.csv").write_text(as_csv(rows))
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 3
    assert "row 3 column C" in outcome.err
    assert [path.name for path in sorted((tmp_path / "drafts").glob("*.yaml"))] == ["CM16-0900101.yaml"]
    bad = rejected(tmp_path)
    assert list(bad[0]) == [*HEADER, "why"]
    assert [each["Case Number"][-2:] for each in bad] == ["02", "03", "03", "04", "", "05"]
    assert bad[1]["why"] == "sound, but row 5 of the same case is not"
    assert bad[2]["Disputed Treatment"] == "'=1+1"
    assert "is a formula" in bad[2]["why"]
    assert bad[3]["Disputed Treatment"] == "'-5 degree wedge"
    text = (tmp_path / "w.csv.rejected.csv").read_bytes().decode("utf-8-sig")
    text = text.replace("13/13/2016", "1/31/2016").replace("'=1+1", "Second").replace("urgent", "expedited")
    (tmp_path / "w.csv.rejected.csv").write_text(text)
    assert run("draft", "new", "--from", "w.csv.rejected.csv", "-o", "drafts").code == 3
    assert data_of(tmp_path / "drafts" / "CM16-0900104.yaml")["items"][0]["request"] == "-5 degree wedge"
    assert len(data_of(tmp_path / "drafts" / "CM16-0900103.yaml")["items"]) == 2
    again = rejected(tmp_path, "w.csv.rejected-2.csv")
    assert [each["Case Number"][-2:] for each in again] == ["", "05"]


@given(st.text(max_size=6) | st.sampled_from(["=1", "'=1", "''", "-", "@a", "\t", "+1", "'a"]))
def test_rejected_cells_are_no_formulas_and_come_back(cell: str) -> None:
    safe = guarded(cell)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(safe) == cell


def test_a_draft_that_was_filled_in_is_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([row(1), row(2)]))
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 0
    file = tmp_path / "drafts" / "CM16-0900101.yaml"
    file.write_text(file.read_text() + "# mine\n")
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 4
    assert file.read_text().endswith("# mine\n")
    assert [each["Case Number"] for each in rejected(tmp_path)] == ["CM16-0900101"]


def test_an_open_quote_costs_one_row(run: Run, tmp_path: Path) -> None:
    lines = as_csv([row(1), row(2), row(3, "Two\nlines"), row(4)]).replace("CM16-0900102", '"CM16-0900102')
    (tmp_path / "w.csv").write_text(lines)
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 3
    assert [path.stem[-2:] for path in sorted((tmp_path / "drafts").glob("*.yaml"))] == ["01", "03", "04"]
    assert len(rejected(tmp_path)) == 1


def test_an_enormous_cell_costs_one_row(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([row(1), row(2, "x" * 200_000), row(3, "y" * 110_000), row(4)]))
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 3
    assert [path.stem[-2:] for path in sorted((tmp_path / "drafts").glob("*.yaml"))] == ["01", "04"]
    assert outcome.err.count("longer than 100,000 characters") == 2


def test_a_header_without_rows_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([]))
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 0
    assert "warning: has no rows below its header" in outcome.err


# --- XLSX -------------------------------------------------------------------------------------


def book(path: Path, rows: list[list[Any]], merged: str = "") -> None:
    made = openpyxl.Workbook()
    page: Any = made.active
    for cells in [HEADER, *rows]:
        page.append(cells)
    if merged:
        page.merge_cells(merged)
    made.create_sheet("Other")
    made.save(path)


def test_dates_formulas_merged_cells_and_errors(run: Run, tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, DOI=42403, Decision_Date=datetime(2017, 2, 1, 8, 30)),  # type: ignore[arg-type]
        row(3, DOI="=TODAY()"),
        row(4),
        row(5),
        row(6, "#REF!"),
        [None] * 6,
        row(7, Decision_Date=date(2017, 2, 1)),  # type: ignore[arg-type]
    ]
    book(tmp_path / "w.xlsx", rows, merged="F5:F6")
    outcome = run("draft", "new", "--from", "w.xlsx", "-o", "drafts")
    assert outcome.code == 3
    assert "several sheets" in outcome.err
    assert [path.stem[-1] for path in sorted((tmp_path / "drafts").glob("*.yaml"))] == ["1", "2", "7"]
    case = data_of(tmp_path / "drafts" / "CM16-0900102.yaml")["case"]
    assert (case["injured_on"], case["decided_on"]) == ("2016-02-03", "2017-02-01")
    whys = [each["why"] for each in rejected(tmp_path, "w.xlsx.rejected.csv")]
    assert 'column C "DOI" is a formula without a value' in whys[0]
    assert whys[1] == whys[2] == "cells F5:F6 are merged: unmerge them and fill each"
    assert "holds an error" in whys[3]
    assert rejected(tmp_path, "w.xlsx.rejected.csv")[0]["DOI"] == "'=TODAY()"


def test_what_is_hidden_is_told_and_the_first_sheet_that_is_seen_is_read(run: Run, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    lists: Any = made.active
    lists.append(["Priorities"])
    lists.sheet_state = "hidden"
    page = made.create_sheet("Referrals")
    for cells in [HEADER, row(1), row(2)]:
        page.append(cells)
    page.row_dimensions[3].hidden = True
    made.active = 1
    made.save(tmp_path / "w.xlsx")
    outcome = run("draft", "new", "--from", "w.xlsx", "-o", "drafts")
    assert outcome.code == 0
    assert len(list((tmp_path / "drafts").glob("*.yaml"))) == 2
    assert '"Referrals" was read, and not "Sheet"' in outcome.err
    assert "has hidden rows" in outcome.err


def test_a_mapping_file_names_sheet_and_columns(run: Run, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.create_sheet("Referrals")
    page.append(["Ref", "What"])
    page.append(["CM16-0900101", "Knee brace"])
    made.save(tmp_path / "w.xlsx")
    mapping = 'sheet = "Referrals"\n[columns]\n"case.number" = "Ref"\n"items[].request" = "what"\n'
    (tmp_path / "m.toml").write_text(mapping)
    assert run("draft", "new", "--from", "w.xlsx", "--mapping", "m.toml", "-o", "drafts").code == 0
    (tmp_path / "m.yaml").write_text("sheet: Referrals\ncolumns:\n  case.number: Ref\n  items[].request: What\n")
    assert run("draft", "new", "--from", "w.xlsx", "--mapping", "m.yaml", "-o", "drafts").code == 0  # the same drafts
    (tmp_path / "m.toml").write_text(mapping.replace("what", "whit").replace('Ref"', 'Raf"'))
    outcome = run("draft", "new", "--from", "w.xlsx", "--mapping", "m.toml", "-o", "drafts")
    assert outcome.code == 5
    assert outcome.err.count("did you mean") == 2
    (tmp_path / "m.toml").write_text(mapping.replace("items[].request", "items[].requst"))
    assert run("draft", "new", "--from", "w.xlsx", "--mapping", "m.toml", "-o", "drafts").code == 2


def test_two_columns_for_one_field_agree_or_the_row_is_rejected(run: Run, tmp_path: Path) -> None:
    header = ["Case Number", "Treatment", "Treatment 1"]
    same, other = ["CM16-0900101", "Knee brace", "Knee brace"], ["CM16-0900102", "Knee brace", "Wrist brace"]
    alone = ["CM16-0900103", "", "Wrist brace"]
    (tmp_path / "w.csv").write_text(as_csv([same, other, alone], header=header))
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 3
    assert 'row 3 column C "Treatment 1" says something else than another column for the same field' in outcome.err
    assert sorted(each.stem for each in (tmp_path / "drafts").glob("*.yaml")) == ["CM16-0900101", "CM16-0900103"]


def test_a_mapping_that_is_nested_too_deep_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([row(1)]))
    (tmp_path / "m.toml").write_text("columns = " + "[" * 20_000)
    outcome = run("draft", "new", "--from", "w.csv", "--mapping", "m.toml", "-o", "drafts")
    assert outcome.code == 5
    assert "is not TOML" in outcome.err


def test_the_starting_mapping_is_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(as_csv([[*row(1), "x"]], header=[*HEADER, 'Notes "odd" \\']))
    outcome = run("draft", "mapping", "w.csv")
    assert outcome.code == 0
    assert "Notes" in outcome.text
    (tmp_path / "m.toml").write_bytes(outcome.out)
    assert run("draft", "new", "--from", "w.csv", "--mapping", "m.toml", "-o", "drafts").code == 0
    assert data_of(tmp_path / "drafts" / "CM16-0900101.yaml")["clinical_summary"] == "The worker fell."


def zipped(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)


def test_what_is_no_worksheet_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (tmp_path / "text.xlsx").write_text("a,b\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(b"a,b\n\0\1\2")
    (tmp_path / "twice.csv").write_text("Case Number,case number\n")
    (tmp_path / "nothing.csv").write_text("Name,Address\n")
    (tmp_path / "cut.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    zipped(tmp_path / "bomb.xlsx", {"xl/worksheets/sheet1.xml": bytes(50_000_000)})
    zipped(tmp_path / "other.xlsx", {"a.txt": b"x"})
    zipped(tmp_path / "entities.xlsx", {"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"})
    said = {}
    for path in sorted(tmp_path.iterdir()):
        outcome = run("draft", "new", "--from", path.name, "-o", "drafts")
        assert outcome.code == 5, path.name
        assert "remedy:" in outcome.err
        said[path.name] = outcome.err.splitlines()[0]
    assert "unpack" in said["bomb.xlsx"]
    assert "password" in said["old.xls"]
    assert 'two columns "case number"' in said["twice.csv"]
    assert "no column for the case number" in said["nothing.csv"]
    assert not (tmp_path / "drafts").exists()


@given(st.binary(max_size=80))
def test_any_bytes_are_a_worksheet_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"Case Number,x\n" + data)
    try:
        list(open_sheet(path).rows())
    except ImrLettersError as error:
        assert error.findings[0].remedy  # noqa: PT017 - most bytes are read without an error


@cache
def workbook() -> bytes:
    """Return a sound workbook, always the same: it holds the time at which it was made."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in (HEADER, row(1), row(2)):
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@given(st.data())
def test_a_damaged_workbook_is_a_worksheet_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    if data.draw(st.booleans()):  # a part of it, packed again
        with zipfile.ZipFile(io.BytesIO(workbook())) as parts:
            contents = {name: parts.read(name) for name in parts.namelist()}
        name = data.draw(st.sampled_from(sorted(contents)))
        zipped(path, {**contents, name: _damaged(contents[name], data)})
    else:
        path.write_bytes(_damaged(workbook(), data))
    try:
        list(open_sheet(path).rows())
    except ImrLettersError as error:
        assert error.findings[0].remedy  # noqa: PT017 - some damage is none to what is read


def _damaged(content: bytes, data: st.DataObject) -> bytes:
    """Return bytes cut off, or with a few in the place of others."""
    at = data.draw(st.integers(0, len(content) - 1))
    return content[:at] + data.draw(st.sampled_from([b"", b"<" + content[at + 1 :], b"\xff" + content[at + 1 :]]))


@given(st.text(min_size=1))
def test_file_names_are_safe(number: str) -> None:
    assert re.fullmatch("[A-Za-z0-9-]{1,60}", file_name(number))


def test_one_date_day_first_casts_doubt_on_its_column(run: Run, tmp_path: Path) -> None:
    rows = [row(1, DOI="25/03/2016"), row(2, DOI="04/03/2016"), row(3, DOI="2016-03-04"), row(4, DOI="03/03/2016")]
    (tmp_path / "w.csv").write_text(as_csv(rows), encoding="utf-8")
    outcome = run("draft", "new", "--from", "w.csv", "-o", "drafts")
    assert outcome.code == 3
    assert [each["Case Number"][-1] for each in rejected(tmp_path)] == ["1", "2"]
    assert "day first, as 25/03/2016 in row 2 of its column" in rejected(tmp_path)[1]["why"]


def test_one_date_day_first_casts_doubt_on_columns_that_show_no_order(run: Run, tmp_path: Path) -> None:
    doubtful = [row(1, DOI="25/03/2016"), row(2, DOI="2016-03-04", Decision_Date="02/03/2017")]
    (tmp_path / "w.csv").write_text(as_csv(doubtful), encoding="utf-8")
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 3
    assert len(rejected(tmp_path)) == 2
    settled = [row(3, DOI="25/03/2016"), row(4, DOI="2016-03-04", Decision_Date="02/03/2017")]
    settled.append(row(5, DOI="2016-03-04", Decision_Date="12/31/2016"))
    (tmp_path / "v.csv").write_text(as_csv(settled), encoding="utf-8")
    assert run("draft", "new", "--from", "v.csv", "-o", "drafts").code == 3
    assert [each["Case Number"][-1] for each in rejected(tmp_path, "v.csv.rejected.csv")] == ["3"]


@pytest.mark.parametrize(
    "words", ["#N/A", "NULL", "N/A", "nan", "undefined", "#REF!", "The workerâ€™s brace", "a_x000D_ b"]
)
def test_what_a_program_left_in_a_cell_is_refused(run: Run, tmp_path: Path, words: str) -> None:
    (tmp_path / "w.csv").write_text(as_csv([row(1, words), row(2)]), encoding="utf-8")
    assert run("draft", "new", "--from", "w.csv", "-o", "drafts").code == 3
    [left] = rejected(tmp_path)
    assert left["Disputed Treatment"] == words
    assert "write what belongs there" in left["why"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime(2016, 10, 5), "is a date in the worksheet"),
        (True, "is TRUE or FALSE in the worksheet"),
        (0.5, "is a number with decimals"),
        (123456789012345678, "has lost digits"),
        ("#N/A", "error"),
    ],
)
def test_cells_that_may_not_be_what_they_show_are_refused(run: Run, tmp_path: Path, value: object, why: str) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    page.append([*row(1)[:4], value, "The worker fell."])
    page.append(row(2))
    book.save(tmp_path / "w.xlsx")
    assert run("draft", "new", "--from", "w.xlsx", "-o", "drafts").code == 3
    [left] = rejected(tmp_path, "w.xlsx.rejected.csv")
    assert why in left["why"]


def test_a_day_shifted_by_a_time_zone_is_refused(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    page.append([*row(1)[:2], datetime(2016, 3, 3, 23), *row(1)[3:]])
    page.append([*row(2)[:2], datetime(2016, 3, 3, 9, 30), *row(2)[3:]])
    book.save(tmp_path / "w.xlsx")
    assert run("draft", "new", "--from", "w.xlsx", "-o", "drafts").code == 3
    assert [each["Case Number"][-1] for each in rejected(tmp_path, "w.xlsx.rejected.csv")] == ["1"]


def test_the_escape_of_a_carriage_return_is_a_line_end(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    page.append([*row(1)[:5], "One_x000D_\ntwo_x000D_\n_x000D_\nThree"])
    book.save(tmp_path / "w.xlsx")
    assert run("draft", "new", "--from", "w.xlsx", "-o", "drafts").code == 0
    assert data_of(tmp_path / "drafts" / "CM16-0900101.yaml")["clinical_summary"] == "One\ntwo\n\nThree"
