"""Read a tagged PDF: structure element -> marked content -> characters, from what stands on the pages.

Attachments and metadata are not looked at. The determinations of the State are tagged by their word processor, ours
by the writer of this toolkit; both give their paragraphs and table rows exactly, also across pages.
"""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from imr_letters.engine import text as normal
from imr_letters.engine.errors import EngineError, Finding, InputError, LetterError, Severity, excerpt
from imr_letters.engine.letter import Source, Where
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.media.medium import LARGEST, PreparedSource
from imr_letters.media.pdf import layout as pdf_layout
from imr_letters.media.pdf import limits as pdf_check
from imr_letters.media.pdf import tags as pdf_tags
from imr_letters.media.pdf.content import Contents, Run
from imr_letters.media.pdf.tags import Mark, Tag
from imr_letters.media.recover.layout import MOST_GUESSES, recover
from imr_letters.media.recover.lines import Line, line_place
from imr_letters.media.recover.signs import Signs

_BLOCKS = frozenset({"/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TR", "/LI", "/Caption", "/BlockQuote"})
_CELLS = frozenset({"/TD", "/TH"})
#: Two heights that differ by less, in points, are one line; raised and lowered signs stay in theirs.
_SPLIT = re.compile(r"[^\W_]-$")
_SAME_LINE = 6.0
#: The height of a space that stands on no line of its own.
_NOWHERE = -1e9


@dataclass(slots=True)
class PdfSource:
    """The blocks of a PDF, by its tags or else by its layout, and the lines they stand in on the pages; a `Source`."""

    name: str
    blocks: list[str]
    lines: list[Line]
    #: For each block the index of its first line.
    starts: list[int]
    findings: list[Finding] = field(default_factory=list)
    tagged: bool = True
    #: What stands on the pages beside the text, as findings; of a file of ours they are not among the others.
    margins: list[Finding] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Tags tell blocks exactly, the layout of a page does not."""
        return self.tagged

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
        if not self.tagged:
            lines, above = pdf_layout.without_letterhead(self.name, self.lines, automaton)
            return recover(self.name, lines, automaton, [*self.findings, *above], measured=True)
        message = "the tags do not tell the blocks; the lines on the pages were read instead"
        return recover(
            self.name, self.lines, automaton, [*self.findings, Finding("layout", "note", message, source=self.name)]
        )


#: What reads a PDF from outside, in a process of its own.
_GUARD = Path(__file__).with_name("guard.py")
#: What a PDF library or this reader raises on a file whose parts are of the wrong kind.
FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def read(given: PreparedSource) -> PdfSource:
    """Read a PDF: small and simple tagged files with our writer's mark in this process, all others in a child."""
    if given.provenance == "ours":
        try:
            return read_here(given.data, given.name, ours=True)
        except InputError as error:
            if error.findings[0].code != "untagged":
                raise
    return read_guarded(given)


def read_here(data: bytes, name: str = "", *, ours: bool, layout: bool = False) -> PdfSource:
    """Read a PDF in this process: by its tags, or where it has none, with `layout`, by the layout of its pages.

    `ours` says that it is as small and simple as the files of our writer. Raises `InputError` for what cannot be
    opened, and for a PDF without tags unless `layout` is asked for; that runs pdfium, which may take the process down.
    """
    import pikepdf

    if not ours:  # whose limits are far below those of others
        pdf_check.scan(data, name)
    try:
        return _read(data, name, layout=layout, ours=ours)
    except pikepdf.PasswordError:
        message = "is protected by a password"
        raise pdf_check.refusal("password", message, name, "ask its sender for an open copy") from None
    except MemoryError:
        raise pdf_check.refusal("too-long", "needs more memory than any letter", name) from None
    # What these say may quote the file: it is not repeated.
    except (pikepdf.PdfError, *FAULTS):
        end = "" if b"%%EOF" in data[-2048:] else ": its end is missing"
        raise pdf_check.refusal("damaged", f"is a damaged PDF{end}", name) from None


