"""Faults of templates, collected so that an editor sees all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from imr_letters.engine.errors import Finding, TemplateError
from imr_letters.engine.grammar.nodes import Origin


class Problems:
    """The faults found so far."""

    def __init__(self, folder: str = "templates") -> None:
        self.found: list[Finding] = []
        self.folder = folder

    def add(
        self,
        code: str,
        origin: Origin,
        message: str,
        remedy: str,
        excerpt: str = "",
        example: object = None,
    ) -> None:
        """Note a fault, once for each place. `example` is a counterexample, shown below the message."""
        finding = Finding(
            code,
            "error",
            message,
            source=f"{self.folder}/{origin.file}",
            line=origin.line,
            remedy=remedy,
            excerpt=excerpt,
            example=str(example or ""),
        )
        if finding not in self.found:
            self.found.append(finding)

    def has(self, origin: Origin) -> bool:
        """Tell whether anything was noted on a line."""
        return any((each.source, each.line) == (f"{self.folder}/{origin.file}", origin.line) for each in self.found)

    def check(self) -> None:
        """Raise `TemplateError` with everything found, in the order of the template."""
        if self.found:
            raise TemplateError(*sorted(self.found, key=lambda finding: (finding.source, finding.line or 0)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f' (did you mean "{near[0]}"?)' if near else ""
