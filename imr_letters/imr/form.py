"""Independent Medical Review as the engine knows it, and the engine's types for its decisions."""

from __future__ import annotations

from datetime import date

from imr_letters.engine import families, letter, parse
from imr_letters.engine.errors import Finding
from imr_letters.engine.form import Form
from imr_letters.engine.records import loading
from imr_letters.imr.belonging import unlike
from imr_letters.imr.codecs import CODECS
from imr_letters.imr.model import Decision
from imr_letters.imr.unknown import outside_vocabularies

Family = families.Family[Decision]
Letter = letter.Letter[Decision]
Reading = parse.Reading[Decision]
Unfinished = loading.Unfinished[Decision]


def _decided_on(decision: Decision) -> date | None:
    return decision.case.decided_on if decision.case else None


def _unaddressed(decision: Decision) -> Finding | None:
    if decision.recipients is None or decision.addressee is not None:
        return None
    message = "the decision has recipients, and this letter is addressed to none of them"
    remedy = "imr-letters mail makes one letter for each recipient, imr-letters publish the public one"
    return Finding("family", "error", message, field="addressee", remedy=remedy)


FORM = Form(
    model=Decision,
    codecs=CODECS,
    withheld=("parties", "recipients", "addressee", "documents"),
    day_of=_decided_on,
    unprintable=_unaddressed,
    outside_vocabularies=outside_vocabularies,
    unlike=unlike,
)
