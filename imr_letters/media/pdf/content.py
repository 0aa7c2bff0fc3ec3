"""What the pages of a PDF show: content -> operators -> characters, by the marks that the tags refer to.

One regular expression takes a page's content apart as ISO 32000-1 writes it (7.2 to 7.4, 7.8.2, 8.9.7), many times
faster than a library that makes an object of every code of a glyph. What it does not know is damaged: no guess is
made, and no operator is passed over that might have shown words.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from imr_letters.media.pdf.limits import refusal

#: Most codes that one font's map gives characters to, counted each time.
_MOST_CODES = 70_000
#: Most operators of all pages that matter to their words; letters of ours have about 300 on a page.
_MOST_OPERATIONS = 300_000
#: Most operands of one operator, or things in an array or dictionary; and how deep those, states and marks may nest.
_MOST_OPERANDS = 20_000
_DEEPEST = 500
#: Most dictionaries and arrays of one page, beside arrays of strings and numbers.
_MOST_CONTAINERS = 5_000

Operand = float | str | bytes | list[Any] | dict[Any, Any] | None
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

#: The next token, after white space and comments, and the numbers before it. No run of characters gives back what it
#: took, and the last kinds take anything, so that time grows with length alone. (Groups may give back: Python before
#: 3.11.5, Debian 12's among them, loses characters where a group that may not fails half-way.) An array of strings and
#: numbers only is one token: it is how words are shown.
_TOKEN = re.compile(
    rb"""
    (?: [\0\t\n\f\r\ ]++ | %[^\r\n]*+ )*
    ( (?: [-+]? (?: [0-9]++ \.? [0-9]*+ | \.[0-9]++ ) [\t\n\f\r\ ]++ ){0,40} )
    (?:
        # The bytes of a picture may say "EI" too, but after its end comes plain text.
        (?P<picture> ID [\0\t\n\f\r\ ] [\s\S]*? [\0\t\n\f\r\ ] EI
            (?= [\0\t\n\f\r\ ] (?: [\t\n\r\ -~]{12} | [\t\n\r\ -~]*+ \Z ) | \Z ) )
      | (?P<word> [^\0\t\n\f\r\ ()<>\[\]{}/%]++ )
      | \[ (?P<shown> [-+.0-9\t\n\f\r\ ]*+
            (?: (?: < (?: [0-9A-Fa-f]{4} | (?: [0-9A-Fa-f]{2} )* ) > | \( (?: [^()\\]++ | \\[\s\S] )* \) )
                [-+.0-9\t\n\f\r\ ]*+ )* ) \]
      | << [\t\n\f\r\ ]*+ /MCID [\t\n\f\r\ ]++ (?P<mark> [0-9]{1,9} ) [\t\n\f\r\ ]*+ >>
      | / (?P<name> [^\0\t\n\f\r\ ()<>\[\]{}/%]*+ )
      | \( (?P<string> (?: [^()\\]++ | \\[\s\S] )* ) \)
      | < (?P<digits> [0-9A-Fa-f\0\t\n\f\r\ ]*+ ) >
      | (?P<open> \[ | << )
      | (?P<close> \] | >> )
      | (?P<nested> \( )
      | (?P<end> \Z )
      | (?P<damaged> [\s\S] )
    )
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(rb"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)")
#: The strings of an array that is one token; of one without strings in parentheses.
_STRINGS = re.compile(rb"<([^>]*+)>|\(((?:[^()\\]++|\\[\s\S])*)\)")
_DIGITS = re.compile(rb"<([^>]*+)>")
_PARENTHESIS = re.compile(rb"\\[\s\S]|[()]")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])|\r\n?")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
#: A token of a font's map to characters.
_CODES = re.compile(r"<[0-9A-Fa-f\s]*>|\[|\]")
_CONSTANTS: dict[bytes, Operand] = {b"true": 1.0, b"false": 0.0, b"null": None}

#: Operators that do not matter to which characters stand where; and those that do (ISO 32000-1, table 51).
_PASSED = frozenset(
    b"b B b* B* BX c CS cs d d0 d1 Do DP ET EX f F f* G g gs h i J j K k l M m MP n re RG rg ri s S SC sc SCN scn sh "
    b"Tc Tr Ts Tw Tz v w W W* y".split()
)
_OBEYED = frozenset(b"BDC BMC BT cm EMC q Q T* Td TD Tf Tj TJ TL Tm ' \"".split())


