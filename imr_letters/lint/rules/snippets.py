"""Are approved words used as they were approved?"""

from __future__ import annotations

from collections.abc import Iterator

from imr_letters.lint.dates import us
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_LIBRARY = "the rationale library: each snippet says for what, and from when to when, its wording was approved"


@rule(
    "snippet-unknown",
    "error",
    "snippets",
    source=_LIBRARY,
    remedy="choose another snippet or version, or mend its values",
)
def snippet_unknown(subject: Subject) -> Iterator[Hit]:
    """A snippet that is used exists, and its values fit."""
    for item in subject.items:
        for used in item.snippets:
            if used.snippet is None:
                yield Hit(used.field, f"the snippet cannot be printed: {used.fault}")


@rule("snippet-status", "warning", "snippets", source=_LIBRARY, remedy="choose an active version, or write own words")
def snippet_status(subject: Subject) -> Iterator[Hit]:
    """A snippet that is used is active: not a draft, and not retired."""
    for item in subject.items:
        for used in item.snippets:
            if used.snippet is not None and used.snippet.about.status != "active":
                yield Hit(used.field, f"{used.snippet.name} is {used.snippet.about.status}")


@rule(
    "snippet-period",
    "warning",
    "snippets",
    source=_LIBRARY,
    remedy="choose wording in force on the day of the decision",
)
def snippet_period(subject: Subject) -> Iterator[Hit]:
    """A snippet's wording was meant to be used on the day of the decision."""
    decided = subject.decided_on
    for item in subject.items:
        for used in item.snippets if decided else ():
            if used.snippet is None or decided is None:
                continue
            period = used.snippet.about.effective_period
            if decided < period.start or (period.end is not None and decided > period.end):
                until = f" to {us(period.end)}" if period.end else ""
                message = (
                    f"{used.snippet.name} is meant for {us(period.start)}{until}; the decision is of {us(decided)}"
                )
                yield Hit(used.field, message)


@rule(
    "snippet-outcome",
    "error",
    "snippets",
    source=_LIBRARY,
    remedy="choose a snippet for this outcome, or correct the outcome",
)
def snippet_outcome(subject: Subject) -> Iterator[Hit]:
    """A snippet does not argue against the outcome of its item."""
    for item in subject.items:
        for used in item.snippets:
            argues = used.snippet.about.argues_for if used.snippet is not None else "either"
            if argues != "either" and item.outcome is not None and argues != item.outcome and used.snippet is not None:
                message = f"{used.snippet.name} argues for {argues}, but the item is {item.outcome}"
                yield Hit(used.field, message)


@rule(
    "snippet-twice",
    "warning",
    "snippets",
    source="practice: nothing is said twice in one rationale",
    remedy="take one of them out",
)
def snippet_twice(subject: Subject) -> Iterator[Hit]:
    """A rationale does not use the same snippet twice with the same values."""
    for item in subject.items:
        seen = []
        for used in item.snippets:
            if used.use in seen:
                yield Hit(used.field, f"{used.use.snippet} is used twice in this rationale")
            seen.append(used.use)
