"""Independent Medical Review determination letters, both ways.

from imr_letters import Decision, render, parse

letter = render(decision)
assert parse(letter.text).decision == decision
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from imr_letters.api import parse, render, verify
    from imr_letters.engine.errors import Finding, ImrLettersError
    from imr_letters.imr.form import Reading
    from imr_letters.imr.model import Decision
    from imr_letters.imr.records import load, loads
    from imr_letters.letters import RenderedLetter

__all__ = [
    "Decision",
    "Finding",
    "ImrLettersError",
    "Reading",
    "RenderedLetter",
    "load",
    "loads",
    "parse",
    "render",
    "verify",
]

_PLACES = {
    "Decision": "imr_letters.imr.model",
    "Finding": "imr_letters.engine.errors",
    "ImrLettersError": "imr_letters.engine.errors",
    "Reading": "imr_letters.imr.form",
    "RenderedLetter": "imr_letters.letters",
    "load": "imr_letters.imr.records",
    "loads": "imr_letters.imr.records",
    "parse": "imr_letters.api",
    "render": "imr_letters.api",
    "verify": "imr_letters.api",
}


def __getattr__(name: str) -> Any:
    """Fetch a name when it is first used: pytest imports the package at every start, for the plugin."""
    if name == "__version__":
        return version("imr-letters")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value
