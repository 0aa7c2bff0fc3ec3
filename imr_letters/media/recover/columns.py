"""Put the rows of a table in order whose cells an extractor gave column by column.

Common extractors read the header of a letter down its first column of labels, down the column of their values, and so
on. Which value belongs to which label follows from the order alone where as many values come after a run of labels as
it has; then, and only then, the rows are put together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from imr_letters.engine.grammar.nodes import Lit
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.engine.matching.pattern import Pattern, is_fence
from imr_letters.media.recover.lines import Line


def in_rows(lines: Sequence[Line], automaton: Automaton) -> tuple[list[Line], range]:
    """Return the lines with such a table in rows, one a line, and which lines those are; none where there is none."""
    for rows, following in _tables(automaton):
        labels = [label for row in rows for label in _labels(row)]
        start = next((at for at, line in enumerate(lines) if line.text == labels[0]), None)
        if start is None:
            continue
        end = next((at for at in range(start, len(lines)) if lines[at].text.startswith(following)), None)
        cells = None if end is None else _cells(lines[start:end], labels)
        if cells is not None:
            made = [
                replace(lines[start + cells[_labels(row)[0]][0]], text=_row(row, cells), gap=1, page=False)
                for row in rows
            ]
            made[0] = replace(made[0], gap=lines[start].gap, page=lines[start].page)
            return [*lines[:start], *made, *lines[end:]], range(start, start + len(made))
    return list(lines), range(0)


def _tables(automaton: Automaton) -> Iterator[tuple[list[Pattern], tuple[str, ...]]]:
    """Yield the rows of fixed labels that follow each other in a family's letters, and the words that may follow."""
    entered = {step.target for state in automaton.states for step in state.steps if _is_row(step.pattern)}
    for number in range(len(automaton.states)):
        rows: list[Pattern] = []
        here = number
        while pattern := next((each.pattern for each in automaton.states[here].steps if _is_row(each.pattern)), None):
            rows.append(pattern)
            here = next(each.target for each in automaton.states[here].steps if each.pattern is pattern)
            if rows.count(pattern) > 1:  # a loop's
                break
        after = (step.pattern.prefix.strip() for step in automaton.states[here].steps if step.pattern is not None)
        following = tuple(words for words in after if is_fence(words))
        if len(rows) > 1 and number not in entered and following:
            yield rows, following


def _is_row(pattern: Pattern | None) -> bool:
    return pattern is not None and pattern.role == "row" and pattern.is_labelled


def _labels(row: Pattern) -> list[str]:
    return [element.text.strip() for element in row.elements if isinstance(element, Lit)]


def _cells(lines: Sequence[Line], labels: Sequence[str]) -> dict[str, tuple[int, str]] | None:
    """Return for each label in which line it is and its value; None where the order does not say.

    As many values come after a run of labels as it has, or one right before its label.
    """
    found: dict[str, tuple[int, str]] = {}
    waiting: deque[str] = deque()
    early = torn = ""  # a value that no label came before; what is still to come of a label whose words are apart
    places: dict[str, int] = {}
    giving = ordered = False
    for number, line in enumerate(lines):
        words = line.text
        unseen = [label for label in labels if label not in places]
        whole = next((label for label in unseen if f"{words} ".startswith(f"{label} ")), None)
        label = whole or next((label for label in unseen if label.startswith(f"{words} ")), None)
        if torn and words == torn:
            torn = ""
        elif label is None and waiting:
            giving = True
            first = waiting.popleft()
            found[first] = (places[first], words)
        elif label is None and not early and not torn:
            early = words
        elif label is None or torn or (giving and waiting):
            return None
        else:
            places[label] = number
            giving = False
            torn = "" if whole else label.removeprefix(f"{words} ")
            value = words.removeprefix(label).strip() if whole else ""
            if value and (waiting or early):
                return None
            ordered = ordered or bool(waiting or early)
            if value or early:
                found[label] = (number, value or early)
                early = ""
            else:
                waiting.append(label)
    return found if ordered and not torn and not early and len(found) == len(labels) else None


def _row(row: Pattern, cells: dict[str, tuple[int, str]]) -> str:
    return "".join(
        element.text + cells[element.text.strip()][1] for element in row.elements if isinstance(element, Lit)
    )
