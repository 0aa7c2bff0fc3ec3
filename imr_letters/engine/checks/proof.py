"""The verdict on a template: proved, refused with a letter that two decisions print, or not proved, with the reason."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from imr_letters.engine.checks.counterexample import Counterexample, FactWords
from imr_letters.engine.checks.product import Ambiguity, Product
from imr_letters.engine.checks.totality import always_printed
from imr_letters.engine.checks.whole import explain
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import Node, Origin
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.paths import GrammarPath

#: A counterexample shows at most so many paragraphs and so many differences.
MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown of a template: without `doubt`, that every letter of it has one reading."""

    doubt: str
    milliseconds: float

    def __str__(self) -> str:
        took = f"({self.milliseconds:.0f} ms)"
        return f"not proved: {self.doubt} {took}" if self.doubt else f"proved: each letter has one reading {took}"


def prove(
    automaton: Automaton,
    nodes: Sequence[Node],
    problems: Problems,
    place: Origin,
    language: Language,
    needs: tuple[GrammarPath, ...] = (),
    *,
    accept_doubt: bool = False,
) -> Proof:
    """Return the verdict on a template that prints every field; a letter with two readings goes to `problems`.

    So does a template that is not proved, unless `accept_doubt` says that this was taken into account.
    """
    started = time.process_time()
    found = Product(automaton, nodes, always_printed(nodes, language, needs)).ambiguity()
    proof = Proof("" if found is None else _doubt(found), 1000 * (time.process_time() - started))
    if found is None:
        return proof
    if len(found.data) < 2 and accept_doubt:
        return proof
    explained = Problems(problems.folder)
    explain(nodes, automaton, explained, shown=len(found.data) > 1)
    if not explained.found and len(found.data) > 1:
        _note_two_readings(found, place, explained)
    elif not explained.found:
        message = f"that every letter has one reading was not proved: {proof.doubt}"
        remedy = "print each list and each value once, or say in family.toml why this is safe: [unproved] reason"
        explained.add("not-proved", _place(found, place), message, remedy)
    problems.found += explained.found
    return proof


def _doubt(found: Ambiguity) -> str:
    if not found.blocks:
        return "there are too many ways through the template to try them all"
    words = " ".join(f'"{block[:60]}"' for block in shown(found) or found.blocks[-MOST_SHOWN:])
    return f"a letter with {words} may have a second reading, which only a value or a list printed twice rules out"


def _note_two_readings(found: Ambiguity, place: Origin, problems: Problems) -> None:
    message = "a letter can be read in two ways here: two decisions print the same words"
    remedy = "print other fixed words in one of them, or print the field in which they differ"
    example = Counterexample(shown(found), *differing(found))
    problems.add("two-readings", _place(found, place), message, remedy, example=example)


def differing(found: Ambiguity, names: tuple[str, str] = ("", "")) -> tuple[FactWords, FactWords]:
    """Return what differs in the two decisions of a letter, each with the name of what reads it so, if there is one."""
    one, other = (dict(_said(data, "")) for data in found.data[:2])
    paths = [path for path in dict.fromkeys((*one, *other)) if one.get(path) != other.get(path)][: 2 * MOST_SHOWN]
    facts = [
        tuple(f"{path} is {data[path]}" if path in data else f"{path} is absent" for path in paths)
        for data in (one, other)
    ]
    first, second = ((f"read as {name}", *each) if name else each for name, each in zip(names, facts, strict=True))
    return first, second


def _place(found: Ambiguity, place: Origin) -> Origin:
    steps = found.steps or ()
    return next((step.pattern.elements[0].origin for step in steps if step.pattern is not None), place)


def shown(found: Ambiguity) -> tuple[str, ...]:
    """Return the paragraphs of a letter from where its two readings part."""
    if found.words not in found.blocks:
        return ()
    start = found.blocks.index(found.words)
    return found.blocks[start : start + MOST_SHOWN]


def _said(data: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _said(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for number, inner in enumerate(data):
            yield from _said(inner, f"{path}[{number}]")
    else:
        yield path, data.isoformat() if isinstance(data, date) else f'"{data}"'
