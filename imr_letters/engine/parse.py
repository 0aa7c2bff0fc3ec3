"""Letter to decision: every reading is found, and there must be exactly one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic

from pydantic import ValidationError

from imr_letters.engine.attempts import Attempt, Read, attempts
from imr_letters.engine.errors import AmbiguousError, DriftError, Finding, LetterError
from imr_letters.engine.families import Family
from imr_letters.engine.form import D
from imr_letters.engine.letter import Block, Source, Where, finding_at
from imr_letters.engine.matching.automaton import MOST_READINGS, Trace
from imr_letters.engine.matching.drift import Explanation, explain
from imr_letters.engine.matching.readback import Place, places, read_back
from imr_letters.engine.seams import seams
from imr_letters.engine.unread import departures_of, unreadable

#: So many characters of prose that is cut off are shown.
_END_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Reading(Generic[D]):
    """A letter that was read: the decision, the family whose form it has, and everything noticed on the way."""

    decision: D
    family: str
    findings: tuple[Finding, ...]
    _words: Sequence[str] = field(repr=False)
    _trace: Trace = field(repr=False, compare=False)
    _source: Source = field(repr=False, compare=False)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The letter's blocks, each with the role its family gives it."""
        return tuple(
            Block(step.pattern.role if step.pattern is not None else "p", text)
            for (step, _), text in zip(self._trace.steps, self._words, strict=True)
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """Where each value of the decision is in the blocks, in the order of the letter."""
        return tuple(places(self._trace))

    def where(self, block: int, offset: int) -> Where:
        """Return the place in the file that was read of an offset in a block."""
        return self._source.where(block, offset)


def parse(source: Source, families: Sequence[Family[D]], *, accept_drift: bool = False) -> Reading[D]:
    """Return the one reading of a letter, its decision in normal form: what a phrase stands for is that phrase.

    Where several families read it, the one in force on the day of the decision does, and then the one that keeps no
    words as printed. Raises `AmbiguousError` for two readings, `DriftError` where fixed wording or the form of a value
    departs from the family's, `LetterError` for what is no letter of these families. With `accept_drift`, departures of
    fixed wording become findings of the reading, provided that every value can still be read.
    """
    tried = attempts(source, families)
    sound = [attempt for attempt in tried if attempt.readings]
    if any(attempt.recovered for attempt in sound):  # what the layout alone shows is the poorer guess
        sound = [attempt for attempt in sound if attempt.recovered]
    found: list[tuple[Attempt[D], Read[D]]] = []
    for attempt in sound:
        for read in attempt.readings:
            if not any(_same(read.decision, known.decision) for _, known in found):
                found.append((attempt, read))
    if len(found) > 1:
        found = _preferred(found)
    if len(found) > 1:
        raise AmbiguousError(_two_readings(source, found))
    if found and any(attempt.capped for attempt in sound):
        message = f"may read in more than {MOST_READINGS} ways, and not all of them were tried"
        remedy = "change the template so that each letter reads in one way: imr-letters check"
        raise AmbiguousError(Finding("ambiguous", "error", message, source=source.name, remedy=remedy))
    if found:
        return _reading(*found[0])
    return _explained(tried, accept_drift=accept_drift)


def _same(one: D, other: D) -> bool:
    """Return whether two decisions say the same, be it by the fields of different families."""
    return one == other if type(one) is type(other) else one.data() == other.data()


def _preferred(found: list[tuple[Attempt[D], Read[D]]]) -> list[tuple[Attempt[D], Read[D]]]:
    """Return the readings of the families that were in force on the decision's day, and keep the fewest words.

    Of one family, two readings stay two.
    """
    if len({attempt.family.name for attempt, _ in found}) < len(found):
        return found
    for prefers in (_is_in_force, _keeps_nothing):
        found = [each for each in found if prefers(*each)] or found
    return found


def _is_in_force(attempt: Attempt[D], read: Read[D]) -> bool:
    day = attempt.family.form.day_of(read.decision)
    return day is not None and attempt.family.in_force(day)


def _keeps_nothing(attempt: Attempt[D], read: Read[D]) -> bool:  # noqa: ARG001 - as the other preference
    return not read.readback.kept


def _reading(attempt: Attempt[D], read: Read[D], more: Sequence[Finding] = ()) -> Reading[D]:
    source, trace = attempt.source, read.trace
    decision = attempt.family.phrases.recognise(read.decision)
    findings = [*_with_fields(source, trace), *more]
    stands = {(each.block, each.value): each.field for each in places(trace)} if read.readback.kept else {}
    for block, value, words in read.readback.kept:
        findings.append(
            finding_at(
                source,
                block,
                max(0, source.blocks[block].find(words)),
                len(words),
                code="as-printed",
                severity="note",
                message="the words differ from this toolkit's print of the same value; they are kept as printed",
                field=stands[block, value],
                template=str(value.origin),
            )
        )
    findings += _unknown_words(attempt, decision, trace)
    findings += _nearly_fixed(attempt, trace)
    findings += _cut_off(attempt, read)
    findings += seams(attempt, read)
    return Reading(decision, attempt.family.name, tuple(findings), source.blocks, trace, source)


def _with_fields(source: Source, trace: Trace) -> Iterator[Finding]:
    """Yield what the reader of the file found; warnings and errors about a place with the field that is there."""
    spans: list[tuple[tuple[int, int, int], tuple[int, int, int], str]] | None = None
    for found in source.findings:
        if found.severity == "note" or found.line is None or found.column is None:
            yield found
            continue
        if spans is None:
            spans = [
                (_spot(source.where(each.block, each.start)), _spot(source.where(each.block, each.end)), each.field)
                for each in places(trace)
            ]
        page = found.source.rpartition(" page ")[2]
        here = (int(page) if page.isdecimal() else 0, found.line, found.column)
        name = next((name for start, end, name in spans if start <= here < end), "")
        yield replace(found, field=found.field or name)


def _spot(where: Where) -> tuple[int, int, int]:
    return where.page or 0, where.line or 0, where.column or 0


def _cut_off(attempt: Attempt[D], read: Read[D]) -> Iterator[Finding]:
    """Report prose that seems to go on: what came after it may be lost."""
    found = [(block, sign) for block, value, words in read.readback.prose if (sign := value.codec.cut_off(words))]
    last = {place.block: place for place in places(read.trace)} if found else {}
    for block, sign in found:
        words = attempt.source.blocks[block]
        start = max(0, len(words) - _END_SHOWN)
        field = last[block].field
        yield finding_at(
            attempt.source,
            block,
            start,
            len(words) - start,
            code=sign.code,
            severity="warning",
            message=f"{field} {sign.message}; the letter may not be whole",
            field=field,
            remedy="look at the original: is a page missing, or a paragraph split or moved here?",
        )


def _unknown_words(attempt: Attempt[D], decision: D, trace: Trace) -> Iterator[Finding]:
    """Report words outside the vocabularies; they are kept."""
    unknown = attempt.family.form.outside_vocabularies(decision)
    where = {place.field: place for place in places(trace)} if unknown else {}
    for path, message in unknown:
        kept = f"{message}; it is kept"
        if path not in where:  # what only follows from the letter is printed nowhere
            yield Finding("vocabulary", "warning", kept, source=attempt.source.name, field=path)
            continue
        block, start, end = where[path].block, where[path].start, where[path].end
        yield finding_at(
            attempt.source, block, start, end - start, code="vocabulary", severity="warning", message=kept, field=path
        )


def _nearly_fixed(attempt: Attempt[D], trace: Trace) -> Iterator[Finding]:
    """Report values that hold nearly the fixed words of their block: ordinary English, or a damaged letter."""
    where: dict[tuple[int, int], Place] = {}
    for block, (step, words) in enumerate(trace.steps):
        if step.pattern is None or not step.pattern.inside.active:
            continue
        for number, fence in step.pattern.nearly_fixed(words):
            where = where or {(each.block, id(each.value)): each for each in places(trace)}
            value = step.pattern.values[number]
            place = where[block, id(value)]
            yield finding_at(
                attempt.source,
                block,
                place.start,
                place.end - place.start,
                code="nearly-fixed",
                severity="note",
                message=f'these words hold nearly the fixed words "{fence.strip()}"; they are kept as a value',
                field=place.field,
                template=str(value.origin),
            )


def _two_readings(source: Source, found: Sequence[tuple[Attempt[D], Read[D]]]) -> Finding:
    (left, one), (right, other) = found[:2]
    if left.family is not right.family:
        names = f"as {left.family.name} and as {right.family.name}"
        return Finding(
            "ambiguous", "error", f"reads in two ways, {names}", source=source.name, remedy="name the family"
        )
    for here, there in zip(places(one.trace), places(other.trace), strict=False):
        if here != there:
            return finding_at(
                left.source,
                here.block,
                here.start,
                here.end - here.start,
                code="ambiguous",
                message=f"reads in two ways: these words as {here.field}, or as {there.field} with other limits",
                field=here.field,
                template=str(here.value.origin),
            )
    return Finding("ambiguous", "error", "reads in two ways", source=source.name)


def _explained(tried: Sequence[Attempt[D]], *, accept_drift: bool) -> Reading[D]:
    """Raise the error that says best why no family reads the letter, or accept the drift if that is asked for."""
    for attempt in tried:
        if attempt.faults:
            if accept_drift and len(attempt.drifted) == 1:
                return _reading(attempt, attempt.drifted[0], attempt.faults)
            raise DriftError(*attempt.faults)
    found: list[tuple[Explanation, Attempt[D]]] = []
    for attempt in tried:
        explanation = explain(attempt.family.automaton, attempt.source.blocks)
        if explanation is not None:
            found.append((explanation, attempt))
    if not found:
        raise LetterError(unreadable(tried), *_hints(tried[0].source))
    # What was read as it stands is explained rather than what was put together by guesses.
    explanation, attempt = min(found, key=lambda pair: pair[0].cost + (3.0 if pair[1].recovered else 0.0))
    findings = departures_of(explanation, attempt)
    if accept_drift and explanation.trace is not None and all(each.code == "drift" for each in findings):
        read = _sound(attempt.family, explanation.trace)
        if read is not None:
            return _reading(attempt, read, findings)
    raise DriftError(*_hints(attempt.source), *findings)


def _hints(source: Source) -> list[Finding]:
    """Return what was noticed while reading and may be why a letter cannot be read, or helps to read it."""
    return [each for each in source.findings if each.severity != "note" or each.remedy]


def _sound(family: Family[D], trace: Trace) -> Read[D] | None:
    readback = read_back(trace)
    if readback.faults:
        return None
    try:
        return Read(family.form.model.model_validate(readback.data), trace, readback)
    except ValidationError:
        return None
