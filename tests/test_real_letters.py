"""The published letters in the folder named by IMR_LETTERS_CORPUS; skipped, visibly, without it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imr_letters import parse, verify
from imr_letters.api import read
from imr_letters.codecs import codec
from imr_letters.text import fold
from tests.conftest import corpus, real_letters

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(corpus() is None, reason="IMR_LETTERS_CORPUS names no folder of real letters"),
]

#: The layouts of a real letter's text that other extractors give: double-spaced, without gaps, in Windows' line ends.
LAYOUTS = {
    "double-spaced": lambda lines: "\n\n".join(line or " " for line in lines),
    "windows": "\r\n".join,
}

#: A PDF from outside is read in a process of its own, which takes a while: once for each letter is enough.
read_once = cache(read)
parse_once = cache(parse)

each_letter = pytest.mark.parametrize("path", real_letters(), ids=lambda path: path.stem)


@cache
def reference() -> dict[str, Any]:
    folder = corpus()
    assert folder is not None
    lines = [
        line for file in folder.glob("*/reference.jsonl") for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return {record["file"]: record for record in map(json.loads, lines)}


@each_letter
def test_nothing_of_a_real_letter_is_lost(path: Path) -> None:
    assert [finding for finding in verify(path) if finding.severity == "error"] == []
    words = fold("".join(read_once(path).blocks)) or fold(path.read_text(encoding="utf-8"))
    assert fold("".join(block.text for block in parse_once(path).blocks)) == words


@each_letter
def test_a_real_letter_agrees_with_an_independent_reading(path: Path) -> None:
    record = reference().get(path.name)
    if record is None:
        pytest.skip("no independent reading of this letter")
    decision = parse_once(path).decision
    assert decision.case is not None
    assert decision.case.number == record["case_number"]
    us_date = codec("us_date").encode
    assert us_date(decision.case.assigned_on) == record["date_assigned"]
    assert us_date(decision.case.injured_on) == record["date_of_injury"]
    assert us_date(decision.case.decided_on) == record["decision_date"]
    assert us_date(decision.case.ur_denied_on) == record["ur_denial_date"]
    assert us_date(decision.case.application_received_on) == record["application_received"]
    assert decision.case.priority == record["priority"].lower()
    assert list(decision.reviewer.licensed_in) == record["reviewer_states"]
    assert ", ".join(decision.reviewer.certifications) == record["reviewer_certifications"]
    assert fold(decision.clinical_summary) == fold(record["clinical_case_summary"])
    assert len(decision.items) == len(record["items"])
    for item, other in zip(decision.items, record["items"], strict=True):
        printed = item.as_printed
        assert item.outcome == other["decision"].lower()
        assert fold(printed.get("request") or codec("request").encode(item.request)) == fold(other["title"])
        assert fold(item.rationale[0].text) == fold(other["decision_rationale"])
        for name, by, theirs in (
            ("claims_administrator_guideline", "The Claims Administrator", "claims_administrator_guideline"),
            ("reviewer_guideline", "The Expert Reviewer", "imro_guideline"),
        ):
            guideline = getattr(item, name)
            assert guideline.basis != "unrecognized"
            words = printed.get(name) or codec("guideline", by).encode(guideline)
            assert fold(words) == fold(other[theirs])


@pytest.mark.parametrize("layout", LAYOUTS)
@each_letter
def test_a_real_letter_reads_in_other_layouts(path: Path, layout: str) -> None:
    if path.suffix != ".pdf":
        pytest.skip("only for letters whose lines are known")
    source = read_once(path)
    lines: list[str] = []
    for line in source.lines:  # type: ignore[attr-defined]
        lines += [""] * min(line.gap, 1) + [line.text]
    found = [item.outcome for item in parse(LAYOUTS[layout](lines)).decision.items]
    assert found == [item.outcome for item in parse_once(path).decision.items]
