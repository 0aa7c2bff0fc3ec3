"""How a request is printed as the title of its item.

A request that utilization review modified is told in one of two fixed phrases (8 CCR 9792.9.1; the wording is that of
the published determinations).
"""

from __future__ import annotations

from imr_letters.engine.codecs.base import Codec
from imr_letters.imr.model import ModifiedRequest

_WAS_REQUESTED = " was the original request. "
_WAS_AUTHORIZED = (
    " was authorized by the Claims Administrator. The remaining IMR eligible portion of the original request, "
)
_AUTHORIZED = "The Claims Administrator authorized "
_LEAVING = ", leaving the original request IMR eligible. The original request, "


class Request(Codec):
    """A request in plain words, or the fixed phrase of a modified one."""

    name = "request"
    kind = "request"
    reach = "words"
    exact = False
    expected = "the disputed treatment"
    phrases = (_WAS_REQUESTED, _WAS_AUTHORIZED, _AUTHORIZED, _LEAVING)

    def encode(self, value: str | ModifiedRequest) -> str:
        """Return the words, or the phrase that names what was requested, authorized and left."""
        if isinstance(value, str):
            return value
        if value.remaining is None:
            return f"{_AUTHORIZED}{value.authorized}{_LEAVING}{value.original} is"
        return f"{value.original}{_WAS_REQUESTED}{value.authorized}{_WAS_AUTHORIZED}{value.remaining} is"

    def decode(self, words: str) -> str | ModifiedRequest:
        """Return the request; words that follow neither phrase are the request themselves."""
        original, requested, rest = words.partition(_WAS_REQUESTED)
        if not requested:
            original, rest = "", words
        authorized, found, remaining = rest.partition(_WAS_AUTHORIZED)
        remaining = _without_verb(remaining)
        if requested and found and original and authorized and remaining:
            return ModifiedRequest(original=original, authorized=authorized, remaining=remaining)
        if rest.startswith(_AUTHORIZED):
            authorized, found, again = rest.removeprefix(_AUTHORIZED).partition(_LEAVING)
            again = _without_verb(again)
            if found and authorized and again and original in ("", again):
                return ModifiedRequest(original=again, authorized=authorized)
        return words

    def examples(self) -> list[str | ModifiedRequest]:
        """Return a plain request and both forms of a modified one."""
        return [
            "Alpha",
            "Beta gamma: delta",
            ModifiedRequest(original="Alpha", authorized="Beta", remaining="Gamma"),
            ModifiedRequest(original="Alpha", authorized="Beta"),
        ]


def _without_verb(words: str) -> str:
    """Leave out the verb before the colon of the title, which some letters lack."""
    return words.removesuffix(" is") if words.endswith(" is") else words.removesuffix(" are")
