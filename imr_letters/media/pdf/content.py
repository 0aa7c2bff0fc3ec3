"""What the pages of a PDF show: operators -> characters and where they are, by the marks that the tags refer to."""

from __future__ import annotations

from typing import Any, NamedTuple

from imr_letters.media.pdf.charmaps import Font
from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.operators import DEEPEST, Operand, operations

#: Most operators of all pages that matter to their words; letters of ours have about 300 on a page.
_MOST_OPERATIONS = 300_000

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Run(NamedTuple):
    """Characters shown on one line: the page, the height of the line on it in points, the text."""

    page: int
    height: float
    text: str


class PageReader:
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
        fonts = {str(name): self._font(font) for name, font in page.resources.get("/Font", {}).items()}
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
            if len(open_marks) > DEEPEST or len(saved) > DEEPEST:
                raise ValueError(name)
        return found

    def _font(self, font: Any) -> Font:
        """Return the decoder of a font, made once for all pages where the font is an object with a number."""
        key: tuple[int, int] = font.objgen
        made = self._fonts.get(key) or Font(font)
        if font.is_indirect:
            self._fonts[key] = made
        return made


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
