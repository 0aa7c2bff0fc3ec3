"""Which value keeps a letter from being read back: the one in the paragraph where reading fails, with its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imr_letters.engine.families import Family
from imr_letters.engine.form import D
from imr_letters.engine.grammar.nodes import Val
from imr_letters.engine.matching.automaton import Automaton, Step
from imr_letters.engine.paths import FieldPath, GrammarPath, dotted
from imr_letters.engine.text import PARAGRAPH, differ_in_one
from imr_letters.engine.values import Part

#: Words that are nearly the fixed ones are looked for so far into a paragraph.
MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Collision:
    """A paragraph of a value, with the fixed words it runs into, if any: where they are found in it."""

    field: str
    block: int
    words: str
    fence: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Printed:
    """A paragraph that a value prints: the value's path and what it holds, and the block with the paragraph."""

    path: FieldPath
    held: object
    value: Val
    block: int
    words: str

    def field(self, part: str) -> str:
        """Return the path of the value, or of the entry of its list that has a part of the words."""
        entries = self.held if isinstance(self.held, tuple) else ()
        having = [number for number, each in enumerate(entries) if isinstance(each, str) and part in each]
        return dotted((*self.path, *having) if len(having) == 1 else self.path)


def collisions(decision: Part, family: Family[D], blocks: list[str]) -> Iterator[Collision]:
    """Yield every printed paragraph of a value that runs into fixed words, and then the others."""
    printed = list(_printed(decision, family, blocks))
    for each in printed:
        fence = _fence(family.automaton, each)
        if fence is not None:
            start, size = _found(each.words, fence)
            yield Collision(each.field(each.words[start : start + size]), each.block, each.words, fence, start, size)
    for each in printed:
        yield Collision(each.field(each.words), each.block, each.words, "", 0, len(each.words))


def _printed(decision: Part, family: Family[D], blocks: list[str]) -> Iterator[_Printed]:
    values = {
        (value.path, value.codec): value
        for state in family.automaton.states
        for step in state.steps
        if step.pattern is not None
        for value in step.pattern.values
    }
    whole = {text: number for number, text in enumerate(blocks)}
    for value in values.values():
        name = value.path[-1]
        for path, part in _parts(decision, value.path[:-1], ()):
            held = getattr(part, name, None)
            if held is None:
                continue
            for words in (part.as_printed.get(name) or value.codec.encode(held)).split(PARAGRAPH):
                found = [whole[words]] if words in whole else [at for at, text in enumerate(blocks) if words in text]
                yield from (_Printed((*path, name), held, value, block, words) for block in found)


def _parts(part: object, path: GrammarPath, reached: FieldPath) -> Iterator[tuple[FieldPath, Part]]:
    """Yield the parts that a path of the grammar leads to, each with its path in the decision."""
    if isinstance(part, Part) and not path:
        yield reached, part
    elif isinstance(part, tuple) and path[:1] == ("*",):
        for number, entry in enumerate(part):
            yield from _parts(entry, path[1:], (*reached, number))
    elif isinstance(part, Part) and path:
        yield from _parts(getattr(part, path[0], None), path[1:], (*reached, path[0]))


def _fence(automaton: Automaton, printed: _Printed) -> str | None:
    """Return the fixed words that a paragraph of a value runs into, wherever the value is printed."""
    same, words = printed.value, printed.words
    for state in automaton.states:
        if state.prose is not None and state.prose.path == same.path and (hit := state.fences.hit(words)):
            return hit
        for step in state.steps:
            if step.pattern is None:
                continue
            for value in step.pattern.values:
                hit = _hit(step, value, words) if (value.path, value.codec) == (same.path, same.codec) else None
                if hit is not None:
                    return hit
    return None


def _hit(step: Step, value: Val, words: str) -> str | None:
    """Return the fixed words that a value of a block may not hold there, and does."""
    pattern = step.pattern
    assert pattern is not None
    hit = pattern.inside.hit(words) if value.codec.reach == "words" and pattern.inside.active else None
    if hit is None and value is pattern.values[0] and pattern.start.active:
        hit = pattern.start.hit(words)
    if hit is None and value is pattern.prose and step.fences.active:
        hit = step.fences.hit(words)
    return hit


def _found(words: str, fence: str) -> tuple[int, int]:
    """Return where words begin that are fixed ones, or differ from them in one character, and how long they are."""
    fixed = fence.strip()
    at = words.find(fixed)
    if at >= 0:
        return at, len(fixed)
    for at in range(min(len(words), MOST_PLACES)):
        for size in (len(fixed), len(fixed) - 1, len(fixed) + 1):
            if differ_in_one(words[at : at + size], fixed):
                return at, min(size, len(words) - at)
    return 0, len(words)
