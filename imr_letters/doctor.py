"""What this machine has and lacks for letters."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import metadata

from imr_letters.engine.errors import ImrLettersError


@dataclass(frozen=True, slots=True)
class Checkup:
    """One thing that was looked at; `remedy` says how to get what is missing."""

    what: str
    fine: bool
    detail: str
    remedy: str = ""


def examine() -> list[Checkup]:
    """Look at everything letters need, from Python to the fonts of PDF letters."""
    found = [
        Checkup("Python", True, ".".join(map(str, sys.version_info[:3]))),
        *(Checkup(name, True, metadata.version(name)) for name in ("jinja2", "pydantic", "weasyprint", "pikepdf")),
    ]
    from imr_letters.media.pdf import writer

    try:
        page = "<html lang=en><title>x</title><p>x</p></html>"
        made = writer.write(page, "", title="x", created=None, attachment=b"{}")
    except ImrLettersError as error:
        finding = error.findings[0]
        return [*found, Checkup("PDF letters", False, finding.message, finding.remedy)]
    return [*found, Checkup("PDF letters", True, f"a page was made ({len(made):,} bytes)")]
