"""Whether what comes after a page break follows from what came before it: a page may be lost, or another letter's."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

from imr_letters.engine.attempts import Attempt, Read
from imr_letters.engine.errors import Finding
from imr_letters.engine.form import D
from imr_letters.engine.letter import finding_at
from imr_letters.engine.matching.automaton import Trace
from imr_letters.engine.matching.pattern import Pattern, is_fence
from imr_letters.engine.matching.readback import Place, places
from imr_letters.english.joins import follows
from imr_letters.english.persons import sex_of
from imr_letters.english.sentences import is_abbreviated

_REMEDY = "look at the original: is a page missing, twice, in another place, or from another letter?"
#: So many characters before a page break are looked at.
_NEAR = 200
#: So much of a fixed phrase is recognised as a part of it, in characters.
_PART = 12
#: So many of the words before it are shown.
_SHOWN = 40


def seams(attempt: Attempt[D], read: Read[D]) -> Iterator[Finding]:
    """Report page breaks within the words of one value where these do not go on, and pages on different people."""
    source = attempt.source
    breaks = source.page_breaks
    if not breaks:
        return
    values = list(places(read.trace))
    labels = tuple(
        step.pattern.prefix.rstrip()
        for state in attempt.family.automaton.states
        for step in state.steps
        if step.pattern is not None and is_fence(step.pattern.prefix)
    )
    for block, offset in breaks:
        pattern = read.trace.steps[block][0].pattern
        halves = _halves(source.blocks, read.trace, values, block, offset)
        if halves is None:
            continue
        before, after, place = halves
        codec = place.value.codec
        if follows(before, after, prose=codec.reach == "prose") and not (
            after.startswith(labels)
            or _breaks(codec.phrases, before, after)
            or (pattern is not None and _are_two(pattern, source.blocks[block], offset))
        ):
            continue
        yield finding_at(
            source,
            block,
            offset,
            min(len(after), _SHOWN),
            code="page-seam",
            severity="warning",
            message=f'these words do not follow those before the page break ("...{before[-_SHOWN:].lstrip()}"); '
            "the letter may not be whole",
            field=place.field,
            remedy=_REMEDY,
        )
    yield from _other_people(attempt)
    yield from _unlike(attempt, read, values)


def _halves(
    blocks: Sequence[str], trace: Trace, values: list[Place], block: int, offset: int
) -> tuple[str, str, Place] | None:
    """Return the words of one value before and after a page break within it, and its place; None between values."""
    words = [place for place in values if place.block == block]
    for place in words:
        if place.start < offset < place.end:
            text = blocks[block]
            return text[max(place.start, offset - _NEAR) : offset].rstrip(), text[offset : place.end], place
    if offset == 0 and words and trace.steps[block][0].pattern is None:
        return blocks[block - 1][-_NEAR:], blocks[block], words[0]
    return None


def _are_two(pattern: Pattern, words: str, offset: int) -> bool:
    """Return whether what comes before and after a page break are each such a block by themselves."""
    whole = not pattern.takes_any and pattern.prose is None
    return whole and bool(pattern.match(words[:offset].rstrip()) and pattern.match(words[offset:]))


def _breaks(phrases: Sequence[str], before: str, after: str) -> bool:
    """Return whether one side has a part of a fixed phrase, of whole words, and the other side not the rest of it."""
    halves = [
        (each[: at.start()].lstrip(), each[at.end() :]) for each in phrases for at in re.finditer(r"(?<=\S) ", each)
    ]
    begun = [rest for head, rest in halves if len(head) >= _PART and before.endswith(head)]
    ended = [head for head, rest in halves if len(rest) >= _PART and after.startswith(rest)]
    if phrases and before.endswith(".") and not is_abbreviated(before):
        return not any(each.strip() in after for each in phrases)  # after a sentence comes a fixed one
    return bool(
        (begun and not after.startswith(tuple(begun))) or (ended and not any(before.endswith(each) for each in ended))
    )


def _other_people(attempt: Attempt[D]) -> Iterator[Finding]:
    """Report the first page that is about a man where the pages before are about a woman, or the other way round."""
    known = None
    for start, text in _pages(attempt):
        sex = sex_of(text)
        if sex and known and sex != known:
            yield finding_at(
                attempt.source,
                *start,
                code="page-foreign",
                severity="warning",
                message=f"this page is about a {_CALLED[sex]}, those before are about a {_CALLED[known]}; "
                "the letter may not be whole",
                remedy=_REMEDY,
            )
            return
        known = known or sex


_CALLED = {"male": "man", "female": "woman"}


def _pages(attempt: Attempt[D]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield where each page begins, and its words."""
    starts = [(0, 0), *attempt.source.page_breaks]
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else (len(attempt.source.blocks), 0)
        blocks = attempt.source.blocks[start[0] : end[0]]
        pieces = [*blocks[:1], *blocks[1:]]
        if end[0] < len(attempt.source.blocks):
            pieces.append(attempt.source.blocks[end[0]][: end[1]])
        if pieces:
            pieces[0] = pieces[0][start[1] :]
        yield start, "\n".join(pieces)


def _unlike(attempt: Attempt[D], read: Read[D], values: list[Place]) -> Iterator[Finding]:
    """Report fields that have nothing in common though they should, where a page begins between them."""
    breaks = attempt.source.page_breaks
    first = {place.field: place for place in reversed(values)}
    last = {place.field: place for place in values}
    for one, other, message in attempt.family.form.unlike(read.decision):
        if one not in first or other not in last:
            continue
        start = (first[one].block, first[one].start)
        end = (last[other].block, last[other].end)
        at = bisect.bisect_right(breaks, start)
        if at < len(breaks) and tuple(breaks[at]) < end:
            yield finding_at(
                attempt.source,
                *breaks[at],
                code="page-foreign",
                severity="warning",
                message=f"{message}, and a page begins between them; the letter may not be whole",
                field=other,
                remedy=_REMEDY,
            )
