"""One letter family's template: rendered by Jinja, read by the grammar compiled from the same syntax tree."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from imr_letters.engine.checks.broad import broad_fences
from imr_letters.engine.checks.proof import prove
from imr_letters.engine.checks.totality import printed_paths
from imr_letters.engine.checks.whole import check
from imr_letters.engine.codecs import Codec, Codecs
from imr_letters.engine.errors import Finding
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import Grammar, Origin
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.paths import GrammarPath
from imr_letters.engine.template.build import build
from imr_letters.engine.template.events import Event, EventReader
from imr_letters.engine.template.flatten import Flattener, Loader, origin
from imr_letters.engine.template.markup import BLOCKS, CELLS, MarkupReader, shown
from imr_letters.engine.text import PARAGRAPH
from imr_letters.engine.values import Part

_SPACES = re.compile("  +")
_BLOCK_TAGS = "|".join(sorted(BLOCKS.keys() | CELLS))
#: White space that the page would show: not where one tag follows another on a line of its own.
_SPACE_IN_TEXT = re.compile(r"(?<=[^>\s])\s+|(?<=>)[^\S\n]+|(?<=>)\s+(?=[^<\s])")
_EDGES = re.compile(rf"(<(?:{_BLOCK_TAGS})(?: [^>]*)?>)\s+|\s+(</(?:{_BLOCK_TAGS})>)")


@dataclass(frozen=True, slots=True)
class AsPrinted:
    """A value handed to a template together with the words a letter printed it with."""

    value: object
    words: str

    def __eq__(self, other: object) -> bool:
        return self.value == other

    def __hash__(self) -> int:
        return hash(self.value)


def view(value: object) -> Any:
    """Return what a template sees of a decision: plain values and mappings, nothing with methods of its own."""
    if isinstance(value, Part):
        kept = value.as_printed
        seen = {
            name: AsPrinted(inner, kept[name]) if name in kept else view(inner)
            for name, inner in value.__dict__.items()
            if name != "as_printed"
        }
        return {name: each.of(seen) for name, each in value.derived.items()} | seen if value.derived else seen
    if isinstance(value, tuple) and value and isinstance(value[0], Part):
        return [view(entry) for entry in value]
    return value


class Template:
    """A template that can be read back. Raises `TemplateError` with every fault when it is made.

    `constants` are the words of a family by the names templates know them by.
    `needs` names fields that may be absent from a decision, but never from one this template prints. With
    `accept_doubt`, a template that is not proved is taken, but never one that is known to have two readings.
    """

    def __init__(
        self,
        name: str,
        load: Loader,
        known: list[str],
        language: Language,
        needs: tuple[str, ...] = (),
        *,
        constants: Mapping[str, str] | None = None,
        accept_doubt: bool = False,
    ) -> None:
        self.name = name
        self._language = language
        self._needs: tuple[GrammarPath, ...] = tuple((each,) for each in needs)
        problems = Problems()
        flattener = Flattener(environment(language.codecs, printed_words), load, known, problems)
        tree = flattener.flatten(name)
        problems.check()
        assert tree is not None
        _put_constants(tree, constants or {})
        self._tree = tree
        self.grammar = Grammar(name, build(tree, problems, language, self._needs), tuple(flattener.files))
        check(self.grammar.nodes, problems, Origin(name, 1), language, self._needs)
        printed = {path[0] for path in printed_paths(self.grammar.nodes)}
        for each in needs:
            if each not in printed:
                message = f"{each} is never printed, though the family needs it"
                remedy = "print it, or take it out of needs in family.toml"
                problems.add("field-lost", Origin(name, 1), message, remedy)
        problems.check()
        try:
            self.automaton = Automaton(self.grammar.nodes)
        except OverflowError:
            problems.add(
                "too-many-choices", Origin(name, 1), "too many choices in a row print nothing", "take some of them out"
            )
            problems.check()
        #: What was shown of the template.
        self.proof = prove(
            self.automaton,
            self.grammar.nodes,
            problems,
            Origin(name, 1),
            language,
            self._needs,
            accept_doubt=accept_doubt,
        )
        problems.check()

    @cached_property
    def warnings(self) -> tuple[Finding, ...]:
        """What is no fault of the template, but will be in the way of those who write decisions."""
        return tuple(broad_fences(self.automaton))

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What the template does, in order: statements, values, tags, and words line by line, each with its place."""
        problems = Problems()  # the same tree was read without fault when the grammar was built
        reader = EventReader(problems, self._language, MarkupReader(problems), self._needs)
        return reader.events(self._tree.body, {}, ())

    @cached_property
    def _linear(self) -> Callable[[Mapping[str, Any]], str]:
        return environment(self._language.codecs, printed_words).from_string(_lenient(_linear_tree(self._tree))).render

    @cached_property
    def _html(self) -> Callable[[Mapping[str, Any]], str]:
        tree = _lenient(copy.deepcopy(self._tree))
        return environment(self._language.codecs, _markup, autoescape=True).from_string(tree).render

    def blocks(self, seen: Mapping[str, Any]) -> list[str]:
        """Render the blocks' words from what a template sees of a decision."""
        blocks = (_SPACES.sub(" ", block).strip(" ") for block in self._linear(seen).split("\n"))
        return [block for block in blocks if block]

    def html(self, seen: Mapping[str, Any]) -> str:
        """Render the letter's markup from what a template sees of a decision.

        White space within a block is as the page will show it: one space, none at the ends.
        """
        return _EDGES.sub(r"\1\2", _SPACE_IN_TEXT.sub(" ", self._html(seen)))


