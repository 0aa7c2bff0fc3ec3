"""Fixed words so common that they keep ordinary words out of values: said as warnings, with the words refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.engine.errors import Finding
from imr_letters.engine.grammar.nodes import Origin, Val
from imr_letters.engine.matching.automaton import Automaton, State
from imr_letters.engine.matching.pattern import Pattern
from imr_letters.engine.paths import dotted

_WORD = re.compile(r"[^\W\d_]+")
#: What English sentences begin with, and what stands in every one of them.
_COMMON = frozenset(
    """a about according after all also although an and any are as at based be because been before both but by can case
    claim could date dated day days decision did do does due during each employee evidence for from further given
    guidelines had has have he her his history however if in injured injury into is it its last left may medical
    medication medications more most mri no not note of on one only or other our out over pain patient per physician
    physical prior progress provider received records report reported reports request requested review reviewed right
    she should since so some such surgery symptoms than that the their then there therefore these they this those
    though to treated treatment treatments under until was were what when where whether which while who will with
    within without worker work would year years yes""".split()  # noqa: SIM905 - read as a text
)


def broad_fences(automaton: Automaton) -> Iterator[Finding]:
    """Yield a warning for fixed words that ordinary words of a value would run into."""
    seen: set[tuple[str, str]] = set()
    for state in automaton.states:
        if state.prose is not None:
            for fence in filter(_is_common, state.fences.start):
                if (fence, "") not in seen:
                    seen.add((fence, ""))
                    yield _warning(
                        f'no paragraph of {_prose(automaton)} can begin with "{fence.strip()}", '
                        "which these letters print as fixed words",
                        _origin(automaton, fence) or state.prose.origin,
                    )
        for step in state.steps:
            if step.pattern is not None:
                yield from _inside(step.pattern, seen)


def _inside(pattern: Pattern, seen: set[tuple[str, str]]) -> Iterator[Finding]:
    for value in pattern.values:
        if value.codec.reach != "words" or not pattern.inside.active:
            continue
        name = dotted(value.path)
        shown = [value.codec.encode(each) for each in value.codec.examples()]
        shown += [phrase.strip() for phrase in value.codec.phrases]
        printed = next((words for words in shown if pattern.inside.hit(words)), None)
        if printed is not None and (printed, name) not in seen:
            seen.add((printed, name))
            fence = pattern.inside.hit(printed) or ""
            message = f'{name} cannot be printed here where it holds "{printed}": this paragraph has "{fence.strip()}"'
            yield _warning(f"{message} as fixed words", value.origin)
        for fence in filter(_is_common, pattern.inside.inside):
            if (fence, name) not in seen:
                seen.add((fence, name))
                message = f'{name} cannot hold "{fence.strip()}", which this paragraph prints as fixed words'
                yield _warning(message, value.origin)


def _is_common(fence: str) -> bool:
    """Return whether a fence is a single plain word, or two or three common ones, and nothing else."""
    words = _WORD.findall(fence)
    common = len(words) < 2 or _COMMON.issuperset(word.lower() for word in words)
    return len(words) < 4 and common and re.fullmatch(r"[\w\s]+,?\s*", fence) is not None


def _prose(automaton: Automaton) -> str:
    values: list[Val] = [state.prose for state in automaton.states if state.prose is not None]
    return " and of ".join(dict.fromkeys(dotted(value.path) for value in values))


def _origin(automaton: Automaton, fence: str) -> Origin | None:
    def patterns(state: State) -> Iterator[Pattern]:
        return (step.pattern for step in state.steps if step.pattern is not None)

    found = (each for state in automaton.states for each in patterns(state) if each.prefix == fence)
    return next((each.elements[0].origin for each in found), None)


def _warning(message: str, origin: Origin) -> Finding:
    return Finding(
        "broad-fence",
        "warning",
        message,
        source=f"templates/{origin.file}",
        line=origin.line,
        remedy="make the fixed words longer, or end them with a colon",
    )
