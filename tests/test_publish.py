"""The public edition: the same determination, with nothing of the people it is about left anywhere in its files."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_letters import Decision, load, parse, render, samples, verify
from imr_letters.engine.errors import RenderError
from imr_letters.imr.form import FORM
from imr_letters.imr.model import OwnText, SnippetUse, for_recipients
from imr_letters.imr.records import loads
from imr_letters.publish import MARKS, edition
from tests import mailing, pdfs, strategies
from tests.conftest import ROOT, Run

#: Made words, one for each place of a decision where somebody is named: none is a part of another, nor of a letter.
_SYLLABLES = ("zor", "quin", "vex", "jup", "wyk", "flim", "drob", "gax", "pliz", "kruv")


def marker(number: int) -> str:
    one, two, three = number % 10, number // 10 % 10, number // 100
    return (_SYLLABLES[one] + _SYLLABLES[two] + _SYLLABLES[three] + "ax").capitalize()


class Markers:
    """Hands out markers and remembers them."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, words: int = 1) -> str:
        made = [marker(len(self.given) + count) for count in range(words)]
        self.given += made
        return " ".join(made)


def marked() -> tuple[dict[str, Any], list[str]]:
    """Return a decision with a marker in every field of what is withheld, all of them said in the prose, too."""
    data = mailing.decision().data()
    new = Markers()
    parties = data["parties"]
    parties["claim_number"] = "77-" + new() + "-4411"
    for name in ("worker_representative", "administrator_representative", "employer", "claims_administrator"):
        parties[name] = {"name": new(2), "organization": new(2)}
    parties["injured_worker"] = {"name": new(3)}
    parties["requesting_provider"] = {"name": new(2) + ", MD", "organization": new(2)}
    for recipient in data["recipients"]:
        recipient.update(name=new(2), organization=new(2), address=[f"{new()} Lane 7", f"{new()}, CA 95814"])
    for document in data["documents"]:
        document.update(title=new(2), source=new(2))
    said = [each for each in _values(data) if any(marker in each for marker in new.given)]
    said = [each for each in said if each not in [document["title"] for document in data["documents"]]]
    family_name = parties["injured_worker"]["name"].split()[-1]
    said += [f"Ms. {family_name}", family_name.upper(), f"{family_name}'s", parties["claim_number"].replace("-", " ")]
    said += [f"{new().lower()}@example.org", "(916) 555-0188", "SSN 900-55-0188", "born on 02/03/1971"]
    prose = "\n\n".join(f"The record names {each} here." for each in said)
    data["clinical_summary"] += "\n\n" + prose
    data["items"][0]["request"] = {"original": f"Release for {said[0]}", "authorized": f"Splint of {said[1]}"}
    data["items"][0]["rationale"] = [{"text": prose}]
    data["items"][1]["request"] += f" by {parties['requesting_provider']['organization']}"
    data["items"][2]["reviewer_guideline"]["non_mtus"] += f" as sent by {said[2]}"
    data["items"][2]["rationale"] = [
        {"text": f"See {said[3]}."},
        {"snippet": "ppi-no-risk", "version": 1, "values": {"drug": f"omeprazole of {said[4]}"}},
    ]
    return data, [*new.given, "555-0188", "900-55", "02/03/1971", "77-", "4411"]


def _values(data: Any) -> Iterator[str]:
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _values(each)
    elif isinstance(data, str):
        yield data


def everything(pdf: bytes) -> str:
    """Return all that a PDF holds in any form: pages as drawn, raw bytes, streams unpacked, strings, names."""
    pieces = [pdf.decode("latin-1"), pdf.decode("utf-16-be", "ignore"), pdf[1:].decode("utf-16-be", "ignore")]
    for match in re.finditer(rb"stream\r?\n", pdf):
        try:
            inner = zlib.decompressobj().decompress(pdf[match.end() :])
        except zlib.error:
            continue
        pieces += [inner.decode("latin-1"), inner.decode("utf-8", "ignore"), inner.decode("utf-16-be", "ignore")]
    document = pypdfium2.PdfDocument(pdf)
    pieces += [page.get_textpage().get_text_range() for page in document]
    pieces += [str(document.get_metadata_dict())]
    with pikepdf.open(io.BytesIO(pdf)) as file:
        pieces += [repr(each) for each in file.objects] + [str(list(file.attachments)), repr(file.docinfo)]
        pieces += [each.read_bytes().decode("utf-8", "ignore") for each in file.objects if _is_stream(each)]
    return "\n".join(pieces)


def _is_stream(each: object) -> bool:
    return isinstance(each, pikepdf.Stream)


