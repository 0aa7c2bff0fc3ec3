"""Read a letter back from the bytes of its finished file: tags -> marks -> codes -> characters.

Only for files that `packing` lays out, in this process, right after they were made: everything is where it puts it, and
what is not raises an error. It is several times as fast as the reader of any tagged PDF (`reader`), which reads the
same: a test holds the two against each other.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

from imr_letters.engine import text as normal

_MARKED = re.compile(rb" <</MCID (\d+)>> BDC ")
_SHOWN = re.compile(rb"/(F\d) [\d.]+ Tf|\[<([^\]]*)>\]TJ")
_KERNING = re.compile(rb">-?[\d.]+<")
_REFERENCES = re.compile(r"(\d+) 0 R")
_KIND = re.compile(r"/S/(\w+)/P \d+ 0 R")
_MARK = re.compile(r"/Pg (\d+) 0 R/(?:MCID|K) (\d+)")
_MAPPING = re.compile(rb"^<([0-9a-f]{4})> <([0-9a-f]+)>$", re.MULTILINE)

_CELLS = frozenset({"TH", "TD"})
_WORDS = frozenset({"P", "H1", "H2", "H3", "H4", "H5", "H6"})


def blocks(data: bytes) -> list[str]:
    """Return the words of the blocks of a letter's file, in order; a row of a table is one."""
    file = _File(data)
    return [words for words in map(normal.words, file.blocks()) if words]


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data
        table = self._stream(int(data[data.rindex(b"startxref") + 9 : data.rindex(b"%%EOF")]))
        self._places: dict[int, int] = {}
        holder = 0
        for number, at in enumerate(range(7, len(table), 7), start=1):
            place = int.from_bytes(table[at + 1 : at + 5], "big")
            if table[at] == 1:
                self._places[number] = place
            else:
                holder = place
        head, _, content = self._stream(self._places[holder]).decode("ascii").partition("\n")
        numbers = list(map(int, head.split()))
        self._objects = dict(zip(numbers[::2], content.split("\n"), strict=True))
        self._words = dict(self._marked())

    def blocks(self) -> Iterator[str]:
        """Yield the words of each block."""
        root = self._entry(self._objects[1], "StructTreeRoot")
        for number in self._kids(self._objects[root]):
            yield from self._below(number)

    def _below(self, number: int) -> Iterator[str]:
        element = self._objects[number]
        kind = _KIND.search(element)
        assert kind is not None
        if kind[1] in _WORDS:
            yield self._said(element)
        elif kind[1] == "TR":
            yield " ".join(self._said(self._objects[cell]) for cell in self._kids(element))
        else:
            assert kind[1] not in _CELLS
            for kid in self._kids(element):
                yield from self._below(kid)

    def _said(self, element: str) -> str:
        return "".join(self._words[int(page), int(mark)] for page, mark in _MARK.findall(element))

    def _marked(self) -> Iterator[tuple[tuple[int, int], str]]:
        """Yield what is shown under each mark, by the number of the page and that of the mark."""
        for page in self._kids(self._objects[2], "Kids"):
            entries = self._objects[page]
            names = re.findall(r"/(F\d) (\d+) 0 R", entries)
            fonts = {name.encode(): self._characters(int(number)) for name, number in names}
            for part in self._stream(self._places[self._entry(entries, "Contents")]).split(b"ET EMC"):
                begun = _MARKED.search(part)
                if begun is None:
                    continue
                font: dict[int, str] = {}
                words = []
                for name, codes in _SHOWN.findall(part, begun.end()):
                    if name:
                        font = fonts[name]
                    else:
                        drawn = bytes.fromhex(_KERNING.sub(b"", codes).decode("ascii"))
                        words.append(drawn.decode("utf-16-be").translate(font))
                yield (page, int(begun[1])), "".join(words)

    def _characters(self, font: int) -> dict[int, str]:
        at = self._places[self._entry(self._objects[font], "ToUnicode")]
        return _character_map(self._packed(at))

    def _stream(self, at: int) -> bytes:
        return zlib.decompress(self._packed(at))

    def _packed(self, at: int) -> bytes:
        begin = self._data.index(b"\nstream\n", at) + 8
        length = re.search(rb"/Length (\d+)", self._data[at:begin])
        assert length is not None
        return self._data[begin : begin + int(length[1])]

    @staticmethod
    def _entry(entries: str, name: str) -> int:
        found = re.search(rf"/{name} (\d+) 0 R", entries)
        assert found is not None
        return int(found[1])

    @staticmethod
    def _kids(entries: str, name: str = "K") -> list[int]:
        return list(map(int, _REFERENCES.findall(entries.partition(f"/{name}[")[2].partition("]")[0])))


@lru_cache(maxsize=64)
def _character_map(packed: bytes) -> dict[int, str]:
    """Return the character of each code of a font."""
    found = _MAPPING.findall(zlib.decompress(packed))
    return _Characters((int(code, 16), bytes.fromhex(to.decode()).decode("utf-16-be")) for code, to in found)


class _Characters(dict[int, str]):
    """The characters of codes. A code without one is not drawn by any glyph."""

    def __missing__(self, code: int) -> str:
        raise ValueError(f"code {code:04X} is drawn by nothing")
