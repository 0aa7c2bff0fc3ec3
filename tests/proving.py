"""Small templates for the proof: hand-made ones and mutants of them, and a search for two decisions with one letter.

`tests/cases/proofs.toml` has the hand-made ones with their verdicts. A mutant is made of one of them by a few random
changes; the same name gives the same mutant. The search knows nothing of the proof: it prints decisions whose words
are those of the template, reads the letters, and changes single fields.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

from pydantic import ValidationError

from imr_letters.engine.checks.totality import printed_paths
from imr_letters.engine.errors import Finding, RenderError, TemplateError
from imr_letters.engine.grammar.nodes import Lit
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.matching.automaton import Failure
from imr_letters.engine.matching.readback import read_back
from imr_letters.engine.render import render
from imr_letters.engine.template.compiled import Template, view
from imr_letters.imr.form import FORM, Family
from imr_letters.imr.model import Decision
from imr_letters.imr.model.mailing import Capacity
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
_WHOLE = (
    "<h1>CREDENTIALS</h1>{credentials}<h1>SUMMARY</h1>{summary}<h1>ISSUES</h1>{first}{before}"
    "{{% for item in items %}}{title}{inside}{lines}{rationale}{last}{{% endfor %}}{header}{end}"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A template with its name, and the fields that its letters need."""

    name: str
    source: str
    needs: tuple[str, ...] = ()
    #: The hand-made case, whose verdict is known.
    case: dict[str, Any] | None = None


def hand_made() -> list[Sample]:
    """Return every hand-made template, once for each of its places."""
    return list(_placed())


def _placed() -> Iterator[Sample]:
    for case in CASES:
        for slot in case.get("slots", [""]):
            parts = {**PARTS, **dict.fromkeys(("first", "before", "inside", "last", "end"), "")}
            parts |= {name: case[name] for name in PARTS if name in case}
            if case.get("needs"):  # the header comes first, so that what is asked for is known
                parts |= {"first": parts["header"], "header": ""}
            if slot:
                parts[slot] = case["fragment"]
            name = f"{case['name']}{'-' * bool(slot)}{slot}"
            yield Sample(name, _WHOLE.format(**parts), tuple(case.get("needs", ())), case)


def compiled(sample: Sample, *, accept_doubt: bool = False) -> Template:
    """Return the template. Raises `TemplateError` where it is refused."""
    load = {"t.jinja": sample.source}.get
    return Template("t.jinja", load, ["t.jinja"], FORM.language, sample.needs, accept_doubt=accept_doubt)


def verdict(sample: Sample) -> tuple[str, list[Finding]]:
    """Return "proved", or the code of the first fault and all of them."""
    try:
        compiled(sample)
    except TemplateError as error:
        return error.findings[0].code, list(error.findings)
    return "proved", []


#: The verdicts on what is a template, but has letters with two readings, or may have.
REFUSED = frozenset(
    ("field-lost", "two-readings", "arms-overlap", "arms-alike", "prose-adjacent", "values-adjacent", "not-proved")
)


def unchecked(sample: Sample) -> Template | None:
    """Return a template that may have two readings; None where it is no template at all."""
    with patch.object(Problems, "check", lambda _: None), suppress(AttributeError, AssertionError):
        return compiled(sample)
    return None


def family(sample: Sample, folder: Path) -> Family:
    """Write a template as a letter family, and return that."""
    place = folder / sample.name
    place.mkdir(parents=True)
    (place / "letter.html.jinja").write_text(sample.source, encoding="utf-8")
    needs = ", ".join(f'"{each}"' for each in sample.needs)
    (place / "family.toml").write_text(f'title = "T"\norganization = "O"\nneeds = [{needs}]\n', encoding="utf-8")
    return Family(folder, sample.name, FORM)


# Mutants.

