"""Ranking texts by the words of a query: BM25 over three fields of different weight.

A word of the query also counts for the longer words that begin with it, so "benzo" finds benzodiazepines.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from imr_letters.english.wordlists import singular, words

#: How much a word counts in each field.
_WEIGHTS = {"title": 4.0, "applies_to": 2.5, "body": 1.0}
#: BM25: how soon a repeated word counts no more, and how much a long text is held against it.
_SATURATION, _LENGTH = 1.2, 0.4
_SHORTEST_PREFIX = 3
_PREFIX = 0.6

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"[a-z0-9]+")
_STOP = words("unsearched")


def rank(query: str, texts: Sequence[Mapping[str, str]]) -> list[tuple[int, float]]:
    """Return the places of the texts that hold words of the query, each with its score, the best first.

    A text is a mapping with `title`, `applies_to` and `body`. Equal scores keep the order given.
    """
    wanted = list(dict.fromkeys(_words(query)))
    weighed = [_weighed(text) for text in texts]
    sizes = [sum(held.values()) for held in weighed]
    mean = sum(sizes) / len(sizes) if sizes else 0.0
    scores: dict[int, float] = {}
    met: Counter[int] = Counter()
    for word in wanted:
        found = {place: count for place, held in enumerate(weighed) if (count := _count(word, held)) > 0}
        rarity = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
        for place, count in found.items():
            damping = _SATURATION * (1 - _LENGTH + _LENGTH * sizes[place] / mean)
            scores[place] = scores.get(place, 0.0) + rarity * count * (_SATURATION + 1) / (count + damping)
            met[place] += 1
    # A text with all words of the query comes before one with many of the same.
    found_all = [(place, score * met[place] / len(wanted)) for place, score in scores.items()]
    return sorted(found_all, key=lambda pair: (-pair[1], pair[0]))


def _weighed(fields: Mapping[str, str]) -> dict[str, float]:
    """Return by word how often it occurs, weighted by where."""
    found: dict[str, float] = {}
    for field, weight in _WEIGHTS.items():
        for word in _words(_TAG.sub(" ", fields.get(field, ""))):
            found[word] = found.get(word, 0.0) + weight
    return found


def _count(word: str, held: Mapping[str, float]) -> float:
    exact = held.get(word, 0.0)
    if len(word) < _SHORTEST_PREFIX:
        return exact
    longer = sum(weight for other, weight in held.items() if other != word and other.startswith(word))
    return exact + _PREFIX * longer


def _words(text: str) -> list[str]:
    return [singular(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]
