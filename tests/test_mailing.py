"""The mailed letter: one for each recipient, read back whole, with nothing but the address in the window."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from imr_letters import load, parse, render, samples, verify
from imr_letters.engine.errors import DriftError, ImrLettersError, LetterError, RenderError
from imr_letters.engine.matching.automaton import Failure
from imr_letters.imr.form import FORM
from imr_letters.imr.model import Addressee, Decision, for_recipients
from imr_letters.imr.records import loads
from imr_letters.media import html, text
from imr_letters.wording import SHIPPED
from tests import mailing, pdfs
from tests.conftest import ROOT, Run
from tests.test_docs import blocks
from tests.test_laws import _fixed

SAMPLES = [path for path in samples.decisions() if path.stem[:2] in ("14", "15")]


@settings(max_examples=20)
@given(data=st.data())
def test_law_1_every_mailed_decision_survives_its_text_letter(data: st.DataObject) -> None:
    decision = data.draw(mailing.mailed())
    letter = render(decision)
    assert letter.family == mailing.FAMILY
    reading = parse(letter.text)
    assert reading.decision == decision
    assert html.blocks(letter.html) == [block.text for block in letter.letter.blocks]
    assert render(reading.decision).text == letter.text
    found = [block.text for block in letter.letter.blocks]
    for each in SHIPPED.families.values():
        assert isinstance(each.automaton.read(found), Failure) == (each.name != mailing.FAMILY)


@settings(max_examples=3)
@given(data=st.data())
def test_laws_2_and_6_every_mailed_decision_survives_its_pdf(data: st.DataObject) -> None:
    decision = data.draw(mailing.mailed(most_items=1))
    pdf = render(decision).pdf()
    assert parse(pdf).decision == decision
    attached = pdfs.attached(pdf)
    assert attached is not None
    assert loads(attached) == decision
    assert not [finding for finding in verify(pdf) if finding.severity == "error"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@settings(max_examples=25)
@given(data=st.data())
def test_law_5_a_changed_character_of_fixed_wording_is_drift(sample: Any, data: st.DataObject) -> None:
    letter = render(load(sample)).letter
    block, offset = data.draw(st.sampled_from(sorted(_fixed(letter))))
    words = letter.blocks[block].text
    new = data.draw(st.sampled_from(["", "x", "Q", words[offset] * 2]))
    changed = words[:offset] + new + words[offset + 1 :]
    if " ".join(changed.split()) == words:
        return
    found = [each.text if at != block else changed for at, each in enumerate(letter.blocks)]
    try:
        reading = parse("\n\n".join(map(text.wrap, found)) + "\n")
    except DriftError:
        return
    # Ordinary English may hold nearly the words of a short fence, such as ", with": it is read, and reported.
    assert "nearly-fixed" in [each.code for each in reading.findings]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@settings(max_examples=25)
@given(data=st.data())
def test_law_5_a_changed_character_of_a_value_changes_the_decision_or_is_refused(
    sample: Any, data: st.DataObject
) -> None:
    decision = load(sample)
    letter = render(decision).letter
    place = data.draw(st.sampled_from([each for each in letter.places if "rationale" not in each.field]))
    found = [block.text for block in letter.blocks]
    at = data.draw(st.integers(place.start, place.end - 1))
    words = found[place.block]
    found[place.block] = words[:at] + data.draw(st.sampled_from("xQ7;")) + words[at + 1 :]
    if found[place.block] == words:
        return
    try:
        reading = parse("\n\n".join(map(text.wrap, found)) + "\n")
    except ImrLettersError:
        return
    assert reading.decision != decision


def _letter(sample: int = 0) -> str:
    return render(load(SAMPLES[sample])).text


def test_the_overall_determination_agrees_with_the_items() -> None:
    for outcomes, words in (
        (("upheld", "upheld"), "upholds the Claims Administrator's decision: none"),
        (("overturned", "overturned"), "overturns the Claims Administrator's decision: all"),
        (("upheld", "overturned"), "overturns the Claims Administrator's decision in part: some"),
    ):
        decision = load(SAMPLES[0])
        items = tuple(
            item.model_copy(update={"outcome": outcome})
            for item, outcome in zip(decision.items, outcomes, strict=False)
        )
        letter = render(decision.model_copy(update={"items": items}))
        assert words in " ".join(letter.text.split())
        assert parse(letter.text).decision.outcome == letter.decision.outcome
        assert "outcome" not in letter.decision.data()


def test_another_overall_determination_is_refused() -> None:
    plain = " ".join(_letter(1).split())
    assert "upholds the Claims Administrator's decision: none of the disputed" in plain
    changed = _letter(1).replace("upholds", "overturns").replace(": none of", ": all of")
    with pytest.raises(LetterError, match="used only where outcome is overturn"):
        parse(changed)


@pytest.mark.parametrize("gone", ["Cold therapy unit, purchase QTY: 1 Upheld\n\n", None])
def test_the_table_and_the_items_are_as_many(gone: str | None) -> None:
    letter = _letter()
    changed = (
        letter.replace(gone, "", 1) if gone else letter.replace("THIS DET", "Something else Upheld\n\nTHIS DET", 1)
    )
    assert changed != letter
    with pytest.raises(LetterError):
        parse(changed)


def test_a_request_is_the_same_in_the_table_and_below() -> None:
    letter = _letter()
    changed = letter.replace("Right carpal tunnel release, open Overturned", "Left carpal tunnel release Overturned")
    with pytest.raises(LetterError, match="says this twice, and not the same"):
        parse(changed)


def test_each_recipient_with_an_address_gets_a_letter() -> None:
    source = mailing.decision()
    letters = for_recipients(source)
    assert [each.addressee.name for each in letters if each.addressee] == ["Sample Worker One", "Sample Attorney One"]
    assert for_recipients(letters[0]) == [letters[0]]
    for each in letters:
        assert all(recipient.address is None for recipient in each.recipients or ())
        assert SHIPPED.family_of(each).name == mailing.FAMILY
        assert parse(render(each).text).decision == each
    assert letters[0].model_copy(update={"addressee": None}) == letters[1].model_copy(update={"addressee": None})


def test_a_decision_that_is_addressed_to_nobody_has_no_family() -> None:
    with pytest.raises(RenderError, match="imr-letters mail"):
        render(mailing.decision())


def test_a_decision_without_parties_is_of_a_published_family() -> None:
    for path in samples.decisions():
        decision = load(path)
        mailed = any(getattr(decision, name) is not None for name in FORM.withheld)
        assert (SHIPPED.family_of(decision).name == mailing.FAMILY) == mailed


def test_the_family_names_what_it_needs() -> None:
    decision = load(SAMPLES[0]).model_copy(update={"documents": None})
    with pytest.raises(RenderError, match="needs documents"):
        render(decision, mailing.FAMILY)
    with pytest.raises(RenderError, match="final-determination needs documents"):
        render(decision)


def test_what_counsel_has_to_confirm_is_not_on_the_letter() -> None:
    about = SHIPPED.families[mailing.FAMILY].about
    assert any("4610.6(g) and (h)" in each for each in about.confirm_with_counsel)
    source = (ROOT / "templates" / mailing.FAMILY / "letter.html.jinja").read_text()
    assert "TO BE CONFIRMED BY COUNSEL" in source
    letter = render(load(SAMPLES[0]))
    assert "counsel" not in (letter.text + letter.html).lower()
    assert "30 days" in letter.text


#: The window of a #10 envelope on a letter in the middle of it, in points from the left and the top of the page.
WINDOW = tuple(72 * inches for inches in (0.375, 2.271, 4.875, 3.396))
SHIFT = 6 / 25.4 * 72


def _characters(page: Any) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Return the characters of a page with their boxes: left, top, right, bottom, from the top of the page."""
    found = page.get_textpage()
    height = page.get_height()
    shown = []
    for index in range(found.count_chars()):
        char = found.get_text_range(index, 1)
        left, bottom, right, top = found.get_charbox(index)
        if char.strip():
            shown.append((char, (left, height - top, right, height - bottom)))
    return shown


