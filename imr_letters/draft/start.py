"""A new draft from what there is already: nothing, a decision, or a letter of a similar case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imr_letters import letters
from imr_letters.draft import questionnaire, schema, yamltext
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import unfinished
from imr_letters.draft.probing import probe
from imr_letters.draft.status import ANY, Target
from imr_letters.engine.errors import ConflictError, DecisionError, UsageError
from imr_letters.engine.files import write
from imr_letters.engine.records.loading import read_bytes
from imr_letters.imr.form import FORM
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads, looks_like_decision

_LARGEST = 20_000_000
_SIMILAR = (
    "Taken from a similar case. Everything below was said about another person: read each word, and change what is "
    "not true of this one."
)

_MAILED_REMARK = (
    "# For the mailed letter: the parties, who gets a copy, and the documents reviewed. Nothing asks for them."
)


def known(source: Path, target: Target = ANY) -> Decision:
    """Return the decision of a decision file, or of a letter (text or PDF). Raises as reading either does."""
    data = read_bytes(source, _LARGEST)
    if looks_like_decision(data, source.name):
        try:
            return loads(data, str(source))
        except DecisionError:
            if _lacks_answers(data, str(source)):
                remedy = "finish it first; imr-letters draft status tells what it lacks"
                message = "is a draft with questions that are open, not yet a decision"
                raise DecisionError.of(message, source=str(source), remedy=remedy) from None
            raise
    return letters.parse(data, target.family, target.wording, name=str(source)).decision


def _lacks_answers(data: bytes, name: str) -> bool:
    """Return whether a file is a draft that was begun: all it holds is sound, but fields are empty."""
    draft = Draft.read(data, name)
    whole = probe(draft.data)
    return bool(whole.missing or unfinished(draft.data)) and not whole.faults


def text(decision: Decision, *, keep_case: bool, schema_path: str = "") -> str:
    """Return the draft that a similar case gives: all of it, or all but what belongs to that case alone.

    That is its header, and what only the mailed letter says: parties, recipients, documents.
    """
    data: dict[str, Any] = decision.data()
    mailed = {name: data.pop(name) for name in FORM.withheld if name in data}
    if keep_case:
        made = questionnaire.text(data, schema_path=schema_path)
        if mailed:
            made += f"\n{_MAILED_REMARK}\n{yamltext.text(mailed)}"
        # A decision without a header stays one: an empty case would ask for it.
        return made if decision.case is not None else _without_case(made)
    data.pop("case", None)
    data["reviewer"].pop("as_printed", None)
    for item in data["items"]:
        item.pop("as_printed", None)
    return questionnaire.text(data, schema_path=schema_path, remark=_SIMILAR)


def _without_case(made: str) -> str:
    head, _, rest = made.partition("\n\n")
    return f"{head}\n\n{rest.partition(chr(10) * 2)[2]}"


def save(made: str, output: Path, schema_file: Path | None = None) -> None:
    """Write a draft, and its schema next to it unless another place was named.

    Raises `ConflictError` where a different file is there.
    """
    if output.suffix.lower() not in (".yaml", ".yml"):
        remedy = "name it draft.yaml, so that it is read as one"
        raise UsageError.of("a draft is a YAML file", source=str(output), remedy=remedy)
    try:
        write(output, made.encode())
    except ConflictError as error:
        if not output.is_file():
            raise
        remedy = "choose another name with -o; a draft is never written over"
        raise ConflictError.of("is there already and differs", source=str(output), remedy=remedy) from error
    schema.save(schema_file or output.parent / schema.NAME)
