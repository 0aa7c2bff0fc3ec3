"""What a decision says in words outside the field's vocabularies, or doubtfully: kept, and reported."""

from __future__ import annotations

import re

from imr_letters.engine.grammar.problems import did_you_mean
from imr_letters.imr import vocabulary
from imr_letters.imr.model.decision import Decision
from imr_letters.imr.model.guideline import MtusGuideline, OtherGuideline

#: Findings of this kind for one decision.
MOST = 100
#: Longest request seen in published letters, in characters, with some room.
LONGEST_REQUEST = 600

_SENTENCES = re.compile(r"[a-z]{3}\. [A-Z][a-z]+ .* (?:is|are|was|were|has|have|not) ")


def outside_vocabularies(decision: Decision) -> list[tuple[str, str]]:
    """Return the path of each field with unknown words, and a message that names them."""
    reviewer = decision.reviewer
    found = [
        (
            "reviewer.licensed_in",
            f'"{name}" is not a state of licensure this toolkit knows{did_you_mean(name, vocabulary.states())}',
        )
        for name in reviewer.licensed_in
        if name not in vocabulary.states()
    ]
    found += [
        (
            "reviewer.certifications",
            f'"{name}" is not a specialty this toolkit knows{did_you_mean(name, vocabulary.specialties())}',
        )
        for name in reviewer.certifications
        if name not in vocabulary.specialties()
    ]
    for index, item in enumerate(decision.items):
        request = item.request if isinstance(item.request, str) else ""
        if (". " in request and _SENTENCES.search(request)) or len(request) > LONGEST_REQUEST:
            found.append(
                (f"items[{index}].request", "the request is long or holds whole sentences; is it all the request?")
            )
        for name in ("claims_administrator_guideline", "reviewer_guideline"):
            path = f"items[{index}].{name}"
            guideline = getattr(item, name)
            if isinstance(guideline, OtherGuideline):
                found.append((path, "the guideline line follows no known form"))
            elif isinstance(guideline, MtusGuideline):
                found += [(path, message) for message in _unknown_chapters(guideline)]
    return found[:MOST]


def _unknown_chapters(guideline: MtusGuideline) -> list[str]:
    chapters = vocabulary.mtus_chapters()
    found = []
    for citation in guideline.mtus:
        if citation.year is None:
            if citation.chapter not in vocabulary.mtus_cited_by_page():
                near = did_you_mean(citation.chapter, vocabulary.mtus_cited_by_page())
                found.append(f'"{citation.chapter[:60]}" is not a chapter of the MTUS this toolkit knows{near}')
        elif citation.year not in chapters.get(citation.chapter, ()):
            name = f'"{citation.chapter[:60]} {citation.year}"'
            known = chapters.get(citation.chapter)
            near = (
                f" (its editions: {', '.join(map(str, known))})" if known else did_you_mean(citation.chapter, chapters)
            )
            found.append(f"{name} is not a chapter and year this toolkit knows{near}")
    return found
