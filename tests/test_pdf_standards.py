"""PDF letters keep PDF/UA-1 and PDF/A-3a, carry their decision, and are the same bytes wherever they are made."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from imr_letters import Decision, load, loads, parse, render, samples
from imr_letters.engine.errors import InputError, TemplateError
from imr_letters.imr.model import for_recipients
from imr_letters.media.pdf import metadata
from imr_letters.wording import forget
from tests import mailing, pdfs, strategies, verapdf
from tests.campaign import Mixer
from tests.conftest import PUBLISHED, ROOT

DECISIONS = samples.decisions()
SAMPLE = DECISIONS[0]
FLAVOURS: list[verapdf.Flavour] = ["PDFUA-1", "PDFA-3A"]

Check = Callable[[bytes, verapdf.Flavour], verapdf.Verdict]
Change = Callable[[pikepdf.Pdf], object]


def changed(data: bytes, *changes: Change) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for change in changes:
            change(pdf)
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """The rules in a process of their own: Java and a fork of this process would not go together."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield lambda data, flavour: pool.submit(verapdf.check, data, flavour).result()


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_sample_keeps_both_standards(path: Path, check: Check) -> None:
    for flavour in FLAVOURS:
        verdict = check(pdfs.sample(path), flavour)
        assert verdict.broken == frozenset()
        assert verdict.conforms
        assert verdict.rules > 100
        assert verdict.assertions > 5000


@cache
def generated(family: str) -> list[Decision]:
    """Return decisions of every shape, the same ones at every run."""
    mixer = Mixer(family == "dwc-2014")

    @seed(7)
    @settings(
        max_examples=8, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(strategies.decisions(family, most_items=2))
    def draw(decision: Decision) -> None:
        mixer.add(decision)

    draw()
    return [mixer.decision(most) for most in (1_500, 4_000, 8_000)]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("family", PUBLISHED)
def test_generated_decisions_keep_both_standards(family: str, number: int, check: Check) -> None:
    data = render(generated(family)[number], family).pdf()
    for flavour in FLAVOURS:
        verdict = check(data, flavour)
        assert verdict.broken == frozenset()
        assert verdict.conforms


def test_a_mailed_letter_whose_tables_go_over_pages_keeps_both_standards(check: Check) -> None:
    """The table of outcomes, the list of copies and the documents, each longer than what is left of a page."""
    made = mailing.decision()
    many = made.model_copy(
        update={
            "items": (made.items * 14)[:40],
            "documents": (made.documents or ()) * 12,
            "recipients": (made.recipients or ()) * 12,
        }
    )
    letter = render(for_recipients(many)[0])
    data = letter.pdf()
    assert parse(data).decision == letter.decision
    for flavour in FLAVOURS:
        verdict = check(data, flavour)
        assert verdict.broken == frozenset()
        assert verdict.conforms


def rewrite_xmp(old: str, new: str) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        xmp = pdf.Root.Metadata.read_bytes()
        assert re.search(old.encode(), xmp, re.DOTALL)
        pdf.Root.Metadata.write(re.sub(old.encode(), new.encode(), xmp, flags=re.DOTALL))

    return change


def structure(pdf: pikepdf.Pdf, kind: str) -> Any:
    return next(each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == kind)


def drop_font_file(pdf: pikepdf.Pdf) -> None:
    fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each]
    del fonts[0].FontFile2


