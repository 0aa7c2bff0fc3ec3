"""How the blocks of a rationale are printed: one after the other."""

from __future__ import annotations

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.text import PARAGRAPH
from imr_letters.imr.model import OwnText


class Rationale(Codec):
    """The blocks of a rationale, in paragraphs."""

    name = "rationale"
    kind = "rationale"
    reach = "prose"
    expected = "prose"

    def encode(self, value: tuple[OwnText, ...]) -> str:
        """Return the text of the blocks, one after the other."""
        return PARAGRAPH.join(block.text for block in value)

    def decode(self, words: str) -> tuple[OwnText, ...]:
        """Return one block of own text."""
        return (OwnText.model_construct(text=words),)  # the words of a block are in normal form already

    def examples(self) -> list[tuple[OwnText, ...]]:
        """Return rationales of one and two paragraphs."""
        return [(OwnText(text=text),) for text in ("Alpha.", "Alpha.\n\nBeta gamma.")]
