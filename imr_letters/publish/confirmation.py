"""The record of a person's confirmation, next to a public edition: who, when, of what, what was kept and why."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imr_letters.engine.files import write
from imr_letters.publish.edition import Edition
from imr_letters.publish.found import Doubt, Replacement
from imr_letters.publish.review import remaining

#: Version of the record's shape.
FORMAT = 1
_SUFFIX = ".confirmation.json"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmation of one file of a public edition. It holds none of the words that are withheld."""

    edition: Edition
    role: str
    at: datetime

    def data(self, file: Path, content: bytes) -> dict[str, Any]:
        """Return the record of a file with this content."""
        made = self.edition
        return {
            "format": FORMAT,
            "file": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "confirmed_by": self.role,
            "confirmed_at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "replaced": dict(sorted(Counter(each.kind for each in made.replacements if not each.kept).items())),
            "kept": [
                *(_kept(each, each.kind) for each in made.replacements if each.kept),
                *(_kept(each, each.what) for each in made.doubts if each.kept),
            ],
            "left_in_no_vocabulary": len(remaining(made)),
        }

    def write(self, file: Path, content: bytes, *, replace: bool, mode: int | None = None) -> Path:
        """Write the record next to the file and return its path; one that differs only in its time is left.

        Raises `ConflictError` where another one is there and `replace` is not asked for.
        """
        path = file.with_name(file.name + _SUFFIX)
        data = self.data(file, content)
        if not _says_the_same(path, data):
            write(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode(), replace=replace, mode=mode)
        return path


def _kept(each: Replacement | Doubt, looked_like: str) -> dict[str, Any]:
    return {
        "number": each.number,
        "field": each.field,
        "paragraph": each.paragraph,
        "looked_like": looked_like,
        "why": each.why or None,
    }


def _says_the_same(path: Path, data: dict[str, Any]) -> bool:
    try:
        before = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(before, dict) and {**before, "confirmed_at": data["confirmed_at"]} == data
