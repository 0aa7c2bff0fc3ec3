"""From a finished draft to the decision."""

from __future__ import annotations

import json
from pathlib import Path

from imr_letters import letters
from imr_letters.draft import yamltext
from imr_letters.draft.draft import Draft
from imr_letters.draft.edits import answers
from imr_letters.draft.file import check_same
from imr_letters.draft.probing import pruned
from imr_letters.draft.status import ANY, Open, Target, status
from imr_letters.engine.errors import DecisionError
from imr_letters.engine.files import write
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads


def decision(draft: Draft, target: Target = ANY, *, lint: bool = True) -> tuple[Decision | None, list[Open]]:
    """Return the decision of a draft, and what is open; no decision while anything is missing or faulty.

    The decision is in normal form, as reading its letter gives it. What is only doubtful keeps nobody from finishing
    as long as the letter can be rendered. Errors of lint keep from it unless `lint` is false.
    """
    found = status(draft, target)
    if any(each.blocks and (lint or not each.by_lint) for each in found):
        return None, found
    made = loads(json.dumps(pruned(answers(draft.data))), draft.name)
    letter = letters.render(made, target.family, target.wording)
    return letter.decision, found


def save(made: Decision, draft: Path, output: Path, *, replace: bool = False) -> None:
    """Write a decision file, in JSON where its name says so. Raises `ConflictError` for a different file there."""
    check_same(draft, output)
    data = made.data()
    if output.suffix.lower() == ".json":
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    else:
        text = yamltext.text(data)
    if loads(text, str(output)) != made:
        raise DecisionError.of("cannot be written as YAML", remedy="write it as .json")
    write(output, text.encode(), replace=replace)
