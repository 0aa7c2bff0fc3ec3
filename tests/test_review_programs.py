"""Other review programs by templates alone: each family of tests/review_programs declares its own fields."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from imr_letters import letters
from imr_letters.cover import cover
from imr_letters.engine.errors import DecisionError, LetterError, RenderError, TemplateError
from imr_letters.lint import Scope, lint_source
from imr_letters.publish.edition import edition
from imr_letters.wording import Wording, forget
from tests import declared_families
from tests.conftest import ROOT, Run

HERE = ROOT / "tests" / "review_programs"
PROGRAMS = Wording(HERE / "templates")
NAMES = sorted(PROGRAMS.families)


def decision_file(name: str) -> Path:
    return HERE / "decisions" / f"{name}.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_of_each_program_is_proved_printed_and_read_back(name: str) -> None:
    family = PROGRAMS.family(name)
    assert str(family.template.proof).startswith("proved")
    decision = PROGRAMS.loads(decision_file(name).read_bytes(), name, name)
    letter = letters.render(decision, name, PROGRAMS)
    for made in (letter.text, letter.pdf()):
        read = letters.parse(made, wording=PROGRAMS)
        assert (read.decision, read.family) == (decision, name)
    assert not [each for each in letters.verify(letter.pdf(), wording=PROGRAMS) if each.severity == "error"]
    assert not [each for each in letters.verify(decision, name, PROGRAMS) if each.severity == "error"]
    assert (family.form.number_of(decision) or "no number") in letter.title


@pytest.mark.parametrize("name", NAMES)
def test_the_rules_that_hold_everywhere_find_what_is_left_in_a_letter_of_each_program(name: str) -> None:
    source = decision_file(name).read_text(encoding="utf-8")
    scope = Scope(name, PROGRAMS)
    assert not [each for each in lint_source(source, name, scope, is_decision=True) if each.severity == "error"]
    assert source.count("\n\n") >= 1
    spoilt = source.replace("\n\n", " Call 916-555-0123 by TBD, since 02/30/2026.\n\n", 1)
    codes = {each.code for each in lint_source(spoilt, name, scope, is_decision=True)}
    assert {"privacy-phone", "placeholder", "date-impossible"} <= codes


def test_words_outside_a_declared_vocabulary_are_kept_and_reported() -> None:
    letter = letters.render(PROGRAMS.loads(decision_file("texas-review").read_bytes()), None, PROGRAMS)
    (finding,) = letters.parse(letter.text, wording=PROGRAMS).findings
    assert finding.field == "criteria[1].source"
    assert finding.message == '"Regional spine society handbook" is not in the vocabulary of this field; it is kept'


def test_the_number_of_an_entry_is_held_against_its_place() -> None:
    letter = letters.render(PROGRAMS.loads(decision_file("notice-2013").read_bytes()), None, PROGRAMS)
    assert "\n2) Invented Review Organization" in letter.text
    with pytest.raises(LetterError, match="expected 2, the number of the entry, and found 3"):
        letters.parse(letter.text.replace("\n2) ", "\n3) "), wording=PROGRAMS)


def test_a_decision_of_another_program_is_refused_by_the_names_of_its_fields() -> None:
    source = decision_file("plan-review").read_bytes()
    with pytest.raises(RenderError) as raised:
        PROGRAMS.loads(source, "plan.yaml", "texas-review")
    message = raised.value.findings[0].message
    assert message.startswith(
        "family texas-review does not have case, specialties, questions, reasons, and needs qualif"
    )
    decision = PROGRAMS.loads(source)
    with pytest.raises(RenderError, match=r"(?s)family texas-review does not have .*remedy: choose a family that has"):
        letters.render(decision, "texas-review", PROGRAMS)
    with pytest.raises(DecisionError, match='there is no field "plann"'):
        PROGRAMS.loads(source.replace(b"plan:", b"plann:"), "plan.yaml", "plan-review")


#: What a family.toml declares, and what is said about it, after the name of the file.
FAULTY = {
    "unknown kind": (
        '[fields.room]\nkind = "number"',
        ":4: fields.room.kind is not an allowed value\nremedy: write 'words', 'prose', 'date', 'choice', "
        "'whole number', 'amount', 'yes or no', 'list' or 'table'",
    ),
    "unknown key": (
        '[fields.room]\nkind = "words"\nplce = "case"',
        ':5: there is no key "plce" (did you mean "place"?)\nremedy: use one of kind, label, ',
    ),
    "clash with the program": (
        '[fields.number]\nkind = "words"\nplace = "case"',
        ':3: case.number is a field of a decision already\nremedy: give it another name; or replace the field: '
        'leave_out = ["case.number"]',
    ),
    "clash with another": (
        '[fields.a]\nkind = "words"\nname = "room"\n[fields.b]\nkind = "prose"\nname = "room"',
        ":6: b and a are both room\nremedy: give one of them another name or place",
    ),
    "clash with a constant": (
        '[fields.title]\nkind = "words"',
        ':3: "title" is a constant of the family: what family.toml says\nremedy: give the field another name',
    ),
    "a name that means something": (
        '[fields.items]\nkind = "words"\nplace = "case"',
        ':3: "items" means something else already\nremedy: give the field another name',
    ),
    "a name that is none": (
        '[fields."Room No"]\nkind = "words"',
        ':3: "Room No" is no name of a field\nremedy: use small letters, digits and _',
    ),
    "colliding choices": (
        '[fields.level]\nkind = "choice"\nchoices = { low = "Level", high = "Level" }',
        ':5: low and high are both printed as "Level": a letter could not tell which\nremedy: give each its own words',
    ),
    "a choice of nothing": (
        '[fields.level]\nkind = "choice"',
        ':3: level is a choice of nothing\nremedy: write [fields.level.choices] and value = "Words" for each',
    ),
    "a pattern of too much": (
        '[fields.room]\nkind = "words"\npattern = ".*"\nexample = "12"',
        ':5: the pattern ".*" can match too much, or has parts that letters cannot be read by\nremedy: write '
        "characters and classes of them, each with how often: [A-Z]{2}[0-9]{2}-[0-9]{7}",
    ),
    "a pattern of nothing": (
        '[fields.room]\nkind = "words"\npattern = "[9-0]{2}"\nexample = "12"',
        ':5: the pattern "[9-0]{2}" cannot be read: bad character range 9-0',
    ),
    "a pattern that does not match": (
        '[fields.room]\nkind = "words"\npattern = "[0-9]{3}"\nexample = "12"',
        ':5: the pattern does not match its example "12"\nremedy: change one of the two',
    ),
    "withheld and needed": (
        '[fields.member]\nkind = "words"\nwithheld = true',
        ":5: member is withheld from the public edition, which could then not be made: it is needed\n"
        "remedy: write needed = false",
    ),
    "a vocabulary that is missing": (
        '[fields.room]\nkind = "words"\nvocabulary = "rooms.txt"',
        ':5: the vocabulary "rooms.txt" is not in the folder of the family\nremedy: put a text file there with one '
        "entry on each line",
    ),
    "left out what is not there": (
        'leave_out = ["case.nummer"]',
        ':3: leave_out names "case.nummer", which is no field (did you mean "case.number"?)',
    ),
    "a place that is a field": (
        '[fields.room]\nkind = "words"\nplace = "case.number"',
        ':5: room is placed in "case.number", which is no group of fields\nremedy: use one of letter, case, parties, ',
    ),
    "asked of nobody": (
        '[fields.room]\nkind = "words"\nasked_of = "nurses"',
        ':5: asks "nurses", whom nobody knows (did you mean "nurse"?)\nremedy: use one of operations, nurse, reviewer',
    ),
    "a table without columns": (
        '[fields.rooms]\nkind = "table"',
        ":3: rooms is a table without columns\nremedy: write [fields.rooms.columns.NAME] for each",
    ),
    "nested without end": ("x = " + "[" * 5_000 + "]" * 5_000, "cannot be read: nested too deep\nremedy: "),
    "nested deep": ("x = " + "[" * 12 + "]" * 12, ":3: x.0 is nested too deep\nremedy: write it as the docs show it"),
    "an endless number": ("in_force_from = " + "9" * 5_000, "cannot be read: "),
    "an infinite number": ("needs = inf", ":3: needs: input should be a valid tuple"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_declaration_is_one_message_with_file_line_and_remedy(name: str, tmp_path: Path) -> None:
    declared, message = FAULTY[name]
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "letter.html.jinja").write_text("<p>{{ title }}</p>")
    (folder / "family.toml").write_text(f'title = "Letter"\norganization = "Invented Reviews"\n{declared}\n')
    forget()
    with pytest.raises(TemplateError) as raised:
        Wording(tmp_path).families  # noqa: B018 - read when they are asked for
    assert len(raised.value.findings) == 1
    said = raised.value.findings[0].text()
    assert said.startswith("templates/ours/family.toml:")
    assert message in said


def test_the_public_edition_lacks_what_a_family_withholds() -> None:
    source = decision_file("plan-review").read_text(encoding="utf-8").replace("Sample Member", "Ondrea Qvortrup")
    source = source.replace("The records show", "The records of Ondrea Qvortrup show")
    decision = PROGRAMS.loads(source, "", "plan-review")
    public = edition(decision, wording=PROGRAMS)
    assert public.decision.data()["case"].keys() == {"reference", "decided_on", "plan", "billed"}
    assert public.name == "EXT-2026-00041"
    assert "Qvortrup" not in public.letter().text
    assert "Member:" not in public.letter().text
    read = letters.parse(public.to("pdf"), "plan-review", PROGRAMS).decision
    assert read == public.decision


def test_a_family_without_a_stylesheet_has_the_heads_that_its_title_gives() -> None:
    css = PROGRAMS.family("texas-review").css
    assert 'content: "Notice of Independent Review Decision"' in css
    assert "{{" not in css


def test_letters_of_other_programs_are_made_and_read_in_batches(tmp_path: Path, run: Run) -> None:
    folder = ("--templates", HERE / "templates")
    for name in ("plan-review", "notice-2013"):
        (tmp_path / "decisions").mkdir(exist_ok=True)
        shutil.copy(decision_file(name), tmp_path / "decisions")
    assert run("batch", "render", "decisions", "-o", "out", "-j", "1", *folder).code == 0
    assert len(list((tmp_path / "out").rglob("*.pdf"))) == 2
    assert run("batch", "parse", "out", "-o", "table.jsonl", "-j", "1", *folder).code == 0
    rows = [json.loads(line) for line in (tmp_path / "table.jsonl").read_text(encoding="utf-8").splitlines()]
    plan, notice = sorted(rows, key=lambda row: row["family"], reverse=True)
    assert (plan["number"], plan["case.billed"], plan["specialties"]) == (
        "EXT-2026-00041",
        "1204.50",
        "Internal Medicine, Sleep Medicine",
    )
    assert [each["decision"] for each in plan["questions"]] == ["overturn", "uphold"]
    assert (notice["number"], notice["items"], notice["upheld"]) == ("CM13-0004217", 2, 1)
    items = [json.loads(line) for line in (tmp_path / "table-items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(each["outcome"], each["guideline"][:4]) for each in items] == [("upheld", "Knee"), ("overturned", "Chro")]


@pytest.mark.parametrize("name", NAMES)
def test_invented_decisions_take_every_branch_of_each_program(name: str) -> None:
    made = cover(PROGRAMS.family(name))
    assert not made.missed
    for decision, _ in made.decisions:
        assert letters.parse(letters.render(decision, name, PROGRAMS).text, name, PROGRAMS).decision == decision


@pytest.mark.parametrize("seed", range(12))
def test_the_laws_hold_for_generated_families(seed: int, tmp_path: Path) -> None:
    assert declared_families.check(seed, tmp_path) > 0