def _put_constants(tree: nodes.Template, constants: Mapping[str, str]) -> None:
    """Put the words of constants into their places: they are fixed words of the family."""
    for output in tree.find_all(nodes.Output):
        made: list[nodes.Expr] = []
        joins = False
        for part in output.nodes:
            last = made[-1] if made else None
            constant = isinstance(part, nodes.Name) and part.name in constants
            words = str(escape(constants[part.name])) if isinstance(part, nodes.Name) and constant else ""
            if isinstance(part, nodes.TemplateData):
                words = part.data
            if isinstance(last, nodes.TemplateData) and words and (constant or joins):
                last.data += words
            elif constant:
                made.append(nodes.TemplateData(words, lineno=part.lineno))
                made[-1].file = getattr(part, "file", "?")  # type: ignore[attr-defined]
            else:
                made.append(part)
            joins = constant
        output.nodes = made


def words_of(codec: Codec, value: object) -> str:
    """Return the words of a value: those that a letter printed it with, or those of its codec."""
    return value.words if isinstance(value, AsPrinted) else codec.encode(value)


def printed_words(codec: Codec, value: object) -> str:
    """Print a value for the linear reading, as a Jinja filter does: its words, each paragraph on a line."""
    return words_of(codec, value).replace(PARAGRAPH, "\n")


def _markup(codec: Codec, value: object) -> Markup:
    """Print a value for HTML: its words escaped, each further paragraph in a paragraph of its own."""
    first, *others = words_of(codec, value).split(PARAGRAPH)
    return escape(first) + Markup("").join(Markup('</p>\n<p class="continued">{}').format(each) for each in others)


def environment(
    codecs: Codecs, printer: Callable[[Codec, object], str], *, autoescape: bool = False, trim: bool = True
) -> ImmutableSandboxedEnvironment:
    """Return the closed environment templates run in: codecs are the only filters, there are no globals or tests.

    With `trim`, a statement on a line of its own leaves no white space.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=autoescape,
        trim_blocks=trim,
        lstrip_blocks=trim,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    for name in codecs:
        environment.filters[name] = _filter(codecs, name, printer)
    return environment


def _filter(codecs: Codecs, name: str, printer: Callable[[Codec, object], str]) -> Callable[..., str]:
    def printed(value: object, *arguments: str) -> str:
        return printer(codecs.make(name, *arguments), value)

    return printed


def _lenient(tree: nodes.Template) -> nodes.Template:
    """Let every loop over a list that is absent print nothing: lists of a decision are absent rather than empty."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Or(loop.iter, nodes.List([], lineno=loop.lineno), lineno=loop.lineno)
    tree.set_environment(tree.environment)  # type: ignore[arg-type]
    return tree


def _linear_tree(tree: nodes.Template) -> nodes.Template:
    """Return the tree with its constant markup replaced by the words it shows, each block on a line."""
    linear = copy.deepcopy(tree)
    reader = MarkupReader(Problems())  # the same text was read without fault when the grammar was built
    for data in linear.find_all(nodes.TemplateData):
        data.data = "".join(shown(token) for token in reader.read(data.data, origin(data)))
    return linear
