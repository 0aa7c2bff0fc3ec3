"""The PDF medium, writing: a tagged PDF (PDF/UA-1) whose tag tree gives every block of the letter back exactly.

The same document gives the same bytes, in any process: fixed fonts, fixed dates, nothing of the machine. The whole
setup (fonts, stylesheets) is made once in a process; made per letter, it would leak a quarter of a mebibyte each time.
"""

from __future__ import annotations

import gc
import logging
import os
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from imr_letters.errors import EngineError, Finding, RenderError
from imr_letters.media import fonts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PACKAGES = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"

#: No folder of fonts, no rules: the fonts and how they are drawn do not depend on the machine.
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'

#: Pango's font map is not safe to share between threads, and the log is watched one letter at a time.
_LOCK = RLock()

_FORMAT: dict[str, Any] = {"pdf_variant": "pdf/ua-1"}


def write(document: str, css: str, *, title: str, created: datetime | None) -> bytes:
    """Return the PDF of an HTML document laid out by a stylesheet.

    `created` is the date in the metadata, without which there is none; a time without a zone is taken as UTC.
    Raises `RenderError` when the engine finds any fault in the document or the stylesheet, when either asks for a
    file or an address, or when no font of the package draws a character; `EngineError` when the machine lacks a part.
    """
    with _LOCK:
        engine = _engine(os.getpid())
        sheet = _stylesheet(os.getpid(), css)
        with _faults("pdf-document", "the letter's markup", quote=False), _no_collection():
            html = engine.weasyprint.HTML(string=document, url_fetcher=engine.fetcher)
            pages = html.render(font_config=engine.fonts, stylesheets=[engine.faces, sheet], **_FORMAT)
            pages.metadata.title = title
            pages.metadata.created = pages.metadata.modified = _w3c(created)
            content: bytes = pages.write_pdf(finisher=_Finisher(), **_FORMAT)
        return content


