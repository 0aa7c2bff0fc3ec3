"""How the blocks of a rationale are printed: one after the other."""

from __future__ import annotations

import re

from imr_letters.engine.codecs.base import MID_SENTENCE, Codec, CutOff
from imr_letters.engine.text import PARAGRAPH, ends_sentence
from imr_letters.imr.model import OwnText

#: What a conclusion holds, in some form; and how far from the end of a rationale, in characters, the last one begins.
_CONCLUSION = ("necess", "certif", "authoriz", "authoris", "warranted", "upheld", "overturn", "approv")
_LAST = 600
_NO_CONCLUSION = CutOff("no-conclusion", "ends without a conclusion")
#: A conclusion that lacks its stop is an end all the same.
_CONCLUDED = re.compile(r"\bmedically (?:necessary|appropriate)$", re.IGNORECASE)


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

    def cut_off(self, words: str) -> CutOff | None:
        """Return that a rationale ends in mid-sentence, or before its conclusion, where it does."""
        if not ends_sentence(words) and not _CONCLUDED.search(words):
            return MID_SENTENCE
        end = words[-_LAST:].lower()
        return None if any(sign in end for sign in _CONCLUSION) else _NO_CONCLUSION
