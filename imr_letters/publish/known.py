"""What the decision itself says about the people it is about, as keys for the search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from imr_letters.english.names import skeleton, skeletons
from imr_letters.imr.model import Decision, Party
from imr_letters.publish import people
from imr_letters.publish.found import IdentifierKind
from imr_letters.publish.keys import Key, words_of
from imr_letters.publish.vocabulary import is_first_name, is_ordinary, listed

#: Words of a street's name that are written short and long.
_STREET = {
    "street": "st", "avenue": "ave", "boulevard": "blvd", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct",
    "place": "pl", "circle": "cir", "terrace": "ter", "parkway": "pkwy", "highway": "hwy", "square": "sq",
    "north": "n", "south": "s", "east": "e", "west": "w", "suite": "ste", "apartment": "apt", "trail": "trl",
}  # fmt: skip
_SHORT = {short: long for long, short in _STREET.items()}
_PART_OF_STREET = frozenset(_STREET) | frozenset(_SHORT) | {"way", "unit", "floor", "box", "po", "loop", "plaza"}
_CITY = re.compile(r"(?P<city>.+?),?\s+(?P<state>[A-Z]{2}|California)\.?,?\s+(?P<code>\d{5})(?:-?\d{4})?")
_CODE = re.compile(r"(?<!\d)(\d{5})(?:-(\d{4}))?(?!\d)")
_WORD = re.compile("[^\\W\\d_](?:[^\\W\\d_]|['\u2018\u2019\u02bc\u00b4`\u0300-\u036f.\u2010\u2011-])*")
#: Fewest digits by which a number is known without its letters.
_DIGITS = 5


class Person(NamedTuple):
    """A person's names, as a decision gives them."""

    given: tuple[str, ...]
    family: tuple[str, ...]


def keys(decision: Decision, also: Iterable[str] = ()) -> list[Key]:
    """Return what the decision says about people, and words that a person wants withheld in addition."""
    found: list[Key] = [key for words in also for key in _whole(words, "--withhold", "name", capital=False)]
    parties = getattr(decision, "parties", None)  # a letter family may leave out any of these
    if parties is not None:
        found += _number(parties.claim_number, "parties.claim_number")
        for name in type(parties).model_fields:
            party = getattr(parties, name)
            if isinstance(party, Party):
                found += _party(party, f"parties.{name}", person=name == "injured_worker")
    for index, recipient in enumerate(getattr(decision, "recipients", None) or ()):
        field = f"recipients[{index}]"
        found += _party(recipient, field, person=recipient.capacity == "injured_worker")
        found += _address(recipient.address or (), f"{field}.address")
    addressee = getattr(decision, "addressee", None)
    if addressee is not None:
        found += _party(addressee, "addressee", person=False)
        found += _address(addressee.address, "addressee.address")
    for index, document in enumerate(getattr(decision, "documents", None) or ()):
        field = f"documents[{index}]"
        found += _named(document.source, f"{field}.source", person=False)
        for hit in people.find(document.title):
            found += _person(document.title[hit.start : hit.end], f"{field}.title", worker=False)
    return list(dict.fromkeys(found))


def person(name: str) -> Person:
    """Return given and family names, without titles, degrees and suffixes; of "Last, First" as of "First Last"."""
    first, *others = [part.strip() for part in name.split(",")]
    others = [each for each in others if each and not all(map(_is_no_name, each.split()))]
    words = _names(first)
    if not others:
        at = len(words) - 1
        while at > 0 and skeleton(words[at - 1]) in listed("particles"):
            at -= 1
        return Person(tuple(words[:at]), tuple(words[at:]))
    return Person(tuple(word for each in others for word in _names(each)), tuple(words))


def _names(words: str) -> list[str]:
    """Return the names among some words: of a title or a degree alone, that word, since somebody is called so."""
    found = _WORD.findall(words)
    while len(found) > 1 and skeleton(found[0]) in listed("titles"):
        found = found[1:]
    shouted = words.isupper()
    while len(found) > 1 and _is_no_name(found[-1]) and (len(found) > 2 or "." in found[-1] or not shouted):
        found = found[:-1]
    return found


def _is_no_name(word: str) -> bool:
    """Return whether a word is a suffix or a degree: in capitals or with periods, so that Ma and Do stay names."""
    bones = skeleton(word)
    if bones in listed("suffixes"):
        return True
    written = "." in word.rstrip(".") or sum(map(str.isupper, word)) > 1
    return bones in listed("degrees") and written


def _party(party: Party, field: str, *, person: bool) -> Iterator[Key]:
    belongs = party.organization is not None
    if party.organization is not None:
        yield from _organization(party.organization, f"{field}.organization")
    if person:
        yield from _person(party.name, f"{field}.name", worker=True)
    else:
        yield from _named(party.name, f"{field}.name", person=belongs)


def _named(name: str, field: str, *, person: bool) -> Iterator[Key]:
    """Yield the keys of a name that may be a person's or an organization's."""
    if person or _is_person(name):
        yield from _person(name, field, worker=False)
    else:
        yield from _organization(name, field)


