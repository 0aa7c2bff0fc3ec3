"""The search for what identifies somebody in prose: what the decision itself names, usual forms, other people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from imr_letters.imr.model import Decision
from imr_letters.lint import Subject, all_rules
from imr_letters.publish import forms, known, people
from imr_letters.publish.found import MARK, Found, IdentifierKind
from imr_letters.publish.keys import Keys, atoms
from imr_letters.publish.vocabulary import is_ordinary

#: The kinds that lint's rules on privacy look for, by the code of the rule; other such rules find a "name".
_BY_RULE: dict[str, IdentifierKind] = {
    "privacy-ssn": "SSN",
    "privacy-phone": "phone",
    "privacy-email": "e-mail",
    "privacy-number": "number",
    "privacy-address": "address",
    "privacy-birth": "birth date",
    "privacy-signature": "signature",
}
_TITLE = re.compile(
    r"(?:(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Professor|MR|MRS|MS|DR)\b\.? ?)?(?:(?<![\w.])[A-Z]\.? ?){0,2}$"
)
_INITIALS = re.compile(r"(?<![\w.])(?:[A-Z]\. ?){1,3}$")
_AFTER = re.compile(
    r"(?:,? [A-Z]\.(?= [a-z(]|,|$))?(?:,? (?:Jr|Sr|JR|SR|II|III|IV)\b\.?)?"
    rf"(?:,? {people.DEGREE}\b\.?(?!\w))*"
    r"(?:,? (?:L\.?L\.?C|Inc|Corp|Co|Ltd|L\.?P|L\.?L\.?P|P\.?C|APC|Corporation|Incorporated|Company|Limited)\b\.?)?"
)
_ELIDED = re.compile("(?<!\\w)[A-Za-z]{1,2}['\u2018\u2019\u02bc]$")
_BETWEEN = re.compile(r"[ ,/&-]{0,3}")


class Search:
    """The search for the people of one decision; words that a person wants withheld in addition are looked for too."""

    def __init__(self, decision: Decision, also: Iterable[str] = ()) -> None:
        self._keys = Keys(known.keys(decision, also))

    def find(self, text: str, *, prose: bool) -> list[Found]:
        """Return where a text identifies somebody, from its start, no two overlapping.

        In `prose` also what has a usual form, and other people; citations and credentials have years and authors.
        """
        hits = [_with_what_belongs(text, hit) for hit in self._keys.find(text, atoms(text))]
        if prose:
            hits += [*forms.find(text), *people.find(text), *_of_lint(text)]
        return list(_merged(text, hits))


def _with_what_belongs(text: str, hit: Found) -> Found:
    """Return a name with the title and initials before it, and with the suffix and degrees after it."""
    if hit.kind != "name":
        return hit
    before = text[max(0, hit.start - 24) : hit.start]
    start = hit.start
    for pattern in (_ELIDED, _INITIALS, _TITLE):
        belongs = pattern.search(before)
        if belongs:
            start -= len(belongs.group())
            before = before[: belongs.start()]
    after = _AFTER.match(text, hit.end)
    return Found(start, after.end() if after else hit.end, hit.kind)


def _merged(text: str, hits: list[Found]) -> Iterator[Found]:
    """Yield hits without those inside marks; those that overlap, or follow each other with the same kind, as one."""
    marks = [match.span() for match in MARK.finditer(text)]
    mark = 0
    last: Found | None = None
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        while mark < len(marks) and marks[mark][1] <= hit.start:
            mark += 1
        if text[hit.end - 1] == "." and hit.kind == "address":  # the sentence's own
            hit = Found(hit.start, hit.end - 1, hit.kind)
        if hit.end <= hit.start or (mark < len(marks) and marks[mark][0] < hit.end):
            continue
        if last is None:
            last = hit
        elif hit.start < last.end:
            last = Found(last.start, max(last.end, hit.end), last.kind)
        elif hit.kind == last.kind and _BETWEEN.fullmatch(text, last.end, hit.start):
            last = Found(last.start, hit.end, last.kind)
        else:
            yield last
            last = hit
    if last is not None:
        yield last


def _of_lint(text: str) -> Iterator[Found]:
    """Yield what lint's rules on privacy find in a piece of prose."""
    subject = Subject(
        has_header=False, number=None, priority=None, days={}, licensed_in=(), certifications=(),
        summary=text, items=(), decision=None, texts={"clinical_summary": text},
    )  # fmt: skip
    for rule in all_rules():
        if rule.group == "privacy":
            for hit in rule.check(subject):
                start = hit.start if hit.start >= 0 else text.find(hit.words)
                signed = rule.code == "privacy-signature" and not hit.words.lower().startswith(("sincerely", "/s/"))
                if signed and all(map(is_ordinary, re.findall(r"[^\W\d_]+", hit.words))):
                    continue
                if hit.words and start >= 0:
                    yield Found(start, start + len(hit.words), _BY_RULE.get(rule.code, "name"))
