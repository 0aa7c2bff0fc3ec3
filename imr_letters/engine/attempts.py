"""What one letter family makes of a letter: its readings, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

from pydantic import ValidationError

from imr_letters.engine.errors import Finding
from imr_letters.engine.families import Family
from imr_letters.engine.form import D
from imr_letters.engine.letter import Source, finding_at
from imr_letters.engine.matching.automaton import MOST_READINGS, Failure, Trace
from imr_letters.engine.matching.readback import Fault, Readback, places, read_back
from imr_letters.engine.paths import dotted


@dataclass(frozen=True, slots=True)
class Read(Generic[D]):
    """One reading: the decision, and how the blocks were read."""

    decision: D
    trace: Trace
    readback: Readback


@dataclass(slots=True)
class Attempt(Generic[D]):
    """What one family makes of one view of the letter; `recovered` where the family's grammar suggested that view."""

    family: Family[D]
    source: Source
    recovered: bool = False
    readings: list[Read[D]] = field(default_factory=list)
    #: What would be read if words that are nearly a codec's fixed phrase were the phrase.
    drifted: list[Read[D]] = field(default_factory=list)
    failure: Failure | None = None
    faults: list[Finding] = field(default_factory=list)
    #: There are more readings than anybody could tell apart; some were not looked at.
    capped: bool = False


def attempts(source: Source, families: Sequence[Family[D]]) -> list[Attempt[D]]:
    """Return what each family makes of a letter, and of the blocks that its grammar recovers where the layout fails."""
    found = [attempt(family, source) for family in families]
    if not source.certain or not any(each.readings for each in found):
        recovered = [(family, source.recovered(family.automaton)) for family in families]
        found += [attempt(family, view, recovered=True) for family, view in recovered if view is not None]
    return found


def attempt(family: Family[D], source: Source, *, recovered: bool = False) -> Attempt[D]:
    """Return what a family makes of one view of a letter."""
    made = Attempt(family, source, recovered)
    traces = family.automaton.read(source.blocks)
    if isinstance(traces, Failure):
        made.failure = traces
        return made
    made.capped = len(traces) >= MOST_READINGS
    for trace in traces:
        readback = read_back(trace)
        if readback.faults:
            made.faults += [_fault(fault, trace, source) for fault in readback.faults]
            if any(fault.phrase is None for fault in readback.faults):
                continue
            readback = read_back(trace, accept_drift=True)
        try:
            decision = family.form.model.model_validate(readback.data)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                made.faults.append(
                    Finding("value", "error", each["msg"], source=source.name, field=dotted(each["loc"]))
                )
            continue
        (made.drifted if readback.faults else made.readings).append(Read(decision, trace, readback))
    return made


def _fault(fault: Fault, trace: Trace, source: Source) -> Finding:
    """Say why a reading makes no decision, at the words that are at fault."""
    stands = next((place for place in places(trace) if place.block == fault.block and place.value is fault.value), None)
    if stands is None:
        return finding_at(source, fault.block, code="value", message=fault.message, field=dotted(fault.path))
    start, end = stands.start, stands.end
    if fault.phrase is not None:
        start, end = start + fault.phrase.start, start + fault.phrase.end
    return finding_at(
        source,
        stands.block,
        start,
        end - start,
        code="value" if fault.phrase is None else "drift",
        message=fault.message,
        field=stands.field,
        template=str(stands.value.origin),
        remedy="" if fault.phrase is None else "write these words exactly so, or reword the value",
    )
