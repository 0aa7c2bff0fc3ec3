"""Open a PDF for reading in this process; what goes wrong with it is refused in words that quote nothing of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imr_letters.media.pdf import limits
from imr_letters.media.pdf.limits import refusal

#: What a PDF library or a reader raises on a file whose parts are of the wrong kind.
FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


@contextmanager
def opened(data: bytes, name: str = "", *, ours: bool) -> Iterator[Any]:
    """Yield an opened PDF. `ours` says that it is as small and simple as the files of our writer.

    Raises `InputError` for what cannot be opened, and for what goes wrong while it is read in the block.
    """
    import pikepdf

    if not ours:  # whose limits are far below those of others
        limits.scan(data, name)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            yield pdf
    except pikepdf.PasswordError:
        message = "is protected by a password"
        raise refusal("password", message, name, "ask its sender for an open copy") from None
    except MemoryError:
        raise refusal("too-long", "needs more memory than any letter", name) from None
    # What these say may quote the file: it is not repeated.
    except (pikepdf.PdfError, *FAULTS):
        end = "" if b"%%EOF" in data[-2048:] else ": its end is missing"
        raise refusal("damaged", f"is a damaged PDF{end}", name) from None
