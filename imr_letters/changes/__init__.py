"""What a change of templates, snippets or looks does to letters, before any of them is printed.

`states` opens what is compared, `corpus` gathers decisions, `compare` tells letter by letter what differs and why, and
`report` gathers it by cause; `terminal` and `page` show it.
"""

from imr_letters.changes.compare import compare
from imr_letters.changes.corpus import Corpus, Entry, gathered
from imr_letters.changes.report import Report
from imr_letters.changes.states import INSTALLED, State, default_base, default_new, opened

__all__ = [
    "INSTALLED",
    "Corpus",
    "Entry",
    "Report",
    "State",
    "compare",
    "default_base",
    "default_new",
    "gathered",
    "opened",
]
