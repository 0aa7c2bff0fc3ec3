"""What can go wrong, said so that the person who reads it can mend it.

Everything the user can mend is an `ImrLettersError`; the command line prints its text without a traceback and
leaves with its `exit_code`. Anything else that is raised is a bug and stays a traceback.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self, TypedDict, Unpack

from imr_letters.engine import showing

#: `advice` is of lint rules alone; a `note` tells what was noticed or guessed while reading.
Severity = Literal["error", "warning", "advice", "note"]

#: Longest piece of a letter or file that a message quotes, in characters.
EXCERPT = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed about a letter, a decision or a template, with the place it was noticed at.

    `line` and `column` count from 1 in the source that was read; `excerpt` is the source line (shortened),
    `mark` the offset and length of the words meant within it. `field` is the decision's field, `also` are the other
    fields it is about, such as the earlier of two dates in the wrong order, `template` is the place in the
    template (`templates/dwc-2015/letter.html.jinja line 12`). `example` shows, on lines of its own, words that could
    be read in two ways, and both readings.
    """

    code: str
    severity: Severity
    message: str
    _: KW_ONLY
    source: str = ""
    line: int | None = None
    column: int | None = None
    excerpt: str = ""
    mark: tuple[int, int] | None = None
    field: str = ""
    also: tuple[str, ...] = ()
    template: str = ""
    remedy: str = ""
    example: str = ""

    def text(self) -> str:
        """Return the message as people read it: place, message, excerpt with carets, field, example, remedy.

        Characters that cannot be seen are shown as ?, so that no input can play tricks on a terminal.
        """
        source = showing.line(self.source)
        place = ":".join(str(part) for part in (source, self.line, self.column) if part not in ("", None))
        label = "" if self.severity == "error" else f"{self.severity}: "
        message = _one_line(self.message)
        lines = [f"{place}: {label}{message}" if place else f"{label}{message}"]
        if self.excerpt:
            lines.append(f"    {_one_line(self.excerpt)}")
            if self.mark is not None:
                start, length = self.mark
                lines.append("    " + " " * start + "^" * max(1, length))
        about = ", ".join(part for part in (f"field {self.field}" if self.field else "", self.template) if part)
        if about:
            lines.append(_one_line(about))
        lines += [f"    {line}" for line in self.example.splitlines()]
        if self.remedy:
            lines.append(f"remedy: {_one_line(self.remedy)}")
        return showing.text("\n".join(lines))

    def as_dict(self) -> dict[str, Any]:
        """Return the stable shape that `--json` prints; empty parts are left out, and secrets of addresses masked."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["source"] = showing.masked(self.source)
        return {name: value for name, value in values.items() if value not in ("", None, ())}

    @classmethod
    def from_dict(cls, shape: dict[str, Any]) -> Finding:
        """Return the finding of a shape that `as_dict` made, also after it went through JSON."""
        mark = shape.get("mark")
        return cls(**{**shape, "mark": tuple(mark) if mark else None, "also": tuple(shape.get("also", ()))})

    def at(self, source: str) -> Finding:
        """Return the same finding with the name of the source it was found in."""
        return self if self.source else replace(self, source=source)


def _one_line(words: str) -> str:
    """Return words without line ends, which a name in them may hold: no line of a message is somebody else's."""
    return words.replace("\n", "?")


def excerpt(line: str, start: int, length: int) -> tuple[str, tuple[int, int]]:
    """Return a window of `line` around `start` that fits a message, and where the mark falls in it."""
    if len(line) <= EXCERPT:
        return line, (start, max(1, min(length, len(line) - start)))
    left = max(0, min(start - EXCERPT // 3, len(line) - EXCERPT))
    piece = line[left : left + EXCERPT]
    head, tail = ("..." if left else ""), ("..." if left + EXCERPT < len(line) else "")
    offset = start - left
    return head + piece + tail, (len(head) + offset, max(1, min(length, len(piece) - offset)))


class FindingPlace(TypedDict, total=False):
    """What a `Finding` says apart from its code, severity and message."""

    source: str
    line: int | None
    column: int | None
    excerpt: str
    mark: tuple[int, int] | None
    field: str
    template: str
    remedy: str
    example: str


class ImrLettersError(Exception):
    """Something the user can fix.

    `findings` holds every fault, `exit_code` what a command ends with, `code` the finding of an error of one fault.
    """

    exit_code: ClassVar[int] = 5
    code: ClassVar[str] = "input"

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings: tuple[Finding, ...] = findings

    @classmethod
    def of(cls, message: str, *, code: str = "", **place: Unpack[FindingPlace]) -> Self:
        """Return the error of one fault, with the code of this kind of error unless another is given."""
        return cls(Finding(code or cls.code, "error", message, **place))

    def __str__(self) -> str:
        return "\n\n".join(finding.text() for finding in self.findings)

    def at(self, source: str) -> ImrLettersError:
        """Return the same error naming the file it came from, where it names none yet."""
        return type(self)(*(finding.at(source) for finding in self.findings))


class InputError(ImrLettersError):
    """A file that cannot be read at all: missing, binary, too large, not the kind of file it should be."""


class DecisionError(ImrLettersError):
    """A decision with missing, unknown or ill-formed fields."""

    code = "decision"


class LetterError(ImrLettersError):
    """A letter that does not read as any letter family."""


class DriftError(LetterError):
    """A letter whose fixed wording, or the form of a value, differs from its family's."""

    exit_code = 1


class AmbiguousError(LetterError):
    """A letter that reads in two ways; neither is chosen."""

    exit_code = 1


class RenderError(ImrLettersError):
    """A decision whose letter would not read back to the same decision, so it is not written."""

    exit_code = 1


class TemplateError(ImrLettersError):
    """A template that is refused when it is loaded: every fault of it at once."""

    code = "family"
    exit_code = 1


class SnippetError(ImrLettersError):
    """A library of snippets that is refused when it is loaded: every fault of it at once."""

    exit_code = 1


class ConflictError(ImrLettersError):
    """Writing would overwrite something else."""

    code = "output"
    exit_code = 4


class UsageError(ImrLettersError):
    """A request that makes no sense: an unknown family, two inputs for one output."""

    code = "usage"
    exit_code = 2


class EngineError(ImrLettersError):
    """A part of the machine that is missing, such as Pango for PDF."""

    code = "engine"
    exit_code = 5
