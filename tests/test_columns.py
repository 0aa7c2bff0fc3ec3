"""Headers whose cells an extractor gave column by column, as pdftotext and pdfminer do."""

from __future__ import annotations

import pytest

from imr_letters import load, parse, render, verify
from imr_letters.engine.errors import LetterError
from imr_letters.samples import decisions

DECISION = load(decisions()[0])
TEXT = render(DECISION).text
REST = TEXT[TEXT.index("HOW THE IMR") :]
assert DECISION.case is not None
CELLS = {
    "Case Number:": DECISION.case.number,
    "Date Assigned:": f"{DECISION.case.assigned_on:%m/%d/%Y}",
    "Date of Injury:": f"{DECISION.case.injured_on:%m/%d/%Y}",
    "Decision Date:": f"{DECISION.case.decided_on:%m/%d/%Y}",
    "UR Denial Date:": f"{DECISION.case.ur_denied_on:%m/%d/%Y}",
    "Priority:": DECISION.case.priority.capitalize(),
    "Application Received:": f"{DECISION.case.application_received_on:%m/%d/%Y}",
}
LEFT = ["Case Number:", "Date Assigned:", "Decision Date:", "Priority:"]
RIGHT = ["Date of Injury:", "UR Denial Date:", "Application Received:"]


def column(labels: list[str]) -> list[str]:
    """Return labels, then their values."""
    return [*labels, "", *[CELLS[label] for label in labels], ""]


TORN = ["Application", "Received:"]
LATE = [CELLS[RIGHT[0]], RIGHT[0], f"{RIGHT[1]}   {CELLS[RIGHT[1]]}", CELLS[RIGHT[2]], *TORN]
HEADERS = {
    "columns": column(LEFT) + column(RIGHT),
    "a label on two lines": column(LEFT) + RIGHT[:2] + TORN + [CELLS[label] for label in RIGHT],
    "a value within a label": column(LEFT) + column(RIGHT[:2]) + [TORN[0], CELLS[RIGHT[2]], TORN[1]],
    "values before labels": column(LEFT) + LATE,
    "all labels first": column([*LEFT, *RIGHT]),
}


def letter(header: list[str], double: bool = False) -> str:
    """Return the letter with another header."""
    text = "\n".join(header) + f"\n\n{REST}"
    return text.replace("\n", "\n\n") if double else text


@pytest.mark.parametrize("double", [False, True], ids=["", "double-spaced"])
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_in_columns_is_put_in_rows_and_told(name: str, double: bool) -> None:
    text = letter(HEADERS[name], double)
    reading = parse(text)
    assert reading.decision == DECISION
    told = [finding for finding in reading.findings if finding.code == "torn-row"]
    assert [finding.message.count("column by column") for finding in told] == [1] * 4
    assert f"Date of Injury: {CELLS['Date of Injury:']}" in told[1].message
    assert [finding for finding in verify(text) if finding.severity == "error"] == []


@pytest.mark.parametrize(
    "header",
    [
        column(LEFT) + column(RIGHT)[:-2],  # a value too few
        [*column(LEFT), CELLS["Date of Injury:"], *column(RIGHT)],  # one too many
        column(LEFT) + column(RIGHT[:2]),  # a label too few
        [*LEFT, CELLS[LEFT[0]], CELLS[LEFT[1]], *RIGHT, *[CELLS[label] for label in [*LEFT[2:], *RIGHT]]],
    ],
    ids=["value missing", "value twice", "label missing", "columns mixed"],
)
def test_a_header_whose_order_does_not_tell_is_refused(header: list[str]) -> None:
    with pytest.raises(LetterError):
        parse(letter(header))


def test_a_wrong_value_is_named_with_its_field() -> None:
    wrong = [each.replace(CELLS["UR Denial Date:"], "1O/20/2016") for each in HEADERS["columns"]]
    with pytest.raises(LetterError, match=r"expected a date such as 03/04/2025[\s\S]*case\.ur_denied_on"):
        parse(letter(wrong))
