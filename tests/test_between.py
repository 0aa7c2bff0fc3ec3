"""Families of one folder that can read one letter differently: `check` says so, with the letter and both readings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from imr_letters.wording import SHIPPED, Wording
from tests.conftest import ROOT, Run


def folder(tmp_path: Path, *families: tuple[str, tuple[str, str] | None, str]) -> Path:
    """Write copies of the shipped family of 2015, each with one replacement and what its family.toml adds."""
    made = tmp_path / "forms"
    shutil.copytree(ROOT / "templates" / "shared", made / "shared")
    for name, change, about in families:
        (made / name).mkdir()
        source = (ROOT / "templates" / "dwc-2015" / "letter.html.jinja").read_text(encoding="utf-8")
        assert change is None or change[0] in source
        (made / name / "letter.html.jinja").write_text(source.replace(*change) if change else source, encoding="utf-8")
        (made / name / "family.toml").write_text(f'title = "T"\norganization = "O"\n{about}\n')
    return made


SEPARATOR = ('licensed_in | list(",")', 'licensed_in | list(", ")')
SENTENCE = ("State(s) of Licensure", "Licensed in the state(s) of")
#: What one family prints as the licenses, the other prints as the certifications.
FIELDS = (
    'Licensure: {{ reviewer.licensed_in | list(",") }}</p>\n<p class="line">Certification(s)/Specialty: '
    '{{ reviewer.certifications | list(", ") }}',
    'Licensure: {{ reviewer.certifications | list(", ") }}</p>\n<p class="line">Certification(s)/Specialty: '
    '{{ reviewer.licensed_in | list(",") }}',
)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (None, None),
        (SENTENCE, None),
        (SEPARATOR, 'reviewer.as_printed.licensed_in is "Alpha,'),
        (FIELDS, "reviewer.licensed_in"),
    ],
    ids=["the same", "another sentence", "another separator", "fields exchanged"],
)
def test_two_families_that_read_one_letter_differently(
    tmp_path: Path, change: tuple[str, str] | None, shown: str | None
) -> None:
    found = Wording(folder(tmp_path, ("one", None, ""), ("two", change, ""))).check_between()
    if shown is None:
        assert found == ()
    else:
        assert [(each.code, each.severity) for each in found] == [("families-overlap", "warning")]
        assert shown in found[0].example
        assert "read as one" in found[0].example


def test_the_day_of_the_decision_settles_it_where_one_was_in_force(tmp_path: Path) -> None:
    old, new = "in_force_to = 2019-12-31", "in_force_from = 2020-01-01"
    made = folder(tmp_path, ("one", None, old), ("two", SEPARATOR, new), ("three", SENTENCE, ""))
    found = Wording(made).check_between()
    assert [(each.severity, each.source) for each in found] == [("note", "templates/two/family.toml")]
    assert "in force on the day of the decision is taken" in found[0].message


def test_check_names_the_others_of_one_family(run: Run, tmp_path: Path) -> None:
    made = folder(tmp_path, ("one", None, ""), ("two", SEPARATOR, ""), ("three", SENTENCE, ""))
    assert "one and two can read one letter differently" in run("check", "two", "--templates", str(made)).err
    assert "differently" not in run("check", "three", "--templates", str(made)).err
    assert run("check", "--templates", str(made)).code == 0


def test_no_two_shipped_families_read_one_letter_differently() -> None:
    assert SHIPPED.check_between() == ()
