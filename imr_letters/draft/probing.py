"""A draft completed for a check: with sound values for what is missing or faulty, the model can judge the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from imr_letters.draft.answers import stand_in
from imr_letters.draft.edits import answers
from imr_letters.draft.questions import parse, paths, question_at, question_path, type_at
from imr_letters.engine.errors import DecisionError, Finding
from imr_letters.engine.paths import FieldPath
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads


@dataclass(slots=True)
class Probe:
    """A draft made whole: sound values stand in for what is missing or faulty."""

    data: dict[str, Any]
    missing: list[FieldPath] = field(default_factory=list)
    faults: list[tuple[FieldPath, Finding]] = field(default_factory=list)
    decision: Decision | None = None


def pruned(data: Any) -> Any:
    """Return plain data without what is empty. The entries of `items` stay, so that their numbers do."""
    if isinstance(data, Mapping):
        found = {name: pruned(inner) for name, inner in data.items()}
        return {name: inner for name, inner in found.items() if not _empty(inner)}
    if isinstance(data, list):
        entries = [pruned(entry) for entry in data]
        return [entry for entry in entries if not _empty(entry) or isinstance(entry, dict)]
    return data


def _empty(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def probe(data: dict[str, Any]) -> Probe:
    """Return a draft's data made whole, with what was missing and what the model refuses."""
    data = answers(data)
    whole = pruned(data)
    if "case" in data:
        whole.setdefault("case", {})
    items = whole.get("items", [{}])
    if isinstance(items, list):
        whole["items"] = [{} if _empty(item) else item for item in data.get("items") or [{}]]
        whole["items"] = [pruned(item) if isinstance(item, dict) else item for item in whole["items"]]
    found = Probe(whole)
    for path, _, needed in paths(data):
        if needed and not _has(whole, path):
            found.missing.append(path)
            _put(whole, path, stand_in(path))
    for _ in range(40):  # each time up to fifty faults are found and removed
        try:
            found.decision = loads(json.dumps(whole))
            return found
        except DecisionError as error:
            for finding in error.findings:
                path = parse(finding.field)
                if (path, finding) not in found.faults:
                    found.faults.append((path, finding))
                _repair(whole, path)
    return found


def _has(data: Any, path: FieldPath) -> bool:
    """Return whether there is an answer at a path; what is no group of fields is at fault, and not missing."""
    for step in path:
        if not isinstance(data, list if isinstance(step, int) else dict):
            return True
        try:
            data = data[step]  # type: ignore[index] # it is the kind of container that the step is into
        except (KeyError, IndexError):
            return False
    return True


def _put(data: Any, path: FieldPath, value: Any) -> None:
    for here, after in pairwise(path):
        data = data[here] if isinstance(here, int) else data.setdefault(here, [{}] if isinstance(after, int) else {})
    data[path[-1]] = value


def _repair(data: dict[str, Any], path: FieldPath) -> None:
    """Put a sound value where the model found a fault, or take out what is no field."""
    if question_at(path) is not None:
        path = question_path(path)
    if path and type_at(path) is not None:
        _put(data, path, stand_in(path))
    else:
        _strip(data, ())


def _strip(data: Any, path: FieldPath) -> None:
    """Take out what is no field, and words kept as printed."""
    if isinstance(data, list):
        for index, entry in enumerate(data):
            _strip(entry, (*path, index))
    elif isinstance(data, dict) and question_at(path) is None:
        for name in list(data):
            if type_at((*path, name)) is None:
                del data[name]
            else:
                _strip(data[name], (*path, name))
