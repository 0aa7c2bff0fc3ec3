"""What the person who confirms has to see: each replacement, and each word or number left that no vocabulary has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model import Decision
from imr_letters.publish.edition import Edition
from imr_letters.publish.found import MARK, MARKS
from imr_letters.publish.vocabulary import is_ordinary

#: Characters of the text that are shown before and after a word.
_CONTEXT = 30
_WORD = re.compile(r"[#$]?\w(?:[\w'\u2019./,:-]*\w)?%?")
_PART = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019])*")
#: Numbers that every such letter has: doses, scores, counts, levels of the spine, years of guidelines, diagnoses.
_COMMON_NUMBER = re.compile(
    r"[#$]?\d{1,3}(?:,\d{3})*(?:\.\d+)?(?:[-/x:]\d{1,3}(?:\.\d+)?){0,2}(?:%|mg|mcg|ml|cm|mm|kg|lbs?|x|st|nd|rd|th|s|yo|hz)?"
    r"|(?:19[89]|20[0-4])\d|[CTLS]\d{1,2}(?:[-/][CTLS]?\d{1,2})*|[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|\d{1,3}-year-old|\d+(?:mg|mcg)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Remaining:
    """A word or number that the public edition holds and no vocabulary: how often, and where for the first time."""

    words: str
    count: int
    field: str
    paragraph: int
    context: str


def remaining(edition: Edition) -> list[Remaining]:
    """Return the capitalized words and the numbers left in a public edition that are in no vocabulary, each once."""
    found: dict[str, Remaining] = {}
    days = _days(edition.decision)
    for field, text in edition.public_texts.items():
        for match in _unknown(text, days):
            words = match.group()
            before = found.get(words)
            if before is None:
                context = text[max(0, match.start() - _CONTEXT) : match.end() + _CONTEXT].replace("\n", " ")
                paragraph = text.count(PARAGRAPH, 0, match.start()) + 1
                found[words] = Remaining(words, 1, field, paragraph, context)
            else:
                found[words] = Remaining(words, before.count + 1, before.field, before.paragraph, before.context)
    return list(found.values())


def _days(decision: Decision) -> frozenset[str]:
    """Return the dates of the header, which are published, as prose writes them."""
    days = decision.case.model_dump(mode="python") if decision.case else {}
    every = [each for each in days.values() if hasattr(each, "strftime")]
    return frozenset(f"{each:{form}}" for each in every for form in ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y-%m-%d"))


def _unknown(text: str, days: frozenset[str]) -> Iterator[re.Match[str]]:
    marks = [match.span() for match in MARK.finditer(text)]
    mark = 0
    for match in _WORD.finditer(text):
        while mark < len(marks) and marks[mark][1] <= match.start():
            mark += 1
        if mark < len(marks) and marks[mark][0] < match.end():
            continue
        words = match.group()
        if any(map(str.isdigit, words)):
            if not _COMMON_NUMBER.fullmatch(words) and words not in days:
                yield match
        elif any(part[0].isupper() and len(part) > 1 and not is_ordinary(part) for part in _PART.findall(words)):
            yield match


_STYLE = """body{font:16px/1.5 sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#111;background:#fff}
del{background:#fbd5d5;color:#7a0000}ins{background:#dff3df;color:#0b4a0b;text-decoration:none}
mark{background:#fff1a8;color:#111}strong{background:#7a0000;color:#fff;padding:0 .2em}
h2{font-size:1rem;margin:2rem 0 .3rem}p{white-space:pre-wrap}.kept{outline:2px solid #7a0000}
td,th{text-align:left;vertical-align:top;padding:.1rem .8rem .1rem 0}"""


def page(edition: Edition) -> str:
    """Return one HTML page for the person who confirms. It holds the words that are withheld."""
    rest = remaining(edition)
    fields = [_field(edition, field, text, {each.words for each in rest}) for field, text in edition.texts.items()]
    doubts = "".join(
        f"<tr><td>{each.number}</td><td>{escape(each.place)}</td><td>{escape(each.what)}</td>"
        f"<td>{'kept: ' + escape(each.why) if each.kept else 'stops the edition'}</td></tr>"
        for each in edition.doubts
    )
    table = f"<h2>Found by the proof</h2><table>{doubts}</table>" if doubts else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(edition.name)}: to confirm</title>"
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{escape(edition.name)}: public edition, to confirm</h1>\n"
        "<p>This page holds the words that are withheld. Delete it when you have confirmed.</p>\n"
        "<p><del>withheld words</del> <ins>their mark</ins> with the number for --keep; "
        "<strong>found by the proof</strong>; "
        f"<mark>left, and in no vocabulary</mark> ({len(rest)}). This is no de-identification: read the letter.</p>\n"
        f"{table}\n{''.join(fields)}</body>\n</html>\n"
    )


def _field(edition: Edition, field: str, text: str, rest: set[str]) -> str:
    """Return one field as it was, with what is replaced in it and what is left."""
    doubts = [each.words for each in edition.doubts if each.field == field]
    made: list[str] = []
    at = 0
    for each in edition.replacements:
        if each.field == field:
            made.append(_left(text[at : each.start], rest, doubts))
            words = escape(each.words)
            if each.kept:
                made.append(f'<span class="kept">{words}</span><sup>{each.number} kept: {escape(each.why)}</sup>')
            else:
                made.append(f"<del>{words}</del> <ins>{MARKS[each.kind]}</ins><sup>{each.number}</sup>")
            at = each.end
    made.append(_left(text[at:], rest, doubts))
    return f"<h2>{escape(field)}</h2>\n<p>{''.join(made)}</p>\n"


def _left(text: str, rest: set[str], doubts: list[str]) -> str:
    """Return a piece that was left, with its doubts and unknown words marked."""
    ways = sorted({*doubts, *rest}, key=len, reverse=True)
    if not ways:
        return escape(text)
    made: list[str] = []
    at = 0
    for match in re.finditer("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in ways), text):
        tag = "strong" if match.group() in doubts else "mark"
        made += escape(text[at : match.start()]), f"<{tag}>{escape(match.group())}</{tag}>"
        at = match.end()
    return "".join([*made, escape(text[at:])])
