"""Does the prose say who somebody is? Determinations are published (Labor Code 4610.6(m)).

A search for patterns: it finds usual forms and makes no claim that nothing else identifies the worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.lint.dates import mentions
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_PUBLISHED = "Labor Code 4610.6(m): determinations are published with everything removed that identifies a person"
_REVIEWER = "Labor Code 4610.6(f): the names of the reviewers are kept confidential"
_TAKE_OUT = "take it out"

_SSN = re.compile(
    r"(?<![\d-])(?:\d{3}-\d{2}-\d{4}|[Xx*]{3}-[Xx*]{2}-\d{4})(?![\d-])|\b(?:SSN|social security (?:number|"
    r"no\.?))\W{0,3}\d[\d -]{3,}",
    re.I,
)
_PHONE = re.compile(r"(?<![\d#/.-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-.])\d{3}[-.]\d{4}(?![\d-])")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_CLAIM = re.compile(
    r"\b(?:claim|WCAB|WCIS|EAMS|MRN|medical record|policy|member|chart|patient|account|file|case|application)"
    r"(?:\s*(?:number|num|no\.?|id|#)){1,2}\s*[:#]?\s*(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{4,}\b|\bADJ\s?\d{5,}\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b\d{1,5}\s+(?:[NSEW]\.?\s+)?(?:[A-Z][a-z]+\s+){1,3}(?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Drive|"
    r"Dr|Lane|Ln|"
    r"Court|Ct|Way|Place|Pl|Circle|Terrace|Parkway|Pkwy|Highway|Hwy)\b\.?(?:,?\s+(?:Suite|Ste|Apt|Unit|#)\.?\s*\w+)?"
    r"|\bP\.?\s?O\.?\s+Box\s+\d+|\bCA\.?\s+9\d{4}(?:-\d{4})?\b"
)
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mister|Missus|Señor|Señora)\b\.?\s+(?!(?:or|and|the)\b)[A-Z][A-Za-z'\u2019-]*[a-z]\w*"
)
_NAME = r"[A-Z][a-z'\u2019-]+(?:\s+[A-Z]\.?)?(?:\s+[A-Z][a-z'\u2019-]+){1,3}"
_DEGREE = (
    r"(?:M\.?D|D\.?O|D\.?C|D\.?P\.?M|Ph\.?D|Psy\.?D|D\.?D\.?S|L\.?Ac|N\.?P|P\.?A-?C|P\.?T|O\.?T|R\.?N|F\.?N\.?P|"
    r"D\.?M\.?D|O\.?D)\b\.?"
)
_SIGNED = re.compile(rf"\b{_NAME},?\s+{_DEGREE}(?![a-z])")
_DOCTOR = re.compile(r"\b(?:Dr|Doctor)\b\.?\s+[A-Z][a-z'\u2019-]{2,}")
_SIGNATURE = re.compile(
    r"\b(?i:signed|sincerely|respectfully|electronically signed|reviewed) (?i:by):?\s+"
    r"(?!(?:\w+\s+){0,3}(?:Review\w*|Administrators?|Services?|Department|Committee|Board|Company|Group|Network|Organization|"
    r"Advis[eo]rs?|Consultants?|Physicians?|Providers?|Panel)\b)"
    + _NAME
    + r"|\b(?i:sincerely)(?=\s*,|\s*$)|(?<!\w)/s/\s*\w+",
)
_BORN = re.compile(
    r"\b(?:date of (?:his |her )?birth|birth ?-?dates?|birth ?-?days?|DOB|D\.\s?O\.\s?B\.?|born)(?!\w)"
    r"(?:\W| is| was| on| of| in|[:=]){0,4}$",
    re.IGNORECASE,
)
_EPONYMS = {"waddell", "tinel", "phalen", "spurling"}


def _found(subject: Subject, pattern: re.Pattern[str], message: str) -> Iterator[Hit]:
    for field, text in subject.texts.items():
        if not field.endswith("guideline") and not field.startswith("reviewer."):
            for match in pattern.finditer(text):
                yield Hit(field, message, match.group(), match.start())


@rule("privacy-ssn", "error", "privacy", source=_PUBLISHED, remedy=_TAKE_OUT)
def privacy_ssn(subject: Subject) -> Iterator[Hit]:
    """The prose holds no Social Security number."""
    yield from _found(subject, _SSN, "this looks like a Social Security number")


@rule("privacy-phone", "error", "privacy", source=_PUBLISHED, remedy=_TAKE_OUT)
def privacy_phone(subject: Subject) -> Iterator[Hit]:
    """The prose holds no telephone number."""
    yield from _found(subject, _PHONE, "this looks like a telephone number")


@rule("privacy-email", "error", "privacy", source=_PUBLISHED, remedy=_TAKE_OUT)
def privacy_email(subject: Subject) -> Iterator[Hit]:
    """The prose holds no e-mail address."""
    yield from _found(subject, _EMAIL, "this looks like an e-mail address")


@rule("privacy-number", "error", "privacy", source=_PUBLISHED, remedy=_TAKE_OUT)
def privacy_number(subject: Subject) -> Iterator[Hit]:
    """The prose holds no claim number, record number or other number of a file."""
    yield from _found(subject, _CLAIM, "this looks like the number of a claim or a record")


@rule("privacy-address", "error", "privacy", source=_PUBLISHED, remedy=_TAKE_OUT)
def privacy_address(subject: Subject) -> Iterator[Hit]:
    """The prose holds no street address."""
    yield from _found(subject, _ADDRESS, "this looks like an address")


@rule("privacy-name", "error", "privacy", source=_PUBLISHED, remedy='write "the injured worker"')
def privacy_name(subject: Subject) -> Iterator[Hit]:
    """The prose does not name the worker: no name after Mr., Mrs., Ms. or Miss."""
    yield from _found(subject, _PERSON, "this looks like a person's name")


@rule("privacy-birth", "error", "privacy", source=_PUBLISHED, remedy="give the age instead")
def privacy_birth(subject: Subject) -> Iterator[Hit]:
    """The prose does not give the worker's date of birth."""
    for field, text in subject.prose():
        for mention in mentions(text):
            if _BORN.search(text[max(0, mention.start - 30) : mention.start]):
                yield Hit(field, "this is a date of birth", mention.words, mention.start)


@rule("privacy-signature", "error", "privacy", source=_REVIEWER, remedy=_TAKE_OUT)
def privacy_signature(subject: Subject) -> Iterator[Hit]:
    """The reviewer does not sign: no name with a degree, such as M.D., ends a rationale or stands after "signed by"."""
    for field, text in subject.prose():
        for found in _SIGNATURE.finditer(text):
            yield Hit(field, "this looks like a signature", found.group(), found.start())
        last = list(_SIGNED.finditer(text))[-1:]
        if last and field != "clinical_summary" and len(text) - last[0].end() < 40:
            yield Hit(field, "this looks like the reviewer's name", last[0].group(), last[0].start())


@rule("privacy-provider", "warning", "privacy", source=_PUBLISHED, remedy='write "the treating physician"')
def privacy_provider(subject: Subject) -> Iterator[Hit]:
    """The prose does not name physicians: no name after Dr., and none before M.D. and other degrees."""
    for pattern in (_DOCTOR, _SIGNED):
        for hit in _found(subject, pattern, "this looks like a physician's name"):
            if hit.words.split()[-1].lower().removesuffix("'s") not in _EPONYMS:
                yield hit
