"""The typesetter sets letters where WeasyPrint sets them, sign by sign, or leaves them to it: never a third thing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from imr_letters import load, parse, render, samples, verify
from imr_letters.imr.model import OwnText, for_recipients
from imr_letters.letters import RenderedLetter
from imr_letters.media.pdf import letterhead, typeset, writers
from imr_letters.media.pdf.limits import is_ours
from imr_letters.media.pdf.typeset import letter as typesetter
from imr_letters.media.pdf.typeset import readback
from imr_letters.media.pdf.typeset.supported import Unsupported
from tests import mailing, oracle, pdfs, verapdf

DECISIONS = samples.decisions()
SAMPLE = DECISIONS[0]
CSS = render(load(SAMPLE)).printable().family.css

Check = Callable[[bytes, verapdf.Flavour], verapdf.Verdict]


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """The rules in a process of their own: Java and a fork of this process would not go together."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield lambda data, flavour: pool.submit(verapdf.check, data, flavour).result()


def sample(number: str) -> RenderedLetter:
    return render(load(next(path for path in DECISIONS if path.stem.startswith(number))))


def with_rationale(text: str) -> RenderedLetter:
    decision = load(SAMPLE)
    (item,) = decision.items
    changed = item.model_copy(update={"rationale": (OwnText(text=text),)})
    return render(decision.model_copy(update={"items": (changed,)}))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_samples_are_set_as_weasyprint_sets_them(path: Path) -> None:
    outcome = oracle.compared(render(load(path)))
    assert not outcome.difference
    assert not outcome.fallback
    assert outcome.pages > 1


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_samples_read_back_from_the_pages(path: Path) -> None:
    letter = render(load(path))
    made = oracle.by_typesetter(letter)
    assert is_ours(made)
    assert readback.blocks(made) == pdfs.read(made).blocks == [block.text for block in letter.letter.blocks]
    assert parse(made).decision == letter.decision
    assert pdfs.attached(made) == letter.printable().attachment


#: What is changed in the stylesheet of a letter that the oracle must see.
VISIBLE = {
    "a rule is missing": ("border-top: 0.75pt solid #767676;", "padding-top: calc(0.5em + 0.75pt) !important;"),
    "another background": ("background: #e4e4e4;", "background: #c0c0c0;"),
    "another color": ("color: #444;", "color: #b00;"),
    "a line moved": ("margin: 1.6em 0 0.7em;", "margin: 1.6em 0 0.75em;"),
    "wider text": ("letter-spacing: 0.03em;", "letter-spacing: 0.05em;"),
}


@pytest.mark.parametrize("change", VISIBLE)
def test_the_comparison_sees_what_is_changed(change: str) -> None:
    letter, (old, new) = sample("04"), VISIBLE[change]
    assert old in CSS
    assert oracle.difference(
        oracle.by_typesetter(letter), oracle.by_weasyprint(letter, CSS.replace(old, new))
    ).difference


def css_with(old: str, new: str) -> str:
    assert old in CSS
    return CSS.replace(old, new)


#: Edits of the stylesheet that are followed without code.
FOLLOWED = {
    "size and lines": css_with("font: 12pt/1.4", "font: 11pt/1.5"),
    "a sans letter": css_with(
        '"Letter Serif", "Letter Fallback", "Source Serif Pro"', '"Letter Sans", "Letter Fallback"'
    ),
    "margins": css_with("margin: 0.9in 1in 1in;", "margin: 1.2in 0.8in 1.1in;"),
    "size of the page": css_with("size: letter;", "size: A4;"),
    "orphans and widows": css_with("orphans: 2;\n  widows: 2;", "orphans: 4;\n  widows: 3;"),
    "rules below": css_with("border-top: 0.75pt solid #767676;", "border-bottom: 1pt solid #b00;"),
    "headings to the left": css_with("text-align: center;", "text-align: left;"),
    "paragraphs to the right": CSS + "p { text-align: right }",
    "first lines indented": CSS + "p { text-indent: 1.5em }",
    "a foot in the middle": css_with("text-align: right;\n    width: 2.5in;", "text-align: center;\n    width: 2.5in;"),
    "headings on new pages": CSS + "h1 + p { break-before: page }",
    "a body with margins": CSS + "article { margin: 10pt 20pt }",
    "cells in the middle": css_with(
        "vertical-align: top;\n}\n\ntable.case th {", "vertical-align: middle;\n}\n\ntable.case th {"
    ),
    "a background": CSS + "h2 { background: #eef }",
    "thick rules in the table": css_with(
        "border: 0.75pt solid #000;\n  padding: 2.5pt", "border: 2pt solid #00b;\n  padding: 2.5pt"
    ),
}

