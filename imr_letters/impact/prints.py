"""The PDF letters of both states, made only of letters that change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from imr_letters import api
from imr_letters.errors import ImrLettersError
from imr_letters.impact.corpus import Corpus
from imr_letters.impact.letters import Compared
from imr_letters.impact.pages import Pages, compared
from imr_letters.impact.report import Card, Report
from imr_letters.impact.states import State
from imr_letters.model import Decision

#: Letters of which a report shows pages, where not every letter is asked for: of each card, and of all.
_OF_A_CARD, _OF_ALL = 2, 12


def with_pages(report: Report, corpus: Corpus, old: State, new: State, *, every: bool) -> Report:
    """Return the report with what differs on the pages of letters: of a few for each card, or of every one.

    Where every letter was made, those whose pages are the same do not count as changed in their looks.
    """
    decisions = {entry.name: entry.decision for entry in corpus.entries}
    letters = {letter.name: letter for letter in report.compared}
    chosen = list(letters.values()) if every else [letters[name] for name in _chosen(report)]
    pages = tuple(each for letter in chosen for each in _pages(letter, decisions[letter.name], old, new))
    report = replace(report, pages=pages)
    return _without_same(report) if every else report


def _chosen(report: Report) -> list[str]:
    """Return the letters to show: those of the examples first."""
    found: dict[str, None] = {}
    for card in report.cards:
        examples = [example.letter for example in card.examples]
        names = list(dict.fromkeys([*examples, *card.letters, *card.looks]))
        found |= dict.fromkeys(names[:_OF_A_CARD])
    return list(found)[:_OF_ALL]


def _pages(letter: Compared, decision: Decision, old: State, new: State) -> Iterator[Pages]:
    if letter.fate not in ("words", "looks"):
        return
    try:
        sides = ((letter.before.family, old), (letter.after.family, new))
        before, after = (
            api.render(decision, family, templates=state.templates, snippets=state.snippets).pdf()
            for family, state in sides
        )
    except ImrLettersError:
        return  # told elsewhere: a letter that is refused has no pages
    yield compared(letter.name, before, after)


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
