"""PDFs that are damaged or mean harm: one clear refusal, or a reading; never another exception, a hang or a crash."""

from __future__ import annotations

import io
import json
import random
import re
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from imr_letters import ImrLettersError, load, parse, render
from imr_letters.engine.errors import InputError, LetterError
from imr_letters.media.medium import LARGEST
from imr_letters.media.pdf import attachment, guard, limits, reader
from imr_letters.media.pdf.source import PdfSource
from imr_letters.samples import decisions
from tests import pdfs
from tests.conftest import real_letters

SECONDS = 10.0
#: What no message may hold: addresses in memory, Python's own words, words of a library.
LEAK = re.compile(r"0x[0-9a-f]{4}|_io\.|object at|Error\b|Traceback|pikepdf|qpdf|offset \d|stream <")

Pdf = Any
Build = Callable[[], bytes]
HOSTILE: dict[str, tuple[Build, str]] = {}


@cache
def ours() -> bytes:
    """A letter of this toolkit."""
    return render(load(decisions()[0])).pdf()


def hostile(code: str = "") -> Callable[[Build], Build]:
    """Add a file; `code` is what it is refused with, "reads" where it reads, empty where either will do."""

    def add(build: Build) -> Build:
        HOSTILE[build.__name__.replace("_", "-")] = build, code
        return build

    return add


def change(code: str = "", **save: Any) -> Callable[[Callable[[Pdf], None]], Callable[[Pdf], None]]:
    """Add a file that is our letter with something changed in it."""

    def add(alter: Callable[[Pdf], None]) -> Callable[[Pdf], None]:
        def build() -> bytes:
            with pikepdf.open(io.BytesIO(ours())) as pdf:
                alter(pdf)
                out = io.BytesIO()
                pdf.save(out, **{"compress_streams": False, "fix_metadata_version": False, **save})
                return out.getvalue()

        HOSTILE[alter.__name__.replace("_", "-")] = build, code
        return alter

    return add


def element(pdf: Pdf) -> Any:
    """Return a paragraph of the tag tree, with the content it marks."""
    todo = [pdf.Root.StructTreeRoot]
    while todo:
        node = todo.pop()
        if str(node.get("/S")) == "/P":
            return node
        todo += [kid for kid in node.get("/K", []) if isinstance(kid, Dictionary)]
    raise AssertionError


def font(pdf: Pdf) -> Any:
    """Return the font of most of the words."""
    fonts = pdf.pages[0].resources.Font
    return max((fonts[key] for key in fonts.keys()), key=lambda each: len(each.ToUnicode.read_bytes()))  # noqa: SIM118


