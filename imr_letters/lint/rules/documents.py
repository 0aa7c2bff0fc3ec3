"""Is the list of documents reviewed, which the mailed letter has, whole and sound? (8 CCR 9792.10.6(d))"""

from __future__ import annotations

from collections.abc import Iterator

from imr_letters.imr.model import Document
from imr_letters.lint.dates import us
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Subject

_LISTED = "8 CCR 9792.10.6(d): the determination lists the documents reviewed"


def _documents(subject: Subject) -> Iterator[tuple[str, Document]]:
    """Yield each document with its field."""
    listed = () if subject.decision is None else subject.decision.documents or ()
    for index, document in enumerate(listed):
        yield f"documents[{index}]", document


@rule("documents-missing", "error", "documents", source=_LISTED, remedy="list what was reviewed, with source and date")
def documents_missing(subject: Subject) -> Iterator[Hit]:
    """A determination that names its parties, and so is mailed, lists the documents reviewed."""
    decision = subject.decision
    if decision is not None and decision.parties is not None and not decision.documents:
        yield Hit("documents", "the letter is mailed, and lists no documents reviewed")


@rule(
    "document-undated",
    "advice",
    "documents",
    source=_LISTED,
    remedy="add dated_on, and dated_to for a set; leave it out only where the document bears no date",
)
def document_undated(subject: Subject) -> Iterator[Hit]:
    """Every document reviewed has its date."""
    for field, document in _documents(subject):
        if document.dated_on is None:
            yield Hit(f"{field}.title", f'"{document.title}" has no date', document.title)


@rule("document-after-decision", "error", "documents", source=_LISTED, remedy="correct the date of the document")
def document_after_decision(subject: Subject) -> Iterator[Hit]:
    """No document is dated after the decision that rests on it."""
    decided = subject.decided_on
    for field, document in _documents(subject):
        for name in ("dated_on", "dated_to"):
            day = getattr(document, name)
            if decided is not None and day is not None and day > decided:
                message = f'"{document.title}" is dated {us(day)}, after the decision of {us(decided)}'
                yield Hit(f"{field}.{name}", message)


@rule(
    "document-twice",
    "warning",
    "documents",
    source=_LISTED,
    remedy="take one of them out, or tell them apart by date or title",
)
def document_twice(subject: Subject) -> Iterator[Hit]:
    """No document is listed twice: with the same title, source and date."""
    seen: set[tuple[object, ...]] = set()
    for field, document in _documents(subject):
        facts = (document.title.casefold(), document.source.casefold(), document.dated_on, document.dated_to)
        if facts in seen:
            yield Hit(f"{field}.title", f'"{document.title}" is listed twice', document.title)
        seen.add(facts)


@rule(
    "documents-denial",
    "advice",
    "documents",
    source="8 CCR 9792.10.1(b), recalled and not verified: the application comes with the utilization review decision",
    remedy="list the utilization review decision that is disputed; it comes with the application",
)
def documents_denial(subject: Subject) -> Iterator[Hit]:
    """The documents reviewed hold the utilization review decision that is disputed."""
    titles = [document.title.casefold() for _, document in _documents(subject)]
    if titles and not any("utilization review" in title or title.startswith("ur ") for title in titles):
        yield Hit("documents", "the documents reviewed do not name the utilization review decision")
