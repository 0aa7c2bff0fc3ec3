"""Drafting: nothing a person wrote is lost or rewritten, and every way leads to the decision or to the list."""

from __future__ import annotations

import difflib
import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters import api, load, loads, render
from imr_letters.draft import finish, questionnaire, questions, yamltext
from imr_letters.draft.answers import AnswerError, stand_in, value_of
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import item_added, item_moved, item_removed, kept, unfinished
from imr_letters.draft.file import DraftFile
from imr_letters.draft.fill import Ask, Session
from imr_letters.draft.preview import MARK, preview, watch
from imr_letters.draft.questions import order, parse, paths
from imr_letters.draft.schema import draft_schema
from imr_letters.draft.status import status
from imr_letters.engine.errors import ConflictError, DecisionError, ImrLettersError, InputError
from imr_letters.engine.fields import FieldType, Listing
from imr_letters.engine.paths import dotted
from imr_letters.imr.form import FORM
from imr_letters.media import html
from tests.conftest import ROOT as HOUSE
from tests.conftest import Run

SAMPLE = HOUSE / "samples" / "decisions" / "03-partial-overturn.yaml"
SAMPLES = sorted((HOUSE / "samples" / "decisions").glob("*.yaml"))


def draft_of(text: str) -> Draft:
    return Draft.read(text.encode(), "draft.yaml")


# --- the text ---------------------------------------------------------------------------------

#: What people do to drafts: comments everywhere, blank lines, quotes, forms of their own.
DRAFTS = [
    "",
    "# nothing yet\n",
    questionnaire.text(),
    questionnaire.text(items=3),
    questionnaire.text({"case": {"number": "CM16-0000001"}, "items": [{"request": "Knee brace: left #1"}, {}]}),
    "clinical_summary: 'in quotes'  \n\n\n# end\ncase:\n    number:   \n    priority: ~\n"
    "items:\n- request:\n-\n  outcome:\n",
    "items:\n  # first\n  - outcome: # upheld? ask again\n    request: |-\n      Words\n\n      more\n\n"
    "  # second\n\n  - {request: Alpha, outcome: }\n",
    'reviewer: {licensed_in: [], "certifications": null}\nitems: []',
    "case:\nreviewer:\n  # who\n  certifications:\n    - Pain Management # no\nitems:",
    SAMPLES[0].read_text(encoding="utf-8"),
]

_line = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
ANSWERS = st.one_of(
    _line.filter(lambda words: words.strip()),
    st.lists(_line.filter(lambda words: words.strip()), min_size=2, max_size=3).map("\n\n".join),
    st.sampled_from(["no", "null", "2017-02-27", "12", "- a", "a: b", "a #b", "'", '"', "{", "# x", "@x", "x " * 90]),
    st.lists(st.sampled_from(["California", "New York", "1.5", "a: b"]), min_size=1, max_size=3),
    st.just({"basis": "mtus", "mtus": [{"chapter": "Eye", "year": 2004, "sections": ["One", "a: b"]}]}),
    st.just([{"snippet": "some-words", "version": 2}]),
)


@given(st.data())
def test_an_answer_changes_its_own_lines_and_nothing_else(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([each for each in DRAFTS if "# no\n" not in each]))
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if data.draw(st.booleans()):
        text = "# Łódź 😀 \u00e9\n" + text
    before = Draft.read(text.encode(), "draft.yaml")
    fields = [path for path, _, _ in paths(before.data)]
    path = data.draw(st.sampled_from(fields))
    value = data.draw(ANSWERS)
    try:
        after = before.with_value(path, value, order)
    except DecisionError as error:
        assert "cannot be written here" in str(error)  # noqa: PT017 - what is refused is refused in these words
        return
    old, new = text.splitlines(keepends=True), after.text.splitlines(keepends=True)
    changes = [
        each for each in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if each[0] != "equal"
    ]
    removed = [line for _, a, b, _, _ in changes for line in old[a:b]]
    assert len(changes) <= 1
    for line in removed:  # only lines of the field itself go, and their comments stay
        assert "#" not in line or '"' in line or line.partition("#")[2].strip() in after.text
    for comment in (line for line in old if line.lstrip().startswith("#")):
        assert comment.strip() in after.text
    expected = draft_of(json.dumps(_set(before.data, path, value), ensure_ascii=False)).data
    assert _folded(after.data) == _folded(expected)


