"""What the person who confirms a public edition sees, the record of it, and the measured recall."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from imr_letters.publish import edition, page, remaining
from tests import recall_campaign
from tests.conftest import ROOT, Run, real_letters, real_reading
from tests.recall_sentences import HELD_OUT, TUNING, Sentences
from tests.test_publish_search import decision


def _given(folder: Path, summary: str) -> None:
    (folder / "given.json").write_text(json.dumps(decision(summary, injured_worker={"name": "Ana Vexjup"}).data()))


def test_what_is_left_and_in_no_vocabulary_is_listed() -> None:
    said = (
        "Quillo takes Norco 10/325 mg after Vexjup fell. Pain is 7/10. Quillo has C5-6 stenosis, M54.16, since 03/2012."
    )
    made = edition(decision(said, injured_worker={"name": "Ana Vexjup"}))
    left = {each.words: each for each in remaining(made) if each.field == "clinical_summary"}
    assert set(left) == {"Quillo", "03/2012"}
    assert left["Quillo"].count == 2
    assert left["Quillo"].context.startswith("Quillo takes Norco")


def test_the_page_shows_every_replacement_doubt_and_word_left() -> None:
    said = "Ms. Vexjup <b>met</b> Quillo & wrote 448812345."
    made = edition(decision(said, injured_worker={"name": "Ana Vexjup"}))
    shown = page(made)
    assert "<del>Ms. Vexjup</del> <ins>[withheld: name]</ins><sup>1</sup>" in shown
    assert "<mark>Quillo</mark>" in shown
    assert "<strong>448812345</strong>" in shown
    assert "&lt;b&gt;" in shown
    assert "<script" not in shown
    assert "http" not in shown


def test_the_confirmation_is_written_next_to_the_edition(run: Run, tmp_path: Path) -> None:
    _given(tmp_path, "Ms. Vexjup came. The Ana score of 3 is low. The locker is 448812345.")
    stopped = run("publish", "given.json", "-o", "public", "--to", "text", "--confirmed-by", "Privacy officer")
    assert stopped.code == 1
    assert "--keep 3=REASON" in stopped.err
    assert not (tmp_path / "public").exists()
    confirm = ("publish", "given.json", "-o", "public", "--to", "text", "--confirmed-by", "Privacy officer")
    kept = ("--keep", "2=a score", "--keep", "3=the number of a locker")
    done = run(*confirm, *kept, "--review", "look.html")
    assert done.code == 0, done.err
    letter = tmp_path / "public" / "CM17-0900014.txt"
    path = tmp_path / "public" / "CM17-0900014.txt.confirmation.json"
    record = json.loads(path.read_text())
    assert record["sha256"] == hashlib.sha256(letter.read_bytes()).hexdigest()
    assert record["confirmed_by"] == "Privacy officer"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record["confirmed_at"])
    assert [(each["number"], each["why"]) for each in record["kept"]] == [(2, "a score"), (3, "the number of a locker")]
    assert "Vexjup" not in path.read_text() + done.text + done.err
    assert "<del>Ms. Vexjup</del>" in (tmp_path / "look.html").read_text()
    assert {each.stat().st_mode & 0o777 for each in (path, tmp_path / "look.html")} == {0o600}
    before = path.read_bytes()
    assert run(*confirm, *kept).code == 0  # the same again: the record stays
    assert path.read_bytes() == before
    assert run("publish", "given.json", "-o", "public", "--to", "text", "--confirmed-by", "Nurse", *kept).code == 4
    assert path.read_bytes() == before


def test_a_reason_needs_its_number(run: Run, tmp_path: Path) -> None:
    _given(tmp_path, "Ms. Vexjup came.")
    refused = run("publish", "given.json", "--keep", "Vexjup")
    assert refused.code == 2
    assert "expected 3" in refused.err


def test_what_is_withheld_in_addition(run: Run, tmp_path: Path) -> None:
    _given(tmp_path, "Ms. Vexjup, called Quillo, came.")
    outcome = run(
        "publish", "given.json", "-o", "public", "--to", "text", "--withhold", "Quillo", "--confirmed-by", "Nurse"
    )
    assert outcome.code == 0, outcome.err
    assert "Quillo" not in (tmp_path / "public" / "CM17-0900014.txt").read_text()


#: The aims, of 100.
AIMS = {"own": 95, "usual": 85, "others": 70}


@pytest.mark.parametrize("of", [TUNING, HELD_OUT], ids=["tuning", "held-out"])
def test_recall(of: Sentences) -> None:
    results, alarms = recall_campaign.run(7, of, 120, lambda _: None)
    for group, result in results.items():
        assert 100 * result.found >= AIMS[group] * result.planted, group
    assert sum(alarms.values()) <= 3


def test_the_documented_recall_is_the_measured_one() -> None:
    results, alarms = recall_campaign.run(HELD_OUT.seed, HELD_OUT, recall_campaign.COUNT, lambda _: None)
    text = (ROOT / "docs" / "mailing.md").read_text()
    for group, result in results.items():
        share = f"{result.found / result.planted:.1%}"
        assert re.search(rf"^\| {group}\b.*\| {result.planted} \| {re.escape(share)} \|$", text, re.MULTILINE), share
    assert f"False alarms: {sum(alarms.values())}." in text


@pytest.mark.corpus
def test_real_letters_lose_nothing_by_false_alarms() -> None:
    made = [edition(real_reading(path).decision) for path in real_letters()]
    assert sum(len(each.replacements) + len(each.doubts) for each in made) <= 3
