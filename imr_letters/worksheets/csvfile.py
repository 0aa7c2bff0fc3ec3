"""CSV worksheets in every encoding and with every delimiter that spreadsheets write."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from imr_letters.engine.errors import Finding
from imr_letters.engine.showing import unguarded
from imr_letters.worksheets.sheet import LONGEST_CELL, WHY, SheetRow, checked_header, finished, refused

#: Most lines that one record spans; a quote that is never closed would swallow the rest of the file.
_MOST_LINES = 300
_DELIMITERS = ",;\t|"


class CsvSheet:
    """A CSV file: UTF-8, UTF-16 or Windows-1252, separated by comma, semicolon, tab or bar. A `Sheet`."""

    epoch_1904 = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[Finding] = []
        self._encoding = _encoding(path)
        self._start = 0
        first = next(self._lines(), "")
        told = first.strip().lower()
        if told.startswith("sep=") and len(told) == 5:  # how a file names its delimiter for spreadsheets
            self._delimiter = first.strip()[4]
            self._start = 1
        else:
            self._delimiter = max(_DELIMITERS, key=lambda each: (first.count(each), -_DELIMITERS.index(each)))
        record = next(self._records(), None)
        header = record[1] if record else []
        if [cell for cell in header if cell.strip()][-1:] == [WHY]:
            header = [unguarded(cell) for cell in header]
        self.header = checked_header(path, header)
        if self._encoding == "mixed":
            message = "is not UTF-8; what is not was read as Windows-1252"
            remedy = "check names and signs with accents, or save it as CSV UTF-8"
            self.notes.append(Finding("encoding", "note", message, source=str(path), remedy=remedy))

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the header, blank ones left out."""
        records = self._records()
        next(records, None)
        for number, cells, fault in records:
            row = finished(SheetRow(number, cells, fault=fault), self.header, self.path)
            if not row.blank:
                yield row

    def _records(self) -> Iterator[tuple[int, list[str], str]]:
        """Yield each record with its row number and what is wrong with it.

        A quote that is never closed costs its own line; reading goes on with the next.
        """
        lines = self._lines()
        for _ in range(self._start):
            next(lines, None)
        waiting: deque[str] = deque()
        taken: list[str] = []

        def feed() -> Iterator[str]:
            while len(taken) < _MOST_LINES:
                line = waiting.popleft() if waiting else next(lines, None)
                if line is None:
                    return
                taken.append(line)
                yield line

        number = self._start
        while True:
            taken.clear()
            number += 1
            try:
                cells = next(csv.reader(feed(), delimiter=self._delimiter, strict=True), None)
                fault = ""
            except csv.Error as error:
                waiting.extendleft(reversed(taken[1:]))
                cells = taken[0].rstrip("\r\n").replace('"', "").split(self._delimiter)
                reason = str(error)
                fault = f"cannot be read: {reason}: write quotes within a quoted cell twice, and close every quote"
                if len("".join(taken)) > LONGEST_CELL:
                    fault = f"has a cell longer than {LONGEST_CELL:,} characters: shorten it, or close its quote"
            if cells is None:
                return
            yield number, cells, fault

    def _lines(self) -> Iterator[str]:
        """Yield the lines, line ends kept: they may stand within a cell."""
        if self._encoding in ("utf-8", "mixed"):
            with self.path.open("rb") as file:
                yield from _byte_lines(file, self._encoding == "mixed")
        else:
            with self.path.open(encoding=self._encoding, newline="", errors="replace") as text:
                for line in text:
                    yield line.removeprefix("\ufeff")


def _byte_lines(file: IO[bytes], mixed: bool) -> Iterator[str]:
    first = True
    for raw in file:
        data = raw.removeprefix(codecs.BOM_UTF8) if first else raw
        first = False
        line = _decoded(data) if mixed else data.decode()
        yield from line.splitlines(keepends=True) if "\r" in line.rstrip("\r\n") else [line]  # lone CRs of old Macs


def _decoded(data: bytes) -> str:
    """Decode one line: lines of two files that were put together may each have their own encoding."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # U+FFFD is refused as a character later, with its cell


def _encoding(path: Path) -> str:
    """Return how a file is encoded: by its mark, by its zero bytes, or by trying UTF-8."""
    with path.open("rb") as file:
        begin = file.read(4096)
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        zeros = begin.count(0)
        if zeros > len(begin) // 4:
            return "utf-16-le" if begin[1::2].count(0) > begin[::2].count(0) else "utf-16-be"
        if zeros:
            raise refused(path, "is not text", "give a worksheet as .csv or .xlsx")
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "mixed"
    return "utf-8"
