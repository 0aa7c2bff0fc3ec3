"""Finding known values in prose by their skeletons, whatever lies between the letters, in linear time."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from imr_letters.english.names import skeleton
from imr_letters.publish.found import Found, IdentifierKind
from imr_letters.publish.vocabulary import is_ordinary

#: Letters with their accents, or digits: a name or a number may be of several, with signs between them.
_ATOM = re.compile("(?:[^\\W\\d_][\u0300-\u036f]*)+|\\d+")
#: What may lie between two words of a value.
_BETWEEN_WORDS = re.compile(r"[^\w\n]{0,3}_?[^\w\n]{0,2}|\s{1,4}|,\s*|-\s*\n?\s*")
#: What may lie inside a word: an apostrophe, a hyphen, a hyphen at a line's end, a break at it.
_INSIDE_WORD = re.compile("[^\\w\\s]|[\u00ad\u200b-\u200d\u2060]+|[-\u00ad\u2010\u2011][ \n]{1,3}| ?\n ?|\u02bc|")
#: Shortest value that is found with a letter wrong, and that is found with a space in it.
_LONG = 6
#: Longest word that may be a misspelled name.
_LONGEST = 60


class Atom(NamedTuple):
    """A run of letters or of digits in a text, and its skeleton."""

    start: int
    end: int
    bones: str
    capital: bool


@dataclass(frozen=True)
class Key:
    """A value to be found: the skeletons of its words, the field that gives it, and how it is to be found.

    `capital`: only where it begins with a capital letter, since it is an ordinary word as well. `loose`: also with one
    letter wrong. `whole`: the value itself, and no part of it.
    """

    words: tuple[str, ...]
    kind: IdentifierKind
    field: str
    capital: bool = False
    loose: bool = False
    whole: bool = False

    @cached_property
    def bones(self) -> str:
        """Its skeleton."""
        return "".join(self.words)

    @cached_property
    def boundaries(self) -> frozenset[int]:
        """Where in its skeleton a word ends and the next one begins."""
        return frozenset(accumulate(len(word) for word in self.words[:-1]))


def atoms(text: str) -> list[Atom]:
    """Return the runs of letters and of digits of a text, in order."""
    found: list[Atom] = []
    for match in _ATOM.finditer(text):
        words = match.group()
        if bones := skeleton(words):
            found.append(Atom(match.start(), match.end(), bones, words[0].isupper()))
    return found


def words_of(value: str) -> tuple[str, ...]:
    """Return the skeletons of the words of a value."""
    return tuple(atom.bones for atom in atoms(value))


class Keys:
    """Values to be found in prose, in an index by their first letters."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._exact: dict[str, list[Key]] = defaultdict(list)
        self._loose: dict[str, Key] = {}
        for key in dict.fromkeys(keys):
            if len(key.bones) > 1:
                self._exact[key.bones[:2]].append(key)
                if key.loose and len(key.bones) >= _LONG:
                    for way in (key.bones, *_shorter(key.bones)):
                        self._loose.setdefault(way, key)

    def find(self, text: str, given: Sequence[Atom]) -> Iterator[Found]:
        """Yield where a text holds one of the values."""
        for place, atom in enumerate(given):
            longest = 0
            for key in self._candidates(atom.bones):
                if key.capital and not atom.capital:
                    continue
                end = _end(key, text, given, place)
                if end > longest:
                    longest = end
                    yield Found(atom.start, end, key.kind)
            if not longest and self._loose and atom.capital and _LONG - 1 <= len(atom.bones) <= _LONGEST:
                misspelled = self._misspelled(atom.bones)
                if misspelled is not None and not is_ordinary(atom.bones):
                    yield Found(atom.start, atom.end, misspelled.kind)

    def _candidates(self, bones: str) -> Iterator[Key]:
        if len(bones) > 1:
            yield from self._exact.get(bones[:2], ())
        else:  # the O of O'Connellan
            for first, keys in self._exact.items():
                if first[0] == bones:
                    yield from keys

    def _misspelled(self, bones: str) -> Key | None:
        """Return the value of which a word is a misspelling: a letter more, less or other, or two exchanged."""
        for way in (bones, *_shorter(bones)):
            key = self._loose.get(way)
            if key is not None and _is_near(bones, key.bones):
                return key
        return None


def _end(key: Key, text: str, given: Sequence[Atom], place: int) -> int:
    """Return where a value ends that begins at an atom; 0 where none does."""
    bones, boundaries = key.bones, key.boundaries
    at, last = 0, given[place]
    while place < len(given):
        atom = given[place]
        if at:
            gap = text[last.end : atom.start]
            joint = at in boundaries
            if joint and atom.bones in ("and", "the") and not bones.startswith(atom.bones, at):
                last, place = atom, place + 1
                continue
            if not (_BETWEEN_WORDS if joint else _INSIDE_WORD).fullmatch(gap) and not _is_spaced(
                key, given, place, gap
            ):
                return 0
        if bones.startswith(atom.bones, at):
            at += len(atom.bones)
            if at == len(bones):
                return atom.end
        elif atom.bones == bones[at:] + "s" and len(bones) > 3:
            return atom.end
        else:
            return 0
        last, place = atom, place + 1
    return 0


def _is_spaced(key: Key, given: Sequence[Atom], place: int, gap: str) -> bool:
    """Return whether a space may have come into a word: into a long one, written with a capital."""
    return gap == " " and len(key.bones) >= _LONG and given[place - 1].capital and len(key.words) == 1


def _shorter(bones: str) -> Iterator[str]:
    for place in range(len(bones)):
        yield bones[:place] + bones[place + 1 :]


def _is_near(one: str, other: str) -> bool:
    """Return whether one letter is more, less or other in one of two words, or two neighbors are exchanged."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    exchanged = one[:2] == other[:2][::-1] and one[2:] == other[2:]
    return exchanged or one[1:] == other[1:] or one[1:] == other or one == other[1:]
