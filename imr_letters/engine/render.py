"""Decision to letter. A letter is handed out only after it was read back to the very same decision."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from imr_letters.engine.collisions import collisions
from imr_letters.engine.errors import Finding, RenderError
from imr_letters.engine.families import Family
from imr_letters.engine.form import D
from imr_letters.engine.grammar.nodes import BlockRole
from imr_letters.engine.letter import Block, Letter
from imr_letters.engine.matching.automaton import MOST_READINGS, Failure, Trace
from imr_letters.engine.matching.readback import places, read_back
from imr_letters.engine.refusals import (
    ambiguous,
    collision,
    nearly_phrases,
    reads_back_otherwise,
    runs_into_fixed_words,
)
from imr_letters.engine.template.compiled import view
from imr_letters.engine.values import Part


def render(decision: D, family: Family[D]) -> Letter[D]:
    """Return the letter of a decision.

    The letter holds the decision in its normal form: words that a phrase stands for are that phrase.

    Raises `RenderError` where the letter would not read back to this decision: the family does not print a field,
    the words of a field run into the form's, words kept as printed say something else than their value, or a
    phrase cannot be printed.
    """
    decision, normal = family.phrases.normal(decision)
    missing = family.missing(decision)
    if missing:
        message = f"family {family.name} needs {', '.join(missing)}, which the decision does not have"
        remedy = "fill it in, or choose another family"
        raise RenderError(Finding("field-needed", "error", message, field=missing[0], remedy=remedy))
    lost = family.lost(decision)
    if lost:
        raise RenderError(
            Finding(
                "field-lost",
                "error",
                f"family {family.name} does not print {', '.join(lost)}, which would be lost",
                field=lost[0],
                remedy="choose another family, or leave the field out",
            )
        )
    blocks = family.template.blocks(view(decision))
    traces = family.automaton.read(blocks)
    if isinstance(traces, Failure):
        raise RenderError(collision(decision, family, blocks, traces))
    readings = [(trace, readback) for trace in traces if not (readback := read_back(trace)).faults]
    expected = _data(decision)
    sound = [(trace, readback) for trace, readback in readings if readback.data == expected]
    if not sound:
        near = list(nearly_phrases(blocks, traces))
        if near:
            raise RenderError(*near)
        hit = runs_into_fixed_words(list(collisions(decision, family, blocks)))
        if hit is not None:
            raise RenderError(hit)
        read = readings[0][1] if readings else read_back(traces[0])
        raise RenderError(*reads_back_otherwise(decision, expected, read.data))
    other = next(
        (trace for trace, readback in readings if readback.data != expected and _complete(family, readback.data)), None
    )
    if other is not None or len(traces) >= MOST_READINGS:
        raise RenderError(ambiguous(family, blocks, [sound[0][0], other or traces[-1]]))
    trace = sound[0][0]
    roles = _roles(trace)
    return Letter(
        family.name,
        normal,
        tuple(Block(role, text) for role, text in zip(roles, blocks, strict=True)),
        tuple(places(trace)),
    )


def _complete(family: Family[D], data: dict[str, Any]) -> bool:
    try:
        family.form.model.model_validate(data)
    except ValidationError:
        return False
    return True


def _roles(trace: Trace) -> list[BlockRole]:
    return [step.pattern.role if step.pattern is not None else "p" for step, _ in trace.steps]


def _data(value: object) -> Any:
    """Return a decision as the reader builds it: what is absent is left out."""
    if isinstance(value, Part):
        return {name: _data(inner) for name, inner in value.__dict__.items() if inner is not None and inner != {}}
    if isinstance(value, tuple) and value and isinstance(value[0], Part):
        return [_data(entry) for entry in value]
    return value