def _longest() -> Decision:
    """Return a decision whose address is as long as it may be."""
    decision = load(SAMPLES[1])
    name, organization = "Department of Samples and Examples", "Bureau of Rehabilitation and Corrections"
    address = (
        "Building M, 3rd Floor, West Wing",
        "12345 Boulevard of the Long Examples",
        "P.O. Box 1",
        "Los Angeles, CA",
    )
    to = Addressee(name=name, organization=organization, address=address)
    recipients = (decision.recipients or ())[0].model_copy(update={"name": to.name, "organization": to.organization})
    return decision.model_copy(update={"addressee": to, "recipients": (recipients,)})


@pytest.mark.parametrize("decision", [*map(load, SAMPLES), _longest()], ids=["worker", "representative", "longest"])
def test_nothing_but_the_address_shows_in_the_window(decision: Decision) -> None:
    to = decision.addressee
    assert to is not None
    lines = [*(["Attn: " + to.name, to.organization] if to.organization else [to.name]), *to.address]
    address = "".join("".join(lines).split())
    page = pypdfium2.PdfDocument(render(decision).pdf())[0]
    shown = _characters(page)
    boxes = [box for _, box in shown]
    start = "".join(char for char, _ in shown).find(address)
    assert start > 0
    of_address = set(range(start, start + len(address)))
    left, top, right, bottom = WINDOW
    for dx in (-SHIFT, 0, SHIFT):
        for dy in (-SHIFT, 0, SHIFT):
            seen = {
                index
                for index, box in enumerate(boxes)
                if box[0] < right + dx and box[2] > left + dx and box[1] < bottom + dy and box[3] > top + dy
            }
            assert seen <= of_address, (dx, dy)
            assert len(lines) > 4 or seen == of_address
    assert all(boxes[i][0] > left and boxes[i][2] < right for i in of_address)
    assert all(boxes[i][1] > top and boxes[i][3] < bottom for i in of_address)
    _check_ink(page, [boxes[i] for i in of_address])


