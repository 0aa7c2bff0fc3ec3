"""Independent Medical Review as the engine knows it, and the engine's types for its decisions."""

from __future__ import annotations

from imr_letters.engine import families, letter, parse
from imr_letters.engine.errors import Finding
from imr_letters.engine.form import Form
from imr_letters.engine.records import loading
from imr_letters.engine.values import Part
from imr_letters.imr.belonging import unlike
from imr_letters.imr.codecs import CODECS
from imr_letters.imr.model import Decision
from imr_letters.imr.unknown import outside_vocabularies

Family = families.Family[Decision]
Letter = letter.Letter[Decision]
Reading = parse.Reading[Decision]
Unfinished = loading.Unfinished[Decision]


def _unaddressed(decision: Decision) -> Finding | None:
    if decision.recipients is None or decision.addressee is not None:
        return None
    message = "the decision has recipients, and this letter is addressed to none of them"
    remedy = "imr-letters mail makes one letter for each recipient, imr-letters publish the public one"
    return Finding("family", "error", message, field="addressee", remedy=remedy)


def is_determination(form: Form[Decision]) -> bool:
    """Return whether the decisions of a form have all that determinations must have; letter families may leave it out.

    Those that have it may have more.
    """
    model: type[Part] = form.model
    return issubclass(model, Decision)


def outcome_of(decision: Decision) -> str | None:
    """Return the outcome of a case, which follows from its items; None where a family has no such items."""
    rule = type(decision).derived.get("outcome")
    return rule.of(decision.data()) if rule is not None else None


FORM = Form(
    model=Decision,
    codecs=CODECS,
    withheld=("parties", "recipients", "addressee", "documents"),
    number_at=("case", "number"),
    day_at=("case", "decided_on"),
    roles=("operations", "nurse", "reviewer"),
    unprintable=_unaddressed,
    outside_vocabularies=outside_vocabularies,
    unlike=unlike,
)
