"""Compare two states over a corpus, on as many processors as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from imr_letters.errors import Finding, SnippetError, TemplateError
from imr_letters.families import families
from imr_letters.impact.causes import Edits
from imr_letters.impact.corpus import Corpus, Entry
from imr_letters.impact.edits import TemplateEdits
from imr_letters.impact.foreign import print_all
from imr_letters.impact.letters import Compared, Comparer
from imr_letters.impact.report import Report, assembled, refused
from imr_letters.impact.states import State
from imr_letters.impact.trace import Printed
from imr_letters.snippets import library

#: So many letters are compared in this process; starting others would take longer.
FEW = 150
#: Letters that a process is handed at a time.
_CHUNK = 25

_Task = tuple[Entry, Printed | None]


def compare(old: State, new: State, corpus: Corpus, family: str | None = None, jobs: int | None = None) -> Report:
    """Return what the change from one state to the other does to the letters of a corpus.

    A new state that does not load is told in the report, with every fault. Raises `TemplateError` and `SnippetError`
    where the old one does not, `EngineError` where its own program cannot print its letters.
    """
    _load(old)
    try:
        _load(new)
    except (TemplateError, SnippetError) as error:
        return refused(old, new, corpus, error.findings, TemplateEdits(old.templates, new.templates))
    before = print_all(corpus.entries, old, family) if old.program else [None] * len(corpus.entries)
    tasks: list[_Task] = list(zip(corpus.entries, before, strict=True))
    jobs = min(jobs or os.cpu_count() or 1, 1 + len(tasks) // FEW)
    edits = Edits(old, new)
    if jobs == 1:
        comparer = Comparer(old, new, edits, family)
        letters = [comparer.compare(*task) for task in tasks]
    else:
        chunks = [tasks[start : start + _CHUNK] for start in range(0, len(tasks), _CHUNK)]
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(old, new, family)) as pool:
            letters = [letter for chunk in pool.map(_compare, chunks) for letter in chunk]
    return assembled(old, new, corpus, edits, letters)


def _load(state: State) -> None:
    """Compile every template and the library, so that all faults of a state are told at once."""
    faults: list[Finding] = []
    for house in families(state.templates, state.snippets).values():
        try:
            house.template  # noqa: B018 - compiled, and checked, when it is asked for
        except TemplateError as error:
            faults += [finding for finding in error.findings if finding not in faults]
    if faults:
        raise TemplateError(*faults)
    library(state.snippets)


#: Of a worker process.
_comparers: list[Comparer] = []


def _begin(old: State, new: State, family: str | None) -> None:
    _comparers[:] = [Comparer(old, new, Edits(old, new), family)]


def _compare(tasks: Sequence[_Task]) -> list[Compared]:
    return [_comparers[0].compare(*task) for task in tasks]
