"""The sample letters, rendered once."""

from __future__ import annotations

from functools import cache

from imr_letters import load, render, samples
from imr_letters.api import RenderedLetter


@cache
def sample_letters() -> tuple[tuple[str, RenderedLetter], ...]:
    """Return name and letter of every sample decision."""
    return tuple((path.stem, render(load(path))) for path in samples.decisions())