def _check_ink(page: Any, address: list[tuple[float, float, float, float]]) -> None:
    """Nothing is drawn either, no line and no picture, wherever the window may be."""
    scale = 2
    picture = page.render(scale=scale).to_pil().convert("L")
    for left, top, right, bottom in address:
        picture.paste(255, tuple(int(scale * at) for at in (left - 2, top - 2, right + 2, bottom + 2)))
    edges = (WINDOW[0] - SHIFT, WINDOW[1] - SHIFT, WINDOW[2] + SHIFT, WINDOW[3] + SHIFT)
    ink = ImageChops.invert(picture.crop(tuple(int(scale * at) for at in edges)))
    assert ink.getbbox() is None


def test_the_decision_of_the_document_is_mailed(run: Run, tmp_path: Any) -> None:
    (tail,) = blocks(ROOT / "docs" / "mailing.md", "yaml")
    base = (ROOT / "samples" / "decisions" / "01-one-item-upheld.yaml").read_text()
    (tmp_path / "decision.yaml").write_text(base + "\n" + tail)
    made = run("mail", "decision.yaml", "-o", "outgoing", "--to", "text")
    assert made.code == 0, made.err
    names = sorted(path.name for path in (tmp_path / "outgoing").iterdir())
    assert names == ["CM16-0900001-1-injured-worker.txt", "CM16-0900001-2-claims-administrator.txt"]
    assert "no letter for recipients[2]: no address" in made.err
    assert run("verify", *sorted((tmp_path / "outgoing").iterdir())).code == 0
    again = run("mail", "decision.yaml", "-o", "outgoing", "--to", "text")
    assert again.code == 0
    nobody = run("mail", ROOT / "samples" / "decisions" / "01-one-item-upheld.yaml", "-o", "outgoing")
    assert nobody.code == 1
    assert "no recipient has an address" in nobody.err
