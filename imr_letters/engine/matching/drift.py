"""Why a letter does not read: the fewest departures from its family's form that explain it.

Only asked when a letter failed to read. A block may depart from its pattern in its fixed words (drift) or in the form
of a value, a block may be missing, and a block may be there that belongs to nothing.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import count
from typing import Literal

from imr_letters.engine.grammar.nodes import Lit, Val
from imr_letters.engine.matching.automaton import Actions, Automaton, Step, Trace
from imr_letters.engine.matching.pattern import Pattern

#: Letters with more blocks than this are only told where reading stops.
MOST_BLOCKS = 400
#: A block longer than this, in characters, is not compared with the form.
LONGEST_BLOCK = 20_000
#: A letter that needs more than this is not a letter of the family.
MOST_COST = 12.0

_MISSING = 3.0
_EXTRA = 3.0
_COLLISION = 4.0
#: Words and marks of a block that are compared with the form's; the rest belongs to its last value.
_COMPARED = 600

_TOKEN = re.compile(r"\w+|[^\w\s]")

DepartureKind = Literal["drift", "value", "missing", "extra", "collision"]


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure from the form: where in the letter, what was expected and found, and the template's place."""

    kind: DepartureKind
    block: int
    start: int
    end: int
    expected: str
    element: Lit | Val


@dataclass(frozen=True, slots=True)
class Explanation:
    """The cheapest way to read a letter although it departs from the form.

    `trace` reads it as if the form were kept; it is None where blocks are missing or left over.
    """

    cost: float
    departures: tuple[Departure, ...]
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class _Aligned:
    cost: float
    words: tuple[str, ...]
    departures: tuple[tuple[DepartureKind, int, int, str, Lit | Val], ...]


@dataclass(frozen=True, slots=True)
class _Node:
    before: _Node | None
    step: Step | None
    words: tuple[str, ...]
    departures: tuple[Departure, ...]


def explain(automaton: Automaton, blocks: Sequence[str]) -> Explanation | None:
    """Return the cheapest explanation of a letter that does not read, or None where it is no such letter."""
    if len(blocks) > MOST_BLOCKS:
        return None
    cache: dict[tuple[int, int], _Aligned | None] = {}
    order = count()
    queue: list[tuple[float, int, int, int, _Node]] = [(0.0, next(order), 0, 0, _Node(None, None, (), ()))]
    done: set[tuple[int, int]] = set()
    while queue:
        cost, _, at, number, node = heapq.heappop(queue)
        if cost > MOST_COST:
            return None
        if (at, number) in done:
            continue
        done.add((at, number))
        state = automaton.states[number]
        if at == len(blocks) and state.accept:
            return _explanation(cost, node, len(blocks), state.accept[0])
        for price, reached, target, following in _moves(automaton, blocks, at, number, node, cache):
            if (reached, target) not in done:
                heapq.heappush(queue, (cost + price, next(order), reached, target, following))
    return None


def _moves(
    automaton: Automaton,
    blocks: Sequence[str],
    at: int,
    number: int,
    node: _Node,
    cache: dict[tuple[int, int], _Aligned | None],
) -> Iterator[tuple[float, int, int, _Node]]:
    state = automaton.states[number]
    for step in state.steps:
        pattern = step.pattern
        if pattern is not None:
            element = pattern.elements[0]
            missing = Departure("missing", at, 0, 0, pattern.describe(), element)
            yield _MISSING, at, step.target, _Node(node, None, (), (missing,))
        if at == len(blocks):
            continue
        block = blocks[at]
        fence = step.fences.hit(block) if step.fences.active else None
        if pattern is None or (pattern.match(block) and fence):
            found = () if pattern is None else pattern.match(block)[0]
            assert step.value is not None or pattern is not None
            about = step.value or pattern.values[-1]  # type: ignore[union-attr]
            hit = (Departure("collision", at, 0, min(len(block), len(fence)), fence, about),) if fence else ()
            price = _COLLISION if fence else 0.0
            yield price, at + 1, step.target, _Node(node, step, found or (block,), hit)
            continue
        if (id(step), at) not in cache:
            cache[id(step), at] = _align(pattern, block)
        aligned = cache[id(step), at]
        if aligned is not None:
            found_departures = tuple(
                Departure(kind, at, start, end, expected, element)
                for kind, start, end, expected, element in aligned.departures
            )
            yield aligned.cost, at + 1, step.target, _Node(node, step, aligned.words, found_departures)
    if at < len(blocks):
        origin = next((step.pattern.elements[0] for step in state.steps if step.pattern is not None), None)
        if origin is not None:
            extra = Departure("extra", at, 0, len(blocks[at]), "", origin)
            yield _EXTRA, at + 1, number, _Node(node, None, (), (extra,))


