"""Check letters and decisions both ways: nothing is lost, and nothing differs from what would be rendered today."""

from __future__ import annotations

from imr_letters import text
from imr_letters.errors import Finding, RenderError
from imr_letters.families import Family
from imr_letters.letter import Block, Letter
from imr_letters.parse import Reading
from imr_letters.render import render


def verify_reading(reading: Reading, family: Family, name: str = "") -> list[Finding]:
    """Render a reading's decision again and return what differs from the letter, white space aside.

    An empty list says that nothing of the letter was lost.
    """
    try:
        letter = render(reading.decision, family)
    except RenderError as error:
        return [finding.at(name) for finding in error.findings]
    return compare(reading.blocks, letter, name)


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
