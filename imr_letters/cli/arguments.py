"""What the commands share: arguments, reading of input, going over files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from imr_letters.cli import printing
from imr_letters.engine import showing
from imr_letters.engine.errors import Finding, ImrLettersError, UsageError
from imr_letters.engine.records.loading import read_bytes, read_limited
from imr_letters.media.medium import LARGEST
from imr_letters.media.table import MEDIA

#: Version of the shapes that --json prints.
JSON_VERSION = 1
#: What a command ends with where words are identical and pages could not be proven; any fault outweighs it.
NOT_PROVEN = 6
#: Worker processes unless told.
PROCESSORS = os.cpu_count() or 1

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Files; - is standard input.", show_default=False)]
FamilyName = Annotated[str | None, typer.Option("--family", "-f", help="Letter family, such as dwc-2015.")]
Templates = Annotated[
    Path | None, typer.Option("--templates", help="Folder of templates to use instead of the shipped ones.")
]
Snippets = Annotated[
    Path | None, typer.Option("--snippets", help="Folder of rationale snippets to use instead of the shipped ones.")
]
MEDIA_NAMES = f"[{'|'.join(medium.name for medium in MEDIA)}]"
MEDIUM_HELP = "Medium of the letters."
To = Annotated[str, typer.Option(metavar=MEDIA_NAMES, help=MEDIUM_HELP)]
NoLint = Annotated[
    str | None,
    typer.Option(
        "--no-lint", metavar="REASON", help="Go on although lint finds errors; say why, without naming anyone."
    ),
]


def _mode(given: str | int | None) -> int | None:
    """Return the mode that its digits say. Raises `UsageError`."""
    if given is None or isinstance(given, int):
        return given
    if not re.fullmatch("0?[0-7]{3}", given) or int(given, 8) & 0o600 != 0o600 or int(given, 8) & 0o111:
        remedy = "give three digits of 0, 2, 4 and 6, the first one 6, such as --mode 640"
        raise UsageError.of("a mode says who may read and write new files", remedy=remedy)
    return int(given, 8)


Mode = Annotated[
    int | None,
    typer.Option(
        "--mode",
        metavar="DIGITS",
        parser=_mode,
        help="Who may read the files written, such as 640. Without it, new ones are their owner's alone, or as their "
        "folder's set-group-ID bit or default ACL says.",
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worker processes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def content(name: str) -> bytes:
    """Return what a file, or standard input, holds. Raises `InputError`."""
    return read_limited(sys.stdin.buffer, shown(name), LARGEST) if name == "-" else read_bytes(Path(name), LARGEST)


def shown(name: str) -> str:
    """Return the name of a file for messages."""
    return "standard input" if name == "-" else showing.line(name)


def each_file(files: Iterable[str], do: Callable[[str], int]) -> None:
    """Do something for each file; a file that fails is told and does not stop the others.

    Ends the command with the highest exit code; pages that are not proven count less than any fault.
    """
    codes: list[int] = []
    for file in files:
        try:
            codes.append(do(file))
        except ImrLettersError as error:
            printing.errors(error.at(shown(file)).findings)
            codes.append(error.exit_code)
    raise typer.Exit(max(codes, key=lambda code: (code not in (0, NOT_PROVEN), code), default=0))


def dicts(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as `--json` prints them."""
    return [finding.as_dict() for finding in findings]
