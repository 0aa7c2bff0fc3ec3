"""The public edition of a decision: the determination as it is published, without the people it is about.

    from imr_letters.publish import edition
    made = edition(decision)             # made.replacements: what a person has to look at
    pdf = made.to("pdf")                 # proved to hold none of what was withheld

Determinations are published without individually identifiable information (Labor Code 4610.6(m)). Withheld are what
the decision itself names (parties, claim, recipients, documents), what has a usual form (telephone numbers and the
like), and names of other people after a title, a relation or a calling. That is no de-identification in the sense of
any other law, and none is claimed: a person reads the list and confirms it.
"""

from __future__ import annotations

from imr_letters.publish.confirmation import Confirmation
from imr_letters.publish.edition import Edition, edition
from imr_letters.publish.found import MARKS, Doubt, IdentifierKind, Replacement
from imr_letters.publish.review import Remaining, page, remaining

__all__ = [
    "MARKS",
    "Confirmation",
    "Doubt",
    "Edition",
    "IdentifierKind",
    "Remaining",
    "Replacement",
    "edition",
    "page",
    "remaining",
]
