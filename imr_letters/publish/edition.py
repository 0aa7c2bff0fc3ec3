"""Make the public edition of a decision, and prove of each file of it that it holds nothing that was withheld."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr_letters import letters
from imr_letters.engine.errors import Finding, RenderError, UsageError
from imr_letters.engine.fields import leaves
from imr_letters.engine.form import Form
from imr_letters.engine.paths import GrammarPath, dotted, values_at
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model import Decision
from imr_letters.media import table as media
from imr_letters.publish import proof
from imr_letters.publish.found import MARK, MARKS, Doubt, Replacement
from imr_letters.publish.search import Search
from imr_letters.wording import SHIPPED, Wording

#: Parts of values in which nothing is withheld: what they hold is of a closed form.
_CLOSED = frozenset({"as_printed", "outcome", "basis", "year"})

#: Replaces the words of a field, given with the field's path.
_Change = Callable[[str, str], str]


@dataclass(frozen=True)
class Edition:
    """A public edition: the decision without the people it is about, and where words were replaced.

    `replacements` are for a person to confirm before anything is released, and so are `doubts`: what the proof found in
    the rest. `texts` are the fields as they were, and
    `public_texts` as they are now, in order.
    """

    decision: Decision
    replacements: tuple[Replacement, ...]
    doubts: tuple[Doubt, ...]
    texts: Mapping[str, str]
    public_texts: Mapping[str, str]
    _needles: tuple[proof.Needle, ...]
    _wording: Wording = SHIPPED

    @property
    def name(self) -> str:
        """The name of its files, without their endings: the case number."""
        return self._wording.form_of(self.decision).number_of(self.decision) or "public"

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
        self._search([path.name.replace("_", " "), path.name], frozenset())
        for left in proof.shapes(path.stem.replace("_", " ").replace(self.name, "")):
            self._refuse(left.what)

    def _prove(self, letter: letters.RenderedLetter, made: str | bytes, strings: Collection[str]) -> None:
        read = letters.parse(made, letter.family, self._wording).decision
        if read != letter.decision:
            raise RenderError(
                Finding("differs", "error", "the public letter does not read back to the public decision")
            )
        for doubt in self.doubts:
            if not doubt.kept:
                message = "the public letter still holds what is withheld; nothing is written"
                remedy = f"--withhold its words, or --keep {doubt.number}=REASON where they do not identify anyone"
                raise RenderError(Finding("withheld", "error", message, field=doubt.field, remedy=remedy))
        kept = [each.words for each in self.replacements if each.kept]
        kept += [each.words for each in self.doubts if each.kept]
        self._search(strings, {*map(_folded, kept), *_fixed_words(letter)})

    def _search(self, strings: Collection[str], allowed: Collection[str]) -> None:
        sought = [needle for needle in self._needles if not needle.capital and len(needle.letters) > 3]
        for each in dict.fromkeys(strings):
            for left in proof.own(each, sought):
                words = _folded(each[left.start : left.end])
                if not any(words in fixed for fixed in allowed):
                    self._refuse(left.what)

    def _refuse(self, field: str) -> None:
        message = "the file, or its name, would hold what is withheld; nothing is written"
        remedy = "look where the decision repeats the value of this field"
        raise RenderError(Finding("withheld", "error", message, field=field, remedy=remedy))


def edition(
    decision: Decision,
    *,
    keep: Collection[int] | Mapping[int, str] = (),
    withhold: Collection[str] = (),
    wording: Wording = SHIPPED,
) -> Edition:
    """Return the public edition of a decision.

    It has no parties, recipients, addressee and documents, and no words kept as printed; what identifies somebody is
    replaced by a mark. `keep` holds the numbers of replacements that are not made, and of doubts that are none, since a
    person saw that they identify nobody, with their reasons; `withhold` holds further words to replace. Raises
    `RenderError` for snippets that cannot be printed.
    """
    why = keep if isinstance(keep, Mapping) else dict.fromkeys(keep, "")
    form = wording.form_of(decision)
    phrases = wording.phrases_of(decision)
    resolved = phrases.resolve(decision)
    private = dict(_private(decision, form))
    search = Search(decision, [*withhold, *(words for each in private.values() for words in each)])
    closed = _closed(form)
    texts: dict[str, str] = {}
    replacements: list[Replacement] = []

    def change(text: str, field: str) -> str:
        name = _unused(texts, field)
        texts[name] = text
        made: list[str] = []
        at = 0
        breaks = _paragraphs(text)
        for hit in search.find(text, prose=_is_prose(field)):
            number = len(replacements) + 1
            words = text[hit.start : hit.end]
            paragraph = bisect_left(breaks, hit.start) + 1
            span = (hit.start, hit.end)
            replacement = Replacement(
                number, name, paragraph, hit.kind, words, *span, number in why, why.get(number, "")
            )
            replacements.append(replacement)
            made += text[at : hit.start], words if number in why else MARKS[hit.kind]
            at = hit.end
        return "".join([*made, text[at:]])

    data = {name: each for name, each in resolved.data().items() if name not in form.withheld}
    for path in form.private:
        _take_out(data, path)
    public = phrases.normal(form.model.model_validate(_changed(data, "", change, closed)))[1]
    withheld = {name: each for name, each in resolved.data().items() if name in form.withheld} | private
    sought = (*proof.needles(withheld), *(proof.needles({"withhold": list(withhold)}) if withhold else ()))
    kept = [each.words for each in replacements if each.kept]
    fields = _fields(phrases.resolve(public), closed)
    doubts = tuple(_doubts(fields, sought, kept, len(replacements), why))
    return Edition(public, tuple(replacements), doubts, texts, fields, sought, wording)


def _private(decision: Decision, form: Form[Decision]) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields that a letter family withholds, each with its words."""
    data = decision.data()
    for path in form.private:
        words: list[str] = []

        def take(text: str, field: str, words: list[str] = words) -> str:  # noqa: ARG001 - as every change
            words.append(text)
            return text

        for _, value in values_at(data, path):
            _changed(value, "", take)
        if words:
            yield dotted(path), words


