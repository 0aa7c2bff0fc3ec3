"""Read a tagged PDF: structure element -> marked content -> characters, from what stands on the pages.

Attachments and metadata are not looked at. The determinations of the State are tagged by their word processor, ours
by the writer of this toolkit; both give their paragraphs and table rows exactly, also across pages.
"""

from __future__ import annotations

import io
import json
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from imr_letters import text as normal
from imr_letters.errors import EngineError, Finding, InputError, LetterError, excerpt
from imr_letters.grammar.automaton import Automaton
from imr_letters.letter import Source, Where
from imr_letters.media import pdf_check
from imr_letters.media.layout import MOST_GUESSES, Line, line_place, recover

#: Largest file that is read, in bytes.
LARGEST = pdf_check.LARGEST

_BLOCKS = frozenset({"/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TR", "/LI", "/Caption", "/BlockQuote"})
_CELLS = frozenset({"/TD", "/TH"})
_DEEPEST = pdf_check.DEEPEST_TAGS + 2
#: Two heights that differ by less, in points, are one line; raised and lowered signs stay in theirs.
_SPLIT = re.compile(r"[^\W_]-$")
_SAME_LINE = 6.0
#: The height of a space that stands on no line of its own.
_NOWHERE = -1e9


@dataclass(slots=True)
class PdfSource:
    """The blocks of a tagged PDF, and the lines they stand in on the pages; a `Source`."""

    name: str
    blocks: list[str]
    lines: list[Line]
    #: For each block the index of its first line.
    starts: list[int]
    findings: list[Finding] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Tags tell blocks exactly."""
        return True

    def where(self, block: int, offset: int) -> Where:
        """Return the place of an offset in a block: page, line on the page, column."""
        if block >= len(self.blocks):
            return line_place(self.lines[-1], len(self.lines[-1].text))
        for line in self.lines[self.starts[block] : (*self.starts, len(self.lines))[block + 1]]:
            if offset <= len(line.text):
                return line_place(line, offset)
            offset -= len(line.text) + (self.blocks[block].find(f"{line.text} ") >= 0)
        return line_place(self.lines[self.starts[block]], 0)

    def recovered(self, automaton: Automaton) -> Source | None:
        """Return the blocks as a family's grammar suggests them."""
        message = "the tags do not tell the blocks; the lines on the pages were read instead"
        return recover(
            self.name, self.lines, automaton, [*self.findings, Finding("layout", "note", message, self.name)]
        )


def is_pdf(data: bytes) -> bool:
    """Tell whether bytes are a PDF."""
    return b"%PDF-" in data[:1024]


#: What reads a PDF from outside, in a process of its own.
_GUARD = Path(__file__).with_name("pdf_guard.py")
#: What a PDF library or this reader raises on a file whose parts are of the wrong kind.
_FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def read(data: bytes, name: str = "") -> PdfSource:
    """Read a tagged PDF in this process. Raises `InputError` for what cannot be opened and for a PDF without tags.

    Its structure is checked first; for files from outside see `read_safely`.
    """
    import pikepdf

    pdf_check.scan(data, name)
    try:
        return _read(data, name)
    except pikepdf.PasswordError:
        message = "is protected by a password"
        raise pdf_check.refusal("password", message, name, "ask its sender for an open copy") from None
    except MemoryError:
        raise pdf_check.refusal("too-long", "needs more memory than any letter", name) from None
    # What these say may quote the file: it is not repeated.
    except (pikepdf.PdfError, *_FAULTS):
        end = "" if b"%%EOF" in data[-2048:] else ": its end is missing"
        raise pdf_check.refusal("damaged", f"is a damaged PDF{end}", name) from None


def _read(data: bytes, name: str) -> PdfSource:
    import pikepdf

    findings: list[Finding] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if pdf.is_encrypted:
            findings.append(Finding("encrypted", "note", "is encrypted; it opened with the empty password", name))
        pdf_check.check(pdf, name)
        pages: dict[Any, int] = {page.objgen: index for index, page in enumerate(pdf.pages)}
        fonts: dict[tuple[int, int], _Font] = {}
        contents = [_page_runs(page, index, fonts) for index, page in enumerate(pdf.pages)]
        elements = list(_Walk(pages, contents).blocks(pdf.Root.StructTreeRoot.get("/K"), 0, 0))
    source = _source(name, elements, findings)
    if not pdf_check.is_ours(data):
        source.findings += _split_words(source)
    return source


