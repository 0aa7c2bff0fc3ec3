"""What a change of templates, snippets or looks does to letters, before any of them is printed.

`versions` opens what is compared, `corpus` gathers decisions, `compare` finds letter by letter what differs and why,
and `report` gathers it by cause; `terminal` and `webpage` show it.
"""

from imr_letters.changes.compare import compare
from imr_letters.changes.corpus import Corpus, Entry, gathered
from imr_letters.changes.report import Report
from imr_letters.changes.versions import INSTALLED, Version, default_base, default_new, opened

__all__ = [
    "INSTALLED",
    "Corpus",
    "Entry",
    "Report",
    "Version",
    "compare",
    "default_base",
    "default_new",
    "gathered",
    "opened",
]
