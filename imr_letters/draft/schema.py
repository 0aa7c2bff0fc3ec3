"""The JSON Schema of drafts, for editors: it is saved next to the drafts, which name it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from imr_letters.draft.edits import UNFINISHED
from imr_letters.engine.files import write
from imr_letters.engine.records.loading import read_bytes
from imr_letters.imr.model import schema as decision_schema
from imr_letters.imr.model.decision import FORMAT

#: Name of its file.
NAME = "draft.schema.json"
#: How the identifier of every version of it begins.
_ID = "urn:imr-letters:draft:"


def draft_schema() -> dict[str, Any]:
    """Return the JSON Schema of drafts: the decision's, with nothing required and every field allowed to be empty."""
    made = decision_schema()
    made["$id"] = f"{_ID}{FORMAT}"
    made["title"] = "Draft"
    rationale = made["$defs"]["Item"]["properties"]["rationale"]
    prose = {"type": "string", "description": "Prose, in paragraphs."}
    made["$defs"]["Item"]["properties"]["rationale"] = {
        **{key: rationale.pop(key) for key in ("title", "description") if key in rationale},
        "anyOf": [prose, rationale],
    }
    for group in (made, *made.get("$defs", {}).values()):
        group.pop("required", None)
        group.pop("minItems", None)
        if "properties" in group:
            group["properties"] = {name: _or_empty(inner) for name, inner in group["properties"].items()}
    made["properties"][UNFINISHED] = {
        "description": "Fields whose answers are not finished. Take a line out once its answer is.",
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
    }
    return made


def _or_empty(inner: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {key: inner[key] for key in ("title", "description") if key in inner}
    rest = {key: value for key, value in inner.items() if key not in said and key not in ("minItems", "default")}
    return {**said, "anyOf": [rest, {"type": "null"}]}


def reference(draft: Path, schema_file: Path) -> str:
    """Return how a draft names its schema: by a path relative to itself where there is one."""
    try:
        return Path(os.path.relpath(schema_file.resolve(), draft.resolve().parent)).as_posix()
    except ValueError:  # on another drive
        return schema_file.resolve().as_posix()


def save(schema_file: Path) -> None:
    """Write the schema of drafts; an older one is replaced. Raises `ConflictError` where another file is there."""
    ours = schema_file.is_file() and _ID.encode() in read_bytes(schema_file)[:1000]
    data = json.dumps(draft_schema(), indent=2, ensure_ascii=False) + "\n"
    write(schema_file, data.encode(), replace=ours)