def drop_tagging_of_contents(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        kept = [each for each in pikepdf.parse_content_stream(page) if str(each.operator) not in ("BDC", "EMC")]
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def without(*path: str) -> Change:
    """Return what deletes the last of a path of keys."""

    def change(pdf: pikepdf.Pdf) -> None:
        found: Any = pdf.Root
        for key in path[:-1]:
            found = found[int(key)] if key.isdigit() else found[key]
        del found[path[-1]]

    return change


def rename(kind: str, other: str) -> Change:
    return lambda pdf: structure(pdf, kind).__setitem__("/S", pikepdf.Name(other))


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")


#: What is changed in a letter, and the rule of each standard that is broken then: PDF/UA-1, PDF/A-3a.
FAULTS: dict[str, tuple[Change, str | None, str | None]] = {
    "no declaration of PDF/UA": (rewrite_xmp(' pdfuaid:part="1"', ""), "5-1", None),
    "no declaration of PDF/A": (rewrite_xmp(' pdfaid:part="3" pdfaid:conformance="A"', ""), None, "6.6.4-1"),
    "no extension schema": (
        rewrite_xmp("<pdfaExtension:schemas>.*</pdfaExtension:schemas>", ""),
        None,
        "6.6.2.3.1-1",
    ),
    "no metadata": (without("/Metadata"), "7.1-8", "6.6.2.1-1"),
    "no title": (rewrite_xmp("<dc:title>.*</dc:title>", ""), "7.1-9", None),
    "title not shown": (without("/ViewerPreferences"), "7.1-10", None),
    "no tags": (without("/StructTreeRoot"), "7.1-11", "6.7.3.3-1"),
    "not marked as tagged": (without("/MarkInfo"), "6.2-1", "6.7.2.2-1"),
    "content outside of the tags": (drop_tagging_of_contents, "7.1-3", None),
    "no language": (without("/Lang"), "7.2-34", None),
    "a level of headings left out": (rename("/H2", "/H4"), "7.4.2-1", None),
    "an unknown tag": (rename("/P", "/Para"), "7.1-5", "6.7.3.4-1"),
    "a font not embedded": (drop_font_file, "7.21.4.1-1", "6.2.11.4.1-1"),
    "no output intent": (without("/OutputIntents"), None, "6.2.4.3-2"),
    "an attachment without relationship": (without("/AF", "0", "/AFRelationship"), None, "6.8-3"),
    "an attachment that belongs to nothing": (without("/AF"), None, "6.8-4"),
    "an attachment of no kind": (without("/AF", "0", "/EF", "/F", "/Subtype"), None, "6.8-1"),
    "a script": (add_script, None, "6.5.1-1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, check: Check) -> None:
    change, *expected = FAULTS[fault]
    data = changed(pdfs.sample(SAMPLE), change)
    for flavour, rule in zip(FLAVOURS, expected, strict=True):
        verdict = check(data, flavour)
        assert verdict.conforms == (rule is None)
        assert rule in verdict.broken if rule else not verdict.broken


def test_a_letter_that_was_only_saved_again_has_no_fault(check: Check) -> None:
    for flavour in FLAVOURS:
        assert check(changed(pdfs.sample(SAMPLE)), flavour).conforms


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_the_attachment_is_the_decision(path: Path) -> None:
    content = pdfs.attached(pdfs.sample(path))
    assert content is not None
    assert loads(content) == load(path)
    assert content == json.dumps(load(path).data(), ensure_ascii=False, indent=1).encode()


def test_the_attachment_is_the_source_of_the_document() -> None:
    with pikepdf.open(io.BytesIO(pdfs.sample(SAMPLE))) as pdf:
        (file,) = pdf.Root.AF
        assert (str(file.F), str(file.UF), str(file.AFRelationship)) == ("decision.json", "decision.json", "/Source")
        assert str(file.EF.F.Subtype) == "/application/json"
        assert list(pdf.attachments) == ["decision.json"]
        decided = load(SAMPLE).case
        assert decided is not None
        assert str(file.EF.F.Params.ModDate) == f"D:{decided.decided_on:%Y%m%d}000000Z"


def test_the_attachment_is_not_looked_at_when_a_letter_is_read() -> None:
    other = pdfs.attached(pdfs.sample(DECISIONS[1]))
    assert other is not None
    data = changed(pdfs.sample(SAMPLE), lambda pdf: pdf.Root.AF[0].EF.F.write(other))
    assert pdfs.attached(data) == other
    assert parse(data).decision == load(SAMPLE)


def test_a_pdf_without_the_attachment() -> None:
    assert pdfs.attached(changed(pdfs.sample(SAMPLE), without("/Names"), without("/AF"))) is None


def test_the_attachment_survives_other_programs() -> None:
    expected = pdfs.attached(pdfs.sample(SAMPLE))
    for options in (
        {"stream_decode_level": pikepdf.StreamDecodeLevel.generalized, "compress_streams": False},
        {"recompress_flate": True, "object_stream_mode": pikepdf.ObjectStreamMode.disable},
        {"encryption": pikepdf.Encryption(owner="owner", user="")},
    ):
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(pdfs.sample(SAMPLE))) as pdf:
            pdf.save(out, **options)
        assert pdfs.attached(out.getvalue()) == expected


def write_attachment(content: bytes, **entries: Any) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        file = pdf.Root.AF[0].EF.F
        if entries:
            file.write(content, **entries)
        else:
            file.write(content, filter=pikepdf.Name.FlateDecode)

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (write_attachment(b"no stream of zlib"), "damaged"),
        (write_attachment(zlib.compress(b"{}" * 1000)[:20]), "damaged"),
        (write_attachment(zlib.compress(b" " * 100_000_000)), "too-long"),
        (write_attachment(b"7B7D>", filter=pikepdf.Name.ASCIIHexDecode), "damaged"),
        (without("/AF", "0", "/EF", "/F"), "damaged"),
        (without("/AF", "0", "/EF"), "damaged"),
    ],
    ids=["no-zlib", "cut", "bomb", "other-filter", "no-file", "no-files"],
)
def test_a_damaged_attachment_is_refused(change: Change, code: str) -> None:
    with pytest.raises(InputError) as caught:
        pdfs.attached(changed(pdfs.sample(SAMPLE), change))
    assert [finding.code for finding in caught.value.findings] == [code]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"not a PDF"])
def test_an_attachment_of_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        pdfs.attached(data)