#: Edits that are left to WeasyPrint, and why.
LEFT = {
    "justified": (CSS + "p { text-align: justify }", "the stylesheet sets text-align: justify"),
    "hyphens": (CSS + "p { hyphens: auto }", "the stylesheet sets hyphens: auto"),
    "italics": (CSS + "b { font-style: italic }", "the stylesheet sets font-style"),
    "small capitals": (CSS + "h1 { font-variant: small-caps }", "the stylesheet sets font-variant-caps"),
    "underlined": (CSS + "h2 { text-decoration: underline }", "the stylesheet sets text-decoration-line"),
    "capitals": (CSS + "h2 { text-transform: uppercase }", "the stylesheet sets text-transform"),
    "floating": (CSS + "table { float: left }", "the stylesheet sets float"),
    "positions": (CSS + "p { position: relative; top: 2pt }", "the stylesheet sets position"),
    "columns": (CSS + "article { columns: 2 }", "the stylesheet sets column-count"),
    "every other": (CSS + "p:nth-child(2n) { color: #b00 }", "the stylesheet chooses by :nth-child(2n)"),
    "siblings": (CSS + "h1 ~ p { color: #b00 }", "the stylesheet chooses by ~"),
    "two neighbors": (CSS + "h1 + p + p { color: #b00 }", "the stylesheet chooses by neighbors of neighbors"),
    "what it holds": (CSS + "p:has(b) { color: #b00 }", "the stylesheet chooses by what an element holds"),
    "first letters": (CSS + "p::first-letter { font-size: 2em }", "the stylesheet chooses by ::"),
    "words of the stylesheet": (CSS + 'h2::before { content: "* " }', "the stylesheet chooses by ::"),
    "left pages": (CSS + "@page :left { margin-left: 2in }", "the stylesheet sets pages other than the first apart"),
    "layers": (CSS + "@layer a { p { color: #b00 } }", "the stylesheet has @layer"),
    "borders at the sides": (
        CSS + "h2 { border-left: 2pt solid }",
        "the stylesheet sets borders at the sides of a block",
    ),
    "dotted": (CSS + "h2 { border-top-style: dotted }", "the stylesheet sets border-top-style: dotted"),
    "see-through": (CSS + "p { color: rgb(0 0 0 / 50%) }", "the stylesheet sets colors that let others through"),
    "separate cells": (css_with("border-collapse: collapse;", ""), "a table of another kind"),
    "margins below zero": (CSS + "p { margin-bottom: -2pt }", "the stylesheet sets margin-bottom below zero"),
    "rounded": (CSS + "h2 { border-radius: 3pt }", "the stylesheet sets border-bottom-left-radius"),
}


@pytest.mark.parametrize("edit", FOLLOWED)
def test_edits_of_the_stylesheet_are_followed(edit: str) -> None:
    outcome = oracle.compared(sample("04"), FOLLOWED[edit])
    assert (outcome.difference, outcome.fallback) == ("", "")


def test_a_line_that_the_nearness_of_the_next_word_makes_too_long_is_broken_earlier() -> None:
    """Pango takes off a space that is nearer to a V than the one that it measures with."""
    outcome = oracle.compared(sample("11"), css_with("margin: 0.9in 1in 1in;", "margin: 0.9in 0.909in 1in;"))
    assert (outcome.difference, outcome.fallback) == ("", "")


@pytest.mark.parametrize("edit", LEFT)
def test_other_edits_of_the_stylesheet_are_left_to_weasyprint(edit: str) -> None:
    css, why = LEFT[edit]
    with pytest.raises(Unsupported) as raised:
        oracle.by_typesetter(sample("04"), css)
    assert str(raised.value).startswith(why)