def test_no_marker_is_left_anywhere(run: Run, tmp_path: Path) -> None:
    data, markers = marked()
    (tmp_path / "given.json").write_text(json.dumps(data))
    assert all(each in json.dumps(data) or each.lower() in json.dumps(data) for each in markers)
    assert len(markers) > 60
    for medium, suffix in (("pdf", ".pdf"), ("text", ".txt"), ("html", ".html")):
        outcome = run("publish", "given.json", "-o", "public", "--to", medium, "--confirmed-by", "Privacy officer")
        assert outcome.code == 0, outcome.err
        target = tmp_path / "public" / f"CM17-0900014{suffix}"
        made = target.read_bytes()
        held = everything(made) if medium == "pdf" else made.decode()
        held += str([path.name for path in target.parent.iterdir()]) + outcome.text + outcome.err
        left = [each for each in markers if each.lower() in held.lower()]
        assert left == []
        if medium != "html":
            read = parse(made)
            assert read.family == "dwc-2015"
            assert not any(getattr(read.decision, name) for name in FORM.withheld)
            assert not [finding for finding in verify(made) if finding.severity == "error"]
            assert "[withheld: name]" in read.decision.clinical_summary
    shown = run("publish", "given.json", "--json")
    assert shown.code == 1
    assert [each for each in markers if each.lower() in shown.text.lower()] == []
    assert {each["kind"] for each in json.loads(shown.out)["replacements"]} >= {
        "name", "claim number", "address", "phone", "e-mail", "SSN", "birth date",
    }  # fmt: skip


def test_the_markers_are_found_where_they_are_left() -> None:
    """The search itself would see a marker in the mailed letter: on its pages and in its attachment."""
    data, markers = marked()
    mailed = for_recipients(Decision.model_validate(data))[0]
    held = everything(render(mailed).pdf()).lower()
    assert len([each for each in markers if each.lower() in held]) > 50


def test_a_mailed_letter_is_published_as_its_decision_is() -> None:
    data, _ = marked()
    decision = Decision.model_validate(data)
    mailed = for_recipients(decision)[0]
    read = parse(render(mailed).pdf()).decision
    assert edition(read).decision == edition(mailed).decision


def test_as_printed_words_are_left_out() -> None:
    data = mailing.decision().data()
    line = "Decision based on MTUS Low Back Complaints 2004 Guidelines."
    data["items"][0]["reviewer_guideline"] = {
        "basis": "mtus",
        "mtus": [{"chapter": "Low Back Complaints", "year": 2004}],
    }
    data["items"][0]["as_printed"] = {"reviewer_guideline": line}
    public = edition(Decision.model_validate(data)).decision
    assert public.items[0].as_printed == {}


_names = st.integers(0, 999).map(marker)
_said = st.sampled_from(["{0}", "Mr. {0}", "{0}'s knee", "({0})", "{0}, MD", "by {0}.", "{0} 5/10 {0}"])


@st.composite
def named(draw: st.DrawFn) -> tuple[Decision, list[str]]:
    """Draw a decision of any shape whose prose names its worker, its provider and its claim."""
    decision = draw(strategies.decisions("dwc-2015", 2))
    made = mailing.decision()
    worker, provider, claim = (draw(_names) for _ in range(3))
    assert made.parties is not None
    parties = made.parties.model_copy(
        update={
            "injured_worker": made.parties.injured_worker.model_copy(update={"name": f"Sample {worker}"}),
            "requesting_provider": made.parties.requesting_provider.model_copy(update={"name": provider}),
            "claim_number": f"{claim}-0042",
        }
    )
    words = [draw(_said).format(each) for each in (worker, provider, f"{claim}-0042", worker)]
    items = tuple(
        item.model_copy(update={"rationale": (*item.rationale, OwnText(text=f"Also {words[2]} and {words[3]} so."))})
        for item in decision.items
    )
    summary = decision.clinical_summary + f"\n\nAlso {words[0]} came; {words[1]} wrote {draw(strategies.plain)}."
    update = {name: getattr(made, name) for name in FORM.withheld}
    whole = {**decision.model_copy(update={**update, "parties": parties, "clinical_summary": summary}).data()}
    whole["items"] = [item.model_dump(mode="json", exclude_defaults=True) for item in items]
    return Decision.model_validate(whole), [worker, provider, claim]


@settings(max_examples=15)
@given(named())
def test_law_1_every_public_edition_survives_its_text_letter(drawn: tuple[Decision, list[str]]) -> None:
    decision, withheld = drawn
    public = edition(decision)
    letter = public.to("text").decode()
    assert parse(letter).decision == public.decision
    assert render(public.decision).text == letter
    assert not any(each in letter for each in withheld)
    assert edition(public.decision).replacements == ()


@settings(max_examples=3)
@given(named())
def test_laws_2_and_6_every_public_edition_survives_its_pdf(drawn: tuple[Decision, list[str]]) -> None:
    decision, withheld = drawn
    public = edition(decision)
    pdf = public.to("pdf")
    assert parse(pdf).decision == public.decision
    attached = pdfs.attached(pdf)
    assert attached is not None
    assert loads(attached) == public.decision
    assert not any(each.encode() in attached for each in withheld)


