"""PDFs without tags, whoever made them: the layout of the page shows the blocks, and nothing is lost."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import weasyprint

from imr_letters import load, parse, render, verify
from imr_letters.engine.errors import LetterError
from imr_letters.media.pdf import limits
from imr_letters.samples import decisions
from imr_letters.verification import verify_reading
from imr_letters.wording import SHIPPED
from tests import pdfs
from tests.browser import browser
from tests.conftest import needs, without_tags

STYLES = {
    "small pages": "@page { size: A5; margin: 15mm } body { font: 10pt DejaVu Sans }",
    "page numbers": """
        @page { size: letter; @bottom-center { content: "Page " counter(page) " of " counter(pages) } }
        body { font: 11pt DejaVu Serif } p { margin: 0 0 .3em }
    """,
    "running head": """
        @page { @top-left { content: "Determination, copy of 2017" } @bottom-right { content: counter(page) } }
        body { font: 12pt/1.5 DejaVu Sans; text-align: justify }
    """,
}

MAILED = [path for path in decisions() if load(path).addressee is not None]
PUBLISHED = [path for path in decisions() if path not in MAILED]
#: Those on which `verify` is tried, too: it reads a letter three more times.
SOME = PUBLISHED[::4]
each_sample = pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)


def check(pdf: bytes, path: Path, *, closely: bool = True) -> None:
    """Check that a PDF reads to the decision of a sample, and that nothing of it is lost."""
    reading = parse(pdf)
    assert reading.decision == load(path)
    assert verify_reading(reading, SHIPPED.family(reading.family)) == []
    if closely:
        assert [finding for finding in verify(pdf) if finding.severity == "error"] == []


@each_sample
def test_our_own_letters_read_without_their_tags(path: Path) -> None:
    pdf = without_tags(pdfs.sample(path))
    check(pdf, path, closely=path in SOME)


@pytest.mark.parametrize("path", MAILED, ids=lambda path: path.stem)
def test_a_mailed_letter_without_its_tags_is_refused(path: Path) -> None:
    """Nothing in the layout separates the lines of its address."""
    with pytest.raises(LetterError):
        parse(without_tags(pdfs.sample(path)))


def printed(path: Path, style: str) -> bytes:
    """Return a letter as others may print it: our words, their looks."""
    page = weasyprint.HTML(string=re.sub("(?s)<style>.*?</style>", "", render(load(path)).html))
    pdf: bytes = page.write_pdf(stylesheets=[weasyprint.CSS(string=style)])
    return pdf


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("path", PUBLISHED[::3], ids=lambda path: path.stem)
def test_letters_in_other_looks_read(path: Path, style: str) -> None:
    check(printed(path, STYLES[style]), path, closely=path == PUBLISHED[0])


def test_the_mark_of_our_engine_needs_tags_too() -> None:
    """WeasyPrint marks all its files alike; pdfium never runs in this process."""
    pdf = printed(PUBLISHED[0], STYLES["small pages"])
    assert limits.is_ours(pdf)
    assert not pdfs.read(pdf).certain


def test_a_letter_printed_by_a_browser_reads() -> None:
    path = PUBLISHED[1]
    with browser() as tab:
        tab.show(render(load(path)).html)
        pdf = tab.pdf(tagged=False)
    assert not pdfs.read(pdf).certain
    check(pdf, path)


#: Other programs by what they make of `letter.pdf` or the page `again.html`: `again.pdf`.
OTHERS = {
    "qpdf": "--linearize --object-streams=generate letter.pdf again.pdf",
    "pdftocairo": "-pdf letter.pdf again.pdf",
    "soffice": "-env:UserInstallation={folder}/office --headless --convert-to pdf:writer_web_pdf_Export again.html",
}


@pytest.mark.parametrize("program", OTHERS)
def test_a_letter_that_another_program_wrote_again_reads(program: str, tmp_path: Path) -> None:
    command = [needs(program), *OTHERS[program].format(folder=tmp_path.as_uri()).split()]
    path = PUBLISHED[1]
    letter = render(load(path))
    (tmp_path / "letter.pdf").write_bytes(letter.pdf())
    (tmp_path / "again.html").write_text(letter.html, encoding="utf-8")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)  # noqa: S603
    pdf = (tmp_path / "again.pdf").read_bytes()
    assert pdf != (tmp_path / "letter.pdf").read_bytes()
    check(pdf, path)


def test_heads_feet_and_letterhead_are_left_out_and_told() -> None:
    pdf = without_tags(pdfs.sample(PUBLISHED[0]))
    left_out = {finding.code: finding for finding in parse(pdf, name="letter.pdf").findings}
    assert left_out["running-line"].excerpt.endswith("Page 1 of 2")
    assert left_out["letterhead"].excerpt == "Independent Medical Review Final Determination"
    assert left_out["untagged"].severity == left_out["letterhead"].severity == "note"


def test_words_above_the_letter_are_not_left_out_where_they_may_belong_to_it() -> None:
    """A letter whose first line is damaged is refused, not read as one that has no such line."""
    page = render(load(PUBLISHED[0])).html.replace("Case Number:", "Case No.:")
    with pytest.raises(LetterError):
        parse(weasyprint.HTML(string=page).write_pdf())


def test_a_head_that_stands_once_is_kept_and_told() -> None:
    """On two pages of which one has it, nothing distinguishes it from the letter's own words."""
    page = render(load(PUBLISHED[0])).html
    head = "@page { @top-left { content: 'Determination, copy of 2017' } } @page :first { @top-left { content: none } }"
    pdf = weasyprint.HTML(string=page).write_pdf(stylesheets=[weasyprint.CSS(string=head)])
    reading = parse(pdf)
    assert "copy of 2017" in reading.decision.clinical_summary
    [warning] = [finding for finding in reading.findings if finding.severity == "warning"]
    assert (warning.code, warning.excerpt) == ("running-line", "Determination, copy of 2017")
