"""What the pages of a tagged PDF show that is in none of its tags: heads, feet, stamps, words that somebody added."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.engine.errors import Finding, Severity
from imr_letters.engine.letter import Where, finding_in
from imr_letters.media.pdf.content import Run
from imr_letters.media.pdf.kinds import PICTURES
from imr_letters.media.pdf.tagged import Contents
from imr_letters.media.pdf.tags import Mark, Tag
from imr_letters.media.recover.layout import MOST_GUESSES


def outside_tags(tags: Tag, contents: Contents, loose: list[Run], artifacts: list[Run], name: str) -> Iterator[Finding]:
    """Report what the pages show in addition to what the tags hold; lines that differ in numbers alone count once.

    `loose` is what is shown without a number that tags could refer to, `artifacts` what the file calls no part of the
    text.
    """
    held = set(_read(tags))
    unheld = [
        run
        for page, marked in enumerate(contents)
        for number, runs in marked.items()
        if (page, number) not in held
        for run in runs
    ]
    kinds: tuple[tuple[list[Run], Severity, str], ...] = (
        ([*loose, *unheld], "error", "words that belong to no block of the text were not read"),
        (artifacts, "note", "words that the file calls no part of its text were left out"),
    )
    for runs, severity, what in kinds:
        lines: dict[tuple[int, float], str] = {}
        for run in runs:
            place = run.page, run.height
            lines[place] = f"{lines[place]} {run.text}" if place in lines else run.text
        told: set[str] = set()
        for (page, _), line in lines.items():
            words = " ".join(line.split())
            kind = re.sub(r"\d+", "0", words)
            if words and kind not in told and len(told) < MOST_GUESSES:
                told.add(kind)
                yield finding_in(
                    Where(None, None, words, 0, page + 1),
                    name,
                    len(words),
                    code="outside-tags",
                    severity=severity,
                    message=what,
                    remedy="look at the page: these words are no part of the decision",
                )


def _read(node: Tag) -> Iterator[Mark]:
    """Yield the pieces of marked content that blocks are made of: all but those of pictures."""
    for kid in node.kids:
        if isinstance(kid, Mark):
            yield kid
        elif kid.kind not in PICTURES:
            yield from _read(kid)


def marks(node: Tag) -> Iterator[Mark]:
    """Yield the pieces of marked content that a tag and those below it refer to."""
    for kid in node.kids:
        if isinstance(kid, Mark):
            yield kid
        else:
            yield from marks(kid)
