"""Compile a flat Jinja syntax tree into a grammar, noting everything that could not be read back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jinja2 import nodes

from imr_letters.engine import text
from imr_letters.engine.checks.counterexample import is_free, run_together, run_twice, turns_together, varies
from imr_letters.engine.checks.division import may_divide, two_divisions
from imr_letters.engine.checks.watch import GivenUpError
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import (
    Alternative,
    Asserts,
    BlockNode,
    ChoiceNode,
    Inline,
    InlineChoice,
    Lit,
    LoopNode,
    Node,
    Origin,
    Val,
    contradict,
)
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import fences_inside
from imr_letters.engine.matching.pattern import Pattern, is_fence
from imr_letters.engine.paths import GrammarPath, dotted
from imr_letters.engine.template.events import Event, EventReader, For, If
from imr_letters.engine.template.markup import BLOCKS, CELLS, MarkupReader, Token

#: More ways than this to print one block are refused: nobody could review them.
MOST_ALTERNATIVES = 64


def build(
    tree: nodes.Template, problems: Problems, language: Language, needs: tuple[GrammarPath, ...] = ()
) -> tuple[Node, ...]:
    """Return the grammar's nodes of a flat tree; faults go to `problems`. `needs` are fields that are always there."""
    markup = MarkupReader(problems)
    events = EventReader(problems, language, markup, needs).events(tree.body, {}, ())
    markup.close_all()
    return _Assembler(problems).nodes(events)


def build_paragraph(
    body: Sequence[nodes.Node], reader: EventReader, problems: Problems, place: Origin
) -> BlockNode | None:
    """Return the paragraph that a body without markup prints, or None where it prints no words."""
    found = _Assembler(problems).paragraph(Token("open", "p", place), reader.events(body, {}, ()))
    return next((node for node in found if isinstance(node, BlockNode)), None)


