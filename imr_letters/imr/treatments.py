"""What a request is about: drugs, counts, strengths, sides, levels and parts of the body, surgeries."""

from __future__ import annotations

import re
from functools import cache

from imr_letters.imr import vocabulary

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "twenty-four": 24, "thirty": 30, "thirty-six": 36,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"

_STRENGTH = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)?(?:\s?[-/]\s?\d+(?:\.\d+)?){0,2})\s*(mg|mcg|\u03bcg|%|percent|grams?|gm|g|ml|"
    r"cc)(?![a-z])",
    re.IGNORECASE,
)
_QUANTITY = re.compile(r"#\s?(\d{1,4})(?![\d/])|\bq(?:ty|uantity)\b\W*(?:of\s)?(\d{1,4})\b", re.IGNORECASE)
_UNITS = r"(?:visits?|sessions?|treatments?|injections?|appointments?)"
_COUNT = re.compile(rf"\b({_NUMBER})\s+(?:\(\d+\)\s+)?(?:[a-z-]+\s+){{0,4}}?{_UNITS}\b", re.IGNORECASE)
_COUNT_BEHIND = re.compile(
    rf"\b{_UNITS}\s*(?:\(|,|:|;|#|x|times|quantity|qty)?\s*({_NUMBER})\b(?!\s*(?:times|x|per|/))", re.I
)
_WEEKLY = re.compile(
    rf"\b({_NUMBER})\s*(?:times?|x|visits?|sessions?)\s*(?:a|per|each|/)\s*(?:week|wk)\s*(?:for|x|times|"
    rf",)?\s*({_NUMBER})\s*"
    r"(?:weeks?|wks?)|\b(\d{1,2})\s?x\s?(\d{1,2})\b",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"\b([CTLS])(\d{1,2})(?:\s?[-\u2013/]\s?([CTLS])?(\d{1,2}))?\b")
_SIDE = re.compile(r"\b(left|right|bilateral(?:ly)?|both)\b(?![\s-]hand(?:ed)?\b(?! surgery))", re.IGNORECASE)

#: Parts of the body by region.
_PARTS = {
    "neck": r"neck|cervical",
    "upper back": r"thoracic|mid(?:dle)?[ -]back|upper back",
    "low back": r"low(?:er)?[ -]back|lumbar|lumbosacral|sacral|sacroiliac",
    "shoulder": r"shoulders?|rotator cuff|subacromial",
    "elbow": r"elbows?",
    "wrist": r"wrists?|carpal",
    "hand": r"hands?|fingers?|thumbs?",
    "hip": r"hips?",
    "knee": r"knees?|menisc\w+",
    "ankle": r"ankles?",
    "foot": r"foot|feet|toes?|plantar",
    "arm": r"arms?|upper extremit(?:y|ies)",
    "leg": r"legs?|lower extremit(?:y|ies)",
    "head": r"head|brain|skull",
}
_PART = re.compile(
    "|".join(rf"(?P<{name.replace(' ', '_')}>\b(?:{words})\b)" for name, words in _PARTS.items()), re.IGNORECASE
)
#: Regions next to each other, which one injury or treatment may be about.
_NEAR = [
    {"shoulder", "elbow", "wrist", "hand", "arm", "neck"},
    {"hip", "knee", "ankle", "foot", "leg", "low back"},
    {"neck", "upper back", "low back"},
    {"neck", "head"},
]
#: Regions that people write for each other.
_SAME = [{"wrist", "hand", "arm"}, {"elbow", "arm"}, {"shoulder", "arm"}, {"ankle", "foot", "leg"}, {"knee", "leg"},
         {"hip", "leg"}]  # fmt: skip

#: The limbs whose nerves come from a part of the spine.
_BELOW = {
    "neck": {"shoulder", "elbow", "wrist", "hand", "arm", "head"},
    "low back": {"hip", "knee", "ankle", "foot", "leg"},
}

_WORD = re.compile("[a-z0-9]+")
_ASSOCIATED = re.compile(r"\s*associated surgical services?\b", re.IGNORECASE)
_DEPENDENT = re.compile(
    r"\s*(?:associated surgical services?\b|(?:post|pre)-?\s?(?:op|operative|surgical)\b"
    r"|(?:medical|cardiac|surgical|pre-?operative) clearance\b|(?:co-?|assistant |surgical )(?:surgeon|assistant)\b"
    r"|assistant surgeon\b|(?:inpatient|hospital) stay\b)",
    re.IGNORECASE,
)


def number(words: str) -> int:
    """Return the number that digits or a number word give."""
    return int(words) if words.isdigit() else _NUMBERS[words.lower()]


def strengths(text: str) -> set[str]:
    """Return the strengths a text names, in one form: `10/325mg`."""
    found = set()
    for amount, unit in _STRENGTH.findall(text):
        plain = re.sub(r"\s", "", amount).replace("-", "/")
        units = {"percent": "%", "gram": "g", "grams": "g", "gm": "g", "cc": "ml", "\u03bcg": "mcg"}
        found.add(plain + units.get(unit.lower(), unit.lower()))
    return found


