"""Compare two versions over a corpus, on as many processors as there are."""

from __future__ import annotations

from imr_letters.changes.causes import Edits
from imr_letters.changes.corpus import Corpus, Entry
from imr_letters.changes.edits import TemplateEdits
from imr_letters.changes.letters import Compared, Comparer
from imr_letters.changes.report import Report, assembled, refused
from imr_letters.changes.versions import Version
from imr_letters.engine.errors import EngineError, SnippetError, TemplateError
from imr_letters.workers.ordered import processes, worked
from imr_letters.workers.pool import Start

#: So many letters are compared in this process; starting others would take longer.
FEW = 150
#: Letters that a process takes at a time, and seconds for one.
_CHUNK, _SECONDS = 25, 60.0


def compare(old: Version, new: Version, corpus: Corpus, family: str | None = None, jobs: int | None = None) -> Report:
    """Return what the change from one version to the other does to the letters of a corpus.

    A new version that does not load is reported with every fault. Raises `TemplateError` and `SnippetError` where the
    old one does not load, `EngineError` where processes end again and again.
    """
    _load(old)
    try:
        _load(new)
    except (TemplateError, SnippetError) as error:
        return refused(
            old, new, corpus, error.findings, TemplateEdits(old.wording.templates_folder, new.wording.templates_folder)
        )
    jobs = processes(jobs, len(corpus.entries), FEW)
    start = Start(_begin, (old, new, family), (__name__,))
    letters = []
    found = worked(_compare, corpus.entries, start, jobs=jobs, most=_CHUNK, seconds=_SECONDS)
    for entry, letter in zip(corpus.entries, found, strict=True):
        if letter is None:
            message = f"the process that compared {entry.name} ended unasked, twice"
            remedy = "see imr-letters doctor, and whether the machine has memory left"
            raise EngineError.of(message, remedy=remedy)
        letters.append(letter)
    return assembled(old, new, corpus, Edits(old, new), letters)


def _load(version: Version) -> None:
    """Compile every template and the library, so that all faults of a version are reported at once."""
    version.wording.check_templates()
    version.wording.library  # noqa: B018 - read, and checked, when it is asked for


#: Of the process.
_comparers: list[Comparer] = []


def _begin(old: Version, new: Version, family: str | None) -> None:
    _comparers[:] = [Comparer(old, new, Edits(old, new), family)]


def _compare(entry: Entry) -> Compared:
    return _comparers[0].compare(entry)
