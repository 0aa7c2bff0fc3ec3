"""Check letters and decisions both ways: nothing is lost, and nothing differs from what would be rendered today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from imr_letters.engine import text
from imr_letters.engine.differences import differences
from imr_letters.engine.errors import Finding, ImrLettersError, RenderError, Severity
from imr_letters.engine.form import Phrases
from imr_letters.engine.letter import Block
from imr_letters.engine.render import render
from imr_letters.imr.form import Family, Letter, Reading
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads

#: Differences of an attachment that are told.
MOST = 10


def verify_reading(reading: Reading, family: Family, name: str = "") -> list[Finding]:
    """Render a reading's decision again and return what differs from the letter, white space aside.

    An empty list says that nothing of the letter was lost.
    """
    try:
        letter = render(reading.decision, family)
    except RenderError as error:
        return [finding.at(name) for finding in error.findings]
    return compare(reading.blocks, letter, name)


def verify_attachment(
    data: bytes, decision: Decision, phrases: Phrases[Decision], name: str = ""
) -> list[Finding] | None:
    """Compare the decision attached to a PDF with the one that was read from its pages.

    Returns None where nothing is attached, which is no fault: letters of other makers hold no decision.
    """
    from imr_letters.media.pdf.attachment import look

    try:
        attached, expected = look(data)
        if attached is None:
            message, remedy = "the decision that was attached to it is gone", "compare it with its sender's copy"
            return [Finding("attachment", "warning", message, source=name, remedy=remedy)] if expected else None
        _, given = phrases.normal(loads(attached, f"{name} decision.json"))
    except ImrLettersError as error:
        remedy = "the file was changed after it was made; the pages are what was sent"
        message = f"the attached decision cannot be read ({error.findings[0].message})"
        return [Finding("attachment", "error", message, source=name, remedy=remedy)]
    return [
        Finding(
            "attachment",
            "error",
            "the attached decision says something else than the pages",
            source=name,
            field=path,
            remedy="the file was changed after it was made: pages or attachment; ask its sender",
        )
        for path, _, _ in islice(differences(given.data(), decision.data()), MOST)
    ]


def verify_bytes(data: bytes, again: bytes, draft: Callable[[], bytes], name: str = "") -> list[Finding]:
    """Compare a PDF of ours, byte for byte, with the one rendered again; say what the difference is.

    `draft` renders it again with the stamp of a draft, which is tried where the plain one is not the same.
    """
    if data == again:
        return []
    from imr_letters.media.pdf import digests as pdf_identity
    from imr_letters.media.pdf import parts as pdf_parts

    given, made = pdf_parts.parts(data), pdf_parts.parts(again)
    said, today = pdf_identity.said(given[pdf_parts.KEYWORDS]), pdf_identity.said(made[pdf_parts.KEYWORDS])
    changed = [part for part in pdf_parts.DIGESTS if given[part] != made[part]]
    severity: Severity = "note"
    if said.get("engine") != today["engine"]:
        message = "the file was made by another version of the PDF engine or fonts, so its bytes differ"
        remedy = "nothing, where that is known; the words were compared"
    elif pdf_parts.PAGES not in changed and given[pdf_parts.TAGS] == pdf_parts.NO_TAGS:
        severity = "warning"
        message = "the pages are those of the letter rendered again, but the tags are gone"
        remedy = "render it again: without tags it is no accessible letter"
    elif pdf_parts.PAGES not in changed and pdf_parts.TAGS not in changed:
        what = " and ".join(changed) or "how the file is packed"
        message = f"the pages are those of the letter rendered again; what differs is {what}"
        remedy = "nothing, where it was saved or signed by another program"
    elif pdf_parts.parts(draft())[pdf_parts.PAGES] == given[pdf_parts.PAGES]:
        message, remedy = "is stamped as a draft", "render it without --draft when it is final"
    elif said.get("looks") != today["looks"]:
        severity = "warning"
        message = "the words are those of the letter rendered again, but the pages were drawn by another stylesheet"
        remedy = "look at the pages, unless stylesheet, letterhead or markup are known to have changed"
    else:
        message = "the pages are not those of the letter rendered again, although their tagged words are"
        remedy = "something was added, covered, moved or taken away, or the tags were changed; ask its sender"
        return [Finding("pages", "error", message, source=name, remedy=remedy)]
    return [Finding("bytes", severity, message, source=name, remedy=remedy)]


def verify_margins(data: bytes, again: bytes, name: str = "") -> list[Finding]:
    """Return what the pages of a PDF of ours show beside its text, and those of the one rendered again do not."""
    if data == again:
        return []
    from imr_letters.media.pdf import reader as pdf_reader

    known = {each.excerpt for each in pdf_reader.read(again).margins}
    message = "words that the letter rendered again does not have"
    remedy = "look at the page: somebody put them there, unless letterhead, head or foot were changed since it was made"
    return [
        replace(each, code="pages", severity="error", message=message, remedy=remedy)
        for each in pdf_reader.read_safely(data, name).margins
        if each.excerpt not in known
    ]


def compare(read: tuple[Block, ...], letter: Letter, name: str = "") -> list[Finding]:
    """Return the first block in which two letters differ, white space aside, as a finding; or nothing."""
    ours = [text.fold(block.text) for block in letter.blocks]
    theirs = [text.fold(block.text) for block in read]
    if "".join(ours) == "".join(theirs):
        return []
    index = next(
        (at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other),
        min(len(ours), len(theirs)),
    )
    place = next((place for place in letter.places if place.block == index), None)
    return [
        Finding(
            "differs",
            "error",
            f"block {index + 1} differs from the letter rendered again",
            source=name,
            field=place.field if place else "",
            template=str(place.value.origin) if place else "",
            remedy="compare the letter with the rendered one: imr-letters parse FILE | imr-letters render -",
        )
    ]
