"""Identifiers of usual forms in prose: dates of birth, numbers of people and things, and addresses of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from imr_letters.publish.found import Found, IdentifierKind
from imr_letters.publish.vocabulary import hosts, is_ordinary

_DASH = "[-\u2010-\u2015\u2212]"
#: Between the groups of digits of a number.
_GAP = f"[ .\u00a0/]|{_DASH}|[ ]{_DASH}[ ]"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|tember|ober|ember)?\.?"
_YEAR = r"(?:(?:18|19|20)\d\d|['\u2019]?\d\d)(?!\d)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_BETWEEN = rf" ?(?:[./]|{_DASH}) ?"
#: A date in any way of writing.
_DATE = "|".join(
    [
        rf"\d{{1,4}}{_BETWEEN}\d{{1,2}}{_BETWEEN}\d{{2,4}}(?!\d)",  # 3/5/1971, 3.5.71
        r"(?:19|20)\d{6}(?!\d)|[01]\d[0-3]\d(?:19|20)\d\d(?!\d)",  # 19710305, 03051971
        rf"{_MONTH}[ -]?(?:the )?{_DAY}(?:,? ?(?:of |in )?{_YEAR}|(?![\d/]))",  # March 5, 1971
        rf"(?:the )?{_DAY}[ -]?(?:day )?(?:of )?{_MONTH}(?:[ ,-]{{1,2}}(?:of )?{_YEAR})?",  # 5-Mar-1971, 5th of March
        rf"{_MONTH},? ?(?:of )?(?:18|19|20)\d\d(?!\d)|\d{{1,2}}/(?:19|20)\d\d(?!\d)",  # March 1971, 3/1971
    ]
)
_BIRTH = r"(?:date of birth|birth ?dates?|birthdays?|birth|born|d\.? ?o\.? ?b\b\.?|d/o/b|b-?day|bday)"
#: Other days and visits: a date after them is none of a birth.
_OTHER = "(?!injur|surg|seen|evaluat|visit|accident|hurt)"
_BIRTH_FIRST = re.compile(
    rf"(?<!\w){_BIRTH}(?!\w)\.?(?:[\s:;,()#=-]{{1,5}}{_OTHER}[A-Za-z']{{1,15}}){{0,6}}?[\s:;,()#=-]{{0,5}}"
    rf"(?P<date>(?<!\w)(?:{_DATE}))",
    re.IGNORECASE,
)
_BORN_IN = re.compile(
    r"(?<!\w)(?:born|birth|year of birth|DOB)(?: in| is| was|:| of|,){0,3} ?(?P<date>(?:19|20)\d\d)(?![\d/-])",
    re.IGNORECASE,
)
_DATE_FIRST = re.compile(
    rf"(?<![\w/.-])(?P<date>{_DATE})(?:[\s:;,()-]{{1,2}}{_OTHER}[A-Za-z']{{1,12}}){{0,4}}?"
    rf"[\s:;,()-]{{1,3}}(?!birth\b){_BIRTH}(?!\w)",
    re.IGNORECASE,
)

_PHONE_CUE = (
    r"(?:tele ?phone|phone|tel|cell(?: ?phone)?|mobile|fax|facsimile|call(?:ed|s)?|contact(?:ed)?|reach(?:ed|able)?"
    r"|pager|voice ?mail|text(?:ed)?|ph|hotline|extension)"
)
_AREA = r"(?:\(\s?[2-9]\d{2}\s?\)|[2-9]\d{2})"
_PHONE = re.compile(
    rf"(?<![\w#/.$-])(?:\+?1(?:{_GAP})?)?{_AREA}(?:{_GAP}|[ ]{{0,2}})\d{{3}}(?:{_GAP})\d{{4}}(?![\d/-]|\.\d)"
    r"(?:,? ?(?:x|ext\.?|extension) ?\d{1,6})?",
    re.IGNORECASE,
)
_TEN_DIGITS = re.compile(r"(?<![\w#/.$-])\+?1?[2-9]\d{9}(?![\w/-]|\.\d)")
_SEVEN = re.compile(
    rf"(?<!\w){_PHONE_CUE}\b[^.\n]{{0,25}}?(?P<number>(?<![\d-])\d{{3}}(?:{_GAP})?\d{{4}}(?![\d-]))", re.IGNORECASE
)
_LOCAL = re.compile(rf"(?<![\w#/.$,-])(?<!\d )[2-9]\d{{2}}{_DASH}\d{{4}}(?![\w/-]|\.\d| ?(?:mg|mcg|ml|%))")

_SSN = re.compile(
    rf"(?<![\w-])(?:\d{{3}}|[Xx*]{{3}})(?:{_DASH}|[ .\u00a0])(?:\d{{2}}|[Xx*]{{2}})(?:{_DASH}|[ .\u00a0])"
    r"\d{4}(?![\d-])"
)
_SSN_CUE = re.compile(
    r"(?<!\w)(?:s\.?s\.?n\b\.?|ss ?#|soc(?:ial)?\.? ?sec(?:urity)?"
    r"|social(?= (?:security|ending|ends|last|no|number|#|is)\b))"
    r"(?: ?(?:security|number|no\.?|num\.?|#|is|was|ends?|ending|in|of|:|,|last|four|digits|card|with)){0,8}[ :#]{0,3}"
    r"(?P<number>[\dXx*][\dXx* .\u2010-\u2015-]{2,12}\d)",
    re.IGNORECASE,
)

#: What has a number of its own, by which it is known; those of the first list need no further word.
_STRONG = (
    r"MRNs?|MR ?(?=#)|"
    r"M\.R\.N\.|med(?:ical)?\.? rec(?:ord)?s?\.?|acct\.?|account|ADJ|WCAB|EAMS|WCIS|NPI|DEA|HICN|MBI|medicare"
    r"|medi-?cal|medicaid|VIN|S/N|serial|UDI|IMEI|passport|plates?|tags?|accession|policy(?: ?holder)?|subscriber"
    r"|beneficiary|DL|lic\.|bates|badge|permit|certificate|invoice|prescription|Rx|encounter|registration"
    r"|member(?:ship)?|chart|claim|tracking"
    r"|(?:driver['\u2019]?s?['\u2019]?|vehicle|state|professional|medical|nursing|physician|business|CDL|DMV"
    r"|operator['\u2019]?s?)? ?licen[cs]es?"
)
_WEAK = (
    r"case|file|application|patient|group|device|lot|model|implant|pacemaker|stimulator|pump|identification|personnel"
    r"|employee|hospital|insurance|insured|ID|reference|ref\.?|locker|unit|card|bank|routing|order|clinic|visit|study"
    r"|exam(?:ination)?|specimen|sample|report|record|docket|matter|department|equipment|asset|pin|NDC|participant"
    r"|enrollee|health plan|plan|payer|bed|room"
)
_NO = r"(?:numbers?|num\.?|nos?\.?|\u2116|id\b(?: (?:number|no\.?|#))?|i\.d\.|identifier|code|#|card)"
_VALUE = (
    rf"(?P<number>(?=[A-Z0-9./ \u2010-\u2015-]{{0,12}}\d)[A-Z0-9]+(?:(?:[./_]|{_DASH})[A-Z0-9]+)*"
    r"(?:(?: (?=[A-Z0-9-]*\d)[A-Z0-9-]{2,})){0,4})"
)
_LINK = r"(?:\s?(?:is|was|are|reads?|ending|ends?|in|with|of|as|=)\b|\s?[:#(,=]){0,4}\s{0,2}"
_NUMBERED = (
    re.compile(rf"(?<![\w-])(?i:{_STRONG})(?i:\s?{_NO}){{0,3}}(?i:{_LINK}){_VALUE}(?![\w])"),
    re.compile(
        rf"(?<![\w-])(?i:{_WEAK})(?i:\s(?:serial|model|lot|device|implant))?(?i:\s?{_NO}){{1,3}}(?i:{_LINK}){_VALUE}"
        r"(?![\w])"
    ),
    re.compile(
        rf"(?<![\w-])(?i:claim|file|case|record|chart|account|policy)\s?(?i:{_LINK})"
        r"(?P<number>(?=[A-Z-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*)(?![\w])"
    ),
)
#: Forms that need no word before them: Medicare, license, vehicle and WCAB case numbers, and plates of California.
_OWN_FORMS = re.compile(
    r"(?<![\w-])(?:[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}|[A-Z]\d{7}|\d[A-Z]{3}\d{3}|ADJ ?\d{5,}"
    r"|(?=[A-HJ-NPR-Z0-9]*\d[A-HJ-NPR-Z0-9]*\d)(?=\d*[A-HJ-NPR-Z])[A-HJ-NPR-Z0-9]{17})(?![\w-])"
)
_IMR_CASE = re.compile(r"[A-Z]{2}\d{2}-\d{7}")

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?(?:@|\(at\)|\[at\]) ?[\w-]{1,63}(?:(?:\.| ?\(dot\) ?| ?\[dot\] ?)[\w-]{1,63}){1,5}"
    r"|(?<![\w.+-])[\w.+-]{1,64} at [\w-]{1,63} dot (?:com|org|net|edu|gov|us)\b",
    re.I,
)
_WEB = re.compile(
    r"(?<![\w@.-])(?:https?://|www\.)(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){0,6})(?P<path>[\w./?%&=~#:+,@-]{0,300})"
    r"|(?<![\w@.-])(?P<bare>(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|biz|us|me|io|co))(?P<more>/[\w./?%&=~#:+,@-]{0,300})?(?![\w-])"
    r"|(?<![\w.])@[A-Za-z_]\w{2,30}",
    re.I,
)

_CAP = r"[A-Z\u00c0-\u00de][\w'\u2019.-]*"
_TYPE = (
    r"(?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Way|Place|Pl|Circle|Cir|Terrace|Ter|Parkway|Pkwy"
    r"|Highway|Hwy|Freeway|Loop|Trail|Trl|Plaza|Square|Sq|Alley|Row|Run|Path|Crossing|Pike|Walk|Point|Ridge|Canyon|Real|Expressway|Route)"
)
_UNIT = r"(?:,? (?:Suite|Ste|Apartment|Apt|Unit|Space|Spc|Floor|Bldg|Building|Room|Rm|No|#)\.? ?#?[\w-]+|,? #[\w-]+)"
_TAIL = rf"(?:{_UNIT})?(?:,? (?:{_CAP} ?){{1,3}}, (?:CA|California|Calif)\b\.?(?:,? \d{{5}}(?:-\d{{4}})?)?)?"
_LIVES = r"(?:lives?|living|lived|resid(?:es?|ed|ing)|residence|resident|home|moved|relocated|house|apartment)"
_POSTAL = (
    re.compile(
        r"(?<![\w/.-])\d{1,6}(?:[-/]\w{1,4}|[A-Z])? (?:[NSEW]\.? |North |South |East |West )?"
        rf"(?:(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th)|de|la|del|las|los|of) ){{1,4}}{_TYPE}\b\.?{_TAIL}"
    ),
    re.compile(
        r"(?<![\w/.-])\d{2,6} (?:El|La|Los|Las|Calle|Camino|Avenida|Avenue|Via|Paseo|Rancho|Rue|Corte|Circulo|Highway"
        rf"|Hwy|Route|County Road)(?: (?:de|del|la|las|los|{_CAP}|\d{{1,4}})){{1,4}}{_TAIL}"
    ),
    re.compile(
        rf"(?:{_LIVES}|address(?:ed)?(?: (?:is|of|was))?|mailed|delivered)(?: \w+){{0,2}}?(?: (?:at|to|on|is))?:? "
        rf"(?P<address>\d{{1,6}}[A-Z]? (?:[NSEW]\.? )?{_CAP}(?: {_CAP}){{0,3}}{_TAIL})"
    ),
    re.compile(r"\b(?:[Pp]\.? ?[Oo]\.?|[Pp]ost [Oo]ffice) ?[Bb]ox \w?\d+(?:-\d+)?" + _TAIL),
    re.compile(
        rf"(?<![\w'\u2019.-])(?:(?:{_CAP} ){{0,2}}{_CAP},? )?"
        rf"(?<!\w)(?:CA|California|Calif)\b\.?,? 9\d{{4}}(?:-\d{{4}})?\b"
    ),
    re.compile(r"\b(?i:zip(?: ?code)?)(?: is|:)? ?(?P<address>\d{5}(?:-\d{4})?)\b"),
    re.compile(
        rf"\b{_LIVES} (?:with [a-z ]{{2,30}} )?(?:in|at|near|to|of|on)(?: the (?:city|town) of)? "
        rf"(?P<address>{_CAP}(?: {_CAP}){{0,3}}(?:, (?:CA|California)\b)?)"
    ),
)


def find(text: str) -> Iterator[Found]:
    """Yield what has a usual form in a text."""
    for pattern in (_BIRTH_FIRST, _BORN_IN, _DATE_FIRST):
        yield from _each(pattern, text, "birth date", "date")
    phones = [
        *_each(_PHONE, text, "phone"),
        *_each(_TEN_DIGITS, text, "phone"),
        *_each(_SEVEN, text, "phone", "number"),
    ]
    yield from phones
    yield from _each(_LOCAL, text, "phone")
    yield from _each(_SSN, text, "SSN")
    yield from _each(_SSN_CUE, text, "SSN", "number")
    for pattern in _NUMBERED:
        yield from _each(pattern, text, "number", "number", _is_number)
    yield from _each(_OWN_FORMS, text, "number")
    yield from _each(_EMAIL, text, "e-mail")
    yield from _each(_WEB, text, "web", check=_is_somebodys)
    for pattern in _POSTAL:
        yield from _each(pattern, text, "address", "address", _is_place)


def _each(
    pattern: re.Pattern[str],
    text: str,
    kind: IdentifierKind,
    group: str = "",
    check: Callable[[re.Match[str]], bool] | None = None,
) -> Iterator[Found]:
    """Yield the matches of a pattern, or a group of theirs, that pass a check."""
    named = group if group in pattern.groupindex else 0
    for match in pattern.finditer(text):
        if check is None or check(match):
            yield Found(*match.span(named), kind)


def _is_number(match: re.Match[str]) -> bool:
    """Return whether words are the number of something: three digits among four signs, no year, no IMR case."""
    words = match["number"]
    digits = sum(map(str.isdigit, words))
    if _IMR_CASE.fullmatch(words) or digits < 3 or len(words) < 4:
        return False
    before = match.string[max(0, match.start() - 24) : match.start()].lower()
    if before.rstrip().endswith(("clinical policy", "coverage policy", "bulletin", "section", "guideline", "cpt")):
        return False
    return not re.fullmatch(
        r"(?:19|20)\d\d|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}-\d{1,2}-\d{2,4}|\d{4}-\d\d-\d\d", words
    )


def _is_somebodys(match: re.Match[str]) -> bool:
    """Return whether a web address is of people, and not of a source that reviewers cite."""
    host = (match["host"] or match["bare"] or "").lower().removeprefix("www.")
    sources, endings = hosts()
    return not host or not (
        host.rsplit(".", 1)[-1] in endings or any(host == each or host.endswith("." + each) for each in sources)
    )


def _is_place(match: re.Match[str]) -> bool:
    """Return whether words are an address: somewhere in it there is a number or a word of no vocabulary."""
    words = match["address"] if "address" in match.re.groupindex else match.group()
    names = re.findall(r"[^\W\d_]+", words)
    return any(char.isdigit() for char in words) or not all(is_ordinary(each) for each in names)