def quantities(text: str) -> set[int]:
    """Return the quantities: `#60`, `QTY: 2`, `quantity of 30`."""
    return {int(one or other) for one, other in _QUANTITY.findall(text)}


def counts(text: str) -> set[int]:
    """Return how many visits, sessions or treatments a text names; `2 times a week for 6 weeks` are 12."""
    found = {number(each) for each in _COUNT.findall(text)} | {number(each) for each in _COUNT_BEHIND.findall(text)}
    for one, other, first, second in _WEEKLY.findall(text):
        found.add(number(one or first) * number(other or second))
    return found


def schedules(text: str) -> set[tuple[int, int]]:
    """Return the schedules a text names, as times a week and weeks."""
    return {(number(a or c), number(b or d)) for a, b, c, d in _WEEKLY.findall(text)}


def levels(text: str) -> set[str]:
    """Return the levels of the spine a text names, each vertebra by itself: L4-5 gives L4 and L5."""
    found = set()
    for letter, first, other, second in _LEVEL.findall(text):
        found.add(letter + first)
        if second:
            found.add((other or letter) + second)
    return found


def sides(text: str) -> set[str]:
    """Return the sides a text names: left, right; both for bilateral."""
    found = {each.lower() for each in _SIDE.findall(text)}
    return {side for each in found for side in ((each,) if each in ("left", "right") else ("left", "right"))}


def parts(text: str) -> set[str]:
    """Return the regions of the body a text names."""
    return {match.lastgroup.replace("_", " ") for match in _PART.finditer(text) if match.lastgroup}


def sided_parts(text: str) -> set[tuple[str, str]]:
    """Return the parts of the body with a side right before them, such as left knee."""
    found = set()
    for match in _PART.finditer(text):
        before = re.search(
            r"\b(left|right)(?:,? [a-z-]+){0,1}[\s,]+$", text[max(0, match.start() - 40) : match.start()], re.I
        )
        if before and match.lastgroup:
            found.add((before[1].lower(), match.lastgroup.replace("_", " ")))
    return found


def alike(one: set[str], other: set[str]) -> bool:
    """Tell whether two sets of regions share one, or one that people write for it."""
    return bool(one & other) or any(one & group and other & group for group in _SAME)


def serves(chapter: set[str], asked: set[str]) -> bool:
    """Return whether a chapter is about some regions, too: those alike, and the limbs below its part of the spine."""
    return alike(chapter, asked) or any(spine in chapter and asked & limb for spine, limb in _BELOW.items())


def near(one: set[str], other: set[str]) -> bool:
    """Return whether two sets of regions share one, or have neighbors, such as shoulder and neck."""
    return bool(one & other) or any(one & group and other & group for group in _NEAR)


@cache
def _drugs() -> dict[str, str]:
    classes = set(vocabulary.treatment_categories()["Pharmaceuticals"]) - {"Injection", "Topical Compounds"}
    words = vocabulary.treatment_words()
    return {
        word: name
        for name in classes
        for word in words.get(name, ())
        if word not in ("topical analgesic", "vitamin", "medical food", "hyaluronic acid", "viscosupplementation",
                        "laxative", "insulin", "cannabis", "marijuana", "soma", "hormones", "sentra")
    }  # fmt: skip


@cache
def _drug_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(each) for each in sorted(_drugs(), key=len, reverse=True))
    return re.compile(rf"\b(?:{names})\b", re.IGNORECASE)


@cache
def _first_words() -> frozenset[str]:
    return frozenset(_WORD.findall(name)[0] for name in _drugs())


def drugs(text: str) -> dict[str, str]:
    """Return the drugs a text names, in lower case, each with its class."""
    if _first_words().isdisjoint(_WORD.findall(text.lower())):  # nearly every sentence, at a fraction of the cost
        return {}
    return {name: _drugs()[name] for each in _drug_pattern().findall(text) if (name := each.lower()) in _drugs()}


def drug_names() -> frozenset[str]:
    """Return the names of drugs that are known, in lower case."""
    return frozenset(_drugs())


def is_dependent(request: str) -> bool:
    """Tell whether a request serves a surgery: an associated service, something before or after an operation."""
    return bool(_DEPENDENT.match(request))


def is_associated(request: str) -> bool:
    """Tell whether a request calls itself an associated surgical service."""
    return bool(_ASSOCIATED.match(request))


@cache
def _surgery_pattern() -> re.Pattern[str]:
    words = vocabulary.treatment_words()
    names = {word for group in ("Arthroscopic Surgery", "Non-arthroscopic Surgery", "Spine") for word in words[group]}
    names -= {"spinal cord stimulator", "excision"}
    return re.compile(
        rf"\b(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))}|surgery)\b", re.IGNORECASE
    )


def is_surgery(request: str) -> bool:
    """Tell whether a request is for an operation."""
    consult = re.search(
        r"\b(?:consult\w*|evaluation|center|brace|rental|therapy|clearance|transportation)\b", request, re.I
    )
    return bool(_surgery_pattern().search(request)) and not is_dependent(request) and consult is None
