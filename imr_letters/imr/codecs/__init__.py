"""The codecs of letters of this review program: its own, and those that every program needs."""

from imr_letters.engine.codecs import Codecs
from imr_letters.engine.codecs.simple import NameList, Prose, UsDate, Words
from imr_letters.imr.codecs.guideline import GuidelineLine
from imr_letters.imr.codecs.header import CaseNumber, Outcome, Priority
from imr_letters.imr.codecs.mailing import Address, Capacity
from imr_letters.imr.codecs.rationale import Rationale
from imr_letters.imr.codecs.request import Request

__all__ = [
    "CODECS",
    "Address",
    "Capacity",
    "CaseNumber",
    "GuidelineLine",
    "Outcome",
    "Priority",
    "Rationale",
    "Request",
]

#: Every codec of letters.
CODECS = Codecs(
    Words,
    Prose,
    Rationale,
    UsDate,
    CaseNumber,
    Outcome,
    Priority,
    NameList,
    Request,
    GuidelineLine,
    Address,
    Capacity,
)
