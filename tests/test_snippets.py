"""The rationale library: its laws over the shipped snippets and over generated libraries."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imr_letters import Decision, load, parse, render, samples, verify
from imr_letters.engine.checks.overlap import Machine, machine, overlap
from imr_letters.engine.errors import RenderError, SnippetError
from imr_letters.engine.grammar.nodes import Alternative, Lit, Origin, Val
from imr_letters.engine.grammar.problems import Problems
from imr_letters.engine.template.passage import VARIABLES
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model import Item, OwnText, SnippetUse
from imr_letters.imr.model.decision import RationaleBlock
from imr_letters.snippets import Library, Snippet, read_library
from imr_letters.snippets.snippet import read_snippet
from imr_letters.wording import SHIPPED, forget
from tests import strategies
from tests.conftest import PUBLISHED, ROOT

FAMILIES = PUBLISHED
each_family = pytest.mark.parametrize("family", FAMILIES)
BASE = ROOT / "tests" / "cases" / "snippets-base"

_HEAD = """---
title: Made for a test
status: {status}
approved_on: 2026-01-01
effective_period:
  start: 2016-01-01
reviewer: Medical director
citations:
  basis: none_cited
argues_for: either
{variables}---
"""


def made(id_: str, body: str, variables: dict[str, str], version: int = 1, status: str = "active") -> Snippet:
    """Return a snippet whose variables are given by name and kind; a kind that ends in "?" is not required."""
    lines = []
    for name, kind in variables.items():
        lines.append(f"  - name: {name}\n    kind: {kind.rstrip('?')}\n    question: Which?\n")
        if kind.rstrip("?") == "choice":
            lines.append("    choices:\n      - left\n      - right\n")
        if kind.endswith("?"):
            lines.append("    required: false\n")
    head = _HEAD.format(status=status, variables="variables:\n" + "".join(lines) if lines else "")
    problems = Problems()
    snippet = read_snippet(id_, version, head + body + "\n", problems)
    if snippet is None:
        raise SnippetError(*problems.found)
    return snippet


def values(snippet: Snippet, words: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """Return values for all variables of a snippet, of which those that are not required may be absent."""
    kinds = {
        "words": words,
        "number": st.integers(1, 9999).map(str),
        "date": strategies.days.map(lambda day: day.isoformat()),
    }
    required: dict[str, st.SearchStrategy[str]] = {}
    optional: dict[str, st.SearchStrategy[str]] = {}
    for variable in snippet.about.variables:
        drawn = st.sampled_from(variable.choices) if variable.kind == "choice" else kinds[variable.kind]
        (required if variable.required else optional)[variable.name] = drawn
    return st.fixed_dictionaries(required, optional=optional)


def use(snippet: Snippet, given_values: dict[str, str]) -> SnippetUse:
    return SnippetUse(snippet=snippet.id, version=snippet.version, values=given_values)


@st.composite
def uses(draw: st.DrawFn, known: Library, words: st.SearchStrategy[str]) -> SnippetUse:
    """Return uses of approved snippets that can be printed."""
    approved = [snippet for snippet in known if snippet.about.status != "draft"]
    snippet = draw(st.sampled_from(approved))
    drawn = draw(values(snippet, words))
    try:
        snippet.words(drawn)
    except RenderError:
        assume(False)
    return use(snippet, drawn)


@st.composite
def with_snippets(draw: st.DrawFn, family: str, known: Library) -> Decision:
    """Return decisions whose rationales mix own text and snippets."""
    decision = draw(strategies.decisions(family, most_items=2))
    items: list[Item] = []
    for item in decision.items:
        blocks = draw(st.lists(st.one_of(uses(known, strategies.plain), uses(known, strategies.words)), max_size=3))
        rationale: list[RationaleBlock] = []
        for block in blocks:
            rationale += [block, *draw(st.sampled_from([(), item.rationale]))]
        data = {**item.__dict__, "rationale": tuple(rationale) or item.rationale}
        items.append(Item.model_validate(data))
    whole: Decision = decision.model_copy(update={"items": tuple(items)})
    return whole


@each_family
@given(data=st.data())
def test_law_1_snippets_are_read_back_with_version_and_values(family: str, data: st.DataObject) -> None:
    decision = data.draw(with_snippets(family, SHIPPED.library))
    assert parse(render(decision, family).text).decision == decision


@settings(max_examples=8)
@given(data=st.data())
def test_law_2_snippets_are_read_back_from_pdf(data: st.DataObject) -> None:
    decision = data.draw(with_snippets("dwc-2015", SHIPPED.library))
    assert parse(render(decision, "dwc-2015").pdf()).decision == decision


@given(data=st.data())
def test_law_3_own_text_that_says_what_a_snippet_says_is_that_snippet(data: st.DataObject) -> None:
    decision = data.draw(with_snippets("dwc-2015", SHIPPED.library))
    resolved = SHIPPED.library.resolve(decision)
    assert all(isinstance(block, OwnText) for item in resolved.items for block in item.rationale)
    assert render(resolved, "dwc-2015").decision == decision
    assert render(resolved, "dwc-2015").text == render(decision, "dwc-2015").text


#: Pieces of bodies that collide often.
_PIECES = ["rest is short", "rest is", "short and long", "the knee", "a b c d", "is short and", "no more of it"]
_VALUES = {"x": "words", "n": "number", "d": "date", "c": "choice"}
_PRINTED = {"x": "{{ x | words }}", "n": "{{ n | number }}", "d": "{{ d | us_date }}", "c": "{{ c | choice }}"}


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Return bodies of one or two paragraphs with what their variables are."""
    used: dict[str, str] = {}
    paragraphs = []
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        parts = []
        for part in draw(st.lists(st.sampled_from([*_PIECES, *_PIECES, *_VALUES]), min_size=1, max_size=4)):
            if part not in _VALUES:
                parts.append(part)
            elif part not in used and draw(st.booleans()):
                used[part] = _VALUES[part] + "?"
                parts.append(f"{{% if {part} %}}with {_PRINTED[part]} too{{% endif %}}")
            elif not used.get(part, "").endswith("?"):
                used[part] = _VALUES[part]
                parts.append(_PRINTED[part])
        paragraphs.append(" ".join(parts) + ".")
    return "\n\n".join(paragraphs), used


