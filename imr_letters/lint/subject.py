"""What rules see: a decision, or as much of one as a draft holds so far, with the words of its snippets in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from imr_letters.engine.errors import ImrLettersError
from imr_letters.engine.fields import leaves
from imr_letters.engine.form import Form
from imr_letters.engine.paths import GrammarPath, dotted, values_at
from imr_letters.engine.text import PARAGRAPH
from imr_letters.engine.values import Part
from imr_letters.english.sentences import split
from imr_letters.imr.codecs import GuidelineLine, Request
from imr_letters.imr.form import FORM, is_determination
from imr_letters.imr.model import Case, Decision, Item, ModifiedRequest, OwnText, Reviewer, SnippetUse
from imr_letters.imr.model.guideline import Guideline
from imr_letters.lint.conclusion import Conclusion, conclusion
from imr_letters.snippets import Snippet
from imr_letters.wording import Wording

#: The dates of the header, in the order in which they should follow each other.
DAYS = ("injured_on", "ur_denied_on", "application_received_on", "assigned_on", "decided_on")
GUIDELINES = ("claims_administrator_guideline", "reviewer_guideline")
_BY = {"claims_administrator_guideline": "The Claims Administrator", "reviewer_guideline": "The Expert Reviewer"}


#: The values of an item by name, and the words kept as printed.
_Raw = tuple[dict[str, Any], dict[str, str]]


@dataclass(frozen=True)
class Used:
    """A snippet as a rationale uses it; `snippet` is None, and `fault` says why, where it cannot be printed."""

    field: str
    use: SnippetUse
    snippet: Snippet | None
    words: str
    fault: str = ""


@dataclass(frozen=True)
class Disputed:
    """One disputed item. What a draft does not say yet is None, or no words."""

    index: int
    request: str
    modified: ModifiedRequest | None
    outcome: str | None
    guidelines: Mapping[str, Guideline | None]
    rationale: str
    snippets: tuple[Used, ...]

    def field(self, name: str) -> str:
        """Return the path of one of its fields."""
        return f"items[{self.index}].{name}"

    @property
    def reviewer_guideline(self) -> Guideline | None:
        """What the reviewer relied on."""
        return self.guidelines["reviewer_guideline"]

    @cached_property
    def conclusion(self) -> Conclusion | None:
        """What the rationale itself concludes, as far as it says so."""
        return conclusion(self.rationale)

    @property
    def label(self) -> str:
        """The request, short enough for a message."""
        return self.request if len(self.request) <= 60 else f"{self.request[:57]}..."


@dataclass(frozen=True)
class Subject:
    """What is looked at: a whole decision, or a draft with gaps."""

    has_header: bool
    number: str | None
    priority: str | None
    days: Mapping[str, date]
    licensed_in: tuple[str, ...]
    certifications: tuple[str, ...]
    summary: str
    items: tuple[Disputed, ...]
    decision: Decision | None
    texts: Mapping[str, str]
    #: By field: the words of what only the mailed letter says, such as names and addresses.
    mailed: Mapping[str, str] = field(default_factory=dict)
    #: Further fields of prose: those that the letter family declares.
    more_prose: tuple[str, ...] = ()
    #: Whether it has all that determinations have, so that the rules about them apply.
    is_determination: bool = True

    def words(self) -> Iterator[tuple[str, str]]:
        """Yield every field with its words, those of the mailed letter last."""
        yield from self.texts.items()
        yield from self.mailed.items()

    @property
    def decided_on(self) -> date | None:
        """The decision date."""
        return self.days.get("decided_on")

    def prose(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of prose with their words: the summary and each rationale."""
        if self.summary:
            yield "clinical_summary", self.summary
        for item in self.items:
            if item.rationale:
                yield item.field("rationale"), item.rationale
        for name in self.more_prose:
            yield name, self.texts[name]

    @cached_property
    def _sentences(self) -> dict[str, tuple[str, ...]]:
        return {}

    def sentences(self, field: str) -> tuple[str, ...]:
        """Return the sentences of a field of prose."""
        if field not in self._sentences:
            paragraphs = self.texts.get(field, "").split(PARAGRAPH)
            self._sentences[field] = tuple(sentence for each in paragraphs for sentence in split(each))
        return self._sentences[field]


def subject_of(decision: Decision, wording: Wording) -> Subject:
    """Return a decision as rules see it; own text that says exactly what a snippet says is that snippet."""
    form = wording.form_of(decision)
    if not is_determination(form):
        return _other(decision.data(), form, decision)
    decision = wording.library.recognise(decision)
    case = decision.case
    header = {} if case is None else {name: getattr(case, name) for name in Case.model_fields}
    items: list[_Raw] = [
        ({name: getattr(item, name) for name in Item.model_fields if name != "as_printed"}, item.as_printed)
        for item in decision.items
    ]
    reviewer = {name: getattr(decision.reviewer, name) for name in Reviewer.model_fields}
    mailed = decision.model_dump(mode="json", include=set(FORM.withheld), exclude_defaults=True)
    found = _subject(case is not None, header, reviewer, decision.clinical_summary, items, mailed, decision, wording)
    return _with_declared(found, decision.data(), form)


def subject_of_draft(data: Mapping[str, Any], wording: Wording, form: Form[Decision] = FORM) -> Subject:
    """Return the data of a draft as rules see it: every field that is filled in, and sound."""
    if not is_determination(form):
        return _other(data, form, None)
    items: list[_Raw] = [
        (_values(Item, each), {}) for each in _list(data.get("items")) if isinstance(each, Mapping) or each is None
    ]
    summary = _value(Decision, "clinical_summary", data.get("clinical_summary")) or ""
    header, reviewer = _values(Case, data.get("case")), _values(Reviewer, data.get("reviewer"))
    mailed = {name: data[name] for name in FORM.withheld if name in data}
    found = _subject("case" in data, header, reviewer, summary, items, mailed, None, wording)
    return _with_declared(found, data, form)


