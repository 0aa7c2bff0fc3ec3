"""Whether a template shows every field: on each way through it, a field is printed, shown by a branch, or absent.

For each field there is a list of guards: the conditions on which it is printed, or on which a branch leaves it one
value. The field is always told where every decision that has it meets one of them. That is decided by trying the
values of the conditions one by one, so conditions that exclude each other, or that together cover all cases, count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from pydantic import ValidationError

from imr_letters.engine.checks.counterexample import lost
from imr_letters.engine.fields import FieldType, Group, Leaf, Listing
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import Asserts, BlockNode, ChoiceNode, Condition, Node, Origin, Val
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.paths import GrammarPath, as_written, dotted
from imr_letters.engine.values import Part

#: Values of conditions are tried so often for one field; a template beyond that is not understood by people either.
MOST_TRIALS = 20_000

#: So many sets of plain values are tried on the model.
MOST_EXAMPLES = 64

#: Values of a condition: absent, or there with any value.
_ABSENT, _PRESENT = None, ""
#: What is so in the decisions that are looked at: by path, a value of its closed set, `_PRESENT` or `_ABSENT`.
_Facts = dict[GrammarPath, str | None]


def printed_paths(nodes: Sequence[Node]) -> Iterator[GrammarPath]:
    """Yield the paths that a grammar prints somewhere, or shows by a branch."""
    for path, _ in _tellings(nodes, ()):
        yield path


def check_total(
    nodes: Sequence[Node], problems: Problems, place: Origin, language: Language, needs: tuple[GrammarPath, ...] = ()
) -> None:
    """Note every field that some letters would lose. `needs` are fields that are always there."""
    guards: dict[GrammarPath, list[Asserts]] = {}
    for path, guard in _tellings(nodes, ()):
        guards.setdefault(path, []).append(guard)
    for path, kind, parents, group in _required(language.root, (), (), guards.keys()):
        around: _Facts = dict.fromkeys((*parents, *needs), _PRESENT)
        facts = _Search().uncovered(guards.get(path, []), around)
        while facts is not None and (needed := _needed(path, group, facts, language)):
            around = {**around, needed: _PRESENT}
            facts = _Search().uncovered(guards[path], around)
        if facts is None:
            continue
        message = "is printed only in some letters" if path in guards else "is never printed"
        held = {known: value for known, value in facts.items() if known not in around}
        problems.add(
            "field-lost",
            place,
            f"{dotted(path)} {message}, so it could not be read back",
            f"print it in every letter, such as {{{{ {as_written(path)} | ... }}}}"
            if not kind.optional
            else f"print it wherever it is present, under no other condition than {{% if {as_written(path)} %}}",
            example=lost(path, kind, language.codecs, tuple(_said(known, value) for known, value in held.items())),
        )


def always_printed(
    nodes: Sequence[Node], language: Language, needs: tuple[GrammarPath, ...] = ()
) -> frozenset[GrammarPath]:
    """Return the fields that are printed as values in every letter of a decision that has them.

    A part is among them where a field that it always has is.
    """
    guards: dict[GrammarPath, list[Asserts]] = {}
    for path, guard in _tellings(nodes, (), branches=False):
        guards.setdefault(path, []).append(guard)
    found: set[GrammarPath] = set()
    for path, kind, parents, _ in _required(language.root, (), (), guards.keys()):
        if _Search().uncovered(guards.get(path, []), dict.fromkeys((*parents, *needs), _PRESENT)) is None:
            found.add(path)
            if not kind.optional:
                found.update(parents[-1:])
    return frozenset(found)


def told(asserts: Asserts) -> Iterator[GrammarPath]:
    """Yield the fields of closed sets that conditions leave one value."""
    about: dict[GrammarPath, list[tuple[Condition, bool]]] = {}
    for condition, truth in asserts:
        about.setdefault(condition.path, []).append((condition, truth))
    for path, each in about.items():
        first = each[0][0]
        asked = [(condition.value, truth) for condition, truth in each if condition.value is not None]
        left = [value for value in first.choices if all((value == said) == truth for said, truth in asked)]
        there = not first.optional or any(t for c, t in each if c.value is None or t)
        if first.derived is None and asked and len(left) == 1 and there:
            yield path


def _tellings(nodes: Sequence[Node], guard: Asserts, *, branches: bool = True) -> Iterator[tuple[GrammarPath, Asserts]]:
    """Yield every path that is printed, or with `branches` told by a branch, with the conditions on which it is."""
    for node in nodes:
        if isinstance(node, BlockNode):
            for way in node.alternatives:
                here = (*guard, *way.asserts)
                yield from ((element.path, here) for element in way.elements if isinstance(element, Val))
                if way.asserts and branches:
                    yield from ((path, here) for path in told(here))
        elif isinstance(node, ChoiceNode):
            for asserts, body in node.arms:
                here = (*guard, *asserts)
                if branches:
                    yield from ((path, here) for path in told(here))
                yield from _tellings(body, here, branches=branches)
        else:
            there: Asserts = ((Condition(node.path, None, optional=True), True),) if node.optional else ()
            yield from _tellings(node.body, (*guard, *there), branches=branches)


def _required(
    group: Group, path: GrammarPath, parents: tuple[GrammarPath, ...], printed: Collection[GrammarPath]
) -> Iterator[tuple[GrammarPath, Leaf, tuple[GrammarPath, ...], Group]]:
    """Yield the fields that must come back, with what around them is there, and their group.

    Of optional ones, only those that are printed at all: a decision with another one is refused when it is rendered.
    """
    for name, kind in group.fields.items():
        here = (*path, name)
        if kind.optional and not any(each[: len(here)] == here for each in printed):
            continue
        around = (*parents, here) if kind.optional else parents
        if isinstance(kind, Listing):
            yield from _required(kind.entry, (*here, "*"), around, printed)
        elif isinstance(kind, Group):
            yield from _required(kind, here, around, printed)
        else:
            yield here, kind, around, group


def _needed(path: GrammarPath, group: Group, facts: _Facts, language: Language) -> GrammarPath | None:
    """Return a field of the same part that is absent in the facts, though the model refuses the field without it."""
    if group.part is None:
        return None
    name = path[-1]
    for known, value in facts.items():
        other = group.fields.get(known[-1])
        if value is not _ABSENT or known[:-1] != path[:-1] or not isinstance(other, Leaf):
            continue
        base = {each: kind for each, kind in group.fields.items() if not kind.optional}
        alone, both = ({**base, each: group.fields[each]} for each in (name, known[-1]))
        both = {**alone, **both}
        if _possible(group.part, base, language) and not _possible(group.part, alone, language):
            return known if _possible(group.part, both, language) else None
    return None


def _possible(part: type[Part], fields: Mapping[str, FieldType], language: Language) -> bool:
    """Return whether a part takes plain values of exactly these fields."""
    if not all(isinstance(kind, Leaf) for kind in fields.values()):
        return False
    plain = [_examples(kind, language) for kind in fields.values() if isinstance(kind, Leaf)]
    for values in islice(product(*plain), MOST_EXAMPLES):
        with suppress(ValidationError):
            part.model_validate(dict(zip(fields, values, strict=True)))
            return True
    return False


def _examples(kind: Leaf, language: Language) -> list[Any]:
    if kind.choices:
        return list(kind.choices[:1])
    made = (language.codecs.make(known.name, *known.example_arguments) for known in language.codecs.printing(kind.kind))
    return [value for codec in made for value in codec.examples()]


@dataclass(slots=True)
class _Search:
    """Looks for decisions that meet none of several guards."""

    trials: int = 0

    def uncovered(self, guards: Sequence[Asserts], facts: _Facts) -> _Facts | None:
        """Return facts under which no guard holds, or None where one always does."""
        self.trials += 1
        if self.trials > MOST_TRIALS:
            return facts
        left: list[Asserts] = []
        for guard in guards:
            open_ones = []
            for condition, truth in guard:
                known = _truth(condition, facts)
                if known is None:
                    open_ones.append((condition, truth))
                elif known != truth:
                    break
            else:
                if not open_ones:
                    return None
                left.append(tuple(open_ones))
        if not left:
            return facts
        condition = left[0][0][0]
        for value in _values(condition, facts):
            found = self.uncovered(left, {**facts, condition.path: value})
            if found is not None:
                return found
        return None


def _values(condition: Condition, facts: _Facts) -> Sequence[str | None]:
    """Return the values that a condition's field may still have."""
    there: Sequence[str | None] = condition.choices or (_PRESENT,)
    may_be_absent = condition.value is None or condition.optional
    return [_ABSENT, *there] if may_be_absent and facts.get(condition.path) is not _PRESENT else there


def _truth(condition: Condition, facts: _Facts) -> bool | None:
    """Return whether a condition holds, or None where the facts leave it open."""
    path = condition.path
    if any(path[:cut] in facts and facts[path[:cut]] is _ABSENT for cut in range(1, len(path))):
        return False
    if path not in facts:
        if condition.value is None and any(
            known[: len(path)] == path for known, value in facts.items() if value is not _ABSENT
        ):
            return True
        return None
    value = facts[path]
    if condition.value is None:
        return value is not _ABSENT
    return None if value == _PRESENT and condition.choices else value == condition.value


def _said(path: GrammarPath, value: str | None) -> str:
    return f"{dotted(path)} is {'absent' if value is _ABSENT else value or 'present'}"