def _read(data: bytes, name: str, *, layout: bool, ours: bool) -> PdfSource:
    import pikepdf

    findings: list[Finding] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if pdf.is_encrypted:
            findings.append(
                Finding("encrypted", "note", "is encrypted; it opened with the empty password", source=name)
            )
        pdf_check.check(pdf, name)
        if not pdf_check.has_tags(pdf):
            if not layout:
                message = "has no tags, so its paragraphs cannot be told in this process"
                raise pdf_check.refusal("untagged", message, name, "read it as imr-letters parse does")
            pdf_check.check_forms(pdf, name)
            lines, noticed = pdf_layout.read_lines(pdf, name)
            return _by_layout(name, lines, [*findings, *_repairs(pdf, name), *noticed])
        pages: dict[Any, int] = {page.objgen: index for index, page in enumerate(pdf.pages)}
        tags = pdf_tags.read(pdf.Root.StructTreeRoot, pages, name)
        reader = Contents(name)
        contents = [reader.runs(page, index) for index, page in enumerate(pdf.pages)]
        signs = Signs(drawn=True)
        if not ours:
            contents = [
                {mark: [run._replace(text=signs.plain(run.text)) for run in runs] for mark, runs in page.items()}
                for page in contents
            ]
        elements = list(_elements(tags, contents))
        findings += [*signs.findings(name), *_repairs(pdf, name), *_missing_pages(tags, name)]
        margins = list(_left_out(tags, contents, reader, name))
    source = _source(name, elements, findings)
    source.margins += margins
    # The heads and feet of our own pages are known.
    source.findings += [each for each in margins if not ours or each.severity != "note"]
    if not ours:
        source.findings += _split_words(source)
    return source


def _repairs(pdf: Any, name: str) -> list[Finding]:
    """Report that parts of a damaged file were guessed; what qpdf says of them may quote the file."""
    if not pdf.get_warnings():
        return []
    return [Finding("repaired", "note", "is damaged; it was repaired while reading", source=name, remedy=_WHOLE)]


def _missing_pages(tags: Tag, name: str) -> list[Finding]:
    """Report that pages were taken out: the tags tell of them still."""
    if all(page != pdf_tags.NO_PAGE for page, _ in _marks(tags)):
        return []
    message = "a page is missing: the tags tell of one that the file does not have"
    return [Finding("page-missing", "error", message, source=name, remedy=_WHOLE)]


def _left_out(tags: Tag, contents: list[dict[int, list[Run]]], reader: Contents, name: str) -> Iterator[Finding]:
    """Report what the pages show beside what the tags hold; lines that differ in numbers alone are told once."""
    held = set(_marks(tags))
    loose = [
        run
        for page, marked in enumerate(contents)
        for number, runs in marked.items()
        if (page, number) not in held
        for run in runs
    ]
    kinds: tuple[tuple[list[Run], Severity, str], ...] = (
        ([*reader.loose, *loose], "warning", "words that no tag holds were left out"),
        (reader.artifacts, "note", "words that the file calls no part of its text were left out"),
    )
    for runs, severity, what in kinds:
        lines: dict[tuple[int, float], str] = {}
        for run in runs:
            place = run.page, run.height
            lines[place] = f"{lines[place]} {run.text}" if place in lines else run.text
        told: set[str] = set()
        for (page, _), line in lines.items():
            words = " ".join(line.split())
            kind = re.sub(r"\d+", "0", words)
            if words and kind not in told and len(told) < MOST_GUESSES:
                told.add(kind)
                shown, mark = excerpt(words, 0, len(words))
                yield Finding(
                    "outside-tags",
                    severity,
                    what,
                    source=f"{name} page {page + 1}",
                    excerpt=shown,
                    mark=mark,
                    remedy="look at the page: these words are no part of the decision",
                )


def _marks(node: Tag) -> Iterator[Mark]:
    """Yield the pieces of marked content that a tag and those below it refer to."""
    for kid in node.kids:
        if isinstance(kid, Mark):
            yield kid
        else:
            yield from _marks(kid)


#: What helps where a file is damaged, and where it shows more than its text.
_WHOLE = "get a whole copy from its sender"


