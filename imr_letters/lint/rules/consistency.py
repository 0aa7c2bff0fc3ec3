"""Does the letter contradict itself? Outcomes, items, ages, sexes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.imr.treatments import alike, counts, drugs, is_associated, is_dependent, is_surgery, parts, quantities
from imr_letters.lint.register import Hit, rule
from imr_letters.lint.subject import Disputed, Subject

_STATES = "8 CCR 9792.10.6(d): the determination states whether the treatment is medically necessary"
_REVERSAL = "Labor Code 4610.6(h)(5): a plainly erroneous finding of fact is a ground for appeal"

_PARTIAL = re.compile(
    r"\b(?:partially|in part|with modifications?)\b[^.;]{0,40}?\b(?:medically necessary|certified|approved|supported)"
    r"|\b(?:medically necessary|certified|approved)\b[^.;]{0,30}?\b(?:partially|in part|with modifications?)\b"
    r"|\bonly (?:\w+ )?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a part|part|"
    r"a portion)\b[^.;]{0,60}?"
    r"\bmedically necessary"
    r"|\b\d+ (?:of|out of) (?:the )?(?:\w+ )?\d+ (?:visits|sessions|tablets|"
    r"treatments)\b[^.;]{0,40}\bmedically necessary",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(\d{1,3})[\s-]*(?:year|yr)s?[\s-]*old\b(?=[\s,]+(?:\w+[\s-]){0,3}?"
    r"(?:male|female|man|woman|gentleman|lady|worker|patient|employee|applicant|individual|claimant|[a-z]+ who)\b)"
    r"|\b(?:patient|worker|employee|applicant|claimant|he|she)(?:,)? is (?:now )?(\d{1,3}) years (?:old|of age)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:wife|husband|spouse|mother|father|son|daughter|sister|brother|partner|child|children|girlfriend|boyfriend|"
    r"family|friend|coworker|co-worker|supervisor|client|resident|caregiver|aide|nurse|therapist|surgeon|physician|"
    r"doctor|provider|psychologist|psychiatrist|chiropractor|acupuncturist|dentist|dr)s?\b",
    re.IGNORECASE,
)
_MALE = re.compile(r"\b(?:male|man|gentleman)\b", re.IGNORECASE)
_FEMALE = re.compile(r"\b(?:female|woman|lady)\b", re.IGNORECASE)
_SEX = re.compile(
    r"\b\d{1,3}[\s-]*(?:years?|yrs?)?[\s-]*(?:old)?,?\s+(?:[\w-]+ ){0,3}?(male|female|man|woman|gentleman|lady)\b"
    r"|\b(?:patient|worker|employee|applicant|claimant) is an? (?:[\w-]+ ){0,3}?"
    r"(male|female|man|woman|gentleman|lady)\b",
    re.IGNORECASE,
)
#: A rationale of fewer words may well be that of several items.
_LEAST_WORDS = 25
_MET = re.compile(
    r"\b(?:meets?|met|satisf(?:y|ies|ied)|fulfill?s?|fulfilled)\s+(?:all (?:of )?)?(?:the |these |those |this |its )?"
    r"(?:[\w-]+ ){0,3}(?:criteria|requirements)\b|\b(?:criteria|requirements)\b[^.;,]{0,40}?\b(?:are|were|have been) "
    r"(?:all |clearly |fully )?(?:met|satisfied|fulfilled)\b",
    re.IGNORECASE,
)
_NOT_ALL = re.compile(
    r"\b(?:not|no|nor|never|neither|without|fails?|failed|unless|until|if|when|whether|once|should|must|would|could|may|"
    r"only|some|partly|partially|first|one|two|three|most|part|cannot|states?|stated|argues?|claims?|reports?|reported|"
    r"believes?|felt|feels|requires?|required|who|nobody|none|insufficient\w*|lacks?|unclear|although|though|while|"
    r"previously|had|prior|patients|but|however)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
#: Numbers that are multiplied.
_NO_SUM = re.compile(
    r"\brefills?\b|\b(?:hours?|hrs?|days?)\s*(?:a|per|each|every|/)\s*(?:day|week|month)\b", re.IGNORECASE
)
_HE = re.compile(r"\b(?:he|him|his|himself)\b", re.IGNORECASE)
_SHE = re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE)


@rule(
    "outcome-conclusion",
    "error",
    "consistency",
    source=f"{_STATES}; {_REVERSAL}",
    remedy="correct the outcome or the conclusion; ask the reviewer which is right",
)
def outcome_conclusion(subject: Subject) -> Iterator[Hit]:
    """An item's outcome agrees with what its rationale concludes.

    The last plain statement counts that the treatment is, or is not, medically necessary, certified or supported, or
    that the denial is upheld. Conditions and what others said are passed over.
    """
    for item in subject.items:
        said = item.conclusion
        if said is not None and item.outcome is not None and said.outcome != item.outcome:
            message = f"the item is {item.outcome}, but its rationale concludes that it is {_said(said.last.necessary)}"
            yield Hit(item.field("rationale"), message, said.last.words, item.rationale.rfind(said.last.words))


def _said(necessary: bool) -> str:
    return "medically necessary" if necessary else "not medically necessary"


@rule(
    "conclusion-mixed",
    "warning",
    "consistency",
    source=_STATES,
    remedy="leave one conclusion; where a part is necessary, make it an item of its own",
)
def conclusion_mixed(subject: Subject) -> Iterator[Hit]:
    """A rationale comes to one conclusion.

    Reported where an earlier statement about this request says the opposite of the last one.
    """
    for item in subject.items:
        said = item.conclusion
        for statement in said.statements[:-1] if said else ():
            about = re.search(
                r"\b(?:request|requested|this (?:treatment|medication|service|study))\b", statement.sentence, re.I
            )
            if said and statement.necessary != said.last.necessary and about:
                message = "the rationale also says the opposite of its conclusion"
                yield Hit(item.field("rationale"), message, statement.words, item.rationale.find(statement.words))
                break


@rule(
    "conclusion-partial",
    "warning",
    "consistency",
    source="8 CCR 9792.10.6(d); an item of a determination is upheld or overturned as a whole",
    remedy="decide the request as it was made, or make an item of each part",
)
def conclusion_partial(subject: Subject) -> Iterator[Hit]:
    """A conclusion is about the whole request, and not about a part of it."""
    for item in subject.items:
        if item.conclusion is None:
            continue
        found = _PARTIAL.search(item.conclusion.last.sentence)
        if found and not re.search(r"\bremaining\b", item.conclusion.last.sentence):
            message = "the conclusion is about a part of the request only"
            yield Hit(item.field("rationale"), message, found.group(), item.rationale.find(found.group()))


@rule(
    "item-duplicate",
    "error",
    "consistency",
    source="8 CCR 9792.10.3(a)(2): a treatment is reviewed once",
    remedy="take one of them out, or say in what they differ",
)
def item_duplicate(subject: Subject) -> Iterator[Hit]:
    """No item is listed twice."""
    seen: dict[str, int] = {}
    for item in subject.items:
        key = re.sub(r"[\W_]+", " ", subject.texts[item.field("request")].lower()).strip()
        if key and key in seen:
            yield Hit(item.field("request"), f"this request is already item {seen[key] + 1}", item.request)
        seen.setdefault(key, item.index)


@rule(
    "dependent-overturned",
    "error",
    "consistency",
    source="practice of the published determinations: a service that depends on a surgery shares its outcome",
    remedy="correct the outcome of the service, or that of the surgery",
)
def dependent_overturned(subject: Subject) -> Iterator[Hit]:
    """A service that depends on a surgery is not overturned while every surgery of the letter is upheld."""
    surgeries = [item for item in subject.items if is_surgery(item.request)]
    if not surgeries or any(item.outcome != "upheld" for item in surgeries):
        return
    for item in subject.items:
        if item.outcome == "overturned" and is_dependent(item.request):
            message = f"the service is overturned, but the surgery it serves (item {surgeries[0].index + 1}) is upheld"
            yield Hit(item.field("request"), message, item.request)


@rule(
    "associated-alone",
    "advice",
    "consistency",
    source="practice of the published determinations: an associated service stands beside its surgery",
    remedy="add the surgery, if it is in dispute; otherwise say in the rationale that it was authorized",
)
def associated_alone(subject: Subject) -> Iterator[Hit]:
    """An associated surgical service stands beside a surgery, or its rationale speaks of one."""
    if any(is_surgery(item.request) for item in subject.items):
        return
    for item in subject.items:
        said = re.search(r"\b(?:surg\w+|operati\w+|arthroscop\w+|procedure)\b", item.rationale, re.IGNORECASE)
        if is_associated(item.request) and item.rationale and not said:
            yield Hit(item.field("request"), "there is no surgery that this service is associated with", item.request)


@rule(
    "modified-arithmetic",
    "warning",
    "consistency",
    source=f"8 CCR 9792.9.1(e)(5): what is modified is stated; {_REVERSAL}",
    remedy="correct the numbers: authorized and remaining make the original",
)
def modified_arithmetic(subject: Subject) -> Iterator[Hit]:
    """Of a modified request, what was authorized and what remains make up the original.

    Compared where each of the three names one quantity, or one number of visits or sessions. Requests with refills, or
    with hours or days a week, are passed over: their numbers are not parts of a sum.
    """
    for item in subject.items:
        request = item.modified
        if request is None or request.remaining is None or _NO_SUM.search(subject.texts[item.field("request")]):
            continue
        for kind in (quantities, counts):
            original, authorized, remaining = (
                kind(each) for each in (request.original, request.authorized, request.remaining)
            )
            if len(original) == len(authorized) == len(remaining) == 1:
                whole, part, rest = original.pop(), authorized.pop(), remaining.pop()
                if part + rest != whole:
                    message = f"{part} authorized and {rest} remaining are not the {whole} that were requested"
                    yield Hit(item.field("request"), message, request.remaining)
                break


@rule(
    "criteria-met",
    "warning",
    "consistency",
    source=f"{_STATES}; {_REVERSAL}",
    remedy="correct the sentence or the outcome; ask the reviewer which is right",
)
def criteria_met(subject: Subject) -> Iterator[Hit]:
    """The rationale of an upheld item does not say that the criteria for the service are met.

    Read are plain sentences; those with "not", a condition, or a part of the criteria are passed over.
    """
    for item in subject.items:
        for sentence in subject.sentences(item.field("rationale")) if item.outcome == "upheld" else ():
            found = _MET.search(sentence)
            if found and not _NOT_ALL.search(sentence):
                message = "the treatment is refused, though this says that the criteria are met"
                yield Hit(item.field("rationale"), message, found.group(), item.rationale.find(found.group()))


@rule(
    "rationale-same",
    "warning",
    "consistency",
    source="8 CCR 9792.10.6(d): reasons for each disputed treatment",
    remedy="write what is true of each treatment",
)
def rationale_same(subject: Subject) -> Iterator[Hit]:
    """Two items about different parts of the body or drugs do not have the same rationale, word for word.

    Rationales of fewer than 25 words are passed over.
    """
    seen: dict[str, Disputed] = {}
    for item in subject.items:
        words = " ".join(item.rationale.split()).lower()
        first = seen.setdefault(words, item)
        if first is item or len(words.split()) < _LEAST_WORDS:
            continue
        one, other = parts(first.request), parts(item.request)
        drug, second = set(drugs(first.request).values()), set(drugs(item.request).values())
        if (
            (one and other and not alike(one, other))
            or (drug and second and not drug & second)
            or bool(drug) != bool(second)
        ):
            message = f"the rationale is that of item {first.index + 1}, word for word, though the treatment is another"
            yield Hit(item.field("rationale"), message)


@rule(
    "modified-same",
    "error",
    "consistency",
    source="8 CCR 9792.10.1(a): only what was denied or modified is in dispute",
    remedy="correct what was authorized, or take the item out",
)
def modified_same(subject: Subject) -> Iterator[Hit]:
    """A modified request was not authorized as it was made, and not for more."""
    for item in subject.items:
        request = item.modified
        if request is None:
            continue
        if request.authorized.lower() == request.original.lower():
            yield Hit(item.field("request"), "all that was requested is said to be authorized", request.authorized)
        for kind in (quantities, counts):
            original, authorized = kind(request.original), kind(request.authorized)
            if len(original) == len(authorized) == 1 and min(authorized) > min(original):
                message = f"{min(authorized)} were authorized, more than the {min(original)} requested"
                yield Hit(item.field("request"), message, request.authorized)
                break


def _ages(subject: Subject) -> Iterator[tuple[str, int, str, int]]:
    for field, text in subject.prose():
        for match in _AGE.finditer(text):
            yield field, int(match[1] or match[2]), match.group(), match.start()


@rule("age-differs", "error", "consistency", source=_REVERSAL, remedy="correct the age that is wrong")
def age_differs(subject: Subject) -> Iterator[Hit]:
    """The worker's age is the same throughout the letter; a year more is a birthday in between."""
    ages = list(_ages(subject))
    for field, age, words, start in ages[1:]:
        if abs(age - ages[0][1]) > 1:
            yield Hit(field, f"the worker is {age} here and {ages[0][1]} before", words, start)


