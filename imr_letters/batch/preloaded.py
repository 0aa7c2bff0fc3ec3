"""What every worker process begins with: made once, by the process that workers are forked from."""

from __future__ import annotations

import contextlib

import imr_letters.batch.making
from imr_letters.engine.errors import ImrLettersError
from imr_letters.wording import SHIPPED

#: What is wrong with the shipped templates or snippets, the first record says.
with contextlib.suppress(ImrLettersError):
    for family in SHIPPED.families.values():
        family.template.automaton  # noqa: B018 - compiled when it is asked for
    SHIPPED.library  # noqa: B018 - read when it is asked for

__all__ = ["imr_letters"]
