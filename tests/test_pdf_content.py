"""The reader of page content compared with pikepdf's: ours and real letters alike, and content that means harm."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeGuard

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters import samples
from imr_letters.media.pdf.content import content as content_of
from imr_letters.media.pdf.operators import OBEYED, PASSED, Operand, operations
from tests import pdfs
from tests.conftest import real_letters


def plain(value: Any) -> Operand:
    """Return what pikepdf read as `operations` gives it."""
    if isinstance(value, pikepdf.Name):
        return str(value)
    if isinstance(value, pikepdf.String):
        return bytes(value)
    if isinstance(value, pikepdf.Array):
        made = [plain(each) for each in value]
        return joined(made) if all(isinstance(each, (bytes, float)) for each in made) else made
    if isinstance(value, pikepdf.Dictionary):
        return {key: plain(each) for key, each in value.as_dict().items()}
    return None if value is None else float(value)


def joined(strings: list[Operand]) -> bytes:
    return b"".join(each for each in strings if isinstance(each, bytes))


def by_pikepdf(content: bytes) -> list[tuple[bytes, list[Operand]]]:
    with pikepdf.new() as pdf:
        parsed = pikepdf.parse_content_stream(pdf.make_stream(content))
        return [
            (str(each.operator).encode(), [plain(operand) for operand in each.operands])
            for each in parsed
            if isinstance(each, pikepdf.ContentStreamInstruction) and str(each.operator).encode() in OBEYED
        ]


def by_us(content: bytes) -> list[tuple[bytes, list[Operand]]]:
    return [(name, [joined(each) if flat(each) else each for each in operands]) for name, operands in listed(content)]


def listed(content: bytes) -> Iterator[tuple[bytes, list[Operand]]]:
    return ((name, list(operands)) for name, operands in operations(content))


def flat(value: Operand) -> TypeGuard[list[Operand]]:
    return isinstance(value, list) and all(isinstance(each, (bytes, float)) for each in value)


def agree(data: bytes) -> int:
    pages = 0
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            content = content_of(page)
            assert by_us(content) == by_pikepdf(content)
            pages += 1
    return pages


@pytest.mark.parametrize("path", samples.decisions(), ids=lambda path: path.stem)
def test_our_pages_read_as_pikepdf_reads_them(path: Path) -> None:
    assert agree(pdfs.sample(path))


@pytest.mark.corpus
def test_real_pages_read_as_pikepdf_reads_them() -> None:
    assert all(agree(path.read_bytes()) for path in real_letters() if path.suffix == ".pdf")


#: Content that is written in an unusual way, and rightly.
UNUSUAL = {
    "escapes": rb"(a\n\r\t\b\f\(\)\\\101\7\0538\q) Tj",
    "octal-beyond-a-byte": rb"(\777\400) Tj",
    "lines-in-strings": b"(one\r\ntwo\rthree\nfour\\\r\nfive\\\rsix\\\nseven) Tj",
    "nested-parentheses": rb"(a(b(c)\)d)e) Tj [(f(g)) 1 (h)] TJ ((())) Tj",
    "empty": b"() Tj <> Tj [] TJ [()<>] TJ",
    "odd-digits": b"<414> Tj [<4> <414> (a)] TJ <41 4\n2> Tj",
    "no-spaces": b"/F1 12 Tf(a)Tj[(b)-20(c)]TJ/P<</MCID 0>>BDC<41>Tj EMC",
    "comments": b"% one (\n(a) % two ) Tj\r Tj%three",
    "names": b"/A#42 1 Tf /P <</M#43ID 3 /X /Y#20Z>> BDC / 1 Tf",
    "numbers": b"+1 -.5 0. 007 4. -0 cm .5 0 Td 1 2 Td",
    "dictionaries": b"/P <</MCID 3 /Lang (en) /A [1 <</B [/C null true]>>]>> BDC /P <<>> BDC",
    "spaces": b"\0\f(a)\0Tj\f[\0(b)\0]\0TJ\0",
    "picture": b"BI /W 2 /H 1 /BPC 8 /CS /RGB ID \x00(EI\xff\x01\x02\x03\nEI Q (after) Tj",
    "picture-that-says-its-end": b"BI /W 1 ID \x00 EI\xff\x80(\x01\x02\x03\nEI\nQ q (after all of it) Tj",
    "picture-at-the-end": b"(a) Tj BI /W 1 ID \x00\x01\x02 EI",
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_content(name: str) -> None:
    read = by_us(UNUSUAL[name])
    assert read
    assert read == by_pikepdf(UNUSUAL[name])


#: Content that no reader can be sure of.
DAMAGED = {
    "string-without-end": b"(a Tj",
    "nested-string-without-end": b"(a(b) Tj",
    "string-without-beginning": b"a) Tj",
    "array-without-end": b"[(a) TJ",
    "array-without-beginning": b"(a)] TJ",
    "dictionary-without-end": b"/P <</MCID 0 BDC",
    "dictionary-of-odd-length": b"/P <</MCID>> BDC",
    "dictionary-that-ends-as-an-array": b"/P <</MCID 0] BDC",
    "digits-that-are-none": b"<4g> Tj",
    "braces": b"{(a) Tj}",
    "an-unknown-operator": b"(a) Tk",
    "an-operator-in-an-array": b"[(a) Tj] TJ",
    "bytes-of-chance": random.Random(5).randbytes(2_000),  # noqa: S311 - the same at every run
    "a-number-that-is-none": b"1-2 0 Td",
    "picture-without-end": b"BI /W 1 ID \x00\x01 (a) Tj",
    "picture-without-beginning": b"ID \x00 EI (a) Tj",
    "picture-without-data": b"BI /W 1 (a) Tj",
    "too-many-operands": b"0 " * 100_000 + b"Tj",
    "arrays-too-deep": b"[" * 10_000 + b"]" * 10_000 + b" TJ",
    "too-many-arrays": b"[[]] TJ " * 10_000,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_content_is_refused(name: str) -> None:
    with pytest.raises((ValueError, LookupError)):
        list(operations(DAMAGED[name]))


@pytest.mark.parametrize(
    "piece",
    [
        b"(",
        b"[",
        b"<",
        b"<<",
        b"[(",
        b"(\\",
        b"[<00>",
        b"BI ID ",
        b" EI",
        b"0 ",
        b"0",
        b"%",
        b"/",
        b"((",
        b"[(a)(",
        b"\\",
    ],
    ids=repr,
)
def test_time_grows_with_length_alone(piece: bytes) -> None:
    for tail in (b"", b"x", b")", b"]", b">"):
        began = time.perf_counter()
        with suppress(ValueError, LookupError):
            list(operations(piece * (300_000 // len(piece)) + tail))
        assert time.perf_counter() - began < 2


_strings = st.one_of(
    st.binary(max_size=12).map(lambda raw: b"(" + raw.translate(None, b"\\()") + b")"),
    st.binary(max_size=12).map(lambda raw: b"<" + raw.hex().encode() + b">"),
)
_operands = st.one_of(
    _strings,
    st.lists(st.one_of(_strings, st.integers(-999, 999).map(b"%d".__mod__)), max_size=5).map(
        lambda parts: b"[" + b" ".join(parts) + b"]"
    ),
    st.sampled_from([b"/F1", b"/P", b"12", b"-.5", b"<</MCID 7>>", b"<</A(b)/C[1]>>", b"true", b"null"]),
)
_operators = st.sampled_from(sorted(OBEYED | PASSED))


@given(
    st.lists(st.tuples(st.lists(_operands, max_size=4), _operators), max_size=12),
    st.sampled_from([b" ", b"\n", b"\r\n"]),
)
def test_content_of_every_shape_reads_as_pikepdf_reads_it(drawn: list[tuple[list[bytes], bytes]], gap: bytes) -> None:
    content = gap.join(gap.join([*operands, operator]) for operands, operator in drawn)
    assert by_us(content) == by_pikepdf(content)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError, LookupError):
        list(operations(content))
