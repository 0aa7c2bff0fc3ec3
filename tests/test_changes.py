"""What a change does to letters: the report names the right cause, count and letters for each of many edits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imr_letters import changes, load, parse, samples
from imr_letters.changes import prints, terminal, webpage
from imr_letters.changes.compare import FEW
from imr_letters.changes.report import Report
from imr_letters.changes.trace import printed
from imr_letters.engine.errors import DriftError
from imr_letters.engine.template.compiled import view
from imr_letters.english.differences import aligned, likeness, segments, shortened, word_diff
from imr_letters.wording import SHIPPED
from tests import edits
from tests.browser import browser
from tests.conftest import ROOT, Run, needs

FORM = "templates/shared/form.html.jinja"
WORD = {"change": [[FORM, "that were sent", "that were received"]]}


@pytest.mark.parametrize("path", [pytest.param(each, id=each.stem) for each in sorted(edits.CASES.glob("*.toml"))])
def test_edit(path: Path, tmp_path: Path) -> None:
    case = edits.read(path)
    report = edits.compared(case, tmp_path)
    found = edits.told(report)
    expected = {name: case[name] for name in found if name in case}
    assert {name: found[name] for name in expected} == expected
    for name in ("letters", "refused", "causes"):
        assert name in case or not found[name]
    assert report.exit_code == int(bool(case["causes"]))
    counterexample = case.get("counterexample", "")
    assert counterexample in "\n".join(finding.text() for finding in report.refused)
    # Every form of the report can be made of it.
    assert json.loads(json.dumps(report.as_dict()))["version"] == 1
    assert terminal.headline(report) in webpage.written(report).replace("&#39;", "'")
    words = " ".join(terminal.written(report).split())
    assert all(card.edit.where in words for card in report.cards)


def test_there_are_edits_of_every_kind() -> None:
    causes = [line.split(", ")[0] for path in edits.CASES.glob("*.toml") for line in edits.read(path)["causes"]]
    assert len(list(edits.CASES.glob("*.toml"))) >= 40
    assert set(causes) == {"template", "snippet", "stylesheet", "family", "refused"}


@pytest.mark.parametrize("path", samples.decisions(), ids=lambda path: path.stem)
def test_the_trace_prints_what_the_template_prints(path: Path) -> None:
    decision = load(path)
    letter = printed(decision, SHIPPED)
    family = SHIPPED.families[letter.family]
    assert [block.text for block in letter.blocks] == family.template.blocks(view(family.phrases.resolve(decision)))


def test_words_differ_wherever_lines_break() -> None:
    assert segments("a b c d", "a x c d e") == (
        ("same", "a"), ("del", "b"), ("ins", "x"), ("same", "c d"), ("ins", "e"),
    )  # fmt: skip
    assert segments("", "new words") == (("ins", "new words"),)
    long = segments(" ".join(f"w{n}" for n in range(60)), " ".join(f"w{n}" for n in range(60) if n != 30))
    assert [op for op, _ in shortened(long)] == ["same", "del", "same"]
    assert shortened(long)[0][1].startswith("... w22")
    assert aligned(["a b c", "d e f"], ["x y z", "d e g"], likeness) == [(0, None), (None, 0), (1, 1)]


def test_a_card_has_examples_and_says_who_must_approve(tmp_path: Path) -> None:
    case = {"change": [[FORM, "within 30 days", "within 20 days"]]}
    (card,) = edits.compared(case, tmp_path).cards
    assert [example.letter for example in card.examples] == ["upheld"]  # the others would show the very same
    assert ("del", "30") in card.examples[0].segments
    assert ("ins", "20") in card.examples[0].segments
    assert {(each.area, each.approver) for each in card.weights} == {
        ("deadlines", "Counsel"),
        ("appeal rights", "Counsel"),
    }


def test_a_new_version_is_held_against_the_one_before_it_and_a_move_names_its_start(tmp_path: Path) -> None:
    (bumped,) = edits.compared(edits.read(edits.CASES / "snippet-bumped.toml"), tmp_path / "one").cards
    assert bumped.edit.how == "added"
    assert bumped.edit.before.startswith("Rest after a sprain is kept short")
    report = edits.compared(edits.read(edits.CASES / "sentence-moved.toml"), tmp_path / "two")
    assert all(re.search(": moved from line [0-9]+$", line) for line in _cards(report) if "moved" in line)
    assert any("moved" in line for line in _cards(report))


def _cards(report: Report) -> list[str]:
    return [line for line in terminal.written(report).splitlines() if re.match(r"[0-9]+\. ", line)]


def test_examples_are_three_and_differ(tmp_path: Path) -> None:
    (card,) = edits.compared({"change": [[FORM, "Case Number:", "Number of the case:"]]}, tmp_path).cards
    assert len(card.examples) == len({example.segments for example in card.examples}) == 3


def test_what_moved_to_another_page_is_named(tmp_path: Path) -> None:
    report = edits.compared(edits.read(edits.CASES / "page-break-only.toml"), tmp_path)
    moves = [move for each in report.pages for move in each.moves]
    assert moves
    assert all(move.before != move.after for move in moves)
    assert "same text, moved from page 1 to 2" in " ".join(terminal.written(report).split())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with templates, snippets and decisions, which is a repository of its own."""
    for name in ("templates", "rationale_snippets"):
        shutil.copytree(edits.BASE / name, tmp_path / name)
    decisions = tmp_path / "decisions"
    decisions.mkdir()
    for entry in edits.corpus().entries:
        (decisions / f"{entry.name}.json").write_text(json.dumps(entry.decision.data()), encoding="utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "templates", "rationale_snippets")
    _git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run([needs("git"), *names, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603


def _folded(text: str) -> str:
    return " ".join(text.split())


def _change(place: Path, old: str, new: str) -> None:
    form = place / FORM
    form.write_text(form.read_text().replace(old, new))


def test_the_command_compares_with_the_last_commit(place: Path, run: Run) -> None:
    outcome = run("diff", "--corpus", "decisions")
    assert (outcome.code, outcome.err) == (0, "")
    assert "0 of 10 letters change" in outcome.text
    _change(place, "that were sent", "that were received")
    outcome = run("diff", "--corpus", "decisions")
    assert outcome.code == 1
    assert "from HEAD (" in outcome.text
    assert "10 of 10 letters change (10 in their words)" in outcome.text
    assert "[-sent.-] {+received.+}" in outcome.text
    assert "every branch of the edited templates is exercised by some letter" in _folded(outcome.text)
    (place / "decisions" / "mixed.json").unlink()
    told = _folded(run("diff", "--corpus", "decisions").text)
    assert "; 1 branch of the edited templates is exercised by no letter" in told
    assert "line 37: outcome is partial overturn" in told
    assert "imr-letters samples generate --cover acme -o FOLDER" in told
    _git(place, "commit", "-q", "-a", "-m", "second")
    assert run("diff", "--corpus", "decisions").code == 0
    assert run("diff", "--base", "HEAD~1", "--corpus", "decisions").code == 1
    assert run("diff", "--base", "HEAD~1", "--new", "HEAD", "--corpus", "decisions").code == 1


def test_the_command_prints_json(place: Path, run: Run) -> None:
    _change(place, "Date of Injury:", "Injured on:")
    shape = json.loads(run("diff", "--corpus", "decisions", "--json").out)
    assert shape["version"] == 1
    assert (shape["letters"], shape["changed"], shape["fates"]) == (10, 9, {"words": 9, "same": 1})
    (cause,) = shape["causes"]
    assert cause["kind"] == "template"
    assert cause["when"] == ["case is present"]
    assert "no-case.json" not in cause["letters"]
    assert len(cause["letters"]) == 9
    assert [each["letters"] for each in shape["coverage"] if each["family"] == "acme-old"] == [2]


@pytest.mark.usefixtures("place")
def test_a_state_that_is_none_is_refused(run: Run) -> None:
    outcome = run("diff", "--base", "nowhere")
    assert outcome.code == 2
    assert '"nowhere" is no folder and no git revision here' in outcome.err
    assert run("diff", "--base", "--upload-pack=x").code == 2
    assert run("diff", "--base", "decisions").code == 2
    assert run("diff", "--corpus", "missing").code == 5


def test_an_ambiguous_edit_is_refused_with_a_counterexample(place: Path, run: Run) -> None:
    file = place / "templates/acme-old/letter.html.jinja"
    file.write_text(file.read_text().replace(", and is licensed in {{", ", {{"))
    outcome = run("diff", "--corpus", "decisions", "--html", "report.html")
    assert outcome.code == 1
    assert "The new version is refused" in outcome.text
    told = 'reviewer.certifications is "a", reviewer.licensed_in is "b, c"'
    assert told in outcome.text
    written = (place / "report.html").read_text()
    assert "Why the new version is refused" in written
    assert told.replace('"', "&#34;") in written


def test_program_code_of_a_version_is_not_run_and_the_report_says_so(place: Path, run: Run) -> None:
    """A changed codec does not show; letters of both sides are printed by the program that runs."""
    shutil.copytree(ROOT / "imr_letters", place / "imr_letters", ignore=shutil.ignore_patterns("__pycache__"))
    _git(place, "add", "imr_letters")
    _git(place, "commit", "-q", "-m", "with the program")
    same = run("diff", "--corpus", "decisions")
    assert (same.code, "note:" in same.text) == (0, False)
    codec = place / "imr_letters" / "engine" / "codecs" / "simple.py"
    codec.write_text(codec.read_text() + "\nraise SystemExit('this program ran')\n")
    _git(place, "commit", "-q", "-a", "-m", "with another program")
    outcome = run("diff", "--base", "HEAD~1", "--new", "HEAD", "--corpus", "decisions")
    assert outcome.code == 0
    note = (
        r"note: the program code of HEAD \([0-9a-f]{10}\) is not that of the program that runs now, which printed the"
    )
    assert re.search(note, _folded(outcome.text))
    assert "0 of 10 letters change" in outcome.text
    codec.write_text("")
    assert "code of HEAD (" in (both := _folded(run("diff", "--corpus", "decisions").text))
    assert f") and the folder {place} is not that" in both


def test_a_changed_codec_shows_in_the_snapshots_of_the_samples(tmp_path: Path) -> None:
    for name in ("imr_letters", "templates", "rationale_snippets"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    codec = tmp_path / "imr_letters" / "engine" / "codecs" / "simple.py"
    changed = codec.read_text().replace("{value.month:02}/{value.day:02}/", "{value.month:02}-{value.day:02}-")
    codec.write_text(changed.replace("[0-9]{2}/[0-9]{2}/", "[0-9]{2}-[0-9]{2}-"))
    sample = samples.decisions()[0]
    code = (
        "import imr_letters, pathlib, sys; print(imr_letters.render(imr_letters.load(pathlib.Path(sys.argv[1]))).text)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(sample)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    kept = ROOT / "tests" / "__snapshots__" / "test_sample_letters" / f"test_letter[{sample.stem}].txt"
    assert re.search(r"\[-[0-9/]+-\] \{\+[0-9-]+\+\}", word_diff(kept.read_text(encoding="utf-8"), done.stdout))


def test_letters_and_lines_are_a_corpus_too(place: Path, run: Run) -> None:
    corpus = place / "mixed"
    corpus.mkdir()
    decisions = [json.loads(path.read_text()) for path in sorted((place / "decisions").glob("*.json"))]
    lines = [json.dumps(decisions[0]), json.dumps({"source": "x", "decision": decisions[1]}), "{broken"]
    (corpus / "some.jsonl").write_text("\n".join(lines))
    letter = run("render", "decisions/snippet.json", "--templates", "templates", "--snippets", "rationale_snippets")
    (corpus / "letter.txt").write_bytes(letter.out)
    (corpus / "notes.md").write_text("no letter")
    _change(place, "that were sent", "that were received")
    shape = json.loads(run("diff", "--corpus", "mixed", "--json").out)
    assert shape["causes"][0]["letters"] == ["letter.txt", "some.jsonl line 1", "some.jsonl line 2"]
    assert [each["source"] for each in shape["skipped"]] == ["some.jsonl line 3"]


def test_many_letters_are_compared_by_several_processes(tmp_path: Path) -> None:
    entries = edits.corpus().entries
    many = [changes.Entry(f"{number}-{each.name}", each.decision) for number in range(FEW // 8) for each in entries]
    assert len(many) > FEW
    folder = edits.edited(WORD, tmp_path / "edited")
    with changes.opened(str(edits.BASE), ROOT) as old, changes.opened(str(folder), ROOT) as new:
        report = changes.compare(old, new, changes.Corpus(tuple(many), ()), jobs=2)
        alone = changes.compare(old, new, changes.Corpus(tuple(many), ()), jobs=1)
    assert report.as_dict() == alone.as_dict()
    assert report.changed == len(many)


def test_pages_are_the_same_for_any_number_of_processes(tmp_path: Path) -> None:
    case = {"change": [["templates/shared/letter.css", "font-size: 1em", "font-size: 1.2em"]]}
    folder = edits.edited(case, tmp_path / "edited")
    with changes.opened(str(edits.BASE), ROOT) as old, changes.opened(str(folder), ROOT) as new:
        few = changes.Corpus(edits.corpus().entries[:6], ())
        report = changes.compare(old, new, few)
        one, two = (prints.with_pages(report, few, old, new, every=True, jobs=jobs) for jobs in (1, 2))
    assert len(one.pages) == 6
    assert one == two
    assert [each.sheets for each in one.pages] == [each.sheets for each in two.pages]
    shown = [each.letter for each in one.pages if each.sheets]
    assert shown == [each.letter for each in one.pages][: len(shown)]
    assert len(shown) == 5


def test_old_letters_are_read_with_the_new_templates(tmp_path: Path) -> None:
    report = edits.compared(WORD, tmp_path)
    assert report.old_letters.tried == len(report.old_letters.unread) == 10
    (_, finding), *_ = report.old_letters.unread
    assert finding is not None
    assert FORM in finding.template
    # As `parse` says, asked by itself.
    old = next(each for each in report.compared if each.name == "upheld")
    text = "\n\n".join(block.text for block in old.before.blocks)
    with pytest.raises(DriftError, match="expected"):
        parse(text, templates=tmp_path / "edited" / "templates")


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """Keys go from cause to cause, pictures are there, and axe-core finds nothing, in light and in dark."""
    case: dict[str, Any] = {
        "change": [
            [FORM, "that were sent", "that were received"],
            [FORM, "Date of Injury:", "Injured on:"],
            ["templates/shared/letter.css", "font-size: 1em", "font-size: 1.1em"],
        ]
    }
    folder = edits.edited(case, tmp_path / "edited")
    few = changes.Corpus(edits.corpus().entries[2:4], ())
    with changes.opened(str(edits.BASE), ROOT) as old, changes.opened(str(folder), ROOT) as new:
        report = prints.with_pages(changes.compare(old, new, few), few, old, new, every=False)
    file = tmp_path / "report.html"
    file.write_text(webpage.written(report), encoding="utf-8")
    with browser() as tab:
        for scheme, shade in (("light", "rgb(246, 247, 249)"), ("dark", "rgb(18, 22, 28)")):
            tab.prefer(scheme)
            tab.resize(1200, 900)
            tab.open(file)
            assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == shade
            assert tab.violations() == []
        assert tab.evaluate("document.querySelectorAll('img').length") >= 3
        loaded = "[...document.images].every(each => each.complete && each.naturalWidth > 400 && each.alt)"
        assert tab.evaluate(loaded)
        where: list[str] = []
        for key in ("n", "n", "ArrowRight", "n", "p", "ArrowLeft"):
            tab.press(key)
            where.append(tab.evaluate("document.activeElement.id"))
        assert where == ["cause-1", "cause-2", "cause-3", "cause-3", "cause-2", "cause-1"]
        assert tab.evaluate("document.getElementById('place').textContent") == "1 of 3"
        tab.evaluate("document.querySelector('button.larger').click()")
        assert tab.evaluate("document.querySelector('button.larger').getAttribute('aria-pressed')") == "true"
        assert tab.evaluate("[...document.querySelectorAll('del .said')].every(each => each.textContent.trim())")
        tab.resize(360, 800)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_report_of_the_document_is_real(place: Path, run: Run) -> None:
    document = (ROOT / "docs" / "changing.md").read_text(encoding="utf-8")
    command, *lines = document.partition("```console\n$ imr-letters ")[2].partition("```")[0].splitlines()
    _change(place, "within 30 days", "within 20 days")
    _change(place, "Date of Injury:", "Injured on:")
    printed_lines = run(*command.split()).text.splitlines()
    assert printed_lines[1 : len(lines) + 1] == lines
