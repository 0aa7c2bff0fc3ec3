"""The commands for those who edit templates: a new family, what is exercised, checking while editing, a cover."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from imr_letters import cover, load, parse, render, samples
from imr_letters.changes.coverage import Plan, coverage
from imr_letters.changes.trace import trace
from imr_letters.media import table as media
from imr_letters.testing.factories import make_decision
from imr_letters.watching import changed
from imr_letters.wording import SHIPPED, Wording
from tests import edits
from tests.conftest import ROOT, Run

TEMPLATES = edits.BASE / "templates"


def test_a_new_family_begins_as_a_copy(run: Run, tmp_path: Path) -> None:
    facts = ["--organization", "Example Reviews", "--in-force-from", "2030-01-01"]
    outcome = run("template", "new", "example-2030", "--from", "dwc-2015", *facts)
    assert outcome.code == 0
    assert "check example-2030" in outcome.err
    folder = tmp_path / "templates"
    about = Wording(folder).family("example-2030").about
    assert (about.organization, str(about.in_force_from)) == ("Example Reviews", "2030-01-01")
    assert sorted(Wording(folder).families) == ["example-2030"]
    decision = make_decision()
    letter = render(decision, "example-2030", templates=folder)
    usual = render(decision, "dwc-2015").text
    for said in ("MAXIMUS Federal Services", "MAXIMUS"):
        usual = usual.replace(said, "Example Reviews")
    assert letter.text.split() == usual.split()
    assert parse(letter.text, templates=folder).decision == decision
    assert set(outcome.text.splitlines()) == {
        str(path.relative_to(tmp_path)) for path in folder.rglob("*") if path.is_file()
    }


def test_a_family_beside_others_takes_theirs(run: Run, tmp_path: Path) -> None:
    assert run("template", "new", "one", "--from", "dwc-2014", "--templates", "forms").code == 0
    form = tmp_path / "forms" / "one" / "letter.html.jinja"
    form.write_text(form.read_text().replace("more than five years", "more than six years"))
    assert run("template", "new", "two", "--from", "one", "--templates", "forms").code == 0
    assert "six years" in (tmp_path / "forms" / "two" / "letter.html.jinja").read_text()
    assert "two" in run("families", "--templates", "forms").text


@pytest.mark.parametrize("name", sorted(SHIPPED.families))
def test_every_shipped_family_can_be_begun_from(run: Run, tmp_path: Path, name: str) -> None:
    assert run("template", "new", "mine", "--from", name).code == 0
    made, old = Wording(tmp_path / "templates").family("mine"), SHIPPED.families[name]
    assert (made.css, made.about) == (old.css, old.about)


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    assert run("template", "new", "one", "--from", "dwc-2014").code == 0
    outcome = run("template", "new", "one", "--from", "dwc-2015")
    assert (outcome.code, outcome.out) == (4, b"")
    assert "is there already" in outcome.err
    shared = tmp_path / "templates" / "shared" / "determination.html.jinja"
    shared.write_text("something else")
    assert run("template", "new", "two", "--from", "dwc-2015").code == 4
    assert not (tmp_path / "templates" / "two").exists()
    for bad in ("Upper", "../out", "shared", "a b"):
        assert run("template", "new", bad, "--from", "dwc-2015").code == 2
    assert run("template", "new", "three", "--from", "nobody").code == 2


def test_a_cover_exercises_everything(run: Run, tmp_path: Path) -> None:
    for name in Wording(TEMPLATES).families:
        outcome = run("samples", "generate", "--cover", name, "-o", f"cover/{name}", "--templates", TEMPLATES)
        assert outcome.code == 0, outcome.err
        told = run("template", "coverage", name, "--corpus", f"cover/{name}", "--templates", TEMPLATES)
        assert told.code == 0
        assert "NONE" not in told.text
    # Three outcomes of a case, which no two letters have; one of them has several items.
    assert len(list((tmp_path / "cover" / "acme").iterdir())) == 3
    assert run("samples", "generate", "--cover", "acme", "-o", "cover/acme", "--templates", TEMPLATES).code == 0


@pytest.mark.parametrize("name", sorted(SHIPPED.families))
def test_a_cover_of_a_shipped_family_is_small_and_printable(name: str, tmp_path: Path) -> None:
    made = cover.cover(SHIPPED.families[name])
    assert not made.missed
    assert 1 < len(made.decisions) <= 6
    files = cover.save(made, tmp_path)
    letters = []
    for path in files:
        decision = load(path)
        letter = render(decision, name)
        assert parse(letter.text, name).decision == decision
        letters.append(trace(SHIPPED.families[name], decision))
    assert not coverage(Plan(SHIPPED.families[name]), letters).missed
    assert "# Invented" in files[0].read_text()
    # The same in every run, and none of them is there for nothing.
    assert [decision for decision, _ in cover.cover(SHIPPED.families[name]).decisions] == [load(path) for path in files]
    for left_out in range(len(letters)):
        rest = [letter for number, letter in enumerate(letters) if number != left_out]
        assert coverage(Plan(SHIPPED.families[name]), rest).missed


def test_coverage_counts_letters(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(make_decision().data()))
    outcome = run("template", "coverage", "--corpus", "one.json", "--templates", TEMPLATES, "--json")
    assert outcome.code == 1
    shapes = {shape["family"]: shape for shape in map(json.loads, outcome.text.splitlines())}
    assert (shapes["acme"]["letters"], shapes["acme-old"]["letters"]) == (1, 0)
    taken = {each["when"] for each in shapes["acme"]["branches"] if each["letters"]}
    assert taken == {
        "case is present",
        "case is present, case.priority is standard",
        "items once",
        "for each of items, items[].outcome is upheld",
        "outcome is uphold",
    }
    assert (
        "NONE  templates/shared/form.html.jinja line 25: items several times"
        in run("template", "coverage", "acme", "--corpus", "one.json", "--templates", TEMPLATES).text
    )


def test_samples_are_as_before(run: Run) -> None:
    assert run("samples", "--check").text.endswith("sample letters are up to date\n")
    assert run("samples", "generate").code == 2


def test_changes_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    slept: list[None] = []

    def sleep() -> None:
        slept.append(None)
        if len(slept) == 3:
            (tmp_path / "sub").mkdir()
            (tmp_path / "sub" / "b.txt").write_text("new")
        if len(slept) == 5:
            (tmp_path / "a.txt").unlink()

    found = changed(tmp_path, sleep)
    next(found)
    assert slept == []
    next(found)
    assert len(slept) == 3
    next(found)
    assert len(slept) == 5


def test_a_file_that_is_gone_for_a_moment_has_not_changed(tmp_path: Path) -> None:
    """As an editor saves, under the same name and with the same content."""
    file, away, slept = tmp_path / "draft.yaml", tmp_path / "away", 0
    file.write_text("one")

    def sleep() -> None:
        nonlocal slept
        slept += 1
        if slept in (2, 5):
            file.rename(away)
        if slept in (3, 8):
            away.rename(file)

    found = changed(file, sleep)
    seen = [(slept, file.exists()) for _ in zip(range(3), found, strict=False)]
    assert seen == [(0, True), (6, False), (8, True)]


def test_watching_checks_again_and_ends_with_control_c(tmp_path: Path) -> None:
    folder = edits.edited({}, tmp_path / "state") / "templates"
    # Whoever runs the tests in the background lets them ignore Ctrl-C; a terminal does not.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, "check", "--templates", str(folder), "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline() == "acme, acme-old: every letter can be read back\n"
        form = folder / "shared" / "form.html.jinja"
        time.sleep(0.05)  # the first look is over when the first line is there; let the clock of the disk go on
        form.write_text(form.read_text().replace("{{ clinical_summary | prose }}", "{{ clinical_summary }}"))
        lines = iter(process.stderr.readline, "")
        assert "form.html.jinja:21: the expression has no codec" in next(line for line in lines if "codec" in line)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()


def test_a_family_of_another_organization_names_it_everywhere(tmp_path: Path, run: Run) -> None:
    facts = ["--organization", "Invented Reviews", "--title", "Review Decision"]
    assert run("template", "new", "ours", "--from", "dwc-2015", *facts).code == 0
    sample = str(samples.decisions()[0])
    for name in ("letter.txt", "letter.html", "letter.pdf"):
        assert run("render", sample, "--family", "ours", "--templates", "templates", "-o", name).code == 0
    html = (tmp_path / "letter.html").read_text(encoding="utf-8")
    pages = "\n".join(media.prepared((tmp_path / "letter.pdf").read_bytes(), "letter.pdf").source.blocks)
    assert "MAXIMUS" not in html + pages
    for made in ((tmp_path / "letter.txt").read_text(encoding="utf-8"), html, pages):
        assert "Invented Reviews sent the complete case file" in " ".join(made.split())
        assert "Invented Reviews guideline:" in " ".join(made.split()).replace("<b>", "")
    assert 'content: "Review Decision"' in html
    letter = tmp_path / "templates" / "ours" / "letter.html.jinja"
    letter.write_text(letter.read_text(encoding="utf-8").replace("He/she is familiar", "MAXIMUS is familiar", 1))
    (tmp_path / "templates" / "ours" / "added.css").write_text(
        '/* MAXIMUS */\n\n@page { @bottom-left { content: "MAXIMUS" } }'
    )
    outcome = run("check", "ours", "--templates", "templates")
    assert outcome.code == 0
    said = 'warning: names "MAXIMUS", and the letters are of '
    assert f"templates/ours/letter.html.jinja:4: {said}" in outcome.err
    assert f"templates/ours/added.css:3: {said}" in outcome.err


def test_an_empty_family_is_sound_and_needs_no_stylesheet(tmp_path: Path, run: Run) -> None:
    assert run("template", "new", "ours").code == 2
    assert run("template", "new", "ours", "--organization", "Invented Reviews", "--title", "Notice").code == 0
    assert run("check", "--templates", "templates").code == 0
    decision = "case: {number: 7-A, decided_on: 2026-03-04}\nreasons: The request was sent in too late.\n"
    (tmp_path / "decision.yaml").write_text(decision)
    assert run("render", "decision.yaml", "--templates", "templates", "-o", "letter.pdf").code == 0
    assert run("verify", "letter.pdf", "--templates", "templates").code == 0
    read = run("parse", "letter.pdf", "--templates", "templates")
    assert yaml.safe_load(read.out) == yaml.safe_load(decision.replace("2026-03-04", "'2026-03-04'"))
    assert run("template", "new", "copy", "--from", "ours", "--organization", "Other Reviews").code == 0
    copied = run("render", "decision.yaml", "--family", "copy", "--templates", "templates")
    assert b"Other Reviews" in copied.out
