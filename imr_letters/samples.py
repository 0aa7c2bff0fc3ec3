"""The shipped samples: invented decisions of every shape, and their letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imr_letters.engine.errors import ConflictError, Finding
from imr_letters.engine.files import write
from imr_letters.imr.records import load
from imr_letters.letters import RenderedLetter, parse, render
from imr_letters.media.table import READ
from imr_letters.wording import shipped

#: The folders of the samples.
DECISIONS, _LETTERS = shipped("samples") / "decisions", shipped("samples") / "letters"


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of one sample: the files that were written, and what was found when they were read back."""

    name: str
    letter: RenderedLetter
    files: tuple[Path, ...]
    identical: tuple[str, ...]


def decisions() -> list[Path]:
    """Return the decision files of the samples in order."""
    return sorted((DECISIONS).glob("*.yaml"))


def demonstrate(folder: Path, *, complete: bool) -> Iterator[Shown]:
    """Render every sample in a folder to all media that are read, read the letters back, and yield what came of each.

    On a machine that is not complete, media that need an engine to draw their letters are left out.
    """
    made_in = [medium for medium in READ.values() if complete or medium.engine is None]
    for path in decisions():
        letter = render(load(path))
        files: list[Path] = []
        identical: list[str] = []
        for medium in made_in:
            files.append(folder / f"{path.stem}{medium.suffix}")
            write(files[-1], letter.to(medium.name), replace=True)
            if parse(files[-1]).decision == letter.decision:
                identical.append(medium.name)
        yield Shown(path.stem, letter, tuple(files), tuple(identical))


def remake(*, check: bool) -> list[Path]:
    """Write the text letters of the samples anew; return the files that were out of date.

    With `check` nothing is written, and a letter that is out of date is a `ConflictError`.
    """
    letters = _LETTERS
    stale: list[Path] = []
    made = {letters / f"{path.stem}.txt": render(load(path)).text.encode() for path in decisions()}
    for path, data in made.items():
        if not path.exists() or path.read_bytes() != data:
            stale.append(path)
            if not check:
                write(path, data, replace=True)
    for path in sorted(letters.glob("*.txt")):
        if path not in made:
            stale.append(path)
            if not check:
                path.unlink()
    if check and stale:
        raise ConflictError(
            *(
                Finding("samples", "error", "is out of date", source=str(path), remedy="imr-letters samples")
                for path in stale
            )
        )
    return stale