@pytest.mark.parametrize("path", samples.decisions(), ids=lambda path: path.stem)
def test_the_samples_are_published_as_they_are(path: Path) -> None:
    decision = load(path)
    public = edition(decision)
    assert public.replacements == ()
    assert public.decision == decision.model_copy(update=dict.fromkeys(FORM.withheld))


def _with(summary: str, **parties: Any) -> Decision:
    data = mailing.decision().data()
    data["parties"] |= parties
    data["clinical_summary"] = summary
    return Decision.model_validate(data)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Ms. Qvortrup-Munoz came.", "[withheld: name] came."),
        ("Ana Qvortrup-Muñoz came.", "[withheld: name] came."),
        ("QVORTRUP-MUÑOZ, ANA came.", "[withheld: name] came."),
        ("qvortrup is her name.", "[withheld: name] is her name."),
        ("The claim ex 77 12 is hers.", "The claim [withheld: claim number] is hers."),
        ("Dr. Vexjup and Vexjup agree.", "[withheld: name] and [withheld: name] agree."),
        ("The claims administrator agrees.", "The claims administrator agrees."),
        ("Quote: [withheld: name].", "Quote: [withheld: name]."),
    ],
)
def test_how_names_are_found(words: str, expected: str) -> None:
    decision = _with(
        words,
        injured_worker={"name": "Ana Qvortrup-Muñoz"},
        claim_number="EX-77/12",
        requesting_provider={"name": "Sample Vexjup, DO"},
        claims_administrator={"name": "The Claims Administrator"},
    )
    assert edition(decision).decision.clinical_summary == expected


def test_a_place_can_be_kept(run: Run, tmp_path: Path) -> None:
    decision = _with("The tendon of the Long head is torn. Ms. Long came.", injured_worker={"name": "Sample Long"})
    (tmp_path / "given.json").write_text(json.dumps(decision.data()))
    kept = run("publish", "given.json", "--keep", "1", "-o", "public", "--to", "text", "--yes", "--json")
    assert kept.code == 0, kept.err
    assert [each["kept"] for each in json.loads(kept.out)["replacements"]] == [True, False]
    read = parse(tmp_path / "public" / "CM17-0900014.txt").decision
    assert read.clinical_summary == "The tendon of the Long head is torn. [withheld: name] came."
    assert run("publish", "given.json", "--keep", "3").code == 2


def test_nothing_is_written_before_a_person_confirms(run: Run, tmp_path: Path) -> None:
    (tmp_path / "given.json").write_text(json.dumps(_with("Ms. Vexjup came.").data()))
    before = sorted(tmp_path.rglob("*"))
    shown = run("publish", "given.json", "-o", "public")
    assert shown.code == 1
    assert "1  clinical_summary, paragraph 1: name" in shown.text
    assert "Vexjup" not in shown.text + shown.err
    assert sorted(tmp_path.rglob("*")) == before
    assert run("publish", "given.json", "--yes").code == 2


def test_the_words_are_shown_at_a_terminal(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "given.json").write_text(json.dumps(_with("Ms. Vexjup came.").data()))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    shown = run("publish", "given.json")
    assert '"Ms. Vexjup" -> [withheld: name]' in shown.text


def test_what_the_case_repeats_is_not_published(run: Run, tmp_path: Path) -> None:
    decision = _with("Nothing to see.", claim_number="CM17-0900014")
    with pytest.raises(RenderError, match="would hold what is withheld"):
        edition(decision).to("pdf")
    with pytest.raises(RenderError, match="would hold what is withheld"):
        edition(decision).to("text")
    (tmp_path / "given.json").write_text(json.dumps(_with("So.", injured_worker={"name": "Vexjup Quinzor"}).data()))
    named_file = run("publish", "given.json", "-o", "vexjup_quinzor.txt", "--to", "text", "--yes")
    assert named_file.code == 1
    assert not (tmp_path / "vexjup_quinzor.txt").exists()


def test_snippets_stay_snippets_where_nothing_is_withheld() -> None:
    (path,) = (each for each in samples.decisions() if each.stem.startswith("13"))
    public = edition(load(path)).decision
    assert any(isinstance(block, SnippetUse) for item in public.items for block in item.rationale)


def test_nobody_claims_de_identification() -> None:
    for path in [*(ROOT / "imr_letters" / "publish").glob("*.py"), ROOT / "imr_letters" / "cli" / "publish.py"]:
        assert "HIPAA" not in path.read_text()
    assert "No claim is made" in (ROOT / "docs" / "mailing.md").read_text()
    assert set(MARKS) >= {"name", "claim number", "phone", "e-mail", "address", "SSN", "birth date"}
