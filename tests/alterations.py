"""What can be done to the pages of a PDF so that a person sees something else than its words say, or nothing new.

Each alters the first page of an opened letter of ours. `WORDS` is where its fourth line of prose is, in points.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

Pdf = Any
Alter = Callable[[Pdf], None]


def altered(pdf: bytes, *alter: Alter) -> bytes:
    """Return a PDF with something done to it."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for each in alter:
            each(file)
        made = io.BytesIO()
        file.save(made, fix_metadata_version=False, static_id=True)
        return made.getvalue()


def with_mark(pdf: bytes) -> bytes:
    """Return a PDF with the mark of our writer at its head, whoever wrote it."""
    head = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
    rest = pdf[pdf.index(b"\n", pdf.index(b"\n") + 1) + 1 :]
    return head + rest if len(pdf) - len(rest) == len(head) else pdf


def resource(file: Pdf, kind: str, name: str, value: Any) -> None:
    """Add a resource to the first page."""
    resources = file.pages[0].obj.Resources
    if kind not in resources:
        resources[kind] = Dictionary()
    resources[kind][name] = value


def after(content: bytes, page: int = 0) -> Alter:
    """Return what draws something over a page."""

    def alter(file: Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        resource(file, "/Font", "/Other", font)
        # Words as a reader by tags expects them are in marked content; what is drawn here is called an artifact.
        file.pages[page].contents_add(b"q " + _inverse(file, page) + content + b" Q")

    return alter


def _inverse(file: Pdf, page: int) -> bytes:
    """Return what undoes the coordinates that a page of ours leaves: it hangs from the upper left corner."""
    content = file.pages[page].Contents.read_bytes() if not isinstance(file.pages[page].Contents, Array) else b""
    return b"1 0 0 -1 0 792 cm " if content.startswith(b"1 0 0 -1 0 792 cm") else b""


def instead(old: bytes, new: bytes, count: int = 1) -> Alter:
    """Return what changes the content of the first page."""

    def alter(file: Pdf) -> None:
        content = file.pages[0].Contents.read_bytes()
        assert old in content, old
        file.pages[0].Contents = file.make_stream(content.replace(old, new, count))

    return alter


def before_words(content: bytes, after_words: bytes = b"") -> Alter:
    """Return what puts something before every string of the first page, and after it."""

    def alter(file: Pdf) -> None:
        old = file.pages[0].Contents.read_bytes()
        new = old.replace(b"\nTJ", b"\nTJ\n" + after_words).replace(b"BT\n", b"BT\n" + content + b"\n")
        assert new != old
        file.pages[0].Contents = file.make_stream(new)

    return alter


#: The line "Radiographs at the urgent care clinic ...", on the first page of the third sample.
LINE = b"72 201 470 16 re"
WORDS = "Radiographs at the urgent care clinic"
_NEW = b" BT /Other 11 Tf 0 g 1 0 0 1 76 206 Tm (All items are overturned.) Tj ET"


def _picture(**keys: Any) -> Alter:
    """Return what draws a picture of one dot over the line."""

    def alter(file: Pdf) -> None:
        look = {"BitsPerComponent": 8, "ColorSpace": Name.DeviceGray} | keys
        picture = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        for key, value in look.items():
            if value is not None:
                picture["/" + key] = value
        resource(file, "/XObject", "/Over", file.make_stream(b"\x60", picture))
        after(b"0.4 g 470 0 0 16 72 201 cm /Over Do")(file)

    return alter


def _form(content: bytes) -> Alter:
    def alter(file: Pdf) -> None:
        about = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792])
        about.Resources = Dictionary(
            Font=Dictionary(Other=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        )
        resource(file, "/XObject", "/Over", file.make_stream(content, about))
        after(b"/Over Do")(file)

    return alter


def _shading(file: Pdf) -> None:
    function = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0.5], C1=[0.6], N=1)
    shading = Dictionary(ShadingType=2, ColorSpace=Name.DeviceGray, Coords=[0, 0, 612, 0], Function=function)
    shading.Extend = Array([True, True])
    resource(file, "/Shading", "/Over", shading)
    after(LINE + b" W n /Over sh")(file)


def _pattern(file: Pdf) -> None:
    about = Dictionary(PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 9, 9], XStep=9, YStep=9)
    about.Resources = Dictionary()
    resource(file, "/Pattern", "/Over", file.make_stream(b"0.5 g 0 0 9 9 re f", about))
    after(b"/Pattern cs /Over scn " + LINE + b" f")(file)


def _note(subtype: str, content: bytes, **keys: Any) -> Alter:
    """Return what lays an annotation over the line, which looks as its content says."""

    def alter(file: Pdf) -> None:
        form = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 470, 16])
        form.Resources = Dictionary(
            Font=Dictionary(Other=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        )
        note = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[72, 201, 542, 217], F=4, **keys)
        note.AP = Dictionary(N=file.make_stream(content, form))
        file.pages[0].obj.Annots = file.make_indirect(Array([note]))

    return alter


def _state(**keys: Any) -> Alter:
    """Return what draws all words of the first page in another graphics state."""

    def alter(file: Pdf) -> None:
        resource(file, "/ExtGState", "/Other", Dictionary(**keys))
        before_words(b"/Other gs")(file)

    return alter


def _layer(file: Pdf) -> None:
    """Put the words of the first page on a layer that is off."""
    layer = file.make_indirect(Dictionary(Type=Name.OCG, Name=String("Words")))
    file.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(OFF=[layer], Order=[]))
    resource(file, "/Properties", "/Off", layer)
    content = file.pages[0].Contents.read_bytes()
    file.pages[0].Contents = file.make_stream(b"/OC /Off BDC " + content + b" EMC")


