"""Letter to decision: every reading is found, and there must be exactly one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from imr_letters.engine.errors import AmbiguousError, DriftError, Finding, LetterError, excerpt
from imr_letters.engine.families import Family
from imr_letters.engine.letter import Block, Source, Where
from imr_letters.engine.matching.automaton import Failure, Trace
from imr_letters.engine.matching.drift import Departure, Explanation, explain
from imr_letters.engine.matching.readback import Fault, Place, Readback, places, read_back
from imr_letters.engine.template.nodes import dotted
from imr_letters.imr.model import Decision
from imr_letters.imr.unknown import outside_vocabularies


@dataclass(frozen=True, slots=True)
class Reading:
    """A letter that was read: the decision, the family whose form it has, and everything noticed on the way."""

    decision: Decision
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
        """Where each value of the decision stands in the blocks, in the order of the letter."""
        return tuple(places(self._trace))

    def where(self, block: int, offset: int) -> Where:
        """Return the place in the file that was read of an offset in a block."""
        return self._source.where(block, offset)


@dataclass(slots=True)
class _Attempt:
    """What one family makes of one view of the letter."""

    family: Family
    source: Source
    recovered: bool = False
    readings: list[tuple[Decision, Trace, Readback]] = field(default_factory=list)
    failure: Failure | None = None
    faults: list[Finding] = field(default_factory=list)


def parse(source: Source, families: Sequence[Family], *, accept_drift: bool = False) -> Reading:
    """Return the one reading of a letter, its decision in normal form: what a snippet says is that snippet.

    Raises `AmbiguousError` for two readings, `DriftError` where fixed wording or the form of a value departs from
    the family's, `LetterError` for what is no letter of these families. With `accept_drift`, departures of fixed
    wording become findings of the reading, provided that every value can still be read.
    """
    attempts = [_attempt(family, source) for family in families]
    if not source.certain or not any(attempt.readings for attempt in attempts):
        recovered = [(family, source.recovered(family.automaton)) for family in families]
        attempts += [_attempt(family, view, recovered=True) for family, view in recovered if view is not None]
    sound = [attempt for attempt in attempts if attempt.readings]
    if any(attempt.recovered for attempt in sound):  # what the layout alone tells is the poorer guess
        sound = [attempt for attempt in sound if attempt.recovered]
    decisions: list[tuple[_Attempt, Decision, Trace, Readback]] = []
    for attempt in sound:
        for decision, trace, readback in attempt.readings:
            if all(decision != known for _, known, _, _ in decisions):
                decisions.append((attempt, decision, trace, readback))
    if len(decisions) > 1:
        raise AmbiguousError(_two_readings(source, decisions))
    if decisions:
        attempt, decision, trace, readback = decisions[0]
        return _reading(attempt, decision, trace, readback)
    return _explained(attempts, accept_drift=accept_drift)


def _attempt(family: Family, source: Source, *, recovered: bool = False) -> _Attempt:
    attempt = _Attempt(family, source, recovered)
    traces = family.automaton.read(source.blocks)
    if isinstance(traces, Failure):
        attempt.failure = traces
        return attempt
    for trace in traces:
        readback = read_back(trace)
        if readback.faults:
            attempt.faults += [_fault(fault, trace, source) for fault in readback.faults]
            continue
        try:
            decision = Decision.model_validate(readback.data)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                path = ".".join(map(str, each["loc"]))
                attempt.faults.append(Finding("value", "error", each["msg"], source=source.name, field=path))
            continue
        attempt.readings.append((decision, trace, readback))
    return attempt


def _fault(fault: Fault, trace: Trace, source: Source) -> Finding:
    """Say why a reading makes no decision, at the words that are at fault."""
    stands = next((place for place in places(trace) if place.block == fault.block and place.value is fault.value), None)
    if stands is None:
        return _finding("value", "error", fault.message, source, fault.block, 0, 1, dotted(fault.path), "")
    template = str(stands.value.origin)
    size = stands.end - stands.start
    return _finding("value", "error", fault.message, source, stands.block, stands.start, size, stands.field, template)


def _reading(
    attempt: _Attempt, decision: Decision, trace: Trace, readback: Readback, more: Sequence[Finding] = ()
) -> Reading:
    source = attempt.source
    decision = attempt.family.library.recognise(decision)
    findings = [*source.findings, *more]
    stands = {(each.block, each.value): each.field for each in places(trace)} if readback.kept else {}
    for block, value, words in readback.kept:
        name = stands[block, value]
        message = "the words differ from this toolkit's print of the same value; they are kept as printed"
        at = max(0, source.blocks[block].find(words))
        findings.append(_finding("as-printed", "note", message, source, block, at, len(words), name, str(value.origin)))
    findings += _unknown_words(decision, source, trace)
    return Reading(decision, attempt.family.name, tuple(findings), source.blocks, trace, source)


def _unknown_words(decision: Decision, source: Source, trace: Trace) -> list[Finding]:
    """Report words outside the vocabularies; they are kept."""
    unknown = outside_vocabularies(decision)
    where = {place.field: place for place in places(trace)} if unknown else {}
    found = []
    for path, message in unknown:
        place = where[path]
        size = place.end - place.start
        found.append(
            _finding(
                "vocabulary", "warning", f"{message}; it is kept", source, place.block, place.start, size, path, ""
            )
        )
    return found


def _two_readings(source: Source, decisions: Sequence[tuple[_Attempt, Decision, Trace, Readback]]) -> Finding:
    (left, _, one, _), (right, _, other, _) = decisions[:2]
    if left.family is not right.family:
        names = f"as {left.family.name} and as {right.family.name}"
        return Finding(
            "ambiguous", "error", f"reads in two ways, {names}", source=source.name, remedy="name the family"
        )
    for here, there in zip(places(one), places(other), strict=False):
        if here != there:
            message = f"reads in two ways: these words as {here.field}, or as {there.field} with other limits"
            return _finding(
                "ambiguous", "error", message, left.source, here.block, here.start, here.end - here.start,
                here.field, str(here.value.origin),
            )  # fmt: skip
    return Finding("ambiguous", "error", "reads in two ways", source=source.name)


def _explained(attempts: Sequence[_Attempt], *, accept_drift: bool) -> Reading:
    """Raise the error that says best why no family reads the letter, or accept the drift if that is asked for."""
    for attempt in attempts:
        if attempt.faults:
            raise DriftError(*attempt.faults)
    found: list[tuple[Explanation, _Attempt]] = []
    for attempt in attempts:
        explanation = explain(attempt.family.automaton, attempt.source.blocks)
        if explanation is not None:
            found.append((explanation, attempt))
    if not found:
        raise LetterError(_unreadable(attempts))
    # What was read as it stands is explained rather than what was put together by guesses.
    explanation, attempt = min(found, key=lambda pair: pair[0].cost + (3.0 if pair[1].recovered else 0.0))
    findings = _departures(explanation, attempt)
    if accept_drift and explanation.trace is not None and all(each.code == "drift" for each in findings):
        readback = read_back(explanation.trace)
        decision = None if readback.faults else _sound(readback)
        if decision is not None:
            return _reading(attempt, decision, explanation.trace, readback, findings)
    raise DriftError(*(each for each in attempt.source.findings if each.severity == "warning"), *findings)


def _sound(readback: Readback) -> Decision | None:
    try:
        return Decision.model_validate(readback.data)
    except ValidationError:
        return None


def _departures(explanation: Explanation, attempt: _Attempt) -> list[Finding]:
    """Return the departures of a letter as findings, parts that are missing at one place as one."""
    found: list[Finding] = []
    missing: list[Departure] = []
    for departure in explanation.departures:
        if missing and (departure.kind != "missing" or departure.block != missing[-1].block):
            found.append(_missing(missing, attempt))
            missing = []
        if departure.kind == "missing":
            missing.append(departure)
        else:
            found.append(_departure(departure, attempt))
    return [*found, _missing(missing, attempt)] if missing else found


def _missing(departures: Sequence[Departure], attempt: _Attempt) -> Finding:
    first = _departure(departures[0], attempt)
    shown = ", then ".join(f'"{each.expected.strip()[:60]}"' for each in departures[:4])
    more = f" and {len(departures) - 4} more" if len(departures) > 4 else ""
    return replace(first, message=f"missing here: {shown}{more}")


def _departure(departure: Departure, attempt: _Attempt) -> Finding:
    source = attempt.source
    element = departure.element
    name = "" if not hasattr(element, "path") else ".".join(element.path).replace(".*", "[]")
    expected = departure.expected.strip()
    shown = expected if len(expected) <= 70 else expected[:67] + "..."
    found = source.blocks[departure.block][departure.start : departure.end] if departure.kind != "missing" else ""
    messages = {
        "drift": f'expected the fixed words "{shown}"' if shown else "these words are not in the form",
        "value": f"expected {shown}",
        "missing": f'missing here: "{shown}"',
        "extra": "this belongs to no part of the form",
        "collision": f'this begins like the part of the form "{shown}", but stands where there is none',
    }
    remedies = {
        "drift": f"the form {attempt.family.name} has other words here; mend the letter, or make a family for it",
        "value": "write the value in the form of the letter",
        "missing": "the letter is damaged or cut off; get a whole copy",
        "extra": "take it out, or read the letter with the family it was made with",
        "collision": "if the words are the reviewer's own, begin the paragraph with others",
    }
    return _finding(
        departure.kind, "error", messages[departure.kind], source, departure.block, departure.start,
        max(1, len(found)), name, str(element.origin), remedies[departure.kind],
    )  # fmt: skip


def _unreadable(attempts: Sequence[_Attempt]) -> Finding:
    """Say where the family that got furthest stopped reading."""
    stopped = [(attempt.failure.block, attempt) for attempt in attempts if attempt.failure is not None]
    block, attempt = max(stopped, key=lambda pair: pair[0])
    automaton, failure = attempt.family.automaton, attempt.failure
    assert failure is not None
    expected = [
        step.pattern.describe()
        for number in failure.states
        for step in automaton.states[number].steps
        if step.pattern is not None
    ]
    shown = " or ".join(f'"{each if len(each) <= 60 else each[:57] + "..."}"' for each in dict.fromkeys(expected))
    remedy = f"expected {shown} ({attempt.family.name})" if shown else ""
    if block == 0:
        names = ", ".join(dict.fromkeys(each.family.name for each in attempts))
        return _finding(
            "not-a-letter",
            "error",
            f"is not a letter of the families {names}",
            attempt.source,
            0,
            0,
            1,
            "",
            "",
            remedy,
        )
    if block >= len(attempt.source.blocks):
        return _finding(
            "cut-off",
            "error",
            "the letter ends before it is complete",
            attempt.source,
            block,
            0,
            1,
            "",
            "",
            remedy,
        )
    return _finding(
        "unreadable",
        "error",
        "the letter cannot be read from here on",
        attempt.source,
        block,
        0,
        1,
        "",
        "",
        remedy,
    )


def _finding(
    code: str, severity: str, message: str, source: Source, block: int, start: int, length: int,
    name: str, template: str, remedy: str = "",
) -> Finding:  # fmt: skip
    where = source.where(block, start)
    line, mark = excerpt(where.text, where.offset, length) if where.text else ("", None)
    made = Finding(
        code,
        "error",
        message,
        source=where.source(source.name),
        line=where.line,
        column=where.column,
        excerpt=line,
        mark=mark,
        field=name,
        template=template,
        remedy=remedy,
    )
    return replace(made, severity=severity)  # type: ignore[arg-type]
