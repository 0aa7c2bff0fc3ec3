"""Tests of letter templates: decisions to try them with, `assert_round_trip`, and the pytest fixture `letter_snapshot`.

from imr_letters.testing import assert_round_trip, make_decision

def test_it_reads_back():
    assert_round_trip(make_decision(items=2, outcome="mixed"), "example-2026")

`imr_letters.testing.strategies` holds Hypothesis strategies. What these need comes with `imr-letters[testing]`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr_letters.testing.factories import make_case, make_decision, make_item, make_mailing, make_reviewer
    from imr_letters.testing.round_trip import assert_round_trip

__all__ = ["assert_round_trip", "make_case", "make_decision", "make_item", "make_mailing", "make_reviewer"]


def __getattr__(name: str) -> Any:
    """Fetch a name when it is first used: pytest imports this package at every start, for the plugin."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = "round_trip" if name == "assert_round_trip" else "factories"
    return getattr(import_module(f"{__name__}.{place}"), name)
