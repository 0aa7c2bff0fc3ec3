"""What is within a block: its words by how they are set, and how high its lines are."""

from __future__ import annotations

from imr_letters.media.pdf.typeset.lines import InkRun, SetLine
from imr_letters.media.pdf.typeset.look import Look
from imr_letters.media.pdf.typeset.markup import Element
from imr_letters.media.pdf.typeset.supported import Unsupported


def check_display(look: Look, kind: str) -> None:
    """Raise `Unsupported` for an element that is shown as another kind of box."""
    if kind not in look.display:
        raise Unsupported(f"the stylesheet shows an element as {' '.join(look.display)}")


def runs_of(node: Element) -> list[InkRun]:
    """Return the words of an element by how they are set."""
    look = node.look
    found: list[InkRun] = []
    for kid in node.kids:
        if isinstance(kid, str):
            found.append(_run(look, kid))
            continue
        inner = kid.look
        check_display(inner, "inline")
        if not inner.bare or any(inner.margin) or inner.vertical != "baseline" or inner.strings or kid.elements():
            raise Unsupported(f"the stylesheet sets <{kid.tag}> in a block by more than its font")
        found.append(_run(inner, kid.text()))
    if not any(run.text for run in found):
        raise Unsupported(f"<{node.tag}> has no words")
    return found


def _run(look: Look, text: str) -> InkRun:
    if look.wraps and not look.keeps_spaces:
        raise Unsupported("the stylesheet sets white-space: normal")
    if not look.keeps_spaces and text != " ".join(text.split()):
        raise Unsupported("a label has spaces that do not count")
    return InkRun(look.ink, text, look.wraps)


def line_height(line: SetLine, look: Look) -> tuple[float, float]:
    """Return the height of a line and its base: the block's own, or those of higher words in it."""
    base, below = look.ink.base, look.ink.lead - look.ink.base
    for piece in line.pieces:
        base = max(base, piece.ink.base)
        below = max(below, piece.ink.lead - piece.ink.base)
    return base + below, base
