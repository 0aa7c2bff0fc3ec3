"""The PDF letter: read back from what is on its pages."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_letters import Decision, load, loads, parse, render, samples, verify
from imr_letters.engine.errors import DriftError, Finding, ImrLettersError, RenderError
from imr_letters.engine.text import alphabet
from imr_letters.media.pdf import limits
from imr_letters.verification import verdict
from imr_letters.wording import forget
from tests import pdfs, strategies
from tests.conftest import PUBLISHED, ROOT

FAMILIES = PUBLISHED


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=12)
@given(data=st.data())
def test_law_2_every_decision_survives_its_pdf(family: str, data: st.DataObject) -> None:
    decision = data.draw(strategies.decisions(family, most_items=2))
    letter = render(decision, family)
    pdf = letter.pdf()
    assert list(pdfs.read_here(pdf).blocks) == [block.text for block in letter.letter.blocks]
    assert parse(pdf).decision == decision


@pytest.mark.parametrize("path", samples.decisions(), ids=lambda path: path.stem)
def test_the_samples_survive_their_pdf_and_are_attached_to_it(path: Path) -> None:
    """Laws 2 and 6: the decision of the pages, and that of the attachment, are the decision."""
    decision, pdf = load(path), pdfs.sample(path)
    assert parse(pdf).decision == decision
    attached = pdfs.attached(pdf)
    assert attached is not None
    assert loads(attached) == decision
    assert verify(pdf) == []


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


def test_the_pages_are_read_without_the_attachment() -> None:
    decision = load(samples.decisions()[2])
    pdf = pdfs.sample(samples.decisions()[2])
    bare = _changed(pdf, None)
    assert parse(bare).decision == decision
    swapped = _changed(pdf, b"{}")
    assert parse(swapped).decision == decision


def _errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def test_verify_names_an_attachment_that_is_gone() -> None:
    findings = verify(_changed(pdfs.sample(samples.decisions()[2]), None))
    assert [finding.severity for finding in findings if finding.code == "attachment"] == ["warning"]


def test_verify_names_a_swapped_attachment() -> None:
    pdf = pdfs.sample(samples.decisions()[2])
    other = load(samples.decisions()[2]).data()
    other["items"][1]["outcome"] = "overturned"
    [finding] = _errors(verify(_changed(pdf, json.dumps(other).encode())))
    assert (finding.code, finding.severity, finding.field) == ("attachment", "error", "items[1].outcome")
    [damaged] = _errors(verify(_changed(pdf, b"no decision")))
    assert (damaged.code, damaged.severity) == ("attachment", "error")


def test_verify_names_changed_pages() -> None:
    """Pages of another decision under the attachment of the first."""
    decision = load(samples.decisions()[0])
    attached = pdfs.attached(pdfs.sample(samples.decisions()[0]))
    pages = render(Decision.model_validate({**decision.data(), "clinical_summary": "Another worker."})).pdf()
    fields = {finding.field for finding in verify(_changed(pages, attached)) if finding.severity == "error"}
    assert fields == {"clinical_summary"}


def test_verify_names_an_older_template(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    file = tmp_path / "templates" / "shared" / "determination.html.jinja"
    pdf = pdfs.sample(samples.decisions()[0])
    assert verify(pdf, templates=tmp_path / "templates") == []
    file.write_text(file.read_text().replace("CLINICAL CASE SUMMARY", "SUMMARY OF THE CASE"))
    forget()
    with pytest.raises(DriftError, match="SUMMARY OF THE CASE"):
        verify(pdf, templates=tmp_path / "templates")


def test_verify_tells_a_file_that_was_saved_by_somebody_else() -> None:
    pdf = pdfs.sample(samples.decisions()[0])
    findings = verify(_changed(pdf, pdfs.attached(pdf)))
    [message] = [finding.message for finding in findings if finding.code == "bytes"]
    assert message.endswith("another program changed the file: its attachments and metadata")
    assert verdict(findings) == "words identical, pages not proven"


def _with(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        change(file)
        made = io.BytesIO()
        file.save(made)
        return made.getvalue()


def _drawn(content: bytes) -> Callable[[pikepdf.Pdf], None]:
    def draw(file: pikepdf.Pdf) -> None:
        page = file.pages[0]
        page.obj.Resources.Font["/Other"] = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.contents_add(content)

    return draw


def _note(file: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[90, 90, 500, 500], Contents="Overturned."
    )
    file.pages[0].obj.Annots = file.make_indirect(pikepdf.Array([note]))


def _read_aloud(file: pikepdf.Pdf) -> None:
    heading = next(each for each in file.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/H1")
    heading.ActualText = pikepdf.String("Overturned.")


_WORDS = b"BT /Other 20 Tf 1 0 0 1 100 300 Tm (All of it is overturned.) Tj ET"
TAMPERED: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "words-without-a-tag": _drawn(_WORDS),
    "words-as-an-artifact": _drawn(b"/Artifact BMC " + _WORDS + b" EMC"),
    "words-with-a-mark-of-no-tag": _drawn(b"/P <</MCID 9999>> BDC " + _WORDS + b" EMC"),
    "words-covered": _drawn(b"1 g 0 0 612 792 re f"),
    "note-over-the-words": _note,
    "other-words-read-aloud": _read_aloud,
    "page-of-the-letter-again": lambda file: file.pages.append(file.pages[0]),
    "page-that-is-blank": lambda file: file.pages.append(file.add_blank_page()),
    "pages-turned": lambda file: file.pages[0].rotate(180, relative=True),
    "first-page-missing": lambda file: file.pages.__delitem__(0),
    "last-page-missing": lambda file: file.pages.__delitem__(-1),
    "pages-in-another-order": lambda file: file.pages.reverse(),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_what_was_done_to_the_pages(name: str) -> None:
    """Also where all words that the tags hold are still there."""
    tampered = _with(pdfs.sample(samples.decisions()[2]), TAMPERED[name])
    try:
        assert _errors(verify(tampered))
    except ImrLettersError:
        assert "page" in name  # what is left is no letter


def _script(file: pikepdf.Pdf) -> None:
    file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _fields(file: pikepdf.Pdf) -> None:
    file.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array())


def _other_engine(file: pikepdf.Pdf) -> None:
    file.docinfo["/Keywords"] = "engine 0123456789abcdef, looks 0123456789abcdef"


def _no_keywords(file: pikepdf.Pdf) -> None:
    del file.docinfo["/Keywords"]


def _bare(file: pikepdf.Pdf) -> None:
    _no_keywords(file)
    del file.attachments["decision.json"]


ACTIVE: dict[str, Callable[[pikepdf.Pdf], None]] = {"script": _script, "form-fields": _fields}
CLAIMS: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "as-made": lambda _: None,
    "forged": _other_engine,
    "no-keywords": _no_keywords,
    "bare": _bare,
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("name", [*TAMPERED, *ACTIVE])
def test_no_altered_file_is_identical_whatever_it_says_of_itself(name: str, claim: str) -> None:
    def change(file: pikepdf.Pdf) -> None:
        CLAIMS[claim](file)
        (TAMPERED | ACTIVE)[name](file)

    try:
        findings = verify(_with(pdfs.sample(samples.decisions()[2]), change))
    except ImrLettersError:
        assert "page" in name
        return
    assert verdict(findings) != "identical"
    if name in ACTIVE:
        assert [finding.code for finding in _errors(findings)][:1] == ["active"]


@pytest.mark.parametrize("claim", ["forged", "no-keywords", "bare"])
def test_a_file_with_other_claims_has_its_pages_not_proven(claim: str) -> None:
    findings = verify(_with(pdfs.sample(samples.decisions()[2]), CLAIMS[claim]))
    assert verdict(findings) == "words identical, pages not proven"


def test_words_beside_the_tags_are_told_when_a_letter_is_read() -> None:
    pdf = pdfs.sample(samples.decisions()[2])
    assert parse(pdf).findings == ()
    for name, severity in (("words-without-a-tag", "error"), ("words-as-an-artifact", "note")):
        findings = parse(_with(pdf, TAMPERED[name])).findings
        told = {finding.excerpt: finding.severity for finding in findings if finding.code == "outside-tags"}
        assert told.pop("All of it is overturned.") == severity
        assert set(told.values()) == {"note"}  # the head and the foot of the pages


def test_a_letter_without_its_last_page_is_not_read_in_silence() -> None:
    """The items on the pages that are left make a sound letter."""
    decision = load(samples.decisions()[2])
    reading = parse(_with(pdfs.sample(samples.decisions()[2]), TAMPERED["last-page-missing"]))
    assert len(reading.decision.items) == len(decision.items)
    assert reading.decision != decision
    assert [finding.code for finding in _errors(list(reading.findings))] == ["page-missing"]


def test_verify_tells_a_draft_and_another_stylesheet(tmp_path: Path) -> None:
    letter = render(load(samples.decisions()[0]))
    [stamped] = verify(letter.pdf(draft=True))
    assert (stamped.severity, stamped.message) == ("note", "is stamped as a draft")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    with (tmp_path / "templates" / "shared" / "letter.css").open("a") as file:
        file.write("p { color: #111111 }")
    forget()
    [other] = verify(letter.pdf(), templates=tmp_path / "templates")
    assert (other.code, other.severity) == ("bytes", "warning")
    assert "drawn or changed by other means" in other.message
    assert verdict([stamped]) == "identical"
    assert verdict([other]) == "words identical, pages not proven"


@pytest.mark.parametrize(
    "save",
    [
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "recompress_flate": True},
        {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.generalized},
        {"encryption": pikepdf.Encryption(user="", owner="sesame")},
    ],
    ids=["linearised", "packed", "unpacked", "encrypted"],
)
def test_a_file_that_was_only_packed_anew_has_the_same_pages(save: dict[str, Any]) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.sample(samples.decisions()[0]))) as file:
        file.save(out, fix_metadata_version=False, **save)
    findings = verify(out.getvalue())
    assert {finding.severity for finding in findings} == {"note"}
    assert any("the pages are those of the letter" in finding.message for finding in findings)
    assert verdict(findings) == "identical"


def test_a_letter_too_long_for_a_pdf_is_refused_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CONTENT_IN_ALL", 20_000)  # such a letter takes a minute to lay out
    decision = load(samples.decisions()[0])
    with pytest.raises(RenderError, match="cannot be read back"):
        render(decision).pdf()
