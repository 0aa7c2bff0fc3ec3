"""Finding snippets: by words, and for a disputed item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from imr_letters.imr.model.guideline import Guideline, MtusGuideline
from imr_letters.imr.vocabulary import treatment_categories, treatment_words
from imr_letters.snippets.ranking import rank
from imr_letters.snippets.snippet import AppliesTo, Snippet


def by_words(query: str, snippets: Sequence[Snippet]) -> list[Snippet]:
    """Return the snippets that hold words of a query, the best first."""
    return [snippets[place] for place, _ in rank(query, [_fields(snippet) for snippet in snippets])]


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
    request: str, outcome: str | None, citations: Guideline | Mapping[str, object] | None, snippets: Iterable[Snippet]
) -> list[Snippet]:
    """Return the snippets that may serve a disputed item, the best first.

    First those about the same drug class or treatment; among them those that argue for the outcome, then those for
    either, at last those against it; then those that cite the same chapter and section, or the same chapter.
    Left out is what shares neither treatment nor words with the request. The citations may be plain data, as in a
    draft that is not finished.
    """
    given = list(snippets)
    wanted = treatments(request)
    wordings = dict(rank(request, [_fields(snippet) for snippet in given]))
    order = []
    for place, snippet in enumerate(given):
        treatment = _treatment(wanted, snippet.about.applies_to)
        if treatment == 0 and (wanted or place not in wordings):
            continue
        serves = _serves(snippet.about.argues_for, outcome)
        cited = _cited(citations, snippet.about.citations)
        order.append((-treatment, -serves, -cited, -wordings.get(place, 0.0), snippet.id, place))
    return [given[key[-1]] for key in sorted(order)]


def _treatment(wanted: Sequence[str], applies_to: AppliesTo) -> int:
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


def _fields(snippet: Snippet) -> dict[str, str]:
    about = snippet.about
    return {
        "title": f"{about.title} {snippet.id}",
        "applies_to": " ".join([*about.applies_to.treatment_category, *about.applies_to.drug_class]),
        "body": snippet.body,
    }


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
