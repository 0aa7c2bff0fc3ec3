"""A letter's markup to the bytes of its PDF: PDF/UA-1 and PDF/A-3a in one file, its decision attached.

Stage by stage: the markup as a tree (`markup`), what its elements look like (`cascade`), its blocks broken into lines
(`flow`), on pages (`pages`), drawn (`drawing`), tagged (`tagging`), as a file (`packing`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from html import escape
from pathlib import Path

import uharfbuzz

from imr_letters.media import html
from imr_letters.media.pdf import fonts, metadata, writer
from imr_letters.media.pdf.typeset import PRODUCER
from imr_letters.media.pdf.typeset.cascade import Contexts, check_root
from imr_letters.media.pdf.typeset.drawing import Bookmark, Drawn, draw
from imr_letters.media.pdf.typeset.faces import Face, face
from imr_letters.media.pdf.typeset.flow import flow
from imr_letters.media.pdf.typeset.lines import Breaker
from imr_letters.media.pdf.typeset.markup import Element, tree
from imr_letters.media.pdf.typeset.packing import PackedStream, laid_out, packed, plain
from imr_letters.media.pdf.typeset.pages import pages
from imr_letters.media.pdf.typeset.paper import Drawings, Paper, papers
from imr_letters.media.pdf.typeset.supported import Unsupported, check_stylesheet
from imr_letters.media.pdf.typeset.tagging import Tags
from imr_letters.media.pdf.typeset.words import font

#: What changes when the same letter no longer gives the same bytes.
_EDITION = 1

#: Numbers of objects that every file has.
_CATALOG, _PAGES, _ABOUT, _XMP, _PROFILE, _ATTACHED, _FILE = range(1, 8)
_FIRST = 8

#: Two pages, the first and one of the others.
_TWO_PAGES = '<p style="break-after: page">1</p>\n<p>2</p>'

_XMP_PACKET = """\
<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/">\
<rdf:Description rdf:about="" pdfaid:part="3" pdfaid:conformance="A" />\
<rdf:Description rdf:about="" pdf:Producer="{producer}" />\
<rdf:Description rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\
</rdf:Description>\
<rdf:Description rdf:about=""><pdf:Keywords>{keywords}</pdf:Keywords></rdf:Description>{dates}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_XMP_DATES = """\
<rdf:Description rdf:about=""><xmp:CreateDate>{moment}</xmp:CreateDate></rdf:Description>\
<rdf:Description rdf:about=""><xmp:ModifyDate>{moment}</xmp:ModifyDate></rdf:Description>"""


def write(
    body: str,
    css: str,
    *,
    title: str,
    created: datetime | None,
    attachment: bytes,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the PDF of a letter's markup, as `writer.write` does of its page.

    Raises `Unsupported` for a letter or stylesheet that only WeasyPrint lays out, and otherwise as that does.
    """
    style = _style(css, tuple(sorted((pictures or {}).items())))
    document = html.page(body, title=title)
    with writer.LOCK, writer.without_collector():
        root = style.dressed(tree(body), document)
        breaker = Breaker()
        steps = flow(root, style.papers[0].inner_width, breaker)
        drawn = draw(pages(steps, style.papers), style.papers, breaker)
        keywords = f"engine {fingerprint()}, looks {metadata.looks(document, css, pictures)}"
        return _Letter(style, drawn, breaker).file(root, title, keywords, created, attachment)


def why_not(css: str, pictures: Mapping[str, bytes] | None = None) -> str:
    """Return why no letter of a stylesheet is set here; nothing where that depends on the letter."""
    try:
        _style(css, tuple(sorted((pictures or {}).items())))
    except Unsupported as reason:
        return str(reason)
    return ""


