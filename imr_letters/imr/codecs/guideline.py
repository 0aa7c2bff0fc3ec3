"""How a guideline line is printed and read, in the citation styles of both eras.

    guideline := mtus [nonmtus] | outside nonmtus | none
    mtus      := "Decision based on MTUS" citation (", and" citation)* "."
    citation  := chapter year [", Section(s):" section (", " section)*]          from 2016
               | chapter [topic (", " topic)*] ["Page(s):" page (", " page)*]    2014-15
    outside   := BY "based their decision on recommendation(s) outside of the MTUS Guidelines."
               | BY "did not base their decision on the MTUS."
    nonmtus   := "Decision based on Non-MTUS Citation" words ["and Other Medical Treatment Guidelines" words] "."
    none      := BY "did not cite any medical evidence for its decision."

The wording is that of the published determinations; BY is who decided, as the template says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Any

from pydantic import ValidationError

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.text import words
from imr_letters.imr.model import MtusCitation, MtusGuideline, NoGuideline, OtherGuideline, OutsideGuideline
from imr_letters.imr.vocabulary import mtus_chapters, mtus_cited_by_page, sections_with_commas

_MTUS = "Decision based on MTUS "
_NON_MTUS = "Decision based on Non-MTUS Citation "
_OTHER = " and Other Medical Treatment Guidelines "
_SECTIONS = ", Section(s): "
_PAGES = " Page(s): "
_AND = ", and "
_NONE = " did not cite any medical evidence for its decision."
_OUTSIDE = {
    "outside_mtus": " based their decision on recommendation(s) outside of the MTUS Guidelines.",
    "not_mtus": " did not base their decision on the MTUS.",
}

#: Pages as letters print them; only the first form is printed by this toolkit.
_PAGE_LIST = re.compile(
    r"(?: Page\(s\): ?|, [Pp]age\(s\):? |, [Pp]ages? |, pgs?\.? )(\d+(?:-\d+)?(?:[,;] ?\d+(?:-\d+)?)*)(?=$|, )"
)
_UNKNOWN_CHAPTER = re.compile(r"(\D{3,}?) ((?:19|20)\d\d)(?: Guidelines)?(?:, Section\(s\): (.+))?")

_BRACKET_OR_COMMA = re.compile(r"[()\[\],]")

#: Who decided, as a template says it: a name, and nothing that could be a part of the line.
_LONGEST_NAME = 60
_NO_NAME = re.compile(r"(?i)[.:;]\s|,|\d| decision | MTUS | did not | based their | Section\(s\)| Page\(s\)")

_Guideline = MtusGuideline | OutsideGuideline | NoGuideline | OtherGuideline


class GuidelineLine(Codec):
    """What a decision rests on, as one line: `guideline("The Expert Reviewer")`."""

    name = "guideline"
    kind = "guideline"
    reach = "words"
    exact = False
    expected = "a guideline line"
    example_arguments = ("The Expert Reviewer",)

    def __init__(self, by: str) -> None:
        if not by or words(by) != by:
            raise ValueError("the codec guideline needs the words for who decided, without spaces at the ends")
        if len(by) > _LONGEST_NAME or _NO_NAME.search(f" {by} "):
            raise ValueError(
                f'the codec guideline takes who decided, in at most {_LONGEST_NAME} characters without "." or words of '
                f'the guideline line itself, not "{by[:_LONGEST_NAME]}"'
            )
        self.by = by
        self.phrases = (
            by + _NONE,
            *(by + each for each in _OUTSIDE.values()),
            _MTUS,
            _NON_MTUS,
            _OTHER,
            _SECTIONS,
            _PAGES,
        )

    def encode(self, value: _Guideline) -> str:
        """Return the line."""
        if isinstance(value, OtherGuideline):
            return value.words
        if isinstance(value, NoGuideline):
            return self.by + _NONE
        if isinstance(value, OutsideGuideline):
            first = self.by + _OUTSIDE[value.basis]
        else:
            first = _MTUS + _AND.join(map(_print_citation, value.mtus)) + "."
        if value.non_mtus is None:
            return first
        other = "" if value.other_guidelines is None else _OTHER + value.other_guidelines
        return f"{first} {_NON_MTUS}{value.non_mtus}{other}."

    def decode(self, words: str) -> _Guideline:
        """Return the guideline; a line of no known form is kept as `unrecognized`."""
        try:
            return self._structured(words) or OtherGuideline(basis="unrecognized", words=words)
        except ValidationError:  # a form that is known with a value that is not, such as the year 3016
            return OtherGuideline(basis="unrecognized", words=words)

    def _structured(self, words: str) -> _Guideline | None:
        if words.rstrip(".") == (self.by + _NONE).rstrip("."):
            return NoGuideline(basis="none_cited")
        first, found, rest = words.partition(_NON_MTUS)
        first = first.strip()
        cited, _, other = rest.partition(_OTHER)
        if found and not cited.strip(". "):
            return None
        non_mtus: dict[str, Any] = {"non_mtus": cited, "other_guidelines": other or None} if found else {}
        for basis, phrase in _OUTSIDE.items():
            if found and first == self.by + phrase:
                return OutsideGuideline(basis=basis, **non_mtus)  # type: ignore[arg-type]
        if first.startswith(_MTUS):
            citations = _read_citations(first.removeprefix(_MTUS).removesuffix("."))
            if citations:
                return MtusGuideline(basis="mtus", mtus=tuple(citations), **non_mtus)
        return None

    def examples(self) -> list[Any]:
        """Return a guideline of each basis."""
        citation = MtusCitation(chapter="Knee Complaints", year=2004, sections=("Alpha", "Beta"))
        by_page = MtusCitation(chapter="Low Back Complaints", sections=("Alpha",), pages=("24", "26-27"))
        return [
            NoGuideline(basis="none_cited"),
            MtusGuideline(basis="mtus", mtus=(citation,)),
            MtusGuideline(basis="mtus", mtus=(by_page,), non_mtus="Alpha", other_guidelines="Beta"),
            OutsideGuideline(basis="outside_mtus", non_mtus="Alpha"),
            OutsideGuideline(basis="not_mtus", non_mtus="Alpha"),
            OtherGuideline(basis="unrecognized", words="Alpha beta."),
        ]


def _print_citation(citation: MtusCitation) -> str:
    if citation.year is not None:
        sections = _SECTIONS + ", ".join(citation.sections) if citation.sections else ""
        return f"{citation.chapter} {citation.year}{sections}"
    topics = " " + ", ".join(citation.sections) if citation.sections else ""
    pages = _PAGES + ", ".join(citation.pages) if citation.pages else ""
    return f"{citation.chapter}{topics}{pages}"


@cache
def _known_chapter() -> re.Pattern[str]:
    names, by_page = ("|".join(map(re.escape, sorted(each, key=len, reverse=True))) for each in _chapters())
    year = r"((?:19|20)\d\d)(?: Guidelines)?(?=$|, Section\(s\): |, and )"
    return re.compile(rf"(?:^|, and )(?:({names}) {year}|(?:{by_page})(?=$| |, and ))")


def _chapters() -> tuple[Iterable[str], Iterable[str]]:
    return mtus_chapters(), mtus_cited_by_page()


def _read_citations(text: str) -> list[MtusCitation] | None:
    """Read citations one after the other: each but the first begins with the name of a known chapter."""
    found = list(_known_chapter().finditer(text))
    if not found or found[0].start() > 0:
        return _read_unknown(text)
    citations: list[MtusCitation] = []
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        if match[1] is None:
            start = match.start() + (len(_AND) if match.start() else 0)
            read = _read_by_page(text[start:end])
            if read is None:
                return None
            citations += read
        else:
            sections = tuple(split_sections(text[match.end() : end].removeprefix(_SECTIONS)))
            citations.append(MtusCitation(chapter=match[1], year=int(match[2]), sections=sections))
    return citations


def _read_unknown(text: str) -> list[MtusCitation] | None:
    unknown = _UNKNOWN_CHAPTER.fullmatch(text)
    if unknown:
        return [
            MtusCitation(chapter=unknown[1], year=int(unknown[2]), sections=tuple(split_sections(unknown[3] or "")))
        ]
    return _read_by_page(text)


def _read_by_page(text: str) -> list[MtusCitation] | None:
    citations: list[MtusCitation] = []
    start = 0
    for match in _PAGE_LIST.finditer(text):
        pages = tuple(page.strip() for page in re.split("[,;]", match[1]))
        citations.append(_named(text[start : match.start()], pages, citations))
        start = match.end()
        start += len(_AND) if text.startswith(_AND, start) else len(", ") if text.startswith(", ", start) else 0
    if start < len(text):
        citations.append(_named(text[start:], (), citations))
    return citations if all(citation.chapter for citation in citations) else None


def _named(text: str, pages: tuple[str, ...], before: list[MtusCitation]) -> MtusCitation:
    """Read a chapter's name and topics.

    Where the name is unknown, all of it is a topic of the known chapter before it, or else the name.
    """
    for name in mtus_cited_by_page():
        if text == name or text.startswith(name + " "):
            topics = tuple(split_sections(text[len(name) + 1 :]))
            return MtusCitation(chapter=name, sections=topics, pages=pages)
    if before and before[-1].chapter in mtus_cited_by_page():
        return MtusCitation(chapter=before[-1].chapter, sections=tuple(split_sections(text)), pages=pages)
    return MtusCitation(chapter=text, pages=pages)


def split_sections(text: str) -> list[str]:
    """Split a list of sections at its commas, but not inside brackets nor inside a name known to hold commas."""
    sections = []
    hidden = _within_brackets(text)
    start = 0
    while start < len(text):
        end = _section_end(text, start, hidden)
        sections.append(text[start:end])
        start = end + len(", ")
    return sections


def _section_end(text: str, start: int, hidden: frozenset[int]) -> int:
    for name in sections_with_commas():
        if text.startswith(name, start):
            end = start + len(name)
            if end == len(text) or text.startswith(", ", end):
                return end
    end = text.find(", ", start)
    while end in hidden:
        end = text.find(", ", end + 1)
    return end if end >= 0 else len(text)


def _within_brackets(text: str) -> frozenset[int]:
    """Return the places of the commas inside brackets; a bracket that never closes hides none."""
    opened: list[int] = []  # for each open bracket, how many of the commas found so far are before it
    commas: list[int] = []
    deep = [0]  # at each comma, how many closed brackets begin before it less those that end before it
    for match in _BRACKET_OR_COMMA.finditer(text):
        sign = match.group()
        if sign == ",":
            commas.append(match.start())
            deep.append(0)
        elif sign in "([":
            opened.append(len(commas))
        elif opened:
            deep[opened.pop()] += 1
            deep[len(commas)] -= 1
    depths = accumulate(deep)
    return frozenset(comma for comma, depth in zip(commas, depths, strict=False) if depth)