class _Assembler:
    """Second pass: events become blocks, choices between blocks, and loops over blocks."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def nodes(self, events: Sequence[Event]) -> tuple[Node, ...]:
        found: list[Node] = []
        index = 0
        while index < len(events):
            event = events[index]
            index += 1
            if isinstance(event, Token) and event.kind == "open" and event.value in BLOCKS:
                end = index
                while end < len(events) and not _closes(events[end], event.value):
                    end += 1
                found += self.paragraph(event, events[index:end])
                index = end + 1
            elif isinstance(event, Token) and event.kind == "text" and event.value.strip("\t\n\r\f\v "):
                self._problems.add(
                    "words-outside",
                    event.origin,
                    "words stand outside a paragraph, heading or row",
                    "put them into a tag such as <p>",
                    excerpt=event.value.strip()[:80],
                )
            elif isinstance(event, If):
                arms = tuple((asserts, self.nodes(body)) for asserts, body in event.arms)
                if any(nodes for _, nodes in arms):
                    found.append(ChoiceNode(arms, event.origin))
            elif isinstance(event, For):
                body = self.nodes(event.body)
                if body:
                    found.append(LoopNode(event.path, event.optional, body, event.origin))
                else:
                    self._problems.add(
                        "loop", event.origin, "the loop prints nothing", "print the entry's fields in it"
                    )
        return tuple(found)

    def paragraph(self, opened: Token, events: Sequence[Event]) -> list[Node]:
        """Return the block that a tag opens; nothing where it never prints words."""
        if opened.value == "tr":
            self._check_row(events)
        inline = self._inline(events)
        alternatives = [Alternative(asserts, _folded(elements)) for asserts, elements in _expand(inline)]
        if len(alternatives) > MOST_ALTERNATIVES:
            self._problems.add(
                "too-many-choices",
                opened.origin,
                f"this block can be printed in more than {MOST_ALTERNATIVES} ways",
                "split it into several paragraphs",
            )
            return []
        role = BLOCKS[opened.value]
        for alternative in alternatives:
            self._check_words(alternative)
            self._check_prose(alternative, role)
        if not any(alternative.elements for alternative in alternatives):
            return []
        node = BlockNode(role, tuple(alternatives), opened.origin)
        inside = fences_inside(node)
        for alternative in alternatives:
            self._check_typed(alternative)
            if may_divide(alternative.elements):
                self._check_division(Pattern(alternative, inside, role))
        return [node]

    def _check_division(self, pattern: Pattern) -> None:
        """Note where a paragraph could be divided between its values in two ways: proved for all paragraphs at once."""
        found = list(self._problems.found)
        try:
            example = two_divisions(pattern)
        except GivenUpError:
            example = None
        else:
            if example is None:
                return
        self._check_neighbours(pattern.alternative)
        place = pattern.values[-1].origin
        if self._problems.found != found or any(self._problems.has(each.origin) for each in pattern.values):
            return
        names = " and ".join(dict.fromkeys(dotted(each.path) for each in pattern.values))
        if example is None:
            message = f"whether the words of {names} can be divided in two ways was not decided"
        else:
            message = f"the words of {names} can be divided in two ways: the end of the first is ambiguous"
        self._problems.add("values-adjacent", place, message, "put other fixed words between them", example=example)

    def _check_row(self, events: Sequence[Event]) -> None:
        inside = False
        for event in events:
            if isinstance(event, Token) and event.value in CELLS and event.kind != "text":
                inside = event.kind == "open"
            elif isinstance(event, Token) and event.kind == "text" and event.value.strip() and not inside:
                self._problems.add(
                    "words-outside",
                    event.origin,
                    "words stand in a row outside its cells",
                    "put them into <td> or <th>",
                )

    def _inline(self, events: Sequence[Event]) -> tuple[Inline, ...]:
        found: list[Inline] = []
        for event in events:
            if isinstance(event, Val):
                found.append(event)
            elif isinstance(event, Token):
                if event.value in BLOCKS and event.kind != "text":
                    self._problems.add(
                        "paragraph-split",
                        event.origin,
                        "a paragraph, heading or row cannot begin or end inside another or inside {% if %}",
                        "put the whole paragraph into the {% if %}, or only words of it",
                    )
                elif event.kind == "text":
                    found.append(Lit(event.value, event.origin))
                elif event.value in CELLS:
                    found.append(Lit(" ", event.origin))
            elif isinstance(event, If):
                found.append(
                    InlineChoice(tuple((asserts, self._inline(body)) for asserts, body in event.arms), event.origin)
                )
            else:
                turns = [elements for _, elements in _expand(self._inline(event.body))]
                examples = (turns_together(turn, event.path) for turn in turns)
                self._problems.add(
                    "loop-inline",
                    event.origin,
                    "a loop inside a paragraph has nothing fixed that parts one turn from the next",
                    "give each turn its own paragraph or row, or print a list with a codec such as list",
                    example=next((each for each in examples if each is not None), None),
                )
        return tuple(found)

    def _check_words(self, alternative: Alternative) -> None:
        for element in alternative.elements:
            if isinstance(element, Lit):
                fault = text.refused(element.text)
                if "{" in element.text or "}" in element.text:
                    self._problems.add(
                        "braces",
                        element.origin,
                        "a brace would be printed as it is",
                        "write {{ and }} without a space inside",
                    )
                if fault:
                    self._problems.add("character", element.origin, str(fault), "write it in characters that print")

    def _check_prose(self, alternative: Alternative, role: str) -> None:
        for index, element in enumerate(alternative.elements):
            if isinstance(element, Val) and element.codec.reach == "prose":
                if role != "p":
                    self._problems.add(
                        "prose-place",
                        element.origin,
                        f"{dotted(element.path)} may hold several paragraphs, which cannot stand in a heading or row",
                        "put it into <p>",
                    )
                if index + 1 < len(alternative.elements):
                    self._problems.add(
                        "prose-place",
                        element.origin,
                        f"{dotted(element.path)} may hold several paragraphs: nothing can follow it in its paragraph",
                        "end the paragraph after it",
                    )

    def _check_neighbours(self, alternative: Alternative) -> None:
        """Two values that any words can fill are parted by a word, or nobody can tell where one ends."""
        before: Val | None = None
        between: list[Lit | Val] = []
        for element in alternative.elements:
            if isinstance(element, Lit):
                between.append(element)
            elif element.codec.reach == "typed":
                if before is not None and not between:
                    self._note_adjacent(before, between, element, alternative.asserts)
                between.append(element)
            else:
                if before is not None and not any(isinstance(each, Lit) and is_fence(each.text) for each in between):
                    self._note_adjacent(before, between, element, alternative.asserts)
                before, between = element, []

    def _check_typed(self, alternative: Alternative) -> None:
        """Values of a plain form, such as numbers, and what stands around them can be divided in one way only."""
        free = [at for at, each in enumerate(alternative.elements) if isinstance(each, Val) and is_free(each)]
        starts = [0, *(at + 1 for at in free[:-1])] if free else [0]
        runs = [alternative.elements[start : end + 1] for start, end in zip(starts, free, strict=False)]
        # After the last value of any words, the end of the paragraph tells where it ends.
        runs.append(alternative.elements[free[-1] :] if free else alternative.elements)
        for run in runs:
            values = [each for each in run if isinstance(each, Val)]
            # Where every value has one length, or none begins or ends as another, the words divide in one way.
            doubtful = len(values) > 1 and any(varies(each.codec) for each in values)
            found = run_twice(run, alternative.asserts) if doubtful else None
            if found is not None and not self._problems.has(found[0][-1].origin):
                values, example = found
                names = " and ".join(dotted(each.path) for each in values)
                message = f"the words of {names} can be divided in two ways: nobody can tell where the one ends"
                remedy = "put words of the form between them"
                self._problems.add("values-adjacent", values[-1].origin, message, remedy, example=example)

    def _note_adjacent(self, left: Val, between: Sequence[Lit | Val], right: Val, asserts: Asserts) -> None:
        shown = "".join(each.text if isinstance(each, Lit) else "..." for each in between)
        apart = f'only "{shown}"' if shown.strip() else "only a space" if shown else "nothing"
        example = run_together(left, between, right, asserts)
        if example is not None:
            names = f"{dotted(left.path)} and {dotted(right.path)}"
            message = f"{names} are parted by {apart}, which the first may hold itself: nobody can tell where it ends"
        elif left.path == right.path:
            message = f"{dotted(left.path)} stands here twice, parted by {apart}: nobody sees where the first ends"
        else:
            message = f"{dotted(right.path)} is parted from {dotted(left.path)} by {apart}: nobody sees where it begins"
        remedy = "put words of the form between them, at least one of three letters, such as a label"
        self._problems.add("values-adjacent", right.origin, message, remedy, example=example)


def _closes(event: Event, tag: str) -> bool:
    return isinstance(event, Token) and event.kind == "close" and event.value == tag


def _expand(inline: Sequence[Inline]) -> list[tuple[Asserts, tuple[Lit | Val, ...]]]:
    ways: list[tuple[Asserts, tuple[Lit | Val, ...]]] = [((), ())]
    for part in inline:
        if isinstance(part, InlineChoice):
            arms = [((*asserts, *more), elements) for asserts, body in part.arms for more, elements in _expand(body)]
        else:
            arms = [((), (part,))]
        joined = [((*a, *b), (*x, *y)) for a, x in ways for b, y in arms if not contradict((*a, *b))]
        ways = joined[: MOST_ALTERNATIVES + 1]
    return ways


def _folded(elements: tuple[Lit | Val, ...]) -> tuple[Lit | Val, ...]:
    """Join fixed words that stand side by side, and fold their white space as a browser does."""
    folded: list[Lit | Val] = []
    for element in elements:
        if isinstance(element, Val):
            folded.append(element)
            continue
        last = folded[-1] if folded else None
        words = re.sub(r"\s+", " ", element.text)
        if last is None or (isinstance(last, Lit) and last.text.endswith(" ")):
            words = words.removeprefix(" ")
        if isinstance(last, Lit):
            folded[-1] = Lit(last.text + words, last.origin)
        elif words:
            folded.append(Lit(words, element.origin))
    if folded and isinstance(folded[-1], Lit):
        words = folded[-1].text.rstrip(" ")
        folded[-1:] = [Lit(words, folded[-1].origin)] if words else []
    return tuple(folded)