def _w3c(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return zoned.strftime("%Y-%m-%dT%H:%M:%S+00:00")


# ---------------------------------------------------------------------------------------------------- the engine


class _Engine(NamedTuple):
    weasyprint: Any
    fonts: Any
    fetcher: Any
    faces: Any


@lru_cache(maxsize=1)
def _engine(process: int) -> _Engine:  # noqa: ARG001  (a forked process makes its own: Pango's state is not shared)
    """Return WeasyPrint with the fonts of the package and nothing else, set up once in a process."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where the machine has no fonts; ours come with the package
            import weasyprint
            from weasyprint.text.ffi import harfbuzz_subset
            from weasyprint.text.fonts import FontConfiguration
    except OSError as error:
        raise EngineError(_missing("Pango, which lays out PDF letters, is not on this machine")) from error
    if not harfbuzz_subset:
        raise EngineError(_missing("HarfBuzz's subset library is not on this machine: PDFs would differ from others"))
    with _only_given_fonts():
        configuration = FontConfiguration()
    fetcher = _closed_fetcher(fonts.contents())
    with _faults("pdf-fonts", "the fonts", quote=True):
        faces = weasyprint.CSS(string=fonts.stylesheet(), font_config=configuration, url_fetcher=fetcher)
    return _Engine(weasyprint, configuration, fetcher, faces)


@lru_cache(maxsize=16)
def _stylesheet(process: int, css: str) -> Any:  # noqa: ANN401
    """Return a stylesheet as WeasyPrint reads it. It is the template's own text, so its faults are quoted."""
    engine = _engine(process)
    with _faults("pdf-stylesheet", "the stylesheet", quote=True):
        return engine.weasyprint.CSS(string=css, font_config=engine.fonts, url_fetcher=engine.fetcher)


def _missing(message: str) -> Finding:
    return Finding("engine", "error", message, remedy=_PACKAGES)


@contextmanager
def _only_given_fonts() -> Iterator[None]:
    """Let a font configuration made within find no font of the machine."""
    name = "FONTCONFIG_FILE"
    before = os.environ.get(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fonts.conf"
        file.write_text(_NO_FONTS, encoding="ascii")
        os.environ[name] = str(file)
        try:
            yield
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before


def _closed_fetcher(contents: dict[str, bytes]) -> Any:  # noqa: ANN401
    """Return a fetcher that knows the given addresses and ends the rendering at any other."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
            if url not in contents:
                # Any other kind of exception would be swallowed, and the letter drawn without the resource.
                raise FatalURLFetchingError(url.partition(":")[0])
            return URLFetcherResponse(url, contents[url])

    return ClosedFetcher()


# ------------------------------------------------------------------------------------------------- what goes wrong


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _faults(code: str, what: str, *, quote: bool) -> Iterator[None]:
    """Raise `RenderError` for all that WeasyPrint logs as a warning, and for a fetch outside the closed map.

    Its messages may hold words of the letter, so they go to no other log; without `quote` only their fixed part is
    told.
    """
    from weasyprint.logger import LOGGER
    from weasyprint.urls import FatalURLFetchingError

    recorder = _Recorder()
    before = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(recorder)
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    try:
        yield
    except FatalURLFetchingError as error:
        message = f"{what} may not fetch anything, and asks for an address that begins with {error}:"
        raise RenderError(Finding(f"{code}-fetch", "error", message)) from None
    finally:
        LOGGER.level, LOGGER.propagate = before
        LOGGER.removeHandler(recorder)
    if recorder.records:
        raise RenderError(*(_fault(record, code, what, quote) for record in recorder.records))


def _fault(record: logging.LogRecord, code: str, what: str, quote: bool) -> Finding:
    said = record.getMessage() if quote else str(record.msg) if record.args else ""
    place = f"{record.module} line {record.lineno}"
    return Finding(code, "error", f"WeasyPrint finds fault with {what} ({place})" + (f": {said}" if said else ""))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector off for the time of one letter: it takes a tenth of it, and finds nothing."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


# --------------------------------------------------------------------------------------------------- the finisher

#: Structure elements whose children are looked at one by one when they are joined.
_CONTAINERS = frozenset(f"/{name}" for name in "Art Part Sect Div BlockQuote Table THead TBody TFoot TR TD".split())
#: Structure elements whose lines are joined in order. Lists are not joined: letters have none.
_BLOCKS = frozenset(f"/{name}" for name in "P H1 H2 H3 H4 H5 H6 TH Caption".split())


@dataclass(slots=True)
class _Node:
    """A structure element beside the layout box it was made for, and in a container its children likewise."""

    tag: Any
    box: Any
    kids: list[_Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.tag["S"])

    @property
    def origin(self) -> tuple[int, str, str]:
        """Tell the HTML element; anonymous boxes within it bear its name, but another tag or parent."""
        return id(self.box.element), self.box.element_tag, self.kind


class _Finisher:
    """Checks the fonts of a finished PDF, and makes each HTML element that is split over pages one structure element."""

    def __call__(self, document: Any, pdf: Any) -> None:  # noqa: ANN401
        missing = sorted({point for font in document.fonts.values() for point in font.missing})
        if missing:
            points = ", ".join(f"U+{point:04X}" for point in missing)
            raise RenderError(Finding("pdf-character", "error", f"no font of letters draws {points}"))
        self._objects = pdf.objects
        top = self._follow(self._follow(pdf.catalog["StructTreeRoot"])["K"][0])
        tags = [self._follow(kid) for kid in top["K"]]
        whole: list[_Node] = []
        for page, reference in zip(document.pages, pdf.page_references, strict=True):
            here = [tag for tag in tags if tag["Pg"] == reference]
            self._join(whole, self._nodes(here, _top_boxes(page._page_box)))
        self._adopt(top, whole)

    def _follow(self, reference: bytes) -> Any:  # noqa: ANN401
        return self._objects[int(reference.split()[0])]

    def _nodes(self, tags: list[Any], boxes: list[Any]) -> list[_Node]:
        # A tag tree that does not follow the boxes is another WeasyPrint than this was written for: a bug, not a guess.
        nodes = [_Node(tag, box) for tag, box in zip(tags, boxes, strict=True)]
        for node in nodes:
            if node.kind in _CONTAINERS:
                node.kids = self._nodes([self._follow(kid) for kid in node.tag["K"]], _child_boxes(node.box))
        return nodes

    def _join(self, whole: list[_Node], more: list[_Node]) -> None:
        """Add the children that an element has on one more page to those it has already.

        One that goes on from an earlier page is joined to its beginning, and its own children likewise, so that the
        cells of a row that is split find their other halves.
        """
        begun = {node.origin: node for node in whole}
        for node in more:
            beginning = begun.pop(node.origin, None)
            if beginning is not None and node.kind in _CONTAINERS:
                self._join(beginning.kids, node.kids)
                self._adopt(beginning.tag, beginning.kids)
            elif beginning is not None and node.kind in _BLOCKS:
                beginning.tag["K"].extend(node.tag["K"])
                for kid in node.tag["K"]:
                    self._follow(kid)["P"] = beginning.tag.reference
            else:
                whole.append(node)

    @staticmethod
    def _adopt(parent: Any, kids: list[_Node]) -> None:  # noqa: ANN401
        parent["K"][:] = [kid.tag.reference for kid in kids]
        for kid in kids:
            kid.tag["P"] = parent.reference


def _top_boxes(box: Any) -> list[Any]:  # noqa: ANN401
    """Return the boxes of a page that stand at the top of the tag tree: those within html and body."""
    from weasyprint.formatting_structure.boxes import MarginBox, PageBox

    if isinstance(box, MarginBox):
        return []
    if isinstance(box, PageBox) or box.element_tag in {"html", "body"}:
        return [found for child in box.children for found in _top_boxes(child)]
    return [box]


def _child_boxes(box: Any) -> list[Any]:  # noqa: ANN401
    """Return the boxes that stand in the tag tree right below a box: lines do not, nor do the wrappers of tables."""
    from weasyprint.formatting_structure.boxes import LineBox

    table = box.get_wrapped_table() if getattr(box, "is_table_wrapper", False) else None
    found: list[Any] = []
    for child in box.children:
        found += child.children if child is table or isinstance(child, LineBox) else [child]
    return found
