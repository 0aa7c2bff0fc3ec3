"""Decisions for tests: invented, complete, and the same in every run; whatever a test is about is given by keyword."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from imr_letters.imr.model import Case, Decision, Item, Reviewer
from imr_letters.imr.model.decision import Outcome

#: Decisions that are made with different numbers differ in every field.
_FIRST_DAY = date(2017, 1, 9)
_STATES = ("California", "Arizona", "Nevada", "Oregon")
_NUMERALS = ("Sr.", "Jr.", "II", "III")
_SPECIALTIES = ("Occupational Medicine", "Orthopedic Surgery", "Physical Medicine & Rehabilitation", "Pain Management")


@cache
def _material() -> dict[str, Any]:
    file = Path(__file__).with_name("testing.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def make_decision(
    *,
    items: int | Sequence[Item] = 1,
    outcome: Outcome | Literal["mixed"] | Sequence[Outcome] = "upheld",
    number: int = 0,
    mailed: bool = False,
    **fields: Any,
) -> Decision:
    """Return an invented decision; the same arguments give the same one.

    `items` says how many, or which. `outcome` is that of all of them, "mixed" for one after the other (first upheld),
    or one for each. Decisions of another `number` are about another case. Any other field is taken as it is given:
    `make_decision(case=None, reviewer=make_reviewer(subspecialty="Spine Surgery"))`.
    """
    if isinstance(items, int):
        outcomes = _outcomes(items, outcome)
        items = [make_item(outcome=each, number=number + index) for index, each in enumerate(outcomes)]
    given = {"case": make_case(number), "reviewer": make_reviewer(number), "clinical_summary": _summary(number)}
    mailing = make_mailing(number) if mailed else {}
    return Decision(**{**given, **mailing, "items": tuple(items), **fields})


def _outcomes(count: int, outcome: Outcome | Literal["mixed"] | Sequence[Outcome]) -> Sequence[Outcome]:
    if outcome == "upheld" or outcome == "overturned":
        return [outcome] * count
    if outcome == "mixed":
        return ["overturned" if index % 2 else "upheld" for index in range(count)]
    if len(outcome) != count:
        raise ValueError(f"{count} items need {count} outcomes, not {len(outcome)}")
    return outcome


def make_case(case: int = 0, **fields: Any) -> Case:
    """Return the header of the invented case with that number; any field may be given."""
    decided = _FIRST_DAY + timedelta(days=case)
    given = {
        "number": f"CM16-{9_500_000 + case:07d}",
        "priority": "standard",
        "assigned_on": decided - timedelta(days=28),
        "injured_on": decided - timedelta(days=400 + case),
        "decided_on": decided,
        "ur_denied_on": decided - timedelta(days=60),
        "application_received_on": decided - timedelta(days=40),
    }
    return Case(**{**given, **fields})


def make_reviewer(number: int = 0, **fields: Any) -> Reviewer:
    """Return the credentials of an invented reviewer; any field may be given."""
    given = {
        "licensed_in": (_STATES[number % len(_STATES)],),
        "certifications": (_SPECIALTIES[number % len(_SPECIALTIES)],),
    }
    return Reviewer(**{**given, **fields})


def make_mailing(number: int = 0) -> dict[str, Any]:
    """Return the fields of a decision that only its mailed letter has, by name: about invented people."""
    worker = {"name": f"Robin Example {_NUMERALS[number % len(_NUMERALS)]}"}
    administrator = {"name": "Alex Sample", "organization": "Example Claims Administrators"}
    parties = {
        "injured_worker": worker,
        "claim_number": f"EX-{1000 + number}",
        "claims_administrator": administrator,
        "requesting_provider": {"name": "Sam Specimen, M.D."},
    }
    if number % 2:
        parties |= {"employer": {"name": "Example Freight"}, "worker_representative": {"name": "Kim Instance, Esq."}}
    recipients = [{**worker, "capacity": "injured_worker"}, {**administrator, "capacity": "claims_administrator"}]
    chosen = administrator if number % 2 else worker
    documents = [
        {"title": "Application for Independent Medical Review", "source": "the injured worker"},
        {"title": "Progress reports", "source": "the requesting provider", "dated_on": "2016-05-02"},
    ]
    if number % 2:
        documents[-1]["dated_to"] = "2016-11-04"
    return {
        "parties": parties,
        "recipients": recipients,
        "addressee": {**chosen, "address": [f"{100 + number} Example Street", "Sacramento, CA 95814"]},
        "documents": documents,
    }


def make_item(outcome: Outcome = "upheld", *, number: int = 0, **fields: Any) -> Item:
    """Return an invented disputed item with that outcome and a rationale that fits it; any field may be given."""
    treatments = _material()["treatments"]
    one = treatments[number % len(treatments)]
    turn = number // len(treatments)
    request = f"{one['request']}{f' (request {turn + 1})' if turn else ''}"
    necessary = "is" if outcome == "overturned" else "is not"
    guideline = {
        "basis": "mtus",
        "mtus": [{"chapter": one["chapter"], "year": one["year"], "sections": one["sections"]}],
    }
    given = {
        "request": request,
        "outcome": outcome,
        "claims_administrator_guideline": guideline,
        "reviewer_guideline": guideline,
        "rationale": f"{one[outcome]}\n\n{request} {necessary} medically necessary.",
    }
    return Item(**{**given, **fields})


def _summary(number: int) -> str:
    workers = _material()["workers"]
    one = workers[number % len(workers)]
    pronoun = {"woman": "She", "man": "He"}[one["person"]]
    return (
        f"The injured worker is a {one['age']}-year-old {one['person']} who {one['injury']}. The diagnosis is a "
        f"strain. Treatment to date has consisted of rest, ice and light duty.\n\n"
        f"{pronoun} reported {one['complaint']}. {one['finding']}."
    )
