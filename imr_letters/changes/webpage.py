"""The report as one HTML page that needs nothing else: cards by cause, differences of words, pictures of pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from imr_letters.changes.pages import PagePair, Pages
from imr_letters.changes.report import Card, Report
from imr_letters.changes.terminal import effect, headline
from imr_letters.english.differences import Segment, shortened
from imr_letters.english.wordlists import counted

#: Pages that are shown on a card, and names of letters.
_SHEETS, _NAMES = 4, 12

_KINDS = {
    "template": "template line",
    "snippet": "snippet",
    "stylesheet": "stylesheet rule",
    "family": "letter family",
    "refused": "refused letters",
    "unexplained": "no edit explains this",
}


@dataclass(frozen=True, slots=True)
class _Picture:
    """A page that differs, ready to be shown."""

    letter: str
    number: int
    before: str | None
    after: str | None
    overlay: str | None


def written(report: Report) -> str:
    """Return the page."""
    folder = resources.files("imr_letters.changes")
    script = folder.joinpath("webpage.js").read_text(encoding="utf-8")
    style = folder.joinpath("webpage.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"counted": counted}
    template = environment.from_string(folder.joinpath("webpage.html.jinja").read_text(encoding="utf-8"))
    shown: dict[tuple[str, int], int] = {}
    return template.render(
        report=report,
        headline=headline(report),
        cards=[_card(number, card, report, shown) for number, card in enumerate(report.cards, start=1)],
        script=Markup(script),  # noqa: S704 - our own file
        style=Markup(style),  # noqa: S704
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        differing=[each for each in report.pages if each.kind != "same"],
    )


def _card(number: int, card: Card, report: Report, shown: dict[tuple[str, int], int]) -> dict[str, object]:
    edit = card.edit
    mine = {*card.letters, *card.looks}
    return {
        "card": card,
        "edit": edit,
        "kind": _KINDS[edit.kind],
        "effect": "among what was edited" if report.refused else effect(card),
        "line": _line(card),
        "names": card.touched[:_NAMES],
        "more": len(card.touched) - _NAMES,
        "pictures": list(_pictures(number, card, report.pages, shown)),
        "elsewhere": next((cause for (letter, _), cause in shown.items() if letter in mine), None),
    }


def _line(card: Card) -> tuple[Segment, ...]:
    edit = card.edit
    if edit.how == "moved":
        return (("same", edit.after),)
    return shortened(edit.words, 16)


def _pictures(
    cause: int, card: Card, pages: tuple[Pages, ...], shown: dict[tuple[str, int], int]
) -> Iterator[_Picture]:
    """Yield pages of the card's letters that no card before it shows, those with both pictures first."""
    mine = {*card.letters, *card.looks}
    sheets = [(each.letter, sheet) for each in pages if each.letter in mine for sheet in each.sheets]
    number = 0
    for letter, sheet in sorted(sheets, key=lambda pair: pair[1].overlay is None):
        if number < _SHEETS and (letter, sheet.number) not in shown:
            shown[letter, sheet.number] = cause
            number += 1
            yield _picture(letter, sheet)


def _picture(letter: str, sheet: PagePair) -> _Picture:
    before, after, overlay = (
        None if png is None else "data:image/png;base64," + base64.b64encode(png).decode()
        for png in (sheet.before, sheet.after, sheet.overlay)
    )
    return _Picture(letter, sheet.number, before, after, overlay)
