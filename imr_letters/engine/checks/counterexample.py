"""Why a template is refused, by example: words of a letter, and the two things that they could mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imr_letters.engine.checks.overlap import twofold
from imr_letters.engine.codecs import Codec, Codecs
from imr_letters.engine.fields import Leaf
from imr_letters.engine.grammar.nodes import Alternative, Asserts, BlockNode, ChoiceNode, Lit, LoopNode, Node, Val
from imr_letters.engine.paths import GrammarPath, dotted
from imr_letters.engine.text import PARAGRAPH

#: What is so: `charges[].ruling is credited`, `meter is absent`, `charges[].label is "Alpha"`.
FactWords = tuple[str, ...]

#: Words longer than this are shown by their beginning and end.
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Words of a letter, paragraph by paragraph, that would be printed for either of two things. They may be none."""

    words: tuple[str, ...]
    one: FactWords
    other: FactWords

    def __str__(self) -> str:
        shown = " ".join(map(_quoted, self.words))
        head = (
            f"the same words would stand for two things: {shown}" if shown else "letters would be alike for two things:"
        )
        both = [fact for fact in self.one if fact in self.other]
        lines = [f"where {', '.join(both)}, {head}" if both else head]
        for number, facts in enumerate((self.one, self.other), 1):
            lines.append(f"  {number}. {', '.join(fact for fact in facts if fact not in both)}")
        return "\n".join(lines)


def value_fact(path: GrammarPath, words: str) -> str:
    """Say what the words of a value are."""
    return f"{dotted(path)} is {' '.join(map(_quoted, words.split(PARAGRAPH)))}"


def _quoted(words: str) -> str:
    return f'"{words}"' if len(words) <= _LONGEST else f'"{words[: _LONGEST - 20]} ... {words[-15:]}"'


def conditions(asserts: Asserts, printed: Sequence[Lit | Val] = ()) -> FactWords:
    """Say what conditions tell, in as few words as they allow: the one value that is left, where only one is.

    A value that is printed is present, and needs not be told to be.
    """
    shown = {each.path for each in printed if isinstance(each, Val)}
    present = {
        condition.path: truth
        for condition, truth in asserts
        if condition.value is None and not (truth and condition.path in shown)
    }
    left: dict[GrammarPath, list[str]] = {}
    for condition, truth in asserts:
        if condition.value is not None:
            left[condition.path] = [
                each for each in left.get(condition.path, condition.choices) if (each == condition.value) == truth
            ]
    facts = [f"{dotted(path)} is {'present' if there else 'absent'}" for path, there in present.items()]
    return (*facts, *(f"{dotted(path)} is {' or '.join(values)}" for path, values in left.items()))


def _example(codec: Codec) -> str:
    """Return a plain value of one paragraph as a codec prints it."""
    return codec.encode(codec.examples()[0])


def _another(codec: Codec) -> str:
    """Return another one, the shortest there is."""
    first, *others = (codec.encode(each).split(PARAGRAPH)[-1] for each in codec.examples())
    return min((each for each in others if each != first), key=len, default=first)


def run_together(left: Val, between: Sequence[Lit | Val], right: Val, asserts: Asserts = ()) -> Counterexample | None:
    """Return two pairs of values that print the same with what stands between them, where there are any.

    `asserts` are the conditions on which they stand so. There are none for a value that is printed twice, nor where
    the second value tells by its form where it begins.
    """
    if left.path == right.path:
        return None
    parted = "".join(each.text if isinstance(each, Lit) else _example(each.codec) for each in between)
    if right.codec.reach == "typed":
        whole = [right.codec.encode(each) for each in right.codec.examples()]
        pairs = [(("a", words), ("a" + words[:cut], words[cut:])) for words in whole for cut in range(1, len(words))]
    else:
        pairs = [((f"a{parted}b", "c"), ("a", f"b{parted}c"))]
    for one, other in pairs:
        if all(prints(left.codec, a) and prints(right.codec, b) for a, b in (one, other)):
            held = (*conditions(asserts, [left, *between, right]), *_between(between))
            facts = [(*held, value_fact(left.path, a), value_fact(right.path, b)) for a, b in (one, other)]
            return Counterexample((parted.join(one),), facts[0], facts[1])
    return None


def _between(elements: Sequence[Lit | Val]) -> FactWords:
    return tuple(value_fact(each.path, _example(each.codec)) for each in elements if isinstance(each, Val))


def prints(codec: Codec, words: str) -> bool:
    """Tell whether a codec prints some value with these very words."""
    try:
        return codec.encode(codec.decode(words)) == words
    except ValueError:
        return False


def varies(codec: Codec) -> bool:
    """Tell whether a codec of a plain form prints values that begin or end other values of it."""
    if codec.closed:
        return any(a != b and (a.startswith(b) or a.endswith(b)) for a in codec.closed for b in codec.closed)
    return codec.reach == "typed" and "," in codec.pattern


def run_twice(elements: Sequence[Lit | Val], asserts: Asserts) -> tuple[list[Val], Counterexample] | None:
    """Return words that values and fixed words in turn print for either of two sets of values, and those values.

    None where there are no such words. A value that stands there twice is the same both times.
    """
    found = twofold(elements)
    if found is None:
        return None
    triples = [each for each in zip(elements, *found, strict=True) if each[1] != each[2]]
    values = [(each, one, other) for each, one, other in triples if isinstance(each, Val)]
    if len({value.path for value, _, _ in values}) < len(values):
        return None
    held = conditions(asserts, elements)
    first, last = (elements.index(values[index][0]) for index in (0, -1))
    words = "".join(found[0][first : last + 1])
    one = tuple(value_fact(value.path, part) for value, part, _ in values)
    other = tuple(value_fact(value.path, part) for value, _, part in values)
    return [value for value, _, _ in values], Counterexample((words,), (*held, *one), (*held, *other))


