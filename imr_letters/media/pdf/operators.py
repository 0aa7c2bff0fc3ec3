"""The content of a PDF's page as operators with their operands.

One regular expression takes a page's content apart as ISO 32000-1 writes it (7.2 to 7.4, 7.8.2, 8.9.7), many times
faster than a library that makes an object of every code of a glyph. What it does not know is damaged: no guess is
made, and no operator is passed over that might have shown words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

#: Most operands of one operator, or things in an array or dictionary; and how deep those may nest.
_MOST_OPERANDS = 20_000
DEEPEST = 500
#: Most dictionaries and arrays of one page, apart from arrays of strings and numbers.
_MOST_CONTAINERS = 5_000

#: Numbers are floats, names strings with their slash, strings bytes; an array of nothing but strings and numbers is its
#: strings joined.
Operand = float | str | bytes | list[Any] | dict[Any, Any] | None

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
_CONSTANTS: dict[bytes, Operand] = {b"true": 1.0, b"false": 0.0, b"null": None}

#: Operators that do not matter to which characters stand where; and those that do (ISO 32000-1, table 51).
PASSED = frozenset(
    b"b B b* B* BX c CS cs d d0 d1 Do DP ET EX f F f* G g gs h i J j K k l M m MP n re RG rg ri s S SC sc SCN scn sh "
    b"Tc Tr Ts Tw Tz v w W W* y".split()
)
OBEYED = frozenset(b"BDC BMC BT cm EMC q Q T* Td TD Tf Tj TJ TL Tm ' \"".split())


def operations(data: bytes) -> Iterator[tuple[bytes, list[Operand]]]:
    """Yield the operators of a page's content that matter to its words, each with its operands.

    Raises `ValueError` for what is no content.
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
                if word in PASSED and not above and not picture:
                    operands.clear()
                    continue
                if numbers:
                    operands += map(float, numbers.split())
                if word in OBEYED and not above and not picture:
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
                if len(above) > DEEPEST or containers > _MOST_CONTAINERS:
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
