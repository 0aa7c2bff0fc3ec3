"""The rationale library: every snippet of a folder, kept apart from each other, found again in what letters say."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from imr_letters.engine.errors import Finding, ImrLettersError, RenderError, SnippetError, UsageError
from imr_letters.engine.files import inside
from imr_letters.engine.grammar.nodes import Alternative, Lit, Origin
from imr_letters.engine.grammar.problems import Problems, did_you_mean
from imr_letters.engine.records.loading import read_bytes
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model import Decision, OwnText, SnippetUse
from imr_letters.imr.model.decision import RationaleBlock, joined
from imr_letters.snippets.apart import check_apart
from imr_letters.snippets.snippet import FOLDER, Snippet, read_snippet

#: Largest snippet file, in bytes, and most snippets, each version counted.
LARGEST = 100_000
MOST = 20_000

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VERSION = re.compile(r"[1-9][0-9]{0,3}")

#: Changes one rationale, whose path is given for messages.
_Change = Callable[[tuple[RationaleBlock, ...], str], tuple[RationaleBlock, ...]]
#: Fixed words in a row by which a snippet is looked for.
_Anchor = tuple[str, ...]
_ANCHOR = 3


class Library:
    """A set of snippets of which no two can print the same words.

    Raises `SnippetError` with every fault where that does not hold.
    """

    def __init__(self, snippets: Iterable[Snippet]) -> None:
        self._snippets = {snippet.key: snippet for snippet in sorted(snippets, key=lambda each: each.key)}
        problems = Problems(FOLDER)
        # Wording that is not approved yet is never recognised: it may still change.
        approved = [snippet for snippet in self if snippet.about.status != "draft"]
        self._index = _index(approved, problems)
        self._first = {anchor[0] for anchor in self._index}
        check_apart(list(self), problems)
        _raise(problems)

    def __iter__(self) -> Iterator[Snippet]:
        return iter(self._snippets.values())

    def __len__(self) -> int:
        return len(self._snippets)

    def current(self) -> list[Snippet]:
        """Return the newest active version of each snippet, by id: what may be offered for a new letter."""
        newest = {snippet.id: snippet for snippet in self if snippet.about.status == "active"}
        return list(newest.values())

    def get(self, id_: str, version: int | None = None) -> Snippet:
        """Return a snippet of an exact version, or its newest one. Raises `UsageError` for an unknown one."""
        versions = [number for name, number in self._snippets if name == id_]
        found = self._snippets.get((id_, max(versions, default=0) if version is None else version))
        if found is not None:
            return found
        if versions:
            message = f'the snippet "{id_}" has no version {version}'
            remedy = f"it has {', '.join(map(str, versions))}"
        else:
            message = f'there is no snippet "{id_}"{did_you_mean(id_, {snippet.id for snippet in self})}'
            remedy = "imr-letters snippets list --all names them all"
        raise UsageError.of(message, remedy=remedy, code="snippet")

    def resolve(self, decision: Decision) -> Decision:
        """Return the decision with the words of its snippets in their place, as own text.

        Raises `RenderError` for a snippet that does not exist or is not approved, and for values that do not fit.
        """
        return _with_rationales(decision, self._resolved)

    def recognise(self, decision: Decision) -> Decision:
        """Return the decision with every run of paragraphs that a snippet prints as that snippet: the normal form."""
        return _with_rationales(decision, self._recognised) if self._index else decision

    def normal(self, decision: Decision) -> tuple[Decision, Decision]:
        """Return a decision with its snippets' words, and in its normal form. Raises `RenderError` as `resolve` does.

        In the normal form own text that says exactly what a snippet says is that snippet.
        """
        resolved = self.resolve(decision)
        return resolved, self.recognise(resolved)

    def _resolved(self, rationale: tuple[RationaleBlock, ...], path: str) -> tuple[RationaleBlock, ...]:
        if not any(isinstance(block, SnippetUse) for block in rationale):
            return rationale
        return joined(tuple(self._own(block, f"{path}[{index}]") for index, block in enumerate(rationale)))

    def _own(self, block: RationaleBlock, path: str) -> OwnText:
        if isinstance(block, OwnText):
            return block
        try:
            snippet = self.get(block.snippet, block.version)
            if snippet.about.status == "draft":
                message = f"{snippet.name} is a draft: its wording is not approved"
                remedy = "choose an active snippet, or write own text"
                raise UsageError.of(message, remedy=remedy, code="snippet")
            return OwnText.model_construct(text=snippet.words(block.values))
        except ImrLettersError as error:
            raise RenderError(*(replace(each, field=path + each.field) for each in error.findings)) from None

    def _recognised(self, rationale: tuple[RationaleBlock, ...], path: str) -> tuple[RationaleBlock, ...]:  # noqa: ARG002 - as `_resolved`
        found: list[RationaleBlock] = []
        for block in rationale:
            found += self._blocks(block.text.split(PARAGRAPH)) if isinstance(block, OwnText) else [block]
        # Most rationales hold no snippet, and stay the same object.
        return rationale if all(isinstance(block, OwnText) for block in found) else joined(tuple(found))

    def _blocks(self, paragraphs: Sequence[str]) -> Iterator[RationaleBlock]:
        at = 0
        while at < len(paragraphs):
            for snippet in self._candidates(paragraphs[at]):
                end = at + snippet.size
                values = snippet.read(paragraphs[at:end]) if end <= len(paragraphs) else None
                if values is not None:
                    yield SnippetUse.model_construct(snippet=snippet.id, version=snippet.version, values=values)
                    at = end
                    break
            else:
                yield OwnText.model_construct(text=paragraphs[at])
                at += 1

    def _candidates(self, paragraph: str) -> list[Snippet]:
        words = paragraph.split(" ")
        starts = [at for at, word in enumerate(words) if word in self._first]
        anchors = dict.fromkeys(tuple(words[at : at + _ANCHOR]) for at in starts)
        return [snippet for anchor in anchors for snippet in self._index.get(anchor, ())]


def _with_rationales(decision: Decision, change: _Change) -> Decision:
    """Return a decision with its rationales changed; the very same one where none changes."""
    items = []
    for index, item in enumerate(decision.items):
        rationale = change(item.rationale, f"items[{index}].rationale")
        items.append(item if rationale is item.rationale else item.model_copy(update={"rationale": rationale}))
    if all(one is other for one, other in zip(items, decision.items, strict=True)):
        return decision
    return decision.model_copy(update={"items": tuple(items)})


def _index(snippets: Sequence[Snippet], problems: Problems) -> dict[_Anchor, list[Snippet]]:
    """Return the snippets by fixed words of their first paragraph, those that few snippets share."""
    anchors = [
        (snippet, [set(_anchors(way)) for way in snippet.passage.paragraphs[0].alternatives]) for snippet in snippets
    ]
    shared = Counter(anchor for _, ways in anchors for anchor in set().union(*ways))
    found: dict[_Anchor, list[Snippet]] = defaultdict(list)
    for snippet, ways in anchors:
        chosen = {min(way, key=lambda anchor: (shared[anchor], anchor)) for way in ways if way}
        if not all(ways):
            problems.add(
                "few-words",
                snippet.passage.paragraphs[0].origin,
                f"its first paragraph can print fewer than {_ANCHOR} fixed words in a row: it could not be recognised",
                "put more words that always stand in it between two values",
            )
        for anchor in chosen:
            found[anchor].append(snippet)
    return dict(found)


def _anchors(way: Alternative) -> Iterator[_Anchor]:
    """Yield the fixed words in a row that a way of printing always shows whole."""
    last = len(way.elements) - 1
    for index, element in enumerate(way.elements):
        if isinstance(element, Lit):
            words = element.text.split(" ")
            # A word that touches a value is whole only with that value.
            begin = 1 if index > 0 else 0
            end = len(words) - (1 if index < last else 0)
            yield from zip(*(words[begin + shift : end] for shift in range(_ANCHOR)), strict=False)


def _raise(problems: Problems) -> None:
    if problems.found:
        raise SnippetError(*sorted(problems.found, key=lambda finding: (finding.source, finding.line or 0)))


@cache
def read_library(folder: Path) -> Library:
    """Return the library that a folder holds, read once in a process. Raises `SnippetError`, `UsageError`."""
    if not folder.is_dir():
        raise UsageError.of(f"there is no folder of snippets {folder}")
    problems = Problems(FOLDER)
    snippets: list[Snippet] = []
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.name.startswith("."):
            snippets += _versions(place, problems)
        elif place.name != "README.md" and not place.name.startswith("."):
            _stray(place.name, problems)
    if len(snippets) > MOST:
        raise SnippetError(Finding("snippet", "error", f"holds more than {MOST:,} snippets", source=str(folder)))
    _raise(problems)
    return Library(snippets)


def _versions(folder: Path, problems: Problems) -> Iterator[Snippet]:
    if not _ID.fullmatch(folder.name) or len(folder.name) > 60:
        remedy = "use small letters, digits and single hyphens, such as opioids-standing-caution"
        problems.add("snippet", Origin(folder.name, 1), "is no name for a snippet", remedy)
        return
    for file in sorted(folder.iterdir()):
        if file.name.startswith("."):
            continue
        if file.suffix != ".md" or not _VERSION.fullmatch(file.stem):
            _stray(f"{folder.name}/{file.name}", problems)
            continue
        try:
            content = read_bytes(inside(file, folder.parent), LARGEST).decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.add("encoding", Origin(f"{folder.name}/{file.name}", 1), "is not UTF-8 text", "save it as UTF-8")
            continue
        except ImrLettersError as error:
            problems.found += error.findings
            continue
        snippet = read_snippet(folder.name, int(file.stem), content, problems)
        if snippet is not None:
            yield snippet


def _stray(name: str, problems: Problems) -> None:
    remedy = "a snippet is a folder, and each version a file in it: opioids-standing-caution/1.md"
    problems.add("snippet", Origin(name, 1), "is neither a snippet nor a version of one", remedy)