def _by_layout(name: str, lines: list[Line], findings: list[Finding]) -> PdfSource:
    """Return what stands on pages without tags; gaps part its blocks until a family's grammar tells better."""
    starts = [index for index, line in enumerate(lines) if index == 0 or line.gap or line.page]
    blocks = [" ".join(line.text for line in lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    return PdfSource(name, blocks, lines, starts, findings, tagged=False)


def read_guarded(given: PreparedSource, *, seconds: float = 5.0, memory: int = 1_000_000_000) -> PdfSource:
    """Read a PDF, with tags or without, in a child process of limited time and memory (bytes of address space).

    Raises `InputError` as `read_here` does, and of the codes "too-slow" and "crashed" where the child does not answer.
    """
    answer = ask_guard("read", given, seconds=seconds, memory=memory)
    try:
        return _answer(given.name, answer)
    except FAULTS:
        raise _crashed(given.name) from None


def ask_guard(
    job: str, given: PreparedSource, *, seconds: float = 5.0, memory: int = 1_000_000_000
) -> list[tuple[str, Any]]:
    """Have a PDF read in a child process of limited time and memory; return what it answered, as plain records.

    `job` is what to read: "read" for the pages, "attachment" for the decision attached, "parts" for their digests.
    Raises what the child raised, and `InputError` of the codes "too-slow" and "crashed" where it does not answer.
    """
    name, data = given.name, given.data
    if len(data) > LARGEST:
        pdf_check.scan(data, name)
    if not sys.executable:
        message = "this Python does not tell its own path, so no PDF from outside can be read safely"
        raise EngineError.of(message, remedy="run it with a plain python")
    settings = {
        "job": job,
        "name": name,
        "ours": given.provenance == "ours",
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
        answer = [(key, value) for key, value in map(json.loads, done.stdout.splitlines())]
        if done.returncode != 0 or answer[-1][0] != "end":
            raise _crashed(name)
        (kind, error), *rest = answer
        findings = [Finding.from_dict(value) for key, value in rest if key == "finding"]
    except FAULTS:
        raise _crashed(name) from None
    if kind == "refused":
        raise (LetterError if error == "LetterError" else InputError)(*findings)
    return answer[1:-1]


def _crashed(name: str) -> InputError:
    return pdf_check.refusal("crashed", "makes the PDF reader crash or run out of memory", name)


#: What the end by a limit of processor time looks like, where the system has such limits.
_OUT_OF_TIME = {-int(each) for each in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)) if each}


def records(source: PdfSource) -> Iterator[tuple[str, Any]]:
    """Yield what was read as plain data, for a process to hand to another."""
    yield "tagged", source.tagged
    yield "blocks", source.blocks
    yield "starts", source.starts
    for line in source.lines:
        yield "line", [line.text, line.number, line.column, line.gap, line.page, line.page_number, line.full]
    for finding in source.findings:
        yield "finding", finding.as_dict()
    for margin in source.margins:
        yield "margin", margin.as_dict()


def _answer(name: str, answer: list[tuple[str, Any]]) -> PdfSource:
    """Return what a child read."""
    findings = [Finding.from_dict(value) for key, value in answer if key == "finding"]
    lines = [Line(*value) for key, value in answer if key == "line"]
    once = dict(answer)
    margins = [Finding.from_dict(value) for key, value in answer if key == "margin"]
    return PdfSource(name, once["blocks"], lines, once["starts"], findings, once["tagged"], margins)


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
            raise LetterError(Finding("character", "error", message, source=place, remedy=remedy)) from None
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
        raise InputError.of("has no words on its pages", source=name, remedy="give a letter with text", code="empty")
    return PdfSource(name, blocks, lines, starts, findings)


def _split_words(source: PdfSource) -> list[Finding]:
    """Report words parted at a hyphen over a line: whether the hyphen is the word's own cannot be told."""
    found: list[Finding] = []
    for start, end in pairwise([*source.starts, len(source.lines)]):
        for line, following in pairwise(source.lines[start:end]):
            if _SPLIT.search(line.text) and following.text[:1].isalnum():
                message = "a word is parted at its hyphen over a line; it was joined, hyphen kept"
                shown, mark = excerpt(line.text, len(line.text) - 1, 1)
                place = f"{source.name} page {line.page_number}"
                column = len(line.text)
                found.append(
                    Finding(
                        "split-word",
                        "note",
                        message,
                        source=place,
                        line=line.number,
                        column=column,
                        excerpt=shown,
                        mark=mark,
                    )
                )
    return found[:MOST_GUESSES]


@dataclass(frozen=True, slots=True)
class _Element:
    """A block of the tag tree: what it shows, in order. A row is one line, whatever its cells do."""

    page: int
    runs: list[Run]
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


def _same_line(line: tuple[int, float, str], run: Run) -> bool:
    page, height, _ = line
    return page == run.page and (_NOWHERE in (height, run.height) or abs(height - run.height) < _SAME_LINE)


def _elements(node: Tag, contents: list[dict[int, list[Run]]]) -> Iterator[_Element]:
    """Yield each block below a tag."""
    for kid in node.kids:
        if isinstance(kid, Mark) or kid.kind == "/Figure":
            continue
        if kid.kind in _BLOCKS:
            row = kid.kind == "/TR"
            runs = list(_runs(kid, contents, cells=row))
            yield _Element(runs[0].page if runs else kid.page, runs, row)
        else:
            yield from _elements(kid, contents)


def _runs(node: Tag, contents: list[dict[int, list[Run]]], *, cells: bool) -> Iterator[Run]:
    """Yield what is shown below a tag."""
    for kid in node.kids:
        if isinstance(kid, Mark):
            # An empty piece of marked content stands for the space where a line ends.
            shown = {} if kid.page == pdf_tags.NO_PAGE else contents[kid.page]
            yield from shown.get(kid.number) or [Run(kid.page, _NOWHERE, " ")]
            continue
        if cells and kid.kind in _CELLS:
            yield Run(kid.page, _NOWHERE, " ")
        yield from _runs(kid, contents, cells=cells)
