"""Draws the picture at the top of the README: a decision, and the letter it becomes.

`./run python -m tests.readme_picture` draws it again; tests/test_docs.py fails when that is needed.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from imr_letters import load, render, samples
from imr_letters.media.pdf import fonts, raster

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "both-ways.png"
SAMPLE = "02-one-item-overturned"
#: Of what the picture was drawn: kept in its own metadata.
_MADE_OF = "made-of"
_WIDTH, _HEIGHT, _MARGIN, _LINE = 1240, 760, 24, 17
_PAPER, _INK, _GREY = (255, 255, 255), (32, 32, 32), (238, 238, 234)


def made_of() -> str:
    """Return a digest of the decision and the letter that the picture shows."""
    decision = _path().read_bytes()
    return hashlib.sha256(decision + render(load(_path())).html.encode()).hexdigest()


def kept() -> str:
    """Return the digest that the picture at hand was drawn with."""
    with Image.open(PICTURE) as picture:
        return str(picture.info.get(_MADE_OF, ""))


def _path() -> Path:
    return next(path for path in samples.decisions() if path.stem == SAMPLE)


def draw() -> None:
    """Draw the picture."""
    sheet = Image.new("RGB", (_WIDTH, _HEIGHT), _GREY)
    pen = ImageDraw.Draw(sheet)
    sans, bold = (ImageFont.truetype(str(path), size) for path, size in zip(fonts.SANS, (14, 17), strict=True))
    half = (_WIDTH - 3 * _MARGIN - 60) // 2
    left, right = _MARGIN, _WIDTH - _MARGIN - half
    top = _MARGIN + 30
    for at, title in ((left, "decision.yaml"), (right, "letter.pdf")):
        pen.text((at, _MARGIN), title, font=bold, fill=_INK)
        pen.rectangle((at, top, at + half, _HEIGHT - _MARGIN), fill=_PAPER, outline=(200, 200, 196))
    lines = [line for line in _path().read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for number, line in enumerate(lines[: (_HEIGHT - top - _MARGIN - 16) // _LINE]):
        indent = len(line) - len(line.lstrip())
        words = line.strip()
        while pen.textlength(words, font=sans) > half - 28 - 7 * indent:
            words = words[:-2].rstrip(" \u2026") + "\u2026"
        pen.text((left + 12 + 7 * indent, top + 8 + number * _LINE), words, font=sans, fill=_INK)
    page = Image.open(BytesIO(raster.pages(render(load(_path())).pdf(), dots=110)[0].picture)).convert("RGB")
    page = page.resize((half - 2, round(page.height * (half - 2) / page.width)), Image.Resampling.LANCZOS)
    sheet.paste(page.crop((0, 0, page.width, _HEIGHT - top - _MARGIN - 2)), (right + 1, top + 1))
    middle = _WIDTH // 2
    for height, word, way in ((_HEIGHT // 2 - 50, "render", 1), (_HEIGHT // 2 + 30, "parse", -1)):
        pen.text((middle - pen.textlength(word, font=sans) / 2, height - 20), word, font=sans, fill=_INK)
        tail, head = middle - 24 * way, middle + 24 * way
        pen.line((tail, height + 8, head, height + 8), fill=_INK, width=3)
        pen.polygon(((head, height + 8), (head - 10 * way, height + 2), (head - 10 * way, height + 14)), fill=_INK)
    about = PngInfo()
    about.add_text(_MADE_OF, made_of())
    sheet.quantize(64).save(PICTURE, pnginfo=about, optimize=True)


if __name__ == "__main__":
    draw()
