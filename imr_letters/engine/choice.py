"""Choose the letter family of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from imr_letters.engine.errors import RenderError
from imr_letters.engine.families import Family, present
from imr_letters.engine.form import D, Form


def family_for(decision: D, form: Form[D], families: Sequence[Family[D]]) -> Family[D]:
    """Return the family of a decision: one that prints all of it and was in force when it was decided.

    Without a decision date, the newest wording that prints all of it. Raises `RenderError` where there is none.
    """
    fields = set(present(decision))
    able = [each for each in families if not each.missing(decision) and fields <= each.printed]
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
        private = any(getattr(decision, name) is not None for name in form.withheld)
        losses = (_unable(each, decision) for each in families if private or not each.about.needs)
        message = f"no letter family prints all of this {form.noun}: {'; '.join(losses)}"
    remedy = f"choose one with --family, or correct the {form.noun}"
    raise RenderError.of(message, code="family", remedy=remedy)


def _unable(family: Family[D], decision: D) -> str:
    """Say why a family cannot print a decision."""
    missing = family.missing(decision)
    if missing:
        return f"{family.name} needs {', '.join(missing)}"
    return f"{family.name} does not print {', '.join(family.lost(decision))}"