_TOKEN = re.compile(r"</?\w+>|\{%.*?%\}|\{\{.*?\}\}|[^<{]+")
_WORDS = [
    *(" ", ": ", ", ", " and ", "The ", "Note ", ". ", " (", "1. ", "Upheld", "Upheld ", "Note: ", " licensed in "),
    *(" and licensed and ", " with ", ", with ", " of ", " - ", " on ", "Of ", "DISPUTED", "Disputed: ", "Rationale: "),
    *(" as well as ", " is ", "Alpha ", "Standard", " Standard", "To: "),
]
_CONDITIONS = [
    "case",
    "reviewer.subspecialty",
    'outcome == "uphold"',
    'outcome == "partial overturn"',
    'outcome != "overturn"',
    'item.outcome == "upheld"',
    'item.outcome != "upheld"',
    'case.priority == "expedited"',
    "documents",
    "addressee",
    "not case",
    "not reviewer.subspecialty",
]
_FRAGMENTS = [
    "<p>Note.</p>",
    "<h1>PART</h1>",
    "{% if reviewer.subspecialty %}<p>Further: {{ reviewer.subspecialty | words }}</p>{% endif %}",
    "{% if reviewer.subspecialty %}<p>{{ reviewer.subspecialty | words }}</p>{% endif %}",
    "<p>Outcome: {{ item.outcome | outcome }}</p>",
    "<p>{{ item.request | request }}</p>",
    "<p>{{ clinical_summary | prose }}</p>",
    "<p>{{ item.rationale | rationale }}</p>",
    "{% for each in items %}<p>Item: {{ each.request | request }}</p>{% endfor %}",
    "{% for each in items %}<p>{{ each.outcome | outcome }}</p>{% endfor %}",
    "{% for each in documents %}<p>{{ each.title | words }} from the source {{ each.source | words }}"
    "{% if each.dated_on %}, dated {{ each.dated_on | us_date }}{% if each.dated_to %} to {{ each.dated_to | us_date }}"
    "{% endif %}{% endif %}</p>{% endfor %}",
    "{% for each in recipients %}<p>Copy: {{ each.name | words }} as {{ each.capacity | capacity }}"
    "{% if each.organization %} of the organization {{ each.organization | words }}{% endif %}"
    "{% if each.address %}, no address{% endif %}</p>{% endfor %}",
    '{% if outcome == "uphold" %}<p>Upheld.</p>{% elif outcome == "overturn" %}<p>Overturned.</p>{% endif %}',
]


def mutant(sample: Sample, number: int) -> Sample:
    """Return the mutant of a number: the sample with one to three changes."""
    draw = random.Random(f"{sample.name} {number}")  # noqa: S311 - repeatable, not secret
    tokens = _TOKEN.findall(sample.source)
    for _ in range(draw.choice([1, 1, 2, 3])):
        draw.choice(_CHANGES)(tokens, draw)
    return Sample(f"{sample.name}.{number}", "".join(tokens), sample.needs)


def _blocks(tokens: list[str]) -> list[tuple[int, int]]:
    """Return where each paragraph and heading begins and ends."""
    starts = [at for at, each in enumerate(tokens) if each in ("<p>", "<h1>", "<h2>", "<tr>")]
    return [(at, tokens.index(tokens[at].replace("<", "</"), at) + 1) for at in starts]


def _fixed(tokens: list[str]) -> list[int]:
    return [at for at, each in enumerate(tokens) if each[0] not in "<{"]


def _drop_words(tokens: list[str], draw: random.Random) -> None:
    del tokens[draw.choice(_fixed(tokens))]


def _change_words(tokens: list[str], draw: random.Random) -> None:
    others = [tokens[at] for at in _fixed(tokens)]
    tokens[draw.choice(_fixed(tokens))] = draw.choice([*_WORDS, *others])


def _shorten_words(tokens: list[str], draw: random.Random) -> None:
    at = draw.choice(_fixed(tokens))
    size = draw.randint(1, len(tokens[at]))
    tokens[at] = draw.choice([tokens[at][:size], tokens[at][-size:]])


def _drop_block(tokens: list[str], draw: random.Random) -> None:
    start, end = draw.choice(_blocks(tokens))
    del tokens[start:end]


def _move_block(tokens: list[str], draw: random.Random) -> None:
    start, end = draw.choice(_blocks(tokens))
    block = tokens[start:end]
    if draw.random() < 0.7:
        del tokens[start:end]
    at = draw.choice([end for _, end in _blocks(tokens)])
    tokens[at:at] = block


def _wrap_block(tokens: list[str], draw: random.Random) -> None:
    start, end = draw.choice(_blocks(tokens))
    other = draw.choice([[], ["{% else %}", "<p>", "Note.", "</p>"], ["{% else %}", *tokens[start:end]]])
    tokens[start:end] = [f"{{% if {draw.choice(_CONDITIONS)} %}}", *tokens[start:end], *other, "{% endif %}"]


def _wrap_words(tokens: list[str], draw: random.Random) -> None:
    at = draw.choice(_fixed(tokens))
    other = draw.choice([[], ["{% else %}", draw.choice(_WORDS)]])
    tokens[at : at + 1] = [f"{{% if {draw.choice(_CONDITIONS)} %}}", tokens[at], *other, "{% endif %}"]


