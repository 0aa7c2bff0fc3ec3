"""What is on a page above the letter itself: a letterhead that belongs to no part of the form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import finding_in
from imr_letters.engine.matching.automaton import Automaton, State
from imr_letters.engine.matching.pattern import is_fence
from imr_letters.media.recover.lines import Line, line_place

#: Most lines of a letterhead.
MOST_LETTERHEAD = 15

_DIGITS = re.compile(r"\d+")


def without_letterhead(name: str, lines: Sequence[Line], automaton: Automaton) -> tuple[Sequence[Line], list[Finding]]:
    """Return the lines from the first fixed words a letter may begin with, and what was left out above these.

    What may come before those words in the letter itself, damaged, is not left out: then only lines without a digit.
    """
    first = _fixed_words(automaton.states[:1])
    later = _fixed_words(automaton.states[1:])
    for index, line in enumerate(lines[:MOST_LETTERHEAD]):
        begins = {words for words in first if line.text.startswith(words.rstrip(" "))}
        above = lines[:index]
        if line.page_number != lines[0].page_number:
            break
        if begins and (not begins & later or not any(_DIGITS.search(each.text) for each in above)):
            return lines[index:], [_above(name, each) for each in above]
    return lines, []


def _above(name: str, line: Line) -> Finding:
    message = "stands above the letter and belongs to no part of the form; it was left out"
    return finding_in(line_place(line, 0), name, len(line.text), code="letterhead", severity="note", message=message)


def _fixed_words(states: Sequence[State]) -> set[str]:
    """Return the fixed words that blocks read in these states begin with."""
    prefixes = (step.pattern.prefix for state in states for step in state.steps if step.pattern is not None)
    return {prefix for prefix in prefixes if is_fence(prefix)}
