"""What a PDF letter says about itself in its metadata: the standards it keeps, and the engine that drew it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

from imr_letters.media.pdf import fonts

#: What WeasyPrint is asked for. It declares one standard in a file: PDF/A-3a; `declare_ua` adds PDF/UA-1.
VARIANT = "pdf/a-3a"

#: The name of the attachment that holds the decision, and how it is described to people.
ATTACHMENT = "decision.json"
ATTACHMENT_DESCRIPTION = "The decision that this letter tells, as data"

#: PDF/A allows a property it does not know only with a description of the schema it belongs to (ISO 19005-3, 6.6.2.3).
_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"\
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Which part of ISO 14289 the document conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_SAID = re.compile(r"\b(engine|looks) ([0-9a-f]{16})\b")
_END = b"</rdf:RDF>"


def declare_ua(xmp: bytes) -> bytes:
    """Return XMP metadata that declares PDF/UA-1 in addition to what it declares already."""
    before, end, after = xmp.partition(_END)
    # A file may hold one rdf:RDF only; anything else is another WeasyPrint than the one meant: a bug, and no guess.
    assert end, "WeasyPrint wrote metadata without rdf:RDF"
    assert _END not in after, "WeasyPrint wrote metadata with more than one rdf:RDF"
    return before + _UA + end + after


def fingerprint() -> str:
    """Return sixteen hexadecimal digits for all that a PDF's bytes depend on other than letter and stylesheet.

    Two PDFs of one decision and one template with the same fingerprint are the same bytes; with another, line breaks
    may differ, words may not.
    """
    from weasyprint.text import ffi

    parts = {
        "weasyprint": importlib.metadata.version("weasyprint"),
        "pydyf": importlib.metadata.version("pydyf"),
        "fonttools": importlib.metadata.version("fonttools"),
        "pango": ffi.pango.pango_version(),
        "harfbuzz": _harfbuzz(ffi.harfbuzz),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "fonts": {url: hashlib.sha256(data).hexdigest() for url, data in fonts.contents().items()},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def looks(document: str, css: str, pictures: Mapping[str, bytes] | None) -> str:
    """Return sixteen hexadecimal digits for what a PDF is drawn from: markup, stylesheet, pictures.

    Two PDFs of one decision with the same are drawn alike by the same engine; with another, a template, a stylesheet
    or a letterhead was changed between them.
    """
    digest = hashlib.sha256()
    for piece in (
        document.encode(),
        css.encode(),
        *(name.encode() + data for name, data in sorted((pictures or {}).items())),
    ):
        digest.update(hashlib.sha256(piece).digest())
    return digest.hexdigest()[:16]


def said(keywords: str) -> dict[str, str]:
    """Return what the keywords of a PDF of ours say that it was made by ("engine") and of ("looks")."""
    return dict(_SAID.findall(keywords))


def is_made_here(keywords: str) -> bool:
    """Return whether a PDF says that this toolkit made it."""
    return "engine" in said(keywords)


def _harfbuzz(library: Any) -> list[int]:
    """Return the version of the very HarfBuzz that WeasyPrint loaded, which it can only compare with others."""
    version = [0, 0, 0]
    for place in range(3):
        while library.hb_version_atleast(*version[:place], version[place] + 1, *version[place + 1 :]):
            version[place] += 1
    return version
