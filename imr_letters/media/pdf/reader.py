"""Read a PDF from what is on its pages: by its tags, or where it has none by their layout.

Attachments and metadata are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from imr_letters.engine.errors import Finding, InputError
from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import guard, limits, source, tagged, tags, unseen, untagged
from imr_letters.media.pdf.content import PageReader, Run
from imr_letters.media.pdf.fontsources import foreign_pages
from imr_letters.media.pdf.margins import marks, outside_tags
from imr_letters.media.pdf.opening import opened
from imr_letters.media.pdf.pictures import rewritten, small_pictures
from imr_letters.media.pdf.source import PdfSource
from imr_letters.media.recover import wholeness
from imr_letters.media.recover.signs import Signs

#: What helps where a file is damaged.
_WHOLE = "get a whole copy from its sender"


def read(given: PreparedSource) -> PdfSource:
    """Read a PDF: small and simple tagged files with our writer's mark in this process, all others in a child."""
    if given.provenance == "ours":
        try:
            return read_here(given.data, given.name, ours=True)
        except InputError as error:
            if error.findings[0].code != "untagged":
                raise
    return read_guarded(given)


def read_guarded(given: PreparedSource, *, seconds: float = 10.0, memory: int = 1_000_000_000) -> PdfSource:
    """Read a PDF, with tags or without, in a child process of limited time and memory (bytes of address space).

    Raises `InputError` as `read_here` does, and of the codes "too-slow" and "crashed" where the child does not answer.
    """
    return guard.ask("reader", given, partial(source.from_records, given.name), seconds=seconds, memory=memory)


def records(data: bytes, name: str, *, ours: bool) -> Iterator[tuple[str, Any]]:
    """Yield what is read here as plain data, for another process."""
    yield from source.records(read_here(data, name, ours=ours, layout=True))


def read_here(data: bytes, name: str = "", *, ours: bool, layout: bool = False) -> PdfSource:
    """Read a PDF in this process: by its tags, or where it has none, with `layout`, by the layout of its pages.

    `ours` says that it is as small and simple as the files of our writer. Raises `InputError` for what cannot be
    opened, and for a PDF without tags unless `layout` is asked for; that runs pdfium, which may take the process down.
    """
    with opened(data, name, ours=ours) as pdf:
        limits.check(pdf, name)
        if limits.has_tags(pdf):
            made = _by_tags(pdf, name, ours=ours)
            if layout and not ours:
                small_pictures(pdf)
                pages = unseen.pages_of(rewritten(pdf))
                unseen.check_sideways(name, pages)
                made.findings += unseen.findings(name, pages, made.lines, taken=True)
        elif layout:
            made = _by_layout(pdf, name)
        else:
            message = "has no tags, so its paragraphs cannot be found in this process"
            raise limits.refusal("untagged", message, name, "read it as imr-letters parse does")
        made.findings[:0] = _of_the_file(pdf, name)
        if not (ours and made.tagged):
            made.findings += foreign_pages(pdf, name)
    return made


def _of_the_file(pdf: Any, name: str) -> Iterator[Finding]:
    """Report how the file had to be opened; what qpdf says of repairs may quote the file."""
    if pdf.is_encrypted:
        yield Finding("encrypted", "note", "is encrypted; it opened with the empty password", source=name)
    if pdf.get_warnings():
        yield Finding("repaired", "note", "is damaged; it was repaired while reading", source=name, remedy=_WHOLE)


def _by_tags(pdf: Any, name: str, *, ours: bool) -> PdfSource:
    pages: dict[Any, int] = {page.objgen: index for index, page in enumerate(pdf.pages)}
    tree = tags.read(pdf.Root.StructTreeRoot, pages, name)
    reader = PageReader(name)
    contents = [reader.runs(page, index) for index, page in enumerate(pdf.pages)]
    signs = Signs(drawn=True)
    if not ours:
        contents = [
            {mark: [run._replace(text=signs.plain(run.text)) for run in runs] for mark, runs in page.items()}
            for page in contents
        ]
    made = tagged.read_blocks(tree, contents, name)
    made.margins += outside_tags(tree, contents, reader.loose, reader.artifacts, name)
    made.findings += [*signs.findings(name), *_missing_pages(tree, name)]
    heads = _lines_of(reader.artifacts)
    made.findings += wholeness.in_order(name, heads, len(contents))
    lines = [(line.page_number or 0, line.text) for line in made.lines]
    made.findings += [*wholeness.as_tagged(name, lines), *wholeness.repeats(name, lines)]
    # The heads and feet of our own pages are known.
    made.findings += [each for each in made.margins if not ours or each.severity != "note"]
    if not ours:
        made.findings += tagged.split_words(made)
    return made


def _lines_of(runs: list[Run]) -> list[tuple[int, str]]:
    """Return page and words of each line that runs make up."""
    lines: dict[tuple[int, float], str] = {}
    for run in runs:
        lines[run.page, run.height] = f"{lines.get((run.page, run.height), '')} {run.text}"
    return [
        (page + 1, " ".join(words.split())) for (page, _), words in sorted(lines.items(), key=lambda each: each[0][0])
    ]


def _missing_pages(tree: tags.Tag, name: str) -> list[Finding]:
    """Report that pages were taken out, which the tags still name."""
    if all(page != tags.NO_PAGE for page, _ in marks(tree)):
        return []
    message = "a page is missing: the tags name one that the file does not have"
    return [Finding("page-missing", "error", message, source=name, remedy=_WHOLE)]


def _by_layout(pdf: Any, name: str) -> PdfSource:
    """Return what is on pages without tags; gaps separate its blocks until a family's grammar says better."""
    limits.check_forms(pdf, name)
    lines, findings = untagged.read_lines(pdf, name)
    starts = [index for index, line in enumerate(lines) if index == 0 or line.gap or line.page]
    blocks = [" ".join(line.text for line in lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    return PdfSource(name, blocks, lines, starts, findings, tagged=False)