def operations(data: bytes) -> Iterator[tuple[bytes, list[Operand]]]:
    """Yield the operators of a page's content that matter to its words, each with its operands.

    Numbers are floats, names strings with their slash, strings bytes, and an array of nothing but strings and numbers
    is its strings joined. Raises `ValueError` for what is no content.
    """
    operands: list[Operand] = []
    above: list[tuple[bytes, list[Operand]]] = []
    containers = 0
    picture = False
    start = 0
    while start >= 0:
        tokens = _TOKEN.finditer(data, start)
        start = -1
        for token in tokens:
            kind = token.lastgroup
            if kind == "word":
                numbers, word = token.group(1, "word")
                if word in _PASSED and not above and not picture:
                    operands.clear()
                    continue
                if numbers:
                    operands += map(float, numbers.split())
                if word in _OBEYED and not above and not picture:
                    yield word, operands
                    operands.clear()
                elif word == b"BI" and not above:
                    picture = True
                elif len(operands) < _MOST_OPERANDS:
                    operands.append(_CONSTANTS[word] if word in _CONSTANTS else _number(word))
                else:
                    raise ValueError(kind)
                continue
            if token[1]:
                operands += map(float, token[1].split())
            if len(operands) > _MOST_OPERANDS:
                raise ValueError(kind)
            if kind == "name":
                operands.append(_name(token["name"]))
            elif kind == "shown":
                operands.append(_joined(token["shown"]))
            elif kind == "mark":
                operands.append({"/MCID": float(token["mark"])})
            elif kind == "string":
                operands.append(_unescaped(token["string"]))
            elif kind == "digits":
                operands.append(_from_hex(token["digits"].translate(None, b"\0\t\n\f\r ")))
            elif kind == "open":
                containers += 1
                if len(above) > _DEEPEST or containers > _MOST_CONTAINERS:
                    raise ValueError(kind)
                above.append((token["open"], operands))
                operands = []
            elif kind == "close":
                bracket, outer = above.pop()
                outer.append(_container(bracket, token["close"], operands))
                operands = outer
            elif kind == "nested":
                end = _end(data, token.end())
                operands.append(_unescaped(data[token.end() : end]))
                start = end + 1
                break
            elif kind == "picture" and picture:
                picture = False
                operands.clear()
            elif kind != "end" or above or picture:
                raise ValueError(kind)


def _number(word: bytes) -> float:
    if not _NUMBER.fullmatch(word):
        raise ValueError
    return float(word)


def _container(opened: bytes, closed: bytes, inside: list[Operand]) -> Operand:
    if (opened == b"[") != (closed == b"]"):
        raise ValueError(closed)
    return inside if opened == b"[" else dict(zip(inside[::2], inside[1::2], strict=True))


def _joined(array: bytes) -> bytes:
    """Return the strings of an array that holds only strings and numbers, joined: there is one for each glyph."""
    if b"(" not in array:
        return bytes.fromhex(b"".join(_DIGITS.findall(array)).decode("ascii"))
    return b"".join(
        _unescaped(text) if text else bytes.fromhex(digits.decode("ascii")) for digits, text in _STRINGS.findall(array)
    )


def _name(raw: bytes) -> str:
    if b"#" in raw:
        raw = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: _from_hex(found[1]), raw)
    return "/" + raw.decode("utf-8", "replace")


def _from_hex(digits: bytes) -> bytes:
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _unescaped(raw: bytes) -> bytes:
    """Return what a string in parentheses stands for (ISO 32000-1, 7.3.4.2)."""
    return _ESCAPE.sub(_meant, raw) if b"\\" in raw or b"\r" in raw else raw


def _meant(found: re.Match[bytes]) -> bytes:
    escaped: bytes | None = found[1]
    if escaped is None:
        return b"\n"
    return bytes([int(escaped, 8) & 255]) if escaped[0] in b"01234567" else _ESCAPED.get(escaped, escaped)


def _end(data: bytes, start: int) -> int:
    """Return where a string that holds parentheses ends."""
    depth = 1
    for found in _PARENTHESIS.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    raise ValueError(start)


class Run(NamedTuple):
    """Characters shown on one line: the page, the height of the line on it in points, the text."""

    page: int
    height: float
    text: str


