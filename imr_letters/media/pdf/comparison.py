"""Compare a PDF with the letter of its own decision, rendered again: what its pages show, then its bytes.

What a file says of itself (keywords, producer, attachment) never makes it identical: anyone can write that.
"""

from __future__ import annotations

from dataclasses import replace

from imr_letters.engine.errors import Finding
from imr_letters.media.medium import Again, PreparedSource
from imr_letters.media.pdf import digests, metadata
from imr_letters.media.pdf.active import SCRIPT
from imr_letters.media.pdf.source import PdfSource
from imr_letters.media.pdf.writers import WEASYPRINT, writer_of

_REMEDY = "do not rely on this file; ask its sender for the letter as it was made"


def compare(given: PreparedSource, again: Again) -> list[Finding]:
    """Return what differs between a PDF and the one rendered again, and why the difference leaves its pages unproven.

    It may be stamped as a draft, too. A file without a font of ours was drawn by another program: then only what
    is active in it is looked for.
    """
    theirs = digests.of_parts(given) if given.provenance == "foreign" else {}
    if theirs and not theirs[digests.OUR_FONT]:
        return _of_another_program(given, theirs)
    # A file is held against the letter by the writer that made it: both are ours, and both make the same pages.
    said = metadata.said(theirs.get(digests.KEYWORDS, ""))
    by_weasyprint = writer_of(given.data) == WEASYPRINT or said.get("engine") == metadata.fingerprint()
    made = again(draft=False, by_weasyprint=by_weasyprint)
    if given.data == made:
        return []
    stamped = again(draft=True, by_weasyprint=by_weasyprint)
    if given.data == stamped:
        return [_draft(given)]
    theirs = theirs or digests.of_parts(given)
    plain = _prepared(made, given)
    return [
        *_outside_the_text(given, plain),
        *_active(given, theirs[digests.ACTIVE]),
        *_difference(given, theirs, digests.of_parts(plain), digests.of_parts(_prepared(stamped, given))),
    ]


def _prepared(data: bytes, like: PreparedSource) -> PreparedSource:
    source = like.medium.prepared(data)
    assert source is not None
    return source


def _draft(given: PreparedSource) -> Finding:
    remedy = "render it without --draft when it is final"
    return Finding("draft", "note", "is stamped as a draft", source=given.name, remedy=remedy)


def _active(given: PreparedSource, what: str) -> list[Finding]:
    message = f"expected pages and nothing else, found what could change what a person sees: {what}"
    return [Finding("active", "error", message, source=given.name, remedy=_REMEDY)] if what else []


def _of_another_program(given: PreparedSource, theirs: dict[str, str]) -> list[Finding]:
    """Return what is known of the pages of a PDF that has no font of ours: nothing but what is active in it."""
    message = "another program made this PDF, so its pages cannot be compared; its words were"
    return [
        *_active(given, SCRIPT if SCRIPT in theirs[digests.ACTIVE].split("; ") else ""),
        Finding("bytes", "note", message, source=given.name, remedy="look at the pages where their looks matter"),
    ]


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


def _difference(
    given: PreparedSource, theirs: dict[str, str], ours: dict[str, str], stamped: dict[str, str]
) -> list[Finding]:
    """Return why the bytes of two PDFs differ whose words are the same."""
    found = []
    if theirs[digests.PAGES] == stamped[digests.PAGES] != ours[digests.PAGES]:
        found, ours = [_draft(given)], stamped
    changed = [part for part in digests.PARTS if theirs[part] != ours[part]]
    said, today = metadata.said(theirs[digests.KEYWORDS]), metadata.said(ours[digests.KEYWORDS])
    if not changed:
        message, remedy = "another program packed it; the pages are those of the letter rendered again", ""
        return [*found, Finding("packed", "note", message, source=given.name, remedy=remedy)]
    if digests.PAGES not in changed and theirs[digests.TAGS] == digests.NO_TAGS:
        message = "the pages are those of the letter rendered again, but the tags are gone"
        remedy = "render it again: without tags it is no accessible letter"
    elif digests.PAGES not in changed and digests.TAGS not in changed:
        what = " and ".join(changed)
        message = f"the pages are those of the letter rendered again, but another program changed the file: its {what}"
        remedy = "nothing, where it was saved or signed by another program; otherwise ask its sender"
    elif said == today:
        message = "the pages are not those of the letter rendered again, although the file claims to be drawn alike"
        remedy = "something was added, covered, moved or taken away, or the tags were changed; ask its sender"
        return [*found, Finding("pages", "error", message, source=given.name, remedy=remedy)]
    else:
        message = "the pages are not those of the letter rendered again: they were drawn or changed by other means"
        remedy = "look at the pages, or verify it with the version and the templates that it was made with"
    return [*found, Finding("bytes", "warning", message, source=given.name, remedy=remedy)]
