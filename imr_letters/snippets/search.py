"""Finding snippets: by words, and for a disputed item.

The ranking is BM25 over three fields of different weight. A word of the query also stands for the longer words that
begin with it, so "benzo" finds benzodiazepines.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol, TypeVar

from imr_letters.imr.model.guideline import Guideline, MtusGuideline
from imr_letters.imr.vocabulary import treatment_categories, treatment_words

#: How much a word counts in each field.
_WEIGHTS = {"title": 4.0, "applies_to": 2.5, "body": 1.0}
#: BM25: how soon a repeated word counts no more, and how much a long text is held against it.
_SATURATION, _LENGTH = 1.2, 0.4
_SHORTEST_PREFIX = 3
_PREFIX = 0.6

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"[a-z0-9]+")
_STOP = {
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "by",
    "for",
    "from",
    "in",
    "is",
    "it",
    "of",
    "on",
    "or",
    "that",
    "the",
    "to",
}


class _AppliesTo(Protocol):
    @property
    def treatment_category(self) -> Sequence[str]: ...

    @property
    def drug_class(self) -> Sequence[str]: ...


class _About(Protocol):
    @property
    def title(self) -> str: ...

    @property
    def citations(self) -> Guideline: ...

    @property
    def applies_to(self) -> _AppliesTo: ...

    @property
    def argues_for(self) -> str: ...


class SnippetLike(Protocol):
    """What searching needs of a snippet."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def about(self) -> _About:
        """Its front matter."""
        ...

    @property
    def body(self) -> str:
        """Its words."""
        ...


S = TypeVar("S", bound=SnippetLike)


def rank(query: str, texts: Sequence[SnippetLike | Mapping[str, str]]) -> list[tuple[int, float]]:
    """Return the places of the texts that hold words of the query, each with its score, the best first.

    A text is a snippet, or a mapping with `title`, `applies_to` and `body`. Equal scores keep the order given.
    """
    wanted = list(dict.fromkeys(_words(query)))
    weighed = [_weighed(_fields(text)) for text in texts]
    sizes = [sum(words.values()) for words in weighed]
    mean = sum(sizes) / len(sizes) if sizes else 0.0
    scores: dict[int, float] = {}
    met: Counter[int] = Counter()
    for word in wanted:
        found = {place: count for place, words in enumerate(weighed) if (count := _count(word, words)) > 0}
        rarity = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
        for place, count in found.items():
            damping = _SATURATION * (1 - _LENGTH + _LENGTH * sizes[place] / mean)
            scores[place] = scores.get(place, 0.0) + rarity * count * (_SATURATION + 1) / (count + damping)
            met[place] += 1
    # A text with all words of the query comes before one with many of the same.
    found_all = [(place, score * met[place] / len(wanted)) for place, score in scores.items()]
    return sorted(found_all, key=lambda pair: (-pair[1], pair[0]))


def treatments(request: str) -> tuple[str, ...]:
    """Return the treatment subcategories and drug classes whose words a request holds, in the order of its words.

    Of words that overlap, the longest counts: "corticosteroid injection" is an injection.
    """
    found: list[str] = []
    for match in _phrases().finditer(" ".join(request.casefold().split())):
        name = _names()[match.group()]
        if name not in found:
            found.append(name)
    return tuple(found)


def matching(
    request: str, outcome: str | None, citations: Guideline | Mapping[str, object] | None, snippets: Iterable[S]
) -> list[S]:
    """Return the snippets that may serve a disputed item, the best first.

    First those about the same drug class or treatment; among them those that argue for the outcome, then those for
    either, at last those against it; then those that cite the same chapter and section, or the same chapter.
    Left out is what shares neither treatment nor words with the request. The citations may be plain data, as in a
    draft that is not finished.
    """
    given = list(snippets)
    wanted = treatments(request)
    wordings = dict(rank(request, given))
    order = []
    for place, snippet in enumerate(given):
        treatment = _treatment(wanted, snippet.about.applies_to)
        if treatment == 0 and (wanted or place not in wordings):
            continue
        serves = _serves(snippet.about.argues_for, outcome)
        cited = _cited(citations, snippet.about.citations)
        order.append((-treatment, -serves, -cited, -wordings.get(place, 0.0), snippet.id, place))
    return [given[key[-1]] for key in sorted(order)]


def _treatment(wanted: Sequence[str], applies_to: _AppliesTo) -> int:
    """Return 2 for the same class or subcategory, 1 for the same category, 0 for another treatment."""
    named = {*applies_to.treatment_category, *applies_to.drug_class}
    if named.intersection(wanted):
        return 2
    # "Pharmaceuticals" alone says little: a snippet that names its drug classes is about these.
    if applies_to.drug_class:
        return 0
    categories = {category for name in wanted for category in _categories().get(name, ())}
    return 1 if named.intersection(categories) else 0


def _serves(argues_for: str, outcome: str | None) -> int:
    if outcome is None or argues_for == outcome:
        return 2
    return 1 if argues_for == "either" else 0


def _cited(one: Guideline | Mapping[str, object] | None, other: Guideline) -> int:
    """Return 2 for a chapter and section that both cite, 1 for a chapter, 0 for none."""
    best = 0
    for chapter, sections in _chapters(one):
        for beside, others in _chapters(other):
            if chapter == beside:
                best = max(best, 2 if sections & others else 1)
    return best


def _chapters(guideline: Guideline | Mapping[str, object] | None) -> Iterator[tuple[str, set[str]]]:
    if isinstance(guideline, MtusGuideline):
        yield from _chapters(guideline.model_dump())
    if not isinstance(guideline, Mapping):
        return
    cited = guideline.get("mtus")
    for each in cited if isinstance(cited, list | tuple) else ():
        if isinstance(each, Mapping) and each.get("chapter"):
            sections = each.get("sections")
            named = sections if isinstance(sections, list | tuple) else ()
            yield str(each["chapter"]).casefold(), {str(name).casefold() for name in named}


def _fields(text: SnippetLike | Mapping[str, str]) -> Mapping[str, str]:
    if isinstance(text, Mapping):
        return text
    about = text.about
    return {
        "title": f"{about.title} {text.id}",
        "applies_to": " ".join([*about.applies_to.treatment_category, *about.applies_to.drug_class]),
        "body": text.body,
    }


def _weighed(fields: Mapping[str, str]) -> dict[str, float]:
    """Return by word how often it stands, by the weight of where."""
    found: dict[str, float] = {}
    for field, weight in _WEIGHTS.items():
        for word in _words(_TAG.sub(" ", fields.get(field, ""))):
            found[word] = found.get(word, 0.0) + weight
    return found


def _count(word: str, words: Mapping[str, float]) -> float:
    exact = words.get(word, 0.0)
    if len(word) < _SHORTEST_PREFIX:
        return exact
    longer = sum(weight for other, weight in words.items() if other != word and other.startswith(word))
    return exact + _PREFIX * longer


def _words(text: str) -> list[str]:
    return [_singular(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@cache
def _names() -> dict[str, str]:
    return {word: name for name, words in treatment_words().items() for word in words}


@cache
def _phrases() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![a-z0-9])")


@cache
def _categories() -> dict[str, tuple[str, ...]]:
    """Return by subcategory the categories it belongs to."""
    found: dict[str, tuple[str, ...]] = {}
    for category, names in treatment_categories().items():
        for name in names:
            found[name] = (*found.get(name, ()), category)
    return found
