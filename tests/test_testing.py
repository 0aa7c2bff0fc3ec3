"""What the package ships for those who test templates: factories, strategies, `assert_round_trip`, word differences."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from imr_letters import Decision, parse, render
from imr_letters.engine.errors import RenderError
from imr_letters.english.differences import word_diff
from imr_letters.testing import assert_round_trip, make_case, make_decision, make_item, make_reviewer
from imr_letters.testing.strategies import Shapes, decisions
from imr_letters.wording import Wording
from tests.conftest import PUBLISHED, ROOT


def test_factories_are_the_same_in_every_run_and_differ_by_number() -> None:
    assert make_decision(items=3, outcome="mixed") == make_decision(items=3, outcome="mixed")
    made = [make_decision(number=number) for number in range(20)]
    assert len({decision.model_dump_json() for decision in made}) == 20
    assert len({decision.items[0].request for decision in made}) == 20


def test_factories_take_what_a_test_is_about() -> None:
    decision = make_decision(
        items=3,
        outcome=["upheld", "overturned", "upheld"],
        reviewer=make_reviewer(subspecialty="Spine Surgery"),
        case=make_case(decided_on=date(2014, 5, 6), priority="expedited"),
        clinical_summary="Another worker.",
    )
    assert [item.outcome for item in decision.items] == ["upheld", "overturned", "upheld"]
    assert decision.case is not None
    assert (decision.case.decided_on, decision.case.priority) == (date(2014, 5, 6), "expedited")
    assert (decision.reviewer.subspecialty, decision.clinical_summary) == ("Spine Surgery", "Another worker.")
    assert make_decision(case=None).case is None
    assert make_decision(items=[make_item("overturned", request="Rest")]).items[0].request == "Rest"
    assert render(decision).family == "dwc-2014"


@pytest.mark.parametrize(
    ("outcome", "whole"), [("upheld", "uphold"), ("overturned", "overturn"), ("mixed", "partial overturn")]
)
def test_factories_make_sound_decisions(outcome: str, whole: str) -> None:
    for number in range(8):
        decision = make_decision(items=2, outcome=outcome, number=number)  # type: ignore[arg-type]
        assert decision.outcome == whole
        assert_round_trip(decision)


def test_an_outcome_is_needed_for_each_item() -> None:
    with pytest.raises(ValueError, match="3 items need 3 outcomes, not 2"):
        make_decision(items=3, outcome=["upheld", "overturned"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_round_trip_returns_the_letter(name: str) -> None:
    letter = assert_round_trip(make_decision(items=2), name, pdf=True)
    assert letter.family == name
    assert parse(letter.text).decision == make_decision(items=2)


def test_mailed_decisions_are_made_too() -> None:
    for number in range(4):
        decision = make_decision(items=2, outcome="mixed", number=number, mailed=True)
        assert assert_round_trip(decision, pdf=number == 0).family == "final-determination"


@settings(max_examples=10)
@given(decision=decisions("final-determination", most_items=2))
def test_strategies_fit_the_mailed_letter(decision: Decision) -> None:
    assert decision.addressee is not None
    assert_round_trip(decision, "final-determination")


def test_a_round_trip_fails_with_the_message_of_an_editor(tmp_path: Path) -> None:
    copytree(ROOT / "templates", tmp_path / "templates")
    file = tmp_path / "templates" / "shared" / "determination.html.jinja"
    file.write_text(file.read_text(encoding="utf-8").replace("item.outcome | outcome", "item.outcome"), "utf-8")
    with pytest.raises(AssertionError, match=r"(?s)^1 finding\n.*has no codec.*remedy: say how it is printed"):
        assert_round_trip(make_decision(), templates=tmp_path / "templates")
    nasty = make_decision(clinical_summary="First.\n\nIMR ISSUES, DECISIONS AND RATIONALES")
    with pytest.raises(AssertionError, match="clinical_summary"):
        assert_round_trip(nasty)


#: A family in other words than the shipped ones: no header, names and outcomes elsewhere.
_OTHER = """\
<h1>Our finding</h1>
<p>Licence: {{ reviewer.licensed_in | list(", ") }}</p>
<p>Specialty: {{ reviewer.certifications | list(", ") }}</p>
<h1>What happened</h1>
<p>{{ clinical_summary | prose }}</p>
{% for item in items %}
<h2>Asked for: {{ item.request | request }}</h2>
<p>Finding: {{ item.outcome | outcome }}</p>
<p>First looked at: {{ item.claims_administrator_guideline | guideline("The insurer") }}</p>
<p>Now looked at: {{ item.reviewer_guideline | guideline("Our physician") }}</p>
<p>Because: {{ item.rationale | rationale }}</p>
{% endfor %}
<p>End of the finding.</p>
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("other") / "templates"
    copytree(ROOT / "templates" / "shared", root / "shared")
    (root / "ours").mkdir()
    (root / "ours" / "letter.html.jinja").write_text(_OTHER, encoding="utf-8")
    (root / "ours" / "family.toml").write_text('title = "Finding"\norganization = "Example"\n', encoding="utf-8")
    return root


