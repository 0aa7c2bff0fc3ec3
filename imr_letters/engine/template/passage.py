"""Approved wording with variables in it: printed by Jinja, read by the grammar compiled from the same source.

A passage is one or several paragraphs of plain words in the restricted Jinja of letters. It knows no markup and no
loops; its number of paragraphs is fixed, so that the words alone tell where it begins and ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from imr_letters.engine.checks.counterexample import silent_paragraph
from imr_letters.engine.checks.proof import prove
from imr_letters.engine.checks.whole import check
from imr_letters.engine.codecs import Codecs
from imr_letters.engine.codecs.simple import ChoiceWords, Number, UsDate, Words
from imr_letters.engine.fields import FieldType, Group
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import BlockNode, Origin
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import Automaton, Failure
from imr_letters.engine.matching.readback import read_back
from imr_letters.engine.template.build import build_paragraph
from imr_letters.engine.template.compiled import environment, printed_words
from imr_letters.engine.template.events import EventReader
from imr_letters.engine.template.markup import Token

#: The codecs of variables.
VARIABLES = Codecs(Words, Number, UsDate, ChoiceWords)
#: A passage has at most so many paragraphs.
MOST_PARAGRAPHS = 12

_SPACES = re.compile(r"\s+")
_PARAGRAPHS = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")


class Passage:
    """A compiled passage. Faults go to `problems`; with any, the passage must not be used.

    `file` names the source in messages and `first_line` is the line its words begin on, counted from 1.
    """

    def __init__(
        self, file: str, words: str, first_line: int, variables: Mapping[str, FieldType], problems: Problems
    ) -> None:
        self.file = file
        self._variables = variables
        self._trees: list[nodes.Template] = []
        language = Language(
            Group(variables),
            VARIABLES,
            subject="this snippet",
            field="variable",
            allowed="a snippet may hold words, {{ variable | codec }}, if and comments",
        )
        before = len(problems.found)
        found: list[BlockNode] = []
        pieces = list(_PARAGRAPHS.finditer(words))
        for piece in pieces[:MOST_PARAGRAPHS]:
            place = Origin(file, first_line + words.count("\n", 0, piece.start()))
            tree = self._parsed(piece.group(), place, problems)
            if tree is None:
                continue
            block = build_paragraph(tree.body, EventReader(problems, language, _Plain()), problems, place)
            if block is not None and all(way.elements for way in block.alternatives):
                self._trees.append(tree)
                found.append(block)
            elif len(problems.found) == before:
                message = "this paragraph can print nothing, so nobody could tell whether it was there"
                example = None if block is None else silent_paragraph(block)
                problems.add("may-be-empty", place, message, "write words that always stand in it", example=example)
        place = Origin(file, first_line)
        if not pieces:
            problems.add("empty", place, "the snippet has no words", "write them below the second ---")
        if len(pieces) > MOST_PARAGRAPHS:
            problems.add("too-long", place, f"has more than {MOST_PARAGRAPHS} paragraphs", "make several snippets")
        #: One block for each paragraph.
        self.paragraphs = tuple(found)
        if len(problems.found) > before:
            return
        check(self.paragraphs, problems, place, language)
        if any(len(paragraph.alternatives) > 1 for paragraph in self.paragraphs):
            prove(self.automaton, self.paragraphs, problems, place, language)

    @cached_property
    def automaton(self) -> Automaton:
        """The compiled grammar; made when first needed, for a library is loaded much more often than read in full."""
        return Automaton(self.paragraphs)

    def print(self, values: Mapping[str, object]) -> list[str]:
        """Return the paragraphs with the values of the variables in them; None stands for a value that is absent."""
        return [_SPACES.sub(" ", render(values)).strip(" ") for render in self._printers]

    def read(self, paragraphs: Sequence[str]) -> list[dict[str, Any]]:
        """Return the values for every way in which this passage prints the paragraphs."""
        traces = self.automaton.read(paragraphs)
        if isinstance(traces, Failure):
            return []
        found: list[dict[str, Any]] = []
        for trace in traces:
            readback = read_back(trace)
            if not readback.faults and readback.data not in found:
                found.append(readback.data)
        return found

    @cached_property
    def _printers(self) -> list[Callable[[Mapping[str, object]], str]]:
        return [_jinja().from_string(tree).render for tree in self._trees]

    def _parsed(self, words: str, place: Origin, problems: Problems) -> nodes.Template | None:
        try:
            # The empty lines before let the syntax tree count lines as the file does.
            tree = _jinja().parse("\n" * (place.line - 1) + words, place.file)
        except TemplateSyntaxError as error:
            remedy = "every {{ needs its }} and every {% if %} its {% endif %}, within one paragraph"
            where = Origin(place.file, error.lineno)
            problems.add("template-syntax", where, f"the snippet cannot be read: {error.message}", remedy)
            return None
        except (RecursionError, ValueError):
            problems.add("template-syntax", place, "is nested too deep to be read", "make it simpler")
            return None
        for node in tree.find_all(nodes.Node):
            node.file = place.file  # type: ignore[attr-defined]
        return tree


@cache
def _jinja() -> SandboxedEnvironment:
    return environment(VARIABLES, printed_words, trim=False)  # a line may end with a statement, and its end is a space


class _Plain:
    """Reads constant text that is plain words."""

    def __init__(self) -> None:
        self.open: list[tuple[str, Origin]] = []

    @property
    def takes_words(self) -> bool:
        return True

    def read(self, data: str, origin: Origin) -> list[Token]:
        pieces = re.findall(r"\n?[^\n]*", data)
        line = origin.line
        found = []
        for piece in pieces:
            line += piece.startswith("\n")
            if piece:
                found.append(Token("text", piece, Origin(origin.file, line)))
        return found