def _is_person(name: str) -> bool:
    words = name.replace(",", " ").split()
    bones = [skeleton(word) for word in words]
    if not 1 < len(words) < 7 or any(char.isdigit() or char == "&" for char in name):
        return False
    if bones[0] in listed("titles") or ("llc" not in bones and any(map(_is_no_name, words[1:]))):
        return True
    if set(bones) & listed("organization"):
        return False
    return is_first_name(words[0]) or name.count(",") == 1


def _person(name: str, field: str, *, worker: bool) -> Iterator[Key]:
    given, family = person(name)
    every = (*given, *family)
    if len(every) > 1 and not all(skeleton(word) in listed("roles") for word in every):
        for way in ((*given, *family), (*family, *given)):
            words = tuple(skeleton(word) for word in way)
            yield Key(words, "name", field, whole=True)
    for index, word in enumerate(every):
        of_family = index >= len(given)
        if of_family or worker or not is_ordinary(word):
            yield from _part(word, field)
    if len(family) > 1:
        yield Key(tuple(skeleton(word) for word in family), "name", field)
    if len(given) > 1 and worker:
        yield Key(tuple(skeleton(word) for word in given), "name", field)


def _part(word: str, field: str) -> Iterator[Key]:
    """Yield the keys of one name: of O'Connellan and Qvortrup-Muñoz also those of Connellan, Qvortrup and Muñoz."""
    halves = [half for half in re.split("[-\u2010\u2011\u2013]", word) if half]
    ends = [each for half in halves for each in re.split("['\u2018\u2019\u02bc\u00b4`]", half)[1:]]
    for each in dict.fromkeys((word, *(halves if len(halves) > 1 else ()), *(end for end in ends if len(end) > 3))):
        for bones in skeletons(each):
            if len(bones) > 1 and bones not in listed("roles") | listed("particles"):
                capital = len(bones) < 4 or is_ordinary(each)
                words = words_of(each) if bones == skeleton(each) else (bones,)
                yield Key(words, "name", field, capital=capital, loose=not capital)


def _organization(name: str, field: str) -> Iterator[Key]:
    yield from _whole(name, field, "name", capital=False)
    words = list(words_of(name))
    if all(word in listed("roles") for word in words):
        return  # "the claims administrator" is nobody's name
    core = [word for word in words if word != "and"]
    while len(core) > 1 and core[-1] in listed("legal"):
        core.pop()
    while len(core) > 1 and core[0] in ("the", "a"):
        core.pop(0)
    for count in range(2, len(core) + 1):
        if not all(word in listed("roles") | listed("legal") | listed("organization") for word in core[:count]):
            common = all(map(is_ordinary, core[:count]))
            yield Key(tuple(core[:count]), "name", field, capital=common, whole=count == len(core))
    for word in core:
        known = word in listed("organization") | listed("roles") | listed("legal") | listed("particles")
        if not known and not is_ordinary(word) and len(word) > 2 and not word.isdigit():
            yield Key((word,), "name", field, capital=True, loose=len(word) > 6)
    if len(core) == 1:
        yield Key((core[0],), "name", field, capital=is_ordinary(core[0]) or len(core[0]) < 4)


def _whole(value: str, field: str, kind: IdentifierKind, *, capital: bool) -> Iterator[Key]:
    words = words_of(value)
    if words and not all(word in listed("roles") for word in words):
        common = len(words) == 1 and (is_ordinary(value) or len(words[0]) < 4)
        yield Key(words, kind, field, capital=capital or common, whole=True)


def _address(lines: Iterable[str], field: str) -> Iterator[Key]:
    for line in lines:
        place = _CITY.fullmatch(line.strip())
        if place is None:
            yield from _street(line, field)
        else:
            yield from _whole(line, field, "address", capital=False)
            words = words_of(place["city"])
            yield Key(words, "address", field, capital=True)
        for code in _CODE.finditer(line) if place else ():
            yield Key((code[1],), "address", field)


def _street(line: str, field: str) -> Iterator[Key]:
    """Yield the keys of a street with its number, and of its name without: each with its words short and long."""
    words = words_of(line)
    for way in (
        words,
        tuple(_STREET.get(word, word) for word in words),
        tuple(_SHORT.get(word, word) for word in words),
    ):
        if len(way) > 1 or (way and not is_ordinary(line)):
            yield Key(way, "address", field, whole=True)
        name = tuple(word for word in way if not word.isdigit())
        if len(name) > 1 and len(name) < len(way) and not set(name) <= _PART_OF_STREET:
            yield Key(name, "address", field, capital=True)
    for word in re.findall(r"[^\W\d_]+", line):
        bones = skeleton(word)
        if len(bones) > 3 and bones not in _PART_OF_STREET and not is_ordinary(word) and not is_first_name(word):
            yield Key((bones,), "address", field, capital=True)


def _number(value: str, field: str) -> Iterator[Key]:
    """Yield the keys of a number: with its letters, and by its digits alone."""
    words = words_of(value)
    if words:
        yield Key(words, "claim number", field, whole=True)
    digits = tuple(word for word in words if word.isdigit())
    if len("".join(digits)) >= _DIGITS and digits != words:
        yield Key(digits, "claim number", field)
