"""The report as plain text: [-words that went-] and {+words that came+}, as git marks them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from imr_letters.changes.pages import Pages
from imr_letters.changes.report import Card, Report
from imr_letters.english.differences import marked, shortened
from imr_letters.english.wordlists import counted

_WIDTH = 95
#: Names of letters, branches and pages that are shown.
_NAMES, _BRANCHES, _PAGES = 4, 12, 12

_FATES = {
    "words": "in their words",
    "looks": "in looks alone",
    "refused": "can no longer be printed",
    "new": "can be printed only now",
}
_EFFECTS = {
    "words": "{} in other words",
    "looks": "{} may look different; no word differs",
    "refused": "{} can no longer be printed",
    "none": "no letter of the corpus shows it",
}


def written(report: Report) -> str:
    """Return the report."""
    return "\n".join(_lines(report)) + "\n"


def effect(card: Card) -> str:
    """Return what an edit does to letters."""
    return _EFFECTS[card.effect].format(counted(len(card.touched), "letter"))


def headline(report: Report) -> str:
    """Return what there is to know in a sentence."""
    if report.refused:
        return "The new version is refused: no letter can be printed with it."
    parts = [f"{report.changed:,} of {counted(report.letters, 'letter')} change"]
    fates = [f"{report.fates[fate]:,} {words}" for fate, words in _FATES.items() if report.fates.get(fate)]
    if fates:
        parts.append(f" ({', '.join(fates)})")
    if report.files:
        missed = len(report.missed)
        none = f"{counted(missed, 'branch')} of the edited templates {'is' if missed == 1 else 'are'} exercised by no"
        parts.append(f"; {none if missed else 'every branch of the edited templates is exercised by some'}")
        parts.append(" letter of the corpus")
    return "".join(parts) + "."


def _lines(report: Report) -> Iterator[str]:
    yield f"from {report.old} to {report.new}"
    yield from _wrapped(headline(report), "")
    if report.skipped:
        yield f"{counted(len(report.skipped), 'entry')} of the corpus could not be read"
    for fate, words in (("new", "can be printed only now"), ("unprinted", "can be printed in neither version")):
        names = [letter.name for letter in report.compared if letter.fate == fate]
        if names:
            yield f"{words}{_names(names)}"
    for note in report.notes:
        yield from _wrapped(f"note: {note}", "")
    for finding in report.refused:
        yield ""
        yield from textwrap.indent(finding.text(), "  ").split("\n")
    for number, card in enumerate(report.cards, start=1):
        yield ""
        yield from _card(number, card, refused=bool(report.refused))
    yield from _old_letters(report)
    yield from _pages(report.pages)
    yield from _coverage(report)


def _card(number: int, card: Card, *, refused: bool) -> Iterator[str]:
    edit = card.edit
    yield f"{number}. {edit.where}: {edit.manner}" if edit.kind != "refused" else f"{number}. refused: {edit.where}"
    if not refused:
        yield f"   {effect(card)}{_names(card.touched)}"
    if card.letters and card.looks:
        yield f"   {_EFFECTS['looks'].format(counted(len(card.looks), 'letter'))}{_names(card.looks)}"
    if card.when:
        yield from _wrapped(f"printed where {', '.join(card.when)}", "   ")
    for weight in card.weights:
        yield from _wrapped(f"! needs a named approver ({weight.approver}): {weight.area}, {weight.because}", "   ")
    if edit.how != "moved" and edit.before and edit.after:
        yield from _wrapped(marked(shortened(edit.words)), "   | ")
    elif edit.before or edit.after:
        sign = {"added": "+ ", "removed": "- "}.get(edit.how, "")
        yield from _wrapped(sign + (edit.after or edit.before), "   | ")
    for example in card.examples:
        yield f"   {example.letter}:"
        yield from _wrapped(marked(example.segments), "       ")


def _names(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return f": {', '.join(names[:_NAMES])}{more}"


def _old_letters(report: Report) -> Iterator[str]:
    old = report.old_letters
    if not old.tried:
        return
    read = old.tried - len(old.unread) - len(old.different)
    yield ""
    yield f"letters already sent: {read:,} of the {old.tried:,} that change still read with the new templates"
    if old.unread:
        yield f"   {len(old.unread):,} no longer read{_names([name for name, _ in old.unread])}"
        for name, finding in old.unread:
            if finding is not None:
                place = f", {finding.template}" if finding.template else ""
                yield from _wrapped(f"{name}: {finding.message}{place}", "       ")
    if old.different:
        yield f"   {len(old.different):,} read differently{_names(old.different)}"
    if old.unread or old.different:
        remedy = "leave wording that is in use as it is, and give the new wording a family of its own"
        yield from _wrapped(f"remedy: {remedy} (imr-letters template new)", "   ")


def _pages(pages: Sequence[Pages]) -> Iterator[str]:
    differing = [each for each in pages if each.kind != "same"]
    if not pages:
        return
    yield ""
    yield f"pages: {len(differing):,} of {counted(len(pages), 'PDF')} differ"
    for each in differing[:_PAGES]:
        if each.kind == "page-count":
            yield f"   {each.letter}: {each.before} pages became {each.after}"
        elif each.kind == "looks":
            yield f"   {each.letter}: the same page breaks; looks different on {_numbers(each.differ)}"
        for move in each.moves[:3]:
            text = f'{each.letter}: same text, moved from page {move.before} to {move.after}: "{move.words} ..."'
            yield from _wrapped(text, "   ")
    if len(differing) > _PAGES:
        yield f"   and {len(differing) - _PAGES:,} more"


def _numbers(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _coverage(report: Report) -> Iterator[str]:
    missed = report.missed
    if not missed:
        return
    yield ""
    yield "exercised by no letter of the corpus:"
    for branch in missed[:_BRANCHES]:
        yield from _wrapped(f"{branch.where}: {branch.when}", "   ")
    if len(missed) > _BRANCHES:
        yield f"   and {len(missed) - _BRANCHES:,} more"
    names = [each.family for each in report.coverage if set(each.missed) & set(missed)]
    for name in names:
        yield f"   imr-letters samples generate --cover {name} -o FOLDER makes decisions that do"


def _wrapped(text: str, indent: str) -> list[str]:
    shown = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    return textwrap.wrap(
        shown, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [indent.rstrip()]
