"""What says who somebody is: the names a decision gives itself, and what has a usual form; found in prose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from imr_letters.imr.model import Decision, Party
from imr_letters.lint import Subject, all_rules

IdentifierKind = Literal[
    "name", "claim number", "address", "phone", "e-mail", "SSN", "birth date", "number", "signature"
]

#: What stands in the public edition in place of each kind. No mark looks like a gap that somebody forgot to fill in.
MARKS: dict[IdentifierKind, str] = {
    "name": "[withheld: name]",
    "claim number": "[withheld: claim number]",
    "address": "[withheld: address]",
    "phone": "[withheld: telephone number]",
    "e-mail": "[withheld: e-mail address]",
    "SSN": "[withheld: Social Security number]",
    "birth date": "[withheld: date of birth]",
    "number": "[withheld: number]",
    "signature": "[withheld: signature]",
}
_MARK = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))

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

#: Words that name a part somebody takes, and nobody.
_ROLES = frozenset(
    re.findall(
        r"\w+",
        "administrative administrator agency and applicant attorney care claim claims clinic company defense director "
        "doctor employee employer evaluator hospital injured laboratory medical of office organization party pharmacy "
        "physician primary provider qme records representative requesting review specialist the therapist treating "
        "utilization worker",
    )
)
_CREDENTIAL = re.compile(r"^(?:[A-Z][A-Za-z]{0,3}\.?){1,4}(?:-[A-Z]{1,3})?$")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the decision itself gives, and that the public edition may not hold.

    `whole` values are looked for in finished files, too; parts of a name are looked for in prose alone, where a
    person tells the surname Long from a long word.
    """

    field: str
    kind: IdentifierKind
    pattern: re.Pattern[str]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that says who somebody is."""

    start: int
    end: int
    kind: IdentifierKind


@dataclass(frozen=True, slots=True)
class Replacement:
    """One place of a decision where words are withheld; `words` are for the eyes of the person who confirms."""

    number: int
    field: str
    paragraph: int
    kind: IdentifierKind
    words: str
    kept: bool = False

    @property
    def place(self) -> str:
        """The place, as people say it."""
        return f"{self.field}, paragraph {self.paragraph}"


def plain(text: str) -> str:
    """Return a text of the same length without accents, so that Munoz is found where the party is Muñoz."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text)


def known(decision: Decision) -> list[Known]:
    """Return what the decision says about the people it is about."""
    found: list[Known] = []
    parties = decision.parties
    if parties is not None:
        found += _claim_number(parties.claim_number)
        for name in type(parties).model_fields:
            party = getattr(parties, name)
            if isinstance(party, Party):
                found += _party(party, f"parties.{name}", person=name == "injured_worker")
    for index, recipient in enumerate(decision.recipients or ()):
        field = f"recipients[{index}]"
        found += _party(recipient, field, person=recipient.capacity == "injured_worker")
        found += _lines(recipient.address or (), f"{field}.address")
    if decision.addressee is not None:
        found += _party(decision.addressee, "addressee", person=False)
        found += _lines(decision.addressee.address, "addressee.address")
    for index, document in enumerate(decision.documents or ()):
        found += _whole(document.source, f"documents[{index}].source", "name")
    return found


def find(text: str, values: Iterable[Known], *, forms: bool) -> list[Found]:
    """Return where a text says who somebody is, from its start, no two overlapping.

    `forms` asks for what has a usual form, too: telephone numbers and the like.
    """
    folded = plain(text)
    hits = [Found(*match.span(), value.kind) for value in values for match in value.pattern.finditer(folded)]
    hits += _of_usual_form(text) if forms else []
    marks = [match.span() for match in _MARK.finditer(text)]
    merged: list[Found] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if any(start <= hit.start and hit.end <= end for start, end in marks):
            continue
        last = merged[-1] if merged else None
        beside = last is not None and last.kind == hit.kind and not text[last.end : hit.start].strip(" ,")
        if last is not None and (hit.start < last.end or beside):
            merged[-1] = Found(last.start, max(last.end, hit.end), last.kind)
        else:
            merged.append(hit)
    return merged


def _of_usual_form(text: str) -> Iterator[Found]:
    """Yield what lint's rules on privacy find in a piece of prose."""
    subject = Subject(
        has_header=False, number=None, priority=None, days={}, licensed_in=(), certifications=(),
        summary=text, items=(), decision=None, texts={"clinical_summary": text},
    )  # fmt: skip
    for rule in all_rules():
        if rule.group == "privacy":
            for hit in rule.check(subject):
                start = hit.start if hit.start >= 0 else text.find(hit.words)
                if hit.words and start >= 0:
                    yield Found(start, start + len(hit.words), _BY_RULE.get(rule.code, "name"))


def _party(party: Party, field: str, *, person: bool) -> Iterator[Known]:
    yield from _whole(party.name, f"{field}.name", "name")
    if party.organization is not None:
        yield from _whole(party.organization, f"{field}.organization", "name")
    parts = _name_parts(party.name)
    credential = _without_credentials(party.name) != party.name
    if len(parts) > 1 and (person or credential or party.organization is not None):
        turned = rf"(?<!\w){re.escape(parts[-1])},\s*{re.escape(parts[0])}(?!\w)"
        yield Known(f"{field}.name", "name", re.compile(turned, re.IGNORECASE))
        for part in parts if person else parts[-1:]:
            if len(part) > 1:
                ways = "|".join(re.escape(way) for way in dict.fromkeys((part, part.upper(), part.capitalize())))
                # As in "Ms. Worker" and "One's": in letters as the name is written, or all in capitals.
                pattern = re.compile(rf"(?:\b(?:Mr|Mrs|Ms|Miss|Dr)\b\.?\s+)?(?<!\w)(?:{ways})(?!\w)")
                yield Known(f"{field}.name", "name", pattern, whole=False)


def _without_credentials(name: str) -> str:
    first, *others = name.split(", ")
    return first if others and all(_CREDENTIAL.match(each) for each in others) else name


def _name_parts(name: str) -> list[str]:
    """Return the names of a person, the family name last; of "One, Sample Worker" as of "Sample Worker One"."""
    name = plain(_without_credentials(name))
    last, comma, first = name.partition(", ")
    return _WORD.findall(f"{first} {last}" if comma else name)


def _whole(value: str, field: str, kind: IdentifierKind) -> Iterator[Known]:
    words = plain(value).split()
    if all(word.strip(",.").lower() in _ROLES for word in words):
        return  # "the claims administrator" is nobody's name
    pattern = r"\s+".join(map(re.escape, words))
    yield Known(field, kind, re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE))


def _lines(lines: Iterable[str], field: str) -> Iterator[Known]:
    for line in lines:
        yield from _whole(line, field, "address")


def _claim_number(value: str) -> Iterator[Known]:
    groups = re.findall(r"[^\W_]+", plain(value))
    pattern = r"[\W_]{0,3}".join(map(re.escape, groups)) if groups else re.escape(value)
    yield Known("parties.claim_number", "claim number", re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE))
