"""Check letters and decisions both ways: nothing is lost, and nothing differs from what would be rendered today."""

from __future__ import annotations

from itertools import islice

from imr_letters import text
from imr_letters.errors import Finding, ImrLettersError, RenderError
from imr_letters.families import Family
from imr_letters.letter import Block, Letter
from imr_letters.model import Decision
from imr_letters.model.files import loads
from imr_letters.parse import Reading
from imr_letters.render import differences, render
from imr_letters.snippets import Library

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


def verify_attachment(data: bytes, decision: Decision, library: Library, name: str = "") -> list[Finding] | None:
    """Compare the decision attached to a PDF with the one that was read from its pages.

    Returns None where nothing is attached, which is no fault: letters of other makers hold no decision.
    """
    from imr_letters.media.pdf_attachment import read_attachment

    try:
        attached = read_attachment(data)
        if attached is None:
            return None
        _, given = library.normal(loads(attached, f"{name} decision.json"))
    except ImrLettersError as error:
        remedy = "the file was changed after it was made; the pages are what was sent"
        message = f"the attached decision cannot be read ({error.findings[0].message})"
        return [Finding("attachment", "error", message, name, remedy=remedy)]
    return [
        Finding(
            "attachment",
            "error",
            "the attached decision says something else than the pages",
            name,
            field=path,
            remedy="the file was changed after it was made: pages or attachment; ask its sender",
        )
        for path, _, _ in islice(differences(given.data(), decision.data()), MOST)
    ]


def verify_bytes(data: bytes, again: bytes, name: str = "") -> list[Finding]:
    """Compare a PDF of ours, byte for byte, with the one rendered again; say what may explain a difference."""
    if data == again:
        return []
    from imr_letters.media.pdf_identity import fingerprint

    if f"engine {fingerprint()}".encode() in data:
        message = "the words are those of the letter rendered again, but the file differs from it"
        remedy = "looks, metadata or signatures were changed, or the stylesheet is another version"
    else:
        message = "the file was made by another version of the PDF engine or fonts, so its bytes differ"
        remedy = "nothing, where that is known; the words were compared"
    return [Finding("bytes", "note", message, name, remedy=remedy)]


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
            name,
            field=place.field if place else "",
            template=str(place.value.origin) if place else "",
            remedy="compare the letter with the rendered one: imr-letters parse FILE | imr-letters render -",
        )
    ]
