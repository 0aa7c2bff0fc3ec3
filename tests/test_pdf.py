"""The PDF letter: read back from what stands on its pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imr_letters import Decision, load, parse, render, samples
from imr_letters.families import families
from imr_letters.media import pdf_reader
from imr_letters.text import alphabet

from tests import strategies

FAMILIES = sorted(families())


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=12)
@given(data=st.data())
def test_law_2_every_decision_survives_its_pdf(family: str, data: st.DataObject) -> None:
    decision = data.draw(strategies.decisions(family, most_items=2))
    letter = render(decision, family)
    pdf = letter.pdf()
    assert list(pdf_reader.read(pdf).blocks) == [block.text for block in letter.letter.blocks]
    assert parse(pdf).decision == decision


@pytest.mark.parametrize("path", samples.decisions(), ids=lambda path: path.stem)
def test_the_samples_survive_their_pdf(path: Path) -> None:
    decision = load(path)
    assert parse(render(decision).pdf()).decision == decision


def _code_points() -> list[str]:
    spans = re.findall(r"\\U([0-9a-f]{8})-\\U([0-9a-f]{8})", alphabet())
    return [chr(code) for first, last in spans for code in range(int(first, 16), int(last, 16) + 1) if code > 0x20]


def test_every_accepted_character_survives_the_pdf() -> None:
    """Each alone between letters, and in words, in both weights of the fonts."""
    chars = _code_points()
    assert len(chars) > 3_000
    base = load(samples.decisions()[0])
    lines = [" ".join(f"x{char}" for char in chars[at : at + 40]) for at in range(0, len(chars), 40)]
    item = base.items[0].model_copy(update={"request": "".join(chars[:2_000:7])})
    decision = Decision.model_validate(
        {**base.data(), "clinical_summary": "\n\n".join(f"Also {line}" for line in lines), "items": [item]}
    )
    read = parse(render(decision).pdf()).decision
    lost = {a for a, b in zip(decision.clinical_summary, read.clinical_summary, strict=True) if a != b}
    assert lost == set()
    assert read == decision