def _unwrap(tokens: list[str], draw: random.Random) -> None:
    starts = [at for at, each in enumerate(tokens) if each.startswith("{% if")]
    if not starts:
        return
    start = draw.choice(starts)
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].startswith("{% if") - tokens[at].startswith("{% endif")
        if depth == 0:
            del tokens[at], tokens[start]
            return


def _join(tokens: list[str], draw: random.Random) -> None:
    seams = [at for at in range(len(tokens) - 1) if tokens[at : at + 2] == ["</p>", "<p>"]]
    if seams:
        at = draw.choice(seams)
        tokens[at : at + 2] = [draw.choice(_WORDS)]


def _split(tokens: list[str], draw: random.Random) -> None:
    at = draw.choice(_fixed(tokens))
    tokens[at:at] = ["</p>", "<p>"]


def _insert(tokens: list[str], draw: random.Random) -> None:
    at = draw.choice([end for _, end in _blocks(tokens)])
    tokens[at:at] = _TOKEN.findall(draw.choice(_FRAGMENTS))


_CHANGES = [
    *(_drop_words, _change_words, _shorten_words, _drop_block, _move_block, _wrap_block, _wrap_words, _unwrap),
    *(_join, _split, _insert, _insert),
]


# The search.

#: So many decisions that differ in a field or two are printed next to each.
NEIGHBOURS = 4


class Search:
    """Looks for two decisions that print one letter of a template, among decisions whose words are the template's."""

    def __init__(self, template: Template, needs: Sequence[str], number: int) -> None:
        self._template = template
        self._needs = needs
        self._draw = random.Random(number)  # noqa: S311 - repeatable, not secret
        printed = set(printed_paths(template.grammar.nodes))
        self._printed = {path[:cut] for path in printed for cut in range(1, len(path) + 1)}
        fixed = list(_literals(template))
        #: Fixed words, and the words of them; those between two values of one paragraph more often.
        between = list(_literals(template, between=True))
        self._fixed = [*fixed, *(word for each in fixed for word in each.split())] or ["Note"]
        self._between = between * 4 + fixed or ["Note"]

    def decision(self) -> Decision:
        """Return a decision that the template prints, as far as its fields go."""
        while True:
            with suppress(ValidationError):
                return Decision.model_validate(self._data())

    def neighbour(self, decision: Decision) -> Decision:
        """Return a decision that differs in one or two fields."""
        data = decision.model_dump(mode="json", exclude_defaults=True)
        other = self._data()
        for _ in range(self._draw.choice([1, 1, 2])):
            _exchange(data, other, self._draw)
        try:
            return Decision.model_validate(data)
        except ValidationError:
            return decision

    def twins(self, tries: int) -> tuple[Decision, Decision] | None:
        """Return two decisions that plain Jinja prints alike, found by reading letters and by changing fields."""
        letters: dict[tuple[str, ...], Decision] = {}
        for _ in range(tries):
            decision = self.decision()
            blocks = tuple(self._template.blocks(view(decision)))
            neighbours = [self.neighbour(decision) for _ in range(NEIGHBOURS)]
            for other in (letters.setdefault(blocks, decision), *neighbours, *self._readings(blocks)):
                if other != decision and tuple(self._template.blocks(view(other))) == blocks:
                    return decision, other
        return None

    def _readings(self, blocks: Sequence[str]) -> Iterator[Decision]:
        traces = self._template.automaton.read(blocks)
        for trace, prefer in product(() if isinstance(traces, Failure) else traces, (None, 0, 1)):
            read = read_back(trace, prefer)
            if not read.faults:
                with suppress(ValidationError):
                    yield Decision.model_validate(read.data)

    def _has(self, *path: str) -> bool:
        return path in self._printed and self._draw.random() < 0.6

    def _words(self) -> str:
        draw = self._draw
        kind = draw.random()
        if kind < 0.4:
            return draw.choice(["alpha", "Beta", "alpha beta", "1", "Upheld", "Alpha Beta"])
        if kind < 0.55:
            return draw.choice(self._fixed)
        if kind < 0.75:  # what is left of fixed words, and words of its own
            part = draw.choice(self._between)
            cut = draw.randint(0, part.count(" ") + 1)
            begun, rest = " ".join(part.split(" ")[:cut]), " ".join(part.split(" ")[cut:])
            return draw.choice([f"alpha {begun}", f"{rest} alpha"]).strip()
        parts = draw.choices([*self._fixed, "alpha", "beta", "x", "of"], k=draw.choice([2, 2, 3]))
        return draw.choice([" ", " ", ", ", ": "]).join(parts)

    def _name(self) -> str:
        return self._words().replace(",", "").strip() or "alpha"

    def _prose(self) -> str:
        return "\n\n".join(self._words() for _ in range(self._draw.choice([1, 1, 1, 2, 3])))

    def _guideline(self) -> dict[str, Any]:
        words = self._words().rstrip(". ") or "alpha"
        return self._draw.choice(
            [
                {"basis": "none_cited"},
                {"basis": "mtus", "mtus": [{"chapter": "Knee Complaints", "year": 2004, "sections": ["Summary"]}]},
                {"basis": "outside_mtus", "non_mtus": words},
                {"basis": "unrecognized", "words": words},
            ]
        )

    def _item(self) -> dict[str, Any]:
        draw = self._draw
        modified = {"original": self._words(), "authorized": self._words()}
        return {
            "request": self._words() if draw.random() < 0.9 else modified,
            "outcome": draw.choice(["upheld", "overturned"]),
            "claims_administrator_guideline": self._guideline(),
            "reviewer_guideline": self._guideline(),
            "rationale": self._prose(),
        }

    def _data(self) -> dict[str, Any]:
        draw = self._draw

        def day() -> str:
            return draw.choice(["2016-01-02", "2017-03-04"])

        data: dict[str, Any] = {
            "reviewer": {
                "licensed_in": [self._name() for _ in range(draw.choice([1, 1, 2]))],
                "certifications": [self._name() for _ in range(draw.choice([1, 1, 2]))],
            },
            "clinical_summary": self._prose(),
            "items": [self._item() for _ in range(draw.choice([1, 1, 2, 2, 3]))],
        }
        if self._has("reviewer", "subspecialty"):
            data["reviewer"]["subspecialty"] = self._words()
        if "case" in self._needs or self._has("case"):
            days = ("assigned_on", "injured_on", "decided_on", "ur_denied_on", "application_received_on")
            data["case"] = {name: day() for name in days} | {
                "number": draw.choice(["CM16-0000001", "CM16-0000002"]),
                "priority": draw.choice(["standard", "expedited"]),
            }
        if self._has("documents"):
            data["documents"] = [self._document() for _ in range(draw.choice([1, 2]))]
        if self._has("recipients"):
            data["recipients"] = [self._person("recipients", "*") for _ in range(draw.choice([1, 2]))]
            for each in data["recipients"]:
                each["capacity"] = draw.choice(get_args(Capacity))
        if data.get("recipients") and self._has("addressee"):  # whom a letter is sent to is one of the recipients
            data["addressee"] = self._person("addressee") | {"address": ["alpha", "beta"][: draw.choice([1, 2])]}
            named = {key: value for key, value in data["addressee"].items() if key != "address"}
            data["recipients"][0] = {**data["recipients"][0], **named}
        return data

    def _document(self) -> dict[str, Any]:
        made: dict[str, Any] = {"title": self._words(), "source": self._words()}
        if self._has("documents", "*", "dated_on"):
            made["dated_on"] = self._draw.choice(["2016-01-02", "2016-01-03"])
            if self._has("documents", "*", "dated_to"):
                made["dated_to"] = self._draw.choice(["2017-01-02", "2017-01-03"])
        return made

    def _person(self, *path: str) -> dict[str, Any]:
        made = {"name": self._words()[:50].strip() or "alpha"}
        if self._has(*path, "organization"):
            made["organization"] = self._words()[:50].strip() or "alpha"
        return made


