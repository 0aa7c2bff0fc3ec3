"""Make the public edition of a decision, and prove of each file of it that it holds nothing that was withheld."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr_letters import letters
from imr_letters.engine.errors import Finding, RenderError, UsageError
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.form import FORM
from imr_letters.imr.model import Decision
from imr_letters.media import table as media
from imr_letters.publish.identifiers import MARKS, Known, Replacement, find, known, plain
from imr_letters.wording import SHIPPED, Wording

#: Parts of a decision in which nothing is withheld: what they hold is of a closed form.
_CLOSED = frozenset({"case", "as_printed", "outcome", "basis", "year"})

#: Replaces the words of a field; it is told the field's path.
_Change = Callable[[str, str], str]


@dataclass(frozen=True)
class Edition:
    """A public edition: the decision without the people it is about, and where words were replaced.

    `replacements` are for a person to confirm before anything is released.
    """

    decision: Decision
    replacements: tuple[Replacement, ...]
    _known: tuple[Known, ...]
    _wording: Wording = SHIPPED

    @property
    def name(self) -> str:
        """The name of its files, without their endings: the case number."""
        return self.decision.case.number if self.decision.case else "public"

    def letter(self) -> letters.RenderedLetter:
        """Return the letter. Raises `RenderError` where it would not read back to the public decision."""
        return letters.render(self.decision, wording=self._wording)

    def to(self, medium: str) -> bytes:
        """Return the letter as a file in a medium of that name, read back and proved.

        What is written only is proved by the text letter. Raises `RenderError`, and `UsageError` for a medium whose
        files cannot be searched.
        """
        kind = media.named(medium)
        if kind.strings is None:
            message = f"a {kind.title} cannot be searched for what is withheld"
            remedy = f"--to {' or '.join(each.name for each in media.MEDIA if each.strings)}"
            raise UsageError.of(message, remedy=remedy)
        letter = self.letter()
        made = letter.to(medium)
        self._prove(letter, made if kind.read else letter.text, kind.strings(made))
        return made

    def check_name(self, path: Path) -> None:
        """Refuse a file name that holds what was withheld. Raises `RenderError`."""
        self._search([path.name.replace("_", " ").replace("-", " "), path.name], frozenset())

    def _prove(self, letter: letters.RenderedLetter, made: str | bytes, strings: Collection[str]) -> None:
        read = letters.parse(made, letter.family, self._wording).decision
        if read != letter.decision:
            raise RenderError(
                Finding("differs", "error", "the public letter does not read back to the public decision")
            )
        left = [each.words for each in self.replacements if each.kept]
        for _, field, words in _found(self._wording.library.resolve(read), self._known):
            if words not in left:
                message = "the public letter still holds what is withheld; nothing is written"
                raise RenderError(Finding("withheld", "error", message, field=field))
        kept = frozenset(plain(each).lower() for each in left)
        self._search(strings, kept | _fixed_words(letter))

    def _search(self, strings: Collection[str], allowed: Collection[str]) -> None:
        folded = [" ".join(plain(each).split()) for each in strings]
        for value in self._known:
            for each in folded if value.whole else ():
                for match in value.pattern.finditer(each):
                    if not any(match.group().lower() in words for words in allowed):
                        message = "the file, or its name, would hold what is withheld; nothing is written"
                        remedy = "look where the decision repeats the value of this field"
                        raise RenderError(Finding("withheld", "error", message, field=value.field, remedy=remedy))


def edition(
    decision: Decision,
    *,
    keep: Collection[int] = (),
    wording: Wording = SHIPPED,
) -> Edition:
    """Return the public edition of a decision.

    It has no parties, recipients, addressee and documents, and no words kept as printed; what says who somebody is is
    replaced by a mark. `keep` holds the numbers of replacements that are not made, since a person saw that they say no
    such thing. Raises `RenderError` for snippets that cannot be printed.
    """
    library = wording.library
    resolved = library.resolve(decision)
    values = tuple(known(decision))
    replacements: list[Replacement] = []

    def change(text: str, field: str) -> str:
        made = ""
        at = 0
        for hit in find(text, values, forms=_is_prose(field)):
            number = len(replacements) + 1
            words = text[hit.start : hit.end]
            paragraph = text.count(PARAGRAPH, 0, hit.start) + 1
            replacements.append(Replacement(number, field, paragraph, hit.kind, words, number in keep))
            made += text[at : hit.start] + (words if number in keep else MARKS[hit.kind])
            at = hit.end
        return made + text[at:]

    data = {name: each for name, each in resolved.data().items() if name not in FORM.withheld}
    public = Decision.model_validate(_changed(data, "", change))
    return Edition(library.normal(public)[1], tuple(replacements), values, wording)


def _found(decision: Decision, values: Collection[Known]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, field and words of all that a decision says about who somebody is."""
    found: list[tuple[str, str, str]] = []

    def look(text: str, field: str) -> str:
        hits = find(text, values, forms=_is_prose(field))
        found.extend((hit.kind, field, text[hit.start : hit.end]) for hit in hits)
        return text

    _changed(decision.data(), "", look)
    yield from found


def _is_prose(field: str) -> bool:
    """Tell the fields that may hold anything from citations and credentials, where years and names are meant."""
    return "guideline" not in field and not field.startswith("reviewer.")


def _changed(data: Any, field: str, change: _Change) -> Any:
    if isinstance(data, dict):
        return {
            name: inner if name in _CLOSED else _changed(inner, _below(field, name), change)
            for name, inner in data.items()
            if name != "as_printed"
        }
    if isinstance(data, list):
        if field.endswith(".rationale"):  # its blocks are one text by now
            return [_changed(inner, field, change) for inner in data]
        return [_changed(inner, f"{field}[{index}]", change) for index, inner in enumerate(data)]
    return change(data, field) if isinstance(data, str) else data


def _below(field: str, name: str) -> str:
    if field.endswith(".rationale"):
        return field
    return f"{field}.{name}" if field else name


def _fixed_words(letter: letters.RenderedLetter) -> set[str]:
    """Return the fixed words of a letter: a party that is called like a part of the form is not given away by it."""
    blocks = letter.letter.blocks
    covered = {(place.block, place.start, place.end) for place in letter.letter.places}
    fixed: set[str] = set()
    for number, block in enumerate(blocks):
        at = 0
        for _, start, end in sorted(each for each in covered if each[0] == number):
            fixed.add(plain(block.text[at:start]).lower())
            at = end
        fixed.add(plain(block.text[at:]).lower())
    return {words for words in fixed if words.strip()}
