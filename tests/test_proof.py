"""The verdict on templates: what is proved has one reading, what is refused is refused with a letter that has two."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from imr_letters.engine.checks import product as products
from imr_letters.engine.checks import proof as proofs
from imr_letters.engine.checks import totality, whole
from imr_letters.engine.checks.facts import Domains
from imr_letters.engine.errors import Finding, TemplateError
from imr_letters.engine.matching.automaton import Failure
from imr_letters.engine.matching.fences import Fences
from imr_letters.engine.matching.readback import read_back
from imr_letters.engine.template import build
from imr_letters.engine.template.compiled import Template, view
from imr_letters.imr.form import FORM
from imr_letters.imr.model import Addressee, Decision, Document, Recipient
from imr_letters.testing.factories import make_case, make_decision, make_item, make_reviewer
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = tomllib.loads((ROOT / "tests" / "cases" / "proofs.toml").read_text(encoding="utf-8"))[
    "case"
]
PARTS = {
    "credentials": '<p>Certified: {{ reviewer.certifications | list(", ") }}</p>'
    '<p>Licensed: {{ reviewer.licensed_in | list(", ") }}</p>',
    "summary": "<p>{{ clinical_summary | prose }}</p>",
    "title": "<h2>Disputed: {{ item.request | request }}: {{ item.outcome | outcome }}</h2>",
    "lines": '<p>Theirs: {{ item.claims_administrator_guideline | guideline("The Claims Administrator") }}</p>'
    '<p>Ours: {{ item.reviewer_guideline | guideline("The Expert Reviewer") }}</p>',
    "rationale": "<p>Rationale: {{ item.rationale | rationale }}</p>",
    "header": "{% if case %}<p>Number: {{ case.number | case_number }}</p>"
    "<p>Assigned: {{ case.assigned_on | us_date }}</p><p>Injured: {{ case.injured_on | us_date }}</p>"
    "<p>Decided: {{ case.decided_on | us_date }}</p><p>Denied: {{ case.ur_denied_on | us_date }}</p>"
    "<p>Received: {{ case.application_received_on | us_date }}</p>"
    "<p>Priority: {{ case.priority | priority }}</p>{% endif %}",
}
FORM_OF_ALL = (
    "<h1>CREDENTIALS</h1>{credentials}<h1>SUMMARY</h1>{summary}<h1>ISSUES</h1>{first}{before}"
    "{{% for item in items %}}{title}{inside}{lines}{rationale}{last}{{% endfor %}}{header}{end}"
)


def placed() -> Iterator[tuple[str, dict[str, Any], str]]:
    for case in CASES:
        for slot in case.get("slots", [""]):
            parts = {**PARTS, **dict.fromkeys(("first", "before", "inside", "last", "end"), "")}
            parts |= {name: case[name] for name in PARTS if name in case}
            if case.get("needs"):  # the header comes first, so that what is asked for is known
                parts |= {"first": parts["header"], "header": ""}
            if slot:
                parts[slot] = case["fragment"]
            yield f"{case['name']}{'-' * bool(slot)}{slot}", case, FORM_OF_ALL.format(**parts)


ALL = list(placed())
each_case = pytest.mark.parametrize(
    ("case", "source"), [pytest.param(case, source, id=name) for name, case, source in ALL]
)


def compiled(source: str, needs: tuple[str, ...] = ()) -> Template:
    return Template("t.jinja", {"t.jinja": source}.get, ["t.jinja"], FORM.language, needs)


def verdict(source: str, needs: tuple[str, ...] = ()) -> tuple[str, list[Finding]]:
    try:
        compiled(source, needs)
    except TemplateError as error:
        return error.findings[0].code, list(error.findings)
    return "proved", []


def decisions() -> Iterator[Decision]:
    """Yield decisions that differ in what templates ask for, and in values that look like each other."""
    people: list[dict[str, Any]] = [
        {},
        {
            "recipients": (Recipient(name="Alpha Beta", capacity="employer"),),
            "addressee": Addressee(name="Alpha Beta", address=("100 Alpha Street", "Beta, CA 95814")),
        },
    ]
    documents = [None, (Document(title="Note", source="Alpha"), Document(title="Report", source="Beta"))]
    for header, subspecialty, person, papers, outcomes in product(
        (None, "standard", "expedited"),
        (None, "Spine Surgery", "Alpha Beta"),
        people,
        documents,
        (("upheld",), ("overturned",), ("upheld", "overturned"), ("overturned", "upheld")),
    ):
        yield make_decision(
            case=None if header is None else make_case(priority=header),
            reviewer=make_reviewer(subspecialty=subspecialty),
            documents=papers,
            items=tuple(make_item(outcome=outcome) for outcome in outcomes),
            **person,
        )


POOL = list(decisions())


@each_case
def test_verdict(case: dict[str, Any], source: str) -> None:
    found, findings = verdict(source, tuple(case.get("needs", ())))
    if case["verdict"] == "refused":
        assert found != "proved"
    else:
        assert found == case["verdict"], [str(each) for each in findings]
    for each in findings:
        assert "for two things" in each.example or each.code in ("codec-argument", "not-proved"), each


@each_case
def test_two_decisions_never_print_one_letter_of_a_proved_template(case: dict[str, Any], source: str) -> None:
    if case["verdict"] != "proved":
        return
    template = compiled(source, tuple(case.get("needs", ())))
    printed = {
        path[0] if path[0] != "reviewer" else path[:2] for path, _ in totality._tellings(template.grammar.nodes, ())
    }
    letters: dict[tuple[str, ...], dict[str, Any]] = {}
    read = 0
    for decision in POOL:
        lost = [
            name
            for name in ("case", "documents", "recipients", "addressee")
            if getattr(decision, name) and name not in printed
        ]
        if lost or (decision.reviewer.subspecialty and ("reviewer", "subspecialty") not in printed):
            continue
        if decision.case is None and "case" in case.get("needs", ()):
            continue
        blocks = tuple(template.blocks(view(decision)))
        data = decision.data()
        assert letters.setdefault(blocks, data) == data
        traces = template.automaton.read(blocks)
        if isinstance(traces, Failure):
            continue  # words that run into the fixed ones are refused, and say so
        read += 1
        sound = [found.data for found in map(read_back, traces) if not found.faults]
        assert len(sound) == 1
    assert read > 3 or "warning" in case or "capacity" in source


@each_case
def test_warning(case: dict[str, Any], source: str) -> None:
    if case["verdict"] == "proved":
        said = [each.message for each in compiled(source, tuple(case.get("needs", ()))).warnings]
        assert any(case["warning"] in each for each in said) if "warning" in case else said == []


@pytest.mark.parametrize(
    ("fence", "words"),
    [
        (", dated ", "Progress note dated 05/04/2016"),
        (", dated ", "MRI report dated May 4, 2016"),
        (", dated ", "Questionnaire, rated 7"),
        (", received from ", "Fax received from Dr. A"),
        (", with ", "Smith with Jones LLP"),
        (" licensed in ", "Texas, also licensed inland"),
    ],
)
def test_what_is_near_to_one_or_two_words_is_no_fence(fence: str, words: str) -> None:
    assert Fences(inside=[fence]).hit(words) is None


@pytest.mark.parametrize(
    ("fence", "words"),
    [
        (", with ", "Smith, with Jones LLP"),
        (" licensed in ", "licensed in Texas"),
        (" licensed in ", "once licensed in"),
        (", has a subspecialty in ", "Pain Medicine has a subspecialty in Surgery"),
        (", and is licensed to practice in ", "Surgery; and is licensed to practice in Texas"),
    ],
)
def test_fixed_words_are_a_fence(fence: str, words: str) -> None:
    assert Fences(inside=[fence]).hit(words) == fence


#: Rules of the check, each with how it is switched off.
RULES: dict[str, tuple[object, str, Any]] = {
    "every field is told on every path": (whole, "check_total", lambda *_: None),
    "paragraphs are divided in one way": (build, "two_divisions", lambda _: None),
    "facts that exclude each other are two decisions": (Domains, "disjoint", lambda *_: ()),
    "readings that part are two decisions": (products, "_surely_apart", lambda *_: True),
    "values read alike are the same": (Domains, "read_alike", lambda _s, _p, one, other, _l: [(one, other)]),
    "what is printed in every letter is known": (proofs, "always_printed", lambda *_: frozenset()),
    "optional lists may be absent": (totality, "_values", lambda condition, _: condition.choices or ("",)),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_of_the_check_is_noticed(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, off = RULES[rule]
    monkeypatch.setattr(place, name, off)
    assert any(
        (verdict(source, tuple(case.get("needs", ())))[0] == "proved") != (case["verdict"] == "proved")
        for _, case, source in ALL
    )
