"""The fonts of a PDF that is read: from the codes of a string to characters."""

from __future__ import annotations

import re
import struct
from itertools import takewhile
from typing import Any

#: Most codes that one font's map gives characters to, counted each time.
_MOST_CODES = 70_000
#: A token of a font's map to characters.
_CODES = re.compile(r"<[0-9A-Fa-f\s]*>|\[|\]")


class Font:
    """Decodes the strings of one font by its ToUnicode map, or by its plain encoding."""

    def __init__(self, font: Any) -> None:
        self._wide = str(font.get("/Subtype")) == "/Type0"
        self._map = _to_unicode(font.ToUnicode) if "/ToUnicode" in font else {}
        self._codec = "mac_roman" if str(font.get("/Encoding")) == "/MacRomanEncoding" else "cp1252"

    def decode(self, data: bytes) -> str:
        """Return the characters of a string."""
        if self._wide:
            codes = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
            try:
                return "".join(map(self._map.__getitem__, codes))
            except KeyError:
                return "".join([self._map.get(code, "\ufffd") for code in codes])
        if self._map:
            return "".join(self._map.get(code) or bytes([code]).decode(self._codec, "replace") for code in data)
        return data.decode(self._codec, "replace")


def _to_unicode(stream: Any) -> dict[int, str]:
    """Return the characters of a ToUnicode map (ISO 32000-1, 9.10.3): its bfchar and bfrange sections."""
    found: dict[int, str] = {}
    count = 0
    for section in stream.read_bytes().decode("latin-1").split("beginbf")[1:]:
        tokens = iter(_CODES.findall(section.partition("endbf")[0]))
        wide = section.startswith("range")
        for first in tokens:
            last = next(tokens, "") if wide else first
            chars = next(tokens, "")
            codes = range(_code(first), min(_code(last), 0xFFFF) + 1)
            count += len(codes)
            if count > _MOST_CODES:
                raise ValueError(count)
            if chars == "[":
                listed = list(takewhile("]".__ne__, tokens))
                found.update((code, _chars(each)) for code, each in zip(codes, listed, strict=False))
                continue
            base = _chars(chars)
            if len(codes) > 1 and not base:
                raise ValueError(chars)
            found.update(
                (code, base[:-1] + chr(ord(base[-1]) + shift) if shift else base) for shift, code in enumerate(codes)
            )
    return found


def _code(token: str) -> int:
    """Return the code of a token such as <0041>; no code has more than four bytes."""
    return int(token[1:9].rstrip(">"), 16)


def _chars(digits: str) -> str:
    return bytes.fromhex("".join(digits.strip("<>").split())).decode("utf-16-be", "replace")
