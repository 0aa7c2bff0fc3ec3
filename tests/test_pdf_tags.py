"""Tags of other programs: what their own kinds of tags stand for, and that no word below any tag is lost."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from imr_letters import load, parse, render, samples
from imr_letters.engine.errors import LetterError
from tests import pdfs
from tests.conftest import needs

#: The kind of tag that paragraphs of prose get, and the role map of the program.
TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "LibreOffice": ("/Standard", {"/Standard": "/P", "/Heading#201": "/H1", "/Table#20Contents": "/P"}),
    "LibreOffice text body": ("/Text#20body", {"/Text#20body": "/P"}),
    "LibreOffice quotations": ("/Quotations", {"/Quotations": "/BlockQuote"}),
    "Word normal": ("/Normal", {"/Normal": "/P", "/Heading1": "/H1", "/Footnote": "/Note", "/Textbox": "/Sect"}),
    "Word body text": ("/BodyText", {"/BodyText": "/Normal", "/Normal": "/P"}),
    "Word list paragraph": ("/ListParagraph", {"/ListParagraph": "/P"}),
    "Acrobat": ("/Body_Text", {"/Body_Text": "/P", "/Article": "/Art", "/Story": "/Sect"}),
    "InDesign": ("/NormalParagraphStyle", {"/NormalParagraphStyle": "/P", "/Story": "/Sect"}),
    "browser": ("/Div", {}),
    "browser, no structure": ("/NonStruct", {}),
    "a chain": ("/A", {"/A": "/B", "/B": "/C", "/C": "/P"}),
    "a cycle": ("/A", {"/A": "/B", "/B": "/A"}),
    "mapped to itself": ("/A", {"/A": "/A"}),
    "unknown": ("/Absatz", {}),
    "mapped to a span": ("/Run", {"/Run": "/Span"}),
    "mapped to nothing known": ("/A", {"/A": "/Absatz"}),
    "mapped to a number": ("/A", {"/A": 7}),
    **{kind: (f"/{kind}", {}) for kind in "Span Sect Art Part Private BlockQuote Quote Note Code TOCI LBody".split()},
    **{kind: (f"/{kind}", {}) for kind in "Link Reference Strong Em Aside FENote Title H Caption Index L".split()},
}

SAMPLE = samples.decisions()[2]
DECISION = load(SAMPLE)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return pdfs.sample(SAMPLE)


def elements(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def retagged(data: bytes, kind: str, roles: dict[str, Any], numbers: slice) -> bytes:
    """Return a PDF of ours whose paragraphs of these numbers have another kind of tag."""
    with pikepdf.open(io.BytesIO(data)) as file:
        root = file.Root.StructTreeRoot
        for element in [each for each in elements(root.K) if each.S == "/P"][numbers]:
            element.S = pikepdf.Name(kind)
        root.RoleMap = pikepdf.Dictionary(
            {name: pikepdf.Name(to) if isinstance(to, str) else to for name, to in roles.items()}
        )
        out = io.BytesIO()
        file.save(out)
        return out.getvalue()


@pytest.mark.parametrize(("kind", "roles"), TYPES.values(), ids=TYPES)
def test_paragraphs_of_any_kind_are_read(pdf: bytes, kind: str, roles: dict[str, Any]) -> None:
    for number in (2, -1):  # between headings, and the last of all
        changed = retagged(pdf, kind, roles, slice(number, number + 1 or None))
        assert pdfs.read_here(changed).blocks == pdfs.read_here(pdf).blocks


@pytest.mark.parametrize("name", ["LibreOffice", "Word body text", "Acrobat", "a cycle", "unknown", "browser"])
def test_all_paragraphs_may_be_of_another_kind(pdf: bytes, name: str) -> None:
    kind, roles = TYPES[name]
    assert pdfs.read_here(retagged(pdf, kind, roles, slice(None))).blocks == pdfs.read_here(pdf).blocks


def test_a_namespace_of_pdf_2_says_what_a_kind_stands_for(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(retagged(pdf, "/para", {}, slice(None)))) as file:
        space = pikepdf.Dictionary(
            Type=pikepdf.Name.Namespace, RoleMapNS=pikepdf.Dictionary({"/para": [pikepdf.Name("/Em"), None]})
        )
        file.Root.StructTreeRoot.Namespaces = pikepdf.Array([space])
        space.RoleMapNS["/para"] = pikepdf.Name("/P")
        out = io.BytesIO()
        file.save(out)
    assert parse(out.getvalue()).decision == DECISION


@pytest.mark.parametrize("kind", ["/Figure", "/Formula", "/Form"])
def test_words_of_a_picture_are_an_error_with_their_page(pdf: bytes, kind: str) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        root = file.Root.StructTreeRoot
        first = next(each for each in elements(root.K) if each.S == "/P")
        span = pikepdf.Dictionary(S=pikepdf.Name(kind), K=first.K, P=first)
        if "/Pg" in first:
            span.Pg = first.Pg
        inner = file.make_indirect(span)
        first.K = pikepdf.Array([inner])
        out = io.BytesIO()
        file.save(out)
    try:
        findings = parse(out.getvalue(), accept_drift=True).findings
    except LetterError as error:
        findings = error.findings
    lost = [finding for finding in findings if finding.code == "outside-tags" and finding.severity == "error"]
    assert lost
    assert all(finding.source.endswith("page 1") for finding in lost)
    assert "MAXIMUS" in lost[0].excerpt


def test_the_accessible_export_of_an_office_program_reads_to_the_same_decision(tmp_path: Path) -> None:
    page = tmp_path / "letter.html"
    page.write_text(render(DECISION).html, encoding="utf-8")
    options = '{"PDFUACompliance":{"type":"boolean","value":"true"},"UseTaggedPDF":{"type":"boolean","value":"true"}}'
    command = [needs("soffice"), f"-env:UserInstallation={tmp_path.as_uri()}/office", "--headless"]
    command += ["--convert-to", f"pdf:writer_web_pdf_Export:{options}", page.name]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)  # noqa: S603
    reading = parse(tmp_path / "letter.pdf")
    assert reading.decision == DECISION
    assert "untagged" not in {finding.code for finding in reading.findings}
