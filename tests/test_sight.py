"""What a person cannot see on a page is not read as if it were there."""

from __future__ import annotations

import pikepdf
import pytest

from imr_letters import parse, samples
from imr_letters.engine.errors import Finding, ImrLettersError
from tests import alterations, pdfs
from tests.alterations import WORDS, altered
from tests.conftest import without_tags

SAMPLE = samples.decisions()[2]


def _found(pdf: bytes) -> list[Finding]:
    try:
        return list(parse(pdf, name="letter.pdf").findings)
    except ImrLettersError as error:
        return list(error.findings)


@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("name", alterations.HIDES)
def test_hidden_words_are_an_error_that_names_them(name: str, tags: str) -> None:
    pdf = altered(pdfs.sample(SAMPLE), alterations.HIDES[name])
    found = _found(pdf if tags == "tagged" else without_tags(pdf))
    hidden = [each for each in found if each.code == "hidden"]
    assert any(WORDS[:12] in each.excerpt for each in hidden) or (hidden and name in alterations.HIDES_MANY)
    assert {each.severity for each in hidden} == {"error"}
    assert all("page 1" in each.source for each in hidden)


@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("name", alterations.STRIKES)
def test_struck_words_are_a_warning_with_their_field(name: str, tags: str) -> None:
    pdf = altered(pdfs.sample(SAMPLE), alterations.STRIKES[name])
    found = _found(pdf if tags == "tagged" else without_tags(pdf))
    [struck] = [each for each in found if each.code == "struck"]
    assert struck.severity == "warning"
    assert struck.excerpt.startswith(WORDS)
    assert struck.field == "clinical_summary"
    assert not [each for each in found if each.code == "hidden"]


@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("name", ["words in a form", "pale words", "page turned", "underline", "highlight", "frame"])
def test_what_else_is_on_a_page(name: str, tags: str) -> None:
    """Words of a form are read or named, a watermark is left out, a page that lies sideways is named."""
    pdf = altered(pdfs.sample(SAMPLE), alterations.ADDS[name])
    found = _found(pdf if tags == "tagged" else without_tags(pdf))
    codes = {each.code for each in found if each.severity != "note" or each.code == "watermark"}
    expected = {
        "words in a form": {"outside-tags"} if tags == "tagged" else set(),
        "pale words": {"outside-tags"} if tags == "tagged" else {"watermark"},
        "page turned": {"sideways"},
    }
    assert codes == expected.get(name, set())


def test_a_page_that_lies_sideways_with_words_beyond_it_is_refused() -> None:
    pdf = altered(
        pdfs.sample(SAMPLE),
        alterations.ADDS["page turned"],
        lambda file: file.pages[0].obj.__setitem__("/MediaBox", pikepdf.Array([0, 0, 792, 500])),
    )
    for each in (pdf, without_tags(pdf)):
        [finding] = _found(each)
        assert finding.code == "sideways"
