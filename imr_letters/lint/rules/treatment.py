"""Is the treatment that was judged the treatment that was requested?

Each of these rules holds the request against the sentence in which the rationale concludes. What the rationale says
elsewhere, about earlier treatment or other doses, is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from imr_letters.imr import treatments as about
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Disputed, Subject

_JUDGED = "8 CCR 9792.10.6(d): the determination is about the disputed treatment as stated"
#: What is dispensed by weight or mixed of several drugs.
_BY_WEIGHT = re.compile(
    r"\b(?:creams?|gels?|ointments?|topicals?|lotions?|powders?|tubes?|jars?|patch(?:es)?|compound\w*|solutions?|paste|foam|"
    r"spray|liquid|pump|infusion|titrat\w*|taper\w*|then|and|per day|daily|a day|max\w*)\b|%",
    re.IGNORECASE,
)
_MOST_GRAMS = 50
_REMEDY = "correct the conclusion, or the request"


def _pairs(subject: Subject) -> Iterator[tuple[Disputed, str, str]]:
    """Yield each item with all words of its request, and the sentence in which the rationale concludes."""
    for item in subject.items:
        request = subject.texts[item.field("request")]
        if request and item.conclusion is not None:
            yield item, request, _main(item.conclusion.last.sentence)


def _main(sentence: str) -> str:
    """Return a concluding sentence without a reason before its comma, such as "Since the 5mg tablets failed, ..."."""
    clauses = re.split(r", (?=(?:the|this|therefore|thus) )", sentence)
    return (
        clauses[-1]
        if re.match(r"\W*(?:since|because|as|given|although|while|without|in)\b", sentence, re.I)
        else sentence
    )


def _hit(item: Disputed, message: str, sentence: str, words: str = "") -> Hit:
    shown = words if words and words in item.rationale else sentence
    at = item.rationale.find(sentence)
    start = item.rationale.find(shown, max(at, 0))
    return Hit(item.field("rationale"), message, shown, start)


def _shown(values: set[str] | set[int]) -> str:
    return " and ".join(str(each) for each in sorted(values, key=str))


def _outside(subject: Subject, read: Callable[[str], set[str]]) -> Iterator[tuple[Disputed, str, set[str], set[str]]]:
    """Yield the items whose conclusion names a value that the request does not have, though it has others."""
    for item, request, sentence in _pairs(subject):
        given, said = read(request), read(sentence)
        if given and said - given:
            yield item, sentence, said - given, given


@rule("strength-differs", "error", "treatment", source=_JUDGED, remedy=_REMEDY)
def strength_differs(subject: Subject) -> Iterator[Hit]:
    """The strength of a drug is the same in the request and in the conclusion: 10/325mg, 5%."""
    for item, sentence, said, given in _outside(subject, about.strengths):
        yield _hit(item, f"the conclusion is about {_shown(said)}, the request about {_shown(given)}", sentence)


@rule("quantity-differs", "error", "treatment", source=_JUDGED, remedy=_REMEDY)
def quantity_differs(subject: Subject) -> Iterator[Hit]:
    """The quantity is the same in the request and in the conclusion: #60, QTY: 2."""
    for item, request, sentence in _pairs(subject):
        given, said = about.quantities(request), about.quantities(sentence)
        if given and said - given - about.counts(request):
            message = f"the conclusion is about a quantity of {_shown(said - given)}, the request about {_shown(given)}"
            yield _hit(item, message, sentence)


@rule("count-differs", "error", "treatment", source=_JUDGED, remedy=_REMEDY)
def count_differs(subject: Subject) -> Iterator[Hit]:
    """The number of visits or sessions is the same in the request and in the conclusion.

    Two times a week for six weeks are twelve visits.
    """
    for item, request, sentence in _pairs(subject):
        given, said = about.counts(request), about.counts(sentence)
        known = given | about.quantities(request) | {part for each in about.schedules(request) for part in each}
        if given and said and not said & known:
            yield _hit(
                item, f"the conclusion is about {_shown(said)} visits, the request about {_shown(given)}", sentence
            )


@rule("side-differs", "error", "treatment", source=_JUDGED, remedy="correct the side; look it up in the records")
def side_differs(subject: Subject) -> Iterator[Hit]:
    """The side of the body is the same in the request and in the conclusion."""
    for item, request, sentence in _pairs(subject):
        given, said = about.sides(request), about.sides(sentence)
        if given and said and not said & given:
            yield _hit(
                item,
                f"the conclusion is about the {_shown(said)} side, the request about the {_shown(given)}",
                sentence,
                min(said),
            )