@cache
def fingerprint() -> str:
    """Return sixteen hexadecimal digits for all that the bytes depend on other than letter and stylesheet."""
    parts = {
        "typesetter": _EDITION,
        "weasyprint": metadata.fingerprint(),
        "uharfbuzz": importlib.metadata.version("uharfbuzz"),
        "harfbuzz": uharfbuzz.version_string(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "fonts": {url: hashlib.sha256(data).hexdigest() for url, data in fonts.contents().items()},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


class _Style:
    """A stylesheet with its pictures: its pages, and what it makes of elements."""

    def __init__(self, css: str, pictures: Mapping[str, bytes]) -> None:
        check_stylesheet(css)
        self._css, self._pictures = css, pictures
        self._contexts = Contexts()
        self.drawings = Drawings(_FIRST)
        with writer.laid_out(html.page(_TWO_PAGES, title=""), css, pictures) as document:
            if len(document.pages) != 2:
                raise Unsupported("the stylesheet breaks pages in its own way")
            self.papers = papers(document, self.drawings)
        if self.papers[0].inner_width != self.papers[1].inner_width:
            raise Unsupported("the first page is wider or narrower than the others")

    def dressed(self, root: Element, document: str) -> Element:
        """Return a letter with the look of every element, learned from WeasyPrint where it is not known."""
        if not self._contexts.give(root):
            from weasyprint.css.properties import INITIAL_VALUES

            with writer.cascade(document, self._css, self._pictures) as (elements, style_for):
                body = next(each for each in elements if str(each.tag).rpartition("}")[2] == "body")
                for each in (elements, body):
                    check_root(style_for(each), INITIAL_VALUES)
                self._contexts.learn(root, body, style_for, INITIAL_VALUES)
            self._contexts.give(root)
        return root


@lru_cache(maxsize=16)
def _style(css: str, pictures: tuple[tuple[str, bytes], ...]) -> _Style:
    return _Style(css, dict(pictures))


def forget() -> None:
    """Forget what was learned of stylesheets, fonts and words."""
    for remembered in (_style, font, face):
        remembered.cache_clear()


class _Letter:
    """The objects of one letter's file."""

    def __init__(self, style: _Style, drawn: Drawn, breaker: Breaker) -> None:
        self._papers: tuple[Paper, Paper] = style.papers
        self._drawn = drawn
        self._seen = breaker.seen
        self._objects: dict[int, str] = dict(style.drawings.objects)
        self._streams: dict[int, PackedStream] = dict(style.drawings.streams)
        self._next = style.drawings.next

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    def file(self, root: Element, title: str, keywords: str, created: datetime | None, attachment: bytes) -> bytes:
        """Return the file."""
        moment = None if created is None else writer.utc(created)
        numbers = self._add_pages(self._add_fonts())
        tags = Tags(self._drawn, numbers, self._take)
        tree = tags.add(root)
        self._objects |= tags.objects
        outlines = self._outlines(numbers)
        self._about(title, keywords, moment)
        self._attach(attachment, moment)
        self._streams[_PROFILE] = _profile()
        self._objects[_CATALOG] = (
            f"<</Type/Catalog/Pages {_PAGES} 0 R/Lang(en-US)/MarkInfo<</Marked true>>/StructTreeRoot {tree} 0 R"
            f"/Metadata {_XMP} 0 R/ViewerPreferences<</DisplayDocTitle true>>/OutputIntents[<</Type/OutputIntent"
            "/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)/Info(sRGB IEC61966-2.1)"
            f"/DestOutputProfile {_PROFILE} 0 R>>]/AF[{_FILE} 0 R]"
            f"/Names<</EmbeddedFiles<</Names[({metadata.ATTACHMENT}) {_FILE} 0 R]>>>>{outlines}>>"
        )
        return laid_out(self._objects, self._streams, root=_CATALOG, about=_ABOUT)

    def _add_fonts(self) -> str:
        """Add the fonts; return how pages name them."""
        names = []
        for each in sorted(self._drawn.faces, key=lambda each: each.resource):
            names.append(f"/{each.resource} {self._add_font(each)} 0 R")
        return " ".join(names)

    def _add_font(self, used: Face) -> int:
        program = used.program(frozenset(self._seen.get(used, ())))
        font, descendant, descriptor, outlines, unicode, glyphs = (self._take() for _ in program)
        self._objects[font] = program.font % (descendant, unicode)
        self._objects[descendant] = program.descendant % (glyphs, descriptor)
        self._objects[descriptor] = program.descriptor % outlines
        self._streams |= {outlines: program.outlines, unicode: program.to_unicode, glyphs: program.to_glyphs}
        return font

    def _add_pages(self, fonts: str) -> list[int]:
        numbers = []
        for number, content in enumerate(self._drawn.contents):
            paper = self._papers[min(number, 1)]
            page, stream = self._take(), self._take()
            forms = f"/XObject<</D0 {paper.drawing} 0 R>>" if paper.drawing else ""
            self._streams[stream] = packed(content.encode("ascii"))
            self._objects[page] = (
                f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {paper.width * 0.75:g} {paper.height * 0.75:g}]"
                f"/Contents {stream} 0 R/Resources<</Font<<{fonts}>>{forms}>>/Tabs/S/StructParents {number}>>"
            )
            numbers.append(page)
        kids = " ".join(f"{number} 0 R" for number in numbers)
        self._objects[_PAGES] = f"<</Type/Pages/Count {len(numbers)}/Kids[{kids}]>>"
        return numbers

    def _about(self, title: str, keywords: str, moment: datetime | None) -> None:
        stamp = "" if moment is None else moment.strftime("%Y%m%d%H%M%S+00'00")
        dates = f"/CreationDate(D:{stamp})/ModDate(D:{stamp})" if stamp else ""
        self._objects[_ABOUT] = f"<</Producer({PRODUCER})/Title{_text(title)}/Keywords{_text(keywords)}{dates}>>"
        said = "" if moment is None else _XMP_DATES.format(moment=moment.isoformat(timespec="seconds"))
        packet = _XMP_PACKET.format(
            producer=PRODUCER, title=escape(title, quote=False), keywords=escape(keywords), dates=said
        )
        self._streams[_XMP] = plain(metadata.declare_ua(packet.encode()), "/Type/Metadata/Subtype/XML")

    def _attach(self, attachment: bytes, moment: datetime | None) -> None:
        day = (moment or datetime(1970, 1, 1, tzinfo=UTC)).strftime("%Y%m%d%H%M%SZ")
        check = hashlib.md5(attachment, usedforsecurity=False).hexdigest()
        entries = (
            f"/Type/EmbeddedFile/Subtype/application#2fjson/Params<</CheckSum<{check}>/Size {len(attachment)}"
            f"/CreationDate(D:{day})/ModDate(D:{day})>>"
        )
        self._streams[_ATTACHED] = packed(attachment, entries)
        name = metadata.ATTACHMENT
        self._objects[_FILE] = (
            f"<</Type/Filespec/F({name})/UF({name})/Desc{_text(metadata.ATTACHMENT_DESCRIPTION)}/AFRelationship/Source"
            f"/EF<</F {_ATTACHED} 0 R/UF {_ATTACHED} 0 R>>>>"
        )

    def _outlines(self, numbers: list[int]) -> str:
        """Add the outline of headings; return how the catalog names it."""
        marks = self._drawn.bookmarks
        if not marks:
            return ""
        top = self._take()
        kids: dict[int, list[tuple[int, Bookmark]]] = {top: []}
        open_above = [(0, top)]
        for mark in marks:
            while open_above[-1][0] >= mark.level:
                open_above.pop()
            number = self._take()
            kids[open_above[-1][1]].append((number, mark))
            kids[number] = []
            open_above.append((mark.level, number))

        def below(number: int) -> int:
            return sum(1 + below(kid) for kid, _ in kids[number])

        for parent, among in kids.items():
            ends = f"/First {among[0][0]} 0 R/Last {among[-1][0]} 0 R/Count {below(parent)}" if among else ""
            if parent == top:
                self._objects[top] = f"<</Type/Outlines{ends}>>"
            else:
                self._objects[parent] += f"{ends}>>"
            for place, (number, mark) in enumerate(among):
                before = f"/Prev {among[place - 1][0]} 0 R" if place else ""
                after = f"/Next {among[place + 1][0]} 0 R" if place + 1 < len(among) else ""
                self._objects[number] = (
                    f"<</Title{_text(mark.words)}/Parent {parent} 0 R{before}{after}"
                    f"/Dest[{numbers[mark.page]} 0 R/XYZ {mark.x:.2f} {mark.y:.2f} 0]"
                )
        return f"/Outlines {top} 0 R"


def _text(words: str) -> str:
    """Return a text as PDF writes it."""
    if words.isascii() and words.isprintable() and not set("()\\") & set(words):
        return f"({words})"
    return f"<feff{words.encode('utf-16-be').hex()}>"


@cache
def _profile() -> PackedStream:
    """Return the color profile that WeasyPrint puts into files for archives."""
    import weasyprint.pdf

    (file,) = Path(weasyprint.pdf.__file__).parent.glob("*.ic[cm]")
    return packed(file.read_bytes(), "/N 3", hard=True)