@rule(
    "age-plausible",
    "error",
    "consistency",
    source="Labor Code 1290 and following: work begins at 14",
    remedy="correct the age",
)
def age_plausible(subject: Subject) -> Iterator[Hit]:
    """The worker's age is between 14 and 99, today and on the date of injury."""
    injured, decided = subject.days.get("injured_on"), subject.decided_on
    since = decided.year - injured.year if injured and decided and decided >= injured else 0
    for field, age, words, start in _ages(subject):
        if not 14 <= age <= 99:
            yield Hit(field, f"an age of {age} is hardly possible for a worker", words, start)
        elif age - since < 12:
            message = f"at {age} the worker was {max(age - since, 0)} years old at the injury"
            yield Hit(field, message, words, start, remedy="correct the age, or the date of injury in the header")


@rule("sex-differs", "warning", "consistency", source=_REVERSAL, remedy="correct the word that is wrong")
def sex_differs(subject: Subject) -> Iterator[Hit]:
    """The worker is not called a man here and a woman there."""
    first = ""
    for field, text in subject.prose():
        for match in _SEX.finditer(text):
            word = match[1] or match[2]
            sex = "male" if _MALE.fullmatch(word) else "female"
            if first and sex != first:
                yield Hit(field, f"the worker is {sex} here and {first} before", match.group(), match.start())
            first = first or sex


