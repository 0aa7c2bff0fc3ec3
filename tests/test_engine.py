"""The two-way engine on families that are not shipped: what an editor changes, the parser follows."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from imr_letters import Decision, load, parse, render, samples
from imr_letters.engine.errors import AmbiguousError, DriftError, ImrLettersError
from imr_letters.engine.grammar.nodes import Alternative, BlockNode, Lit, LoopNode, Origin, Val
from imr_letters.engine.matching.automaton import Automaton, Failure
from imr_letters.explaining import explain
from imr_letters.imr.codecs import CODECS
from imr_letters.media import text
from imr_letters.testing.factories import make_decision, make_reviewer
from imr_letters.wording import SHIPPED
from tests import strategies
from tests.conftest import ROOT

#: Reworded, reordered, with an optional paragraph, with an outcome that only the choice of words shows, and with the
#: requests printed twice.
REWORDED = """
<article>
<h1>NOTICE OF DETERMINATION</h1>
{% for item in items %}
<p>Request in dispute: {{ item.request | request }}</p>
{% if item.outcome == "overturned" %}
<p>We find this treatment medically necessary.</p>
{% else %}
<p>We do not find this treatment medically necessary.</p>
{% endif %}
<p>Why: {{ item.rationale | rationale }}</p>
<p>Relied on by the reviewer: {{ item.reviewer_guideline | guideline("The reviewer") }}</p>
<p>Relied on by the claims administrator: {{ item.claims_administrator_guideline | guideline("It") }}</p>
{% endfor %}
<h1>ABOUT THE REVIEWER</h1>
<p>Licensed in {{ reviewer.licensed_in | list(", ") }}</p>
<p>Certified in {{ reviewer.certifications | list(", ") }}</p>
{% if reviewer.subspecialty %}
<p>Subspecialty of the reviewer: {{ reviewer.subspecialty | words }}</p>
{% endif %}
<h1>THE CASE</h1>
<p>Summary: {{ clinical_summary | prose }}</p>
{% if case %}
<p>Case {{ case.number | case_number }} ({{ case.priority | priority }}), injured on {{ case.injured_on | us_date }},
assigned on {{ case.assigned_on | us_date }}, denied on {{ case.ur_denied_on | us_date }},
applied for on {{ case.application_received_on | us_date }}, decided on {{ case.decided_on | us_date }}</p>
{% else %}
<p>The header of this case is lost.</p>
{% endif %}
<h1>ALL REQUESTS AGAIN</h1>
{% for each in items %}
<p>Once more: {{ each.request | request }} ({{ each.outcome | outcome }})</p>
{% endfor %}
</article>
"""


@pytest.fixture(scope="module")
def reworded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("templates")
    (root / "reworded").mkdir()
    (root / "reworded" / "letter.html.jinja").write_text(REWORDED)
    (root / "reworded" / "family.toml").write_text('title = "Notice"\norganization = "Invented Reviews"\n')
    (root / "shared").mkdir()
    (root / "shared" / "letter.css").write_text("")
    return root


@given(data=st.data())
def test_a_reworded_family_goes_both_ways(reworded: Path, data: st.DataObject) -> None:
    decision = data.draw(strategies.decisions("dwc-2014", most_items=3))
    letter = render(decision, "reworded", templates=reworded)
    assert parse(letter.text, templates=reworded).decision == decision


def test_a_letter_that_contradicts_itself_is_refused(reworded: Path) -> None:
    letter = render(load(samples.decisions()[0]), "reworded", templates=reworded).text
    with pytest.raises(DriftError):
        parse(letter.replace("(Upheld)", "(Uphold)"), templates=reworded)
    for old, new in (("(Upheld)", "(Overturned)"), ("Once more: ", "Once more: not ")):
        with pytest.raises(Exception, match=r"twice|only where"):
            parse(letter.replace(old, new), templates=reworded)


def _block(*elements: Lit | Val) -> BlockNode:
    return BlockNode("p", (Alternative((), elements),), Origin("test", 1))


def _value(name: str, reach: str = "words") -> Val:
    return Val((name,), CODECS.make(reach), Origin("test", 1))


def _lit(words: str) -> Lit:
    return Lit(words, Origin("test", 1))


def test_every_reading_is_found() -> None:
    """Grammars the template check would refuse: the matcher still finds that they read in several ways."""
    two_values = Automaton((_block(_value("a"), _lit(", "), _value("b")),))
    found = two_values.read(["x, y, z"])
    assert not isinstance(found, Failure)
    assert [trace.steps[0][1] for trace in found] == [("x", "y, z"), ("x, y", "z")]

    two_proses = Automaton((_block(_value("a", "prose")), _block(_value("b", "prose"))))
    found = two_proses.read(["one", "two", "three"])
    assert not isinstance(found, Failure)
    assert len(found) == 2

    loop = LoopNode(("items",), optional=False, body=(_block(_value("a", "prose")),), origin=Origin("test", 1))
    found = Automaton((loop,)).read(["one", "two"])
    assert not isinstance(found, Failure)
    assert len(found) == 2


@given(
    st.lists(st.sampled_from(["a", "b", ", ", " by ", "; "]), max_size=14).map("".join),
    st.sampled_from([[", "], [", ", "; "], [" by ", ", "]]),
)
def test_readings_of_a_block_are_those_of_brute_force(block: str, marks: list[str]) -> None:
    elements: list[Lit | Val] = [_value("v0")]
    for index, mark in enumerate(marks, start=1):
        elements += [_lit(mark), _value(f"v{index}")]
    block = " ".join(block.split())
    expected = set(_brute(block, marks)) if block else set()
    found = Automaton((_block(*elements),)).read([block]) if block else []
    readings = set() if isinstance(found, Failure) else {trace.steps[0][1] for trace in found}
    assert readings <= expected
    assert len(readings) == min(len(expected), 4)


def _brute(block: str, marks: list[str]) -> Iterator[tuple[str, ...]]:
    if not marks:
        if block and block[0] != " " != block[-1]:
            yield (block,)
        return
    for at in range(len(block)):
        if block.startswith(marks[0], at) and at and block[0] != " " != block[at - 1]:
            for rest in _brute(block[at + len(marks[0]) :], marks[1:]):
                yield (block[:at], *rest)


def test_two_families_that_read_a_letter_differently_are_an_error(tmp_path: Path) -> None:
    for name, days in (("one", ("assigned_on", "injured_on")), ("two", ("injured_on", "assigned_on"))):
        (tmp_path / name).mkdir()
        source = REWORDED.replace("assigned_on", "FIRST").replace("injured_on", days[1]).replace("FIRST", days[0])
        (tmp_path / name / "letter.html.jinja").write_text(source)
        (tmp_path / name / "family.toml").write_text('title = "Notice"\norganization = "Invented Reviews"\n')
    decision = load(samples.decisions()[5])
    letter = render(decision, "one", templates=tmp_path).text
    assert parse(letter, "one", templates=tmp_path).decision == decision
    with pytest.raises(AmbiguousError, match="as one and as two"):
        parse(letter, templates=tmp_path)


@pytest.mark.parametrize(
    ("in_force", "expected"),
    [
        (("in_force_to = 2000-01-01", "in_force_from = 2000-01-02"), "two"),
        (("in_force_from = 2000-01-02", "in_force_to = 2000-01-01"), "one"),
        (("", ""), "one"),
    ],
)
def test_a_letter_is_read_by_the_family_in_force_or_else_as_it_would_be_printed(
    tmp_path: Path, in_force: tuple[str, str], expected: str
) -> None:
    """An old family prints its lists with a comma alone, the new one with a comma and a space."""
    shipped = (ROOT / "templates" / "dwc-2015" / "letter.html.jinja").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "templates" / "shared", tmp_path / "shared")
    for name, separator, dates in zip(("one", "two"), (",", ", "), in_force, strict=True):
        (tmp_path / name).mkdir()
        source = shipped.replace('licensed_in | list(",")', f'licensed_in | list("{separator}")')
        (tmp_path / name / "letter.html.jinja").write_text(source, encoding="utf-8")
        (tmp_path / name / "family.toml").write_text(f'title = "T"\norganization = "O"\n{dates}\n')
    decision = make_decision(reviewer=make_reviewer(licensed_in=("California", "Texas")))
    letter = render(decision, "one", templates=tmp_path).text
    reading = parse(letter, templates=tmp_path)
    assert reading.family == expected
    assert (reading.decision == decision) == (expected == "one")


@pytest.mark.parametrize("name", sorted(SHIPPED.families))
def test_explain(name: str, snapshot: SnapshotAssertion) -> None:
    assert explain(SHIPPED.family(name)) == snapshot


def test_the_sample_letters_are_up_to_date() -> None:
    assert samples.remake(check=True) == []


def test_the_alphabet_is_that_of_the_fonts() -> None:
    from tests.alphabet import table

    assert (ROOT / "imr_letters" / "engine" / "alphabet.txt").read_text() == table()


def _letter(paragraphs: int) -> str:
    decision = load(samples.decisions()[0])
    prose = "\n\n".join(f"Paragraph {number} says: the knee was stable, twice." for number in range(paragraphs))
    return render(Decision.model_validate({**decision.data(), "clinical_summary": prose})).text


def test_reading_time_grows_linearly() -> None:
    """Ten times the letter takes about ten times as long; a square would take a hundred times."""
    short, long = _letter(3_000), _letter(30_000)
    assert len(long) > 1_300_000
    times = []
    for letter in (short, long):
        start = time.process_time()
        parse(letter)
        times.append(time.process_time() - start)
    assert times[1] < 70 * times[0]


@pytest.mark.parametrize(
    "hostile",
    [
        "x, has a subspecialty in " * 10_000,
        "MRI: Upheld" * 20_000,
        "Case Number: " * 15_000,
        "Decision rationale: \n\n" * 7_500,
        "a-\n" * 40_000,
        ": " * 100_000,
        "\n\n\n" * 50_000 + "x",
    ],
    ids=["subspecialty", "outcome", "label", "fences", "hyphens", "colons", "blank"],
)
def test_hostile_letters_get_an_error_soon(hostile: str) -> None:
    start = time.process_time()
    with pytest.raises(ImrLettersError):
        parse(hostile)
    sound = render(load(samples.decisions()[7])).text
    for damaged in (sound.replace("Neurology", hostile[:150_000]), sound + hostile, hostile + sound):
        with contextlib.suppress(ImrLettersError):
            parse(damaged)
    assert time.process_time() - start < 15


def test_wrapping_is_undone_exactly() -> None:
    words = "long- term " * 40 + "x" * 200 + " a- " * 50 + "end"
    folded = " ".join(words.split())
    lines = text.wrap(folded).split("\n")
    assert " ".join(lines) == folded
    assert not any(line.endswith("-") for line in lines)
