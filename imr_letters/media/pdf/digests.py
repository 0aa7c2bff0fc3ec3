"""What a PDF is made of in addition to the words that are read: digests of its parts, to see which were changed.

For comparing only: two files that show the same may differ in how they are packed, and then have the same digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from imr_letters.media.medium import PreparedSource
from imr_letters.media.pdf import guard, limits
from imr_letters.media.pdf.active import active
from imr_letters.media.pdf.fonts import FAMILIES
from imr_letters.media.pdf.opening import opened

#: Parts of a file, in the order in which differences are listed.
PAGES, TAGS, ATTACHMENTS, METADATA, REST = "pages", "tags", "attachments", "metadata", "what goes with the pages"
PARTS = (PAGES, TAGS, ATTACHMENTS, METADATA, REST)
#: What the file says of itself, in its own words.
KEYWORDS = "keywords"
#: What it could show or do in addition to its pages, in words; and whether a font of it has the name of one of ours.
ACTIVE, OUR_FONT = "active", "our font"
#: The digest of tags that are not there.
NO_TAGS = ""

_OF_ITS_OWN = frozenset({"/Pages", "/StructTreeRoot", "/MarkInfo", "/Metadata", "/AF", "/Version", "/Extensions"})
_ATTACHED = ("/AF", "/EmbeddedFiles")
#: What depends on how a file is packed, or is a part of its own.
_LEFT_OUT = frozenset({"/Length", "/Filter", "/DecodeParms", "/Metadata", *_ATTACHED})


def of_parts(given: PreparedSource) -> dict[str, str]:
    """Return digests of the parts of a PDF, by name, and what else is known of it.

    Small and simple files with our writer's mark are read in this process, all others in a child. Raises `InputError`
    for a PDF that cannot be opened, or that its reader did not survive.
    """
    if given.provenance == "ours":
        return dict(records(given.data, ours=True))
    return guard.ask("digests", replace(given, name=""), dict)


def records(data: bytes, name: str = "", *, ours: bool) -> Iterator[tuple[str, str]]:
    """Yield the digests as they are read in this process, whoever made the file."""
    import pikepdf

    with opened(data, name, ours=ours) as pdf:
        limits.check(pdf, name)
        about = pdf.trailer.get("/Info", pikepdf.Dictionary())
        names = pdf.Root.get("/Names", pikepdf.Dictionary())
        yield PAGES, _digest(pdf.Root.Pages)
        yield TAGS, _digest(pdf.Root.StructTreeRoot) if limits.has_tags(pdf) else NO_TAGS
        yield ATTACHMENTS, _digest(pdf.Root.get("/AF"), names.get("/EmbeddedFiles"))
        yield METADATA, _digest(about, pdf.Root.get("/Metadata"))
        yield REST, _digest(*(value for key, value in sorted(pdf.Root.items()) if key not in _OF_ITS_OWN))
        yield KEYWORDS, str(about.get("/Keywords", ""))
        yield ACTIVE, "; ".join(active(pdf))
        yield OUR_FONT, "yes" if any(map(_is_our_font, _fonts(pdf))) else ""


def _fonts(pdf: Any) -> Iterator[str]:
    """Yield the names of the fonts that the pages use."""
    for page in pdf.pages:
        yield from (str(font.get("/BaseFont", "")) for font in page.resources.get("/Font", {}).values())


def _is_our_font(name: str) -> bool:
    """Return whether a font has the name of one of ours, such as "/ABCDEF+Letter-Serif-Bold"."""
    return name.partition("+")[2].removesuffix("-Bold").replace("-", " ") in FAMILIES


def _digest(*nodes: Any) -> str:
    """Return the digest of objects and all that they refer to; which number an object has does not matter."""
    digest = hashlib.sha256()
    for token in _tokens(list(reversed(nodes))):
        digest.update(token)
    return digest.hexdigest()


def _tokens(todo: list[Any]) -> Iterator[bytes]:
    """Yield what objects hold, depth first, without recursion: a hostile file may be as deep as it likes."""
    import pikepdf

    met: dict[tuple[int, int], int] = {}
    while todo:
        node = todo.pop()
        if isinstance(node, pikepdf.Object) and node.is_indirect:
            if node.objgen in met:
                yield b"%d R " % met[node.objgen]
                continue
            met[node.objgen] = len(met)
        if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
            keys = sorted(key for key in node.keys() if key not in _LEFT_OUT)  # noqa: SIM118 - a stream's own are its data
            yield b"<%d " % len(keys)
            for key in reversed(keys):
                todo += [node.get(key), f"/{key} "]
            if isinstance(node, pikepdf.Stream):
                yield hashlib.sha256(_content(node)).digest()
        elif isinstance(node, pikepdf.Array):
            yield b"[%d " % len(node)
            todo += reversed(list(node))
        else:
            yield f"{bytes(node) if isinstance(node, pikepdf.String) else node!s} ".encode("utf-8", "surrogatepass")


def _content(stream: Any) -> bytes:
    """Return what a stream holds; as it is packed where it is packed in a way that is not unpacked, as pictures are."""
    import pikepdf

    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return b"%s " % str(stream.get("/Filter")).encode() + bytes(stream.read_raw_bytes())
