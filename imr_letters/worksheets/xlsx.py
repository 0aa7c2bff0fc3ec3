"""XLSX worksheets: values as words; formulas without a value, merged cells and errors are reported with their cells."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from imr_letters.engine.errors import Finding, UsageError
from imr_letters.engine.showing import unguarded
from imr_letters.worksheets.sheet import WHY, SheetRow, checked_header, finished, refused

#: Unpacked size of all parts, and how far a part may have been packed together, beyond which it is a trap.
_LARGEST_UNPACKED = 600_000_000
_MOST_PACKED = 300
_MOST_PARTS = 2_000
_MOST_MERGED = 10_000

#: What a damaged file makes its readers raise; faults of XML are syntax errors, whichever parser is installed.
_DAMAGED = (zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, OSError, EOFError,
            NotImplementedError)  # fmt: skip

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row [^>]*?hidden="(?:1|true)"')
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
#: Numbers from here on have lost digits: a spreadsheet keeps fifteen.
_MOST_EXACT = 10**15
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")


class XlsxSheet:
    """One sheet of an XLSX file, read as a stream. A `Sheet`. Raises `InputError` or `UsageError`."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self.path = path
        self.notes: list[Finding] = []
        self._sheet = sheet
        _check_parts(path)
        with self._opened(values=True) as (book, page):
            from openpyxl.utils.datetime import CALENDAR_MAC_1904

            self.epoch_1904 = book.epoch == CALENDAR_MAC_1904
            others = [each.title for each in book.worksheets if each.title != page.title]
            if sheet is None and others:
                shown = ", ".join(f'"{each[:40]}"' for each in others[:10])
                remedy = "name the one that is meant in the mapping: sheet = NAME"
                message = f'has several sheets; "{page.title[:40]}" was read, and not {shown}'
                self.notes.append(Finding("layout", "note", message, source=str(path), remedy=remedy))
            first = next(page.iter_rows(values_only=True), ())
            part = page._worksheet_path
        self._merged, self._formulas, hidden = self._scanned(part.lstrip("/"))
        if hidden:
            message, remedy = "has hidden rows; they were read like all others", "take out those that are not meant"
            self.notes.append(Finding("layout", "note", message, source=str(path), remedy=remedy))
        header = [_words(value)[0] for value in first]
        if [cell for cell in header if cell.strip()][-1:] == [WHY]:
            header = [unguarded(cell) for cell in header]
        for letters, top, other, _ in self._merged:
            if top == 1:
                message = f"columns {letters} to {other} of the header are merged"
                raise refused(path, message, "unmerge them and name each column", 1)
        self.header = checked_header(path, header)

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the header, blank ones left out."""
        with self._opened(values=True) as (_, page):
            if not self._formulas:
                yield from self._rows(page.iter_rows(values_only=True), None)
                return
            with self._opened(values=False) as (_, formulas):
                yield from self._rows(page.iter_rows(values_only=True), formulas.iter_rows(values_only=True))

    def _rows(self, values: Iterator[Sequence[Any]], formulas: Iterator[Sequence[Any]] | None) -> Iterator[SheetRow]:
        merged = {
            row: f"{letters}{top}:{other}{bottom}"
            for letters, top, other, bottom in self._merged
            for row in range(top, min(bottom, top + 100_000) + 1)
        }
        for number, cells in enumerate(values, start=1):
            written = next(formulas, ()) if formulas is not None else ()
            if number == 1 or not (any(cell is not None for cell in cells) or any(written)):
                continue
            row = SheetRow(number, [])
            for index, value in enumerate(cells):
                formula = written[index] if index < len(written) else None
                words, fault = _words(value)
                if value is None and formula is not None:
                    words, fault = (
                        str(getattr(formula, "text", formula)),
                        "is a formula without a value: write its value",
                    )
                row.cells.append(words)
                if (kind := _kind(value)) is not None:
                    row.kinds[index] = kind
                if fault and index < len(self.header):
                    row.faults[index] = fault
            if number in merged:
                row.fault = f"cells {merged[number]} are merged: unmerge them and fill each"
            row = finished(row, self.header, self.path)
            if not row.blank:
                yield row

    @contextmanager
    def _opened(self, *, values: bool) -> Iterator[tuple[Any, Any]]:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and extensions, which are not looked at
                book = openpyxl.load_workbook(self.path, read_only=True, data_only=values, keep_links=False)
        except (InvalidFileException, *_DAMAGED):
            raise self._unreadable() from None
        try:
            page = self._page(book)
            page.reset_dimensions()  # what the file says of its size may be wrong
            yield book, page
        except _DAMAGED:
            raise self._unreadable() from None
        finally:
            book.close()

    def _unreadable(self) -> Exception:
        return refused(self.path, "is no worksheet that can be read", "open it in a spreadsheet and save it as .xlsx")

    def _page(self, book: Any) -> Any:
        pages = {page.title: page for page in book.worksheets}
        if not pages:
            raise refused(self.path, "has no sheet with cells", "give a worksheet with a header row")
        if self._sheet is None:
            # The first that people see.
            return next((each for each in pages.values() if each.sheet_state == "visible"), next(iter(pages.values())))
        if self._sheet not in pages:
            message = f'has no sheet "{self._sheet[:60]}"'
            raise UsageError.of(message, source=str(self.path), remedy=f"it has {', '.join(pages)}")
        return pages[self._sheet]

    def _scanned(self, part: str) -> tuple[list[tuple[str, int, str, int]], bool, bool]:
        """Return the merged ranges of a sheet, whether it holds formulas and hidden rows; the stream does not tell."""
        merged: list[tuple[str, int, str, int]] = []
        formulas = hidden = False
        tail = b""
        with zipfile.ZipFile(self.path) as parts, parts.open(part) as stream:
            while chunk := stream.read(1 << 20):
                data = tail + chunk
                formulas = formulas or _FORMULA.search(data) is not None
                hidden = hidden or _HIDDEN.search(data) is not None
                for found in _MERGED.finditer(data):
                    left, top, right, bottom = (piece.decode() for piece in found.groups())
                    each = (left, int(top), right, int(bottom))
                    if each not in merged[-1:]:
                        merged.append(each)
                if len(merged) > _MOST_MERGED:
                    raise refused(self.path, "has too many merged cells", "unmerge them")
                last = data.rfind(b"<")
                tail = data[last:] if last >= 0 and len(data) - last < 1000 else b""
        return merged, formulas, hidden


def _check_parts(path: Path) -> None:
    """Look at the sizes before anything is unpacked, and refuse document types, which no spreadsheet writes."""
    try:
        with zipfile.ZipFile(path) as parts:
            known = parts.infolist()
            whole = sum(each.file_size for each in known)
            packed = [each for each in known if each.file_size > 10_000_000]
            if (
                len(known) > _MOST_PARTS
                or whole > _LARGEST_UNPACKED
                or any(each.file_size > _MOST_PACKED * max(1, each.compress_size) for each in packed)
            ):
                raise refused(path, "would unpack to far more than a worksheet holds", "save the sheet anew as .csv")
            if any(each.flag_bits & 1 for each in known):
                raise refused(path, "is protected by a password", "save it without one")
            for each in known:
                if each.filename.endswith((".xml", ".rels")):
                    with parts.open(each) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise refused(path, "holds what no spreadsheet writes", "save the sheet anew as .csv")
    except _DAMAGED:
        message = "is damaged or no worksheet"
        raise refused(path, message, "open it in a spreadsheet and save it as .xlsx") from None


def _words(value: Any) -> tuple[str, str]:
    """Return a cell's value as words, and what is wrong with it."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        # Spreadsheets write control characters, such as the carriage return of a line end, as escapes.
        value = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value).replace("\r\n", "\n").replace("\r", "\n")
        return value, "holds an error of the spreadsheet" if re.fullmatch(r"#[A-Z0-9/!]+[!?A0]", value) else ""
    if isinstance(value, bool):
        return str(value).upper(), ""
    if isinstance(value, datetime):
        shifted = value.hour >= 22 and value.minute == value.second == 0
        return (
            value.date().isoformat(),
            f"is a time, {value:%H:%M}, of which the day may be the next" if shifted else "",
        )
    if isinstance(value, date):
        return value.isoformat(), ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float):
        cut = abs(value) >= _MOST_EXACT
        return str(value), "has lost digits, of which a spreadsheet keeps 15: write it again, as text" if cut else ""
    if isinstance(value, time):
        return value.isoformat(), "is a time of day: write it as text"
    return str(value), "is of a kind that is not read: write it as text"


def _kind(value: Any) -> str | None:
    """Return what a cell is whose words may not be what it shows, such as a date that was typed as a fraction."""
    if isinstance(value, bool):
        return "TRUE or FALSE"
    if isinstance(value, datetime | date):
        return "a date"
    if isinstance(value, float) and not value.is_integer():
        return "a number with decimals, which may be shown as a percentage or a fraction"
    return None
