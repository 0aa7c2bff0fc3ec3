"""Room for the frames of deep calls: taken once, not at every crossing from one piece of memory to the next."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from imr_letters.media.pdf.stack import roomy

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts the pages that Linux hands out")


def deep(depth: int) -> int:
    return 0 if depth == 0 else deep(depth - 1) + 1


def often() -> None:
    for _ in range(100):
        assert deep(300) == 300


def pages_taken(do: Callable[[], None]) -> int:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    do()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_deep_calls_take_their_memory_once() -> None:
    assert pages_taken(often) > 500
    assert pages_taken(roomy(often)) < 100


def test_arguments_results_and_errors_pass() -> None:
    @roomy
    def told(one: int, *, two: str) -> str:
        """Tell."""
        if not one:
            raise ValueError(two)
        return two * one

    assert told(2, two="x") == "xx"
    assert told.__doc__ == "Tell."
    with pytest.raises(ValueError, match="none"):
        told(0, two="none")
