"""The published letters in the folder named by IMR_LETTERS_CORPUS; skipped without it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imr_letters import parse, verify
from imr_letters.engine.text import fold
from imr_letters.imr.codecs import CODECS
from imr_letters.wording import SHIPPED
from tests.conftest import corpus, real_letters, real_reading, real_source, without_tags

pytestmark = pytest.mark.corpus

#: The layouts of a real letter's text that other extractors give: double-spaced, without gaps, in Windows' line ends.
LAYOUTS = {
    "double-spaced": lambda lines: "\n\n".join(line or " " for line in lines),
    "windows": "\r\n".join,
}

#: Where a sentence goes on, a paragraph of a word processor's tags ends in its middle: nothing on the page shows it.
_IN_A_SENTENCE = re.compile(r"(?<![.?!:;\"\u201d\u2019')\]])\n\n")

each_letter = pytest.mark.parametrize("path", real_letters(), ids=lambda path: path.stem)
each_pdf = pytest.mark.parametrize(
    "path", [path for path in real_letters() if path.suffix == ".pdf"], ids=lambda path: path.stem
)
#: Of the letters without their tags, those that are verified too, which reads each twice more and sets it again.
_VERIFIED = real_letters()[::3]


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
    words = fold("".join(real_source(path).blocks)) or fold(path.read_text(encoding="utf-8"))
    assert fold("".join(block.text for block in real_reading(path).blocks)) == words


@each_pdf
def test_a_real_letter_agrees_with_an_independent_reading(path: Path) -> None:
    record = reference()[path.name]
    decision = real_reading(path).decision
    assert decision.case is not None
    assert decision.case.number == record["case_number"]
    us_date = CODECS.make("us_date").encode
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
    for item, other in zip(SHIPPED.library.resolve(decision).items, record["items"], strict=True):
        printed = item.as_printed
        assert item.outcome == other["decision"].lower()
        assert fold(printed.get("request") or CODECS.make("request").encode(item.request)) == fold(other["title"])
        assert fold(CODECS.make("rationale").encode(item.rationale)) == fold(other["decision_rationale"])
        for name, by, theirs in (
            ("claims_administrator_guideline", "The Claims Administrator", "claims_administrator_guideline"),
            ("reviewer_guideline", "The Expert Reviewer", "imro_guideline"),
        ):
            guideline = getattr(item, name)
            assert guideline.basis != "unrecognized"
            words = printed.get(name) or CODECS.make("guideline", by).encode(guideline)
            assert fold(words) == fold(other[theirs])


@pytest.mark.parametrize("layout", LAYOUTS)
@each_pdf
def test_a_real_letter_reads_in_other_layouts(path: Path, layout: str) -> None:
    source = real_source(path)
    lines: list[str] = []
    for line in source.lines:  # type: ignore[attr-defined]
        lines += [""] * min(line.gap, 1) + [line.text]
    found = [item.outcome for item in parse(LAYOUTS[layout](lines)).decision.items]
    assert found == [item.outcome for item in real_reading(path).decision.items]


@each_pdf
def test_a_real_letter_without_tags_reads_to_the_same_decision(path: Path) -> None:
    """All but the paragraphs that end in mid-sentence, which no reader of the page can see."""
    bare = without_tags(path.read_bytes())
    reading, tagged = parse(bare), real_reading(path)
    if path in _VERIFIED:
        assert [finding for finding in verify(bare) if finding.severity == "error"] == []
    expected = json.dumps(tagged.decision.data(), ensure_ascii=False)
    found = json.dumps(reading.decision.data(), ensure_ascii=False)
    assert re.sub(r"\s|\\n", "", found) == re.sub(r"\s|\\n", "", expected)
    # One paragraph of the sixty letters ends with a full line that the next one follows without a gap.
    breaks = [json.dumps(_plain(each.decision.data())).count(r"\n\n") for each in (tagged, reading)]
    assert breaks[0] - breaks[1] in (0, 1)
    assert "untagged" in [finding.code for finding in reading.findings]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _IN_A_SENTENCE.sub(" ", value) if isinstance(value, str) else value
