"""Near-identical sentences, grouped around one of them; the work grows with the number of sentences, not its square."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from imr_letters.mining.skeleton import Alignment, Span, align, holds, key, union

#: A list of sentences that share some words is looked through for so many representatives.
_LOOKS = 12
_SHINGLE = 3
_EDGE = 3
#: Sentences that share fewer of their shingles than this are not compared.
_SHARED = 0.3
#: A word of the representative varies if it does so in this share of the sentences like it.
_OFTEN = 0.15
_SHORTEST, _LONGEST = 6, 220


@dataclass(slots=True)
class Sentence:
    """One wording of a sentence, capitals and signs aside, and where it occurs."""

    text: str
    words: list[str]
    #: A number for each word, the same for words that count as the same.
    keys: list[str]
    people: set[int]
    letters: set[int]


@dataclass(slots=True)
class Alike:
    """Sentences that say the same: the number of the representative, the places that vary, and all members."""

    head: int
    spans: list[Span]
    members: dict[int, Alignment]


class Sentences:
    """The distinct sentences of many letters, each with a number."""

    def __init__(self) -> None:
        self.all: list[Sentence] = []
        self._numbers: dict[tuple[str, ...], int] = {}
        self._spellings: dict[int, Counter[str]] = defaultdict(Counter)

    def add(self, text: str, letter: int, person: int) -> int:
        """Note a sentence and return its number."""
        words = text.split()
        keys = [key(word) for word in words]
        number = self._numbers.setdefault(tuple(keys), len(self.all))
        if number == len(self.all):
            self.all.append(Sentence(text, words, keys, set(), set()))
        found = self.all[number]
        found.people.add(person)
        found.letters.add(letter)
        if text != found.text or number in self._spellings:
            spellings = self._spellings[number]
            spellings[text] += 1
        return number

    def settle(self) -> None:
        """Give each sentence its most frequent spelling, once all are known."""
        for number, spellings in self._spellings.items():
            sentence = self.all[number]
            spellings[sentence.text] += 1  # the first was not counted
            sentence.text = min(spellings, key=lambda text: (-spellings[text], text))
            sentence.words = sentence.text.split()
        self._spellings.clear()
        self._numbers.clear()


def clusters(sentences: Sequence[Sentence], least: int) -> list[Alike]:
    """Return the groups whose members stand in letters of at least `least` people."""
    index = _Index(sentences)
    order = sorted(
        (number for number, each in enumerate(sentences) if _SHORTEST <= len(each.keys) <= _LONGEST),
        key=lambda number: (-len(sentences[number].people), len(sentences[number].keys), sentences[number].text),
    )
    found = []
    for number in order:
        if number in index.taken:
            continue
        candidates = [each for each in index.candidates(number) if each not in index.taken]
        people = set(sentences[number].people).union(*(sentences[each].people for each in candidates))
        if len(people) < least:
            continue
        group = _grow(number, candidates, sentences)
        people = set().union(*(sentences[each].people for each in group.members))
        if len(people) >= least:
            found.append(group)
            index.taken.update(group.members)
    return found


def _grow(head: int, candidates: Iterable[int], sentences: Sequence[Sentence]) -> Alike:
    """Add the sentences that are like the head, the closest first, as long as enough of it stays fixed."""
    keys = sentences[head].keys
    near = [(each, found) for each in candidates if (found := align(keys, sentences[each].keys)) is not None]
    near.sort(key=lambda pair: (_loose(pair[1].varying), len(pair[1].differences), sentences[pair[0]].text))
    votes = Counter(place for _, alignment in near for span in alignment.varying for place in range(*span))
    enough = _OFTEN * len(near)
    group = Alike(head, [], {head: Alignment((), ())})
    for number, alignment in near:
        # A slip of the pen in one letter of a hundred is no variable.
        if any(votes[place] < enough for span in alignment.varying for place in range(*span)):
            continue
        spans = union([*group.spans, *alignment.varying], keys)
        if holds(spans, keys):
            group.spans = spans
            group.members[number] = alignment
    return group


def _loose(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


class _Index:
    """Finds sentences that share words in a row, or both their beginning and their end."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.taken: set[int] = set()
        self._numbers: dict[str, int] = {}
        self._shingles: dict[int, list[int] | int] = {}
        self._edges: dict[tuple[int, ...], list[int]] = defaultdict(list)
        self._looks: Counter[int | tuple[int, ...]] = Counter()
        self._sentences = sentences
        self._sizes: list[int] = []
        for number, sentence in enumerate(sentences):
            self._add(number, sentence.keys)

    def _add(self, number: int, keys: Sequence[str]) -> None:
        if not _SHORTEST <= len(keys) <= _LONGEST:
            self._sizes.append(0)
            return
        ids = self._ids(keys)
        shingles = set(_shingles(ids))
        self._sizes.append(len(shingles))
        for shingle in shingles:
            known = self._shingles.get(shingle)
            if known is None:
                self._shingles[shingle] = number  # most shingles stand in one sentence only: no list for them
            elif isinstance(known, int):
                self._shingles[shingle] = [known, number]
            else:
                known.append(number)
        self._edges[_edges(ids)].append(number)

    def candidates(self, number: int) -> list[int]:
        """Return the sentences worth a comparison with this one, in the order of their numbers."""
        ids = self._ids(self._sentences[number].keys)
        shared: Counter[int] = Counter()
        for shingle in sorted(set(_shingles(ids))):
            listed = self._shingles[shingle]
            if isinstance(listed, list) and self._may_look(shingle, listed):
                shared.update(listed)
        size = self._sizes[number]
        found = {each for each, count in shared.items() if count >= _SHARED * min(size, self._sizes[each])}
        edges = _edges(ids)
        if self._may_look(edges, self._edges[edges]):
            found.update(self._edges[edges])
        found.discard(number)
        return sorted(found)

    def _may_look(self, name: int | tuple[int, ...], listed: Sequence[int]) -> bool:
        if len(listed) <= _LOOKS:
            return True
        self._looks[name] += 1
        return self._looks[name] <= _LOOKS

    def _ids(self, keys: Sequence[str]) -> list[int]:
        return [self._numbers.setdefault(word, len(self._numbers) + 1) for word in keys]


def _shingles(ids: Sequence[int]) -> Iterator[int]:
    for place in range(len(ids) - _SHINGLE + 1):
        yield ids[place] << 42 | ids[place + 1] << 21 | ids[place + 2]


def _edges(ids: Sequence[int]) -> tuple[int, ...]:
    return (*ids[:_EDGE], *ids[-_EDGE:])
