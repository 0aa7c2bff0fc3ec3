"""Why a letter reads as no decision: the departures from a family's form, or where reading stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imr_letters.engine.attempts import Attempt
from imr_letters.engine.errors import Finding
from imr_letters.engine.form import D
from imr_letters.engine.grammar.nodes import Val
from imr_letters.engine.letter import finding_at
from imr_letters.engine.matching.drift import Departure, Explanation
from imr_letters.engine.paths import dotted


def departures_of(explanation: Explanation, attempt: Attempt[D]) -> list[Finding]:
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


def _missing(departures: Sequence[Departure], attempt: Attempt[D]) -> Finding:
    first = _departure(departures[0], attempt)
    shown = ", then ".join(f'"{each.expected.strip()[:60]}"' for each in departures[:4])
    more = f" and {len(departures) - 4} more" if len(departures) > 4 else ""
    return replace(first, message=f"missing here: {shown}{more}")


def _departure(departure: Departure, attempt: Attempt[D]) -> Finding:
    source = attempt.source
    element = departure.element
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
        "drift": f"the form {attempt.family.name} has other words here; correct the letter, or make a family for it",
        "value": "write the value in the form of the letter",
        "missing": "the letter is damaged or cut off; get a whole copy",
        "extra": "take it out, or read the letter with the family it was made with",
        "collision": "if the words belong to a value, begin the paragraph with others",
    }
    return finding_at(
        source,
        departure.block,
        departure.start,
        max(1, len(found)),
        code=departure.kind,
        message=messages[departure.kind],
        field=dotted(element.path) if isinstance(element, Val) else "",
        template=str(element.origin),
        remedy=remedies[departure.kind],
    )


def unreadable(attempts: Sequence[Attempt[D]]) -> Finding:
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
        message = f"is not a letter of the families {names}"
        return finding_at(attempt.source, block, code="not-a-letter", message=message, remedy=remedy)
    if block >= len(attempt.source.blocks):
        message = "the letter ends before it is complete"
        return finding_at(attempt.source, block, code="cut-off", message=message, remedy=remedy)
    message = "the letter cannot be read from here on"
    return finding_at(attempt.source, block, code="unreadable", message=message, remedy=remedy)