def read_safely(data: bytes, name: str = "") -> PdfSource:
    """Read a tagged PDF: small and simple files with our writer's mark in this process, all others in a child."""
    return read(data, name) if pdf_check.is_ours(data) else read_guarded(data, name)


def read_guarded(data: bytes, name: str = "", *, seconds: float = 5.0, memory: int = 1_000_000_000) -> PdfSource:
    """Read a tagged PDF as `read` does, in a child process of limited time and memory (bytes of address space).

    Raises `InputError` as `read` does, and of the codes "too-slow" and "crashed" where the child does not answer.
    """
    if len(data) > LARGEST:
        pdf_check.scan(data, name)
    if not sys.executable:
        message = "this Python does not tell its own path, so no PDF from outside can be read safely"
        raise EngineError(Finding("engine", "error", message, remedy="run it with a plain python"))
    settings = {
        "name": name,
        "seconds": seconds,
        "memory": memory,
        "path": [str(Path(each).resolve()) for each in sys.path],
    }
    command = [sys.executable, "-I", str(_GUARD)]
    order = f"{json.dumps(settings)}\n".encode("ascii") + data
    slow = f"takes longer than {seconds:g} seconds to read, which no letter does"
    try:
        done = subprocess.run(  # noqa: S603 - this Python and a script of this package
            command, input=order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise pdf_check.refusal("too-slow", slow, name) from None
    if done.returncode in _OUT_OF_TIME:
        raise pdf_check.refusal("too-slow", slow, name)
    try:
        answer = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode == 0 and answer[-1][0] == "end":
            return _answer(name, answer[:-1])
    except _FAULTS:
        pass
    raise pdf_check.refusal("crashed", "makes the PDF reader crash or run out of memory", name)


#: What the end by a limit of processor time looks like, where the system has such limits.
_OUT_OF_TIME = {-int(each) for each in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)) if each}


def records(source: PdfSource) -> Iterator[tuple[str, Any]]:
    """Yield what was read as plain data, for a process to hand to another."""
    yield "blocks", source.blocks
    yield "starts", source.starts
    for line in source.lines:
        yield "line", [line.text, line.number, line.column, line.gap, line.page, line.page_number]
    for finding in source.findings:
        yield "finding", finding.as_dict()


def _answer(name: str, answer: list[tuple[str, Any]]) -> PdfSource:
    """Return what a child read, or raise what it raised."""
    (kind, error), *rest = answer
    findings = [Finding.from_dict(value) for key, value in rest if key == "finding"]
    if kind == "refused":
        raise (LetterError if error == "LetterError" else InputError)(*findings)
    blocks = next(value for key, value in rest if key == "blocks")
    starts = next(value for key, value in rest if key == "starts")
    return PdfSource(name, blocks, [Line(*value) for key, value in rest if key == "line"], starts, findings)


def _source(name: str, elements: list[_Element], findings: list[Finding]) -> PdfSource:
    blocks: list[str] = []
    lines: list[Line] = []
    starts: list[int] = []
    gap = 0
    last = 0
    numbers: dict[int, int] = {}
    for element in elements:
        try:
            words = normal.words("".join(run.text for run in element.runs))
        except normal.CharacterError as error:
            message, _, remedy = re.sub(r" at position \d+", "", str(error)).partition(": ")
            place = f"{name} page {element.page + 1}"
            raise LetterError(Finding("character", "error", message, place, remedy=remedy)) from None
        if not words:
            gap += 1
            continue
        blocks.append(words)
        starts.append(len(lines))
        for index, (page, text) in enumerate(element.lines()):
            numbers[page] = numbers.get(page, 0) + 1
            before = 0 if not lines else gap + 1 if index == 0 else 0
            lines.append(Line(text, numbers[page], 1, before, page != last and bool(lines), page + 1))
            last = page
        gap = 0
    if not blocks:
        raise InputError(Finding("empty", "error", "has no words on its pages", name, remedy="give a letter with text"))
    return PdfSource(name, blocks, lines, starts, findings)