def test_a_hundred_answers_in_a_row_leave_the_questions_as_they_were() -> None:
    text = questionnaire.text(items=12)
    document = draft_of(text)
    for path, _, _ in list(paths(document.data)):
        document = document.with_value(path, stand_in(path), order)
    loads(document.text.encode())
    lines = iter(document.text.splitlines())
    for comment in (line for line in text.splitlines() if line.lstrip().startswith("#")):
        assert comment in lines  # in the same order


def _set(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return {**(data or {}), step: _set((data or {}).get(step), rest, value)}
    entries = list(data or [])
    inner = _set(entries[step] if step < len(entries) else None, rest, value)
    return [*entries[:step], inner, *entries[step + 1 :]]


def _folded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _folded(inner) for key, inner in data.items()}
    if isinstance(data, list):
        return [_folded(inner) for inner in data]
    return "".join(str(data).split())


@given(st.recursive(st.text(max_size=60).filter(str.strip), lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_values_are_written_as_yaml_that_reads_the_same(value: Any) -> None:
    text = yamltext.text({"a": value, "b": {"c": value}})
    try:
        data = draft_of(text).data
    except DecisionError:
        pytest.fail(text)
    assert _folded(data) == _folded({"a": value, "b": {"c": value}})


def test_a_remark_behind_an_empty_field_moves_above_it() -> None:
    document = draft_of("case:\n  number: # ask Kim\n  priority:\n")
    assert document.with_value(("case", "number"), "CM16-0000001", order).text == (
        "case:\n  # ask Kim\n  number: CM16-0000001\n  priority:\n"
    )


@given(st.data())
def test_entries_come_go_and_move_with_their_own_lines_alone(data: st.DataObject) -> None:
    text = data.draw(
        st.sampled_from(
            [
                questionnaire.text({"items": [{"request": "A"}, {"request": "B"}, {"request": "C"}]}),
                "# top\nitems:\n  # one\n  - request: A\n    rationale: |-\n      Words\n\n      more\n\n"
                "  # two\n  - request: B\n    # inside\n\n\n  - {request: C}\n# end\nreviewer:\n",
                "items:\n- request: A\n- # empty\n- request: C",
                'items: [{request: A}, {request: B}, {"request": "C, d"}]\nreviewer: # who\n',
            ]
        )
    )
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    before = Draft.read(text.encode(), "draft.yaml")
    items = list(before.data["items"])
    at, to = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 3))
    kind = data.draw(st.sampled_from(["insert", "remove", "move"]))
    if kind == "insert":
        after = before.with_entry(("items", to), {"request": "N: new #1"}, order)
        items.insert(to, {"request": "N: new #1"})
    elif kind == "remove":
        after = before.without(("items", at), order)
        items.pop(at)
    else:
        to = min(to, 2)
        after = before.with_moved(("items", at), to, order)
        items.insert(to, items.pop(at))
    assert after.data["items"] == items
    assert {name: each for name, each in after.data.items() if name != "items"} == {
        name: each for name, each in before.data.items() if name != "items"
    }
    if "[{" not in text:  # a list in brackets is written again
        old, new = text.splitlines(), after.text.splitlines()
        if kind == "move":
            assert sorted(old) == sorted(new)
        elif kind == "insert":
            assert all(line in new for line in old)
            assert len(new) <= len(old) + 3  # two of them blank
        else:
            assert all(line in old for line in new)
    for comment in ("# top", "# end", "# who"):
        assert text.count(comment) == after.text.count(comment)


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        (
            "items:\n  - reviewer_guideline: # ask\n      basis: mtus\n      # why\n      # deep\n      mtus:\n"
            "        - chapter: Eye\n    outcome: upheld\n",
            "items[0].reviewer_guideline",
            {"basis": "none_cited"},
            "items:\n  # ask\n  # why\n  # deep\n"
            '  - reviewer_guideline:\n      basis: "none_cited"\n    outcome: upheld\n',
        ),
        (
            "reviewer:\n  licensed_in: [California, Nevada] # both\n  certifications:\n",
            "reviewer.licensed_in",
            ["Utah"],
            "reviewer:\n  # both\n  licensed_in:\n    - Utah\n  certifications:\n",
        ),
        (
            "clinical_summary: |- # old\n  One.\n\n  Two #2.\n# next\nitems:\n",
            "clinical_summary",
            "Three.",
            "# old\nclinical_summary: Three.\n# next\nitems:\n",
        ),
    ],
)
def test_a_whole_group_or_list_is_replaced_and_its_comments_move_above(
    text: str, path: str, value: object, expected: str
) -> None:
    assert draft_of(text).with_value(parse(path), value, order).text == expected


