"""Whether a paragraph can be divided between its values in two ways: decided for all paragraphs, by example."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from imr_letters.engine.checks.counterexample import Counterexample, conditions, value_fact, varies
from imr_letters.engine.checks.overlap import machine_of
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
    if _fenced_apart(pattern):
        return None
    doubtful = False
    for words in divided(Reader(pattern, Fences(), trimmed=True)):
        readings = [reading for reading in _divisions(pattern, words) if _sound(pattern, reading)]
        if len(readings) > 1:
            held = conditions(pattern.alternative.asserts, pattern.elements)
            one, other = (
                tuple(
                    value_fact(value.path, text)
                    for value, text, other_text in zip(pattern.values, reading, second, strict=True)
                    if text != other_text
                )
                for reading, second in (readings[:2], readings[1::-1])
            )
            return Counterexample((words,), (*held, *one), (*held, *other))
        doubtful = True
    if doubtful:
        raise GivenUpError
    return None


def _fenced_apart(pattern: Pattern) -> bool:
    """Return whether each value but the last keeps out the fixed words after it: then there is one division.

    The fixed words are then where they are met first, for one value after the other.
    """
    first = next(number for number, each in enumerate(pattern.elements) if isinstance(each, Val))
    rest = pattern.elements[first:]
    for value, fixed in zip_longest(rest[::2], rest[1::2]):
        if not isinstance(value, Val) or isinstance(fixed, Val):
            return False
        if value is not pattern.values[-1] and not (fixed and _keeps_out(value, fixed.text, pattern.inside)):
            return False
    return True


def _keeps_out(value: Val, fixed: str, inside: Fences) -> bool:
    """Return whether a value can hold nothing of the fixed words after it that would also be their beginning.

    A space that a fence both begins and ends with is no overlap: fences are met with the space next to a value, too.
    """
    if value.codec.reach == "typed":
        signs = [sign for edges in machine_of([value]).edges for sign, _ in edges]
        return all(sign is not None and fixed[0] not in sign for sign in signs)
    overlaps = any(fixed.startswith(fixed[start:]) for start in range(1, len(fixed)) if fixed[start:] != " ")
    return value.codec.reach == "words" and fixed in inside.inside and not overlaps


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