def _split_words(source: PdfSource) -> list[Finding]:
    """Report words parted at a hyphen over a line: whether the hyphen is the word's own cannot be told."""
    found: list[Finding] = []
    for block, start in enumerate(source.starts):
        lines = source.lines[start : (*source.starts, len(source.lines))[block + 1]]
        for line, following in pairwise(lines):
            if _SPLIT.search(line.text) and following.text[:1].isalnum():
                message = "a word is parted at its hyphen over a line; it was joined, hyphen kept"
                shown, mark = excerpt(line.text, len(line.text) - 1, 1)
                place = f"{source.name} page {line.page_number}"
                column = len(line.text)
                found.append(Finding("split-word", "note", message, place, line.number, column, shown, mark))
    return found[:MOST_GUESSES]


class _Run(NamedTuple):
    """Characters shown on one line: the page, the height of the line on it in points, the text."""

    page: int
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class _Element:
    """A block of the tag tree: what it shows, in order. A row is one line, whatever its cells do."""

    page: int
    runs: list[_Run]
    row: bool

    def lines(self) -> list[tuple[int, str]]:
        """Return page and words of each line."""
        found: list[tuple[int, float, str]] = []
        for run in self.runs:
            if found and (self.row or _same_line(found[-1], run)):
                page, height, text = found[-1]
                found[-1] = (page, run.height if height == _NOWHERE else height, text + run.text)
            else:
                found.append((run.page, run.height, run.text))
        return [(page, words) for page, _, text in found if (words := normal.words(text))]


def _same_line(line: tuple[int, float, str], run: _Run) -> bool:
    page, height, _ = line
    return page == run.page and (_NOWHERE in (height, run.height) or abs(height - run.height) < _SAME_LINE)


