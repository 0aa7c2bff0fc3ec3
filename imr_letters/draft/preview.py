"""A letter while it is being drafted: what is missing appears in it as a question nobody can overlook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from imr_letters import letters
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import answers
from imr_letters.draft.fill import words_of
from imr_letters.draft.probing import Probe, probe, pruned
from imr_letters.draft.questions import question_at, question_path
from imr_letters.draft.status import ANY, Target
from imr_letters.engine.errors import ImrLettersError, InputError, RenderError, UsageError
from imr_letters.engine.files import opened
from imr_letters.engine.letter import Block
from imr_letters.engine.paths import FieldPath
from imr_letters.engine.records.loading import read_bytes
from imr_letters.engine.template.compiled import AsPrinted, view
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.form import Family
from imr_letters.imr.model import Decision, SnippetUse
from imr_letters.media import table as media
from imr_letters.media.medium import Printable
from imr_letters.watching import changed, rest

#: First line of every preview in text; title of every preview in PDF.
MARK = "DRAFT - not a determination"


def preview(draft: Draft, to: str = "text", target: Target = ANY) -> bytes:
    """Return the letter of a draft as it is, in a medium of that name, marked as a draft.

    A draft that lacks nothing is rendered as its letter will be; otherwise placeholders such as `[Decision Date?]`
    stand in. Raises `RenderError` or `DecisionError` for what cannot be shown at all.
    """
    medium = media.named(to)
    whole = probe(draft.data)
    if whole.decision is None:
        raise InputError.of("cannot be read as a draft", source=draft.name, code="not-a-decision")
    if not whole.missing and not whole.faults:
        try:
            letter = letters.render(whole.decision, target.family, target.wording)
        except RenderError:
            pass  # `status` says why; the words are shown all the same
        else:
            printable = letter.printable(draft=True)
            return medium.write(printable if medium.stamps else printable.marked(MARK))
    return medium.write(_with_placeholders(draft, whole, target).marked(MARK))


def body(draft: Draft, target: Target = ANY) -> tuple[str, str]:
    """Return the letter of a draft as markup, questions where answers are missing, and its stylesheet; no read-back.

    Raises as `preview` does.
    """
    whole = probe(draft.data)
    if whole.decision is None:
        raise InputError.of("cannot be read as a draft", source=draft.name, code="not-a-decision")
    printable = _with_placeholders(draft, whole, target)
    return printable.body, printable.family.css


def rationale_words(value: Any, target: Target = ANY) -> str:
    """Return the words of a rationale as a draft holds it: own text, or blocks of text and of snippets."""
    blocks: list[dict[str, Any]] = value if isinstance(value, list) else [{"text": value or ""}]
    paragraphs = []
    for block in blocks:
        if "snippet" in block:
            version = str(block.get("version") or 0)
            values = {name: str(inner) for name, inner in (block.get("values") or {}).items() if inner is not None}
            paragraphs.append(
                _snippet_words(str(block["snippet"]), int(version) if version.isdigit() else 0, values, target)
            )
        else:
            paragraphs.append(str(block.get("text") or ""))
    return PARAGRAPH.join(paragraphs)


def _with_placeholders(draft: Draft, whole: Probe, target: Target) -> Printable:
    assert whole.decision is not None
    family = _family(whole.decision, target)
    seen = view(whole.decision)
    for index, item in enumerate(whole.decision.items):
        words = _rationale(item.rationale, target)
        seen["items"][index]["rationale"] = AsPrinted(None, words)
    for path in [*whole.missing, *(path for path, _ in whole.faults)]:
        _placeholder(seen, path)
    return Printable(
        family.about.title,
        [Block("h1" if words.isupper() else "p", words) for words in family.template.blocks(seen)],
        family,
        created=None,
        make_body=lambda: family.template.html(seen),
        make_attachment=lambda: json.dumps(
            {"draft": pruned(answers(draft.data))}, ensure_ascii=False, indent=1
        ).encode(),
        draft=True,
    )


def _family(decision: Decision, target: Target) -> Family:
    known = target.wording.families
    if target.family:
        chosen = target.wording.family(target.family)
    else:
        try:
            chosen = target.wording.family_of(decision)
        except RenderError:  # none prints all of it: `status` says so; the newest that can shows the rest
            fitting = [each for each in known.values() if not each.missing(decision)]
            chosen = fitting[-1] if fitting else list(known.values())[-1]
    lacking = chosen.missing(decision)
    if lacking:
        message = f"the draft has no {' and no '.join(lacking)}, which every letter of family {chosen.name} needs"
        raise UsageError.of(message, remedy="write them down, or choose another family")
    return chosen


def _placeholder(seen: Any, path: FieldPath) -> None:
    question = question_at(path)
    if question is None:
        return
    path = question_path(path)
    for step in path[:-1]:
        seen = seen[step]
    seen[path[-1]] = AsPrinted(None, f"[{question.label}?]")


def _rationale(blocks: Any, target: Target) -> str:
    """Return the words of a rationale; a snippet that cannot be printed is named instead."""
    paragraphs = []
    for block in blocks:
        if isinstance(block, SnippetUse):
            paragraphs.append(_snippet_words(block.snippet, block.version, block.values, target))
        else:
            paragraphs.append(block.text)
    return PARAGRAPH.join(paragraphs)


def _snippet_words(id_: str, version: int, values: Mapping[str, str], target: Target) -> str:
    try:
        snippet = target.wording.library.get(id_, version)
        return snippet.words(values)
    except UsageError:
        return f"[Snippet {id_} version {version}?]"
    except RenderError:
        return words_of(snippet, values)


def watch(
    path: Path, to: str = "text", target: Target = ANY, *, pause: Callable[[], None] = rest
) -> Iterator[bytes | ImrLettersError]:
    """Yield the preview whenever the draft has changed, or the error that keeps it from being shown; never end."""
    for _ in changed(path, pause):
        try:
            yield preview(Draft.read(read_bytes(path), str(path)), to, target)
        except ImrLettersError as error:
            yield error


def may_replace(output: Path) -> bool:
    """Return whether a file is an earlier preview in text, which a new one may replace unasked."""
    try:
        with opened(output) as file:
            return file.read(len(MARK)) == MARK.encode()
    except (OSError, InputError):
        return False
