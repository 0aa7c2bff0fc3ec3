"""Letters that are not whole: a page lost, doubled, swapped or from another letter is noticed; whole ones are not."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from imr_letters import parse, samples
from imr_letters.engine.errors import ImrLettersError
from imr_letters.english.joins import follows
from imr_letters.english.persons import sex_of
from tests import damage_campaign, pdfs
from tests.conftest import needs, without_tags
from tests.letters import sample_letters

#: Letters of three pages and more, by their place among the samples.
LONG, OTHER = samples.decisions()[9], samples.decisions()[11]
SHORT = samples.decisions()[10]
CODES = {"cut-off", "page-order", "page-repeats", "page-foreign", "page-missing", "page-seam"}


def lose(number: int) -> Callable[[Any], None]:
    return lambda file: file.pages.__delitem__(number)


def swap(file: Any) -> None:
    pages = list(file.pages)
    pages[1], pages[2] = pages[2], pages[1]
    del file.pages[:]
    file.pages.extend(pages)


def foreign(file: Any) -> None:
    with pikepdf.open(io.BytesIO(without_tags(pdfs.sample(OTHER)))) as other:
        file.pages[1] = other.pages[1]


DAMAGES = {
    "first lost": lose(0),
    "middle lost": lose(2),
    "last lost": lose(-1),
    "doubled": lambda file: file.pages.insert(1, file.pages[1]),
    "last doubled": lambda file: file.pages.append(file.pages[-1]),
    "swapped": swap,
    "foreign": foreign,
}


def codes(data: bytes) -> set[str]:
    """Return the codes of what is noticed on the pages, before any form is looked for."""
    try:
        return {finding.code for finding in pdfs.read_guarded(data, seconds=60).findings}
    except ImrLettersError as error:
        return {finding.code for finding in error.findings}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_letter_without_tags_is_noticed(damage: Callable[[Any], None]) -> None:
    with pikepdf.open(io.BytesIO(without_tags(pdfs.sample(LONG)))) as file:
        damage(file)
        out = io.BytesIO()
        file.save(out)
    assert codes(out.getvalue()) & CODES


def test_whole_letters_are_not() -> None:
    for path in (LONG, OTHER):
        whole = pdfs.sample(path)
        assert not codes(whole) & CODES
        assert not codes(without_tags(whole)) & CODES


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("The wrap is not medically necessary.", "in the left arm since the injury.", False),
        ("The wrap is not medically necessary.", "Two wraps would be more than one needs.", True),
        ("He was seen by Dr.", "and was given a brace.", True),
        ("There was tenderness over the", "was denied on review.", False),
        ("There was tenderness over the", "lumbar paraspinals.", True),
        ("The motion of the elbow and", "The patient reported pain.", False),
        ("The report from", "The Hand Center", True),
        ("5 mg", "and 10 mg", True),
    ],
)
def test_words_that_cannot_follow_are_known(before: str, after: str, fits: bool) -> None:
    assert follows(before, after, prose="Hand Center" not in after) is fits


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("She was seen. Her knee hurts.", "female"),
        ("He was seen. His knee hurts.", "male"),
        ("He/she has no affiliation. His/her experience counts.", None),
        ("He was seen with his wife. She drove, and her car broke down.", None),
        ("She was seen.", None),
    ],
)
def test_whom_a_page_is_about_is_known(text: str, sex: str | None) -> None:
    assert sex_of(text) == sex


def test_a_lost_page_in_the_middle_is_noticed_in_a_text() -> None:
    """Pages as an extractor writes them, without the number that ours have at the foot."""
    said = dict(sample_letters())["10-many-items-surgery"].text.split("\n")
    pages = [said[at : at + 40] for at in range(0, len(said), 40)]
    whole = "\f".join("\n".join(page) + "\n" for page in pages)
    assert not {finding.code for finding in parse(whole).findings} & CODES
    silent = []
    for lost in range(1, len(pages) - 1):
        text = "\f".join("\n".join(page) + "\n" for page in pages[:lost] + pages[lost + 1 :])
        try:
            if not {finding.code for finding in parse(text).findings} & CODES:
                silent.append(lost)
        except ImrLettersError:
            continue
    assert not silent


@pytest.mark.parametrize("medium", damage_campaign.MEDIA)
def test_no_damage_by_pages_is_read_in_silence(medium: damage_campaign.Medium) -> None:
    """A sample of `python -m tests.damage_campaign`."""
    found = [(path.stem, damage_campaign.without_running_lines(pdfs.sample(path))) for path in (SHORT, OTHER)]
    done = list(islice(damage_campaign.damaged(found, medium), 15))
    assert {each.letter for each in done} == {SHORT.stem}
    assert [each for each in done if each.verdict == "silent"] == []


def extracted(path: Path, *options: str) -> bytes:
    command = [needs("pdftotext"), *options, "-", "-"]
    return subprocess.run(command, input=pdfs.sample(path), capture_output=True, check=True).stdout  # noqa: S603


def test_text_extracted_with_its_layout_reads_back() -> None:
    for path in samples.decisions()[:3]:
        reading = parse(extracted(path, "-layout"))
        assert reading.decision == parse(pdfs.sample(path)).decision
        assert {finding.severity for finding in reading.findings} == {"note"}


def test_text_extracted_without_it_may_lack_hyphens() -> None:
    reading = parse(extracted(samples.decisions()[0]))
    (warning,) = (finding for finding in reading.findings if finding.severity == "warning")
    assert warning.code == "extraction"
    assert "pdftotext -layout" in warning.remedy
