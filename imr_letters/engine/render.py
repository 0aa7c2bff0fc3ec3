"""Decision to letter. A letter is handed out only after it was read back to the very same decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from imr_letters.engine.errors import Finding, RenderError, excerpt
from imr_letters.engine.families import Family
from imr_letters.engine.letter import Block, Letter
from imr_letters.engine.matching.automaton import MOST_READINGS, Failure, Trace
from imr_letters.engine.matching.drift import explain
from imr_letters.engine.matching.readback import places, read_back
from imr_letters.engine.template.compiled import view
from imr_letters.engine.template.nodes import Role
from imr_letters.engine.values import Part
from imr_letters.imr.model import Decision


def render(decision: Decision, family: Family) -> Letter:
    """Return the letter of a decision.

    The letter holds the decision in its normal form: own text that says exactly what a snippet says is that snippet.

    Raises `RenderError` where the letter would not read back to this decision: the family does not print a field,
    the words of a field run into the form's, words kept as printed say something else than their value, or a
    snippet does not exist, is not approved or is not filled in.
    """
    decision, normal = family.library.normal(decision)
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
        raise RenderError(_collision(decision, family, blocks, traces))
    readings = [(trace, readback) for trace in traces if not (readback := read_back(trace)).faults]
    expected = _data(decision)
    sound = [(trace, readback) for trace, readback in readings if readback.data == expected]
    if not sound:
        raise RenderError(*_differences(decision, (readings[0][1] if readings else read_back(traces[0])).data))
    other = next(
        (trace for trace, readback in readings if readback.data != expected and _complete(readback.data)), None
    )
    if other is not None or len(traces) >= MOST_READINGS:
        raise RenderError(_ambiguous(family, blocks, [sound[0][0], other or traces[-1]]))
    trace = sound[0][0]
    roles = _roles(trace)
    return Letter(
        family.name,
        normal,
        tuple(Block(role, text) for role, text in zip(roles, blocks, strict=True)),
        tuple(places(trace)),
    )


def _complete(data: dict[str, Any]) -> bool:
    try:
        Decision.model_validate(data)
    except ValidationError:
        return False
    return True


def _roles(trace: Trace) -> list[Role]:
    return [step.pattern.role if step.pattern is not None else "p" for step, _ in trace.steps]


def _data(value: object) -> Any:
    """Return a decision as the reader builds it: what is absent is left out."""
    if isinstance(value, Part):
        return {name: _data(inner) for name, inner in value.__dict__.items() if inner is not None and inner != {}}
    if isinstance(value, tuple) and value and isinstance(value[0], Part):
        return [_data(entry) for entry in value]
    return value


def _collision(decision: Decision, family: Family, blocks: list[str], failure: Failure) -> Finding:
    """Say which field's words keep the letter from being read."""
    for path, paragraph in _leaves(decision):
        fence = next((hit for state in family.automaton.states if (hit := state.fences.hit(paragraph))), None)
        if fence is not None and paragraph in blocks:
            shown, mark = excerpt(paragraph, max(0, paragraph.find(fence)), len(fence))
            return Finding(
                "collision",
                "error",
                f'this paragraph would be read as the part of the form "{fence.strip()}"',
                excerpt=shown,
                mark=mark,
                field=path,
                remedy="begin and end the paragraph with other words",
            )
    explanation = explain(family.automaton, blocks)
    departures = explanation.departures if explanation else ()
    block = departures[0].block if departures else min(failure.block, len(blocks) - 1)
    text = blocks[min(block, len(blocks) - 1)]
    field, _ = next(((path, words) for path, words in _leaves(decision) if words and words in text), ("", ""))
    message = "the words of a value run into the fixed words of the form, so the letter could not be read back"
    remedy = "say it in other words"
    start = departures[0].start if departures else 0
    shown, mark = excerpt(text, start, (departures[0].end if departures else len(text)) - start)
    return Finding("collision", "error", message, excerpt=shown, mark=mark, field=field, remedy=remedy)


def _leaves(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of the decision's words with the path of their field, longest words first."""
    found = [(path, part) for path, words in _walk(decision.data(), "") for part in words.split("\n\n")]
    yield from sorted(found, key=lambda pair: -len(pair[1]))


def _walk(data: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _walk(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from _walk(inner, f"{path}[{index}]")
    elif isinstance(data, str):
        yield path, data


def _ambiguous(family: Family, blocks: list[str], traces: list[Trace]) -> Finding:
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


def _differences(decision: Decision, data: dict[str, Any]) -> list[Finding]:
    found = [
        Finding(
            "differs",
            "error",
            f"would be read back as {_shown(read)}, not as {_shown(given)}",
            field=path,
            remedy=_remedy(path, decision),
        )
        for path, given, read in differences(_data(decision), data)
    ]
    return found or [Finding("differs", "error", "the letter would not read back to this decision")]


def _remedy(path: str, decision: Decision) -> str:
    part, _, name = path.rpartition(".")
    kept = f"{part}.as_printed.{name.partition('[')[0]}".lstrip(".")
    if ".as_printed" in f".{path}" or any(found.startswith(kept) for found, _ in _walk(decision.data(), "")):
        return "the words in as_printed say something else, or what is printed anyway: delete or correct them"
    return "write the value as it would be read back, or say it in other words"


def differences(given: object, read: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield path and both values for everything in which two decisions' data differ."""
    given, read = _plain(given), _plain(read)
    if isinstance(given, dict) and isinstance(read, dict):
        for name in [*given, *(name for name in read if name not in given)]:
            yield from differences(given.get(name), read.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for index, (left, right) in enumerate(zip(given, read, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif given != read:
        yield path, given, read


def _plain(value: object) -> object:
    if hasattr(value, "model_dump"):
        return value.model_dump(exclude_defaults=True)
    return list(value) if isinstance(value, tuple) else value


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