#: Words that are left to WeasyPrint, and why.
WORDS = {
    "another face": (
        "The mark \N{LATIN SMALL LETTER ENG} was left open.",
        "a word has U+014B, which another font draws",
    ),
    "a wide word": ("See " + "https" + "x" * 200 + " for it.", "a word is wider than the line"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_words_are_left_to_weasyprint(kind: str) -> None:
    words, why = WORDS[kind]
    with pytest.raises(Unsupported) as raised:
        oracle.by_typesetter(with_rationale(words))
    assert str(raised.value).startswith(why)


LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="1in" height="0.5in" viewBox="0 0 10 5">'
    b'<rect width="5" height="5" fill="#336"/></svg>'
)


def test_drafts_and_letterheads_are_set_as_weasyprint_sets_them(check: Check) -> None:
    """Of a mailed letter of an organization with a logo, which keeps both standards."""
    letter = sample("14")
    given = oracle.asked(letter)
    css, pictures = letterhead.letterhead(LOGO, ("Invented Reviews", '1 "Any" Street \\ Suite 2'))
    stamp, picture = letterhead.stamp()
    given |= {"css": given["css"] + css + stamp, "pictures": pictures | picture}
    mine = typesetter.write(**given)
    assert not oracle.difference(oracle.by_weasyprint_of(given), mine).difference
    assert oracle.difference(oracle.by_weasyprint(letter), mine).difference
    assert pdfs.read(mine).blocks == [block.text for block in letter.letter.blocks]
    for flavour in ("PDFUA-1", "PDFA-3A"):
        assert check(mine, flavour).broken == frozenset()


@pytest.mark.parametrize("number", ["08", "10", "11"])
def test_samples_keep_both_standards(number: str, check: Check) -> None:
    made = oracle.by_typesetter(sample(number))
    for flavour in ("PDFUA-1", "PDFA-3A"):
        verdict = check(made, flavour)
        assert verdict.broken == frozenset()
        assert verdict.conforms
        assert verdict.assertions > 4000


def test_mailed_tables_over_pages_are_set_as_weasyprint_sets_them() -> None:
    made = mailing.decision()
    many = made.model_copy(
        update={
            "items": (made.items * 14)[:40],
            "documents": (made.documents or ()) * 12,
            "recipients": (made.recipients or ()) * 12,
        }
    )
    outcome = oracle.compared(render(for_recipients(many)[0]))
    assert (outcome.difference, outcome.fallback) == ("", "")
    assert outcome.pages > 10


def test_the_same_letter_has_the_same_bytes_whatever_was_set_before() -> None:
    first = oracle.by_typesetter(sample("11"))
    typesetter.forget()
    for number in ("14", "08"):
        oracle.by_typesetter(sample(number))
    assert oracle.by_typesetter(sample("11")) == first
    assert oracle.by_typesetter(sample("11")) != oracle.by_typesetter(sample("10"))


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the typesetter make letters, which WeasyPrint makes so far."""
    monkeypatch.setattr(typeset, "TYPESETS", True)


def test_letters_are_made_by_weasyprint_so_far() -> None:
    assert writers.writer_of(sample("11").pdf()) == writers.WEASYPRINT


@pytest.mark.usefixtures("switched_on")
def test_every_letter_is_made_by_the_typesetter_where_it_sets_it() -> None:
    letter = sample("11")
    assert letter.pdf() == oracle.by_typesetter(letter)
    assert writers.writer_of(letter.pdf()) == writers.TYPESETTER
    other = with_rationale(WORDS["another face"][0])
    assert other.pdf() == oracle.by_weasyprint(other)
    assert writers.writer_of(other.pdf()) == writers.WEASYPRINT
    assert writers.why_weasyprint(other.printable()) == WORDS["another face"][1]
    assert writers.why_weasyprint(letter.printable()) == ""


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("make", [oracle.by_typesetter, oracle.by_weasyprint])
def test_letters_of_both_writers_verify_alike(make: Callable[[RenderedLetter], bytes]) -> None:
    assert verify(make(sample("01"))) == []


def test_a_letter_without_a_date_has_none() -> None:
    given = {**oracle.asked(sample("01")), "created": None}
    made = typesetter.write(**given)
    assert b"/CreationDate" not in made[: made.index(b"EmbeddedFile")]
    assert typesetter.write(**{**given, "created": datetime(2020, 1, 1)}) != made
