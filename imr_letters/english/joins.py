"""Whether words can follow words: what comes before and after a place where a text may have lost something."""

from __future__ import annotations

import re

from imr_letters.english.sentences import is_abbreviated
from imr_letters.english.wordlists import words

_LAST = re.compile(r"(\S+)\s*$")
_FIRST = re.compile(r"\s*[\"\u201c(\[]*(\S+)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_OVER = re.compile(r"[.?!][\"\u201d\u2019')\]]*$")

#: Small words by what they do; a word of one list is never followed by a word of the other.
_NEVER = tuple(
    (words(before), words(after))
    for before, after in (
        ("determiners", "never_after_determiner"),
        ("prepositions", "never_after_preposition"),
        ("auxiliaries", "never_after_auxiliary"),
        ("conjunctions", "never_after_conjunction"),
    )
)
#: Words that, with a capital, begin a sentence.
_BEGINS = words("begins_sentence")


def follows(before: str, after: str, *, prose: bool = True) -> bool:
    """Return whether a text can go on so; False only where that is certain.

    A sentence that is over does not go on in small letters, one that is not does not go on with the beginning of
    another, and after "of the" there is no "was". What is no prose, such as a title, has capitals anywhere.
    """
    last, first = _LAST.search(before), _FIRST.match(after)
    if last is None or first is None:
        return True
    if _OVER.search(last[1]):
        return not first[1][:1].islower() or not _PLAIN.fullmatch(first[1].rstrip(".,;:")) or is_abbreviated(before)
    if prose and first[1] in _BEGINS and last[1][-1] not in '"\u201d\u2019:;)]-/':
        return False
    one, other = last[1].lstrip("(["), first[1].rstrip(",")
    if not _PLAIN.fullmatch(one) or one[1:].isupper():
        return True
    return not any(one.lower() in before and other in after for before, after in _NEVER)
