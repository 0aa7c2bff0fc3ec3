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
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO, StringIO
from multiprocessing.util import Finalize
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from imr_letters.engine.errors import EngineError, Finding, RenderError
from imr_letters.media.pdf import fonts, metadata
from imr_letters.media.pdf.finisher import Finisher
from imr_letters.media.pdf.stack import roomy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Parts of WeasyPrint and of pydyf below it, which carry no types.
Fetcher = Any
Stylesheet = Any

_PACKAGES = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"

#: No folder of fonts and no rule: what a letter looks like does not depend on the machine's fonts or settings.
_NO_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig></fontconfig>
"""

#: Pango's font map may not be shared between threads, and the log is watched for one letter at a time.
LOCK = RLock()

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
    with _styled(document, css, pictures) as (engine, html, sheets):
        pages = html.render(font_config=engine.fonts, stylesheets=sheets, pdf_variant=metadata.VARIANT)
        moment = None if created is None else utc(created)
        about = pages.metadata
        about.title = title
        about.created = about.modified = None if moment is None else moment.isoformat(timespec="seconds")
        about.keywords = [f"engine {engine.fingerprint}", f"looks {metadata.looks(document, css, pictures)}"]
        about.attachments = [_source(engine, attachment, moment or _NO_DATE)]
        content: bytes = pages.write_pdf(finisher=Finisher(), pdf_variant=metadata.VARIANT)
    return content


@contextmanager
def _styled(
    document: str, css: str, pictures: Mapping[str, bytes] | None
) -> Iterator[tuple[_Engine, Any, list[Stylesheet]]]:
    """Yield the engine, a document as it reads it, and the stylesheets of letters, this one last.

    In the block, nobody else uses the engine, and any fault that it finds ends it.
    """
    with LOCK:
        engine = _engine(os.getpid())
        engine.contents.update(pictures or {})
        sheet = _stylesheet(os.getpid(), css)
        with _watched("the letter or its stylesheet", quote=False), without_collector():
            html = engine.weasyprint.HTML(string=document, url_fetcher=engine.fetcher)
            yield engine, html, [engine.faces, sheet]


@contextmanager
def laid_out(document: str, css: str, pictures: Mapping[str, bytes] | None = None) -> Iterator[Any]:
    """Yield a document as WeasyPrint lays it out: for the typesetter, what its pages are like. Raises as `write`."""
    with _styled(document, css, pictures) as (engine, html, sheets):
        yield html.render(font_config=engine.fonts, stylesheets=sheets, pdf_variant=metadata.VARIANT)


@contextmanager
def cascade(document: str, css: str, pictures: Mapping[str, bytes] | None = None) -> Iterator[tuple[Any, Any]]:
    """Yield a document's elements, and what returns the style of each, for the typesetter. Raises as `write`."""
    with _styled(document, css, pictures) as (engine, html, sheets):
        from weasyprint.css.counters import CounterStyle

        options = {**engine.weasyprint.DEFAULT_OPTIONS, "stylesheets": sheets}
        layout = engine.weasyprint.Document._build_layout_context(html, engine.fonts, CounterStyle(), {}, options)
        yield html.etree_element, layout.style_for


def utc(moment: datetime) -> datetime:
    """Return a time in UTC, which one without a zone is taken for."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _source(engine: _Engine, attachment: bytes, moment: datetime) -> Any:
    """Return the decision as WeasyPrint embeds it; the kind of file follows from the ending of its name."""
    return engine.weasyprint.Attachment(
        file_obj=BytesIO(attachment),
        url_fetcher=engine.fetcher,
        name=metadata.ATTACHMENT,
        description=metadata.ATTACHMENT_DESCRIPTION,
        created=moment,
        modified=moment,
        relationship="Source",
    )


class _Engine(NamedTuple):
    weasyprint: Any
    fonts: Any
    fetcher: Fetcher
    faces: Stylesheet
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
    return _Engine(weasyprint, configuration, fetcher, faces, metadata.fingerprint(), contents)


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
def _stylesheet(process: int, css: str) -> Stylesheet:
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
def without_collector() -> Iterator[None]:
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

    What it logs may hold words of the letter: it goes to no other log, and only its fixed part is reported unless
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
        raise RenderError.of(message, code="pdf-fetch") from None
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
