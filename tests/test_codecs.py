"""Every codec reads what it prints: `decode(encode(value)) == value` for every value and argument a letter may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters.engine.codecs import Codec
from imr_letters.engine.text import words
from imr_letters.imr.codecs import CODECS
from imr_letters.imr.codecs.guideline import split_sections
from imr_letters.imr.model import (
    ModifiedRequest,
    MtusCitation,
    MtusGuideline,
    NoGuideline,
    OtherGuideline,
    OutsideGuideline,
    OwnText,
)
from imr_letters.imr.vocabulary import mtus_chapters, mtus_cited_by_page, sections_with_commas
from imr_letters.testing.strategies import days, plain

#: Sections as letters cite them: also ones with the names of chapters, with commas, and with brackets in them.
SECTIONS = st.sampled_from(
    [*sections_with_commas(), *mtus_cited_by_page(), "Special Studies", "Summary", "Work (a, b)", "Rest (c [d, e])"]
)
#: Words of names, and the words of the guideline line itself.
NAMES = st.lists(
    st.sampled_from(
        "The Expert Reviewer Decision based on MTUS Eye 2004. Non-MTUS Citation did not cite their, Section(s):".split()
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@st.composite
def citations(draw: st.DrawFn) -> MtusCitation:
    sections = tuple(draw(st.lists(SECTIONS, max_size=3)))
    if draw(st.booleans()):
        return MtusCitation(
            chapter=draw(st.sampled_from(list(mtus_chapters()))), year=draw(st.integers(1990, 2099)), sections=sections
        )
    pages = tuple(draw(st.lists(st.sampled_from(["7", "24", "26-27"]), max_size=3)))
    return MtusCitation(chapter=draw(st.sampled_from(mtus_cited_by_page())), sections=sections, pages=pages)


SOME = plain
GUIDELINES = st.one_of(
    st.builds(NoGuideline, basis=st.just("none_cited")),
    st.builds(
        MtusGuideline,
        basis=st.just("mtus"),
        mtus=st.lists(citations(), min_size=1, max_size=3).map(tuple),
        non_mtus=st.none() | SOME,
    ),
    st.builds(
        OutsideGuideline,
        basis=st.sampled_from(["outside_mtus", "not_mtus"]),
        non_mtus=SOME,
        other_guidelines=st.none() | SOME,
    ),
    st.builds(OtherGuideline, basis=st.just("unrecognized"), words=SOME),
)
PARAGRAPHS = st.lists(SOME, min_size=1, max_size=3)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "words": SOME,
    "prose": PARAGRAPHS.map("\n\n".join),
    "us_date": days,
    "list": st.lists(SOME, min_size=1, max_size=4).map(tuple),
    "number": st.integers(1, 9999).map(str),
    "choice": st.sampled_from(["left", "left knee"]),
    "case_number": st.from_regex(r"[A-Z]{2}[0-9]{2}-[0-9]{7}", fullmatch=True),
    "guideline": GUIDELINES,
    "request": SOME
    | st.builds(ModifiedRequest, original=SOME, authorized=SOME, remaining=st.none() | SOME)
    | st.builds(ModifiedRequest, original=SOME.map("{} that are".format), authorized=SOME),
    "rationale": PARAGRAPHS.map(lambda texts: (OwnText(text="\n\n".join(texts)),)),
    "address": st.lists(SOME, min_size=1, max_size=4).map(tuple),
}
ARGUMENTS: dict[str, st.SearchStrategy[tuple[str, ...]]] = {
    "guideline": NAMES.map(lambda by: (by,)),
    "list": st.sampled_from([(",",), (", ",), ()]),
    "choice": st.just(("left", "left knee")),
}


def made(name: str, arguments: tuple[str, ...]) -> Codec | None:
    try:
        return CODECS.make(name, *arguments)
    except ValueError:
        return None


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_a_codec_reads_what_it_prints(name: str, data: st.DataObject) -> None:
    codec = made(name, data.draw(ARGUMENTS.get(name, st.just(()))))
    if codec is None:
        return
    closed = codec.examples() if codec.closed else None
    value = data.draw(st.sampled_from(closed) if closed else VALUES[name])
    assert codec.decode(codec.encode(value)) == value


@pytest.mark.parametrize("by", ["The Claims Administrator", "The Expert Reviewer", "Our physician", "It", "IMRO"])
def test_who_decided_is_a_name(by: str) -> None:
    assert made("guideline", (by,)) is not None


@pytest.mark.parametrize(
    "by",
    [
        "Decision based on MTUS Eye 2004. Decision based on Non-MTUS Citation",
        "A did not cite any medical evidence for its decision. B",
        "The reviewer based their",
        "MTUS",
        "",
        " x",
    ],
)
def test_words_of_the_line_are_no_name(by: str) -> None:
    assert made("guideline", (by,)) is None


def test_brackets_that_never_close_hide_no_comma() -> None:
    assert split_sections("Alpha (a, b), Beta (c, Gamma") == ["Alpha (a, b)", "Beta (c", "Gamma"]
    assert split_sections("Alpha (a, (b, c), d), Beta") == ["Alpha (a, (b, c), d)", "Beta"]


def test_nested_brackets_cost_linear_time() -> None:
    codec = CODECS.make("guideline", "The Expert Reviewer")
    for piece in ("(a, ", "(a, b), ", "[(", ", and Eye ", ", Page(s): 1"):
        line = words(f"Decision based on MTUS Knee Complaints 2004, Section(s): {piece * 20_000}")
        started = time.process_time()
        codec.decode(line)
        assert time.process_time() - started < 5.0  # by the square of the length it is minutes
