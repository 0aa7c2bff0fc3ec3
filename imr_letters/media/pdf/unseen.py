"""What is wrong with how the words of a PDF's pages are shown, as findings: hidden, struck through, sideways, aslant.

For the guarded child alone, as `sight` is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from imr_letters.engine.errors import Finding, Severity
from imr_letters.engine.letter import Where, finding_in
from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.sight import OUTSIDE, Looks, looked_at, runs, through_words
from imr_letters.media.recover.lines import Line, line_place

#: Most pages that are drawn; the longest published letter has nine.
MOST_PAGES = 40
#: Most runs of words that are reported of a page.
_MOST = 20
_ASK = "a person does not see these words: compare the page with its sender's copy before you rely on the decision"


@dataclass(slots=True)
class Unseen:
    """The words of a page that are not shown as words of a letter are; those hidden with the reason."""

    page: int
    hidden: list[tuple[str, str]] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    slanted: list[str] = field(default_factory=list)
    #: Words that forms draw.
    inside: list[str] = field(default_factory=list)
    #: Words that run another way than most of the page; and whether most of it lies sideways.
    astray: list[str] = field(default_factory=list)
    sideways: bool = False


def unseen(page: int, text: Any, looks: Looks) -> Unseen:
    """Return what is wrong with how the words of a page are shown."""
    struck = through_words(text, looks.struck)
    return Unseen(
        page,
        hidden=[(words, looks.hidden[first]) for words, first in runs(text, looks.hidden) if _says(words)],
        struck=_words(text, struck),
        slanted=_words(text, looks.slanted),
        inside=_words(text, looks.inside),
        astray=_words(text, looks.astray),
        sideways=looks.usual_turn != 0,
    )


def pages_of(data: bytes) -> list[Unseen]:
    """Return what is wrong with how the words of each page of a checked PDF are shown."""
    return [unseen(number, text, looks) for number, text, looks in looked_at(data, MOST_PAGES)]


def check_sideways(name: str, pages: Sequence[Unseen]) -> None:
    """Raise `InputError` for a page that lies sideways and from which words run off."""
    for page in pages:
        if page.sideways and any(why == OUTSIDE for _, why in page.hidden):
            message = f"page {page.page} lies sideways, and words run off it"
            raise refusal("sideways", message, name, "turn the page, or ask its sender for a copy that shows it whole")


def _words(text: Any, marked: Set[int]) -> list[str]:
    return [words for words, _ in runs(text, marked) if _says(words)]


def _says(words: str) -> bool:
    return any(char.isalnum() for char in words)


def findings(name: str, pages: Sequence[Unseen], lines: Sequence[Line], *, taken: bool) -> Iterator[Finding]:
    """Report what is wrong with how words are shown; `taken` says that hidden words are among the lines, too."""
    if len(pages) > MOST_PAGES:
        message = f"has more than {MOST_PAGES} pages; those after were not looked at for words that nobody can see"
        yield Finding("hidden", "error", message, source=name, remedy="give one letter at a time")
    for page in pages:
        if page.sideways:
            message = "the page lies sideways; it was read as its words run"
            remedy = "turn the page, and compare it with the decision"
            source = Where(None, None, "", 0, page.page).source(name)
            yield Finding("sideways", "warning", message, source=source, remedy=remedy)
        for words, why in page.hidden[:_MOST]:
            what = "were read" if taken else "were left out"
            yield _found("hidden", "error", name, page.page, words, f"words {why} {what}", _ASK, lines)
        for words in page.struck[:_MOST]:
            message, remedy = "words that are struck through were read", "find out whether they still hold"
            yield _found("struck", "warning", name, page.page, words, message, remedy, lines)
        for words in page.inside[:_MOST] if taken else ():
            message = "words that belong to no block of the text were not read: a form draws them"
            remedy = "look at the page: these words are no part of the decision"
            yield _found("outside-tags", "error", name, page.page, words, message, remedy, ())
        if not taken:
            for words in page.slanted[:_MOST]:
                message, remedy = "a stamp or watermark, pale or aslant, was left out", "look at the page"
                yield _found("watermark", "note", name, page.page, words, message, remedy, lines)
            for words in page.astray[:_MOST]:
                message = "words that run another way than the others of the page were left out"
                remedy = "look at the page: are they a part of the letter?"
                yield _found("astray", "warning", name, page.page, words, message, remedy, lines)


def _found(
    code: str, severity: Severity, name: str, page: int, words: str, message: str, remedy: str, lines: Sequence[Line]
) -> Finding:
    """Return a finding at the line that holds the words, or at the page where they are on none."""
    for line in lines:
        if line.page_number == page and words in line.text:
            where = line_place(line, line.text.index(words))
            break
    else:
        where = Where(None, None, words, 0, page)
    return finding_in(where, name, len(words), code=code, severity=severity, message=message, remedy=remedy)
