"""What is refused as ambiguous is refused with an example, and the example is true: plain Jinja prints it."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters.engine.errors import Finding, TemplateError
from imr_letters.engine.template.compiled import Template, environment, printed_words, view
from imr_letters.imr.codecs import CODECS
from imr_letters.imr.form import FORM
from imr_letters.testing.factories import make_decision, make_reviewer
from tests.test_cases import CASES, cases, read

#: Values by the name of the codec that prints them; each appears in a template once.
VALUES = {
    "reviewer.certifications": "list",
    "reviewer.licensed_in": "list",
    "reviewer.subspecialty": "words",
    "clinical_summary": "prose",
    "case.decided_on": "us_date",
}
PARTS = {"reviewer.subspecialty": "reviewer.subspecialty", "case.decided_on": "case"}
GAPS = ("", " ", ", ", " on ", " licensed in ", "</p>\n<p>", "</p>\n<p>Licensed in ", "</p>\n<h2>II.</h2>\n<p>")
FACT = re.compile(r'([\w.]+) is (present|absent|"[^"]*"(?: "[^"]*")*|[a-z]+)')
WORDS = re.compile(r"<[^>]*>")
#: What else a letter must hold, so that it is not refused for that.
CASE = """{% if case %}
<p>Number: {{ case.number | case_number }}</p>
<p>Assigned: {{ case.assigned_on | us_date }}</p>
<p>Injured: {{ case.injured_on | us_date }}</p>
<p>Denied: {{ case.ur_denied_on | us_date }}</p>
<p>Received: {{ case.application_received_on | us_date }}</p>
<p>Priority: {{ case.priority | priority }}</p>
{% endif %}"""
ITEMS = """{% for item in items %}
<h2>Disputed: {{ item.request | request }}: {{ item.outcome | outcome }}</h2>
<p>Theirs: {{ item.claims_administrator_guideline | guideline("A") }}</p>
<p>Ours: {{ item.reviewer_guideline | guideline("B") }}</p>
<p>Rationale: {{ item.rationale | rationale }}</p>
{% endfor %}"""


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Return a small template in which values, choices and fixed words are close to each other."""
    made = ""
    for path in draw(st.permutations(list(VALUES)))[: draw(st.integers(1, 4))]:
        printed = f"{{{{ {path} | {VALUES[path]} }}}}"
        if path in PARTS:
            printed = (
                f"{{% if {PARTS[path]} %}}{printed}{draw(st.sampled_from(['', ' now', '{% else %}none']))}{{% endif %}}"
            )
        made += draw(st.sampled_from(GAPS)) + printed
    if draw(st.booleans()):
        arms = draw(st.tuples(*[st.sampled_from(["", "Note.", "Alpha.", "Notes."])] * 2))
        made += f"</p>\n{{% if case %}}<p>{arms[0]}</p>{{% else %}}<p>{arms[1]}</p>{{% endif %}}\n<p>"
    rest = ""
    for path in VALUES:
        if path not in made:
            label = f"<p>Field {path}: {{{{ {path} | {VALUES[path]} }}}}</p>"
            rest += f"{{% if {PARTS[path]} %}}{label}{{% endif %}}" if path in PARTS else label
    return f"<p>{made}</p>\n<h1>All the rest</h1>\n{CASE}\n{rest}\n{ITEMS}"


def refused(source: str) -> list[Finding]:
    try:
        Template("t.jinja", {"t.jinja": source}.get, ["t.jinja"], FORM.language)
    except TemplateError as error:
        return list(error.findings)
    return []


def facts(line: str) -> dict[str, str]:
    return dict(FACT.findall(line))


def letter(source: str, told: dict[str, str], absent: set[str]) -> str:
    """Return what plain Jinja prints for a reading; everything else is there but what is absent."""
    data: dict[str, Any] = view(make_decision(reviewer=make_reviewer(subspecialty="Spine Surgery")))
    for path, said in told.items():
        *groups, name = path.split(".")
        part = data
        for each in groups:
            part = part[each]
        if said == "absent":
            part[name] = None
        elif said.startswith('"'):
            words = "\n\n".join(re.findall('"([^"]*)"', said))
            part[name] = CODECS.make(VALUES[path]).decode(words)
    if "reviewer.subspecialty" in absent:
        data["reviewer"]["subspecialty"] = None
    if "case.decided_on" in absent:
        data["case"] = None
    html = environment(CODECS, printed_words).from_string(source).render(data)
    return "\n".join(filter(None, (" ".join(line.split()) for line in WORDS.sub("\n", html).split("\n"))))


@given(sources())
def test_plain_jinja_prints_the_same_words_for_both_readings(source: str) -> None:
    for finding in refused(source):
        if not finding.example or finding.code == "field-lost":
            continue
        head, one, other = finding.example.split("\n")
        where, _, quoted = head.partition("for two things:")
        words = "\n".join(re.findall('"([^"]*)"', quoted))
        readings = [facts(where) | facts(line) for line in (one, other)]
        assert readings[0] != readings[1]
        # What neither reading names is there or absent, in both alike.
        free = [path for path in PARTS if not any({path, PARTS[path]} & told.keys() for told in readings)]
        letters = [
            [
                letter(source, told, {*absent, *(readings[1 - n].keys() - told.keys())})
                for n, told in enumerate(readings)
            ]
            for count in range(len(free) + 1)
            for absent in combinations(free, count)
        ]
        assert any(all(words in each for each in both) for both in letters), (finding.example, letters[0])


@pytest.mark.parametrize("path", cases("templates"))
def test_what_is_refused_as_ambiguous_has_an_example(path: Any) -> None:
    message = (CASES.parent / "__snapshots__/test_cases" / f"test_template[{path.stem}].txt").read_text(
        encoding="utf-8"
    )
    for fault in message.split("\n\n"):
        if re.search("nobody can|nobody could|could not tell|print the same|could not be read back", fault):
            # Of a value that is printed twice there is none.
            assert " for two things:" in fault or path.stem == "prose-twice", read(path)