def test_an_attachment_of_a_locked_pdf_is_refused() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.sample(SAMPLE))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(InputError, match="password"):
        pdfs.attached(out.getvalue())


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_metadata_names_the_engine_and_no_person_or_machine(path: Path) -> None:
    letter = render(load(path))
    case = letter.decision.case
    engine = f"engine {metadata.fingerprint()}"
    with pikepdf.open(io.BytesIO(pdfs.sample(path))) as pdf:
        producer = f"WeasyPrint {version('weasyprint')}"
        keywords = str(pdf.docinfo["/Keywords"])
        assert re.fullmatch(rf"{engine}, looks [0-9a-f]{{16}}", keywords)
        expected = {"/Title": letter.title, "/Keywords": keywords, "/Producer": producer}
        if case:
            date = f"D:{case.decided_on:%Y%m%d}000000+00'00"
            expected |= {"/CreationDate": date, "/ModDate": date}
        assert {str(key): str(value) for key, value in pdf.docinfo.items()} == expected
        xmp = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())  # noqa: S314 - our own
        said = {text.strip() for element in xmp.iter() for text in [element.text or "", *element.attrib.values()]}
        ours = {"", "1", "3", "A", "Resource", "x-default", letter.title, keywords, producer}
        schema = {"PDF/UA Universal Accessibility Schema", "http://www.aiim.org/pdfua/ns/id/", "pdfuaid", "part"}
        schema |= {"Integer", "internal", "Which part of ISO 14289 the document conforms to"}
        dates = {f"{case.decided_on.isoformat()}T00:00:00+00:00"} if case else set()
        assert said == ours | schema | dates
        out = io.BytesIO()
        pdf.save(out, qdf=True, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
    for place in (ROOT, Path.home(), tempfile.gettempdir(), sys.prefix):
        assert f"{place}/".encode() not in out.getvalue()


def test_the_fingerprint_tells_fonts_and_versions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    first = metadata.fingerprint()
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert metadata.fingerprint() == first
    with monkeypatch.context() as patch:
        patch.setattr("imr_letters.media.pdf.fonts.contents", lambda: {"font:x": b"other"})
        assert metadata.fingerprint() != first
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda name: f"{name} 0")
        assert metadata.fingerprint() != first
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "_harfbuzz", lambda _: [0, 0, 0])
        assert metadata.fingerprint() != first


#: Of both families, without a header (and so without a date), with every kind of character.
_SAME = [path for path in DECISIONS if path.stem[:2] in ("03", "07", "08", "11")]

#: Prints a digest of the PDF of each decision it is given.
_DIGESTS = """
import hashlib, locale, pathlib, sys
from imr_letters import load, render
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
for path in map(pathlib.Path, sys.argv[1:]):
    print(path.stem, hashlib.sha256(render(load(path)).pdf()).hexdigest())
"""


def test_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    """Whatever the zone, the locale, the seed of hashes, the folder, the user's home and the order of letters."""
    places = [
        (_SAME, {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C", "PANGO_LANGUAGE": "ja"}),
        (_SAME[::-1], {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "LANG": "de_DE"}),
    ]
    running = []
    for order, place in places:
        home = tmp_path / place["LC_ALL"]
        home.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), **place}
        command = [sys.executable, "-c", _DIGESTS, *map(str, order)]
        running.append(subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True))  # noqa: S603
    digests = [sorted(process.communicate(timeout=120)[0].splitlines()) for process in running]
    here = sorted(f"{path.stem} {hashlib.sha256(pdfs.sample(path)).hexdigest()}" for path in _SAME)
    assert digests == [here, here]


def test_a_draft_is_stamped_and_reads_as_the_letter(check: Check) -> None:
    letter = render(load(samples.decisions()[2]))
    draft = letter.pdf(draft=True)
    assert draft != letter.pdf()
    assert parse(draft).decision == letter.decision
    assert all(check(draft, flavour).conforms for flavour in FLAVOURS)


def test_another_organization_needs_no_code_for_its_letterhead(tmp_path: Path, check: Check) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    own = tmp_path / "templates" / "dwc-2015"
    logo = '<svg xmlns="http://www.w3.org/2000/svg" width="2in" height="0.5in"><rect width="150" height="40"/></svg>'
    (own / "logo.svg").write_text(logo)
    with (own / "family.toml").open("a") as file:
        file.write('[letterhead]\nlogo = "logo.svg"\nlines = ["Invented Reviews", "1 \\"Any\\" Street \\\\ Suite 2"]\n')
    forget()
    letter = render(load(samples.decisions()[2]), "dwc-2015", templates=tmp_path / "templates")
    pdf = letter.pdf()
    assert parse(pdf).decision == letter.decision
    assert all(check(pdf, flavour).conforms for flavour in FLAVOURS)
    (own / "logo.svg").unlink()
    forget()
    with pytest.raises(TemplateError, match="logo"):
        render(load(samples.decisions()[2]), "dwc-2015", templates=tmp_path / "templates").pdf()
