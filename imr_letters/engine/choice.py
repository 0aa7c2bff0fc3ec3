"""Choose the letter family of a decision; give a decision the fields of a family."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from imr_letters.engine.errors import RenderError
from imr_letters.engine.families import Family, present
from imr_letters.engine.form import D, Form
from imr_letters.engine.paths import dotted


def family_for(decision: D, form: Form[D], families: Sequence[Family[D]]) -> Family[D]:
    """Return the family of a decision: one that prints all of it and was in force when it was decided.

    Without a decision date, the newest wording that prints all of it. Raises `RenderError` where there is none.
    """
    fields = set(present(decision))
    able = [each for each in families if _prints(each, decision, fields)]
    day = form.day_of(decision)
    fitting = [each for each in able if day is None or each.in_force(day)]
    if fitting:
        return max(fitting, key=lambda each: each.about.in_force_from or date.min)
    reason = form.unprintable(decision)
    if reason is not None:
        raise RenderError(reason)
    if able:
        message = f"no letter family that prints all of this {form.noun} was in force on {day}"
    else:
        private = any(getattr(decision, name, None) is not None for name in form.withheld)
        losses = (_unable(each, decision) for each in families if private or not each.about.needs)
        message = f"no letter family prints all of this {form.noun}: {'; '.join(losses)}"
    remedy = f"choose one with --family, or correct the {form.noun}"
    raise RenderError.of(message, code="family", remedy=remedy)


def in_form(decision: D, family: Family[D]) -> D:
    """Return a decision with the fields of a family, which may declare its own.

    Raises `RenderError` where the family does not have all of its fields, or needs others; it names them.
    """
    if type(decision) is family.form.model:
        return decision
    try:
        return family.form.model.model_validate(decision.data())
    except ValidationError as error:
        raise RenderError.of(
            f"family {family.name} {_refused(error)}",
            code="family",
            remedy=f"choose a family that has the fields of this {family.form.noun}, or change its fields",
        ) from None


def _prints(family: Family[D], decision: D, fields: set[tuple[str, ...]]) -> bool:
    """Return whether a family has all the fields of a decision, prints them, and lacks none that it needs."""
    try:
        given = in_form(decision, family)
    except RenderError:
        return False
    return not family.missing(given) and fields <= family.printed


def _refused(error: ValidationError) -> str:
    """Say which fields of a decision a family does not have, which it needs, and which differ in their form."""
    said: dict[str, list[str]] = {"does not have": []}
    kinds = {"extra_forbidden": "does not have", "none_required": "does not have", "missing": "needs"}
    for each in error.errors(include_url=False, include_input=False):
        said.setdefault(kinds.get(each["type"], "has another form of"), []).append(dotted(each["loc"]))
    return ", and ".join(f"{what} {', '.join(dict.fromkeys(names[:8]))}" for what, names in said.items() if names)


def _unable(family: Family[Any], decision: Any) -> str:
    """Say why a family cannot print a decision."""
    try:
        decision = in_form(decision, family)
    except RenderError as error:
        return error.findings[0].message.removeprefix("family ")
    missing = family.missing(decision)
    if missing:
        return f"{family.name} needs {', '.join(missing)}"
    return f"{family.name} does not print {', '.join(family.lost(decision))}"
