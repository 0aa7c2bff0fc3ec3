"""The report as plain text: [-words that went-] and {+words that came+}, as git marks them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from imr_letters.changes.pages import Pages
from imr_letters.changes.report import Card, Report
from imr_letters.english.differences import marked, shortened

_WIDTH = 95
#: Names of letters that are told, and branches and pages.
_NAMES, _BRANCHES, _PAGES = 4, 12, 12

_EFFECTS = {
    "words": "{} in other words",
    "looks": "{} may look different; no word differs",
    "refused": "{} can no longer be printed",
    "none": "no letter of the corpus shows it",
}


def written(report: Report) -> str:
    """Return the report."""
    return "\n".join(_lines(report)) + "\n"


def counted(number: int, word: str) -> str:
    """Return a number with the word it counts."""
    several = f"{word}es" if word.endswith("ch") else f"{word[:-1]}ies" if word.endswith("ry") else f"{word}s"
    return f"{number:,} {word if number == 1 else several}"


def headline(report: Report) -> str:
    """Return what there is to know in a sentence."""
    if report.refused:
        return "The new version is refused: no letter can be printed with it."
    parts = [f"{report.changed:,} of {counted(report.letters, 'letter')} change"]
    told = {"words": "in their words", "looks": "in looks alone", "refused": "can no longer be printed"}
    told["new"] = "can be printed only now"
    fates = [f"{report.fates[fate]:,} {words}" for fate, words in told.items() if report.fates.get(fate)]
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
        yield f"{counted(len(report.skipped), 'entry')} of the corpus could not be read and stand aside"
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
    yield f"{number}. {edit.where}: {edit.told}" if edit.kind != "refused" else f"{number}. refused: {edit.where}"
    letters = card.touched
    if not refused:
        yield f"   {_EFFECTS[card.effect].format(counted(len(letters), 'letter'))}{_names(letters)}"
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
        remedy = "leave the wording that went out as it is, and give the new one a family of its own"
        yield from _wrapped(f"remedy: {remedy} (imr-letters template new)", "   ")


def _pages(pages: Sequence[Pages]) -> Iterator[str]:
    told = [each for each in pages if each.kind != "same"]
    if not pages:
        return
    yield ""
    yield f"pages: {len(told):,} of {counted(len(pages), 'PDF')} differ"
    for each in told[:_PAGES]:
        if each.kind == "page-count":
            yield f"   {each.letter}: {each.before} pages became {each.after}"
        elif each.kind == "looks":
            yield f"   {each.letter}: the same page breaks; looks different on {_numbers(each.differ)}"
        for move in each.moves[:3]:
            text = f'{each.letter}: same text, moved from page {move.before} to {move.after}: "{move.words} ..."'
            yield from _wrapped(text, "   ")
    if len(told) > _PAGES:
        yield f"   and {len(told) - _PAGES:,} more"


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
