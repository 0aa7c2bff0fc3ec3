"""Print a template's grammar as a list that a template editor can follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_letters.engine.grammar.nodes import Alternative, Asserts, BlockNode, ChoiceNode, Lit, Node
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.matching.fences import edits
from imr_letters.engine.matching.pattern import Pattern
from imr_letters.engine.paths import dotted
from imr_letters.imr.form import Family

#: Longer fixed text is shown by its beginning.
_LONGEST = 80
_ROLES = {"p": "paragraph", "row": "table row"}


def explain(family: Family) -> str:
    """Return the grammar of a family: each block in order, what is fixed in it, and what each value may not hold."""
    about = family.about
    since = f"from {about.in_force_from}" if about.in_force_from else ""
    until = f"until {about.in_force_to}" if about.in_force_to else ""
    lines = [
        f"{family.name}: {about.title}, {about.organization}" + "".join(f", {each}" for each in (since, until) if each),
        "Words in quotes are fixed. <field: what is printed> is a value of the decision.",
        "",
        *_lines(family.template.grammar.nodes, 0),
        *_kept_out(family.automaton),
    ]
    return "\n".join(lines) + "\n"


def _lines(nodes: Sequence[Node], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for node in nodes:
        if isinstance(node, BlockNode):
            role = _ROLES.get(node.role, f"heading {node.role[1:]}")
            place = f"[{node.origin.file}:{node.origin.line}]"
            ways = [way for way in node.alternatives if way.elements]
            if len(node.alternatives) == 1:
                yield f"{indent}{role}: {_way(ways[0])}  {place}"
                continue
            yield f"{indent}{role}, one of:  {place}"
            for way in node.alternatives:
                yield f"{indent}  if {_when(way.asserts)}: {_way(way) if way.elements else 'nothing'}"
        elif isinstance(node, ChoiceNode):
            for asserts, body in node.arms:
                yield f"{indent}if {_when(asserts)}:" + ("" if body else " nothing")
                yield from _lines(body, depth + 1)
        else:
            least = "none, one or more" if node.optional else "one or more"
            yield f"{indent}for each of {dotted(node.path)} ({least}):"
            yield from _lines(node.body, depth + 1)


def _way(way: Alternative) -> str:
    return " ".join(
        f'"{element.text}"' if isinstance(element, Lit) else f"<{dotted(element.path)}: {element.codec.expected}>"
        for element in way.elements
    )


def _when(asserts: Asserts) -> str:
    return " and ".join(str(condition) if truth else f"not ({condition})" for condition, truth in asserts)


def _kept_out(automaton: Automaton) -> Iterator[str]:
    """Yield which words each value may not hold, since letters print them as fixed text, and where that is."""
    patterns = {id(step.pattern): step.pattern for state in automaton.states for step in state.steps if step.pattern}
    places = {
        element.text: f"[{element.origin.file}:{element.origin.line}]"
        for pattern in reversed(patterns.values())
        for element in pattern.elements
        if isinstance(element, Lit)
    }
    rules: dict[str, dict[str, list[str]]] = {}

    def add(path: str, rule: str, words: Sequence[str]) -> None:
        known = rules.setdefault(path, {}).setdefault(rule, [])
        known += [each for each in words if each not in known]

    for state in automaton.states:
        if state.prose is not None:
            path = dotted(state.prose.path)
            add(path, "no paragraph begins with", state.fences.start)
            add(path, "no paragraph is", state.fences.whole)
            shapes = [each.describe() for each in state.fences.shapes if isinstance(each, Pattern)]
            add(path, "no paragraph reads like", shapes)
    for pattern in patterns.values():
        for value in pattern.values:
            if value.codec.reach == "words":
                add(dotted(value.path), "may not hold", pattern.inside.inside)
            if value is pattern.values[0]:
                add(dotted(value.path), "may not begin with", pattern.start.start)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path, each in rules.items():
        for rule, words in each.items():
            if words:
                alike.setdefault((rule, tuple(words)), []).append(path)
    if alike:
        yield ""
        yield "What values may not hold, because these letters print it as fixed text; ~ marks text that is also"
        yield "recognized with one character changed."
    for (rule, fences), paths in alike.items():
        yield f"  {', '.join(paths)}: {rule}"
        for fence in fences:
            near = "~" if rule == "no paragraph is" or (fence in places and edits(fence)) else " "
            shown = fence.strip() if len(fence) <= _LONGEST else f"{fence[:_LONGEST].strip()} ..."
            yield f'    {near} "{shown}"  {places.get(fence, "")}'.rstrip()
