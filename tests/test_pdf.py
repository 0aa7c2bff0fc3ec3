"""The PDF letter: read back from what stands on its pages."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_letters import Decision, load, loads, parse, render, samples, verify
from imr_letters.errors import DriftError, RenderError
from imr_letters.families import families
from imr_letters.media import pdf_check, pdf_reader
from imr_letters.media.pdf_attachment import read_attachment
from imr_letters.text import alphabet
from tests import strategies
from tests.conftest import PUBLISHED, ROOT

FAMILIES = PUBLISHED


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


def _changed(pdf: bytes, attachment: bytes | None) -> bytes:
    """Return the PDF with another attachment, or with none."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        del file.attachments["decision.json"]
        if attachment is not None:
            file.attachments["decision.json"] = pikepdf.AttachedFileSpec(
                file,
                attachment,
                filename="decision.json",
                description="",
                mime_type="application/json",
                creation_date="",
                mod_date="",
            )
        made = io.BytesIO()
        file.save(made)
        return made.getvalue()


def test_law_6_the_attachment_is_the_decision_of_the_pages() -> None:
    for path in samples.decisions():
        pdf = render(load(path)).pdf()
        attached = read_attachment(pdf)
        assert attached is not None
        assert loads(attached) == parse(pdf).decision
        assert verify(pdf) == []


def test_the_pages_are_read_without_the_attachment() -> None:
    decision = load(samples.decisions()[2])
    bare = _changed(render(decision).pdf(), None)
    assert parse(bare).decision == decision
    swapped = _changed(render(decision).pdf(), b"{}")
    assert parse(swapped).decision == decision


def test_verify_names_a_swapped_attachment() -> None:
    decision = load(samples.decisions()[2])
    other = decision.data()
    other["items"][1]["outcome"] = "overturned"
    [finding] = verify(_changed(render(decision).pdf(), json.dumps(other).encode()))
    assert (finding.code, finding.severity, finding.field) == ("attachment", "error", "items[1].outcome")
    [damaged] = verify(_changed(render(decision).pdf(), b"no decision"))
    assert (damaged.code, damaged.severity) == ("attachment", "error")


def test_verify_names_changed_pages() -> None:
    """Pages of another decision under the attachment of the first."""
    decision = load(samples.decisions()[0])
    attached = read_attachment(render(decision).pdf())
    pages = render(Decision.model_validate({**decision.data(), "clinical_summary": "Another worker."})).pdf()
    fields = {finding.field for finding in verify(_changed(pages, attached)) if finding.severity == "error"}
    assert fields == {"clinical_summary"}


def test_verify_names_an_older_template(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    file = tmp_path / "templates" / "shared" / "determination.html.jinja"
    pdf = render(load(samples.decisions()[0])).pdf()
    assert verify(pdf, templates=tmp_path / "templates") == []
    file.write_text(file.read_text().replace("CLINICAL CASE SUMMARY", "SUMMARY OF THE CASE"))
    families.cache_clear()
    with pytest.raises(DriftError, match="SUMMARY OF THE CASE"):
        verify(pdf, templates=tmp_path / "templates")


def test_verify_tells_a_file_that_was_saved_by_somebody_else() -> None:
    decision = load(samples.decisions()[0])
    pdf = render(decision).pdf()
    findings = verify(_changed(pdf, read_attachment(pdf)))
    assert {finding.severity for finding in findings} == {"note"}
    assert "bytes" in [finding.code for finding in findings]


def test_a_letter_too_long_for_a_pdf_is_refused_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_check, "MOST_CONTENT_IN_ALL", 20_000)  # such a letter takes a minute to lay out
    decision = load(samples.decisions()[0])
    with pytest.raises(RenderError, match="cannot be read back"):
        render(decision).pdf()