def _explanation(cost: float, node: _Node | None, length: int, accept: Actions) -> Explanation:
    steps: list[tuple[Step, tuple[str, ...]]] = []
    departures: list[Departure] = []
    while node is not None:
        if node.step is not None:
            steps.append((node.step, node.words))
        departures[:0] = node.departures
        node = node.before
    steps.reverse()
    whole = len(steps) == length and all(each.kind not in ("missing", "extra") for each in departures)
    return Explanation(cost, tuple(departures), Trace(tuple(steps), accept) if whole else None)


def _align(pattern: Pattern, block: str) -> _Aligned | None:
    """Match a block with a pattern although fixed words or the form of a value differ."""
    exact = pattern.match(block)
    if exact:
        return _Aligned(0.0, exact[0], ())
    if len(block) > LONGEST_BLOCK:
        return None
    if pattern.values and pattern.prefix and block == pattern.prefix.strip():
        value = pattern.values[0]
        return _Aligned(
            1.0, ("?",) * len(pattern.values), (("value", len(block), len(block), value.codec.expected, value),)
        )
    for loosen in (_loose_values, _loose_marks):
        found = loosen(pattern, block)
        if found is not None:
            return found
    return _loose_words(pattern, block)


def _loose_values(pattern: Pattern, block: str) -> _Aligned | None:
    """Fixed words as they should be, typed values of any form without a space."""
    typed = [value for value in pattern.values if value.codec.reach == "typed"]
    if not typed or len(block) > 4000:
        return None
    source = "".join(
        f"({re.escape(element.text)})"
        if isinstance(element, Lit)
        else r"(\S{1,40}(?: \S{1,12})?)"
        if element.codec.reach == "typed"
        else "(.+)"
        for element in pattern.elements
    )
    found = re.fullmatch(source, block)
    if found is None:
        return None
    words: list[str] = []
    departures: list[tuple[DepartureKind, int, int, str, Lit | Val]] = []
    for index, element in enumerate(pattern.elements, start=1):
        if isinstance(element, Lit):
            continue
        words.append(found[index])
        if element.codec.reach == "typed" and not element.codec.matches(found[index]):
            departures.append(("value", found.start(index), found.end(index), element.codec.expected, element))
    return _Aligned(1.0 * len(departures), tuple(words), tuple(departures)) if departures else None


def _loose_marks(pattern: Pattern, block: str) -> _Aligned | None:
    """Typed values as they should be, fixed marks without words (such as ": ") of any form."""
    short = [element for element in pattern.elements if isinstance(element, Lit) and not re.search(r"\w", element.text)]
    typed = [value for value in pattern.values if value.codec.reach == "typed"]
    if not short or not typed or len(block) > 4000:
        return None
    source = "".join(
        (f"(.{{0,{len(element.text) + 1}}}?)" if element in short else f"({re.escape(element.text)})")
        if isinstance(element, Lit)
        else f"({element.codec.pattern})"
        if element.codec.reach == "typed"
        else "(.+)"
        for element in pattern.elements
    )
    found = re.fullmatch(source, block)
    if found is None:
        return None
    words: list[str] = []
    departures: list[tuple[DepartureKind, int, int, str, Lit | Val]] = []
    for index, element in enumerate(pattern.elements, start=1):
        if not isinstance(element, Lit):
            words.append(found[index].strip())
        elif found[index] != element.text:
            departures.append(("drift", found.start(index), found.end(index), element.text, element))
    return _Aligned(1.0 + len(departures), tuple(words), tuple(departures))


