"""Codecs: one for each kind of value, each with both directions. Here are those that every review program needs."""

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.codecs.table import Codecs

__all__ = ["Codec", "Codecs"]
