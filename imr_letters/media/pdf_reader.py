"""Read a tagged PDF: structure element -> marked content -> characters, from what stands on the pages.

Attachments and metadata are not looked at. The determinations of the State are tagged by their word processor, ours
by the writer of this toolkit; both give their paragraphs and table rows exactly, also across pages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imr_letters import text as normal
from imr_letters.errors import Finding, InputError, LetterError
from imr_letters.grammar.automaton import Automaton
from imr_letters.letter import Source, Where
from imr_letters.media.layout import Line, line_place, recover

#: Largest file that is read, in bytes, and most pages; the longest real letters have 40 KB and 10 pages.
LARGEST = 20_000_000
MOST_PAGES = 200

_BLOCKS = frozenset({"/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TR", "/LI", "/Caption", "/BlockQuote"})
_CELLS = frozenset({"/TD", "/TH"})
_DEEPEST = 60
#: Two heights that differ by less, in points, are one line; raised and lowered signs stay in theirs.
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
        return recover(self.name, self.lines, automaton, self.findings)


def is_pdf(data: bytes) -> bool:
    """Tell whether bytes are a PDF."""
    return b"%PDF-" in data[:1024]


def read(data: bytes, name: str = "") -> PdfSource:
    """Read a tagged PDF. Raises `InputError` for what cannot be opened and for a PDF without tags."""
    import pikepdf

    def refused(code: str, message: str, remedy: str) -> InputError:
        return InputError(Finding(code, "error", message, name, remedy=remedy))

    if len(data) > LARGEST:
        raise refused("too-long", f"has {len(data):,} bytes; no letter is larger than {LARGEST:,}", "give one letter")
    findings: list[Finding] = []
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise refused("password", "is protected by a password", "ask its sender for an open copy") from None
    except pikepdf.PdfError as error:
        reason = " ".join(str(error).split())[:120]
        raise refused("damaged", f"is a damaged PDF ({reason})", "get a whole copy") from None
    with pdf:
        if pdf.is_encrypted:
            findings.append(Finding("encrypted", "note", "is encrypted; it opened with the empty password", name))
        if len(pdf.pages) > MOST_PAGES:
            raise refused("too-long", f"has more than {MOST_PAGES} pages", "give one letter at a time")
        if "/StructTreeRoot" not in pdf.Root:
            raise refused("untagged", "has no tags, so its paragraphs cannot be told", "give its text, or a tagged PDF")
        try:
            pages: dict[Any, int] = {page.objgen: index for index, page in enumerate(pdf.pages)}
            contents = [_page_runs(page, index) for index, page in enumerate(pdf.pages)]
            elements = list(_Walk(pages, contents).blocks(pdf.Root.StructTreeRoot.get("/K"), 0, 0))
        except (pikepdf.PdfError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise refused(
                "damaged",
                f"has tags or pages that cannot be read ({type(error).__name__})",
                "get a whole copy",
            ) from None
    return _source(name, elements, findings)


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


def _page_runs(page: Any, index: int) -> dict[int, list[_Run]]:
    """Return what each piece of marked content of a page shows (ISO 32000-1, 9.4 and 14.6)."""
    import pikepdf

    fonts = {str(name): _Font(font) for name, font in page.resources.get("/Font", {}).items()}
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
            text = "".join(font.decode(bytes(each)) for each in strings if isinstance(each, pikepdf.String))
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
            codes = [int.from_bytes(data[index : index + 2], "big") for index in range(0, len(data), 2)]
            return "".join(self._map.get(code, "\ufffd") for code in codes)
        if self._map:
            return "".join(self._map.get(code) or bytes([code]).decode(self._codec, "replace") for code in data)
        return data.decode(self._codec, "replace")


def _to_unicode(stream: Any) -> dict[int, str]:
    """Return the characters of a ToUnicode map (ISO 32000-1, 9.10.3): its bfchar and bfrange sections."""
    found: dict[int, str] = {}
    source = stream.read_bytes().decode("latin-1")
    for kind, body in re.findall(r"begin(bfchar|bfrange)(.*?)endbf", source, re.DOTALL):
        if kind == "bfchar":
            for code, chars in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f\s]+)>", body):
                found[int(code, 16)] = _chars(chars)
            continue
        ranges = re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", body, re.DOTALL)
        for first, last, chars, listed in ranges:
            codes = range(int(first, 16), min(int(last, 16), int(first, 16) + 0xFFFF) + 1)
            if listed:
                for code, each in zip(codes, re.findall(r"<([0-9A-Fa-f]+)>", listed), strict=False):
                    found[code] = _chars(each)
            else:
                base = _chars(chars)
                for shift, code in enumerate(codes):
                    found[code] = base[:-1] + chr(ord(base[-1]) + shift)
    return found


def _chars(digits: str) -> str:
    return bytes.fromhex("".join(digits.split())).decode("utf-16-be", "replace")
