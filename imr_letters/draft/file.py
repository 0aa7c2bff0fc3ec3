"""A draft in its file: written atomically, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

from pathlib import Path

from imr_letters.draft.draft import Draft
from imr_letters.engine.errors import ConflictError, InputError
from imr_letters.engine.files import write
from imr_letters.engine.records.loading import read_bytes


class DraftFile:
    """The file of a draft. Raises `InputError` or `DecisionError` where it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a link stays a link: what it names is written
        self.name = str(path)
        self._known = read_bytes(self.path)
        if not self.path.stat().st_mode & 0o222:  # a file is replaced, not written into: that would pass over it
            remedy = "copy it, or take the protection off"
            raise InputError.of("is protected against writing", source=self.name, remedy=remedy, code="output")
        self.draft = Draft.read(self._known, self.name)

    def save(self, draft: Draft) -> None:
        """Write the next version of the draft.

        Raises `ConflictError` where the file changed since it was read: it stays as it is, and this version is
        written to a file next to it.
        """
        data = draft.bytes
        if not self.path.is_file() or read_bytes(self.path) != self._known:
            mine = self._beside("mine", data)
            message = "was changed by somebody else since it was read; it stays as it is"
            remedy = f"your version is in {mine.name} beside it: bring the two together"
            raise ConflictError.of(message, source=self.name, remedy=remedy)
        write(self.path, data, replace=True)
        self._known = data
        self.draft = draft

    def put_aside(self, words: str) -> Path:
        """Keep an answer that has no place in the draft in a file next to it, and return that file."""
        return self._beside("unsaved", words.encode("utf-8", "replace"))

    def _beside(self, suffix: str, data: bytes) -> Path:
        """Write a file next to the draft, under a name that nothing else has."""
        for number in range(1, 1000):
            mine = self.path.with_name(self.path.name + f".{suffix}{'' if number == 1 else f'-{number}'}")
            if not mine.exists() or mine.read_bytes() == data:
                break
        write(mine, data, like=self.path)  # no more readers than the draft has
        return mine


def check_same(path: Path, other: Path) -> None:
    """Refuse to write over the draft itself. Raises `ConflictError`."""
    if other.exists() and path.exists() and other.samefile(path):
        message, remedy = "would write over the draft itself", "choose another place with -o"
        raise ConflictError.of(message, source=str(other), remedy=remedy)
