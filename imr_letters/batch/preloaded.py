"""What every worker process begins with: made once, by the process that workers are forked from."""

from __future__ import annotations

import contextlib
import io

import imr_letters.batch.work
from imr_letters.engine import families
from imr_letters.engine.errors import ImrLettersError
from imr_letters.snippets import library

with contextlib.suppress(ImportError, OSError), contextlib.redirect_stdout(io.StringIO()):
    import imr_letters.media.pdf.reader
    import imr_letters.media.pdf.writer

#: What is wrong with the shipped templates or snippets, the first record says.
with contextlib.suppress(ImrLettersError):
    for house in families.families(None, None).values():
        _ = house.template.automaton
    library(None)

__all__ = ["imr_letters"]
