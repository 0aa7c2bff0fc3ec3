"""Signs of foreign letters: what word processors and extractors write for signs that letters may hold.

Ours hold none of them, so these are read only in letters that this toolkit did not write, and reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from imr_letters.engine.errors import Finding, LetterError
from imr_letters.engine.letter import Where, finding_in
from imr_letters.engine.text import CharacterError

#: Code points of private use are bullets in the symbol fonts of word processors. Others, such as U+F0A3 (at most, or a
#: box, as the font has it), cannot be known by their code alone and stay refused.
_PLAIN = {
    "\u2010": "-",
    "\u2011": "-",
    "\u00ad": "-",
    "\u02da": "\u00b0",  # the ring above, written for degrees
    "\uf0b7": "\u2022",
    "\uf0a7": "\u25aa",
    "\uf0d8": "\u27a2",
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}
_DRAWN = re.compile(f"[{''.join(_PLAIN)}]")
#: In a text, a soft hyphen is a hyphen only where a line ends; elsewhere it is not seen.
_WRITTEN = re.compile(f"[{''.join(_PLAIN).replace(chr(0xAD), '')}]|\u00ad(?=[^\\S\\n]*\\n)")


class Signs:
    """Replaces foreign signs in the pieces of one letter, and keeps count.

    `drawn` says that every sign of the pieces is drawn on a page, a soft hyphen too.
    """

    def __init__(self, *, drawn: bool) -> None:
        self._pattern = _DRAWN if drawn else _WRITTEN
        self._count: Counter[str] = Counter()

    def plain(self, text: str) -> str:
        """Return a piece in signs that letters may hold; what else letters may not hold stays."""
        return text if text.isascii() else self._pattern.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        self._count[found[0]] += 1
        return _PLAIN[found[0]]

    def findings(self, name: str) -> list[Finding]:
        """Report each kind of sign that was replaced, and how often."""
        return [
            Finding("sign", "note", f'{_called(sign)} was read as "{_PLAIN[sign]}" ({_times(count)})', source=name)
            for sign, count in sorted(self._count.items())
        ]


def refused_character(error: CharacterError, where: Where, name: str) -> LetterError:
    """Return the error for a character that no letter may hold, at its place in the source of that name."""
    return LetterError(finding_in(where, name, code="character", message=error.message, remedy=error.remedy))


def _called(sign: str) -> str:
    return f"the sign U+{ord(sign):04X} ({unicodedata.name(sign, 'of a symbol font')})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
