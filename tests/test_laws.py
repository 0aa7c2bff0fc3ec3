"""The laws of the design, each over generated decisions and for every shipped family."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_letters import Decision, load, loads, parse, render, samples
from imr_letters.engine.errors import DriftError, ImrLettersError, InputError, LetterError
from imr_letters.engine.matching.automaton import Failure
from imr_letters.engine.text import CharacterError, is_accepted, words
from imr_letters.imr.form import Letter, Reading
from imr_letters.media import html, text
from imr_letters.wording import SHIPPED
from tests import strategies
from tests.conftest import PUBLISHED

FAMILIES = PUBLISHED
each_family = pytest.mark.parametrize("family", FAMILIES)


@each_family
@given(data=st.data())
def test_law_1_every_decision_survives_its_text_letter(family: str, data: st.DataObject) -> None:
    decision = data.draw(strategies.decisions(family))
    reading = parse(render(decision, family).text)
    assert reading.decision == decision
    assert reading.family == family
    assert not [finding for finding in reading.findings if finding.severity == "error"]


@each_family
@settings(max_examples=20)
@given(data=st.data())
def test_law_1_twenty_one_items(family: str, data: st.DataObject) -> None:
    item = data.draw(st.lists(strategies.items, min_size=1, max_size=3))
    decision = data.draw(strategies.decisions(family, most_items=1))
    decision = decision.model_copy(update={"items": tuple((item * 21)[:21])})
    assert parse(render(decision, family).text).decision == decision


@each_family
@given(data=st.data())
def test_law_3_a_letter_of_ours_is_rendered_again_to_the_byte(family: str, data: st.DataObject) -> None:
    letter = render(data.draw(strategies.decisions(family)), family)
    assert render(parse(letter.text).decision, family).text == letter.text


@each_family
@given(data=st.data())
def test_html_shows_the_blocks_of_the_letter(family: str, data: st.DataObject) -> None:
    letter = render(data.draw(strategies.decisions(family, most_items=2)), family)
    assert html.blocks(letter.html) == [block.text for block in letter.letter.blocks]


@each_family
@given(data=st.data())
def test_law_4_one_letter_one_decision(family: str, data: st.DataObject) -> None:
    """Two decisions never print the same letter, and each letter has one reading in one family."""
    one = data.draw(strategies.decisions(family, most_items=2))
    other = data.draw(strategies.decisions(family, most_items=2))
    letter = render(one, family)
    assert (letter.text == render(other, family).text) == (one == other)
    blocks = [block.text for block in letter.letter.blocks]
    for each in SHIPPED.families.values():
        readings = each.automaton.read(blocks)
        assert isinstance(readings, Failure) == (each.name != family)
        assert isinstance(readings, Failure) or len(readings) == 1


@each_family
@given(data=st.data())
def test_law_5_a_changed_character_of_fixed_wording_is_drift(family: str, data: st.DataObject) -> None:
    letter = render(data.draw(strategies.decisions(family, most_items=2)), family).letter
    block, offset = data.draw(st.sampled_from(sorted(_fixed(letter))))
    words = letter.blocks[block].text
    change = data.draw(st.sampled_from(["put", "drop", "double"]))
    new = data.draw(st.sampled_from("xQ7;é")) if change == "put" else "" if change == "drop" else words[offset] * 2
    changed = words[:offset] + new + words[offset + 1 :]
    if " ".join(changed.split()) == words:
        return  # a doubled space is no change of wording
    blocks = [each.text if at != block else changed for at, each in enumerate(letter.blocks)]
    source = text.source("\n\n".join(text.wrap(each) for each in blocks) + "\n")
    found = _read(source.raw)
    if isinstance(found, LetterError):
        assert isinstance(found, DriftError), str(found)
    else:  # what is near to one or two common words may be a value, and is reported
        assert any(each.code == "nearly-fixed" for each in found.findings)


def _read(letter: str) -> Reading | LetterError:
    try:
        return parse(letter)
    except LetterError as error:
        return error


@each_family
@given(data=st.data())
def test_law_5_a_changed_character_of_a_value_changes_the_decision_or_is_refused(
    family: str, data: st.DataObject
) -> None:
    decision = data.draw(strategies.decisions(family, most_items=2))
    letter = render(decision, family)
    place = data.draw(st.sampled_from(letter.letter.places))
    offset = data.draw(st.integers(place.start, place.end - 1))
    blocks = [block.text for block in letter.letter.blocks]
    old = blocks[place.block][offset]
    new = data.draw(st.sampled_from("xQ7;é,: ").filter(lambda char: char != old))
    changed = blocks[place.block][:offset] + new + blocks[place.block][offset + 1 :]
    if " ".join(changed.split()) == blocks[place.block]:
        return
    blocks[place.block] = changed
    try:
        reading = parse("\n\n".join(text.wrap(block) for block in blocks) + "\n")
    except ImrLettersError:
        return
    assert reading.decision != decision


@given(data=st.data())
def test_law_5_any_character_of_the_text(data: st.DataObject) -> None:
    family = data.draw(st.sampled_from(FAMILIES))
    decision = data.draw(strategies.decisions(family, most_items=2))
    letter = render(decision, family).text
    at = data.draw(st.integers(0, len(letter) - 1))
    new = data.draw(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\n -x")))
    changed = letter[:at] + new + letter[at + 1 :]
    if changed.split() == letter.split():
        return
    try:
        reading = parse(changed)
    except ImrLettersError:
        return
    joined = [finding for finding in reading.findings if finding.code in ("split-word", "encoding")]
    assert reading.decision != decision or joined


@given(st.text(max_size=400))
def test_any_text_gets_a_reading_or_a_clear_error(source: str) -> None:
    with pytest.raises((LetterError, InputError)) as raised:
        parse(source)
    assert str(raised.value)


@settings(max_examples=10)  # each starts a process to read the PDF in; tests/test_hostile_pdfs.py has many more
@given(st.binary(max_size=400))
def test_any_bytes_get_a_clear_error(source: bytes) -> None:
    with pytest.raises(ImrLettersError):
        parse(source)
    with pytest.raises(ImrLettersError):
        parse(b"%PDF-1.7\n" + source)


@given(st.text(max_size=60))
def test_the_normal_form_is_kept_and_accepts_only_its_alphabet(value: str) -> None:
    folded = words("".join(char for char in value if is_accepted(char) or char in "\n\t "))
    assert words(folded) == folded
    assert all(is_accepted(char) for char in folded)


@pytest.mark.parametrize("code", [*range(0x20), 0xAD, 0x200B, 0x202E, 0x2010, 0xFEFF, 0xFB01, 0xE000, 0x4E00, 0x5D0])
def test_what_cannot_be_seen_or_drawn_is_refused(code: int) -> None:
    if chr(code) in "\t\n\r\v\f":
        assert words(f"a{chr(code)}b") == "a b"
        return
    with pytest.raises(CharacterError, match=f"U\\+{code:04X}"):
        words(f"a{chr(code)}b")


def test_every_code_point_is_accepted_as_it_is_or_folded_or_refused() -> None:
    unassigned = 0
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in ("Cn", "Co"):  # a million, alike: some of them will do
            unassigned += 1
            if unassigned % 97:
                continue
        try:
            folded = words(f"a{char}b")
        except CharacterError:
            assert not is_accepted(char)
            continue
        assert folded == (f"a{char}b" if is_accepted(char) else words(folded))


def test_a_decision_survives_as_json_and_as_yaml() -> None:
    for path in samples.decisions():
        decision = load(path)
        assert Decision.model_validate(decision.data()) == decision
        assert loads(json.dumps(decision.data())) == decision


def _fixed(letter: Letter) -> Iterator[tuple[int, int]]:
    """Yield block and offset of every character of fixed wording."""
    values = {(place.block, at) for place in letter.places for at in range(place.start, place.end)}
    for number, block in enumerate(letter.blocks):
        for at in range(len(block.text)):
            if (number, at) not in values and block.text[at] != " ":
                yield number, at
