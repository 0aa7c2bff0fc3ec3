"""How the mailed letter prints addresses, and as what somebody gets a copy."""

from __future__ import annotations

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.codecs.simple import Choice
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model.mailing import LONGEST_LINE

_MOST_LINES = 4


class Address(Codec):
    """The lines of an address below the name, each a paragraph of its own."""

    name = "address"
    kind = "address"
    reach = "prose"
    expected = "the lines of an address"

    def encode(self, value: tuple[str, ...]) -> str:
        """Return the lines."""
        return PARAGRAPH.join(value)

    def decode(self, words: str) -> tuple[str, ...]:
        """Return the lines. Raises `ValueError` for more, or longer ones, than the window of an envelope shows."""
        lines = tuple(words.split(PARAGRAPH))
        if len(lines) > _MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise ValueError(f"expected at most {_MOST_LINES} lines of {LONGEST_LINE} characters")
        return lines

    def examples(self) -> list[tuple[str, ...]]:
        """Return addresses of one and of two lines."""
        return [("Alpha",), ("Alpha 1", "Beta Gamma")]


class Capacity(Choice):
    """As what somebody gets a copy of the determination."""

    name = "capacity"
    expected = "such as Injured worker or Claims administrator"
    words = {  # noqa: RUF012 - as in the other choices
        "injured_worker": "Injured worker",
        "worker_representative": "Representative of the injured worker",
        "claims_administrator": "Claims administrator",
        "administrator_representative": "Representative of the claims administrator",
        "employer": "Employer",
        "requesting_provider": "Requesting provider",
        "administrative_director": "Administrative Director",
    }
