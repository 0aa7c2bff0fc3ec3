"""Words that nobody wrote: what programs leave behind in a text, and gaps of a form that nobody filled in.

One table for lint, worksheets and drafts. It errs on the side of silence: ordinary English has `null` and `undefined`
too, so words like these count only where they are all that a value holds, or where several follow each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

#: What made the words: a program, or a form with a gap.
ResidueSource = Literal["program", "gap"]


@dataclass(frozen=True, slots=True)
class Residue:
    """Words that nobody wrote: where they are in the text, what they are, and what wrote them."""

    start: int
    words: str
    what: str
    source: ResidueSource


#: How programs write a value that is not there.
_NOTHING = r"(?:undefined|null|nan|none|nil|n/a|#n/a|not available|\(null\)|\(blank\)|<null>|-{2,})"
_MARKUP = "br|p|div|span|b|i|u|em|strong|sup|sub|ul|ol|li|table|tr|td|th|font|html|body|o:p|w:[a-z]+"
_ENTITIES = "amp|nbsp|lt|gt|quot|apos|rsquo|lsquo|rdquo|ldquo|ndash|mdash|hellip|bull|deg|eacute|ntilde"

#: What the words are, signs of which one is in them (in small letters), and the words.
_Kind = tuple[str, tuple[str, ...], re.Pattern[str]]
_PROGRAM: tuple[_Kind, ...] = (
    (
        "an error value of a spreadsheet",
        ("#",),
        re.compile(
            r"#(?:REF|VALUE|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BUSY|BLOCKED|CONNECT|GETTING_DATA)!|#NAME\?|#N/?A\b"
        ),
    ),
    (
        "an object that a program printed",
        ("[object", "object at"),
        re.compile(r"\[object [A-Z]\w+\]|<[\w.]+ object at 0x[0-9a-f]+>"),
    ),
    (
        "values that were not there",
        ("undefined", "null", "nan"),
        re.compile(r"\b(?:undefined|null|NaN)(?:[ ,;]+(?:undefined|null|NaN)\b)+"),
    ),
    (
        "a value that was not there",
        ("nan", "nat", "null", "invalid"),
        re.compile(r"\bNaN\b|\bNaT\b|\(null\)|<null>|\bInvalid [Dd]ate\b"),
    ),
    ("an error message of a word processor", ("error!",), re.compile(r"\bError! [A-Z][^.!?]{2,60}[.!]")),
    (
        "a prompt of a form in a word processor",
        ("enter", "choose an item"),
        re.compile(r"\b(?:Click|Tap)(?: or tap)?(?: here)? to enter (?:text|a date)\b\.?|\bChoose an item\b\.?", re.I),
    ),
    (
        "a field code of a word processor",
        ("{", "mergefield"),
        re.compile(r"\{ ?(?:MERGEFIELD|REF|DATE|PAGE|FORMTEXT)\b[^{}]{0,60}\}?|\bMERGEFIELD\b"),
    ),
    ("an escape of a spreadsheet file", ("_x",), re.compile(r"_x[0-9A-Fa-f]{4}_")),
    ("a character written as HTML", ("&",), re.compile(rf"&#(?:\d{{2,6}}|x[0-9A-Fa-f]{{2,6}});|&(?:{_ENTITIES});")),
    ("markup", ("<",), re.compile(rf"</?(?:{_MARKUP})(?: [^<>]{{0,100}})?/?>", re.I)),
    (
        "an escape of a program",
        ("\\", "%"),
        re.compile(r"\\u[0-9a-fA-F]{4}|\\[nrt](?=[A-Z\s\\]|$)|%[0-9A-F]{2}%[0-9A-F]{2}"),
    ),
)
_GAP: tuple[_Kind, ...] = (
    (
        "a merge field",
        ("«", "<<", "{", "$", "%"),
        re.compile(r"«[^«»]{1,60}»|<<[^<>]{1,60}>>|\{\{?[^{}]{1,60}\}\}?|\$\{?[A-Za-z_]{2,30}\}|%[A-Z_]{3,30}%"),
    ),
    (
        "a gap",
        ("todo", "tbd", "fixme", "xx", "??", "___", "....", "<", "[", "lorem", "insert "),
        re.compile(
            r"\b(?:TODO|TBD|FIXME|XX+)\b|\?\?+|_{3,}|\.{5,}|<[a-z][a-z ]{2,30}>|"
            r"\[(?:insert|name|first|last|full|address|street|city|state|zip|claim|recipient|patient|worker|employer|"
            r"date|drug|treatment|quantity|body part|side|number|diagnosis|reason|fill|enter|your)\b[^\]]{0,40}\]|"
            r"\b(?:lorem ipsum|insert (?:text|here|name|date))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "a gap",
        ("unknown", "missing", "not ", "no address", "to be "),
        re.compile(
            r"\b(?:address|name|city|claim number) (?:is )?(?:unknown|missing|not (?:known|given|available|on file))\b|"
            r"\b(?:unknown|no) address\b|\bto be (?:determined|completed|confirmed)\b",
            re.IGNORECASE,
        ),
    ),
)
_WHOLE = re.compile(rf"\W*(?:{_NOTHING})\W*", re.IGNORECASE)

#: Text that was UTF-8 and was decoded as another encoding, by how each writes the bytes of one character.
_WRONG = ("cp1252", "latin-1", "mac_roman")
_RUN = re.compile(r"[\u0080-\uffff]{2,4}")
_CUT = re.compile(
    "\u00e2\u20ac[\u0090-\u00bf\u2018-\u203a\u0152-\u0178\u02c6\u02dc\u2122]?|(?<=[\\w%.])\u00c2(?= )|\ufffd"
)


def residue(text: str, *, whole: bool = True) -> Iterator[Residue]:
    """Yield what nobody wrote in a text, in its order; each place once.

    Where `whole`, the text is all that its value holds: a lone `null` or `N/A` is then no value.
    """
    found = list(_anywhere(text))
    if whole and _WHOLE.fullmatch(text):
        found.append(Residue(0, text, "a value that was not there", "program"))
    end = 0
    for each in sorted(found, key=lambda each: (each.start, -len(each.words))):
        if each.start >= end:
            yield each
            end = each.start + len(each.words)


@lru_cache(maxsize=128)
def _anywhere(text: str) -> tuple[Residue, ...]:
    return (*_of(_PROGRAM, text, "program"), *_of(_GAP, text, "gap"), *_misread(text))


def _of(kinds: Sequence[_Kind], text: str, source: ResidueSource) -> Iterator[Residue]:
    small = text.lower()
    for what, signs, pattern in kinds:
        if any(sign in small for sign in signs):
            for match in pattern.finditer(text):
                yield Residue(match.start(), match.group(), what, source)


def _misread(text: str) -> Iterator[Residue]:
    """Yield characters that were UTF-8 and were decoded as something else, such as the three of a curly apostrophe."""
    if text.isascii():
        return
    what = "UTF-8 text that was decoded as another encoding"
    for match in _CUT.finditer(text):
        yield Residue(match.start(), match.group(), what, "program")
    for match in _RUN.finditer(text):
        for size in range(len(match.group()), 1, -1):
            for at in range(len(match.group()) - size + 1):
                piece = match.group()[at : at + size]
                if any(_is_misread(piece, encoding) for encoding in _WRONG):
                    yield Residue(match.start() + at, piece, what, "program")


def _is_misread(piece: str, encoding: str) -> bool:
    """Return whether characters are the bytes of one character of UTF-8, one that letters use."""
    try:
        meant = piece.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return len(meant) == 1 and ("\u00a0" <= meant <= "\u017f" or "\u2010" <= meant <= "\u2265")
