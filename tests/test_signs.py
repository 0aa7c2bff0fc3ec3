"""Signs of word processors: read in letters that are not ours, and reported; refused in ours."""

from __future__ import annotations

import pytest
import weasyprint

from imr_letters import load, parse, render, verify
from imr_letters.engine.errors import LetterError
from imr_letters.samples import decisions
from tests.conftest import without_tags

DECISION = load(decisions()[0])
OPENING = DECISION.clinical_summary[:21]
SIGNS = {"\u2010": "-", "\u2011": "-", "\ufb01": "fi", "\ufb03": "ffi", "\u02da": "°", "\uf0b7": "•", "\uf0a7": "▪"}
each_sign = pytest.mark.parametrize(("sign", "plain"), SIGNS.items(), ids=lambda sign: f"U+{ord(sign[0]):04X}")


def letter(sign: str) -> str:
    """Return a letter in other lines than ours, with a sign in its prose."""
    return render(DECISION).text.replace(OPENING, f"{OPENING} a{sign}b\n", 1)


@each_sign
def test_a_sign_of_a_foreign_text_is_read_and_told(sign: str, plain: str) -> None:
    reading = parse(letter(sign).encode(), name="letter.txt")
    assert f"a{plain}b" in reading.decision.clinical_summary
    [told] = [finding for finding in reading.findings if finding.code == "sign"]
    assert f"U+{ord(sign):04X}" in told.message
    assert f'read as "{plain}" (once)' in told.message
    assert [each for each in verify(letter(sign)) if each.severity == "error"] == []


@each_sign
def test_the_same_sign_is_refused_in_a_letter_of_ours(sign: str, plain: str) -> None:
    text = render(DECISION.model_copy(update={"clinical_summary": f"One word, a{plain}b, was changed."})).text
    with pytest.raises(LetterError, match=rf"U\+{ord(sign):04X}"):
        parse(text.replace(f"a{plain}b", f"a{sign}b"))


def test_a_soft_hyphen_is_a_hyphen_only_where_a_line_ends() -> None:
    assert f"{OPENING} a-b" in parse(letter("\xad\n")).decision.clinical_summary
    with pytest.raises(LetterError, match="SOFT HYPHEN"):
        parse(letter("\xad"))


def test_what_may_be_another_sign_is_refused() -> None:
    """U+F0A3 is "at most" in one symbol font and a box in another."""
    with pytest.raises(LetterError, match=r"U\+F0A3"):
        parse(letter("\uf0a3"))


@pytest.mark.parametrize("tags", [True, False], ids=["tags", "no tags"])
def test_signs_on_the_pages_of_others(tags: bool) -> None:
    page = render(DECISION).html.replace(OPENING, f"{OPENING} a\u2011b 30\u02da", 1)
    made = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1" if tags else None)
    pdf = made.replace("\N{BLACK HEART}".encode(), b"\xe2\xe3\xcf\xd3", 1)  # the mark of the maker
    reading = parse(pdf if tags else without_tags(pdf))
    assert reading.decision.clinical_summary.startswith(f"{OPENING} a-b 30°")
    assert [each.message.split()[2] for each in reading.findings if each.code == "sign"] == ["U+02DA", "U+2011"]
