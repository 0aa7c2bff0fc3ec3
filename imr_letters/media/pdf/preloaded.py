"""What worker processes that make PDFs begin with: its import takes longer than all the rest."""

from __future__ import annotations

import contextlib

from imr_letters.engine.errors import EngineError
from imr_letters.media.pdf import reader, writer, writers

with contextlib.suppress(EngineError):  # the first record says it
    writer.preload()

__all__ = ["reader", "writer", "writers"]
