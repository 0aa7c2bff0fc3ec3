"""The studio in a real browser: from a blank case to its letter, and nothing typed is lost; who is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_letters.draft import questionnaire
from imr_letters.draft.draft import Draft
from imr_letters.draft.questions import order
from tests.browser import Tab, browser
from tests.conftest import ROOT, Run
from tests.studio import Served, focus, opened, saved, studio, value

SAMPLE = ROOT / "samples" / "decisions" / "03-partial-overturn.yaml"

#: What is typed into a blank draft, in the order of the page.
ANSWERS = [
    ("case.number", "CM16-0900401"),
    ("case.priority", "standard"),
    ("case.assigned_on", "01/05/2017"),
    ("case.injured_on", "02/03/2016"),
    ("case.decided_on", "02/01/2017"),
    ("case.ur_denied_on", "12/20/2016"),
    ("case.application_received_on", "12/28/2016"),
    ("reviewer.licensed_in", "California, Nevada"),
    ("reviewer.certifications", "Pain Management"),
    ("clinical_summary", "The injured worker is a 45-year-old with low back pain.\n\nSix visits brought no gain."),
    ("items[0].request", "Acupuncture, 6 additional sessions"),
    ("items[0].outcome", "upheld"),
    ("items[0].claims_administrator_guideline", "none"),
    ("items[0].reviewer_guideline", "MTUS Acupuncture Treatment 2007"),
    ("items[0].rationale", "No gain in function is recorded. The request is not medically necessary."),
]


def draft(path: Path) -> Draft:
    return Draft.read(path.read_bytes(), path.name)


@pytest.fixture(scope="module")
def page() -> Iterator[Tab]:
    with browser() as tab:
        tab.resize(1280, 900)
        yield tab


def test_a_blank_case_becomes_its_letter_by_keyboard_alone(page: Tab, run: Run, tmp_path: Path) -> None:
    with studio(tmp_path) as served:
        page.visit(served.link)
        focus(page, "new-name")
        page.type("CM16-0900401")
        page.press("Enter")
        page.wait("document.body?.dataset.ready === 'yes'")
        for name, words in ANSWERS:
            focus(page, name)
            page.press("s" if words == "standard" else "u") if words in ("standard", "upheld") else page.type(words)
        saved(page)
        assert "[" not in page.evaluate("document.getElementById('letter').contentDocument.body.textContent")
        page.evaluate("document.body.focus(), document.activeElement.blur(), scrollTo(0, 0)")
        focus(page, "finish")
        page.press("Enter")
        page.wait("document.getElementById('done').textContent.startsWith('Finished')")
    name = "CM16-0900401"
    assert run("draft", "finish", f"{name}.yaml", "-o", "decision.yaml").code == 0
    assert run("render", "decision.yaml", "--to", "pdf", "-o", "letter.pdf").code == 0
    assert (tmp_path / f"{name}-decision.yaml").read_bytes() == (tmp_path / "decision.yaml").read_bytes()
    assert (tmp_path / f"{name}.pdf").read_bytes() == (tmp_path / "letter.pdf").read_bytes()


def test_typing_shows_in_the_letter_and_what_is_wrong_at_the_field(page: Tab, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("# mine\n" + questionnaire.text(items=2))
    with studio(tmp_path) as served:
        page.visit(served.link)
        opened(page, served, "d.yaml")
        letter = "document.getElementById('letter').contentDocument.body.textContent"
        assert "[Decision Date?]" in page.evaluate(letter)
        value(page, "case.decided_on", "02/01/2016")
        value(page, "case.injured_on", "02/03/2016")
        page.wait("document.getElementById('case.injured_on-said').textContent.includes('before')")
        said = page.evaluate("document.getElementById('case.decided_on-said').textContent")
        assert "is before" in said or "comes before" in said  # at both
        value(page, "case.assigned_on", "13/13/2016")
        page.wait("document.getElementById('case.assigned_on-said').textContent.includes('does not exist')")
        assert draft(tmp_path / "d.yaml").data["unfinished"] == ["case.assigned_on"]
        value(page, "clinical_summary", "An X\u2011ray was taken.")
        page.wait(f"{letter}.includes('An X-ray was taken.')")
        page.wait("document.getElementById('clinical_summary-said').textContent.includes('U+2011')")
        value(page, "items[1].request", "Second")
        saved(page)
        page.evaluate("document.querySelector('[data-do=up][data-item=\"1\"]').click()")
        page.wait("document.getElementById('items[0].request')?.value === 'Second'")
        page.wait("document.body?.dataset.ready === 'yes'")
        page.evaluate("document.getElementById('undo').click()")
        page.wait("document.getElementById('items[1].request')?.value === 'Second'")
    assert (tmp_path / "d.yaml").read_text().startswith("# mine\n")


def test_approved_wording_is_found_taken_and_filled_in(page: Tab, tmp_path: Path) -> None:
    known = {"items": [{"request": "Acupuncture, 6 additional sessions", "outcome": "upheld"}]}
    (tmp_path / "d.yaml").write_text(questionnaire.text(known))
    with studio(tmp_path) as served:
        page.visit(served.link)
        opened(page, served, "d.yaml")
        page.evaluate("document.querySelector('.offers').open = true")
        page.wait("!!document.querySelector('.offers button')")
        page.evaluate("document.querySelector('.offers button').click()")
        page.wait("!!document.querySelector('blockquote')")
        page.wait("document.body?.dataset.ready === 'yes'")
        block = draft(tmp_path / "d.yaml").data["items"][0]["rationale"][0]
        assert block["snippet"].startswith("acupuncture")
        assert block["values"] == {"treatment": "Acupuncture, 6 additional sessions"}
        assert draft(tmp_path / "d.yaml").data["items"][0]["reviewer_guideline"]
        page.evaluate("document.querySelector('[data-do=own-words]').click()")
        page.wait("document.getElementById('items[0].rationale')?.value?.includes('Acupuncture, 6')")


def test_two_windows_on_one_draft_lose_nothing(page: Tab, tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(questionnaire.text())
    with studio(tmp_path) as served:
        page.visit(served.link)
        opened(page, served, "d.yaml")
        theirs = draft(file).with_value(("clinical_summary",), "Theirs.", order)
        file.write_bytes(theirs.with_value(("case", "priority"), "expedited", order).bytes)
        value(page, "case.number", "CM16-0900402")  # another field: no conflict
        saved(page)
        value(page, "clinical_summary", "Mine.")
        page.wait("document.getElementById('clinical_summary-said').textContent.includes('changed elsewhere')")
        assert draft(file).data["clinical_summary"] == "Theirs."
        assert (tmp_path / "d.yaml.unsaved").read_text() == "Mine."
        page.evaluate("document.querySelector('#clinical_summary-said button').click()")
        page.wait("!document.getElementById('clinical_summary-said').textContent.includes('changed elsewhere')")
        saved(page)
        assert draft(file).data["clinical_summary"] == "Mine."
        assert draft(file).data["case"]["number"] == "CM16-0900402"
        assert draft(file).data["case"]["priority"] == "expedited"


def test_a_killed_server_loses_nothing_that_was_shown_as_saved(page: Tab, tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(questionnaire.text())
    with studio(tmp_path) as served:
        page.visit(served.link)
        opened(page, served, "d.yaml")
        for words in ("One.", "One. Two.", "One. Two. " + "Three. " * 5000):
            value(page, "clinical_summary", words)
            saved(page)
            assert " ".join(draft(file).data["clinical_summary"].split()) == words.strip()
        served.process.kill()
        served.process.wait()
        value(page, "clinical_summary", "One. Two. Four.")
        page.wait("document.getElementById('saved').textContent.includes('does not answer')")
        assert page.evaluate("document.getElementById('clinical_summary').value") == "One. Two. Four."
        page.evaluate("window.onbeforeunload = null; document.getElementById('form').remove()")


HOSTILE = '<script>hit=1</script><img src=x onerror="hit=1"> {{ 7*7 }} {% raw %} ${hit} &amp; "\'></textarea>'


def test_what_is_typed_is_words_everywhere(page: Tab, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(questionnaire.text())
    with studio(tmp_path) as served:
        page.visit(served.link)
        opened(page, served, "d.yaml")
        for name, _ in ANSWERS:
            if name not in ("case.priority", "items[0].outcome"):
                value(page, name, HOSTILE)
        saved(page)
        for _ in range(2):  # as it is typed, and as the page is made from the file
            for document in ("document", "document.getElementById('letter').contentDocument"):
                assert page.evaluate(f"{document}.querySelectorAll('img').length") == 0
                assert page.evaluate(f"[...{document}.scripts].every(each => each.src.endsWith('/static/studio.js'))")
            assert page.evaluate("typeof hit") == "undefined"
            assert page.evaluate("document.getElementById('clinical_summary').value").strip() == HOSTILE
            words = page.evaluate("document.getElementById('letter').contentDocument.body.textContent")
            assert "{{ 7*7 }}" in words
            opened(page, served, "d.yaml")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_narrow_window(page: Tab, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "blank.yaml").write_text(questionnaire.text(items=2))
    (tmp_path / "whole.yaml").write_bytes(SAMPLE.read_bytes())
    with studio(tmp_path) as served:
        page.visit(served.link)
        page.prefer(scheme)
        for width in (1280, 320):
            page.resize(width, 900)
            for draft_ in ("", "blank.yaml", "whole.yaml"):
                opened(page, served, draft_) if draft_ else page.visit(served.origin)
                assert page.violations() == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.resize(1280, 900)


# --- who is refused ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("cases")
    (folder / "d.yaml").write_text(questionnaire.text())
    (folder / "secret.yaml").symlink_to(SAMPLE)
    (folder / "below").mkdir()
    (folder / "below" / "e.yaml").write_text(questionnaire.text())
    with studio(folder) as running:
        yield running


@pytest.fixture(scope="module")
def sound(served: Served) -> dict[str, str]:
    return served.enter()


BODY = json.dumps({"path": "case.priority", "words": "standard", "base": ""}).encode()


def test_the_page_itself_may_write(served: Served, sound: dict[str, str]) -> None:
    status, headers, _ = served.ask("POST", "/draft/d.yaml/answer", sound, BODY)
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_the_link_works_once(served: Served, sound: dict[str, str]) -> None:
    del sound
    assert served.ask("GET", served.link.removeprefix(served.origin), {"Host": served.host})[0] == 403


@pytest.mark.parametrize("path", ["/draft/d.yaml/answer", "/draft/d.yaml/finish", "/new"])
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:80"}, 421),
        ({"Host": "localhost.:1"}, 421),
        ({"Host": ""}, 421),
        ({"Cookie": ""}, 401),
        ({"Cookie": "imr-letters-1=x"}, 401),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"X-CSRF": ""}, 403),
        ({"X-CSRF": "x"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 403),
        ({"Content-Length": "2000000"}, 413),
        ({"Content-Length": "-1"}, 400),
    ],
    ids=str,
)
def test_a_write_from_elsewhere_is_refused(
    served: Served, sound: dict[str, str], path: str, change: dict[str, str], status: int
) -> None:
    headers = {name: value for name, value in {**sound, **change}.items() if value}
    assert served.ask("POST", path, headers, BODY)[0] in (status, 400)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/draft/secret.yaml", 404),
        ("GET", "/draft/e.yaml", 404),
        ("GET", "/draft/below%2Fe.yaml", 404),
        ("GET", "/draft/..%2Fd.yaml", 404),
        ("GET", "/draft/../../etc/passwd", 404),
        ("GET", "/static/..%2Fapp.py", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/guard.py", 404),
        ("GET", "/static/app.py", 404),
        ("GET", "/draft/d.yaml%00", 404),
        ("PUT", "/draft/d.yaml/answer", 405),
        ("DELETE", "/draft/d.yaml", 405),
        ("OPTIONS", "/", 405),
        ("TRACE", "/", 405),
        ("GET", "/draft/d.yaml/answer", 405),
        ("GET", "/enter/x", 403),
        ("GET", "/docs", 404),
    ],
)
def test_only_drafts_of_the_folder_are_served(
    served: Served, sound: dict[str, str], method: str, path: str, status: int
) -> None:
    headers = {"Host": sound["Host"], "Cookie": sound["Cookie"]}
    found, _, body = served.ask(method, path, headers)
    assert found == status
    assert b"imr_letters" not in body


@pytest.mark.parametrize("path", ["/", "/draft/d.yaml", "/draft/d.yaml/state", "/draft/d.yaml/letter.pdf"])
def test_nothing_is_shown_without_the_cookie_or_to_another_site(
    served: Served, sound: dict[str, str], path: str
) -> None:
    assert served.ask("GET", path, {"Host": sound["Host"]})[0] == 401
    reading = {"Host": sound["Host"], "Cookie": sound["Cookie"]}
    assert served.ask("GET", path, {**reading, "Sec-Fetch-Site": "cross-site"})[0] == 403
    assert served.ask("GET", path, {**reading, "Origin": "http://evil.example"})[0] == 403
    assert served.ask("GET", path, [*reading.items(), ("Host", "evil.example")])[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"null", b'"x"', b"[" * 100_000, b"\xff", b'{"path": "case"}',
        b'{"path": "case.nobody", "words": "x", "base": ""}', b'{"path": "", "words": "x", "base": ""}',
        b'{"path": "unfinished", "words": "x", "base": ""}',
        b'{"path": "items[999].outcome", "words": "x", "base": ""}',
        b'{"path": "items[0].rationale[0].values.x", "words": "x", "base": ""}',
    ],
)  # fmt: skip
def test_a_write_that_means_nothing_changes_nothing(served: Served, sound: dict[str, str], body: bytes) -> None:
    before = served.ask("GET", "/draft/d.yaml/state", {"Host": sound["Host"], "Cookie": sound["Cookie"]})[2]
    assert served.ask("POST", "/draft/d.yaml/answer", sound, body)[0] in (400, 404)
    assert served.ask("GET", "/draft/d.yaml/state", {"Host": sound["Host"], "Cookie": sound["Cookie"]})[2] == before


def test_words_that_no_letter_may_hold_are_kept_as_an_unfinished_answer(served: Served, sound: dict[str, str]) -> None:
    body = json.dumps({"path": "case.number", "words": "a\u202eb", "base": ""}).encode()
    status, _, answer = served.ask("POST", "/draft/d.yaml/answer", sound, body)
    assert status == 200
    assert json.loads(answer)["words"] == "a\u202eb"
    assert "U+202E" in json.loads(answer)["fault"]
