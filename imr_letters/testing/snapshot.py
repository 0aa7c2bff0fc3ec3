"""Snapshots of letters: one file for each that people can review, compared word by word and page by page.

Needs pytest and syrupy, which come with `imr-letters[testing]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from imr_letters.api import RenderedLetter, render
from imr_letters.engine.errors import EngineError, ImrLettersError
from imr_letters.english.differences import word_diff
from imr_letters.imr.model import Decision
from imr_letters.imr.records import load
from imr_letters.media.pdf import raster as pdf_pictures

Medium = Literal["text", "html", "pdf"]

_STYLE = re.compile("<style>.*?</style>", re.DOTALL)
#: The folder beside the snapshots for letters that differ from theirs.
RECEIVED = "__received__"
#: The share of a page's dots that may differ. A word that changed is about 0.001 of a page.
TOLERANCE = 0.0002


class TextFile(SingleFileSnapshotExtension):
    """A letter as text, or the words of its pages."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class HtmlFile(SingleFileSnapshotExtension):
    """A letter as a page of HTML, without its stylesheet."""

    _write_mode = WriteMode.TEXT
    file_extension = "html"


class PageFile(SingleFileSnapshotExtension):
    """The picture of a page, which need not be the same to the dot."""

    file_extension = "png"
    tolerance: float = TOLERANCE

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        """Tell whether no more dots differ than may."""
        return pdf_pictures.share(snapshot_data, serialized_data) <= self.tolerance


class LetterSnapshot:
    """The fixture `letter_snapshot`: compares a decision's letter with the one that was kept.

    def test_wording(letter_snapshot):
        letter_snapshot(make_decision(items=2), "text", "html", "pdf", family="example-2026")
    """

    #: By medium: what a snapshot of it is called in messages.
    _KINDS: ClassVar[dict[Medium, str]] = {"text": "text letter", "html": "page of HTML", "pdf": "PDF"}

    def __init__(
        self,
        snapshot: SnapshotAssertion,
        *,
        templates: Path | None = None,
        snippets: Path | None = None,
        tolerance: float = TOLERANCE,
    ) -> None:
        self._snapshot = snapshot
        self._calls = 0
        self.templates = templates
        self.snippets = snippets
        self.tolerance = tolerance

    def __call__(
        self,
        letter: RenderedLetter | Decision | Path,
        *media: Medium,
        family: str | None = None,
        name: str = "",
    ) -> RenderedLetter:
        """Compare a letter, or that of a decision or a decision file, in some media (text without any).

        `name` tells several letters of one test apart; they are numbered without. Fails with all that differs, word by
        word, and writes the letter that was received beside the snapshots. Returns the letter.
        """
        __tracebackhide__ = True
        unknown = set(media) - set(self._KINDS)
        if unknown:
            raise ValueError(f"no such medium: {', '.join(sorted(unknown))}; use {', '.join(self._KINDS)}")
        name = name or (str(self._calls) if self._calls else "")
        self._calls += 1
        faults: list[str] = []
        missing: EngineError | None = None
        try:
            if not isinstance(letter, RenderedLetter):
                decision = load(letter) if isinstance(letter, Path) else letter
                letter = render(decision, family, templates=self.templates, snippets=self.snippets)
            for medium in media or ("text",):
                faults += self._compare(letter, medium, name)
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
        if medium == "text":
            yield from self._words(letter.text, TextFile, name, self._KINDS[medium])
        elif medium == "html":
            # Looks are compared in the pages: the stylesheet would make every letter's file change with a rule of it.
            page = _STYLE.sub("<style></style>", letter.html, count=1)
            yield from self._words(page, HtmlFile, name, self._KINDS[medium])
        else:
            pages = pdf_pictures.pages(letter.pdf())
            words = [f"page {at} of {len(pages)}\n\n{each.words}\n" for at, each in enumerate(pages, start=1)]
            yield from self._words("\n\n".join(words), TextFile, _joined(name, "pages"), self._KINDS[medium])
            for at, each in enumerate(pages, start=1):
                yield from self._picture(each.picture, _joined(name, f"page-{at}"), at)

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
        _keep(difference, pdf_pictures.overlay(kept, received))
        share = pdf_pictures.share(kept, received)
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
        """Return where a letter goes that differs: the path of its snapshot, in a folder beside that of snapshots."""
        location = assertion.extension.get_location(test_location=assertion.test_location, index=name or 0)
        path = Path(location)
        return path.parents[1].with_name(RECEIVED) / path.parent.name / path.name


def _joined(name: str, part: str) -> str:
    return f"{name}-{part}" if name else part


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
