"""The folder of drafts that the studio shows: its own files, no folder below it, and nothing that is a link."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from imr_letters.draft import questionnaire, start
from imr_letters.draft.draft import Draft
from imr_letters.draft.questions import ROLES
from imr_letters.draft.status import Target, status
from imr_letters.engine.errors import ImrLettersError, InputError, UsageError
from imr_letters.engine.records.loading import read_bytes

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}(?:\.[A-Za-z0-9_-]+)*")
#: What the name of a finished draft's decision file ends with.
DECISION = "-decision.yaml"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A draft in the list of cases: its file's name, its case number, and how many things are open, by role."""

    name: str
    number: str
    open: tuple[tuple[str, int], ...]
    fault: str = ""
    finished: bool = False


class CaseFolder:
    """A folder of drafts. Raises `InputError` where there is none."""

    def __init__(self, path: Path, target: Target) -> None:
        if not path.is_dir():
            raise InputError.of("is not a folder", source=str(path), remedy="name the folder that holds the drafts")
        self.path = path.resolve()
        self.target = target

    def names(self) -> list[str]:
        """Return the names of the drafts."""
        with os.scandir(self.path) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_file(follow_symlinks=False)
                and _NAME.fullmatch(entry.name)
                and entry.name.endswith((".yaml", ".yml"))
                and not entry.name.endswith(DECISION)
            )

    def file(self, name: str) -> Path:
        """Return the file of a draft. Raises `InputError` for a name that is not in the list."""
        if name not in self.names():
            raise InputError.of("is no draft of this folder", source=name)
        return self.path / name

    def rows(self) -> list[CaseRow]:
        """Return the list of cases."""
        return [self._row(name) for name in self.names()]

    def _row(self, name: str) -> CaseRow:
        path = self.path / name
        try:
            seen = path.stat()
            number, open_ = _looked_at(path, seen.st_mtime_ns, seen.st_size, self.target)
        except (ImrLettersError, OSError) as error:
            fault = error.findings[0].message if isinstance(error, ImrLettersError) else "cannot be read"
            return CaseRow(name, "", (), fault)
        return CaseRow(name, number, open_, finished=decision_file(path).is_file())

    def add(self, name: str, items: int) -> str:
        """Write a new draft with every question and return the name of its file. Raises `UsageError`."""
        if not _NAME.fullmatch(name):
            message = "a draft's name has letters, digits, hyphens and underscores"
            raise UsageError.of(message, remedy="use the case number, such as CM16-0213037")
        file = self.path / f"{name.removesuffix('.yaml')}.yaml"
        start.save(questionnaire.text(items=items), file)
        return file.name


def decision_file(draft: Path) -> Path:
    """Return where the decision of a draft goes when it is finished."""
    return draft.with_name(draft.stem + DECISION)


@lru_cache(maxsize=2000)
def _looked_at(path: Path, changed: int, size: int, target: Target) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return the case number of a draft and what is open by role, looked up once for each version of the file."""
    del changed, size
    draft = Draft.read(read_bytes(path), path.name)
    open_ = [each for each in status(draft, target) if each.blocks]
    counts = [(role, sum(each.roles[0] == role for each in open_)) for role in ROLES]
    return str(draft.value(("case", "number")) or ""), tuple(each for each in counts if each[1])
