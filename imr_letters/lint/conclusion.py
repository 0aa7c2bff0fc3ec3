"""What a rationale concludes about its request, read from its own words.

A conclusion is a plain statement that something is, or is not, medically necessary, or one of its kin: certified,
supported, the denial upheld. Conditions ("would be", "if", "when"), questions ("whether ... is") and what another
review said are none. The last statement of a rationale counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imr_letters.engine.text import PARAGRAPH
from imr_letters.english.sentences import split

#: Words that may stand between "not" and "necessary", or between "is" and "necessary".
_FILL = (
    r"(?:(?:be|been|being|to|appears?|seems?|considered|deemed|determined|found|felt|judged|shown|proven|viewed|"
    r"regarded|as|yet|currently|also|therefore|thus|hence|still|now|clearly|clinically|otherwise|at|this|time|point|"
    r"presently|both|reasonable|reasonably|appropriate|supported|indicated|warranted|and|or),?\s+){0,6}"
)
#: The name of a treatment between two words: no end of a sentence, though there may be a decimal point.
_GAP = r"(?:[^.;]|\.\d){0,140}?"
_NECESSARY = r"(?:medically[\s-]+(?:or\s+clinically\s+)?)necessary"
_VERB = r"(?:is|are|was|were|remains?|appears?|seems?|deemed|considered|found|determined)"

_NOT = re.compile(
    rf"\b(?:not|cannot|never|isn['\u2019]t|aren['\u2019]t|neither)[\s-]+{_FILL}{_NECESSARY}"
    rf"|\b(?:is|are|was|were|be)\s+{_FILL}(?:medically\s+unnecessary|non-?\s?medically necessary|"
    rf"no longer {_NECESSARY})"
    rf"|\bmedical necessity\b{_GAP}\b(?:is|has|was|were|have|can|could)\s*not\b(?:\s+been)?\s+"
    r"(?:established|shown|met|demonstrated|supported|substantiated|be established|be substantiated|be supported)"
    rf"|\bmedical necessity\b{_GAP}\bcannot be (?:established|substantiated|supported|affirmed|confirmed)"
    r"|\b(?:does|do|did) not (?:establish|support|substantiate|demonstrate) (?:the )?medical necessity",
    re.IGNORECASE,
)
_IS = re.compile(
    rf"\b{_VERB}\s+{_FILL}{_NECESSARY}"
    rf"|\bmedical necessity\b{_GAP}\b(?:is|has been|was|are) (?:established|shown|met|demonstrated|supported)",
    re.IGNORECASE,
)
_KIN_NOT = re.compile(
    rf"\b(?:request|treatment|service|medication|procedure|study|device|item)s?\b{_GAP}\b(?:is|are|was|were)\s+"
    r"(?:therefore\s+|thus\s+)?(?:not\s+(?:certified|supported|approved|authorized|warranted|recommended|indicated)"
    r"|non-?certified|denied)"
    r"|\b(?:denial|non-?certification|utilization review (?:decision|denial)|adverse determination)\b"
    rf"{_GAP}\b(?:is|are|should be)\s+(?:therefore\s+)?(?:upheld|affirmed|sustained)",
    re.IGNORECASE,
)
_KIN = re.compile(
    rf"\b(?:request|treatment|service|medication|procedure|study|device|item)s?\b{_GAP}\b(?:is|are)\s+"
    r"(?:therefore\s+|thus\s+)?(?:certified|approved|warranted|supported)\b"
    r"|\b(?:denial|non-?certification|utilization review (?:decision|denial)|adverse determination)\b"
    rf"{_GAP}\b(?:is|are|should be)\s+(?:therefore\s+)?(?:overturned|reversed)",
    re.IGNORECASE,
)
#: A sentence that says under which condition something is necessary, asks for it, or tells what others said.
_CONDITION = re.compile(
    r"\b(?:if|whether|unless|when|would|could|should|might|may|until|whenever|only (?:where|as|in)|"
    r"utilization review (?:found|stated|concluded|determined|reasoned|held)|claims administrator (?:found|stated|"
    r"concluded|reasoned|held)|provider (?:states|believes|feels|argues)|physician (?:states|believes|feels|argues)|"
    r"must be)\b|\bto be\s*$",
    re.IGNORECASE,
)
#: The same, behind the statement.
_CONDITION_BEHIND = re.compile(r"\W{0,2}\s*(?:if|when|whenever|only|unless|in (?:patients|cases)|for patients)\b", re.I)


@dataclass(frozen=True)
class Statement:
    """One statement: necessary or not, the words that say it, and the sentence they stand in."""

    necessary: bool
    words: str
    sentence: str


@dataclass(frozen=True)
class Conclusion:
    """The statements of a rationale in order; the last one counts."""

    statements: tuple[Statement, ...]

    @property
    def last(self) -> Statement:
        """The statement that counts."""
        return self.statements[-1]

    @property
    def outcome(self) -> str:
        """The outcome that follows from it."""
        return "overturned" if self.last.necessary else "upheld"


def conclusion(rationale: str) -> Conclusion | None:
    """Return what a rationale concludes, or None where it does not say."""
    sentences = [sentence for paragraph in rationale.split(PARAGRAPH) for sentence in split(paragraph)]
    found = [each for sentence in sentences for each in _statements(sentence, _NOT, _IS)]
    found = found or [each for sentence in sentences for each in _statements(sentence, _KIN_NOT, _KIN)]
    return Conclusion(tuple(found)) if found else None


def _statements(sentence: str, no: re.Pattern[str], yes: re.Pattern[str]) -> list[Statement]:
    hits = [(match.start(), match.end(), False, match.group()) for match in no.finditer(sentence)]
    hits += [
        (match.start(), match.end(), True, match.group())
        for match in yes.finditer(sentence)
        if not any(match.start() < stop and begin < match.end() for begin, stop, _, _ in hits)
    ]
    found = []
    for start, end, necessary, words in sorted(hits):
        clause = re.split(r"[;:]|, (?:but|and|so|yet|while|whereas|therefore|hence|thus)\b", sentence[:start])[-1]
        if necessary and (_CONDITION.search(clause) or _CONDITION_BEHIND.match(sentence, end)):
            continue
        if not necessary and re.search(r"\b(?:if|whether|unless|when|until)\b", clause, re.IGNORECASE):
            continue
        found.append(Statement(necessary, words, sentence))
    return found
