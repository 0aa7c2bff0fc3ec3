"""Passages that recur in the rationales of letters: what reviewers say again and again, as proposals for snippets.

1. Every rationale becomes sentences. Near-identical ones are grouped around a representative (`clusters`).
2. Runs of sentences that stand together nearly as often as alone replace their sentences.
3. What differs within a passage becomes a proposed variable (`slots`). What identifies a person is never fixed wording.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from imr_letters.engine.text import PARAGRAPH
from imr_letters.english.sentences import split, whole
from imr_letters.imr.model import Decision, OwnText
from imr_letters.imr.model.guideline import Guideline, MtusGuideline
from imr_letters.mining.clusters import Alike, Sentences, clusters
from imr_letters.mining.sieve import personal
from imr_letters.mining.skeleton import is_telling
from imr_letters.mining.slots import Seen, Slot, bare, propose

Unit = Literal["sentence", "sentences", "paragraph"]

#: A run represents a shorter one in it that recurs at most so much more often.
_NEARLY = 0.75
#: A run is more than a chance meeting if it makes up so much of where its rarest sentence occurs.
_TOGETHER = 0.6
#: A passage has at least so many telling words (not "the", "MTUS", "request", "medically necessary") that stay fixed.
_TELLING = 4
_LONGEST_RUN = 40

_Run = tuple[int, ...]


class Recogniser(Protocol):
    """A snippet library, as far as mining needs one."""

    def recognise(self, decision: Decision) -> Decision:
        """Return the decision with what its snippets say as snippets."""
        ...


@dataclass(frozen=True, slots=True)
class Recurring:
    """Words that recur, with their places that vary."""

    unit: Unit
    #: Fixed words and variables in turn, in the order of the passage.
    parts: tuple[str | Slot, ...]
    #: How many letters and disputed items hold it, and what these items decided.
    letters: int
    items: int
    upheld: int
    overturned: int
    #: The MTUS chapters the items cite, each with the number of items, most frequent first.
    chapters: tuple[tuple[str, int], ...]
    #: The guideline that most of the items cite, as a whole.
    guideline: Guideline | None
    sources: tuple[str, ...]
    #: How many different wordings were found to be this passage.
    wordings: int

    @property
    def text(self) -> str:
        """The passage with its variables as a template prints them."""
        return "".join(part if isinstance(part, str) else part.tag for part in self.parts)

    @property
    def variables(self) -> tuple[Slot, ...]:
        """The proposed variables."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def argues_for(self) -> Literal["upheld", "overturned", "either"]:
        """The outcome it served; either if both, a stray item aside."""
        if self.overturned <= 0.05 * self.items:
            return "upheld"
        return "overturned" if self.upheld <= 0.05 * self.items else "either"


@dataclass(frozen=True, slots=True)
class _Item:
    letter: int
    person: int
    outcome: str
    guideline: str
    chapters: tuple[str, ...]


