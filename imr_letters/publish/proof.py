"""The proof of a public edition: that nothing withheld is left in it. Other code than the search, and other means.

The search knows what a name is, and looks for it as people write names. The proof knows nothing of that: it
takes every string of the withheld part of a decision, and compares it letter by letter with what is there, one letter
more, less or other allowed; and it looks at the shapes of words and numbers, one after another. What it finds stops the
edition, unless a person looked at it and keeps it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from imr_letters.publish.vocabulary import hosts, is_first_name, is_of_medicine, is_ordinary, listed

#: Each character of a mark, in the texts that are looked at.
WITHHELD = "\0"
#: A letter of another script: it may look like any Latin one.
_ANY = "?"
#: Shortest words that are compared with one letter wrong; shortest words that count inside other text.
_FUZZY, _SHORTEST = 7, 2
#: Fields of the withheld part that say nothing about anybody.
_SAYS_NOTHING = frozenset({"capacity", "dated_on", "dated_to", "title"})
_OWN_CASE = re.compile(r"[A-Z]{2}\d{2}-\d{7}")
#: A code of a diagnosis in ICD-10: of an illness, and of no person.
_DIAGNOSIS = re.compile(r"[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}")
_TOKEN = re.compile(r"\S+")
_BIRTH = frozenset({"birth", "born", "dob", "birthday", "birthdate", "birthdays"})
#: Words between a birth and a year alone.
_NEAR = 2
_OTHER_DAYS = frozenset({"injury", "injured", "surgery", "seen", "visit", "accident", "doi"})
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "drs", "doctor"})
_STREETS = frozenset({"street", "st", "avenue", "ave", "boulevard", "blvd", "road", "rd", "drive", "dr", "lane", "ln"})
_EDGES = "\"'\u2018\u2019\u201c\u201d.,;:!?()[]{}"


@dataclass(frozen=True, slots=True)
class Left:
    """What the proof found in a text: where, and the field that withholds it or what it looks like."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Needle:
    """The letters and digits of a withheld value, and where it is from.

    `capital`: an ordinary word as well, so that it counts only with a capital letter.
    """

    letters: str
    field: str
    capital: bool


@lru_cache(maxsize=4096)
def letters_of(char: str) -> str:
    """Return the Latin letters that a character is or may be read as, in small letters; none for a sign."""
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    base = unicodedata.normalize("NFKD", char)[0]
    if base.isascii():
        return base.lower() if base.isalnum() else ""
    if unicodedata.category(base)[0] not in "LN" or unicodedata.category(base) == "Lm":
        return ""
    script, *words = unicodedata.name(base, "UNKNOWN").split()
    if script == "LATIN" and "LETTER" in words:
        name = words[words.index("LETTER") + 1 :]
        plain = {"SHARP": "ss", "THORN": "th", "ETH": "d", "DOTLESS": "i", "ENG": "n", "SCHWA": "e"}
        return plain.get(name[0], name[0].lower() if len(name[0]) < 3 else _ANY)
    return _ANY


def needles(withheld: Mapping[str, Any]) -> list[Needle]:
    """Return what the withheld part of a decision may not be found again by."""
    found: dict[tuple[str, bool], Needle] = {}
    for field, value in _leaves(withheld, ""):
        of_worker = "injured_worker" in field
        words = [word for word in re.split(r"[\s,;/]+", value) if _letters(word)]
        says = [word for word in words if _letters(word) not in listed("roles")]
        if not says:
            continue
        ways = [value, " ".join([words[-1], *words[:-1]])] if len(words) > 1 else [value]
        for way in ways:
            alone = len(words) == 1 and (is_ordinary(way) or len(_letters(way)) < 4)
            _enter(found, Needle(_letters(way), field, alone))
        digits = "".join(char for char in value if char.isdigit())
        address = field.rsplit(".", 1)[-1].startswith("address")
        if len(digits) > 4 and not address:
            _enter(found, Needle(digits, field, capital=False))
        for word in says:
            bones = _letters(word)
            if bones.isdigit():
                if len(bones) > 4:
                    _enter(found, Needle(bones, field, capital=False))
            elif _is_name(word, bones, of_worker=of_worker and not address):
                _enter(found, Needle(bones, field, is_ordinary(word) or address or len(bones) < 4))
    return list(found.values())


def _enter(found: dict[tuple[str, bool], Needle], needle: Needle) -> None:
    if len(needle.letters) >= _SHORTEST:
        found.setdefault((needle.letters, needle.capital), needle)


