"""Objects laid out as a file: streams as they are, all other objects in one. The same objects, the same bytes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping

#: The bytes of a stream object: its dictionary and its packed content.
PackedStream = bytes

#: How hard zlib tries, of nine: for what is made for each letter, and for what is made once.
_QUICK, _HARD = 1, 9

_HEAD = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


def packed(content: bytes, entries: str = "", *, hard: bool = False) -> PackedStream:
    """Return a stream of some content, with more entries in its dictionary."""
    data = zlib.compress(content, _HARD if hard else _QUICK)
    return b"<<%s/Length %d/Filter /FlateDecode>>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)


def plain(content: bytes, entries: str = "") -> PackedStream:
    """Return a stream whose content is not packed, for programs that look for it without reading the file."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries.encode(), len(content), content)


def laid_out(objects: Mapping[int, str], streams: Mapping[int, PackedStream], *, root: int, about: int) -> bytes:
    """Return the file of numbered objects and streams. `root` is the number of its catalog, `about` of its metadata."""
    holder = max(max(objects), max(streams)) + 1
    table = holder + 1
    inside = sorted(objects)
    parts = [_HEAD]
    places: dict[int, int] = {}
    at = len(_HEAD)
    for number, stream in [*sorted(streams.items()), (holder, _together(objects, inside))]:
        places[number] = at
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, stream))
        at += len(parts[-1])
    places[table] = at
    within = {number: place for place, number in enumerate(inside)}
    rows = [b"\x00\x00\x00\x00\x00\xff\xff"]
    for number in range(1, table + 1):
        if number in places:
            rows.append(b"\x01%s\x00\x00" % places[number].to_bytes(4, "big"))
        else:
            rows.append(b"\x02%s%s" % (holder.to_bytes(4, "big"), within[number].to_bytes(2, "big")))
    digest = hashlib.sha256(b"".join(parts)).hexdigest()[:32]
    entries = f"/Type/XRef/Size {table + 1}/W[1 4 2]/Root {root} 0 R/Info {about} 0 R/ID[<{digest}><{digest}>]"
    parts.append(b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, packed(b"".join(rows), entries), at))
    return b"".join(parts)


def _together(objects: Mapping[int, str], inside: list[int]) -> PackedStream:
    heads: list[str] = []
    at = 0
    for number in inside:
        heads.append(f"{number} {at}")
        at += len(objects[number]) + 1
    head = " ".join(heads) + "\n"
    content = head + "\n".join(objects[number] for number in inside)
    return packed(content.encode("ascii"), f"/Type/ObjStm/N {len(inside)}/First {len(head)}")