def turns_together(turn: Sequence[Lit | Val], path: GrammarPath) -> Counterexample | None:
    """Return one entry that prints, in one paragraph, what two entries print; None without a value of any words."""
    last = next((index for index in reversed(range(len(turn))) if is_free(turn[index])), None)
    if last is None:
        return None
    free = turn[last]
    assert isinstance(free, Val)

    def printed(elements: Sequence[Lit | Val], word: str = "") -> str:
        return "".join(
            each.text
            if isinstance(each, Lit)
            else word
            if each is free
            else "a"
            if is_free(each)
            else _example(each.codec)
            for each in elements
        )

    both = printed(turn[last + 1 :]) + printed(turn[:last])
    one = f"one of {dotted(path)}", value_fact(free.path, f"a{both}b")
    two = f"two of {dotted(path)}", f'{value_fact(free.path, "a")} and then "b"'
    return Counterexample(((printed(turn, "a") + printed(turn, "b")).strip(),), one, two)


def is_free(element: Lit | Val) -> bool:
    """Tell whether an element is a value of any words."""
    return isinstance(element, Val) and element.codec.reach != "typed"


#: An arm of a choice: its conditions and what it prints.
Arm = tuple[Asserts, Sequence[Node]]


def alike(one: Arm, other: Arm) -> Counterexample:
    """Return what two arms print that print the same."""
    words, inner = _printed(one[1])
    _, others = _printed(other[1])
    return Counterexample(words, conditions((*one[0], *inner)), conditions((*other[0], *others)))


def _printed(nodes: Sequence[Node]) -> tuple[tuple[str, ...], Asserts]:
    """Return paragraphs that nodes print for plain values, and on which conditions."""
    words: tuple[str, ...] = ()
    held: Asserts = ()
    for node in nodes:
        if isinstance(node, BlockNode):
            way = node.alternatives[0]
            held = (*held, *way.asserts)
            text = "".join(each.text if isinstance(each, Lit) else _example(each.codec) for each in way.elements)
            words = (*words, text) if text else words
        else:
            asserts, body = node.arms[0] if isinstance(node, ChoiceNode) else ((), node.body)
            inner, more = _printed(body)
            words, held = (*words, *inner), (*held, *asserts, *more)
    return words, held


def silent_turn(loop: LoopNode) -> Counterexample:
    """Return when a turn of a loop prints nothing."""
    facts = conditions(_silent(loop.body))
    return Counterexample((), (f"no more of {dotted(loop.path)}",), (f"one more of {dotted(loop.path)}", *facts))


def silent_paragraph(block: BlockNode) -> Counterexample:
    """Return when a paragraph prints nothing."""
    return Counterexample(
        (), ("this paragraph is left out",), ("this paragraph stands here", *conditions(_silent([block])))
    )


def _silent(nodes: Sequence[Node]) -> Asserts:
    """Return conditions on which nodes print nothing; they can."""
    held: Asserts = ()
    for node in nodes:
        if isinstance(node, BlockNode):
            held = (*held, *next(way.asserts for way in node.alternatives if not way.elements))
        elif isinstance(node, ChoiceNode):
            asserts, body = next(arm for arm in node.arms if may_be_empty(arm[1]))
            held = (*held, *asserts, *_silent(body))
    return held


def may_be_empty(nodes: Sequence[Node]) -> bool:
    """Tell whether nodes may print nothing."""
    return all(
        any(not way.elements for way in node.alternatives)
        if isinstance(node, BlockNode)
        else any(may_be_empty(body) for _, body in node.arms)
        if isinstance(node, ChoiceNode)
        else node.optional or may_be_empty(node.body)
        for node in nodes
    )


def goes_on(prose: Val, asserts: Asserts, way: Alternative) -> Counterexample | None:
    """Return a paragraph after prose that may be more of it, or the block that follows it; None for the same value.

    `asserts` are the conditions on which the prose is printed, `way` is how the block is.
    """
    values = [each for each in way.elements if isinstance(each, Val)]
    if any(value.path == prose.path for value in values):
        return None
    first = _example(prose.codec)
    second = "".join(each.text if isinstance(each, Lit) else _another(each.codec) for each in way.elements)
    follows = [value_fact(value.path, _another(value.codec)) for value in values]
    if not follows:
        follows = [f'"{second}" stands there as words of the form']
    held = conditions(asserts, [prose])
    after = f"after it {' and '.join((*follows, *conditions(way.asserts, way.elements)))}"
    longer = value_fact(prose.path, f"{first}{PARAGRAPH}{second}")
    return Counterexample((first, second), (*held, value_fact(prose.path, first), after), (*held, longer))


def lost(path: GrammarPath, kind: Leaf, codecs: Codecs, held: FactWords = ()) -> Counterexample:
    """Return two values of a field that is not printed where something is so."""
    values = list(dict.fromkeys(_values(kind, codecs)))[:2]
    one, other = (f"{dotted(path)} is {words}" for words in values)
    return Counterexample((), (*held, one), (*held, other))


def _values(kind: Leaf, codecs: Codecs) -> Iterator[str]:
    if kind.choices:
        yield from kind.choices
        return
    for known in codecs.printing(kind.kind):
        made = codecs.make(known.name, *known.example_arguments)
        for each in made.examples():
            yield " ".join(f'"{part}"' for part in made.encode(each).split(PARAGRAPH))