@rule("side-rationale", "warning", "treatment", source=_JUDGED, remedy="correct the side; look it up in the records")
def side_rationale(subject: Subject) -> Iterator[Hit]:
    """The rationale speaks of the side that the request names, and not only of the other side of the same part."""
    for item in subject.items:
        given = about.sided_parts(subject.texts[item.field("request")])
        said = about.sided_parts(item.rationale) if given else set()
        for side, part in sorted(given):
            other = "right" if side == "left" else "left"
            if (other, part) in said and (side, part) not in said and (other, part) not in given:
                words = re.search(rf"\b{other}\b[^.]{{0,30}}", item.rationale, re.IGNORECASE)
                message = f"the request is about the {side} {part}, the rationale speaks only of the {other}"
                yield Hit(item.field("rationale"), message, words.group().strip() if words else other)


@rule("level-differs", "error", "treatment", source=_JUDGED, remedy="correct the level; look it up in the records")
def level_differs(subject: Subject) -> Iterator[Hit]:
    """The levels of the spine are the same in the request and in the conclusion: L4-5, C6."""
    for item, sentence, said, given in _outside(subject, about.levels):
        yield _hit(item, f"the conclusion is about {_shown(said)}, the request about {_shown(given)}", sentence)


@rule("body-part-differs", "error", "treatment", source=_JUDGED, remedy=_REMEDY)
def body_part_differs(subject: Subject) -> Iterator[Hit]:
    """The part of the body is the same in the request and in the conclusion.

    Names that people use for each other are the same: low back and lumbar, hand and wrist and upper extremity.
    """
    for item, request, sentence in _pairs(subject):
        given = about.parts(request)
        said = about.parts(sentence) if given else set()
        if said and not about.alike(given, said):
            yield _hit(
                item, f"the conclusion is about the {_shown(said)}, the request about the {_shown(given)}", sentence
            )


@rule("drug-differs", "error", "treatment", source=_JUDGED, remedy=_REMEDY)
def drug_differs(subject: Subject) -> Iterator[Hit]:
    """The drug is the same in the request and in the conclusion, or at least of the same class.

    A brand name may stand for the generic one, so only drugs of different classes are told.
    """
    for item, request, sentence in _pairs(subject):
        given = about.drugs(request)
        said = about.drugs(sentence) if given else {}
        if said and not given.keys() & said.keys() and not set(given.values()) & set(said.values()):
            message = f"the conclusion is about {_shown(set(said))}, the request about {_shown(set(given))}"
            yield _hit(item, message, sentence)


@rule(
    "unit-doubtful",
    "warning",
    "treatment",
    source="practice: grams where milligrams are meant",
    remedy="correct the unit, such as mg",
)
def unit_doubtful(subject: Subject) -> Iterator[Hit]:
    """The strength of a drug is not 50 grams or more; tubes and jars of creams, gels and powders are passed over."""
    for item in subject.items:
        request = subject.texts[item.field("request")]
        if about.drugs(request) and not _BY_WEIGHT.search(request):
            for strength in sorted(about.strengths(request)):
                found = re.fullmatch(r"(\d+(?:\.\d+)?)g", strength)
                if found and float(found[1]) >= _MOST_GRAMS:
                    yield Hit(item.field("request"), f"{found[1]} grams of a drug are hardly possible", request)


@rule(
    "strength-two",
    "warning",
    "treatment",
    source="8 CCR 9792.6.1(t): a request for authorization identifies the treatment",
    remedy="make an item for each strength, or take out the wrong one",
)
def strength_two(subject: Subject) -> Iterator[Hit]:
    """A request for one drug names one strength of it; compounds and what is put on the skin are passed over."""
    for item in subject.items:
        request = subject.texts[item.field("request")] if item.modified is None else ""
        milligrams = {each for each in about.strengths(request) if each.endswith("mg")}
        if len(about.drugs(request)) == 1 and len(milligrams) > 1 and not _BY_WEIGHT.search(request):
            yield Hit(item.field("request"), f"one drug has the strengths {_shown(milligrams)}", request)


@rule(
    "quantity-missing",
    "advice",
    "treatment",
    source="8 CCR 9792.6.1(t): a request for authorization identifies the treatment",
    remedy="add strength and quantity, or say that the request gave none",
)
def quantity_missing(subject: Subject) -> Iterator[Hit]:
    """A request for one drug says how much of it."""
    for item in subject.items:
        request = subject.texts[item.field("request")]
        named = about.drugs(request)
        much = about.quantities(request) or re.search(
            r"\b(?:refills?|supply|days?|months?|times|tablets?|capsules?|tubes?)\b", request, re.I
        )
        injected = re.search(r"\b(?:injections?|infusion|pump|block|topical|cream)\b", request, re.I)
        if len(named) == 1 and not much and not injected and not re.search(r"\d+\s?(?:ml|g|gm|grams)\b", request, re.I):
            yield Hit(item.field("request"), "the request gives no quantity of the drug", request)