@st.composite
def libraries(draw: st.DrawFn) -> list[Snippet]:
    """Return sets of snippets, each of which loads by itself; two ids, several versions."""
    found = []
    for number, (body, variables) in enumerate(draw(st.lists(bodies(), min_size=2, max_size=6))):
        try:
            found.append(made(f"s{number % 2}", body, variables, version=number // 2 + 1))
        except SnippetError:
            continue
    return found


_collisions = st.lists(st.sampled_from([*_PIECES, "with", "too", "6", "left", "x"]), min_size=1, max_size=3).map(
    " ".join
)


@settings(max_examples=150)
@given(data=st.data())
def test_law_4_no_library_that_loads_can_print_two_readings(data: st.DataObject) -> None:
    snippets = data.draw(libraries())
    try:
        known = Library(snippets)
    except SnippetError:
        # What is refused is refused for a reason: words that two of them fit, or too few words to be found by.
        return
    assume(len(known))
    blocks = data.draw(st.lists(uses(known, _collisions), min_size=1, max_size=4))
    text = PARAGRAPH.join(known.get(block.snippet, block.version).words(block.values) for block in blocks)
    paragraphs = text.split(PARAGRAPH)
    readings = [
        (start, snippet.key)
        for snippet in known
        for start in range(len(paragraphs))
        if start + snippet.size <= len(paragraphs)
        and snippet.read(paragraphs[start : start + snippet.size]) is not None
    ]
    starts = [
        sum(known.get(each.snippet, each.version).size for each in blocks[:index]) for index in range(len(blocks))
    ]
    assert sorted(readings) == [(at, (each.snippet, each.version)) for at, each in zip(starts, blocks, strict=True)]
    decision = load(samples.decisions()[0])
    own = tuple(item.model_copy(update={"rationale": (OwnText(text=text),)}) for item in decision.items)
    recognised = known.recognise(decision.model_copy(update={"items": own}))
    assert all(item.rationale == tuple(blocks) for item in recognised.items)


@settings(max_examples=25)
@given(data=st.data())
def test_laws_1_and_2_hold_with_generated_libraries(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    snippets = data.draw(libraries())
    try:
        known = Library(snippets)
    except SnippetError:
        assume(False)
    assume(len(known))
    folder = tmp_path_factory.mktemp("library")
    for snippet in snippets:
        (folder / snippet.id).mkdir(exist_ok=True)
        (folder / snippet.id / f"{snippet.version}.md").write_text(snippet.source, encoding="utf-8")
    family = data.draw(st.sampled_from(FAMILIES))
    blocks = data.draw(st.lists(uses(known, _collisions), min_size=1, max_size=3))
    drawn = data.draw(strategies.decisions(family, most_items=1))
    item = Item.model_validate({**drawn.items[0].__dict__, "rationale": (*blocks, *drawn.items[0].rationale)})
    decision = known.recognise(known.resolve(drawn.model_copy(update={"items": (item,)})))
    letter = render(decision, family, snippets=folder)
    assert letter.decision == decision
    assert decision.items[0].rationale[: len(blocks)] == tuple(blocks)
    assert parse(letter.text, snippets=folder).decision == decision
    if data.draw(st.integers(0, 7)) == 0:
        assert parse(letter.pdf(), snippets=folder).decision == decision


@settings(max_examples=100)
@given(data=st.data())
def test_a_refused_library_has_words_that_fit_two_of_its_snippets(data: st.DataObject) -> None:
    """Without values of free words, which may be fenced, every example is really printed by both."""
    pieces = st.sampled_from([*_PIECES, "{{ n | number }}", "{{ c | choice }}", "{{ d | us_date }}"])
    snippets = []
    for number, parts in enumerate(
        data.draw(st.lists(st.lists(pieces, min_size=1, max_size=3), min_size=2, max_size=5))
    ):
        body = " ".join(parts) + "."
        variables = {name: _VALUES[name] for name in "ncd" if f"{{{{ {name} " in body}
        try:
            snippets.append(made(f"s{number}", body, variables))
        except SnippetError:
            continue
    try:
        Library(snippets)
    except SnippetError as error:
        for finding in error.findings:
            if finding.code == "overlap":
                words = re.findall(r'"([^"]+)"', finding.remedy)[-1]
                assert sum(snippet.read([words]) is not None for snippet in snippets) >= 2


_ORIGIN = Origin("x", 1)
_small = st.lists(
    st.one_of(
        st.sampled_from(["a", "b ", " a", "ab"]).map(lambda words: Lit(words, _ORIGIN)),
        st.sampled_from([VARIABLES.make("words"), VARIABLES.make("choice", "a", "b a")]).map(
            lambda each: Val(("x",), each, _ORIGIN)
        ),
    ),
    min_size=1,
    max_size=4,
).map(lambda elements: Alternative((), tuple(elements)))


def _accepts(made_machine: Machine, words: str) -> bool:
    states = set(made_machine.reached(0))
    for char in words:
        states = {
            reached
            for state in states
            for sign, after in made_machine.edges[state]
            if (char != " " if sign is None else char in sign)
            for reached in made_machine.reached(after)
        }
    return any(made_machine.ends(state) for state in states)


_SHORT = ["".join(chars) for size in range(7) for chars in product("ab ", repeat=size)]


@settings(max_examples=60)
@given(_small, _small)
def test_overlap_agrees_with_trying_all_short_words(one: Alternative, other: Alternative) -> None:
    left, right = machine(one), machine(other)
    found = overlap(left, right)
    both = [words for words in _SHORT if _accepts(left, words) and _accepts(right, words)]
    if found is None:
        assert not both
    else:
        assert _accepts(left, found)
        assert _accepts(right, found)
        assert len(found) > 6 or len(found) == len(both[0])


@pytest.mark.parametrize("name", ["us_date", "number"])
@given(st.text("0123456789/", max_size=11))
def test_the_machine_of_a_typed_value_reads_what_its_pattern_reads(name: str, words: str) -> None:
    codec = VARIABLES.make(name)
    assert _accepts(machine(Alternative((), (Val(("x",), codec, _ORIGIN),))), words) == codec.matches(words)


def _one(rationale: tuple[RationaleBlock, ...]) -> Decision:
    decision = load(samples.decisions()[0])
    return decision.model_copy(
        update={"items": (decision.items[0].model_copy(update={"rationale": rationale}), *decision.items[1:])}
    )


def _write(root: Path, status: str, version: int = 1, **changes: str) -> None:
    text = (BASE / "rest-after-sprain" / "1.md").read_text().replace("status: active", f"status: {status}")
    for old, new in changes.items():
        text = text.replace(old, new)
    (root / "rest-after-sprain").mkdir(parents=True, exist_ok=True)
    (root / "rest-after-sprain" / f"{version}.md").write_text(text)
    forget()


def test_a_letter_stays_the_same_when_its_snippet_is_retired_and_a_newer_version_comes(tmp_path: Path) -> None:
    block = SnippetUse(snippet="rest-after-sprain", version=1, values={"treatment": "sling"})
    _write(tmp_path, "active")
    before = render(_one((block,)), snippets=tmp_path).text
    _write(tmp_path, "retired")
    _write(tmp_path, "active", version=2, Rest="Long rest")
    after = render(_one((block,)), snippets=tmp_path)
    assert after.text == before
    assert parse(before, snippets=tmp_path).decision.items[0].rationale == (block,)
    assert verify(before, snippets=tmp_path) == []
    assert [snippet.version for snippet in read_library(tmp_path).current()] == [2]


def test_a_draft_is_neither_printed_nor_recognised(tmp_path: Path) -> None:
    block = SnippetUse(snippet="rest-after-sprain", version=1, values={"treatment": "sling"})
    _write(tmp_path, "active")
    letter = render(_one((block,)), snippets=tmp_path).text
    _write(tmp_path, "draft")
    assert isinstance(parse(letter, snippets=tmp_path).decision.items[0].rationale[0], OwnText)
    with pytest.raises(RenderError, match="is a draft"):
        render(_one((block,)), snippets=tmp_path)


def test_half_a_snippet_is_own_text() -> None:
    snippet = made("two", "The first of two paragraphs.\n\nThe second of two.", {})
    known = Library([snippet])
    for text, size in [
        ("The first of two paragraphs.", 0),
        ("The second of two.", 0),
        ("The first of two paragraphs.\n\nOther.\n\nThe second of two.", 0),
        ("Before.\n\nThe first of two paragraphs.\n\nThe second of two.\n\nAfter.", 1),
        ("The first of two paragraphs.\n\nThe first of two paragraphs.\n\nThe second of two.", 1),
    ]:
        found = known.recognise(_one((OwnText(text=text),))).items[0].rationale
        assert sum(isinstance(block, SnippetUse) for block in found) == size
        resolved = known.resolve(_one(found)).items[0].rationale
        assert resolved == (OwnText(text=text),)


def test_every_way_of_every_shipped_snippet_is_printed_and_read() -> None:
    plain = {"words": ["alpha", "Norco 10/325 mg #60"], "number": ["6"], "date": ["2016-03-04"]}
    for snippet in SHIPPED.library:
        drawn = []
        for variable in snippet.about.variables:
            given_values = [(variable.name, value) for value in plain.get(variable.kind, variable.choices)]
            drawn.append([*given_values, *([] if variable.required else [None])])
        for combination in product(*drawn):
            snippet.words(dict(sorted(pair for pair in combination if pair)))


@pytest.mark.parametrize(
    ("given_values", "message"),
    [
        ({}, "treatment"),
        ({"treatment": "sling", "sinse": "2016-01-01"}, "did you mean"),
        ({"treatment": "sling", "since": "01/01/2016"}, "is not a date"),
        ({"treatment": "sling is not medically necessary. The requested sling"}, "could not be read back"),
    ],
)
def test_values_that_do_not_fit_are_refused(given_values: dict[str, str], message: str) -> None:
    snippet = read_library(BASE).get("rest-after-sprain", 1)
    with pytest.raises(RenderError, match=message) as raised:
        render(_one((use(snippet, given_values),)), snippets=BASE)
    assert raised.value.findings[0].field.startswith("items[0].rationale[0].values")


def test_an_unknown_snippet_or_version_is_refused() -> None:
    for name, version, message in [("rest-after-sprane", 1, "did you mean"), ("rest-after-sprain", 7, "no version 7")]:
        with pytest.raises(RenderError, match=message):
            render(_one((SnippetUse(snippet=name, version=version),)), snippets=BASE)
