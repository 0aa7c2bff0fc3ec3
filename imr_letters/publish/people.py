"""Names of other people in prose: after a title, a relation or a calling, before a degree, or by their first name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_letters.english import wordlists
from imr_letters.english.names import skeleton
from imr_letters.publish.found import Found
from imr_letters.publish.vocabulary import is_first_name, is_of_medicine, is_ordinary, listed

_CAPITAL = "[A-Z\u00c0-\u00de\u0100-\u017d\u0391-\u03a9\u0410-\u042f]"
_LETTER = "[^\\W\\d_]"
#: One name: Alvarez, O'Connellan, McAllen, Qvortrup-Muñoz, DeLuca; or all in capitals.
_NAME = rf"(?:(?:[OD]['\u2019])?{_CAPITAL}{_LETTER}+(?:[-\u2010\u2011]{_CAPITAL}{_LETTER}+){{0,3}})"
_INITIAL = rf"{_CAPITAL}\.?(?![\w'\u2019-])"
_PARTICLE = r"(?:de la|de los|de las|de|del|dela|da|dos|di|van der|van den|van|von|bin|al|el|la|le|st\.|St\.|y)"
#: Names in a row, at most four.
_NAMES = rf"(?:{_PARTICLE} )?(?:{_NAME}|{_INITIAL})(?: (?:{_INITIAL} ?|{_PARTICLE} ){{0,3}}{_NAME}| {_INITIAL}){{0,3}}"

_RELATIONS = "|".join(sorted(listed("relations") | {"co-worker"}, key=len, reverse=True))
_CALLINGS = "|".join(sorted(listed("callings"), key=len, reverse=True))

_TITLE = re.compile(
    r"(?<![\w-])(?:(?:Mr|Mrs|Ms|Mx|Dr|Drs|Prof|Hon|Rev|Sr|Sra|Srta)\.?|(?:MR|MRS|MS|DR|DRS)\.|DR|MRS|Miss|Mister|Missus"
    r"|Doctor|Professor|Judge|Justice|Se\u00f1or|Se\u00f1ora|Do\u00f1a|Don(?= [A-Z]))"
    rf" ?(?:and (?:Mrs|Ms|Dr)\.? )?(?P<names>{_NAMES}(?:,? (?:and|&) {_NAMES})?)"
)
_RELATION = re.compile(
    r"(?<!\w)(?:[Hh]er|[Hh]is|[Tt]heir|[Mm]y|[Tt]he|[Aa]n?|(?:patient|worker|applicant|claimant|employee)['\u2019]s)"
    rf" (?:[a-z-]+ ){{0,3}}?(?:{_RELATIONS})(?:-in-law)?"
    rf"(?: and (?:{_RELATIONS}))?(?:,? (?:named|called|is|was|by name))?"
    rf"[ ,:(]{{1,2}}(?P<names>{_NAMES}(?: and {_NAMES})?)"
)
_CALLING = re.compile(
    rf"(?<!\w)(?i:{_CALLINGS})(?:,? (?:named|called|is|was|by name))?[ ,:(]{{1,2}}"
    rf"(?P<names>{_NAMES})"
)
_NAMED = re.compile(
    rf"(?<!\w)(?:named|by the name of|known as|nicknamed|goes by|prefers to be called) (?P<names>{_NAMES})"
)
_BEFORE_RELATION = re.compile(
    rf"(?<!\w)(?P<names>{_NAMES}), (?:who is )?(?:her|his|their|the (?:patient|worker|claimant)['\u2019]s) "
    rf"(?:[a-z-]+ ){{0,2}}(?:{_RELATIONS}|{_CALLINGS})\b"
)
DEGREE = (
    r"(?:M\.?D|D\.?O|D\.?C|D\.?P\.?M|Ph\.?D|Psy\.?D|Ed\.?D|D\.?D\.?S|D\.?M\.?D|O\.?D|L\.?Ac|N\.?P|P\.?A(?:-C)?|D?\.?P\.?T"
    r"|O\.?T\.?R?|R\.?N|F\.?N\.?P(?:-C)?|L\.?C\.?S\.?W|L\.?M\.?F\.?T|C\.?H\.?T|J\.?D|Esq|M\.?S\.?W|R\.?P\.?T)"
)
_DEGREED = re.compile(rf"(?<![\w-])(?P<names>{_NAMES}),? (?:{DEGREE}(?![A-Za-z])\.?,? ?)+")
_FIRST = re.compile(rf"(?<![\w.-])(?P<names>{_NAME}(?: (?:{_INITIAL} ?|{_PARTICLE} ){{0,3}}{_NAME}){{1,2}})")
_INITIALED = re.compile(
    rf"(?<![\w.])(?P<names>{_CAPITAL}\. ?(?:{_CAPITAL}\. ?)?{_NAME})"
    r"(?= (?:said|states|stated|reports|reported|noted|wrote|saw|is a|was))"
)


def find(text: str) -> Iterator[Found]:
    """Yield where a text names somebody, title and degree with the name."""
    for match in _TITLE.finditer(text):
        for start, end in _spans(match, strict=False):
            at = match.start() if start == match.start("names") else start
            yield Found(at, end, "name")
    for pattern in (_RELATION, _CALLING, _NAMED):
        for match in pattern.finditer(text):
            for start, end in _spans(match, strict=True):
                yield Found(start, end, "name")
    for match in _BEFORE_RELATION.finditer(text):
        yield from _whole(match)
    for match in _DEGREED.finditer(text):
        yield from _whole(match)
    for match in _INITIALED.finditer(text):
        yield from _whole(match)
    for match in _FIRST.finditer(text):
        first, *_, last = match["names"].split()
        no_name = first.isupper() or last.isupper() or skeleton(first) in listed("particles")  # PR Report, San Vexor
        if not no_name and not is_ordinary(last) and (is_first_name(first) or not is_ordinary(first)):
            yield Found(*match.span("names"), "name")


def _whole(match: re.Match[str]) -> Iterator[Found]:
    """Yield the names of a match without ordinary words before them, with what comes after them."""
    start = match.start("names")
    words = list(re.finditer(r"\S+", match["names"]))
    while words and (_is_word(words[0].group()) and not is_first_name(words[0].group())):
        words.pop(0)
    if words and not all(_is_word(each.group()) for each in words):
        yield Found(start + words[0].start(), match.end() if match.re is _DEGREED else match.end("names"), "name")


def _spans(match: re.Match[str], *, strict: bool) -> Iterator[tuple[int, int]]:
    """Yield the names of a match, those joined by "and" apart; they end before an ordinary word.

    Not strict, the first may be an ordinary word, as in "Mr. Brown", but no test and no drug.
    """
    at = match.start("names")
    start = end = 0
    for each in re.finditer(r"[^\s,()]+", match["names"]):
        word = each.group()
        bones = skeleton(word)
        if word in ("and", "&"):
            if end:
                yield start, end
            start = end = 0
            continue
        if bones in listed("particles") and not word[0].isupper():
            continue
        if not end and not strict:
            if (is_of_medicine(word) and not is_first_name(word)) or bones in _NEVER:
                return
        elif _is_word(word):
            break
        start = start if end else at + each.start()
        end = at + each.end()
    if end:
        yield start, end


#: What a title is never followed by as a name.
_NEVER = wordlists.words("function") | {"he", "she", "that", "who", "guidelines"}


def _is_word(word: str) -> bool:
    """Return whether a word is in a vocabulary; initials are in none."""
    return len(skeleton(word)) > 1 and is_ordinary(word) and not is_first_name(word)
