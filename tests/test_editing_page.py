"""The page for editors: every step of it is done in order, and its pictures show what the terminal shows."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from imr_letters.wording import forget
from tests import editing_page
from tests.conftest import Run
from tests.editing_page import PAGE, PICTURES, Shown, drawn, prepared, walk, words


def _walked(folder: Path, run: Run, text: str | None = None) -> list[Shown]:
    def one(arguments: list[str]) -> tuple[int, str]:
        forget()  # an editor's command starts in a new process
        outcome = run(*arguments)
        return outcome.code, outcome.text + outcome.err

    try:
        return list(walk(prepared(folder), one, text))
    finally:
        forget()


def test_the_steps_work_and_the_pictures_are_true(tmp_path: Path, run: Run) -> None:
    shown = _walked(tmp_path, run)
    stale = [each.name for each in shown if words(_kept(each.name)) != words(drawn(each))]
    assert stale == [], "out of date: ./run python -m tests.editing_page"
    assert {path.stem for path in PICTURES.glob("*.svg")} == {each.name for each in shown}
    # What a picture says is also said next to it, for those who do not see it.
    assert all(len(each.alt) > 20 for each in shown)
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")


def _kept(name: str) -> str:
    path = PICTURES / f"{name}.svg"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_pictures_are_sound_and_fetch_nothing() -> None:
    for path in sorted(PICTURES.glob("*.svg")):
        svg = path.read_text(encoding="utf-8")
        ElementTree.fromstring(svg)  # noqa: S314 - drawn by this project
        assert re.findall(r"https?://[^\s\"')]+", svg) == ["http://www.w3.org/2000/svg"]
        assert "<title>" in svg
        assert len(svg) < 40_000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("active clinical practice for more", "busy clinical practice for more", "holds 0 times"),
        ("reviewer.certificates", "reviewer.certifications", "ends with 0, the page says 1"),
        ("--in-force-from 2026-01-01", "--in-force-from soon", "goes on as if nothing were wrong"),
        ("<!-- ends with 1 -->\n![One letter", "![One letter", "ends with 1, the page says 0"),
    ],
)
def test_a_page_that_is_wrong_is_told(tmp_path: Path, run: Run, old: str, new: str, message: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(AssertionError, match=message):
        _walked(tmp_path, run, text.replace(old, new))


def test_a_picture_holds_the_words_of_the_terminal() -> None:
    said = "$ imr-letters check\ntemplates/x <b> & {{ y }}:  two\n    ^^^\n"
    svg = drawn(Shown("name", "What is {{ y }} & so?", said))
    assert words(svg).splitlines() == [
        "What is {{ y }} & so?",
        "$ imr-letters check",
        "templates/x <b> & {{ y }}: two",
        "^^^",
    ]
    assert editing_page.WIDTH == 100