def refusal(decision: Decision, made: Family) -> Finding | None:
    """Return why the letter of a decision is refused, or None."""
    try:
        render(decision, made)
    except RenderError as error:
        return error.findings[0]
    return None


def _literals(template: Template, *, between: bool = False) -> Iterator[str]:
    steps = [step for state in template.automaton.states for step in state.steps]
    for pattern in {id(step.pattern): step.pattern for step in steps if step.pattern is not None}.values():
        elements = pattern.elements[1:-1] if between else pattern.elements
        yield from (each.text.strip() for each in elements if isinstance(each, Lit) and each.text.strip())


def _exchange(data: Any, other: Any, draw: random.Random) -> None:
    """Take the value of a random field from other data."""
    while isinstance(data, dict) and isinstance(other, dict):
        both = sorted(data.keys() | other.keys())
        name = draw.choice(both)
        inner, theirs = data.get(name), other.get(name)
        if isinstance(inner, list) and isinstance(theirs, list) and isinstance(inner[0], dict) and draw.random() < 0.7:
            inner, theirs = draw.choice(inner), draw.choice(theirs)
        if isinstance(inner, dict) and isinstance(theirs, dict) and "basis" not in inner and draw.random() < 0.8:
            data, other = inner, theirs
            continue
        if theirs is None:
            data.pop(name, None)
        else:
            data[name] = theirs
        return
