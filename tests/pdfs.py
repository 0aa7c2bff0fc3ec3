"""PDFs as the tests look at them: those of the samples; read here or in a child; the decision attached."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from imr_letters import load, render
from imr_letters.media import table
from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import attachment, reader
from imr_letters.media.pdf.limits import is_ours
from imr_letters.media.pdf.source import PdfSource

PDF = table.named("pdf")


@cache
def sample(path: Path) -> bytes:
    """Return the PDF of a sample, made once in this process: its bytes are the same every time."""
    return render(load(path)).pdf()


def prepared(data: bytes, name: str = "") -> PreparedSource:
    """Return bytes as a PDF, also where they are none."""
    return PDF.prepared(data, name) or PreparedSource(data, name, PDF)


def read_here(data: bytes, name: str = "") -> PdfSource:
    """Read a PDF by its tags in this process."""
    return reader.read_here(data, name, ours=is_ours(data))


def read_guarded(data: bytes, name: str = "", **limits: Any) -> PdfSource:
    """Read a PDF in a child process."""
    return reader.read_guarded(prepared(data, name), **limits)


def read(data: bytes, name: str = "") -> PdfSource:
    """Read a PDF as a letter that was given is read."""
    return reader.read(prepared(data, name))


def attached(data: bytes) -> bytes | None:
    """Return the decision that is attached to a PDF."""
    return attachment.look(prepared(data))[0]


def attached_from_outside(data: bytes) -> bytes | None:
    """Return the decision that is attached to a PDF that is not trusted, whatever mark it bears."""
    return attachment.look(replace(prepared(data), provenance="foreign"))[0]
