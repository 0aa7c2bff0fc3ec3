"""Faulty drafts and worksheets, and the full message each gets. A case is a TOML file; adding one adds a test.

`cases/drafts` holds drafts as `text`; the command is `draft status`, or what `command` says. `cases/worksheets` holds
worksheets as `text`; the command is `draft new`. The snapshot holds the exit code, all that is said, the names of the
drafts that were made, and the file of rejected rows. New or changed wording: `./run pytest tests/test_draft_cases.py
--snapshot-update`, then read the difference.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.conftest import ROOT, Run
from tests.test_cases import TextFile, cases, read

DOCUMENT = ROOT / "docs" / "drafting.md"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


@pytest.mark.parametrize("path", cases("drafts"))
def test_draft(path: Path, tmp_path: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    (tmp_path / "draft.yaml").write_text(case["text"], encoding="utf-8")
    command = [each.replace("FILE", "draft.yaml") for each in case.get("command", ["draft", "status", "FILE"])]
    outcome = run(*command)
    assert outcome.code != 0
    assert (tmp_path / "draft.yaml").read_text(encoding="utf-8") == case["text"]
    assert f"exit {outcome.code}\n{outcome.text}{outcome.err}" == snapshot


@pytest.mark.parametrize("path", cases("worksheets"))
def test_worksheet(path: Path, tmp_path: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    (tmp_path / "referrals.csv").write_text(case["text"], encoding="utf-8")
    outcome = run("draft", "new", "--from", "referrals.csv", "-o", "drafts")
    assert outcome.code != 0
    assert outcome.out == b""
    made = "".join(f"made {each.name}\n" for each in sorted((tmp_path / "drafts").glob("*.yaml")))
    rejected = tmp_path / "referrals.csv.rejected.csv"
    listed = rejected.read_bytes().decode("utf-8-sig").replace("\r\n", "\n") if rejected.exists() else ""
    assert f"exit {outcome.code}\n{outcome.err}{made}{listed}" == snapshot


def test_the_document_shows_what_is_said() -> None:
    folder = ROOT / "tests" / "__snapshots__" / "test_draft_cases"
    said = {line for path in folder.glob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()}
    quoted = re.findall(r"(?ms)^```console\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"))
    lines = [line for block in quoted for line in block.splitlines() if line and not line.startswith("$ ")]
    assert lines
    assert [line for line in lines if line not in said] == []
