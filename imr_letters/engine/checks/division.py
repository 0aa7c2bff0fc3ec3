"""Whether a paragraph can be divided between its values in two ways: decided for all paragraphs, by example."""

from __future__ import annotations

from collections.abc import Sequence

from imr_letters.engine.checks.counterexample import Counterexample, conditions, value_fact, varies
from imr_letters.engine.checks.watch import GivenUpError, Reader, divided
from imr_letters.engine.grammar.nodes import Lit, Val
from imr_letters.engine.matching.fences import Fences
from imr_letters.engine.matching.pattern import Pattern
from imr_letters.engine.paths import GrammarPath


def may_divide(elements: Sequence[Lit | Val]) -> bool:
    """Return whether two values may each have words of several lengths, without which there is one division."""
    return sum(isinstance(each, Val) and (each.codec.reach != "typed" or _of_lengths(each)) for each in elements) > 1


def _of_lengths(value: Val) -> bool:
    return len({len(words) for words in value.codec.closed}) > 1 if value.codec.closed else varies(value.codec)


def two_divisions(pattern: Pattern) -> Counterexample | None:
    """Return a paragraph that reads in two ways, or None where there is none. Raises `GivenUpError`.

    A value that is printed twice has the same words both times, and each value has words that its codec prints.
    """
    doubtful = False
    for words in divided(Reader(pattern, Fences(), trimmed=True)):
        readings = [reading for reading in _divisions(pattern, words) if _sound(pattern, reading)]
        if len(readings) > 1:
            held = conditions(pattern.alternative.asserts, pattern.elements)
            one, other = (
                tuple(
                    value_fact(value.path, text)
                    for value, text, beside in zip(pattern.values, reading, second, strict=True)
                    if text != beside
                )
                for reading, second in (readings[:2], readings[1::-1])
            )
            return Counterexample((words,), (*held, *one), (*held, *other))
        doubtful = True
    if doubtful:
        raise GivenUpError
    return None


def _divisions(pattern: Pattern, block: str) -> list[tuple[str, ...]]:
    """Return every division of a short paragraph between the values, also those that a letter is never read by."""
    found: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for element in pattern.elements:
        if isinstance(element, Lit):
            found = [(at + len(element.text), said) for at, said in found if block.startswith(element.text, at)]
        else:
            found = [
                (end, (*said, block[at:end]))
                for at, said in found
                for end in range(at + 1, len(block) + 1)
                if _may_be(pattern, element, block[at:end])
            ]
    return [said for at, said in found if at == len(block)]


def _may_be(pattern: Pattern, value: Val, words: str) -> bool:
    if value.codec.reach == "typed":
        return value.codec.matches(words)
    if words[0] == " " or words[-1] == " ":
        return False
    return value.codec.reach != "words" or not pattern.inside.active or pattern.inside.hit(words) is None


def _sound(pattern: Pattern, reading: tuple[str, ...]) -> bool:
    said: dict[GrammarPath, str] = {}
    for value, words in zip(pattern.values, reading, strict=True):
        try:
            value.codec.decode(words)
        except ValueError:
            return False
        if said.setdefault(value.path, words) != words:
            return False
    return True
