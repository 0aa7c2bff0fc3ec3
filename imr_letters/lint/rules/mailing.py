"""Does the letter reach the people whom the law names, at addresses that exist? (Labor Code 4610.6(f))"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from imr_letters.english.names import skeleton
from imr_letters.imr.model import Addressee, Decision, Party, Recipient
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_SENT = "Labor Code 4610.6(f): the director, the employer, the employee and the provider get the determination"
_POSTAL = "USPS Publication 28, Postal Addressing Standards"
#: Longest claim number without a space or hyphen that the cell of the mailed letter's header shows, in characters.
LONGEST_UNBROKEN = 45

#: The party of each capacity, and the capacities to which the law has the determination sent.
_PARTIES = (
    "injured_worker",
    "worker_representative",
    "claims_administrator",
    "administrator_representative",
    "employer",
    "requesting_provider",
)
_REQUIRED = {
    "injured_worker": "the injured worker",
    "requesting_provider": "the requesting provider",
    "administrative_director": "the administrative director",
}
#: Persons, whose names are not those of organizations.
_PERSONS = ("injured_worker",)

_LAST_LINE = re.compile(r"(?P<city>.+?),? (?P<state>[A-Za-z]{2}|[A-Za-z. ]{4,20}?)\.? (?P<zip>\d{1,9}(?:-\d*)?)")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_BOX = re.compile(
    r"\b(?:P\.? ?O\.? ?Box|Box|PMB|Unit|Apt|Suite|Ste|General Delivery|c/o|Attn|Department|Dept|Floor|Mail ?Stop)\b",
    re.I,
)
_STREET = re.compile(
    r"\b(?:street|st|avenue|ave|boulevard|blvd|road|rd|drive|dr|lane|ln|court|ct|way|place|pl|circle|terrace|parkway|"
    r"pkwy|highway|hwy)\b\.?",
    re.IGNORECASE,
)
_TWO = re.compile(r"\w (?:and|or|und|y) \w|\w ?[&/;+] ?\w")


@cache
def _zip_codes() -> dict[str, list[tuple[int, int]]]:
    text = resources.files("imr_letters.lint").joinpath("postal.toml").read_text(encoding="utf-8")
    return {state: [(low, high) for low, high in spans] for state, spans in tomllib.loads(text).items()}


def _sent_to(decision: Decision | None) -> Iterator[tuple[str, Recipient | Addressee]]:
    """Yield everybody that a letter is sent to, with the field."""
    if decision is None:
        return
    for index, recipient in enumerate(decision.recipients or ()):
        yield f"recipients[{index}]", recipient
    if decision.addressee is not None:
        yield "addressee", decision.addressee


def _names(party: Party) -> set[str]:
    return {skeleton(each) for each in (party.name, party.organization) if each is not None}


@rule(
    "recipient-party",
    "error",
    "mailing",
    source=_SENT,
    remedy="correct the name where it is wrong: among the parties, or among the recipients",
)
def recipient_party(subject: Subject) -> Iterator[Hit]:
    """A recipient has the name of the party as which it gets its copy.

    A name and an organization are compared with both of the party's; case, accents, signs and spaces do not count.
    """
    decision = subject.decision
    if decision is None or decision.parties is None:
        return
    for index, recipient in enumerate(decision.recipients or ()):
        party = getattr(decision.parties, recipient.capacity) if recipient.capacity in _PARTIES else None
        if party is not None and not _names(party) & _names(recipient):
            capacity = recipient.capacity.replace("_", " ")
            message = f'"{recipient.name}" gets the copy of the {capacity}, who is "{party.name}" among the parties'
            yield Hit(f"recipients[{index}].name", message, recipient.name)


@rule(
    "recipient-missing",
    "warning",
    "mailing",
    source=_SENT,
    remedy="add the recipient, or say who sends that copy",
)
def recipient_missing(subject: Subject) -> Iterator[Hit]:
    """The recipients include everybody to whom the law has the determination sent.

    These are the injured worker, the requesting provider, the administrative director, and the employer or the claims
    administrator; a representative too, where one is among the parties.
    """
    decision = subject.decision
    if decision is None or decision.recipients is None:
        return
    found = {each.capacity for each in decision.recipients}
    missing = [words for capacity, words in _REQUIRED.items() if capacity not in found]
    if not found & {"employer", "claims_administrator"}:
        missing.append("the employer or the claims administrator")
    if decision.parties is not None and decision.parties.worker_representative is not None:
        missing += ["the worker's representative"] if "worker_representative" not in found else []
    for words in missing:
        yield Hit("recipients", f"{words} gets no copy of this determination")


@rule(
    "recipient-twice",
    "error",
    "mailing",
    source="practice: one letter for each recipient",
    remedy="take one of them out; or give the second its own capacity or address",
)
def recipient_twice(subject: Subject) -> Iterator[Hit]:
    """Nobody is listed twice as a recipient: with the same capacity, name and address."""
    seen: set[object] = set()
    for field, each in _sent_to(subject.decision):
        if isinstance(each, Recipient):
            facts = (each.capacity, skeleton(each.name), skeleton(" ".join(each.address or ())))
            if facts in seen:
                yield Hit(f"{field}.name", f'"{each.name}" is listed twice, and would get two letters', each.name)
            seen.add(facts)


@rule("address-zip", "error", "mailing", source=_POSTAL, remedy="write the ZIP code as 95814 or 95814-0001")
def address_zip(subject: Subject) -> Iterator[Hit]:
    """A ZIP code has five digits, or nine; one of four has lost its leading zero in a spreadsheet."""
    for field, line, found in _last_lines(subject):
        code = found["zip"]
        if not _ZIP.fullmatch(code):
            lost = "; it may have lost its leading zero" if len(code) == 4 else ""
            yield Hit(field, f'"{code}" is no ZIP code{lost}', code, line.rfind(code))


@rule("address-state", "warning", "mailing", source=_POSTAL, remedy="write the state in two letters, such as CA")
def address_state(subject: Subject) -> Iterator[Hit]:
    """An address names a state, in two letters, that its ZIP code lies in."""
    for field, line, found in _last_lines(subject):
        state, code = found["state"].strip(), found["zip"]
        spans = _zip_codes().get(state)
        if spans is None:
            yield Hit(field, f'"{state}" is no state of two letters', state, line.rfind(state))
        elif _ZIP.fullmatch(code) and not any(low <= int(code[:3]) <= high for low, high in spans):
            yield Hit(field, f"the ZIP code {code} is not in {state}", code, line.rfind(code))


@rule(
    "address-form",
    "warning",
    "mailing",
    source=_POSTAL,
    remedy="write street and number or a box, then city, state and ZIP code on the last line",
)
def address_form(subject: Subject) -> Iterator[Hit]:
    """An address has a street with a number or a box, and a last line with city, state and ZIP code."""
    for field, lines in _addresses(subject):
        if not _LAST_LINE.fullmatch(lines[-1]):
            message = "the last line is not a city, a state and a ZIP code"
            yield Hit(f"{field}[{len(lines) - 1}]", message, lines[-1])
        if len(lines) == 1:
            yield Hit(f"{field}[0]", "the address has no street or box", lines[0])
        for index, line in enumerate(lines[:-1]):
            if _STREET.search(line) and not re.search(r"\d", line) and not _BOX.search(line):
                yield Hit(f"{field}[{index}]", "the street has no number", line)


@rule(
    "name-form", "warning", "mailing", source="practice: one letter, one person", remedy="write the name of one person"
)
def name_form(subject: Subject) -> Iterator[Hit]:
    """The injured worker's name is that of one person, in capital and small letters."""
    decision = subject.decision
    if decision is None:
        return
    named: list[tuple[str, str]] = []
    if decision.parties is not None:
        named += [(f"parties.{each}.name", getattr(decision.parties, each).name) for each in _PERSONS]
    for index, recipient in enumerate(decision.recipients or ()):
        named += [(f"recipients[{index}].name", recipient.name)] if recipient.capacity in _PERSONS else []
    for field, name in named:
        if _TWO.search(name):
            yield Hit(field, "this looks like the names of two persons", name)
        letters = re.sub(r"[\W\d_]", "", name)
        if len(letters) > 3 and (letters.isupper() or letters.islower()):
            kind = "capitals" if letters.isupper() else "small letters"
            yield Hit(field, f"the name is written in {kind} only", name)
        if not letters:
            yield Hit(field, "the name has no letter", name)
        if re.search(r"\d", name):
            yield Hit(field, "the name holds a digit", name)


@rule(
    "claim-number-long",
    "error",
    "mailing",
    source="practice: the header table of the mailed letter is as wide as the page",
    remedy="write the number as the claims administrator does, with its hyphens or spaces",
)
def claim_number_long(subject: Subject) -> Iterator[Hit]:
    """The claim number fits its cell of the header."""
    decision = subject.decision
    number = decision.parties.claim_number if decision is not None and decision.parties is not None else ""
    for piece in re.split(r"[ -]", number):
        if len(piece) > LONGEST_UNBROKEN:
            message = f"{len(piece)} characters without a space or hyphen run off the page; {LONGEST_UNBROKEN} fit"
            yield Hit("parties.claim_number", message, piece)


def _addresses(subject: Subject) -> Iterator[tuple[str, Sequence[str]]]:
    for field, each in _sent_to(subject.decision):
        if each.address:
            yield f"{field}.address", each.address


def _last_lines(subject: Subject) -> Iterator[tuple[str, str, re.Match[str]]]:
    """Yield field and words of each line that ends in a ZIP code, with its parts."""
    for field, lines in _addresses(subject):
        found = _LAST_LINE.fullmatch(lines[-1])
        if found is not None:
            yield f"{field}[{len(lines) - 1}]", lines[-1], found
