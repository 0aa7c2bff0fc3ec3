"""Damage letters by whole pages and count what is read without a warning: `python -m tests.damage_campaign`.

Every page of every letter is lost, doubled, swapped with the next, or replaced by the page of another letter at its
place: in the tagged PDF, in one without tags, and in the text of its pages with form feeds. The letters are the samples
without the running lines of their pages, which would give the damage away, and the real ones, where
`IMR_LETTERS_CORPUS` names a folder of them.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import pikepdf

from imr_letters import samples
from imr_letters.engine.errors import ImrLettersError
from imr_letters.engine.parse import parse
from imr_letters.media import text
from imr_letters.media.pdf import reader
from imr_letters.wording import SHIPPED
from tests import pdfs
from tests.conftest import PUBLISHED, needs, real_letters, without_tags

Medium = Literal["tagged", "untagged", "text"]
MEDIA: tuple[Medium, ...] = ("tagged", "untagged", "text")
#: The page of this letter with that index, or where `foreign`, of the other one.
Page = tuple[int, bool]


class Damage(NamedTuple):
    """What was done to which page, and the pages that are left, in order."""

    kind: str
    at: str
    pages: list[Page]


class Damaged(NamedTuple):
    """A damaged letter and what became of it: `refused`, `warned` or `silent`."""

    letter: str
    medium: Medium
    kind: str
    at: str
    verdict: str


def damages(count: int, other: int) -> Iterator[Damage]:
    """Yield every damage to a letter of `count` pages, foreign pages from a letter of `other` pages."""
    pages: list[Page] = [(number, False) for number in range(count)]
    for number, page in enumerate(pages):
        at = "first" if number == 0 else "last" if number == count - 1 else "middle"
        before, after = pages[:number], pages[number + 1 :]
        yield Damage("lost", at, before + after)
        yield Damage("doubled", at, [*before, page, page, *after])
        if after:
            yield Damage("swapped", at, [*before, after[0], page, *after[1:]])
        same_place = other - 1 if at == "last" else min(number, other - 1)
        yield Damage("foreign", at, [*before, (same_place, True), *after])


def without_running_lines(pdf: bytes) -> bytes:
    """Return a PDF without its artifacts: real letters have no running titles and page numbers."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for page in file.pages:
            left: list[Any] = []
            depth = 0
            instructions: Any = pikepdf.parse_content_stream(page)
            for operands, operator in instructions:
                begins, ends = str(operator) in ("BDC", "BMC"), str(operator) == "EMC"
                if depth or (begins and str(operands[0]) == "/Artifact"):
                    depth += begins - ends
                else:
                    left.append((operands, operator))
            page.Contents = file.make_stream(pikepdf.unparse_content_stream(left))
        return _saved(file)


def letters(*, real: bool) -> list[tuple[str, bytes]]:
    """Return name and PDF of each published sample or real letter with several pages."""
    if real:
        found = [(path.stem, path.read_bytes()) for path in real_letters() if path.suffix == ".pdf"]
    else:
        found = [
            (path.stem, without_running_lines(pdfs.sample(path)))
            for path in samples.decisions()
            if _reads(pdfs.sample(path), "tagged") == "whole"
        ]
    return [(name, data) for name, data in found if _count(data) > 1]


def damaged(found: Sequence[tuple[str, bytes]], medium: Medium) -> Iterator[Damaged]:
    """Damage each letter in every way and yield what is read of it."""
    for index, (name, data) in enumerate(found):
        other = found[(index + 1) % len(found)][1]
        mine, theirs = (data, other) if medium == "tagged" else (without_tags(data), without_tags(other))
        texts = (_texts(mine), _texts(theirs))
        for damage in damages(_count(data), _count(other)):
            if medium == "text":
                given = "\f".join(texts[foreign][number] for number, foreign in damage.pages).encode()
            else:
                given = _arranged(mine, theirs, damage.pages, keep=medium == "tagged")
            verdict = _reads(given, medium)
            if damage.kind == "foreign" or not _same_words(texts[0], damage.pages):
                yield Damaged(name, medium, damage.kind, damage.at, "silent" if verdict == "whole" else verdict)


def _same_words(pages: Sequence[str], left: Sequence[Page]) -> bool:
    """Return whether only empty pages were lost, doubled or moved."""
    return "".join(pages).split() == "".join(pages[number] for number, _ in left).split()


def _reads(data: bytes, medium: Medium) -> str:
    """Return `refused`, `warned`, or `whole` for a letter that is read without a warning."""
    try:
        source: Any = text.source(data) if medium == "text" else reader.read_here(data, ours=False, layout=True)
        reading = parse(source, [SHIPPED.families[name] for name in PUBLISHED])
    except ImrLettersError:
        return "refused"
    return "warned" if any(each.severity != "note" for each in reading.findings) else "whole"


def _arranged(mine: bytes, theirs: bytes, pages: Sequence[Page], *, keep: bool) -> bytes:
    """Return a PDF of these pages; `keep` takes them out of the file and puts them into it, tags and all."""
    with pikepdf.open(io.BytesIO(mine)) as file, pikepdf.open(io.BytesIO(theirs)) as other:
        left = [(other if foreign else file).pages[number] for number, foreign in pages]
        made = file if keep else pikepdf.new()
        del made.pages[:]
        made.pages.extend(left)
        return _saved(made)


def _saved(file: Any) -> bytes:
    out = io.BytesIO()
    file.save(out, encryption=False)
    return out.getvalue()


def _count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as file:
        return len(file.pages)


def _texts(data: bytes) -> list[str]:
    """Return the text of each page, as pdftotext extracts it."""
    command = [needs("pdftotext"), "-", "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=True)  # noqa: S603
    return done.stdout.decode().split("\f")[:-1]


def main() -> None:
    """Damage all letters in all media, print the table and the damaged letters that nobody noticed."""
    worst = 0.0
    for real in (False, True):
        found = letters(real=real)
        for medium in MEDIA:
            done = list(damaged(found, medium))
            counted = Counter((each.kind, each.at, each.verdict) for each in done)
            for (kind, at, verdict), count in sorted(counted.items()):
                print(f"{'real' if real else 'samples'} {medium:9}{kind:8} {at:7}{verdict:8}{count:5}")  # noqa: T201
            silent = [each for each in done if each.verdict == "silent"]
            for each in silent:
                print("silent:", *each[:4])  # noqa: T201
            if done:
                worst = max(worst, len(silent) / len(done))
                print(f"{medium}: {len(silent)} of {len(done)} silent ({len(silent) / len(done):.1%})")  # noqa: T201
    sys.exit(1 if worst > 0.02 else 0)


if __name__ == "__main__":
    main()