def _take_out(data: Any, path: GrammarPath) -> None:
    """Take a field out of plain data, of each entry where it is in a list."""
    for _, around in values_at(data, path[:-1]):
        if isinstance(around, dict):
            around.pop(path[-1], None)
    if len(path) > 1 and data.get(path[0]) == {}:
        del data[path[0]]


def _closed(form: Form[Decision]) -> frozenset[str]:
    """Return the fields whose values are of a closed form, such as days: nothing in them identifies anybody."""
    return frozenset(
        dotted(path)
        for path, leaf in leaves(form.root)
        if all(codec.reach == "typed" for codec in form.codecs.printing(leaf.kind))
    )


def _fields(decision: Decision, closed: Collection[str]) -> dict[str, str]:
    """Return the texts of a decision by field, in order."""
    fields: dict[str, str] = {}

    def look(text: str, field: str) -> str:
        fields[_unused(fields, field)] = text
        return text

    _changed(decision.data(), "", look, closed)
    return fields


def _doubts(
    fields: Mapping[str, str],
    sought: Collection[proof.Needle],
    kept: Collection[str],
    count: int,
    why: Mapping[int, str],
) -> Iterator[Doubt]:
    """Yield what the proof finds in the fields of a public decision, numbered after the replacements."""
    allowed = [_folded(each) for each in kept]
    for field, text in fields.items():
        breaks = _paragraphs(text)
        text = MARK.sub(lambda match: proof.WITHHELD * len(match.group()), text)
        found = list(proof.own(text, sought))
        found += proof.shapes(text) if _is_prose(field) else ()
        end = 0
        for left in sorted(found, key=lambda each: (each.start, -each.end)):
            words = text[left.start : left.end]
            if left.start < end or any(_folded(words) in each for each in allowed):
                continue
            end = left.end
            count += 1
            paragraph = bisect_left(breaks, left.start) + 1
            yield Doubt(
                count, field, paragraph, left.what, words, left.start, left.end, count in why, why.get(count, "")
            )


def _paragraphs(text: str) -> list[int]:
    """Return where paragraphs of a text end."""
    found: list[int] = []
    at = text.find(PARAGRAPH)
    while at >= 0:
        found.append(at)
        at = text.find(PARAGRAPH, at + 1)
    return found


def _unused(names: Collection[str], field: str) -> str:
    """Return a name for a field, with a number where it has several texts, such as blocks of a rationale."""
    name, count = field, 1
    while name in names:
        count += 1
        name = f"{field}({count})"
    return name


def _is_prose(field: str) -> bool:
    """Return whether a field may hold anything; citations and credentials have years and authors."""
    return "guideline" not in field and not field.startswith("reviewer.")


def _changed(data: Any, field: str, change: _Change, closed: Collection[str] = ()) -> Any:
    if closed and re.sub(r"\[\d+\]", "[]", field) in closed:
        return data
    if isinstance(data, dict):
        return {
            name: inner if name in _CLOSED else _changed(inner, _below(field, name), change, closed)
            for name, inner in data.items()
            if name != "as_printed"
        }
    if isinstance(data, list):
        if field.endswith(".rationale"):  # its blocks are one text by now
            return [_changed(inner, field, change, closed) for inner in data]
        return [_changed(inner, f"{field}[{index}]", change, closed) for index, inner in enumerate(data)]
    return change(data, field) if isinstance(data, str) else data


def _below(field: str, name: str) -> str:
    if field.endswith(".rationale"):
        return field
    return f"{field}.{name}" if field else name


def _folded(words: str) -> str:
    return " ".join("".join(map(proof.letters_of, word)) for word in words.split())


def _fixed_words(letter: letters.RenderedLetter) -> set[str]:
    """Return the fixed words of a letter: they do not identify a party that is called like a part of them."""
    blocks = letter.letter.blocks
    covered = {(place.block, place.start, place.end) for place in letter.letter.places}
    fixed: set[str] = set()
    for number, block in enumerate(blocks):
        at = 0
        for _, start, end in sorted(each for each in covered if each[0] == number):
            fixed.add(_folded(block.text[at:start]))
            at = end
        fixed.add(_folded(block.text[at:]))
    return {words for words in fixed if words.strip()}