@settings(max_examples=25)
@given(data=st.data())
def test_strategies_fit_a_family_of_other_words(data: st.DataObject, other: Path) -> None:
    decision = data.draw(decisions("ours", templates=other))
    assert decision.case is None
    assert_round_trip(decision, "ours", templates=other)


@pytest.mark.parametrize("part", ["Because:", "Finding", "Asked for"])
def test_strategies_draw_the_words_of_the_family(other: Path, part: str) -> None:
    shapes = Shapes([Wording(other).family("ours")])
    assert part in find(shapes.words, lambda words: part in words, settings=settings(max_examples=20_000))


def test_strategies_leave_out_what_is_refused(other: Path) -> None:
    @settings(max_examples=30, database=None)
    @given(decisions("ours", templates=other))
    def draw(decision: object) -> None:
        try:
            render(decision, "ours", templates=other)  # type: ignore[arg-type]
        except RenderError as error:
            raise AssertionError from error

    draw()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a b c", ""),
        ("one\ntwo three", "one two\nfour", "line 2: one two [-three-] {+four+}"),
        ("a b", "a b c", "line 1: a b {+c+}"),
        ("a b c", "a c", "line 1: a [-b-] c"),
        ("", "a", "line 1: {+a+}"),
        ("a", "", "line 1: [-a-]"),
    ],
)
def test_word_differences(before: str, after: str, shown: str) -> None:
    assert word_diff(before, after) == shown


def test_word_differences_are_shown_with_words_around_and_not_all() -> None:
    words = [f"w{number}" for number in range(1000)]
    changed = [f"{word}x" if number % 50 == 25 else word for number, word in enumerate(words)]
    lines = word_diff(" ".join(words), " ".join(changed)).splitlines()
    assert lines[0] == "line 1: ... w19 w20 w21 w22 w23 w24 [-w25-] {+w25x+} w26 w27 w28 w29 w30 w31 ..."
    assert (len(lines), lines[-1]) == (13, "and 8 more")


def test_lines_are_shown_where_only_they_differ() -> None:
    assert word_diff("a b\nc\n", "a\nb c\n") == (
        "the words are the same, white space or line ends differ:\n@@ -1,2 +1,2 @@\n-a b\n-c\n+a\n+b c"
    )


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    """pytest loads the plugin at every start; coverage would also miss what was imported before it began."""
    code = "import sys; import imr_letters.testing.plugin; print(*sorted(n for n in sys.modules if 'imr_letters' in n))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["imr_letters", "imr_letters.testing", "imr_letters.testing.plugin"]


def test_the_door_gives_functions_whatever_was_imported_before() -> None:
    code = """
import imr_letters.engine.parse, imr_letters.engine.render, imr_letters.verification
import imr_letters
assert all(callable(getattr(imr_letters, name)) for name in imr_letters.__all__)
from imr_letters import parse, render, verify
assert [each.__module__ for each in (parse, render, verify)] == ["imr_letters.api"] * 3
from imr_letters import testing
assert all(callable(getattr(testing, name)) for name in testing.__all__)
for module in (imr_letters, testing):
    try:
        module.nothing
    except AttributeError as error:
        assert "nothing" in str(error)
    else:
        raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
