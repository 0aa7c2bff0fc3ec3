"""Opening a worksheet: which kind of file it is."""

from __future__ import annotations

from pathlib import Path

from imr_letters.engine.files import opened, said
from imr_letters.worksheets.csvfile import CsvSheet
from imr_letters.worksheets.sheet import Sheet, refused
from imr_letters.worksheets.xlsx import XlsxSheet

#: What a worksheet's name ends in.
SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls"})
#: Largest worksheet file, in bytes.
LARGEST = 100_000_000


def is_worksheet(source: Path) -> bool:
    """Return whether a file is a worksheet, by its name."""
    return source.suffix.lower() in SUFFIXES


def open_sheet(path: Path, sheet: str | None = None) -> Sheet:
    """Open a worksheet; `sheet` names one of an XLSX file. Raises `InputError` or `UsageError`."""
    try:
        with opened(path) as file:
            begin = file.read(8)
        size = path.stat().st_size
    except OSError as error:
        raise refused(path, said(error), "check the name of the file") from None
    if size > LARGEST:
        raise refused(path, f"is larger than {LARGEST:,} bytes", "part it into several worksheets")
    if not begin:
        raise refused(path, "is empty", "give a worksheet with a header row")
    if begin.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(path, "is an old .xls file, or protected by a password", "save it as .xlsx without a password")
    if begin.startswith(b"PK"):
        return XlsxSheet(path, sheet)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        raise refused(
            path, "is not the worksheet its name says", "open it in a spreadsheet and save it as .xlsx or .csv"
        )
    return CsvSheet(path)
