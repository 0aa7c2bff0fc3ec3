"""The command line as its users meet it: what it prints where, what it writes, what it ends with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import imr_letters
from imr_letters import cli, load, loads, parse, render, samples
from imr_letters.cli import app
from imr_letters.imr.model import schema
from tests.conftest import ROOT, Run

SAMPLE = ROOT / "samples" / "decisions" / "03-partial-overturn.yaml"
OTHER = ROOT / "samples" / "decisions" / "08-family-2014-subspecialty.yaml"
LETTER = ROOT / "samples" / "letters" / "03-partial-overturn.txt"


def test_render_prints_the_letter_and_nothing_else(run: Run) -> None:
    outcome = run("render", SAMPLE)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == LETTER.read_bytes()


def test_a_decision_goes_through_a_pipe_both_ways(run: Run) -> None:
    decision = run("parse", "-", stdin=LETTER.read_bytes())
    assert decision.code == 0
    assert loads(decision.out) == load(SAMPLE)
    assert run("render", "-", stdin=decision.out).out == LETTER.read_bytes()


@pytest.mark.parametrize("medium", ["text", "html", "pdf"])
def test_letters_go_to_files(run: Run, tmp_path: Path, medium: str) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    assert run("render", SAMPLE, OTHER, "--to", medium, "-o", folder).code == 0
    suffix = {"text": ".txt", "html": ".html", "pdf": ".pdf"}[medium]
    assert sorted(path.name for path in folder.iterdir()) == [SAMPLE.stem + suffix, OTHER.stem + suffix]
    if medium != "html":
        assert parse(folder / (SAMPLE.stem + suffix)).decision == load(SAMPLE)


def test_writing_again_is_fine_and_writing_over_something_else_is_not(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    assert run("render", SAMPLE, "-o", target).code == 0
    assert run("render", SAMPLE, "-o", target).code == 0
    assert run("render", OTHER, "-o", target).code == 4
    assert target.read_bytes() == LETTER.read_bytes()
    assert run("render", OTHER, "-o", target, "--replace").code == 0
    assert target.read_text() == render(load(OTHER)).text


def test_a_decision_is_never_written_over_by_its_letter(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "decision.yaml"
    own.write_bytes(SAMPLE.read_bytes())
    assert run("render", own, "-o", own, "--to", "text", "--replace").code == 4
    assert own.read_bytes() == SAMPLE.read_bytes()
    twin = tmp_path / "twin" / "decision.yaml"
    twin.parent.mkdir()
    twin.write_bytes(OTHER.read_bytes())
    (tmp_path / "out").mkdir()
    assert run("render", own, twin, "-o", tmp_path / "out", "--replace").code == 4


def test_a_letter_that_is_refused_leaves_no_file(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SAMPLE.read_text().replace("summary: |-\n", "summary: |-\n  Decision rationale: x\n\n", 1))
    outcome = run("render", bad, "-o", tmp_path / "letter.txt")
    assert outcome.code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.yaml"]


def test_one_bad_file_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("items: []\n")
    (tmp_path / "out").mkdir()
    outcome = run("render", tmp_path / "bad.yaml", SAMPLE, "-o", tmp_path / "out")
    assert outcome.code == 5
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["03-partial-overturn.txt"]


def test_parse_as_json_has_a_stable_shape(run: Run) -> None:
    shape = json.loads(run("parse", LETTER, "--json").out)
    assert list(shape) == ["version", "source", "family", "outcome", "decision", "findings"]
    assert shape["version"] == 1
    assert loads(json.dumps(shape["decision"])) == load(SAMPLE)
    drift = run("parse", "-", "--json", stdin=LETTER.read_bytes().replace(b"CLINICAL", b"CLINICAI"))
    assert drift.code == 1
    [finding] = json.loads(drift.out)["findings"]
    assert finding["code"] == "drift"
    assert finding["severity"] == "error"
    assert finding["line"] > 1


def test_accepted_drift_is_reported_and_still_an_error(run: Run) -> None:
    drifted = LETTER.read_bytes().replace(b"CLINICAL", b"CLINICAI")
    refused = run("parse", "-", stdin=drifted)
    assert (refused.code, refused.out) == (1, b"")
    accepted = run("parse", "-", "--accept-drift", stdin=drifted)
    assert accepted.code == 1
    assert loads(accepted.out) == load(SAMPLE)
    assert 'expected the fixed words "CLINICAL"' in accepted.err


def test_verify_says_one_line_for_each_file(run: Run) -> None:
    outcome = run("verify", LETTER, SAMPLE)
    assert outcome.code == 0
    assert outcome.text.splitlines() == [
        f"{LETTER}: letter and its decision rendered again are identical",
        f"{SAMPLE}: decision and its letter are identical",
    ]
    differs = run("verify", "-", stdin=LETTER.read_bytes().replace(b"Priority", b"Priorty"))
    assert differs.code == 1
    assert differs.text == "standard input: letter and its decision rendered again DIFFER\n"


def test_schema_families_and_doctor(run: Run) -> None:
    assert json.loads(run("schema").out) == schema()
    assert [line.split()[0] for line in run("families").text.splitlines()] == [
        "dwc-2014",
        "dwc-2015",
        "final-determination",
    ]
    doctor = run("doctor")
    assert doctor.code == 0
    assert "MISSING" not in doctor.text


def test_check_tells_every_fault_of_every_family(run: Run, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    for family in ("dwc-2014", "dwc-2015"):
        file = tmp_path / "templates" / family / "letter.html.jinja"
        file.write_text(file.read_text().replace("reviewer.licensed_in", "reviewer.licenced_in"))
    outcome = run("check", "--templates", tmp_path / "templates")
    assert outcome.code == 1
    assert outcome.err.count('did you mean "licensed_in"?') == 2


def test_the_demo_shows_every_sample(run: Run, tmp_path: Path) -> None:
    outcome = run("demo", "-o", "shown")
    assert outcome.code == 0
    assert outcome.text.count("identical after reading back text and pdf") == len(samples.decisions())
    assert len(list((tmp_path / "shown").iterdir())) == 2 * len(samples.decisions())


def test_usage_faults(run: Run) -> None:
    assert run("render", SAMPLE, OTHER).code == 2
    assert run("render", SAMPLE, "--family", "dwc-1999").code == 2
    assert run("explain", "dwc-1999").code == 2
    assert run("render").code == 2
    assert run("nonsense").code == 2
    assert run("parse", "no-such-file.txt").code == 5


SNIPPETS = ROOT / "samples" / "decisions" / "13-snippets.yaml"


def test_snippets_are_listed_shown_and_searched(run: Run) -> None:
    listed = run("snippets", "list").text.splitlines()
    assert len(listed) < len(run("snippets", "list", "--all").text.splitlines())
    assert "opioid-standing-caution  1  active  upheld  An opioid is not to be stopped abruptly" in listed
    shown = run("snippets", "show", "benzodiazepines-long-term")
    assert "status: active" in shown.text
    assert "status: retired" in run("snippets", "show", "benzodiazepines-long-term", "1").text
    data = json.loads(run("snippets", "show", "ppi-no-risk", "--json").text)
    assert (data["snippet"], data["snippet_version"], data["argues_for"]) == ("ppi-no-risk", 1, "upheld")
    found = run("snippets", "search", "benzo").text.splitlines()
    assert all("benzodiazepine" in line for line in found[:2])
    assert run("snippets", "search", "xyzzy").code == 1
    assert run("snippets", "show", "ppi-no-rsk").code == 2
    assert run("snippets", "show", "ppi-no-risk", "0").code == 2


def test_a_search_finds_drafts_where_it_is_asked_to(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rationale_snippets", tmp_path / "library")
    source = (tmp_path / "library" / "ppi-no-risk" / "1.md").read_text()
    (tmp_path / "library" / "ppi-no-risk" / "1.md").write_text(
        source.replace("status: active", "status: draft").replace("approved_on: 2026-09-14\n", "")
    )
    known = ("snippets", "search", "--snippets", "library")
    assert "ppi-no-risk" not in run(*known, "ppi").text
    assert "ppi-no-risk  1  draft" in run(*known, "--all", "ppi").text


def test_snippets_used_are_told_for_decisions_and_letters(run: Run) -> None:
    assert run("render", SNIPPETS, "-o", "letter.txt").code == 0
    outcome = run("snippets", "used-in", SNIPPETS, "letter.txt", "missing.txt", "--json")
    rows = [json.loads(line) for line in outcome.text.splitlines()]
    assert [(row["snippet"], row["items"], len(row["sources"])) for row in rows] == [
        ("opioid-ongoing-no-function", 2, 2),
        ("opioid-standing-caution", 2, 2),
        ("physical-therapy-supported", 2, 2),
        ("ppi-no-risk", 2, 2),
    ]
    assert outcome.code == 5


def test_passages_are_mined_and_saved_as_drafts(run: Run, tmp_path: Path) -> None:
    """With an empty library, the snippets of a letter are passages like any other."""
    (tmp_path / "none").mkdir()
    names = []
    days = {"2012-08-22": "August 22, 2012", "2013-01-09": "January 9, 2013", "2014-05-06": "May 6, 2014"}
    for number, (day, words) in enumerate(days.items()):
        text = SNIPPETS.read_text().replace("injured_on: 2012-08-22", f"injured_on: {day}")
        text = text.replace("August 22, 2012", words)
        (tmp_path / f"{number}.yaml").write_text(text)
        assert run("render", f"{number}.yaml", "-o", f"{number}.txt").code == 0
        names.append(f"{number}.txt")
    outcome = run("snippets", "mine", *names, "--snippets", "none", "--save", "proposals")
    assert outcome.code == 0
    assert "3 letters, 3 items: 3 upheld, 0 overturned" in outcome.text
    assert run("snippets", "check", "--snippets", "proposals").code == 0
    assert "discontinued abruptly" in outcome.text
    assert "discontinued abruptly" not in run("snippets", "mine", *names).text


def test_a_decision_with_errors_is_rendered_for_a_reason_only(run: Run, tmp_path: Path) -> None:
    """Errors are still reported; a draft is stamped, so it is sent to nobody."""
    sample = (ROOT / "samples" / "decisions" / "01-one-item-upheld.yaml").read_text()
    (tmp_path / "decision.yaml").write_text(sample.replace("outcome: upheld", "outcome: overturned"))
    render = ("render", "decision.yaml", "-o")
    assert run(*render, "letter.txt").code == 1
    assert not (tmp_path / "letter.txt").exists()
    for more in (["letter.txt", "--no-lint", "checked by the nurse"], ["letter.pdf", "--to", "pdf", "--draft"]):
        outcome = run(*render, *more)
        assert outcome.code == 0
        assert "[outcome-conclusion]" in outcome.err
        assert (tmp_path / more[0]).exists()
    finish = ("draft", "finish", "decision.yaml", "-o", "finished.yaml")
    assert run(*finish).code == 1
    outcome = run(*finish, "--no-lint", "checked by the nurse")
    assert outcome.code == 0
    assert "finished although lint finds errors: checked by the nurse" in outcome.err


def test_no_command_waits_for_the_import_of_what_only_others_need() -> None:
    code = "import sys\nsys.argv = ['imr-letters', 'families']\nfrom imr_letters.cli import app\n"
    code += "app(standalone_mode=False)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    imported = set(done.stdout.splitlines()[-1].split())
    rooms = {f"imr_letters.{room}" for room in ("batch", "changes", "draft", "mining", "publish", "worksheets")}
    heavy = {"distributed", "fsspec", "hypothesis", "openpyxl", "pebble", "pikepdf", "PIL", "pyarrow", "pypdfium2",
             "rich", "tinycss2", "weasyprint"}  # fmt: skip
    assert "imr_letters.cli" in imported
    assert not imported & (rooms | heavy)


def test_the_list_of_commands_says_what_each_says_of_itself_and_imports_none() -> None:
    code = "import sys\nsys.argv = ['imr-letters', '--help']\nfrom imr_letters.cli import app\n"
    code += "app(standalone_mode=False)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert not {"pydantic", "yaml", "imr_letters.imr.model"} & set(done.stdout.splitlines()[-1].split())
    group = typer.main.get_group(app)
    assert isinstance(group, TyperGroup)
    for name, (_, said) in (cli._COMMANDS | cli._GROUPS).items():
        assert " ".join((group.commands[name].help or "").partition("\n\n")[0].split()) == said


def test_a_command_that_is_not_there_gets_a_suggestion(run: Run) -> None:
    outcome = run("batcg")
    assert outcome.code == 2
    assert "Did you mean 'batch'?" in outcome.err


def test_the_version_is_shown(run: Run) -> None:
    outcome = run("--version")
    assert (outcome.code, outcome.text) == (0, f"imr-letters {imr_letters.__version__}\n")
    assert run("render", "-h").text == run("render", "--help").text


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        (["-o", "letter.pdf"], b"%PDF"),
        (["-o", "letter.HTML"], b"<!DOCTYPE html>"),
        (["-o", "letter.txt"], b"Case Number:"),
        (["-o", "letter"], b"Case Number:"),
        (["-o", "letter.out", "--to", "pdf"], b"%PDF"),
    ],
)
def test_the_ending_of_the_file_says_the_medium(run: Run, tmp_path: Path, options: list[str], begins: bytes) -> None:
    (tmp_path / "decision.json").write_text(json.dumps(load(samples.decisions()[0]).data()))
    assert run("render", "decision.json", *options).code == 0
    assert (tmp_path / options[1]).read_bytes().lstrip().startswith(begins)


@pytest.mark.parametrize("options", [["-o", "letter.docx"], ["-o", "letter.pdf", "--to", "text"]])
def test_an_ending_of_another_medium_is_refused(run: Run, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "decision.json").write_text(json.dumps(load(samples.decisions()[0]).data()))
    outcome = run("render", "decision.json", *options)
    assert outcome.code == 2
    assert "pdf (.pdf)" in outcome.err
    assert not (tmp_path / options[1]).exists()


def test_the_library_takes_paths_as_words_and_names_what_it_expected(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(load(samples.decisions()[0]).data()))
    letter = render(load(str(path)), templates=str(ROOT / "templates"), snippets=str(ROOT / "rationale_snippets"))
    assert parse(letter.text, templates=str(ROOT / "templates")).decision == letter.decision
    with pytest.raises(TypeError, match=r"expected a Decision, not str; load\(path\) reads one"):
        render(str(path))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected the text, the bytes or the path of a letter, not dict"):
        parse({})  # type: ignore[arg-type]