def _loose_words(pattern: Pattern, block: str) -> _Aligned | None:
    """Fixed words that differ here and there; the values are what stands between them."""
    form: list[tuple[str, Lit | Val]] = []
    for element in pattern.elements:
        if isinstance(element, Lit):
            form += [(token, element) for token in _TOKEN.findall(element.text)]
        else:
            form.append(("", element))
    fixed = sum(1 for token, _ in form if token)
    if fixed < 2:
        return None
    tokens = list(_TOKEN.finditer(block))
    compared = tokens[: max(_COMPARED, 3 * fixed)]
    words = [token.group() for token in compared]
    vocabulary = {token.lower() for token, _ in form if token}
    if sum(1 for word in words if word.lower() in vocabulary) * 2 < fixed:
        return None
    fixed_words = [token.lower() or "\0" for token, _ in form]
    matcher = SequenceMatcher(None, fixed_words, [word.lower() for word in words], autojunk=False)
    same = sum(size for _, _, size in matcher.get_matching_blocks())
    if same < 0.6 * fixed or (pattern.literal and same < 0.5 * len(tokens)):
        return None
    values: dict[int, tuple[int, int]] = {}
    departures: list[tuple[DepartureKind, int, int, str, Lit | Val]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for here, there in zip(range(i1, i2), range(j1, j2), strict=True):
                if form[here][0] != words[there]:  # the same word in other letters, such as capitals
                    departures.append(("drift", compared[there].start(), compared[there].end(), *form[here]))
            continue
        if tag == "insert":
            beside = form[max(0, i1 - 1)][1]
            departures.append(("drift", compared[j1].start(), compared[j2 - 1].end(), "", beside))
            continue
        _explain_region(block, form[i1:i2], compared, (j1, j2), values, departures, len(form) == i2)
    ordered = [value for value in pattern.values if id(value) in values]
    if len(ordered) != len(pattern.values):
        return None
    found = tuple(block[slice(*values[id(value)])].strip() for value in pattern.values)
    if not all(found):
        return None
    for value, text in zip(pattern.values, found, strict=True):
        if value.codec.reach == "typed" and not value.codec.matches(text):
            departures.append(("value", *values[id(value)], value.codec.expected, value))
    cost = 1.0 + 2.0 * (1 - same / fixed) + 0.1 * len(departures)
    return _Aligned(cost, found, tuple(departures)) if departures else None


def _explain_region(
    block: str,
    form: list[tuple[str, Lit | Val]],
    tokens: list[re.Match[str]],
    span: tuple[int, int],
    values: dict[int, tuple[int, int]],
    departures: list[tuple[DepartureKind, int, int, str, Lit | Val]],
    at_end: bool,
) -> None:
    """Divide words that differ between the fixed words and the value they stand for."""
    first, last = span
    holes = [index for index, (token, _) in enumerate(form) if not token]
    if len(holes) > 1:
        return  # two values with nothing fixed left between them: nobody can tell them apart
    before = form[: holes[0]] if holes else form
    after = form[holes[0] + 1 :] if holes else []
    begin = min(last, first + len(before)) if holes else last
    end = max(begin, last - len(after)) if holes else last
    if before:
        _departure(block, before, tokens, first, begin, departures)
    if holes:
        start = tokens[begin].start() if begin < len(tokens) else len(block)
        stop = len(block) if at_end and not after else tokens[end - 1].end() if end > begin else start
        values[id(form[holes[0]][1])] = (start, stop)
    if after:
        _departure(block, after, tokens, end, last, departures)


def _departure(
    block: str,
    form: list[tuple[str, Lit | Val]],
    tokens: list[re.Match[str]],
    first: int,
    last: int,
    departures: list[tuple[DepartureKind, int, int, str, Lit | Val]],
) -> None:
    start = tokens[first].start() if first < len(tokens) else len(block)
    end = tokens[last - 1].end() if last > first else start
    departures.append(("drift", start, end, " ".join(token for token, _ in form), form[0][1]))