class _Walk:
    """Walks the tags of a document."""

    def __init__(self, pages: dict[Any, int], contents: list[dict[int, list[_Run]]]) -> None:
        self._pages = pages
        self._contents = contents

    def blocks(self, node: Any, page: int, depth: int) -> Iterator[_Element]:
        """Yield each block below a node."""
        import pikepdf

        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(node, pikepdf.Array):
            for kid in node:
                yield from self.blocks(kid, page, depth + 1)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            page = self._page(node, page)
            if str(node.S) in _BLOCKS:
                row = str(node.S) == "/TR"
                runs = list(self.runs(node.get("/K"), page, depth + 1, cells=row))
                yield _Element(runs[0].page if runs else page, runs, row)
            elif str(node.S) != "/Figure":
                yield from self.blocks(node.get("/K"), page, depth + 1)

    def runs(self, node: Any, page: int, depth: int, *, cells: bool) -> Iterator[_Run]:
        """Yield what is shown below a node."""
        import pikepdf

        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(node, int):
            yield from self._shown(page, node)
        elif isinstance(node, pikepdf.Array):
            for kid in node:
                yield from self.runs(kid, page, depth + 1, cells=cells)
        elif isinstance(node, pikepdf.Dictionary):
            page = self._page(node, page)
            if "/MCID" in node:
                yield from self._shown(page, int(node.MCID))
            elif "/S" in node:
                if cells and str(node.S) in _CELLS:
                    yield _Run(page, _NOWHERE, " ")
                yield from self.runs(node.get("/K"), page, depth + 1, cells=cells)

    def _shown(self, page: int, mark: int) -> list[_Run]:
        """Return what a piece of marked content shows; an empty one stands for the space where a line ends."""
        runs = self._contents[page].get(mark)
        return runs if runs else [_Run(page, _NOWHERE, " ")]

    def _page(self, node: Any, page: int) -> int:
        return self._pages.get(node.Pg.objgen, page) if "/Pg" in node else page


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(one: _Matrix, other: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _page_runs(page: Any, index: int, known: dict[tuple[int, int], _Font]) -> dict[int, list[_Run]]:
    """Return what each piece of marked content of a page shows (ISO 32000-1, 9.4 and 14.6)."""
    import pikepdf

    fonts = {str(name): _font(font, known) for name, font in page.resources.get("/Font", {}).items()}
    found: dict[int, list[_Run]] = {}
    open_marks: list[int | None] = []
    font: _Font | None = None
    matrix, line, leading = _IDENTITY, _IDENTITY, 0.0
    saved: list[tuple[_Font | None, _Matrix, float]] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        name = str(instruction.operator)
        if name == "BDC":
            mark = operands[1].get("/MCID") if isinstance(operands[1], pikepdf.Dictionary) else None
            open_marks.append(int(mark) if mark is not None else open_marks[-1] if open_marks else None)
        elif name == "BMC":
            open_marks.append(open_marks[-1] if open_marks else None)
        elif name == "EMC":
            if open_marks:
                open_marks.pop()
        elif name == "q":
            saved.append((font, matrix, leading))
        elif name == "Q" and saved:
            font, matrix, leading = saved.pop()
        elif name == "cm":
            matrix = _times(_numbers(operands), matrix)
        elif name == "BT":
            line = _IDENTITY
        elif name == "Tm":
            line = _numbers(operands)
        elif name in ("Td", "TD"):
            line = _times((1.0, 0.0, 0.0, 1.0, float(operands[0]), float(operands[1])), line)
            leading = -float(operands[1]) if name == "TD" else leading
        elif name == "TL":
            leading = float(operands[0])
        elif name == "Tf":
            font = fonts.get(str(operands[0]))
        if name in ("T*", "'", '"'):
            line = _times((1.0, 0.0, 0.0, 1.0, 0.0, -leading), line)
        if name in ("Tj", "TJ", "'", '"') and open_marks and open_marks[-1] is not None and font is not None:
            shown = operands[-1]
            strings = shown if isinstance(shown, pikepdf.Array) else [shown]
            # The strings of one operator are decoded together: there is one for nearly every glyph.
            text = font.decode(b"".join(bytes(each) for each in strings if isinstance(each, pikepdf.String)))
            found.setdefault(open_marks[-1], []).append(_Run(index, _times(line, matrix)[5], text))
    return found


def _numbers(operands: Sequence[Any]) -> _Matrix:
    a, b, c, d, e, f = map(float, operands)
    return (a, b, c, d, e, f)


class _Font:
    """Decodes the strings of one font by its ToUnicode map, or by its plain encoding."""

    def __init__(self, font: Any) -> None:
        self._wide = str(font.get("/Subtype")) == "/Type0"
        self._map = _to_unicode(font.ToUnicode) if "/ToUnicode" in font else {}
        self._codec = "mac_roman" if str(font.get("/Encoding")) == "/MacRomanEncoding" else "cp1252"

    def decode(self, data: bytes) -> str:
        if self._wide:
            codes = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
            return "".join([self._map.get(code, "\ufffd") for code in codes])
        if self._map:
            return "".join(self._map.get(code) or bytes([code]).decode(self._codec, "replace") for code in data)
        return data.decode(self._codec, "replace")


def _font(font: Any, known: dict[tuple[int, int], _Font]) -> _Font:
    """Return the decoder of a font, made once for all pages where the font is an object with a number."""
    key: tuple[int, int] = font.objgen
    made = known.get(key) or _Font(font)
    if font.is_indirect:
        known[key] = made
    return made


def _to_unicode(stream: Any) -> dict[int, str]:
    """Return the characters of a ToUnicode map (ISO 32000-1, 9.10.3): its bfchar and bfrange sections."""
    found: dict[int, str] = {}
    count = 0
    for section in stream.read_bytes().decode("latin-1").split("beginbf")[1:]:
        tokens = iter(_TOKEN.findall(section.partition("endbf")[0]))
        wide = section.startswith("range")
        for first in tokens:
            last = next(tokens, "") if wide else first
            chars = next(tokens, "")
            codes = range(_code(first), min(_code(last), 0xFFFF) + 1)
            count += len(codes)
            if count > _MOST_CODES:
                raise ValueError(count)
            if chars == "[":
                listed = list(takewhile("]".__ne__, tokens))
                found.update((code, _chars(each)) for code, each in zip(codes, listed, strict=False))
                continue
            base = _chars(chars)
            if len(codes) > 1 and not base:
                raise ValueError(chars)
            found.update(
                (code, base[:-1] + chr(ord(base[-1]) + shift) if shift else base) for shift, code in enumerate(codes)
            )
    return found


#: Most codes that one font's map gives characters to, counted each time.
_MOST_CODES = 70_000
_TOKEN = re.compile(r"<[0-9A-Fa-f\s]*>|\[|\]")


def _code(token: str) -> int:
    """Return the code of a token such as <0041>; no code has more than four bytes."""
    return int(token[1:9].rstrip(">"), 16)


def _chars(digits: str) -> str:
    return bytes.fromhex("".join(digits.strip("<>").split())).decode("utf-16-be", "replace")