class Contents:
    """Reads the pages of one document; what they share is read once, and there is an end to what they do."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._fonts: dict[tuple[int, int], Font] = {}
        self._operations = 0
        #: What is shown without a number that tags could refer to; what the file calls no part of the text.
        self.loose: list[Run] = []
        self.artifacts: list[Run] = []

    def runs(self, page: Any, index: int) -> dict[int, list[Run]]:
        """Return what each piece of marked content of a page shows (ISO 32000-1, 9.4 and 14.6)."""
        fonts = {str(name): _font(font, self._fonts) for name, font in page.resources.get("/Font", {}).items()}
        found: dict[int, list[Run]] = {}
        open_marks: list[int | None] = []
        artifact = 0  # how many marks are open up to the outermost that says what it holds is no part of the text
        font: Font | None = None
        matrix, line, leading = _IDENTITY, _IDENTITY, 0.0
        saved: list[tuple[Font | None, _Matrix, float]] = []
        for name, operands in operations(content(page)):
            self._operations += 1
            if self._operations > _MOST_OPERATIONS:
                message = "shows more on its pages than any letter does"
                raise refusal("too-long", message, self._name, "give one letter at a time")
            if name == b"BDC":
                mark = operands[1].get("/MCID") if isinstance(operands[1], dict) else None
                open_marks.append(int(mark) if mark is not None else open_marks[-1] if open_marks else None)
                artifact = artifact or len(open_marks) * (operands[0] == "/Artifact")
            elif name == b"BMC":
                open_marks.append(open_marks[-1] if open_marks else None)
                artifact = artifact or len(open_marks) * (operands[0] == "/Artifact")
            elif name == b"EMC":
                if open_marks:
                    open_marks.pop()
                    artifact = artifact if artifact <= len(open_marks) else 0
            elif name == b"q":
                saved.append((font, matrix, leading))
            elif name == b"Q":
                if saved:
                    font, matrix, leading = saved.pop()
            elif name == b"cm":
                matrix = _times(_matrix(operands), matrix)
            elif name == b"BT":
                line = _IDENTITY
            elif name == b"Tm":
                line = _matrix(operands)
            elif name in (b"Td", b"TD"):
                x, y = _numbers(operands)
                line = _times((1.0, 0.0, 0.0, 1.0, x, y), line)
                leading = -y if name == b"TD" else leading
            elif name == b"TL":
                [leading] = _numbers(operands)
            elif name == b"Tf":
                font = fonts.get(str(operands[0]))
            else:
                if name in (b"T*", b"'", b'"'):
                    line = _times((1.0, 0.0, 0.0, 1.0, 0.0, -leading), line)
                if name != b"T*" and font is not None:
                    run = Run(index, _times(line, matrix)[5], font.decode(_shown(operands[-1])))
                    mark = open_marks[-1] if open_marks else None
                    if mark is not None:
                        found.setdefault(mark, []).append(run)
                    else:
                        (self.artifacts if artifact else self.loose).append(run)
            if len(open_marks) > _DEEPEST or len(saved) > _DEEPEST:
                raise ValueError(name)
        return found


def content(page: Any) -> bytes:
    """Return the content of a page, of one stream or of several."""
    import pikepdf

    contents = page.obj.get("/Contents")
    if isinstance(contents, pikepdf.Array):
        return b"\n".join(stream.read_bytes() for stream in contents)
    return b"" if contents is None else bytes(contents.read_bytes())


def _times(one: _Matrix, other: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(operands: list[Operand]) -> _Matrix:
    a, b, c, d, e, f = _numbers(operands)
    return (a, b, c, d, e, f)


def _numbers(operands: list[Operand]) -> list[float]:
    if not all(isinstance(each, float) for each in operands):
        raise TypeError
    return operands  # type: ignore[return-value]


def _shown(operand: Operand) -> bytes:
    if isinstance(operand, list):
        return b"".join(each for each in operand if isinstance(each, bytes))
    if not isinstance(operand, bytes):
        raise TypeError
    return operand


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


def _font(font: Any, known: dict[tuple[int, int], Font]) -> Font:
    """Return the decoder of a font, made once for all pages where the font is an object with a number."""
    key: tuple[int, int] = font.objgen
    made = known.get(key) or Font(font)
    if font.is_indirect:
        known[key] = made
    return made


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
