"""Look at the structure of a PDF before its content is read, and refuse what no letter looks like.

A PDF from outside is hostile until shown otherwise. Nothing here inflates more than a limit, follows a loop, or
quotes the file: a refusal says what kind of thing is wrong, never what the letter says. The longest published letter
has 9 pages, 640 objects, 1,400 tags and 28 KB of content on a page; every limit leaves room for many times that.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import Any

from imr_letters.engine.errors import InputError
from imr_letters.media.medium import LARGEST

MOST_PAGES = 200
#: Most bytes that one stream of the file inflates to, and all of them together.
MOST_INFLATED = 20_000_000
MOST_INFLATED_IN_ALL = 60_000_000
#: Most bytes of content on one page or of one font's character map, and of all that is parsed for a letter: ours have
#: about 25,000 a page, and may fill all pages. Of a letter without tags, which another library reads, less.
MOST_CONTENT = 500_000
MOST_CONTENT_IN_ALL = 6_000_000
MOST_CONTENT_WITHOUT_TAGS = 1_000_000
MOST_OBJECTS = 50_000
MOST_TAGS = 50_000
DEEPEST_TAGS = 60

_MOST_STREAMS = 20_000
_MOST_BRANCHES = 2_000
_MOST_FORMS = 2_000
_DEEPEST_FORMS = 20
_MOST_FONTS = 100
_PIECE = 16_384

#: What a file of this toolkit's writer begins with; how large one gets, and what it inflates to.
_OUR_HEAD = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_OUR_LARGEST = 1_000_000
_OUR_INFLATED = 3_000_000
_OUR_STREAMS = 500
_OUR_LONGEST_HEAD = 8_000

_STREAM = re.compile(rb"(?<!end)stream[ \t]*\r?\n?")
_NOT_OURS = re.compile(rb"#(?!2fjson)|DecodeParms|Encrypt|Filter(?<!/Filter)|Filter(?! /FlateDecode[/>])")
_ASCII = {"/ASCII85Decode", "/ASCIIHexDecode"}


def refusal(code: str, message: str, name: str, remedy: str = "get a whole copy from its sender") -> InputError:
    """Return the error for a PDF that is not read."""
    return InputError.of(message, code=code, source=name, remedy=remedy)


def is_ours(data: bytes) -> bool:
    """Return whether a file has the mark of this toolkit's writer and is as small and simple as its files are.

    The mark can be forged; what counts is that such a file gives little to attack with: no filter but one Flate,
    no encryption, no hidden names, little to inflate.
    """
    if not data.startswith(_OUR_HEAD) or len(data) > _OUR_LARGEST:
        return False
    total = 0
    for count, match in enumerate(_STREAM.finditer(data)):
        head = data.rfind(b" obj", max(0, match.start() - _OUR_LONGEST_HEAD), match.start())
        if head < 0 or count > _OUR_STREAMS or _NOT_OURS.search(data, head, match.start()):
            return False
        total += _inflated(memoryview(data)[match.end() :], _OUR_INFLATED)
        if total > _OUR_INFLATED:
            return False
    return b"/Encrypt" not in data


def scan(data: bytes, name: str) -> None:
    """Refuse a file by its bytes alone, before any PDF library sees it: too large, or inflating beyond measure."""
    if len(data) > LARGEST:
        message = f"has {len(data):,} bytes; no letter is larger than {LARGEST:,}"
        raise refusal("too-long", message, name, "give one letter")
    view = memoryview(data)
    total = 0
    for count, match in enumerate(_STREAM.finditer(data)):
        size = _inflated(view[match.end() :], MOST_INFLATED)
        total += size
        if size > MOST_INFLATED or total > MOST_INFLATED_IN_ALL or count > _MOST_STREAMS:
            raise _too_much(name)


def check(pdf: Any, name: str) -> None:
    """Refuse an opened PDF whose pages, forms, fonts or streams are no letter's. Raises `InputError`.

    Its tags are measured where they are walked (`tags`).
    """
    _check_pages(pdf, name)
    if len(pdf.objects) > MOST_OBJECTS:
        raise refusal("too-long", f"has more than {MOST_OBJECTS:,} objects", name, "give one letter at a time")
    _Content(name).check(pdf)


def has_tags(pdf: Any) -> bool:
    """Return whether an opened PDF says which tags it has, good or bad."""
    return "/StructTreeRoot" in pdf.Root


def check_forms(pdf: Any, name: str) -> None:
    """Refuse an opened PDF whose forms hold too much: for a reader that, unlike the one of tags, reads these too."""
    _Content(name, forms=True).check(pdf)


def _check_pages(pdf: Any, name: str) -> None:
    """Walk the tree of pages: no loops, not too many."""
    import pikepdf

    root = pdf.Root.get("/Pages")
    if not isinstance(root, pikepdf.Dictionary):
        raise refusal("empty", "has no pages", name)
    pages = 0
    seen = set()
    todo = [root]
    while todo:
        node = todo.pop()
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
        elif node.is_indirect and node.objgen in seen:
            raise refusal("damaged", "is a damaged PDF: its pages form a loop, or stand in two places", name)
        else:
            seen.add(node.objgen)
            if not isinstance(kids, pikepdf.Array):
                raise refusal("damaged", "is a damaged PDF: its list of pages cannot be read", name)
            if len(kids) <= _MOST_BRANCHES:
                todo += [kid for kid in kids if isinstance(kid, pikepdf.Dictionary)]
            else:
                pages += len(kids)
        if pages > MOST_PAGES or len(seen) > _MOST_BRANCHES or len(todo) > _MOST_BRANCHES:
            raise refusal("too-long", f"has more than {MOST_PAGES} pages", name, "give one letter at a time")
    if not pages:
        raise refusal("empty", "has no pages", name)


class _Content:
    """Measures what would be parsed of each page: its content, its fonts' character maps, its forms."""

    def __init__(self, name: str, *, forms: bool = False) -> None:
        self._name = name
        self._with_forms = forms
        self._most = MOST_CONTENT_WITHOUT_TAGS if forms else MOST_CONTENT_IN_ALL
        self._sizes: dict[tuple[int, int], int] = {}
        self._total = 0
        self._forms = 0
        self._fonts: set[tuple[int, int]] = set()
        self._direct_fonts = 0

    def check(self, pdf: Any) -> None:
        import pikepdf

        for page in pdf.pages:
            self._add(list(_streams(page.obj.get("/Contents"))))
            resources = page.resources
            fonts = resources.get("/Font")
            if isinstance(fonts, pikepdf.Dictionary):
                for font in fonts.as_dict().values():
                    if isinstance(font, pikepdf.Dictionary):
                        self._add_font(font)
            self._follow(resources, ())

    def _add_font(self, font: Any) -> None:
        """Count a font once; one that has no number of its own wherever it is."""
        if font.objgen in self._fonts:
            return
        if font.is_indirect:
            self._fonts.add(font.objgen)
        else:
            self._direct_fonts += 1
        if len(self._fonts) + self._direct_fonts > _MOST_FONTS:
            raise refusal("too-long", f"has more than {_MOST_FONTS} fonts", self._name, "give one letter at a time")
        self._add(list(_streams(font.get("/ToUnicode"))))

    def _add(self, streams: list[Any]) -> None:
        """Count streams that are parsed as one."""
        size = sum(self._size(stream) for stream in streams)
        self._total += size
        if size > MOST_CONTENT or self._total > self._most:
            raise _too_much(self._name)

    def _size(self, stream: Any) -> int:
        key = stream.objgen
        if key not in self._sizes:
            self._sizes[key] = self._measure(stream)
        return self._sizes[key]

    def _measure(self, stream: Any) -> int:
        """Return how many bytes a stream holds, inflating no more than the limit."""
        import pikepdf

        filters = stream.get("/Filter")
        names = (
            [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] * bool(filters)
        )
        if names[-1:] not in ([], ["/FlateDecode"], ["/ASCII85Decode"], ["/ASCIIHexDecode"]) or len(names) > 2:
            raise self._filters()
        raw: bytes = stream.read_raw_bytes()
        for each in names[:-1]:
            if each not in _ASCII:
                raise self._filters()
            raw = base64.a85decode(raw.strip().removesuffix(b"~>")) if "85" in each else _hex(raw)
        return _inflated(memoryview(raw), MOST_CONTENT) if names[-1:] == ["/FlateDecode"] else len(raw)

    def _filters(self) -> InputError:
        return refusal("damaged", "has pages or fonts packed with filters that no letter uses", self._name)

    def _follow(self, resources: Any, above: tuple[tuple[int, int], ...]) -> None:
        """Follow the forms that are drawn within forms."""
        import pikepdf

        forms = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        for form in forms.as_dict().values() if isinstance(forms, pikepdf.Dictionary) else ():
            self._forms += 1
            if not isinstance(form, pikepdf.Stream) or str(form.get("/Subtype")) != "/Form":
                continue
            if form.objgen in above or len(above) > _DEEPEST_FORMS or self._forms > _MOST_FORMS:
                raise refusal(
                    "damaged", "is a damaged PDF: its drawings hold themselves, or too many others", self._name
                )
            if self._with_forms:
                self._add([form])
            self._follow(form.get("/Resources"), (*above, form.objgen))


def _streams(node: Any) -> Iterator[Any]:
    import pikepdf

    if isinstance(node, pikepdf.Stream):
        yield node
    elif isinstance(node, pikepdf.Array):
        yield from (each for each in node if isinstance(each, pikepdf.Stream))


def _hex(raw: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", raw)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _inflated(view: memoryview, limit: int) -> int:
    """Return how many bytes the Flate data at the beginning of a view inflates to; beyond the limit, about that."""
    inflater = zlib.decompressobj()
    size = 0
    try:
        for start in range(0, len(view), _PIECE):
            piece = bytes(view[start : start + _PIECE])
            while piece and not inflater.eof:
                size += len(inflater.decompress(piece, 1_000_000))
                if size > limit:
                    return size
                piece = inflater.unconsumed_tail
            if inflater.eof:
                break
    except zlib.error:
        pass
    return size


def _too_much(name: str) -> InputError:
    return refusal("too-long", "inflates to more than any letter holds", name, "give one letter")
