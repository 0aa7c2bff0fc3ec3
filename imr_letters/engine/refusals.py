"""Why the letter of a decision is not released: the field and the words that keep it from being read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from imr_letters.engine.collisions import Collision, collisions
from imr_letters.engine.differences import differences
from imr_letters.engine.errors import Finding, excerpt
from imr_letters.engine.families import Family
from imr_letters.engine.form import D
from imr_letters.engine.matching.automaton import Failure, Trace
from imr_letters.engine.matching.drift import explain
from imr_letters.engine.matching.readback import places, read_back
from imr_letters.engine.values import Part


def runs_into_fixed_words(found: Sequence[Collision], block: int | None = None) -> Finding | None:
    """Say which value runs into which fixed words, where one does: at the `block` where reading stops, or before it."""
    hits = [each for each in found if each.fence]
    if block is not None:
        hits.sort(key=lambda each: (each.block > block, abs(each.block - block)))
    if not hits:
        return None
    hit = hits[0]
    shown, mark = excerpt(hit.words, hit.start, hit.size)
    return Finding(
        "collision",
        "error",
        f'these words would be read as the fixed text "{hit.fence.strip()}"',
        excerpt=shown,
        mark=mark,
        field=hit.field,
        remedy="say it in other words",
    )


def collision(decision: Part, family: Family[D], blocks: list[str], failure: Failure) -> Finding:
    """Say which field's words keep the letter from being read."""
    found = list(collisions(decision, family, blocks))
    hit = runs_into_fixed_words(found, failure.block)
    if hit is not None:
        return hit
    explanation = explain(family.automaton, blocks)
    departures = explanation.departures if explanation else ()
    block = min(departures[0].block if departures else failure.block, len(blocks) - 1)
    text = blocks[block]
    inside = [each for each in found if each.block == block]
    field = max(inside, key=lambda each: len(each.words), default=None)
    message = "the words of a value run into the fixed words of the form, so the letter could not be read back"
    remedy = "say it in other words"
    start = departures[0].start if departures else 0
    shown, mark = excerpt(text, start, (departures[0].end if departures else len(text)) - start)
    name = field.field if field is not None else ""
    return Finding("collision", "error", message, excerpt=shown, mark=mark, field=name, remedy=remedy)


def _walk(data: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _walk(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from _walk(inner, f"{path}[{index}]")
    elif isinstance(data, str):
        yield path, data


def ambiguous(family: Family[D], blocks: Sequence[str], traces: Sequence[Trace]) -> Finding:
    """Say which words could be read in two ways."""
    one, other = (list(places(trace)) for trace in traces[:2])
    for left, right in zip(one, other, strict=False):
        if left != right:
            shown, mark = excerpt(blocks[left.block], left.start, left.end - left.start)
            return Finding(
                "ambiguous",
                "error",
                f"the letter would read in two ways: these words as {left.field}, or other ones in their place",
                excerpt=shown,
                mark=mark,
                field=left.field,
                template=str(left.value.origin),
                remedy="say it in other words",
            )
    return Finding("ambiguous", "error", f"the letter of family {family.name} would read in two ways")


def nearly_phrases(blocks: Sequence[str], traces: Sequence[Trace]) -> Iterator[Finding]:
    """Yield the words of values that are nearly, but not exactly, a fixed phrase."""
    trace = traces[0]
    stands = {(place.block, place.value.path): place for place in places(trace)}
    for fault in read_back(trace).faults:
        if fault.phrase is not None:
            place = stands[fault.block, fault.path]
            start, end = place.start + fault.phrase.start, place.start + fault.phrase.end
            shown, mark = excerpt(blocks[fault.block], start, end - start)
            yield Finding(
                "collision",
                "error",
                f'these words are nearly, but not exactly, the fixed words "{fault.phrase.phrase}"',
                excerpt=shown,
                mark=mark,
                field=place.field,
                remedy="write the fixed words exactly so, or use other words",
            )


def reads_back_otherwise(decision: Part, given: dict[str, Any], data: dict[str, Any]) -> list[Finding]:
    """Say what would be read back otherwise: the data that was given, and that of the letter."""
    found = [
        Finding(
            "differs",
            "error",
            f"would be read back as {_shown(read)}, not as {_shown(written)}",
            field=path,
            remedy=_remedy(path, decision),
        )
        for path, written, read in differences(given, data)
    ]
    return found or [Finding("differs", "error", "the letter would not read back to this decision")]


def _remedy(path: str, decision: Part) -> str:
    part, _, name = path.rpartition(".")
    kept = f"{part}.as_printed.{name.partition('[')[0]}".lstrip(".")
    if ".as_printed" in f".{path}" or any(found.startswith(kept) for found, _ in _walk(decision.data(), "")):
        return "the words in as_printed say something else, or what is printed anyway: delete or correct them"
    return "write the value as it would be read back, or say it in other words"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return (
            f"{len(value)} {'entry' if len(value) == 1 else 'entries'}: {', '.join(map(_shown, value))}"[:120]
            if value
            else "no entries"
        )
    if isinstance(value, dict):
        return "a group of fields"
    words = f'"{value}"'
    return words if len(words) <= 120 else words[:116] + '..."'
