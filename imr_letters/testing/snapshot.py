"""Snapshots of letters: one file for each that people can review, compared word by word and page by page.

Needs pytest and syrupy, which come with `imr-letters[testing]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from imr_letters.engine.errors import EngineError, ImrLettersError
from imr_letters.english.differences import word_diff
from imr_letters.imr.model import Decision
from imr_letters.imr.records import load
from imr_letters.letters import RenderedLetter, render
from imr_letters.media.medium import Medium
from imr_letters.media.pdf import raster
from imr_letters.media.table import MEDIA
from imr_letters.wording import SHIPPED, Wording

#: The folder next to the snapshots for letters that differ from theirs.
RECEIVED = "__received__"
#: The share of a page's dots that may differ. A word that changed is about 0.001 of a page.
TOLERANCE = 0.0002


class WordsFile(SingleFileSnapshotExtension):
    """The words of a letter, or of its pages."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@cache
def _words_file(suffix: str) -> type[WordsFile]:
    """Return the kind of file that has this ending: syrupy knows them by their class."""
    return type(f"WordsFile{suffix}", (WordsFile,), {"file_extension": suffix.removeprefix(".")})


class PageFile(SingleFileSnapshotExtension):
    """The picture of a page, which need not be the same to the dot."""

    file_extension = "png"
    tolerance: float = TOLERANCE

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        """Return whether no more dots differ than may."""
        return raster.share(snapshot_data, serialized_data) <= self.tolerance


class LetterSnapshot:
    """The fixture `letter_snapshot`: compares a decision's letter with the one that was kept.

    def test_wording(letter_snapshot):
        letter_snapshot(make_decision(items=2), "text", "html", "pdf", family="example-2026")
    """

    def __init__(
        self,
        snapshot: SnapshotAssertion,
        *,
        wording: Wording = SHIPPED,
        tolerance: float = TOLERANCE,
    ) -> None:
        self._snapshot = snapshot
        self._calls = 0
        self.wording = wording
        self.tolerance = tolerance

    def __call__(
        self,
        letter: RenderedLetter | Decision | Path,
        *to: str,
        family: str | None = None,
        name: str = "",
    ) -> RenderedLetter:
        """Compare a letter, or that of a decision or a decision file, in media of these names (text without any).

        `name` distinguishes several letters of one test; they are numbered without. Fails with all that differs, word
        by word, and writes the letter that was received next to the snapshots. Returns the letter.
        """
        __tracebackhide__ = True
        kinds = {medium.name: medium for medium in MEDIA}
        unknown = set(to) - set(kinds)
        if unknown:
            raise ValueError(f"no such medium: {', '.join(sorted(unknown))}; use {', '.join(kinds)}")
        name = name or (str(self._calls) if self._calls else "")
        self._calls += 1
        faults: list[str] = []
        missing: EngineError | None = None
        try:
            if not isinstance(letter, RenderedLetter):
                decision = load(letter) if isinstance(letter, Path) else letter
                letter = render(decision, family, self.wording)
            for each in to or ("text",):
                faults += self._compare(letter, kinds[each], name)
        except EngineError as error:
            missing = error
        except ImrLettersError as error:
            pytest.fail(f"the letter cannot be made\n\n{error}", pytrace=False)
        if faults:
            hint = "If this is what the letter shall say: pytest --snapshot-update, and review the files."
            pytest.fail("\n\n".join([*faults, hint]), pytrace=False)
        if missing is not None:
            pytest.skip(f"PDF letters cannot be made on this machine: {missing}")
        assert isinstance(letter, RenderedLetter)
        return letter

    def _compare(self, letter: RenderedLetter, medium: Medium, name: str) -> Iterator[str]:
        kept = medium.portrayed(letter.to(medium.name))
        yield from self._words(kept.words, _words_file(kept.suffix), _joined(name, kept.part), medium.title)
        for at, picture in enumerate(kept.pictures, start=1):
            yield from self._picture(picture, _joined(name, f"page-{at}"), at)

    def _words(
        self, received: str, extension: type[SingleFileSnapshotExtension], name: str, kind: str
    ) -> Iterator[str]:
        assertion = self._snapshot.use_extension(extension)
        place = self._place(assertion, name)
        if self._same(assertion, received, name):
            _forget(place)
            return
        kept = assertion.executions[0].recalled_data
        _keep(place, received.encode())
        if kept is None:
            yield f"there is no snapshot of the {kind} yet\nreceived: {_shown(place)}"
        else:
            snapshot = _shown(Path(assertion.executions[0].snapshot_location))
            yield (
                f"the {kind} is not the one that was kept\n{word_diff(str(kept), received)}\n"
                f"kept:     {snapshot}\nreceived: {_shown(place)}"
            )

    def _picture(self, received: bytes, name: str, number: int) -> Iterator[str]:
        assertion = self._snapshot.use_extension(PageFile)
        assert isinstance(assertion.extension, PageFile)
        assertion.extension.tolerance = self.tolerance
        place = self._place(assertion, name)
        difference = place.with_name(f"{place.stem}.difference.png")
        if self._same(assertion, received, name):
            _forget(place, difference)
            return
        kept = assertion.executions[0].recalled_data
        _keep(place, received)
        if not isinstance(kept, bytes):
            yield f"there is no snapshot of page {number} yet\nreceived: {_shown(place)}"
            return
        _keep(difference, raster.overlay(kept, received))
        share = raster.share(kept, received)
        yield (
            f"page {number} does not look as it did: {share:.2%} of its dots differ, {self.tolerance:.2%} may\n"
            f"kept:       {_shown(Path(assertion.executions[0].snapshot_location))}\n"
            f"received:   {_shown(place)}\n"
            f"difference: {_shown(difference)} (red: only kept; blue: only received)"
        )

    @staticmethod
    def _same(assertion: SnapshotAssertion, received: str | bytes, name: str) -> bool:
        """Compare, or write where snapshots are updated. Raises what went wrong in either, which syrupy keeps quiet."""
        same = bool((assertion(name=name) if name else assertion) == received)
        wrong = assertion.executions[0].exception
        if wrong is not None:
            raise wrong
        return same

    @staticmethod
    def _place(assertion: SnapshotAssertion, name: str) -> Path:
        """Return where a letter goes that differs: the path of its snapshot, in a folder next to that of snapshots."""
        location = assertion.extension.get_location(test_location=assertion.test_location, index=name or 0)
        path = Path(location)
        return path.parents[1].with_name(RECEIVED) / path.parent.name / path.name


def _joined(name: str, part: str) -> str:
    return "-".join(each for each in (name, part) if each)


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    ignore = place.parents[1] / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    place.write_bytes(data)


def _forget(*places: Path) -> None:
    for place in places:
        place.unlink(missing_ok=True)


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
