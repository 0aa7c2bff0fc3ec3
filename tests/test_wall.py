"""The wall: the engine and the media know no review program. A second one lives on them alone (`tests/billing`)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from imr_letters.engine.choice import family_for
from imr_letters.engine.errors import DecisionError, InputError, RenderError, TemplateError
from imr_letters.engine.families import Family
from imr_letters.engine.fields import FieldType, Leaf, Members, field_type
from imr_letters.engine.parse import parse
from imr_letters.engine.records.loading import load, loads
from imr_letters.engine.render import render
from imr_letters.imr.form import FORM as IMR
from imr_letters.imr.model import guideline
from imr_letters.media import text
from imr_letters.media.table import READ, prepared
from tests.billing.form import FORM, HERE, families
from tests.conftest import ROOT

BEHIND = sorted(path for room in ("engine", "media") for path in (ROOT / "imr_letters" / room).rglob("*.py"))
RULING = HERE / "rulings" / "two-charges.yaml"

#: Names of the Californian model that are plain English or the engine's own.
PLAIN = {
    "address", "authorized", "basis", "capacity", "case", "choice", "day", "documents", "employer", "items", "list",
    "modified", "name", "names", "number", "organization", "original", "own", "pages", "prose", "remaining", "request",
    "sections", "snippet", "source", "standard", "text", "title", "values", "version", "words", "year",
}  # fmt: skip


def names(kind: FieldType) -> Iterator[str]:
    """Yield the names of fields, of values of closed sets, and of kinds of values."""
    for name, inner in kind.fields.items():
        yield name
        yield from names(inner)
    if isinstance(kind, Leaf):
        yield kind.kind
        yield from kind.choices
        yield from kind.members.tags if kind.members else ()


def californian() -> set[str]:
    values = [each for each in vars(guideline).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    inside = {name for each in values for name in each.model_fields}
    return {*names(IMR.root), *IMR.root.derived, *IMR.codecs, *inside} - PLAIN - set(FORM.codecs) | {"imr_letters.imr"}


@pytest.mark.parametrize("path", BEHIND, ids=lambda path: str(path.relative_to(ROOT / "imr_letters")))
def test_no_word_of_the_model_is_behind_the_wall(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = [word for word in californian() if re.search(rf"\b{re.escape(word)}\b", source)]
    assert not found
    # Plain words of English are fields where a path or a template names them.
    assert not re.search(r"\b(case|items?|documents)(\.(?!items\(|case)[a-z_]+\b(?!\()|\[\]|\[0\]| in items)", source)


def test_the_words_are_those_of_the_model() -> None:
    words = californian()
    assert {"recipients", "addressee", "outcome", "upheld", "rationale"} <= words
    assert {
        "clinical_summary",
        "mtus",
        "case_number",
        "reviewer_guideline",
        "licensed_in",
        "worker_representative",
    } <= words
    assert not {"us_date", "words", "reasons"} & words


def test_a_second_review_program_lives_on_the_engine_and_the_media_alone() -> None:
    """Its letters are read back from every medium, and no module of the first program is loaded."""
    done = subprocess.run([sys.executable, "-m", "tests.billing"], check=True, capture_output=True, text=True, cwd=ROOT)
    told: dict[str, Any] = json.loads(done.stdout)
    rooms = {name.split(".")[1] for name in told["modules"]}
    assert rooms == {"engine", "english", "media"}
    older, newer = told["letters"]
    for letter in (older, newer):
        assert letter["read back"] == dict.fromkeys(READ, True)
        assert letter["families"] == [letter["family"]]
    assert (older["family"], newer["family"]) == ("notice-2024", "notice-2026")
    assert older["findings"] == ['"Lamp rent" is no charge of this utility; it is kept']
    assert newer["blocks"][3:10] == [
        "Test of the meter on 01/12/2026: the dial runs fast by a tenth",
        "CHARGES IN DISPUTE",
        "The commission credits some of the charges.",
        "Late fee: Credited",
        "Billed amount: $12.50. The utility named no sheet at all",
        "Water used: The charge stands",
        "Billed amount: $1,204.50. The utility named Sheet 12, line 4",
    ]


#: A change of the shared template, and what its refusal says.
FAULTY_TEMPLATES = {
    "unknown field": (
        "{{ account | account }}",
        "{{ acount | account }}",
        'a ruling has no field "acount" (did you mean "account"?)\n'
        "remedy: use one of account, ruled_on, meter, charges, reasons",
    ),
    "wrong codec": (
        "{{ charge.cents | dollars }}",
        "{{ charge.cents | us_date }}",
        "the codec us_date does not print charges[].cents\nremedy: use dollars",
    ),
    "unknown codec": (
        "| dollars",
        "| euros",
        'there is no codec "euros" (did you mean "prose"?)\nremedy: use one of words, prose, us_date, account, '
        "dollars, ruling, tariff; other filters cannot be read back",
    ),
    "argument": (
        'tariff("The utility")',
        "tariff",
        'the codec tariff does not take 0 arguments\nremedy: such as tariff("The utility")',
    ),
    "call": (
        "{{ account | account }}",
        "{{ account() }}",
        "the expression is a call\nremedy: print a field of the ruling with a codec; what is computed cannot be read "
        "back",
    ),
    "condition": (
        "{% if meter %}",
        "{% if account %}",
        "account is always present, so this is always true\nremedy: write {% if meter %} for a field that may be "
        'absent, or {% if charge.ruling == "stands" %}; also not, !=',
    ),
    "loop": (
        "{% for charge in charges %}",
        "{% for charge in meter %}",
        "meter is not a list of parts\nremedy: loops go over lists such as charges",
    ),
    "never printed": (
        "{{ charge.cents | dollars }}",
        "paid",
        'charges[].cents is never printed, so it could not be read back\n    letters would be alike for two things:\n'
        '      1. charges[].cents is "$12.50"\n      2. charges[].cents is "$1,204.50"\n'
        "remedy: print it in every letter, such as {{ charge.cents | ... }}",
    ),
    "derived": (
        "The commission credits nothing.",
        "{{ result | words }}",
        "result follows from other fields: it is asked for, and never printed\n"
        'remedy: write {% if result == "credited in full" %} and the words for each of its values',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY_TEMPLATES)
def test_a_faulty_template_is_refused_in_the_words_of_the_program(name: str, tmp_path: Path) -> None:
    old, new, message = FAULTY_TEMPLATES[name]
    shutil.copytree(HERE / "templates", tmp_path / "templates")
    file = tmp_path / "templates" / "shared" / "notice.html.jinja"
    source = file.read_text(encoding="utf-8")
    assert old in source
    file.write_text(source.replace(old, new), encoding="utf-8")
    with pytest.raises(TemplateError) as raised:
        families(tmp_path / "templates")[0].template  # noqa: B018 - compiled when it is asked for
    assert message in str(raised.value)


#: A change of the file of a ruling, and what its refusal says.
FAULTY_RULINGS = {
    "unknown value": (
        "    ruling: stands", "    ruling: stand",
        "ruling.yaml:17:5: is none of the known values\n    ruling: stand\n    ^\nfield charges[1].ruling\n"
        "remedy: write stands or credited",
    ),
    "unknown member": (
        "source: tariff", "source: habit",
        "ruling.yaml:14:5: has no known source\n    billed_under:\n    ^\nfield charges[1].billed_under\n"
        "remedy: write source: tariff or nothing",
    ),
    "of a member": (
        "      sheet: Sheet 12, line 4\n", "",
        'ruling.yaml:14:5: "sheet" is missing\n    billed_under:\n    ^\nfield charges[1].billed_under.sheet\n'
        "remedy: write it down; see the handbook",
    ),
    "own type": (
        "cents: 120450", "cents: 1,204.50",
        "ruling.yaml:13:5: is not an amount in cents, such as 1250",
    ),
    "unknown field": (
        "ruled_on:", "rule_on:",
        'there is no field "rule_on" (did you mean "ruled_on"?)\n    rule_on: 2026-02-03\n    ^\nfield rule_on\n'
        "remedy: use one of account, ruled_on, meter, charges, reasons",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY_RULINGS)
def test_a_faulty_file_is_refused_in_the_words_of_the_program(name: str) -> None:
    old, new, message = FAULTY_RULINGS[name]
    source = RULING.read_text(encoding="utf-8")
    assert old in source
    with pytest.raises(DecisionError) as raised:
        loads(FORM, source.replace(old, new), "ruling.yaml")
    assert message in str(raised.value)


def test_what_is_no_ruling_is_called_so() -> None:
    with pytest.raises(InputError, match=r"(?s)is another text, not a ruling file\nremedy: give a ruling file; "):
        loads(FORM, "Dear Sir:\n\tthe bill: is: wrong", "letter.txt")
    with pytest.raises(DecisionError, match="holds no ruling\nremedy: see the handbook"):
        loads(FORM, "- 1", "list.yaml")


def test_the_words_of_a_value_are_kept_as_printed() -> None:
    ruling = load(FORM, HERE / "rulings" / "older.yaml")
    known = families()
    letter = text.compose(render(ruling, family_for(ruling, FORM, known)).blocks)
    reading = parse(prepared(letter.replace("no sheet at all", "no sheet at all.")).source, known)
    assert reading.decision.charges[0].as_printed == {"billed_under": "The utility named no sheet at all."}
    assert [finding.code for finding in reading.findings] == ["as-printed", "vocabulary"]
    kept = render(reading.decision, known[0])
    assert "no sheet at all.\n" in text.compose(kept.blocks)


def test_doubts_about_what_is_printed_nowhere_are_reported_without_a_place() -> None:
    form = replace(FORM, outside_vocabularies=lambda _: [("result", "the result is doubtful")])
    family = Family(HERE / "templates", "notice-2026", form)
    letter = text.compose(render(load(form, RULING), family).blocks)
    (finding,) = parse(prepared(letter, "letter.txt").source, [family]).findings
    assert finding.text() == "letter.txt: warning: the result is doubtful; it is kept\nfield result"


def test_no_family_is_chosen_out_of_its_time() -> None:
    ruling = load(FORM, RULING).model_copy(update={"ruled_on": load(FORM, RULING).ruled_on.replace(year=2020)})
    with pytest.raises(RenderError, match="no letter family that prints all of this ruling was in force on 2020-02-03"):
        family_for(ruling, FORM, families())


def test_a_family_cannot_need_what_is_always_there(tmp_path: Path) -> None:
    shutil.copytree(HERE / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "notice-2026" / "family.toml").write_text(
        'title = "Notice"\norganization = "Example Commission"\nneeds = ["account"]\n'
    )
    with pytest.raises(TemplateError, match='needs names "account", which is no field that may be absent'):
        Family(tmp_path / "templates", "notice-2026", FORM)


def test_the_members_of_unions_are_known_by_their_tags() -> None:
    item = IMR.root.fields["items"].fields
    found = {name: kind.members for name, kind in item.items() if isinstance(kind, Leaf) and kind.members}
    bases = Members("basis", ("mtus", "outside_mtus", "not_mtus", "none_cited", "unrecognized"))
    assert found == {
        "request": Members("", ("words", "modified")),
        "claims_administrator_guideline": bases,
        "reviewer_guideline": bases,
        "rationale": Members("", ("own", "snippet"), entries=True),
    }
    with pytest.raises(TypeError, match="has no kind"):
        field_type(complex)
