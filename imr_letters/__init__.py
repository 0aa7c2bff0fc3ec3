"""Independent Medical Review determination letters, both ways.

from imr_letters import Decision, render, parse

letter = render(decision)
assert parse(letter.text).decision == decision
"""

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