def _with_declared(subject: Subject, data: Mapping[str, Any], form: Form[Decision]) -> Subject:
    """Return the same with the words of the fields that a letter family declares."""
    if not form.asked:
        return subject
    texts, withheld, prose = _words_of(data, form, form.asked)
    return replace(
        subject, texts={**subject.texts, **texts}, mailed={**subject.mailed, **withheld}, more_prose=tuple(prose)
    )


def _other(data: Mapping[str, Any], form: Form[Decision], decision: Decision | None) -> Subject:
    """Return the data of a decision that lacks fields of determinations: rules see its words and its day."""
    texts, withheld, prose = _words_of(data, form, None)
    here: Any = data
    for name in form.day_at:
        here = here.get(name) if isinstance(here, Mapping) else None
    days: dict[str, date] = {}
    with suppress(ValueError):
        days = {"decided_on": date.fromisoformat(here)} if isinstance(here, str) else {}
    return Subject(
        False, None, None, days, (), (), "", (), decision, texts, withheld, tuple(prose), is_determination=False
    )


def _words_of(
    data: Mapping[str, Any], form: Form[Decision], only: Iterable[GrammarPath] | None
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the words of fields, those of withheld fields apart, and which of the fields are prose."""
    texts: dict[str, str] = {}
    withheld: dict[str, str] = {}
    prose: list[str] = []
    chosen = None if only is None else tuple(only)
    for path, leaf in leaves(form.root):
        if leaf.choices or (chosen is not None and not any(path[: len(each)] == each for each in chosen)):
            continue
        private = path[0] in form.withheld or any(path[: len(each)] == each for each in form.private)
        for where, value in values_at(data, path):
            for name, words in _leaves(value, dotted(where)):
                (withheld if private else texts)[name] = words
                if leaf.kind in ("prose", "rationale") and not private:
                    prose.append(name)
    return texts, withheld, prose


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _values(part: type[Part], given: object) -> dict[str, Any]:
    known = given if isinstance(given, Mapping) else {}
    return {name: _value(part, name, known.get(name)) for name in part.model_fields if name != "as_printed"}


def _value(part: type[Part], name: str, given: object) -> Any:
    try:
        return None if given is None else _adapter(part, name).validate_python(given)
    except ValidationError:
        return None


@cache
def _adapter(part: type[Part], name: str) -> TypeAdapter[Any]:
    info = part.model_fields[name]
    annotation: Any = Annotated[info.annotation, None, *info.metadata]
    return TypeAdapter(annotation)


def _subject(
    has_header: bool,
    header: Mapping[str, Any],
    reviewer: Mapping[str, Any],
    summary: str,
    items: list[_Raw],
    mailed: Mapping[str, Any],
    decision: Decision | None,
    wording: Wording,
) -> Subject:
    texts: dict[str, str] = {"clinical_summary": summary}
    disputed = [_disputed(index, values, printed, texts, wording) for index, (values, printed) in enumerate(items)]
    licensed = tuple(reviewer.get("licensed_in") or ())
    certified = tuple(reviewer.get("certifications") or ())
    texts |= {"reviewer.licensed_in": ", ".join(licensed), "reviewer.certifications": ", ".join(certified)}
    days = {name: day for name in DAYS if (day := header.get(name)) is not None}
    return Subject(
        has_header, header.get("number"), header.get("priority"), days, licensed, certified, summary,
        tuple(disputed), decision, texts, dict(_leaves(mailed, "")),
    )  # fmt: skip


def _leaves(data: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield every word of plain data with the path of its field."""
    if isinstance(data, Mapping):
        for name, inner in data.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from _leaves(inner, f"{path}[{index}]")
    elif isinstance(data, str):
        yield path, data


def _disputed(
    index: int, values: Mapping[str, Any], printed: Mapping[str, str], texts: dict[str, str], wording: Wording
) -> Disputed:
    at = f"items[{index}]"
    given = values.get("request")
    request = "" if given is None else given if isinstance(given, str) else Request().encode(given)
    texts[f"{at}.request"] = printed.get("request") or request
    if isinstance(given, ModifiedRequest):
        request = given.remaining or given.original
    for name in GUIDELINES:
        guideline = values.get(name)
        line = GuidelineLine(_BY[name]).encode(guideline) if guideline is not None else ""
        texts[f"{at}.{name}"] = printed.get(name) or line
    used: list[Used] = []
    words: list[str] = []
    for number, block in enumerate(values.get("rationale") or ()):
        if isinstance(block, OwnText):
            words.append(block.text)
            continue
        use = _used(f"{at}.rationale[{number}]", block, wording)
        used.append(use)
        words += [use.words] if use.words else []
    rationale = texts[f"{at}.rationale"] = PARAGRAPH.join(words)
    guidelines = {name: values.get(name) for name in GUIDELINES}
    modified = given if isinstance(given, ModifiedRequest) else None
    return Disputed(index, request, modified, values.get("outcome"), guidelines, rationale, tuple(used))


def _used(field: str, block: SnippetUse, wording: Wording) -> Used:
    try:
        snippet = wording.library.get(block.snippet, block.version)
        return Used(field, block, snippet, snippet.words(block.values))
    except ImrLettersError as error:
        return Used(field, block, None, "", error.findings[0].message)