def _is_author(sentence: str, found: re.Match[str]) -> bool:
    """Return whether a word is somebody's name in a citation, such as "(He, 2004)" or "He et al."."""
    return (
        re.match(r"(?: et al|,? (?:&|and) [A-Z]|,? \(?(?:19|20)\d\d|,? [A-Z]{1,3}\b\.?,)", sentence[found.end() :])
        is not None
    )


@rule("pronoun-differs", "warning", "consistency", source=_REVERSAL, remedy="correct the pronoun, or say whom it means")
def pronoun_differs(subject: Subject) -> Iterator[Hit]:
    """Pronouns fit the worker's sex.

    Sentences that name another person, and the one behind such a sentence, are passed over; so are authors who are
    cited, such as (He, 2004).
    """
    sexes = {word.lower() for _, text in subject.prose() for pair in _SEX.findall(text) for word in pair if word}
    male = any(_MALE.fullmatch(word) for word in sexes)
    if not sexes or male == any(_FEMALE.fullmatch(word) for word in sexes):
        return
    wrong = _SHE if male else _HE
    for field, text in subject.prose():
        if not wrong.search(text):
            continue
        others = False
        for sentence in subject.sentences(field):
            found = next((each for each in wrong.finditer(sentence) if not _is_author(sentence, each)), None)
            named = bool(_OTHERS.search(sentence))
            if found and not named and not others:
                message = f'"{found.group()}" does not fit: the worker is {"male" if male else "female"}'
                at = subject.texts[field].find(sentence)
                yield Hit(field, message, found.group(), at + found.start() if at >= 0 else -1)
                break
            others = named