def _is_name(word: str, bones: str, *, of_worker: bool) -> bool:
    """Return whether a word counts by itself: of the worker every name does, of others what is no ordinary word."""
    if bones in listed("suffixes") | listed("particles") | listed("degrees") and (not of_worker or len(bones) < 4):
        return (
            bones not in listed("suffixes") | listed("particles") and of_worker and word.istitle() and "." not in word
        )
    if of_worker:
        return len(bones) > 1 and bones not in listed("titles")
    return (
        len(bones) > 2
        and not is_ordinary(word)
        and bones not in listed("organization") | listed("titles") | listed("legal")
    )


def _leaves(data: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        worker = data.get("capacity") == "injured_worker"
        for name, inner in data.items():
            if name not in _SAYS_NOTHING:
                below = f"{field}.{name}" if field else str(name)
                yield from _leaves(inner, f"{below}(injured_worker)" if worker else below)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for index, inner in enumerate(data):
            yield from _leaves(inner, f"{field}[{index}]")
    elif isinstance(data, str):
        yield field, data


def _letters(words: str) -> str:
    return "".join(map(letters_of, words))


def own(text: str, given: Collection[Needle]) -> Iterator[Left]:
    """Yield where a text holds a withheld value, whatever lies between its letters, or with one letter wrong."""
    stream, places = _stream(text)
    for needle in given:
        for at in _occurrences(stream, needle.letters):
            start, end = places[at], places[at + len(needle.letters) - 1] + 1
            if _is_whole(text, start, end) and (not needle.capital or text[start].isupper()):
                yield Left(start, end, needle.field)
    yield from _nearly(text, given)


def _stream(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text in a row, and where each of them is."""
    stream: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in letters_of(char):
            stream.append(letter)
            places.append(place)
    return "".join(stream), places


def _occurrences(stream: str, letters: str) -> Iterator[int]:
    at = stream.find(letters)
    while at >= 0:
        yield at
        at = stream.find(letters, at + 1)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether a place of a text begins and ends with a word; an s of the possessive may follow."""
    digits = text[start].isdigit() and text[end - 1].isdigit()
    if start and text[start - 1].isalnum() and not (digits and not text[start - 1].isdigit()):
        return False
    rest = text[end : end + 3]
    if digits:
        return not rest[:1].isdigit()
    return not rest[:1].isalnum() or (rest[:1] in "sS" and not rest[1:2].isalnum() and end - start > 3)


def _nearly(text: str, given: Collection[Needle]) -> Iterator[Left]:
    """Yield words with a capital letter, or with letters of other scripts, that differ from a value by one letter."""
    fuzzy = [
        each.letters for each in given if not each.capital and each.letters.isalpha() and len(each.letters) >= _FUZZY
    ]
    alien = [each.letters for each in given]
    by_letters = {each.letters: each for each in given}
    seen: dict[str, Needle | None] = {}
    for token in re.finditer(r"[^\W\d_]+", text):
        word = token.group()
        if not (word[0].isupper() or not word.isascii()):
            continue
        if word not in seen:
            bones = _letters(word)
            near = None
            if _ANY in bones:
                near = next((each for each in alien if _reads_as(bones, each)), None)
            elif len(bones) >= _FUZZY - 1 and not is_ordinary(word):
                near = next((each for each in fuzzy if each != bones and _differ_by_one(bones, each)), None)
            seen[word] = by_letters[near] if near else None
        needle = seen[word]
        if needle is not None:
            yield Left(token.start(), token.end(), needle.field)


def _reads_as(bones: str, letters: str) -> bool:
    """Return whether letters of which some are of other scripts can be read as a value."""
    known = sum(char != _ANY for char in bones)
    return (
        len(bones) == len(letters)
        and all(one in (other, _ANY) for one, other in zip(bones, letters, strict=True))
        and (known > 0 or len(bones) > 3)
    )


def _differ_by_one(one: str, other: str) -> bool:
    """Return whether two words have an edit distance of one: row by row, as in the textbook."""
    if abs(len(one) - len(other)) > 1:
        return False
    row = list(range(len(other) + 1))
    for count, char in enumerate(one, start=1):
        last, row[0] = row[0], count
        for place, against in enumerate(other, start=1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (char != against))
        if min(row) > 1:
            return False
    return row[-1] <= 1


def shapes(text: str) -> Iterator[Left]:
    """Yield what has the shape of an identifier, by its words one after another."""
    tokens = list(_TOKEN.finditer(text))
    words = [token.group().strip(_EDGES) for token in tokens]
    bones = [_letters(word) for word in words]
    for place, (token, word) in enumerate(zip(tokens, words, strict=True)):
        what, last = _shape(words, bones, place)
        if what and word:
            start = token.start() + token.group().find(word)
            end = tokens[last].start() + tokens[last].group().find(words[last]) + len(words[last])
            yield Left(start, max(end, start + 1), what)


def _shape(words: Sequence[str], bones: Sequence[str], place: int) -> tuple[str, int]:
    """Return what the words from a place on look like, and the last of them; nothing where they look like nothing."""
    word, plain = words[place], bones[place]
    if re.search(r"[A-Za-z0-9][._-]?@[A-Za-z0-9-]+\.[A-Za-z]{2}", word):
        return "an e-mail address", place
    if word.lower().startswith(("http", "www.")) and not _is_source(word):
        return "a web address", place
    if any(map(str.isdigit, word)):
        return _number(words, bones, place)
    if plain in _BIRTH:
        near = next(_dates_near(words, bones, place), None)
        if near is not None:
            return "a date of birth", max(near, place)
    following = words[place + 1] if place + 1 < len(words) else ""
    if plain in _TITLES and word[0].isupper() and _is_somebody(following):
        return "a name", place + 1
    if plain in listed("relations") and _is_somebody(following) and is_first_name(following):
        return "a name", place + 1
    return "", place


def _dates_near(words: Sequence[str], bones: Sequence[str], place: int) -> Iterator[int]:
    """Yield where dates are near a word, up to what was withheld, that are of no injury or visit."""
    for step, most in ((1, 8), (-1, 6)):
        for near in range(place + step, place + step * most, step):
            if not 0 <= near < len(words) or WITHHELD in words[near]:
                break
            is_far = abs(near - place) > _NEAR and words[near].isdigit()  # a year alone
            if (
                _is_date(words[near])
                and not is_far
                and not _OTHER_DAYS & set(bones[max(0, min(near, place) - 3) : max(near, place)])
            ):
                yield near


def _number(words: Sequence[str], bones: Sequence[str], place: int) -> tuple[str, int]:
    word, plain = words[place], bones[place]
    digits = sum(map(str.isdigit, plain))
    group, last = [plain], place
    while last + 1 < len(words) and bones[last + 1].isdigit() and len(group) < 4 and len(bones[last + 1]) in (2, 3, 4):
        last += 1
        group.append(bones[last])
    together = "".join(group)
    if (
        plain.isdigit()
        and together.isdigit()
        and len(group) > 1
        and [len(each) for each in group] in ([3, 3, 4], [1, 3, 3, 4], [3, 2, 4])
    ):
        return "a telephone or Social Security number", last
    lengths = [len(each) for each in re.findall(r"\d+", word)]
    if lengths in ([3, 2, 4], [3, 3, 4], [1, 3, 3, 4]):
        return "a telephone or Social Security number", place
    if _is_date(word) or _OWN_CASE.fullmatch(word) or _DIAGNOSIS.fullmatch(word) or _is_source(word):
        return "", place
    mixed = digits >= 4 and len(plain) >= 7 and not plain.isdigit() and word.upper() == word and "/" not in word
    if (plain.isdigit() and digits >= 7 and "," not in word and not re.search(r"[/.]", word)) or mixed:
        return "the number of a record or a thing", place
    if digits == len(plain) and digits <= 6 and lengths == [digits]:
        for ahead in range(place + 1, min(place + 5, len(words))):
            if not words[ahead] or not words[ahead][0].isupper():
                break
            if bones[ahead] in _STREETS and ahead > place + 1:
                return "an address", ahead
    return "", place


def _is_date(word: str) -> bool:
    parts = [part for part in re.split(r"[/.-]", word) if part]
    numeric = len(parts) == 3 and all(part.isdigit() and len(part) in (1, 2, 4) for part in parts)
    return numeric or bool(re.fullmatch(r"(?:18|19|20)\d\d", word))


def _is_source(word: str) -> bool:
    """Return whether a word is a web address of what reviewers cite."""
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", word.lower()).split("/")[0].rstrip(".")
    sources, endings = hosts()
    return "." in host and (host.rsplit(".", 1)[-1] in endings or any(host.endswith(each) for each in sources))


def _is_somebody(word: str) -> bool:
    return (
        len(word) > 1
        and word[0].isupper()
        and word[1:2].isalpha()
        and not is_ordinary(word)
        and not is_of_medicine(word)
    )
