"""The PDF medium, writing: PDF/UA-1 and PDF/A-3a in one file, whose tag tree gives every block back exactly.

The same document gives the same bytes in any process: fixed fonts, fixed dates, nothing of the machine. Fonts and
stylesheets are set up once in a process; set up for each letter, they leak a quarter of a mebibyte every time.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
import warnings
import zlib
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO, StringIO
from multiprocessing.util import Finalize
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from imr_letters.engine.errors import EngineError, Finding, RenderError
from imr_letters.media.pdf import digests as pdf_identity
from imr_letters.media.pdf import fonts
from imr_letters.media.pdf.stack import roomy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Parts of WeasyPrint and of pydyf below it, which carry no types.
Box = Any
Document = Any
Fetcher = Any
Pdf = Any
Sheet = Any
Stream = Any
Tag = Any

_PACKAGES = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"

#: No folder of fonts and no rule: what a letter looks like does not depend on the machine's fonts or settings.
_NO_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig></fontconfig>
"""

#: Pango's font map may not be shared between threads, and the log is watched for one letter at a time.
_LOCK = RLock()

#: How hard zlib tries, of nine.
_LEVEL = 6

#: The date of an attachment, which must have one, where the document has none.
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


@roomy
def write(
    document: str,
    css: str,
    *,
    title: str,
    created: datetime | None,
    attachment: bytes,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the PDF of an HTML document laid out by a stylesheet.

    `attachment` is the JSON the document was made from; it is embedded as its source. `created` is the date in the
    metadata, without which there is none; a time without a zone is taken as UTC. `pictures` are those that the
    stylesheet asks for, by address.
    Raises `RenderError` when WeasyPrint finds any fault with the document or the stylesheet, when either asks for
    a file or an address, or when no font of letters draws a character; `EngineError` when the machine lacks a
    part.
    """
    with _LOCK:
        engine = _engine(os.getpid())
        engine.contents.update(pictures or {})
        sheet = _stylesheet(os.getpid(), css)
        with _watched("the letter or its stylesheet", quote=False), _without_collector():
            html = engine.weasyprint.HTML(string=document, url_fetcher=engine.fetcher)
            sheets = [engine.faces, sheet]
            pages = html.render(font_config=engine.fonts, stylesheets=sheets, pdf_variant=pdf_identity.VARIANT)
            moment = None if created is None else _utc(created)
            about = pages.metadata
            about.title = title
            about.created = about.modified = None if moment is None else moment.isoformat(timespec="seconds")
            about.keywords = [f"engine {engine.fingerprint}", f"looks {pdf_identity.looks(document, css, pictures)}"]
            about.attachments = [_source(engine, attachment, moment or _NO_DATE)]
            content: bytes = pages.write_pdf(finisher=_Finisher(), pdf_variant=pdf_identity.VARIANT)
        return content


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _source(engine: _Engine, attachment: bytes, moment: datetime) -> Any:
    """Return the decision as WeasyPrint embeds it; the kind of file is told from the ending of its name."""
    return engine.weasyprint.Attachment(
        file_obj=BytesIO(attachment),
        url_fetcher=engine.fetcher,
        name=pdf_identity.ATTACHMENT,
        description=pdf_identity.ATTACHMENT_DESCRIPTION,
        created=moment,
        modified=moment,
        relationship="Source",
    )


class _Engine(NamedTuple):
    weasyprint: Any
    fonts: Any
    fetcher: Fetcher
    faces: Sheet
    fingerprint: str
    #: What the fetcher knows, by address.
    contents: dict[str, bytes]


# A forked process makes its own engine, and never drops its parent's: that would delete the parent's font files.
@cache
def _engine(_process: int) -> _Engine:
    """Return WeasyPrint with the fonts of letters and no others."""
    with _imported() as weasyprint:
        configuration = weasyprint.text.fonts.FontConfiguration()
    if not weasyprint.text.ffi.harfbuzz_subset:
        raise _missing("HarfBuzz's library for font subsets, needed for PDF letters, is not on this machine")
    contents = dict(fonts.contents())
    fetcher = _closed_fetcher(contents)
    with _watched("the fonts", quote=True):
        faces = weasyprint.CSS(string=fonts.stylesheet(), font_config=configuration, url_fetcher=fetcher)
    # The worker processes of a pool end without destructors, which would leave the copies of the fonts behind.
    Finalize(configuration, shutil.rmtree, args=(configuration._folder, True), exitpriority=0)
    return _Engine(weasyprint, configuration, fetcher, faces, pdf_identity.fingerprint(), contents)


def preload() -> None:
    """Import WeasyPrint, for processes that are forked from this one. Raises `EngineError` where Pango is missing."""
    with _imported():
        pass


@contextmanager
def _imported() -> Iterator[Any]:
    """Yield WeasyPrint, which neither finds the machine's fonts nor prints anything in the block."""
    try:
        # It prints advice where a library is missing, and warns that it finds no fonts on the machine.
        with _without_machine_fonts(), redirect_stdout(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import weasyprint

            yield weasyprint
    except OSError as error:
        raise _missing("Pango, which lays out PDF letters, is not on this machine") from error


@lru_cache(maxsize=16)
def _stylesheet(process: int, css: str) -> Sheet:
    engine = _engine(process)
    with _watched("the stylesheet", quote=True):
        return engine.weasyprint.CSS(string=css, font_config=engine.fonts, url_fetcher=engine.fetcher)


def _missing(message: str) -> EngineError:
    return EngineError.of(message, remedy=_PACKAGES)


@contextmanager
def _without_machine_fonts() -> Iterator[None]:
    """Let a font configuration that is made meanwhile find no font of the machine."""
    name = "FONTCONFIG_FILE"
    before = os.environ.get(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fonts.conf")
        file.write_text(_NO_FONTS, encoding="ascii")
        os.environ[name] = str(file)
        try:
            yield
        finally:
            del os.environ[name]
            if before is not None:
                os.environ[name] = before


def _closed_fetcher(contents: dict[str, bytes]) -> Fetcher:
    """Return a fetcher that knows the given addresses and ends the rendering at any other."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
            if url not in contents:
                # An exception of any other kind would be swallowed, and the letter drawn without the resource.
                raise FatalURLFetchingError(url.partition(":")[0])
            return URLFetcherResponse(url, contents[url])

    return ClosedFetcher()


class _Recorder(logging.Handler):
    """Keeps what WeasyPrint finds fault with."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the collector of garbage from looking through the boxes of a letter again and again while they are made."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextmanager
def _watched(what: str, *, quote: bool) -> Iterator[None]:
    """Raise `RenderError` for whatever WeasyPrint logs as a warning, and for a fetch outside the closed map.

    What it logs may hold words of the letter: it goes to no other log, and only its fixed part is told unless
    `quote` is true.
    """
    from weasyprint.logger import LOGGER
    from weasyprint.urls import FatalURLFetchingError

    recorder = _Recorder()
    level, propagate = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(recorder)
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    try:
        yield
    except FatalURLFetchingError as error:
        message = f"{what} may fetch nothing, but asks for an address that begins with {error}:"
        raise RenderError(Finding("pdf-fetch", "error", message)) from None
    finally:
        LOGGER.removeHandler(recorder)
        LOGGER.setLevel(level)
        LOGGER.propagate = propagate
    if recorder.records:
        raise RenderError(*(_fault(record, what, quote=quote) for record in recorder.records))


def _fault(record: logging.LogRecord, what: str, *, quote: bool) -> Finding:
    # A message without arguments may have had the words of the letter put into it before it was logged.
    said = record.getMessage() if quote else str(record.msg) if record.args else ""
    message = f"WeasyPrint finds fault with {what} ({record.module}.py line {record.lineno}): {said}"
    return Finding("pdf-fault", "error", message.removesuffix(": "))


#: Structure elements whose children are looked at one by one when they are joined.
_CONTAINERS = {f"/{name}" for name in ("Art", "Part", "Sect", "Div", "BlockQuote", "Table", "TR", "TD")}
_CONTAINERS |= {"/THead", "/TBody", "/TFoot"}
#: Structure elements whose lines are joined in order. Lists are not joined: letters have none.
_BLOCKS = {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TH", "/Caption"}


@dataclass(slots=True)
class _Node:
    """A structure element beside the layout box it was made for; in a container, with its children likewise."""

    tag: Tag
    box: Box
    kids: list[_Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.tag["S"])

    @property
    def origin(self) -> tuple[int, str, str]:
        """Tell the HTML element apart from others. Nameless boxes within it differ by kind or by parent."""
        return id(self.box.element), self.box.element_tag, self.kind


class _Finisher:
    """Checks the fonts of a PDF, declares its standards, and makes an element split over pages one of structure."""

    def __call__(self, document: Document, pdf: Pdf) -> None:
        missing = sorted({code for font in document.fonts.values() for code in font.missing})
        if missing:
            codes = ", ".join(f"U+{code:04X}" for code in missing)
            raise RenderError(Finding("pdf-character", "error", f"no font of letters draws {codes}"))
        self._objects = pdf.objects
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])  # WeasyPrint names the attachment twice
        xmp = self._follow(pdf.catalog["Metadata"])
        xmp.stream = [pdf_identity.declare_ua(b"".join(xmp.stream))]
        xmp.compress = False  # for programs that look for it without reading the file
        top = self._follow(self._follow(pdf.catalog["StructTreeRoot"])["K"][0])
        tags = [self._follow(kid) for kid in top["K"]]
        whole: list[_Node] = []
        for page, reference in zip(document.pages, pdf.page_references, strict=True):
            here = [tag for tag in tags if tag["Pg"] == reference]
            self._join(whole, self._nodes(here, _top_boxes(page._page_box)))
        self._adopt(top, whole)
        self._margins(top, pdf)
        for made in pdf.objects:
            if getattr(made, "compress", False):
                _compress(made)

    def _margins(self, top: Tag, pdf: Pdf) -> None:
        """Mark what stands in the margins as no part of the text, as PDF/UA asks: the tree of tags does not hold it.

        WeasyPrint gives each of its lines a tag of its own that stands nowhere.
        """
        held = set(self._references(top))
        by_page = self._follow(self._follow(pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
        for number, page in enumerate(pdf.page_references):
            tags = by_page[2 * number + 1]
            loose = {mark for mark, reference in enumerate(tags) if reference not in held}
            tags[:] = [b"null" if mark in loose else reference for mark, reference in enumerate(tags)]
            pieces = self._follow(self._follow(page)["Contents"]).stream
            for at in reversed([at for at, piece in enumerate(pieces) if isinstance(piece, dict)]):
                if pieces[at].get("MCID") in loose:
                    pieces[at - 1 : at + 2] = ["/Artifact", "BMC"]

    def _references(self, tag: Tag) -> Iterator[bytes]:
        for kid in tag["K"]:
            if isinstance(kid, bytes):
                yield kid
                yield from self._references(self._follow(kid))

    def _follow(self, reference: bytes) -> Tag:
        return self._objects[int(reference.split()[0])]

    def _nodes(self, tags: list[Tag], boxes: list[Box]) -> list[_Node]:
        # Where tags do not follow boxes, this is another WeasyPrint than the one meant: a bug, and not a guess.
        nodes = [_Node(tag, box) for tag, box in zip(tags, boxes, strict=True)]
        for node in nodes:
            if node.kind in _CONTAINERS:
                kids = [self._follow(kid) for kid in node.tag["K"]]
                node.kids = self._nodes(kids, _child_boxes(node.box))
        return nodes

    def _join(self, whole: list[_Node], more: list[_Node]) -> None:
        """Add the children that an element has on one more page to those it has already.

        A child that goes on from an earlier page is joined to its beginning, and its own children likewise, so
        that the cells of a split row find their other halves.
        """
        begun = {node.origin: node for node in whole}
        for node in more:
            beginning = begun.pop(node.origin, None)
            if beginning is not None and node.kind in _CONTAINERS:
                self._join(beginning.kids, node.kids)
                self._adopt(beginning.tag, beginning.kids)
            elif beginning is not None and node.kind in _BLOCKS:
                for kid in node.tag["K"]:
                    self._follow(kid)["P"] = beginning.tag.reference
                beginning.tag["K"].extend(node.tag["K"])
            else:
                whole.append(node)

    @staticmethod
    def _adopt(parent: Tag, kids: list[_Node]) -> None:
        parent["K"][:] = [kid.tag.reference for kid in kids]
        for kid in kids:
            kid.tag["P"] = parent.reference


def _compress(stream: Stream) -> None:
    """Compress a stream as WeasyPrint would, at a level that takes a third of its time for two per cent more bytes."""
    parts = (each.encode("ascii") if isinstance(each, str) else getattr(each, "data", each) for each in stream.stream)
    content = b"\n".join(parts)
    stream.stream = [zlib.compress(content, _LEVEL)]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


def _top_boxes(box: Box) -> list[Box]:
    """Return the boxes of a page that stand at the top of the tag tree: those within html and body."""
    from weasyprint.formatting_structure.boxes import MarginBox, PageBox

    if isinstance(box, MarginBox):
        return []
    if isinstance(box, PageBox) or box.element_tag in {"html", "body"}:
        return [found for child in box.children for found in _top_boxes(child)]
    return [box]


def _child_boxes(box: Box) -> list[Box]:
    """Return the boxes right below a box in the tag tree, which knows no lines and no wrappers of tables."""
    from weasyprint.formatting_structure.boxes import LineBox

    table = box.get_wrapped_table() if getattr(box, "is_table_wrapper", False) else box
    found: list[Box] = []
    for child in box.children:
        transparent = child is table or isinstance(child, LineBox)
        found += child.children if transparent else [child]
    return found
