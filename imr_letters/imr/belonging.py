"""Whether the parts of a decision are about the same treatment: a page of another letter shows where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from imr_letters.english.wordlists import words
from imr_letters.imr.codecs import GuidelineLine, Request
from imr_letters.imr.model import Decision, Item, OwnText
from imr_letters.imr.vocabulary import treatment_words

_WORD = re.compile(r"[a-z]{3,}")
#: Words are the same if they begin with so many letters that are the same: "injection", "injected".
_STEM = 5
#: Words of requests that say nothing of the treatment.
_LITTLE = words("function", "formula", "number", "measure")
#: Parts of the body and kinds of treatment that are written in two ways.
_SAME = [frozenset(each.split()) for each in (
    "low lower lumbar back spine spinal lumbosacral", "neck cervical spine", "thoracic back spine", "wrist hand carpal",
    "x-ray xray ray rays radiograph radiography imaging film films", "mri magnetic resonance imaging",
    "chiropractic manipulation manual", "knee knees leg", "shoulder rotator", "emg ncv ncs nerve conduction electro",
    "psychiatric psychological psychiatry psychology cognitive depression", "gym exercise", "transport transportation",
)]  # fmt: skip


def unlike(decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Yield two fields that have no word of the treatment in common though they should, and what to say of them."""
    asked: set[str] = set()
    for index, item in enumerate(decision.items):
        kin = _kin(_request(item))
        asked |= kin
        if kin and not kin & _stems(_reasons(item)):
            at = f"items[{index}]"
            yield f"{at}.request", f"{at}.rationale", "the rationale does not mention what was requested"
    summary = decision.clinical_summary
    if asked and summary and not asked & _stems(summary):
        last = f"items[{len(decision.items) - 1}].rationale"
        yield "clinical_summary", last, "the clinical summary mentions nothing that was requested"


def _request(item: Item) -> str:
    return Request().encode(item.request)


def _reasons(item: Item) -> str:
    """Return what an item says of the request: its guidelines and its rationale."""
    guidelines = [item.claims_administrator_guideline, item.reviewer_guideline]
    cited = [GuidelineLine("It").encode(each) for each in guidelines if each is not None]
    return " ".join([*cited, *(block.text for block in item.rationale if isinstance(block, OwnText))])


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _LITTLE}


@cache
def _kin(request: str) -> frozenset[str]:
    """Return the stems of a request, of its drug class or kind of treatment, and of what is written for its words."""
    found = _stems(request)
    plain = f" {' '.join(re.findall(r'[a-z0-9/-]+', request.lower()))} "
    for name, known in treatment_words().items():
        if any(f" {each} " in plain for each in known):
            found |= _stems(name).union(*map(_stems, known))
    for same in _SAME:
        if any(f" {each} " in plain for each in same):
            found |= _stems(" ".join(same))
    return frozenset(found)
