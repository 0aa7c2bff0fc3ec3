"""Check letters and decisions both ways: nothing is lost, and nothing differs from what would be rendered today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Literal

from imr_letters.engine import text
from imr_letters.engine.differences import differences
from imr_letters.engine.errors import Finding, ImrLettersError, RenderError
from imr_letters.engine.letter import Block
from imr_letters.engine.render import render
from imr_letters.imr.form import Family, Letter, Reading
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads
from imr_letters.media.medium import PreparedSource

#: Codes of warnings that a letter may not be whole.
NOT_WHOLE = frozenset({"cut-off", "page-repeats", "page-order", "page-foreign", "page-seam"})
#: Differences of an attachment that are reported.
MOST = 10
#: Codes of findings that leave the pages of a letter unproven, although its words are identical.
UNPROVEN = frozenset({"bytes"})

#: What a letter is, compared with its decision rendered again.
Verdict = Literal["identical", "words identical, pages not proven", "differs"]


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict that the findings of a letter amount to."""
    found = list(findings)
    if any(each.severity == "error" for each in found):
        return "differs"
    return "words identical, pages not proven" if any(each.code in UNPROVEN for each in found) else "identical"


def unproven(finding: Finding) -> Finding:
    """Return a warning that a letter may not be whole as an error; any other finding as it is."""
    return replace(finding, severity="error") if finding.code in NOT_WHOLE else finding


def verify_reading(reading: Reading, family: Family, name: str = "") -> list[Finding]:
    """Render a reading's decision again and return what differs from the letter, white space aside.

    An empty list says that nothing of the letter was lost.
    """
    try:
        letter = render(reading.decision, family)
    except RenderError as error:
        return [finding.at(name) for finding in error.findings]
    return compare(reading.blocks, letter, name)


def verify_attachment(source: PreparedSource, decision: Decision, family: Family) -> list[Finding] | None:
    """Compare the decision attached to a letter with the one that was read from its pages.

    Returns None where nothing is attached, which is no fault: letters of other makers hold no decision.
    """
    name = source.name
    try:
        attached, expected = source.medium.attached(source) if source.medium.attached else (None, False)
        if attached is None:
            message, remedy = "the decision that was attached to it is gone", "compare it with its sender's copy"
            return [Finding("attachment", "warning", message, source=name, remedy=remedy)] if expected else None
        _, given = family.phrases.normal(loads(attached, f"{name} decision.json", family.form))
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