# --- the form ---------------------------------------------------------------------------------


def test_prose_is_put_behind_the_comments_of_the_group_before_it() -> None:
    text = "case:\n        number: CM16-0900101\n        # mine\n\n        # too\n# end\nitems:\n  - request: MRI\n"
    edited = Draft.read(text.encode(), "d.yaml").with_value(("clinical_summary",), "One.\n\nTwo.", order)
    assert edited.text == text.replace("# too\n", "# too\nclinical_summary: |-\n  One.\n\n  Two.\n")


def test_every_field_of_a_decision_is_asked_for() -> None:
    def leaves(kind: FieldType, path: tuple[str, ...]) -> list[str]:
        here = (*path, "*") if isinstance(kind, Listing) else path
        below = [found for name, inner in kind.fields.items() for found in leaves(inner, (*here, name))]
        return below or [dotted(path)]

    assert leaves(FORM.published, ()) == [question.field for question in questions.QUESTIONS]


def test_the_schema_of_drafts_takes_an_empty_draft_and_a_finished_one() -> None:
    schema = draft_schema()
    assert "required" not in json.dumps(schema)
    item = schema["$defs"]["Item"]["properties"]
    assert all({"type": "null"} in inner["anyOf"] for inner in item.values())


def test_a_new_draft_asks_everything_and_lacks_everything(run: Run, tmp_path: Path) -> None:
    assert run("draft", "new", "-o", "draft.yaml").code == 0
    text = (tmp_path / "draft.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=draft.schema.json\n")
    for question in questions.QUESTIONS:
        assert question.ask in " ".join(text.replace("#", " ").split())
    assert json.loads((tmp_path / "draft.schema.json").read_bytes()) == draft_schema()
    outcome = run("draft", "status", "draft.yaml", "--json")
    shape = json.loads(outcome.out)
    assert outcome.code == 1
    assert list(shape) == ["version", "source", "complete", "open"]
    assert [each["field"] for each in shape["open"]] == [
        dotted(path) for path, _, needed in paths(draft_of(text).data) if needed
    ]
    for each in shape["open"]:
        line = text.splitlines()[each["line"] - 1]
        assert line.strip() == parse(each["field"])[-1] + ":"  # type: ignore[operator]
    assert run("draft", "new", "-o", "draft.yaml").code == 0  # identical
    assert run("draft", "new", "--items", "2", "-o", "draft.yaml").code == 4


def test_the_schema_has_the_place_it_is_given(run: Run, tmp_path: Path) -> None:
    assert run("draft", "new", "-o", "cases/draft.yaml", "--schema", "schema/draft.json").code == 0
    assert "$schema=../schema/draft.json\n" in (tmp_path / "cases" / "draft.yaml").read_text()
    assert (tmp_path / "schema" / "draft.json").is_file()
    (tmp_path / "mine.json").write_text("{}")
    assert run("draft", "new", "-o", "other.yaml", "--schema", "mine.json").code == 4
    assert (tmp_path / "mine.json").read_text() == "{}"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_goes_through_a_draft_and_back(run: Run, tmp_path: Path, path: Path) -> None:
    assert run("draft", "new", "--from", path, "--keep-case", "-o", "draft.yaml").code == 0
    assert run("draft", "finish", "draft.yaml", "-o", "decision.yaml").code == 0
    assert load(tmp_path / "decision.yaml") == render(load(path)).decision


