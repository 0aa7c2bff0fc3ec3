"""Print a template's grammar as a list that a template editor can follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_letters.engine.grammar.nodes import Alternative, Asserts, BlockNode, ChoiceNode, Lit, Node
from imr_letters.engine.paths import dotted
from imr_letters.imr.form import Family

_ROLES = {"p": "paragraph", "row": "table row"}


def explain(family: Family) -> str:
    """Return the grammar of a family: each block in order, what is fixed in it and what is a value."""
    about = family.about
    since = f"from {about.in_force_from}" if about.in_force_from else ""
    until = f"until {about.in_force_to}" if about.in_force_to else ""
    lines = [
        f"{family.name}: {about.title}, {about.organization}" + "".join(f", {each}" for each in (since, until) if each),
        "Words in quotes are fixed. <field: what is printed> is a value of the decision.",
        "",
        *_lines(family.template.grammar.nodes, 0),
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