@dataclass(slots=True)
class _Corpus:
    """The rationales as numbers of sentences; the decisions themselves are not kept."""

    sentences: Sentences = field(default_factory=Sentences)
    sources: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    #: Each paragraph: the item it belongs to, and its sentences.
    paragraphs: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    guidelines: dict[str, Guideline] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a run occurs: paragraph and place in it; and in how many letters."""

    places: tuple[tuple[int, int], ...]
    letters: int


def mine(
    decisions: Iterable[tuple[str, Decision]], *, least: int = 3, library: Recogniser | None = None
) -> list[Recurring]:
    """Return the passages that recur in at least `least` letters, the most frequent first.

    Letters of the same date of injury may be of the same person: a passage must stand in letters of at least two.
    With a library, what its snippets say already is left out.
    """
    corpus = _read(decisions, library)
    known = corpus.sentences.all
    groups = [group for group in clusters(known, min(least, 2)) if _may_be_shown(group, corpus)]
    group_of = {number: index for index, group in enumerate(groups) for number in group.members}
    lines = [[group_of.get(number, -1) for number in numbers] for _, numbers in corpus.paragraphs]
    found = []
    for run, places in _closed(_runs(lines, corpus, least)):
        passage = _passage(run, places, groups, corpus)
        if passage is not None:
            found.append(passage)
    return sorted(found, key=lambda passage: (-passage.letters, passage.text))


def _read(decisions: Iterable[tuple[str, Decision]], library: Recogniser | None) -> _Corpus:
    corpus = _Corpus()
    people: dict[object, int] = {}
    for source, given in decisions:
        model: type[object] = type(given)
        if not issubclass(model, Decision):
            continue  # of a family that leaves out what rationales are mined for
        decision = library.recognise(given) if library is not None else given
        letter = len(corpus.sources)
        corpus.sources.append(source)
        # A letter without its header may be of anyone.
        person = people.setdefault(decision.case.injured_on if decision.case else source, len(people))
        for item in decision.items:
            name = json.dumps(item.reviewer_guideline.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
            guideline = corpus.guidelines.setdefault(name, item.reviewer_guideline)
            corpus.items.append(_Item(letter, person, item.outcome, name, _chapters(guideline)))
            for block in item.rationale:
                if isinstance(block, OwnText):
                    for paragraph in whole(block.text.split(PARAGRAPH)):
                        numbers = tuple(corpus.sentences.add(each, letter, person) for each in split(paragraph))
                        corpus.paragraphs.append((len(corpus.items) - 1, numbers))
    corpus.sentences.settle()
    return corpus


def _chapters(guideline: Guideline) -> tuple[str, ...]:
    if not isinstance(guideline, MtusGuideline):
        return ()
    return tuple(f"{each.chapter} {each.year}" if each.year else each.chapter for each in guideline.mtus)


def _may_be_shown(group: Alike, corpus: _Corpus) -> bool:
    """Return whether the fixed words of a group identify nobody and may be part of a template."""
    words = corpus.sentences.all[group.head].words
    fixed = " ... ".join(" ".join(words[begin:end]) for begin, end in _gaps(group, len(words)))
    return personal(fixed) is None and "{" not in fixed


def _gaps(group: Alike, size: int) -> Iterator[tuple[int, int]]:
    """Yield the places of the representative that stay fixed."""
    at = 0
    for start, end in group.spans:
        yield at, start
        at = end
    yield at, size


def _runs(lines: Sequence[Sequence[int]], corpus: _Corpus, least: int) -> dict[_Run, _Found]:
    """Return every run of groups that recurs, found by making those that recur one longer at a time."""
    found: dict[_Run, _Found] = {}
    places = [(line, at) for line, groups in enumerate(lines) for at, group in enumerate(groups) if group >= 0]
    for length in range(1, _LONGEST_RUN + 1):
        by_run: dict[_Run, list[tuple[int, int]]] = defaultdict(list)
        for line, at in places:
            if at + length <= len(lines[line]) and lines[line][at + length - 1] >= 0:
                by_run[tuple(lines[line][at : at + length])].append((line, at))
        places = []
        for run, standing in by_run.items():
            items = [corpus.items[corpus.paragraphs[line][0]] for line, _ in standing]
            letters = len({item.letter for item in items})
            if letters < least or len({item.person for item in items}) < min(least, 2):
                continue
            if length > 1 and letters < _TOGETHER * min(found[group,].letters for group in run):
                continue
            found[run] = _Found(tuple(standing), letters)
            places += standing
        if not places:
            break
    return found


def _closed(runs: dict[_Run, _Found]) -> Iterator[tuple[_Run, _Found]]:
    """Yield the runs that no longer run represents."""
    best: dict[_Run, int] = {}
    for run, found in sorted(runs.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        if best.get(run, 0) >= _NEARLY * found.letters:
            continue
        yield run, found
        for size in range(1, len(run)):
            for at in range(len(run) - size + 1):
                inner = run[at : at + size]
                best[inner] = max(best.get(inner, 0), found.letters)


def _passage(run: _Run, found: _Found, groups: Sequence[Alike], corpus: _Corpus) -> Recurring | None:
    parts: list[str | Slot] = []
    telling: set[str] = set()
    for offset, index in enumerate(run):
        standing = [(corpus.paragraphs[line][0], corpus.paragraphs[line][1][at + offset]) for line, at in found.places]
        if parts:
            parts.append(" ")
        parts += _parts(groups[index], standing, [each.name for each in parts if isinstance(each, Slot)], corpus)
        telling |= _telling(groups[index], corpus)
    if len(telling) < _TELLING:
        return None
    numbers = sorted({corpus.paragraphs[line][0] for line, _ in found.places})
    items = [corpus.items[number] for number in numbers]
    letters = sorted({item.letter for item in items})
    wordings = {corpus.paragraphs[line][1][at : at + len(run)] for line, at in found.places}
    outcomes = Counter(item.outcome for item in items)
    cited = Counter(item.guideline for item in items)
    chapters = Counter(chapter for item in items for chapter in item.chapters)
    entire = sum(len(corpus.paragraphs[line][1]) == len(run) for line, _ in found.places)
    best = min(cited, key=lambda name: (-cited[name], name))
    return Recurring(
        "paragraph" if 2 * entire > len(found.places) else "sentences" if len(run) > 1 else "sentence",
        tuple(_joined(_without_stray_quotes(parts))),
        len(letters),
        len(items),
        outcomes["upheld"],
        outcomes["overturned"],
        tuple(sorted(chapters.items(), key=lambda pair: (-pair[1], pair[0]))),
        corpus.guidelines[best],
        tuple(corpus.sources[letter] for letter in letters),
        len(wordings),
    )


def _telling(group: Alike, corpus: _Corpus) -> set[str]:
    keys = corpus.sentences.all[group.head].keys
    return {word for begin, end in _gaps(group, len(keys)) for word in keys[begin:end] if is_telling(word)}


def _parts(
    group: Alike, standing: Sequence[tuple[int, int]], taken: Sequence[str], corpus: _Corpus
) -> Iterator[str | Slot]:
    """Yield the fixed words and variables of one sentence, from where it occurs: items and sentence numbers."""
    known = corpus.sentences.all
    words = known[group.head].words
    names = list(taken)
    at = 0
    before = ""
    for start, end in group.spans:
        seen = []
        for item, number in standing:
            begin, stop = group.members[number].beside((start, end))
            value = bare(" ".join(known[number].words[begin:stop]))[1]
            if value:
                seen.append(Seen(value, corpus.items[item].letter, corpus.items[item].person))
        opening, own, closing = bare(" ".join(words[start:end]))
        before += _spaced(words[at:start], after=at > 0, front=start > 0) + opening
        if len({each.value.casefold() for each in seen}) < 2:
            before += seen[0].value if seen else own  # it never differs where this run occurs
        else:
            yield before
            after = f"{closing} {' '.join(words[end : end + 3])}"
            slot = propose(seen, before, after, names)
            names.append(slot.name)
            yield slot
            before = ""
        before += closing
        at = end
    yield before + _spaced(words[at:], after=at > 0, front=False)


def _spaced(words: Sequence[str], *, after: bool, front: bool) -> str:
    """Return words with the spaces that separate them from what comes before and after them."""
    joined = " ".join(words)
    if not joined:
        return " " if after and front else ""
    return f"{' ' if after else ''}{joined}{' ' if front else ''}"


def _without_stray_quotes(parts: Sequence[str | Slot]) -> Sequence[str | Slot]:
    """Leave out quotation marks that have lost their partner to a sentence outside of the passage."""
    marks = sum(part.count('"') for part in parts if isinstance(part, str))
    return [part.replace('"', "") if isinstance(part, str) else part for part in parts] if marks % 2 else parts


def _joined(parts: Iterable[str | Slot]) -> Iterator[str | Slot]:
    """Yield the parts with neighbouring words as one, and without empty ones."""
    words = ""
    for part in parts:
        if isinstance(part, str):
            words += part
            continue
        if words:
            yield words
        yield part
        words = ""
    if words:
        yield words