def test_a_similar_case_leaves_the_header_to_be_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(render(load(SAMPLE)).pdf())
    assert run("draft", "new", "--from", "letter.pdf", "-o", "draft.yaml").code == 0
    text = (tmp_path / "draft.yaml").read_text()
    assert "CM16-09" not in text
    assert "said about another person" in text
    found = status(draft_of(text))
    assert {each.path[0] for each in found} == {"case"}
    assert {each.sort for each in found} == {"missing"}


def test_the_parties_of_a_similar_case_stay_with_it(run: Run, tmp_path: Path) -> None:
    [mailed] = [path for path in SAMPLES if path.stem == "14-mailed-to-the-worker"]
    outcome = run("draft", "new", "--from", mailed, "-o", "draft.yaml")
    assert outcome.code == 0
    assert "were left out: they belong to the other case" in outcome.err
    text = (tmp_path / "draft.yaml").read_text()
    assert not any(name in text for name in ("EXAMPLE-CLAIM", "Sample Worker", *FORM.withheld))


# --- what is open -----------------------------------------------------------------------------


@given(st.data())
def test_any_draft_gets_a_list_or_a_decision(data: st.DataObject) -> None:
    """Whatever it holds: no fault but those a person can fix."""
    tree = st.recursive(
        st.sampled_from(["", None, "x", "2017-02-27", "upheld", "mtus", "\u202e", "CM16-0000001"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    ["case", "items", "request", "rationale", "snippet", "as_printed", "number", "a.b[0]", "text"]
                ),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    )
    whole = data.draw(st.dictionaries(st.sampled_from(["case", "reviewer", "clinical_summary", "items", "odd"]), tree))
    document = draft_of(json.dumps(whole))
    found = status(document)
    assert found
    assert all(each.finding.line for each in found)
    preview(document)


@given(st.data())
def test_a_draft_with_nothing_open_is_a_decision(data: st.DataObject) -> None:
    """Whatever is missing from a decision, or is too much in it, is listed."""
    whole = load(data.draw(st.sampled_from(SAMPLES))).data()
    for _ in range(data.draw(st.integers(1, 3))):
        group = data.draw(st.one_of(st.just(whole), st.sampled_from(list(_groups(whole)))))
        added = ["", "odd", "as_printed", "text", "0", "a.b"] if isinstance(group, dict) else []
        steps = [*(group if isinstance(group, dict) else range(len(group))), *added]
        if steps:
            group[data.draw(st.sampled_from(steps))] = data.draw(
                st.sampled_from([None, "", "x", [], ["x"], {}, {"odd": "x"}, [{}], {"items": "x"}, [{"snippet": "x"}]])
            )
    text = json.dumps(whole, ensure_ascii=False)
    found = status(draft_of(text))
    if not any(each.blocks for each in found):
        assert finish.decision(draft_of(text))[0] is not None
    assert all(each.finding.message and each.finding.line for each in found)


def _groups(data: Any) -> Iterator[Any]:
    if isinstance(data, dict | list):
        yield data
        for inner in data.values() if isinstance(data, dict) else data:
            yield from _groups(inner)


def test_faults_and_doubts_have_their_place_and_role(run: Run, tmp_path: Path) -> None:
    text = SAMPLE.read_text().replace("    - Arizona", "    - Atlantis").replace("2016-09-27", "09/27/2016")
    (tmp_path / "draft.yaml").write_text(text)
    found = {dotted(each.path): each for each in status(draft_of(text))}
    assert found["case.injured_on"].sort == "faulty"
    assert found["case.injured_on"].roles == ("operations",)
    assert found["reviewer.licensed_in"].sort == "doubtful"
    assert found["reviewer.licensed_in"].finding.line
    assert "licensed_in" in text.splitlines()[found["reviewer.licensed_in"].finding.line - 1]
    assert run("draft", "status", "draft.yaml", "--role", "nurse").code == 0
    assert run("draft", "finish", "draft.yaml", "-o", "decision.yaml").code == 1
    assert not (tmp_path / "decision.yaml").exists()


def test_a_draft_that_would_not_render_is_doubtful_for_the_nurse() -> None:
    text = SAMPLE.read_text().replace("summary: |-\n", "summary: |-\n  Decision rationale: x\n\n", 1)
    [found] = status(draft_of(text))
    assert (found.sort, dotted(found.path)) == ("doubtful", "clinical_summary")
    assert "nurse" in found.roles


@pytest.mark.parametrize(
    ("block", "field", "said"),
    [
        ("- snippet: no-such-words\n        version: 1", "snippet", "there is no snippet"),
        ("- snippet: benzodiazepines-long-term\n        version: 77", "snippet", "has no version 77"),
        ("- snippet: acupuncture-no-improvement\n        version: 1", "values.treatment", "treatment"),
        (
            "- snippet: acupuncture-no-improvement\n        version: 1\n        values:\n"
            "          treatment: Acupuncture\n          completed: many",
            "values.completed",
            "completed",
        ),
    ],
)
def test_unknown_snippets_and_unfit_values_are_told(block: str, field: str, said: str) -> None:
    head, _, _ = SAMPLES[0].read_text().partition("    rationale: |-")
    [found] = status(draft_of(f"{head}    rationale:\n      {block}\n"))
    assert dotted(found.path) == f"items[0].rationale[0].{field}"
    assert said in found.finding.message
    assert found.sort != "doubtful"


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "words", "value"),
    [
        ("case.injured_on", "2/3/2016", "2016-02-03"),
        ("case.priority", "2", "expedited"),
        ("items[0].outcome", "Up", "upheld"),
        ("reviewer.licensed_in", "California,Nevada", ["California", "Nevada"]),
        ("items[0].request", "A | B", {"original": "A", "authorized": "B"}),
        ("items[0].reviewer_guideline", "none", {"basis": "none_cited"}),
        (
            "items[0].reviewer_guideline",
            "MTUS Knee Complaints 2004; Non-MTUS ODG, Knee",
            {"basis": "mtus", "mtus": [{"chapter": "Knee Complaints", "year": 2004}], "non_mtus": "ODG, Knee"},
        ),
        ("items[0].reviewer_guideline", "Non-MTUS ODG", {"basis": "outside_mtus", "non_mtus": "ODG"}),
    ],
)
def test_answers_are_taken_in_a_persons_words(field: str, words: str, value: object) -> None:
    assert value_of(parse(field), words) == value


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("case.injured_on", "13/13/2016"),
        ("case.injured_on", "1/2/16"),
        ("case.number", "cm16-0000001"),
        ("case.priority", "3"),
        ("items[0].outcome", "denied"),
        ("items[0].request", "\u202eA"),
        ("items[0].reviewer_guideline", "some book"),
        ("items[0].request", "A | B | C | D"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(field: str, words: str) -> None:
    with pytest.raises(AnswerError, match=r"[a-z]"):
        value_of(parse(field), words)


def test_every_answer_is_in_the_file_before_the_next_question(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(questionnaire.text())
    file.chmod(0o600)
    session = Session(file)
    ask = session.ask()
    assert ask is not None
    session.answer(ask, "CM16-0900055")
    assert "number: CM16-0900055\n" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    following = session.ask()
    assert following is not None
    with pytest.raises(AnswerError):
        session.answer(following, "urgent")
    assert dotted(following.path) == "case.priority"


def test_a_paste_from_a_word_processor_is_taken_in_plain_signs(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(questionnaire.text({"case": None}))
    session = Session(file)
    ask = Ask(("clinical_summary",), "", "", prose=True)
    notes = session.answer(
        ask, "X\u2011ray of the spine.\r\n\r\n\uf0b7\tof\ufb01ce visit\u200b, 37\u02da\x0bA co\u00adoperative worker."
    )
    assert draft_of(file.read_text()).data["clinical_summary"] == (
        "X-ray of the spine.\n\n\u2022\toffice visit, 37\u00b0\nA cooperative worker."
    )
    assert [note.partition(" was read")[0] for note in notes[:4]] == [
        "the sign U+02DA (RING ABOVE)",
        "the sign U+2011 (NON-BREAKING HYPHEN)",
        "the sign U+F0B7 (of a symbol font)",
        "the sign U+FB01 (LATIN SMALL LIGATURE FI)",
    ]
    assert notes[4] == "2 invisible marks left out where a word may break"


def test_what_no_letter_may_hold_is_listed_all_at_once_and_kept_as_typed(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(questionnaire.text())
    session = Session(file)
    ask = Ask(("clinical_summary",), "", "", prose=True)
    words = "Pain \uf0a3 5 of 10.\n\nA \u202eright-to-left\u202c mark and a tab\tthat is white space."
    with pytest.raises(AnswerError) as error:
        session.answer(ask, words)
    assert str(error.value) == (
        'holds what no letter may hold: line 1, character 6, at "? 5 of 10.": character U+F0A3 (an unassigned '
        "character) is refused (delete it, or write it in characters that print); line 3, character 3, at "
        '"?right-to-left? mark": character U+202E (RIGHT-TO-LEFT OVERRIDE) is refused (delete it, or write it in '
        'characters that print); line 3, character 17, at "? mark and a tab?tha": character U+202C (POP DIRECTIONAL '
        "FORMATTING) is refused (delete it, or write it in characters that print)"
    )
    draft = draft_of(file.read_text())
    assert draft.data["clinical_summary"] == words
    assert draft.data["unfinished"] == ["clinical_summary"]
    session.answer(ask, "Pain.")
    assert "unfinished" not in draft_of(file.read_text()).data


@given(st.data())
def test_whatever_is_typed_is_in_the_draft_as_it_was(data: st.DataObject) -> None:
    document = draft_of(data.draw(st.sampled_from([each for each in DRAFTS if "# no\n" not in each])))
    path = data.draw(st.sampled_from([path for path, _, _ in paths(document.data)]))
    words = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
    try:
        after = kept(document, path, words)
    except DecisionError as error:
        assert "cannot be written here" in str(error)  # noqa: PT017 - then it is put in a file of its own
        return
    assert _folded(after.value(path)) == _folded(words)
    assert path in unfinished(after.data)
    [found] = [each for each in status(after) if path in (each.path, parse(each.finding.field))][:1]
    assert found.sort in ("unfinished", "faulty")
    assert finish.decision(after)[0] is None
    with pytest.raises(DecisionError):
        loads(after.text)


def test_marks_go_with_their_items() -> None:
    document = draft_of(questionnaire.text({"items": [{"request": "A"}, {"request": "B"}, {"request": "C"}]}))
    document = kept(document, ("items", 1, "outcome"), "up or ov")
    assert item_added(document, 0).data["unfinished"] == ["items[2].outcome"]
    assert item_moved(document, 0, 2).data["unfinished"] == ["items[0].outcome"]
    assert item_moved(document, 1, 2).data["unfinished"] == ["items[2].outcome"]
    assert item_removed(document, 0).data["unfinished"] == ["items[0].outcome"]
    assert "unfinished" not in item_removed(document, 1).data
    assert document.text.startswith(item_added(item_removed(document, 1), 1).text[:300])


def test_a_refused_answer_is_kept_and_the_way_back_shows_the_one_before(run: Run, tmp_path: Path) -> None:
    assert run("draft", "new", "-o", "d.yaml").code == 0
    stdin = b"CM16-0900303\nurgent\nquit\n"
    outcome = run("draft", "fill", "d.yaml", stdin=stdin)
    assert "Question 1 of 15" in outcome.text
    assert "It is kept, marked as unfinished. Once more:" in outcome.text
    assert draft_of((tmp_path / "d.yaml").read_text()).data["case"]["priority"] == "urgent"
    listed = run("draft", "status", "d.yaml").text
    assert "unfinished: case.priority: is none of the known values" in listed
    outcome = run("draft", "fill", "d.yaml", stdin=b"standard\nback\nexpedited\n\nback\nback\nquit\n")
    assert "  | standard\n" in outcome.text
    data = draft_of((tmp_path / "d.yaml").read_text()).data
    assert data["case"]["priority"] == "expedited"
    assert "unfinished" not in data


def test_a_change_on_disk_meanwhile_is_noticed_and_both_versions_stay(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(questionnaire.text())
    session = Session(file)
    ask = session.ask()
    assert ask is not None
    theirs = file.read_text() + "# by somebody else\n"
    file.write_text(theirs)
    with pytest.raises(ConflictError):
        session.answer(ask, "CM16-0900055")
    assert file.read_text() == theirs
    assert "CM16-0900055" in (tmp_path / "draft.yaml.mine").read_text()
    with pytest.raises(ConflictError):  # an earlier version next to it is not overwritten either
        session.answer(ask, "CM16-0900056")
    assert "CM16-0900055" in (tmp_path / "draft.yaml.mine").read_text()
    assert "CM16-0900056" in (tmp_path / "draft.yaml.mine-2").read_text()


def test_a_protected_draft_is_not_filled_in(run: Run, tmp_path: Path) -> None:
    assert run("draft", "new", "-o", "d.yaml").code == 0
    before = (tmp_path / "d.yaml").read_bytes()
    (tmp_path / "d.yaml").chmod(0o444)
    outcome = run("draft", "fill", "d.yaml")
    assert outcome.code == 5
    assert "is protected against writing" in outcome.err
    assert (tmp_path / "d.yaml").read_bytes() == before


def test_a_draft_that_was_begun_is_no_similar_case_yet(run: Run, tmp_path: Path) -> None:
    assert run("draft", "new", "-o", "d.yaml").code == 0
    outcome = run("draft", "new", "--from", "d.yaml", "-o", "e.yaml")
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        5,
        "d.yaml: is a draft with questions that are open, not yet a decision",
    )
    assert not (tmp_path / "e.yaml").exists()


def test_a_new_draft_never_takes_the_place_of_another(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("# mine\n")
    outcome = run("draft", "new", "-o", "d.yaml")
    assert outcome.code == 4
    assert "--replace" not in outcome.err  # this command has no such option
    assert (tmp_path / "d.yaml").read_text() == "# mine\n"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("case:\n")
    (tmp_path / "draft.yaml").symlink_to("real.yaml")
    store = DraftFile(tmp_path / "draft.yaml")
    store.save(store.draft.with_value(("case", "priority"), "standard", order))
    assert (tmp_path / "draft.yaml").is_symlink()
    assert "standard" in (tmp_path / "real.yaml").read_text()


def test_fill_through_a_pipe_with_skips_and_snippet(run: Run, tmp_path: Path) -> None:
    head, _, _ = SAMPLES[0].read_text().partition("    reviewer_guideline:")
    head = head.replace("Repeat MRI of the lumbar spine without contrast", "Acupuncture, 6 sessions")
    (tmp_path / "draft.yaml").write_text(head)
    outcome = run("draft", "fill", "draft.yaml", "--role", "reviewer", stdin=b"\n?\n?1\n1\n6 sessions\n\n")
    assert "Acupuncture" in outcome.text
    document = draft_of((tmp_path / "draft.yaml").read_text())
    [item] = document.data["items"]
    assert item["reviewer_guideline"]["basis"] == "mtus"  # from the snippet
    assert item["rationale"][0]["snippet"]
    assert (tmp_path / "draft.yaml").read_text().startswith(head)


def test_prose_that_was_being_typed_is_kept_when_the_input_ends(run: Run, tmp_path: Path) -> None:
    text = SAMPLES[0].read_text()
    head, _, _ = text.partition("    rationale: |-")
    (tmp_path / "draft.yaml").write_text(head)
    outcome = run("draft", "fill", "draft.yaml", stdin=b"First line.\n\nSecond: line #2.\n")
    assert outcome.code == 1
    rationale = draft_of((tmp_path / "draft.yaml").read_text()).data["items"][0]["rationale"]
    assert rationale == "First line.\n\nSecond: line #2."


# --- preview ----------------------------------------------------------------------------------


def test_a_preview_cannot_be_taken_for_a_letter(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text(questionnaire.text())
    outcome = run("draft", "preview", "empty.yaml")
    assert outcome.text.splitlines()[0] == MARK
    for _, question, needed in paths({"case": None}):
        assert not needed or f"[{question.label}?]" in " ".join(outcome.text.split())
    with pytest.raises(ImrLettersError):
        api.parse(outcome.out)
    (tmp_path / "whole.yaml").write_bytes(SAMPLE.read_bytes())
    assert run("draft", "preview", "whole.yaml").text == f"{MARK}\n\n{render(load(SAMPLE)).text}"
    for name in ("empty", "whole"):
        assert run("draft", "preview", f"{name}.yaml", "--to", "pdf", "-o", f"{name}.pdf").code == 0
    assert (tmp_path / "whole.pdf").read_bytes() == render(load(SAMPLE)).pdf(draft=True)
    with pytest.raises(ImrLettersError):
        api.parse(tmp_path / "empty.pdf")
    for name in ("empty", "whole"):
        assert html.blocks(run("draft", "preview", f"{name}.yaml", "--to", "html").text)[0] == MARK
    assert run("draft", "preview", "whole.yaml", "-o", "whole.yaml").code == 4


def test_a_preview_is_shown_although_no_family_prints_all_of_the_draft(run: Run, tmp_path: Path) -> None:
    draft = SAMPLE.read_text().replace("reviewer:\n", "reviewer:\n  subspecialty: Spine\n")
    (tmp_path / "draft.yaml").write_text(draft)
    assert run("draft", "preview", "draft.yaml").text.startswith(MARK)
    mailed = run("draft", "preview", "draft.yaml", "--family", "final-determination")
    assert mailed.code == 2
    assert "needs" in mailed.err


def test_a_preview_is_not_written_over_a_letter(run: Run, tmp_path: Path) -> None:
    (tmp_path / "draft.yaml").write_text(questionnaire.text())
    (tmp_path / "letter.txt").write_text("a letter")
    assert run("draft", "preview", "draft.yaml", "-o", "letter.txt").code == 4
    assert run("draft", "preview", "draft.yaml", "-o", "preview.txt").code == 0
    (tmp_path / "draft.yaml").write_bytes(SAMPLE.read_bytes())
    assert run("draft", "preview", "draft.yaml", "-o", "preview.txt").code == 0


def test_watching_follows_the_file_and_tells_what_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(questionnaire.text())
    steps: Iterator[Callable[[], object]] = iter(
        [
            lambda: None,
            lambda: file.write_text("case: [\n"),
            lambda: file.unlink(),
            lambda: None,
            lambda: file.write_bytes(SAMPLE.read_bytes()),
        ]
    )

    def pause() -> None:
        next(steps)()

    seen = watch(file, pause=pause)
    assert f"{MARK}".encode() in next(seen)  # type: ignore[operator]
    assert isinstance(next(seen), DecisionError)
    assert isinstance(next(seen), InputError)
    assert b"CM16-0900003" in next(seen)  # type: ignore[operator]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_decision_is_a_complete_draft(path: Path) -> None:
    found = status(Draft.read(path.read_bytes(), path.name))
    assert [each for each in found if each.sort != "doubtful"] == []


# --- what is reported while things are missing ------------------------------------------------


def test_dates_that_cannot_be_are_doubtful_at_every_field_they_are_about() -> None:
    text = "case:\n  injured_on: 2061-03-04\n  decided_on: 2016-02-01\n"
    found = [each for each in status(draft_of(text)) if each.sort == "doubtful"]
    assert [(dotted(each.path), [dotted(path) for path in each.also], each.finding.code) for each in found] == [
        ("case.injured_on", [], "future"),
        ("case.decided_on", ["case.injured_on"], "date-order"),
    ]
    assert found[1].as_dict()["also"] == ("case.injured_on",)


def test_the_nearest_known_name_is_given_and_the_editions_of_a_chapter() -> None:
    text = (
        "reviewer:\n  licensed_in: [Californa]\n  certifications: [Pain Managment]\nitems:\n"
        "  - reviewer_guideline:\n      basis: mtus\n      mtus:\n        - chapter: Eye\n          year: 2011\n"
    )
    said = [each.finding.message for each in status(draft_of(text)) if each.sort == "doubtful"]
    assert said == [
        '"Californa" is not a state of licensure this toolkit knows (did you mean "California"?)',
        '"Pain Managment" is not a specialty this toolkit knows (did you mean "Pain Management"?)',
        '"Eye 2011" is not a chapter and year this toolkit knows (its editions: 2004)',
    ]
