"""Letters of one wording: made from decisions, read back, and checked both ways."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path

from imr_letters.engine.choice import in_form
from imr_letters.engine.errors import Finding, LetterError
from imr_letters.engine.parse import parse as parse_source
from imr_letters.engine.records.loading import read_bytes
from imr_letters.engine.render import render as render_letter
from imr_letters.engine.template.compiled import view
from imr_letters.engine.values import Part
from imr_letters.imr.form import Family, Letter, Reading
from imr_letters.imr.model import Decision
from imr_letters.imr.records import looks_like_decision
from imr_letters.media import table as media
from imr_letters.media import text
from imr_letters.media.medium import LARGEST, PreparedSource, Printable
from imr_letters.verification import compare, unproven, verify_attachment, verify_reading
from imr_letters.wording import SHIPPED, Wording

#: A letter, or a file that holds one: its text, its bytes, its path, or what `prepared` made of either.
Given = str | bytes | Path | PreparedSource


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A finished letter, read back to its own decision before it was returned."""

    letter: Letter
    _family: Family

    @property
    def decision(self) -> Decision:
        """The decision it was made from, in normal form: own text that says what a snippet says is that snippet."""
        return self.letter.decision

    @property
    def family(self) -> str:
        """The letter family's name."""
        return self.letter.family

    @property
    def text(self) -> str:
        """The letter as text, lines of at most 95 columns."""
        return text.compose(self.letter.blocks)

    @property
    def title(self) -> str:
        """The title of the document, with the case number where there is one."""
        number = self._family.form.number_of(self.decision)
        return f"{self._family.about.title} {number}" if number else self._family.about.title

    @property
    def html(self) -> str:
        """The letter as one HTML page with its stylesheet inside."""
        return self.to("html").decode()

    def pdf(self, *, draft: bool = False) -> bytes:
        """Return the letter as PDF/UA-1 and PDF/A-3a in one file, the decision attached; a draft is stamped as one.

        It is returned only once its pages read back to this letter. Raises `EngineError` where Pango is missing,
        `RenderError` where they do not.
        """
        return self.to("pdf", draft=draft)

    def to(self, medium: str, *, draft: bool = False) -> bytes:
        """Return the letter as a file in a medium of that name. Raises as its writer does; `UsageError` without one."""
        return media.named(medium).write(self.printable(draft=draft))

    def printable(self, *, draft: bool = False) -> Printable:
        """Return the letter with all that any medium needs to write it."""
        day = self._family.form.day_of(self.decision)
        return Printable(
            self.title,
            self.letter.blocks,
            self._family,
            created=datetime.combine(day, time()) if day else None,
            make_body=lambda: self._family.template.html(view(self._family.phrases.resolve(self.decision))),
            make_attachment=lambda: json.dumps(self.decision.data(), ensure_ascii=False, indent=1).encode(),
            draft=draft,
        )


def render(decision: Decision, family: str | None = None, wording: Wording = SHIPPED) -> RenderedLetter:
    """Return the letter of a decision, in the family of that name or the one the decision's own facts choose.

    Raises `RenderError` where the letter would not read back to this very decision.
    """
    if not isinstance(decision, Part):
        raise TypeError(f"expected a Decision, not {type(decision).__name__}; load(path) reads one from a file")
    chosen = wording.family(family) if family else wording.family_of(decision)
    return RenderedLetter(render_letter(in_form(decision, chosen), chosen), chosen)


def prepared(source: Given, name: str = "") -> PreparedSource:
    """Return what a source is: its content, and the medium that recognises it.

    A source that was asked once may be given to every function here. One line of text that is the path of a file is
    that file.
    """
    if isinstance(source, PreparedSource):
        return source
    if isinstance(source, str) and "\n" not in source and len(source) < 1_000:
        with contextlib.suppress(OSError, ValueError):  # what cannot be a path is no path
            source = Path(source) if Path(source).is_file() else source
    if isinstance(source, Path):
        source, name = read_bytes(source, LARGEST), name or str(source)
    if not isinstance(source, str | bytes):
        raise TypeError(f"expected the text, the bytes or the path of a letter, not {type(source).__name__}")
    return media.prepared(source, name)


def is_decision(source: PreparedSource, wording: Wording = SHIPPED) -> bool:
    """Return whether a source is a decision file: one that no medium but text recognises."""
    return source.medium is media.TEXT and looks_like_decision(source.data, source.name, wording.forms)


def parse(
    source: Given,
    family: str | None = None,
    wording: Wording = SHIPPED,
    *,
    name: str = "",
    accept_drift: bool = False,
) -> Reading:
    """Return the one reading of a letter: its text, the bytes of its text or PDF, or the path of a file of either.

    Raises a `LetterError` where there is not exactly one: `DriftError` where fixed wording or the form of a value
    departs from the family's (unless `accept_drift`, which reports changed wording as findings instead), and
    `AmbiguousError` for two readings; `InputError` for what is no letter file at all.
    """
    chosen = [wording.family(family)] if family else list(wording.families.values())
    given = prepared(source, name)
    try:
        return parse_source(given.source, chosen, accept_drift=accept_drift)
    except LetterError as error:
        if error.findings[0].code != "not-a-letter" or not is_decision(given, wording):
            # What the reader of the file found, such as words that nobody can see, may be why.
            noticed = [each for each in given.source.findings if each.severity == "error"]
            raise type(error)(*error.findings, *noticed) from None
        message, remedy = "is a decision file, not a letter", "imr-letters render makes its letter"
        raise LetterError.of(message, code="not-a-letter", source=given.name, remedy=remedy) from None


def verify(
    source: Decision | Given, family: str | None = None, wording: Wording = SHIPPED, *, name: str = ""
) -> list[Finding]:
    """Check a decision (render, read back) or a letter (read, render again); an empty list says they are identical.

    Of a PDF three things are compared: what its pages say, the decision attached to it, and the PDF rendered again;
    `verification.verdict` says what the findings amount to.

    A letter that may not be whole is not identical unless the decision attached to it says that it is.

    Raises as `render` and `parse` do. Notes and warnings of the reading are among the findings.
    """
    if isinstance(source, Part):
        letter = render(source, family, wording)
        reading = parse(letter.text, letter.family, wording, name=name)
        if reading.decision != letter.decision:
            return [Finding("differs", "error", "the text letter does not read back to the same decision", source=name)]
        return compare(reading.blocks, letter.letter, name)
    given = prepared(source, name)
    reading = parse(given, family, wording)
    chosen = wording.family(reading.family)
    findings = [*reading.findings, *verify_reading(reading, chosen, given.name)]
    found = verify_attachment(given, reading.decision, chosen)
    findings += found or []
    if found is None:
        findings = list(map(unproven, findings))
    if given.medium.compare and not any(finding.severity == "error" for finding in findings):
        letter = render(reading.decision, reading.family, wording)
        write = given.medium.write

        def again(*, draft: bool, by_weasyprint: bool = False) -> bytes:
            return write(replace(letter.printable(draft=draft), by_weasyprint=by_weasyprint))

        findings += given.medium.compare(given, again)
    return findings


def decision_of(source: Given, wording: Wording = SHIPPED, *, name: str = "") -> Decision:
    """Return the decision that a decision file or a letter holds, in normal form. Raises as `loads` and `parse` do."""
    given = prepared(source, name)
    if is_decision(given, wording):
        decision = wording.loads(given.data, given.name)
        return wording.phrases_of(decision).normal(decision)[1]
    return parse(given, wording=wording).decision
