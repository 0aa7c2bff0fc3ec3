"""What is on the pages of a PDF letter in addition to the letter: a family's letterhead, and the stamp of a draft.

Both are drawn in the margins and behind the words, as artifacts: no reader of the letter's words meets them.
"""

from __future__ import annotations

import hashlib

#: Letters drawn as strokes, so that the stamp needs no font: each 70 by 100 units.
_STROKES = {
    "D": "M0 0V100H30Q70 100 70 50Q70 0 30 0Z",
    "R": "M0 100V0H40Q66 0 66 27Q66 54 40 54H0M36 54L68 100",
    "A": "M0 100L35 0L70 100M13 64H57",
    "F": "M62 0H0V100M0 48H48",
    "T": "M0 0H70M35 0V100",
}

_STAMP_ADDRESS = "letter:draft"


def address(content: bytes) -> str:
    """Return the address a stylesheet asks for a picture by: made of its content, so no two pictures share one."""
    return f"letter:{hashlib.sha256(content).hexdigest()}"


def letterhead(logo: bytes | None, lines: tuple[str, ...]) -> tuple[str, dict[str, bytes]]:
    """Return the stylesheet that puts a logo (SVG) and address lines above the first page, and its pictures."""
    rules: list[str] = []
    pictures: dict[str, bytes] = {}
    if logo is not None:
        pictures[address(logo)] = logo
        rules.append(f"@top-left {{ content: url({address(logo)}); }}")
    if lines:
        text = r"\A ".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
        rules.append(f'@top-right {{ content: "{text}"; font-size: 9pt; line-height: 1.3; white-space: pre; }}')
    return (f"@page :first {{ {' '.join(rules)} }}" if rules else ""), pictures


def stamp() -> tuple[str, dict[str, bytes]]:
    """Return the stylesheet that stamps every page as a draft, and its picture."""
    letters = "".join(
        f'<path transform="translate({100 * place} 0)" d="{_STROKES[letter]}"/>' for place, letter in enumerate("DRAFT")
    )
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="6in" height="8in" viewBox="0 0 600 800">'
        '<g transform="translate(120 610) rotate(-52)" fill="none" stroke="#f4d0d0" stroke-width="17">'
        f"{letters}</g></svg>"
    )
    css = f"@page {{ background: url({_STAMP_ADDRESS}) no-repeat center; }}"
    return css, {_STAMP_ADDRESS: picture.encode()}
