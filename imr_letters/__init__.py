"""Independent Medical Review determination letters, both ways.

from imr_letters import Decision, render, parse

letter = render(decision)
assert parse(letter.text).decision == decision
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr_letters.api import RenderedLetter, parse, render, verify
    from imr_letters.errors import Finding, ImrLettersError
    from imr_letters.model import Decision
    from imr_letters.model.files import load, loads
    from imr_letters.parse import Reading

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
    "Decision": "imr_letters.model",
    "Finding": "imr_letters.errors",
    "ImrLettersError": "imr_letters.errors",
    "Reading": "imr_letters.parse",
    "RenderedLetter": "imr_letters.api",
    "load": "imr_letters.model.files",
    "loads": "imr_letters.model.files",
    "parse": "imr_letters.api",
    "render": "imr_letters.api",
    "verify": "imr_letters.api",
}


class _Door(ModuleType):
    """The package, whose names are fetched when first used: pytest imports it at every start, for the plugin."""

    def __getattr__(self, name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_PLACES[name]), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # Python puts a module that was imported into its package; `parse`, `render` and `verify` stay the functions.
        if not (name in _PLACES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Door
