"""Drift is drift: changed fixed wording is never taken for a value, and no guess moves words from field to field."""

from __future__ import annotations

import pytest

from imr_letters import parse, render
from imr_letters.engine.errors import DriftError, RenderError
from imr_letters.imr.form import Reading
from tests import drift_campaign
from tests.letters import sample_letters

LETTERS = {name: letter.text for name, letter in sample_letters()}
UPHELD = "01-one-item-upheld"


def changed(name: str, old: str, new: str) -> str:
    text = LETTERS[name]
    assert old in text, f"{old!r} is not in {name}"
    return text.replace(old, new, 1)


def warned(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings if finding.severity == "warning"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (UPHELD, "all medical records:", "all medical records: Not a word of it is true."),
        (UPHELD, "all medical records:", "all medical records: !"),
        (UPHELD, "set forth below:", "set forth below: (draft)"),
        (UPHELD, "CLINICAL CASE SUMMARY", "CLINICAL CASE SUMMARY, AMENDED"),
        (UPHELD, "has the following credentials:", "has the following credentials: Dr. X"),
        ("04-modified-part-remaining", "original request.", "orginal request."),
        ("04-modified-part-remaining", "was authorized by", "was authorised by"),
        ("05-modified-whole-remaining", "leaving the original", "leaving teh original"),
        ("09-family-2014-two-states", "medical evidence for", "medical evidnce for"),
        ("09-family-2014-two-states", "medical evidence for", "evidence for"),
    ],
)
@pytest.mark.parametrize("spaced", [False, True], ids=["as it is", "double-spaced"])
def test_changed_fixed_wording_is_drift(name: str, old: str, new: str, spaced: bool) -> None:
    text = changed(name, old, new)
    if spaced:
        text = "".join(f"  {line}\n\n" for line in text.split("\n"))
    with pytest.raises(DriftError) as raised:
        parse(text)
    assert "drift" in {finding.code for finding in raised.value.findings}


def test_a_near_phrase_reads_as_the_phrase_where_drift_is_accepted() -> None:
    name = "04-modified-part-remaining"
    reading = parse(changed(name, "original request.", "orginal request."), accept_drift=True)
    assert reading.decision == parse(LETTERS[name]).decision
    assert [finding.code for finding in reading.findings if finding.severity == "error"] == ["drift"]


def test_a_value_that_is_nearly_a_fixed_phrase_is_not_rendered() -> None:
    reading = parse(LETTERS[UPHELD])
    item = reading.decision.items[0].model_copy(update={"request": "A was the orginal request. B and C"})
    decision = reading.decision.model_copy(update={"items": (item,)})
    with pytest.raises(RenderError, match="nearly"):
        render(decision)


def test_a_change_in_one_field_leaves_the_others_as_they_are() -> None:
    """A doubled space in a rationale once made the whole letter foreign, and two paragraphs of the summary one."""
    text = LETTERS[UPHELD]
    head, rationale = text.split("Decision rationale:")
    start = head.index("The injured worker")
    head = head[:start] + "Diagnoses include lumbar strain\n\nlumbar radiculopathy and insomnia.\n\n" + head[start:]
    plain = parse(head + "Decision rationale:" + rationale).decision
    spaced = parse(head + "Decision rationale:" + rationale.replace(" a ", "  ", 1)).decision
    assert spaced.clinical_summary == plain.clinical_summary
    assert "lumbar strain\n\nlumbar" in spaced.clinical_summary


def test_a_blank_line_in_a_title_is_noticed() -> None:
    """Its first half would be the last paragraph of the rationale before."""
    reading = parse(
        changed("10-many-items-surgery", "Pre-operative medical clearance", "Pre-operative\n\nmedical clearance")
    )
    assert "cut-off" in warned(reading)


def test_a_sample_of_the_campaign() -> None:
    """The whole of it: `python -m tests.drift_campaign`."""
    assert drift_campaign.silent(90, seed=20) == []
