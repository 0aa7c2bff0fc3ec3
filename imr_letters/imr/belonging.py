"""Whether the parts of a decision are about the same treatment: a page of another letter shows where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from imr_letters.english.wordlists import words
from imr_letters.imr.codecs import GuidelineLine, Request
from imr_letters.imr.model import Decision, Item, OwnText
from imr_letters.imr.treatments import drugs, near, parts
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
    "chiropractic manipulation manual", "emg ncv ncs nerve conduction electro",
    "psychiatric psychological psychiatry psychology cognitive depression", "gym exercise", "transport transportation",
)]  # fmt: skip


def unlike(decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Yield two fields that have no word of the treatment in common though they should, and what to say of them."""
    asked: set[str] = set()
    requests = " ".join(map(_request, decision.items))
    for index, item in enumerate(decision.items):
        request, reasons = _request(item), _reasons(item)
        kin = _kin(request)
        asked |= kin
        if message := _differs(request, reasons) or (
            "the rationale does not mention what was requested" if kin and not kin & _stems(reasons) else ""
        ):
            yield f"items[{index}].request", f"items[{index}].rationale", message
    summary, last = decision.clinical_summary, f"items[{len(decision.items) - 1}].rationale"
    if asked and summary and not asked & _stems(summary):
        yield "clinical_summary", last, "the clinical summary mentions nothing that was requested"
    elif summary and (message := _differs(requests, summary)):
        yield "clinical_summary", last, message


def _differs(request: str, text: str) -> str:
    """Return what to say of a text that is about other parts of the body, or other drugs, than a request."""
    asked, said = parts(request), parts(text)
    if asked and said and not near(asked, said):
        return f"the request is about the {_shown(asked)}, these words about the {_shown(said)}"
    drugs_asked, drugs_said = drugs(request), drugs(text)
    if drugs_asked and drugs_said and not set(drugs_asked.values()) & set(drugs_said.values()):
        return f"the request is for {_shown(drugs_asked)}, these words are about {_shown(drugs_said)}"
    return ""


def _shown(names: Iterable[str]) -> str:
    """Return names in alphabetical order, the last after "and"."""
    *others, last = sorted(names)
    return f"{', '.join(others)} and {last}" if others else last


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