def packed(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


@cache
def bomb(size: int = 100_000_000) -> bytes:
    """Return a Flate stream of zeros that inflates a thousandfold, made without holding what it inflates to."""
    squeeze = zlib.compressobj(9)
    piece = b"0 " * 500_000
    return b"".join(squeeze.compress(piece) for _ in range(size // len(piece))) + squeeze.flush()


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same at every run


def written(*objects: bytes, trailer: bytes = b"/Root 1 0 R", head: bytes = b"%PDF-1.7\n") -> bytes:
    """Return a PDF of objects written by hand."""
    out, places = io.BytesIO(head), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start, size = out.tell(), len(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    out.write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows))
    out.write(b"trailer\n<</Size %d %b>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return out.getvalue()


PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>"
ROOT = b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot<</K<</S/P/Pg 3 0 R/K 0>>>>>>"


# Damaged files.


@hostile("damaged")
def header_only() -> bytes:
    return b"%PDF-1.7\n"


@hostile("damaged")
def cut_in_the_head() -> bytes:
    return ours()[:100]


@hostile("damaged")
def cut_in_the_middle() -> bytes:
    return ours()[: len(ours()) // 2]


@hostile()
def cut_near_the_end() -> bytes:
    return ours()[:-900]


@hostile()
def cut_at_the_end() -> bytes:
    return ours()[:-20]


@hostile("damaged")
def not_a_pdf_after_its_header() -> bytes:
    return b"%PDF-1.7\n" + chance(1).randbytes(50_000)


@hostile()
def bytes_changed() -> bytes:
    data, pick = bytearray(ours()), chance(2)
    for _ in range(200):
        data[pick.randrange(20, len(data))] = pick.randrange(256)
    return bytes(data)


@hostile()
def zeros_in_the_middle() -> bytes:
    return ours()[:5000] + bytes(5000) + ours()[10_000:]


@hostile()
def xref_loop() -> bytes:
    data = written(ROOT, PAGES, PAGE, b"<</Length 0>>stream\n\nendstream")
    at = data.index(b"xref\n0")
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % at)


@hostile()
def xref_far_outside() -> bytes:
    return re.sub(rb"startxref\n\d+", b"startxref\n99999999999999999999", ours())


@hostile()
def negative_length() -> bytes:
    return written(ROOT, PAGES, PAGE, b"<</Length -5>>stream\nBT ET\nendstream")


@hostile()
def enormous_length() -> bytes:
    return written(ROOT, PAGES, PAGE, b"<</Length 99999999999>>stream\nBT ET\nendstream")


@hostile()
def length_that_names_itself() -> bytes:
    return written(ROOT, PAGES, PAGE, b"<</Length 4 0 R>>stream\nBT ET\nendstream")


@hostile()
def enormous_object_table() -> bytes:
    return (
        written(ROOT, PAGES, PAGE).replace(b"xref\n0 4", b"xref\n0 999999999").replace(b"/Size 4", b"/Size 999999999")
    )


@hostile()
def arrays_in_arrays() -> bytes:
    return written(ROOT, PAGES, PAGE, b"[" * 200_000 + b"]" * 200_000)


@hostile("damaged")
def no_catalog() -> bytes:
    return written(b"(nothing)", trailer=b"/Root 1 0 R")


@hostile("damaged")
def catalog_that_is_missing() -> bytes:
    return written(b"(nothing)", trailer=b"/Root 9 0 R")


# Passwords.


@change("password", encryption=pikepdf.Encryption(user="open", owner="sesame"))
def encrypted_for_its_reader(pdf: Pdf) -> None:
    pass


@change("reads", encryption=pikepdf.Encryption(user="", owner="sesame"))
def encrypted_for_its_owner(pdf: Pdf) -> None:
    pass


# Bombs.


@change("too-long")
def bomb_in_the_content(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(bomb(), filter=Name.FlateDecode)


@change("too-long")
def bomb_in_the_content_of_every_page(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"")
    stream.write(packed(b"0 " * 150_000), filter=Name.FlateDecode)
    for _ in range(50):
        pdf.pages.append(pdf.pages[0])
    for page in pdf.pages:
        page.obj.Contents = stream


@change("too-long", encryption=pikepdf.Encryption(user="", owner="sesame"))
def bomb_behind_encryption(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(bomb(), filter=Name.FlateDecode)


@change("too-long")
def bomb_in_the_character_map(pdf: Pdf) -> None:
    font(pdf).ToUnicode.write(bomb(), filter=Name.FlateDecode)


@change("too-long")
def bomb_behind_another_filter(pdf: Pdf) -> None:
    data = bomb(60_000_000).hex().encode() + b">"
    pdf.pages[0].Contents.write(data, filter=Array([Name.ASCIIHexDecode, Name.FlateDecode]), decode_parms=None)


@hostile("too-long")
def bomb_in_an_object_stream() -> bytes:
    stream = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(bomb()), bomb())
    return written(ROOT, PAGES, PAGE, stream)


@hostile()
def bomb_in_an_object_stream_behind_another_filter() -> bytes:
    data = bomb(80_000_000).hex().encode() + b">"
    head = b"<</Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]/Length %d>>stream\n" % len(data)
    return written(ROOT, PAGES, PAGE, head + data + b"\nendstream")


@hostile("too-long")
def bomb_in_the_object_table() -> bytes:
    head = b"%PDF-1.7\n"
    table = b"1 0 obj\n<</Type/XRef/W[1 2 2]/Size 9/Root 2 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(bomb())
    return head + table + bomb() + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


@change("damaged")
def fifty_filters(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(packed(b"BT ET", 50), filter=Array([Name.FlateDecode] * 50))


@change("damaged")
def two_filters_that_grow(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(packed(b"0 " * 400_000, 2), filter=Array([Name.FlateDecode] * 2))


@change("damaged")
def filter_of_no_name(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(b"BT ET", filter=Name.Unheard)


# Pages.


@change("too-long")
def ten_thousand_pages_of_one_object(pdf: Pdf) -> None:
    pdf.Root.Pages.Kids = Array([pdf.Root.Pages.Kids[0]] * 10_000)


@hostile("damaged")
def pages_that_multiply() -> bytes:
    levels = [b"<</Type/Pages/Count 1000000000/Kids[%b]>>" % (b"%d 0 R " % (number + 3) * 10) for number in range(20)]
    return written(ROOT, *levels, b"<</Type/Page/MediaBox[0 0 9 9]>>")


@hostile("damaged")
def pages_in_a_loop() -> bytes:
    return written(ROOT, b"<</Type/Pages/Count 1/Kids[2 0 R]>>")


@hostile("damaged")
def pages_in_a_long_loop() -> bytes:
    return written(ROOT, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>")


@hostile("empty")
def no_pages() -> bytes:
    return written(ROOT, b"<</Type/Pages/Count 0/Kids[]>>")


@hostile()
def pages_of_another_kind() -> bytes:
    return written(ROOT, b"(pages)")


@hostile("empty")
def page_without_contents() -> bytes:
    return written(ROOT, PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")


@change()
def contents_in_arrays_in_arrays(pdf: Pdf) -> None:
    pdf.pages[0].obj.Contents = Array([Array([Array([pdf.pages[0].Contents])])])


@change()
def contents_of_random_bytes(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(chance(3).randbytes(200_000))


@change()
def contents_with_images(pdf: Pdf) -> None:
    image = b"BI /W 9999999 /H 9999999 /BPC 8 /CS /RGB /F [/AHx /Fl] ID \x00\x01\xff EI EI\nQ BI ID"
    pdf.pages[0].Contents.write(image * 50 + pdf.pages[0].Contents.read_bytes() + image)


@change()
def contents_with_operands_missing(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(b"BDC /P <</MCID 0>> BDC BT Tf Td Tm cm Tj TJ ' \" TL EMC EMC EMC Q Q Q")


@change()
def numbers_beyond_measure(pdf: Pdf) -> None:
    number = b"9" * 400
    pdf.pages[0].Contents.write(b"%b 0 0 %b 0 0 cm " % (number, number) * 20 + pdf.pages[0].Contents.read_bytes())


@change()
def states_saved_without_end(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(b"q " * 240_000)


@change()
def marks_opened_without_end(pdf: Pdf) -> None:
    pdf.pages[0].Contents.write(b"/P <</MCID 1>> BDC " * 20_000)


@change("damaged")
def form_that_draws_itself(pdf: Pdf) -> None:
    form = pdf.make_stream(b"/X Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1])
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)


@change("damaged")
def forms_that_multiply(pdf: Pdf) -> None:
    inner: Any = None
    for _ in range(15):
        form = pdf.make_stream(b"/A Do /B Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1])
        form.Resources = Dictionary(XObject=Dictionary(A=inner, B=inner)) if inner is not None else Dictionary()
        inner = form
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=inner)


# Tags.


@change("damaged")
def tags_in_a_loop(pdf: Pdf) -> None:
    element(pdf).K = Array([pdf.Root.StructTreeRoot.K])


@change("damaged")
def tags_that_multiply(pdf: Pdf) -> None:
    node = pdf.make_indirect(Dictionary(S=Name.P, K=0))
    for _ in range(30):
        node = pdf.make_indirect(Dictionary(S=Name.Div, K=Array([node, node])))
    pdf.Root.StructTreeRoot.K = node


@hostile("too-long")
def tags_a_hundred_thousand_deep() -> bytes:
    links = [b"<</S/Div/K %d 0 R>>" % number for number in range(4, 100_000)]
    return written(ROOT.replace(b"<</S/P/Pg 3 0 R/K 0>>", b"3 0 R"), b"<</Kids[1 0 R]>>", *links, b"<</S/P/K 0>>")


@change("damaged")
def tags_a_thousand_deep(pdf: Pdf) -> None:
    node = pdf.make_indirect(Dictionary(S=Name.P, K=0))
    for _ in range(1000):
        node = pdf.make_indirect(Dictionary(S=Name.Div, K=node))
    pdf.Root.StructTreeRoot.K = node


@change("too-long")
def a_hundred_thousand_tags(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.K = Array([Dictionary(S=Name.P, K=0)] * 100_000)


@change()
def content_marks_beyond_measure(pdf: Pdf) -> None:
    element(pdf).K = Array([2**62, -1, -(2**62), Dictionary(Type=Name.MCR, MCID=-7), 10**9])


@change()
def content_mark_that_is_no_number(pdf: Pdf) -> None:
    element(pdf).K = Array([Dictionary(Type=Name.MCR, MCID=String("seven"))])


@change()
def kids_that_are_a_string(pdf: Pdf) -> None:
    element(pdf).K = String("kids")


@change()
def page_that_is_a_name(pdf: Pdf) -> None:
    element(pdf).Pg = Name.Page


@change()
def role_that_is_an_array(pdf: Pdf) -> None:
    element(pdf).S = Array([Name.P])


@change()
def tags_of_another_kind(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot = String("tags")


# Fonts and characters.


@change("too-long")
def ten_thousand_fonts(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"beginbfrange <0000> <FFFF> <0041> endbfrange")
    each = Dictionary(Type=Name.Font, Subtype=Name.TrueType, ToUnicode=stream)
    pdf.pages[0].obj.Resources.Font = Dictionary({f"/F{number}": each for number in range(10_000)})


@change()
def fonts_on_two_hundred_pages(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"beginbfrange <0000> <FFFF> <0041> endbfrange")
    for number in range(90):
        each = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.TrueType, ToUnicode=stream, Number=number))
        pdf.pages[0].obj.Resources.Font[f"/Z{number}"] = each
    while len(pdf.pages) < 200:
        pdf.pages.append(pdf.pages[0])


@change()
def as_much_content_as_is_read(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"q " * 240_000)
    while len(pdf.pages) < 6:
        pdf.pages.append(pdf.pages[0])
    for page in list(pdf.pages)[-2:]:
        page.obj.Contents = stream


@change()
def fonts_missing(pdf: Pdf) -> None:
    for page in pdf.pages:
        page.obj.Resources = Dictionary()


@change()
def fonts_in_an_array(pdf: Pdf) -> None:
    pdf.pages[0].resources.Font = Array([1, 2])


@change()
def font_that_is_an_array(pdf: Pdf) -> None:
    fonts = pdf.pages[0].resources.Font
    for key in list(fonts.keys()):
        fonts[key] = Array([1])


@change()
def resources_that_are_a_number(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources = 7


@change()
def character_map_that_is_a_name(pdf: Pdf) -> None:
    font(pdf).ToUnicode = Name("/Identity-H")


@change("damaged")
def character_map_of_giant_ranges(pdf: Pdf) -> None:
    ranges = b"<0000> <FFFFFFFF> <0041>\n" * 15_000
    font(pdf).ToUnicode.write(b"100 beginbfrange\n" + ranges + b"endbfrange")


@change()
def character_map_that_never_ends(pdf: Pdf) -> None:
    font(pdf).ToUnicode.write(b"beginbfchar<0>" * 30_000)


@change()
def character_map_beyond_unicode(pdf: Pdf) -> None:
    font(pdf).ToUnicode.write(b"beginbfrange <0000> <FFFF> <DBFFDFFF> endbfrange")


@change()
def character_map_to_nothing(pdf: Pdf) -> None:
    font(pdf).ToUnicode.write(b"beginbfrange <0000> <FFFF> <> endbfrange beginbfchar <> <> endbfchar")


def mapped(pdf: Pdf, char: str) -> None:
    digits = char.encode("utf-16-be").hex().encode()
    rows = b"".join(b"<%04x> <%b>\n" % (code, digits) for code in range(200))
    font(pdf).ToUnicode.write(b"beginbfchar\n" + rows + b"endbfchar")


@change("character")
def characters_that_turn_the_line(pdf: Pdf) -> None:
    mapped(pdf, "\u202e")


@change("character")
def characters_that_cannot_be_seen(pdf: Pdf) -> None:
    mapped(pdf, "\u200b")


@change("character")
def characters_that_drive_a_terminal(pdf: Pdf) -> None:
    mapped(pdf, "\x1b")


@change("character")
def characters_that_are_halves(pdf: Pdf) -> None:
    font(pdf).ToUnicode.write(b"beginbfrange <0000> <FFF0> <D7FF> endbfrange")


# Without tags: the layout of the pages is read, by pdfium, in the child alone.

UNTAGGED: dict[str, tuple[Build, str]] = {}
FORM = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792])


def untagged(code: str = "") -> Callable[[Callable[[Pdf], None]], Callable[[Pdf], None]]:
    """Add a file without tags: a page, with a font F, that something is done to."""

    def add(alter: Callable[[Pdf], None]) -> Callable[[Pdf], None]:
        def build() -> bytes:
            with pikepdf.new() as pdf:
                pdf.add_blank_page(page_size=(612, 792))
                face = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
                pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(face)))
                alter(pdf)
                out = io.BytesIO()
                pdf.save(out, compress_streams=False)
                return out.getvalue()

        UNTAGGED[alter.__name__.replace("_", "-")] = build, code
        return alter

    return add


def draw(pdf: Pdf, *lines: bytes, page: int = 0, start: bytes = b"1 0 0 1 72 700 Tm", size: bytes = b"12") -> None:
    """Draw lines of text on a page, the strings as a PDF holds them."""
    shown = b" ".join(b"%b Tj T*" % line for line in lines)
    pdf.pages[page].obj.Contents = pdf.make_stream(b"BT /F %b Tf 14 TL %b %b ET" % (size, start, shown))


@untagged("reads")
def lines_of_text(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", b"(and another.)")


@untagged("too-long")
def more_text_than_a_letter_has(pdf: Pdf) -> None:
    draw(pdf, *[b"(%b)" % (b"abcd " * 20)] * 4_000)


@untagged("empty")
def a_million_tiny_glyphs(pdf: Pdf) -> None:
    pdf.pages.append(pdf.pages[0])
    for page in range(2):
        draw(pdf, b"(%b)" % (b"." * 490_000), page=page, size=b".01")


@untagged("empty")
def tiny_glyphs(pdf: Pdf) -> None:
    draw(pdf, b"(%b)" % (b"." * 250_000), size=b".01")


@untagged()
def each_glyph_on_a_line_of_its_own(pdf: Pdf) -> None:
    draw(pdf, *[b"(x)"] * 45_000)


@untagged()
def each_glyph_in_a_size_of_its_own(pdf: Pdf) -> None:
    sizes = b" ".join(b"/F %d Tf (x) Tj" % (size % 97) for size in range(25_000))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"BT 1 0 0 1 72 400 Tm %b ET" % sizes)


@untagged()
def two_pages_of_the_same_lines(pdf: Pdf) -> None:
    draw(pdf, *[b"(x)"] * 40_000, start=b".01 0 0 .01 72 700 Tm", size=b"110")
    pdf.pages.append(pdf.pages[0])


@untagged("too-slow")
def a_form_drawn_again_and_again(pdf: Pdf) -> None:
    form = pdf.make_stream(b"BT /F 12 Tf %b ET" % (b"(abcdefgh) Tj " * 20_000), FORM)
    form.Resources = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do " * 50_000)


@untagged("damaged")
def a_form_in_itself(pdf: Pdf) -> None:
    form = pdf.make_stream(b"/X Do", FORM)
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do")


@untagged("too-long")
def a_form_that_inflates(pdf: Pdf) -> None:
    form = pdf.make_stream(b"", FORM)
    form.write(packed(b"0 " * 400_000), filter=Name.FlateDecode)
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)


@untagged("empty")
def text_far_outside_the_page(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", b"(and another.)", start=b"1 0 0 1 99999999 -4000 Tm")


@untagged("empty")
def invisible_text(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", b"(and another.)", start=b"3 Tr 1 0 0 1 72 700 Tm")


@untagged()
def matrices_beyond_measure(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", start=b"1e38 1e38 -1e38 1e38 9e99 9e99 Tm")


@untagged()
def a_matrix_of_nothing(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", start=b"0 0 0 0 72 700 Tm")


@untagged("reads")
def a_page_turned_round(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)", b"(and another.)")
    pdf.pages[0].obj.Rotate = 90


@untagged("reads")
def lines_over_each_other(pdf: Pdf) -> None:
    draw(pdf, *[b"(over and over)"] * 2_000, start=b"0 TL 1 0 0 1 72 700 Tm")


@untagged("character")
def letters_from_right_to_left(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F.ToUnicode = pdf.make_stream(b"1 beginbfrange <20> <7E> <05D0> endbfrange")
    draw(pdf, b"(One line,)")


@untagged("character")
def control_characters(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F.ToUnicode = pdf.make_stream(b"1 beginbfchar <6E> <202E> endbfchar")
    draw(pdf, b"(One line,)")


@untagged("empty")
def empty_pages(pdf: Pdf) -> None:
    for _ in range(50):
        pdf.add_blank_page()


@untagged("too-long")
def two_hundred_and_one_pages(pdf: Pdf) -> None:
    draw(pdf, b"(One line,)")
    while len(pdf.pages) <= limits.MOST_PAGES:
        pdf.pages.append(pdf.pages[0])


@untagged("pictures")
def pictures_of_pages(pdf: Pdf) -> None:
    picture = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=9, Height=9, BitsPerComponent=8, ColorSpace=Name.DeviceGray
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(I=pdf.make_stream(bytes(81), picture))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /I Do Q")


@untagged("pictures")
def pictures_of_pages_with_invisible_text(pdf: Pdf) -> None:
    picture = Dictionary(Type=Name.XObject, Subtype=Name.Image, Filter=Name.JBIG2Decode, Width=99999, Height=99999)
    pdf.pages[0].obj.Resources.XObject = Dictionary(I=pdf.make_stream(chance(5).randbytes(9_000), picture))
    draw(pdf, b"(One line,)", start=b"3 Tr 1 0 0 1 72 700 Tm")


@untagged()
def a_font_file_of_random_bytes(pdf: Pdf) -> None:
    face = pdf.pages[0].obj.Resources.Font.F
    face.Subtype = Name.TrueType
    file = pdf.make_stream(b"\0\1\0\0" + chance(6).randbytes(50_000))
    face.FontDescriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name.Helvetica, Flags=4, FontFile2=file)
    draw(pdf, b"(One line,)")


@untagged()
def content_of_random_bytes(pdf: Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(chance(7).randbytes(200_000))


Outcome = PdfSource | ImrLettersError


def outcome(read: Callable[..., PdfSource], data: bytes) -> Outcome:
    """Return what came of reading; anything but one of our own errors goes through and fails the test."""
    began = _worked()
    try:
        return read(data, "letter.pdf")
    except (InputError, LetterError) as error:
        return error
    finally:
        assert _worked() - began < SECONDS + 1


def _worked() -> float:
    """Return the seconds that this process and its children kept a processor busy, whoever else was."""
    spent = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def clear(error: ImrLettersError) -> None:
    """Check that an error says one thing, and nothing of the letter or of the machine."""
    (finding,) = error.findings
    said = str(error)
    assert said.startswith("letter.pdf")
    assert finding.message
    assert finding.remedy
    assert len(said) < 300
    assert said.isascii()
    assert not LEAK.search(said)
    assert not any(name in said for name in ("Patient", "Reviewer", "CM1", "medically"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_read_or_refused(name: str) -> None:
    build, code = HOSTILE[name]
    data = build()
    # With more time than in use: on a busy machine a sound refusal may be late.
    guarded = outcome(partial(pdfs.read_guarded, seconds=40.0), data)
    if isinstance(guarded, ImrLettersError):
        clear(guarded)
        assert code in ("", guarded.findings[0].code), str(guarded)
        assert guarded.findings[0].code not in ("crashed", "too-slow")
    else:
        assert code in ("", "reads"), guarded.blocks
    # In this process the same comes of it: what the child is there for was stopped before. It alone draws the pages.
    plain = outcome(pdfs.read_here, data)
    assert type(plain) is type(guarded)
    if isinstance(plain, PdfSource) and isinstance(guarded, PdfSource):
        assert guarded.findings[: len(plain.findings)] == plain.findings
        plain = replace(plain, findings=guarded.findings)
    assert str(plain) == str(guarded) if isinstance(plain, ImrLettersError) else plain == guarded


@pytest.mark.parametrize("name", UNTAGGED)
def test_a_hostile_pdf_without_tags_is_read_or_refused(name: str) -> None:
    build, code = UNTAGGED[name]
    data = build()
    guarded = outcome(partial(pdfs.read_guarded, seconds=5.0 if code == "too-slow" else 40.0), data)
    if isinstance(guarded, ImrLettersError):
        clear(guarded)
        # Whether the clock or the memory ends first is the machine's.
        stopped = guarded.findings[0].code in ("crashed", "too-slow")
        assert code in ("", "too-slow" if stopped else guarded.findings[0].code), str(guarded)
        assert not stopped or code == "too-slow"
    else:
        assert code in ("", "reads"), guarded.blocks
        assert not guarded.certain
    # pdfium runs in the child alone.
    plain = outcome(pdfs.read_here, data)
    assert isinstance(plain, InputError)
    assert plain.findings[0].code in {"untagged", code}


def test_a_page_without_tags_is_read_as_it_is_seen() -> None:
    for name in ("lines-of-text", "a-page-turned-round"):
        source = pdfs.read_guarded(UNTAGGED[name][0](), "letter.pdf")
        assert source.blocks == ["One line, and another."]
        assert source.findings[0].code == "untagged"
        assert ("sideways" in [finding.code for finding in source.findings]) == (name == "a-page-turned-round")


def test_text_that_cannot_be_seen_is_left_out_and_told() -> None:
    with pikepdf.open(io.BytesIO(UNTAGGED["invisible-text"][0]())) as pdf:
        seen = pdf.make_stream(b"0 Tr BT /F 12 Tf 1 0 0 1 72 400 Tm (Seen.) Tj ET")
        pdf.pages[0].obj.Contents = Array([pdf.pages[0].obj.Contents, seen])
        out = io.BytesIO()
        pdf.save(out)
    source = pdfs.read_guarded(out.getvalue(), "letter.pdf")
    assert source.blocks == ["Seen."]
    hidden = [(each.severity, each.excerpt) for each in source.findings if each.code == "hidden"]
    assert hidden == [("error", "One line,"), ("error", "and another.")]


def test_a_repair_is_told() -> None:
    source = pdfs.read_guarded(HOSTILE["cut-at-the-end"][0](), "letter.pdf")
    assert [(finding.code, finding.severity) for finding in source.findings] == [("repaired", "note")]
    assert source.blocks == pdfs.read_here(ours()).blocks


def test_an_attachment_of_a_file_from_outside_is_read_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    data = HOSTILE["encrypted-for-its-owner"][0]()
    assert not limits.is_ours(data)
    inside, expected = attachment.read_here(data, ours=False)
    assert expected
    monkeypatch.setattr(attachment, "read_here", None)
    assert pdfs.attached(data) == inside is not None
    with pytest.raises(InputError):
        pdfs.attached(b"%PDF-1.7\n" + chance(1).randbytes(50_000))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        del pdf.attachments["decision.json"]
        out = io.BytesIO()
        pdf.save(out)
    assert pdfs.attached(out.getvalue()) is None


def test_the_child_loads_neither_models_nor_templates() -> None:
    """It reads words, and most of its time is its start."""
    order = {"module": "reader", "name": "", "ours": False, "seconds": 40.0, "memory": 1_000_000_000, "path": sys.path}
    code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__'); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-I", "-c", code, str(Path(guard.__file__).with_name("child.py"))]
    done = subprocess.run(command, input=f"{json.dumps(order)}\n".encode() + ours(), check=True, capture_output=True)  # noqa: S603
    assert json.loads(done.stdout.splitlines()[-1]) == ["end", ""]
    loaded = done.stderr.decode().split()
    assert "pikepdf" in loaded
    assert {"pydantic", "jinja2", "yaml", "weasyprint"}.isdisjoint(loaded)


@pytest.mark.parametrize("data", [b"", b"%PD", b"PK\x03\x04" + bytes(100)], ids=["empty", "short", "zip"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    for read in (pdfs.read_here, pdfs.read_guarded):
        error = outcome(read, data)
        assert isinstance(error, InputError)
        clear(error)
    with pytest.raises(ImrLettersError):
        parse(data, name="letter.pdf")


def test_a_file_too_large_is_refused_unread() -> None:
    error = outcome(pdfs.read_guarded, b"%PDF-1.7\n" + bytes(LARGEST))
    assert isinstance(error, InputError)
    clear(error)


def test_an_owner_password_is_told() -> None:
    source = pdfs.read(HOSTILE["encrypted-for-its-owner"][0]())
    assert source.findings[0].code == "encrypted"
    assert source.blocks == pdfs.read_here(ours()).blocks


@pytest.mark.parametrize("path", decisions()[::3], ids=lambda path: path.stem)
def test_our_own_letters_need_no_guard_and_read_alike_with_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdfs.sample(path)
    guarded = pdfs.read_guarded(data, "letter.pdf")
    monkeypatch.setattr(reader, "read_guarded", None)
    assert pdfs.read(data, "letter.pdf") == guarded


@pytest.mark.corpus
def test_real_letters_read_alike_with_and_without_a_guard() -> None:
    for path in [path for path in real_letters() if path.suffix == ".pdf"][::6]:
        data = path.read_bytes()
        assert not limits.is_ours(data)
        assert pdfs.read_here(data, path.name) == pdfs.read_guarded(data, path.name)


@pytest.mark.parametrize("name", [name for name, (_, code) in HOSTILE.items() if code == "too-long"])
def test_nothing_hostile_passes_for_ours_by_the_mark_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # With the mark forged it may be read in this process, and is refused there just the same.
    data = HOSTILE[name][0]()
    forged = ours()[:15] + data[data.index(b"\n") + 1 :]
    monkeypatch.setattr(reader, "read_guarded", lambda given: pdfs.read_here(given.data, given.name))
    error = outcome(pdfs.read, forged)
    assert isinstance(error, ImrLettersError)
    clear(error)


GUARDS = {
    "aborts": ("import os; os.abort()", "crashed"),
    "exits": ("raise SystemExit(3)", "crashed"),
    "says-nothing": ("", "crashed"),
    "stops-half-way": ('print(\'["read", ""]\')', "crashed"),
    "talks-nonsense": ("print('{]')", "crashed"),
    "sleeps": ("import time; time.sleep(60)", "too-slow"),
    "spins": ("while True: pass", "too-slow"),
    "bloats": ("GUARD._limit(5, 300_000_000); bytearray(10**9)", "crashed"),
    "spins-within-its-limit": ("GUARD._limit(0, 10**9)\nwhile True: pass", "too-slow"),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_child_that_fails_is_one_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, code = GUARDS[name]
    script = tmp_path / "guard.py"
    load_guard = (
        "from importlib.util import module_from_spec, spec_from_file_location\n"
        f"spec = spec_from_file_location('guard', {str(guard._CHILD)!r})\n"
        "GUARD = module_from_spec(spec); spec.loader.exec_module(GUARD)\n"
    )
    script.write_text((load_guard if "GUARD" in program else "") + program, encoding="utf-8")
    monkeypatch.setattr(guard, "_CHILD", script)
    with pytest.raises(InputError) as caught:
        pdfs.read_guarded(ours(), "letter.pdf", seconds=2.0)
    assert [finding.code for finding in caught.value.findings] == [code]
    clear(caught.value)