def _box(key: str, *sides: float) -> Alter:
    return lambda file: file.pages[0].obj.__setitem__(key, Array([*sides]))


def _words(matrix: bytes) -> Alter:
    """Return what draws the words of the first page by another matrix."""
    return before_words(matrix + b" cm", b"")


#: What hides the line, and what hides all words of the page or many; they are still among those of the file.
HIDES_A_LINE: dict[str, Alter] = {
    "black box": after(b"0 g " + LINE + b" f"),
    "white box": after(b"1 g " + LINE + b" f"),
    "gray box": after(b"0.5 g " + LINE + b" f*"),
    "red box": after(b"1 0 0 rg " + LINE + b" f"),
    "box with a frame": after(b"0.9 g 0 G " + LINE + b" B"),
    "box in another color space": after(b"0 0 0 1 k " + LINE + b" f"),
    "box of lines": after(b"0.2 g 72 201 m 542 201 l 542 217 l 72 217 l h f"),
    "box of curves": after(b"0.2 g 72 200 m 72 200 542 200 542 200 c 542 218 542 218 542 218 c 72 218 l f"),
    "box that is turned": after(b"0 g 0 1 -1 0 542 201 cm 0 0 16 470 re f"),
    "thick line": after(b"16 w 72 209 m 542 209 l S"),
    "white thick line": after(b"1 G 16 w 72 209 m 542 209 l S"),
    "many thin lines": after(b"1 G 2 w " + b"".join(b"72 %d m 542 %d l S " % (y, y) for y in range(201, 219))),
    "white box and new words": after(b"1 g " + LINE + b" f" + _NEW),
    "half a box": after(b"1 g 72 205 470 12 re f"),
    "picture": _picture(),
    "picture in color": _picture(ColorSpace=Name.DeviceGray, Interpolate=True),
    "picture as a stencil": _picture(ImageMask=True, BitsPerComponent=1, ColorSpace=None),
    "inline picture": after(b"470 0 0 16 72 201 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x60 EI"),
    "box in a form": _form(b"0.3 g " + LINE + b" f"),
    "shading": _shading,
    "pattern": _pattern,
    "square note": _note("Square", b"0.5 g 0 0 470 16 re f"),
    "stamp": _note("Stamp", b"1 g 0 0 470 16 re f 0 g BT /Other 11 Tf 4 4 Td (Overturned) Tj ET"),
    "free text": _note("FreeText", b"1 g 0 0 470 16 re f"),
}
HIDES_MANY: dict[str, Alter] = {
    "words by a render mode": before_words(b"3 Tr"),
    "words as a clip": before_words(b"7 Tr"),
    "words in white": before_words(b"1 g"),
    "words nearly white": before_words(b"0.97 g"),
    "words in white by another color space": before_words(b"0 0 0 0 k"),
    "words that let all through": _state(ca=0.0),
    "words that let nearly all through": _state(ca=0.03),
    "words in a clip of nothing": before_words(b"0 0 0 0 re W n"),
    "words off the page": _words(b"1 0 0 1 2000 0"),
    "words above the page": _words(b"1 0 0 1 0 -3000"),
    "tiny words": _words(b"0.05 0 0 0.05 0 0"),
    "flat words": _words(b"1 0 0 0.02 0 500"),
    "layer that is off": _layer,
    "crop box": _box("/CropBox", 0, 300, 612, 792),
    "media box": _box("/MediaBox", 0, 300, 612, 792),
    "narrow media box": _box("/MediaBox", 0, 0, 300, 792),
}
HIDES = HIDES_A_LINE | HIDES_MANY

#: What strikes words through.
STRIKES: dict[str, Alter] = {
    "thin line": after(b"0.8 w 72 212 m 542 212 l S"),
    "thin box": after(b"72 211.5 470 1 re f"),
    "two lines": after(b"0.6 w 72 211 m 542 211 l S 72 213 m 542 213 l S"),
    "red line": after(b"1 0 0 RG 1 w 72 212 m 542 212 l S"),
    "line of a note": _note("StrikeOut", b"1 w 0 11 m 470 11 l S"),
}

#: What adds something to see, or turns a page.
ADDS: dict[str, Alter] = {
    "words without a tag": after(_NEW.replace(b"206", b"60")),
    "words as an artifact": after(b"/Artifact BMC" + _NEW.replace(b"206", b"60") + b" EMC"),
    "words in a form": _form(_NEW.replace(b"206", b"60")),
    "words in a note": _note("FreeText", b"BT /Other 11 Tf 4 4 Td (Overturned) Tj ET"),
    "picture at the foot": after(b"90 0 0 20 72 20 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x60 EI"),
    "line at the foot": after(b"72 60 m 300 60 l S"),
    "pale words": after(b"0.9 g BT /Other 40 Tf 0.7 0.7 -0.7 0.7 200 300 Tm (COPY) Tj ET"),
    "underline": after(b"0.8 w 72 206.5 m 542 206.5 l S"),
    "highlight": after(b"1 1 0 rg 72 20 470 6 re f"),
    "frame": after(b"1 w 60 60 490 690 re S"),
    "page turned": lambda file: file.pages[0].rotate(90, relative=True),
    "page on its head": lambda file: file.pages[0].rotate(180, relative=True),
    "larger page": _box("/MediaBox", 0, 0, 700, 900),
    "moved page": _box("/MediaBox", -20, 0, 592, 792),
    "larger unit": lambda file: file.pages[0].obj.__setitem__("/UserUnit", 2),
    "blank page": lambda file: file.pages.append(file.add_blank_page()),
    "page again": lambda file: file.pages.append(file.pages[0]),
    "another color": before_words(b"0.4 g"),
    "other letters": instead(b"/NGSDAW", b"/LBZIMX", 400),
}
