"""The published PDFs through `batch parse`: the tables agree with an independent reading of the same letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imr_letters import batch
from imr_letters.batch import Options
from imr_letters.engine.text import fold
from tests.conftest import corpus

pytestmark = pytest.mark.corpus


def test_the_table_of_real_letters_agrees_with_an_independent_reading(tmp_path: Path) -> None:
    folder = corpus()
    assert folder is not None
    (file,) = folder.glob("*/reference.jsonl")
    records = {record["file"]: record for record in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    table = tmp_path / "table.jsonl"
    done = batch.parse([str(path) for path in file.parent.glob("*.pdf")], str(table), Options(jobs=2))
    assert (done.unread, done.letters) == ([], len(records))
    letters = {Path(row["source"]).name: row for row in map(json.loads, table.open(encoding="utf-8"))}
    items: dict[str, list[dict[str, str]]] = {}
    for row in map(json.loads, (tmp_path / "table-items.jsonl").open(encoding="utf-8")):
        items.setdefault(Path(row["source"]).name, []).append(row)
    assert letters.keys() == items.keys() == records.keys()
    for name, record in records.items():
        row = letters[name]
        assert row["number"] == record["case_number"]
        for ours, theirs in (
            ("assigned_on", "date_assigned"),
            ("injured_on", "date_of_injury"),
            ("decided_on", "decision_date"),
            ("ur_denied_on", "ur_denial_date"),
            ("application_received_on", "application_received"),
        ):
            year, month, day = row[ours].split("-")
            assert f"{month}/{day}/{year}" == record[theirs]
        assert row["priority"] == record["priority"].lower()
        assert row["licensed_in"] == ", ".join(record["reviewer_states"])
        assert row["certifications"] == record["reviewer_certifications"]
        assert fold(row["clinical_summary"]) == fold(record["clinical_case_summary"])
        assert row["items"] == len(record["items"]) == len(items[name])
        for item, other in zip(items[name], record["items"], strict=True):
            assert item["outcome"] == other["decision"].lower()
            assert fold(item["request"]) == fold(other["title"])
            assert fold(item["rationale"]) == fold(other["decision_rationale"])
            assert fold(item["claims_administrator_guideline"]) == fold(other["claims_administrator_guideline"])
            assert fold(item["reviewer_guideline"]) == fold(other["imro_guideline"])
