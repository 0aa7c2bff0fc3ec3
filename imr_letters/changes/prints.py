"""The PDF letters of both versions, made only of letters that change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from imr_letters import letters
from imr_letters.changes.corpus import Corpus
from imr_letters.changes.letters import Compared
from imr_letters.changes.pages import Pages, compared
from imr_letters.changes.report import Card, Report
from imr_letters.changes.versions import Version
from imr_letters.engine.errors import ImrLettersError
from imr_letters.imr.model import Decision
from imr_letters.media import table
from imr_letters.wording import Wording
from imr_letters.workers.ordered import processes, worked
from imr_letters.workers.pool import Start

#: Letters of which a report shows pages, where not every letter is asked for: of each card, and of all.
_OF_A_CARD, _OF_ALL = 2, 12
#: Letters of a card whose pictures are kept, where every letter is made: a page shows fewer.
_KEPT = 5
#: Letters that this process makes alone; that another takes at a time; and seconds for one.
_FEW, _SHARD, _SECONDS = 4, 2, 120.0


def with_pages(
    report: Report, corpus: Corpus, old: Version, new: Version, *, every: bool, jobs: int | None = None
) -> Report:
    """Return the report with what differs on the pages of letters: of a few for each card, or of every one.

    Where every letter was made, those whose pages are the same do not count as changed in their looks.
    """
    decisions = {entry.name: entry.decision for entry in corpus.entries}
    letters = {letter.name: letter for letter in report.compared}
    chosen = list(letters.values()) if every else [letters[name] for name in _chosen(report)]
    tasks = [(letter, decisions[letter.name]) for letter in chosen if letter.fate in ("words", "looks")]
    jobs = processes(jobs, len(tasks), _FEW)
    start = Start(_begin, (old, new), (__name__, table.named("pdf").preload))
    found = worked(_pages, tasks, start, jobs=jobs, most=_SHARD, seconds=_SECONDS)
    pages: list[Pages] = []
    lost: list[str] = []
    wanted = _Wanted(report.cards)
    for (letter, _), made in zip(tasks, found, strict=True):
        if made is None:
            lost.append(letter.name)
        else:
            pages += map(wanted.kept, made)
    notes = report.notes
    if lost:
        notes = (*notes, f"the PDF could not be made, its process ended unasked: {', '.join(lost)}")
    report = replace(report, pages=tuple(pages), notes=notes)
    return _without_same(report) if every else report


class _Wanted:
    """Drops the pictures that no card would show: of a large corpus they would not fit in memory."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self._cards: dict[str, list[int]] = defaultdict(list)
        for number, card in enumerate(cards):
            for name in (*card.letters, *card.looks):
                self._cards[name].append(number)
        self._shown: Counter[int] = Counter()

    def kept(self, pages: Pages) -> Pages:
        """Return the pages of a letter, with pictures where a card has few yet."""
        cards = self._cards[pages.letter]
        if not pages.sheets or all(self._shown[card] >= _KEPT for card in cards):
            return replace(pages, sheets=())
        self._shown.update(cards)
        return pages


def _chosen(report: Report) -> list[str]:
    """Return the letters to show: those of the examples first."""
    found: dict[str, None] = {}
    for card in report.cards:
        examples = [example.letter for example in card.examples]
        names = list(dict.fromkeys([*examples, *card.letters, *card.looks]))
        found |= dict.fromkeys(names[:_OF_A_CARD])
    return list(found)[:_OF_ALL]


#: The wording of the two versions, in the process that makes PDFs.
_wordings: list[Wording] = []


def _begin(old: Version, new: Version) -> None:
    _wordings[:] = [old.wording, new.wording]


def _pages(task: tuple[Compared, Decision]) -> list[Pages]:
    letter, decision = task
    try:
        before, after = (
            letters.render(decision, printed.family, wording).pdf()
            for printed, wording in zip((letter.before, letter.after), _wordings, strict=True)
        )
    except ImrLettersError:
        return []  # reported elsewhere: a letter that is refused has no pages
    return [compared(letter.name, before, after)]


def _without_same(report: Report) -> Report:
    same = {each.letter for each in report.pages if each.kind == "same"}
    letters = [replace(each, fate="same") if each.name in same else each for each in report.compared]
    turned = sum(each.name in same and each.fate == "looks" for each in report.compared)
    fates = dict(report.fates)
    if turned:
        fates |= {"looks": fates["looks"] - turned, "same": fates.get("same", 0) + turned}
    cards = tuple(_seen(card, same) for card in report.cards)
    return replace(report, fates=fates, cards=cards, compared=tuple(each for each in letters if each.fate != "same"))


def _seen(card: Card, same: set[str]) -> Card:
    return replace(card, looks=tuple(name for name in card.looks if name not in same))
