"""Compare a PDF with the letter of its own decision, rendered again: what its pages show, then its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from imr_letters.engine.errors import Finding, Severity
from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import digests, metadata
from imr_letters.media.pdf.source import PdfSource


def compare(given: PreparedSource, again: bytes, draft: Callable[[], bytes]) -> list[Finding]:
    """Return what differs between a PDF and the one rendered again, and where the difference comes from.

    `draft` renders it again with the stamp of a draft, which is tried where the plain one is not the same.
    """
    if given.data == again:
        return []
    made = _prepared(again, given)
    return [*_outside_the_text(given, made), _difference(given, made, draft)]


def _prepared(data: bytes, like: PreparedSource) -> PreparedSource:
    source = like.medium.prepared(data)
    assert source is not None
    return source


def _outside_the_text(given: PreparedSource, made: PreparedSource) -> list[Finding]:
    """Return what the pages show in addition to the text, and those of the letter rendered again do not."""
    known = {each.excerpt for each in _margins(made)}
    message = "words that the letter rendered again does not have"
    remedy = "look at the page: somebody put them there, unless letterhead, head or foot were changed since it was made"
    return [
        replace(each, code="pages", severity="error", message=message, remedy=remedy)
        for each in _margins(given)
        if each.excerpt not in known
    ]


def _margins(given: PreparedSource) -> list[Finding]:
    assert isinstance(given.source, PdfSource)
    return given.source.margins


def _difference(given: PreparedSource, again: PreparedSource, draft: Callable[[], bytes]) -> Finding:
    """Return why the bytes of two PDFs differ whose words are the same."""
    theirs, ours = digests.of_parts(given), digests.of_parts(again)
    said, today = metadata.said(theirs[digests.KEYWORDS]), metadata.said(ours[digests.KEYWORDS])
    changed = [part for part in digests.PARTS if theirs[part] != ours[part]]
    severity: Severity = "note"
    if said.get("engine") != today["engine"]:
        message = "the file was made by another version of the PDF engine or fonts, so its bytes differ"
        remedy = "nothing, where that is known; the words were compared"
    elif digests.PAGES not in changed and theirs[digests.TAGS] == digests.NO_TAGS:
        severity = "warning"
        message = "the pages are those of the letter rendered again, but the tags are gone"
        remedy = "render it again: without tags it is no accessible letter"
    elif digests.PAGES not in changed and digests.TAGS not in changed:
        what = " and ".join(changed) or "how the file is packed"
        message = f"the pages are those of the letter rendered again; what differs is {what}"
        remedy = "nothing, where it was saved or signed by another program"
    elif digests.of_parts(_prepared(draft(), given))[digests.PAGES] == theirs[digests.PAGES]:
        message, remedy = "is stamped as a draft", "render it without --draft when it is final"
    elif said.get("looks") != today["looks"]:
        severity = "warning"
        message = "the words are those of the letter rendered again, but the pages were drawn by another stylesheet"
        remedy = "look at the pages, unless stylesheet, letterhead or markup are known to have changed"
    else:
        message = "the pages are not those of the letter rendered again, although their tagged words are"
        remedy = "something was added, covered, moved or taken away, or the tags were changed; ask its sender"
        return Finding("pages", "error", message, source=given.name, remedy=remedy)
    return Finding("bytes", severity, message, source=given.name, remedy=remedy)
