"""What each element of a letter looks like: asked of WeasyPrint's own cascade, and remembered by the element's context.

There is no second description of the looks: computed values come from the stylesheet through WeasyPrint. A context is
what the supported selectors can see: an element's tag and attributes, its ancestors' contexts, both neighbors.

This is the one place, with `paper`, that uses private parts of WeasyPrint. Its version is pinned; the comparison with
the pages that it makes itself names what changed when the version moves (`tests/test_typeset.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imr_letters.media.pdf import fonts
from imr_letters.media.pdf.typeset.lines import Ink
from imr_letters.media.pdf.typeset.look import NO_BORDER, Border, Look, Sides
from imr_letters.media.pdf.typeset.markup import Element
from imr_letters.media.pdf.typeset.supported import Unsupported, check_style
from imr_letters.media.pdf.typeset.words import FontKey

# A computed style of WeasyPrint, and an element of its tree; neither carries types.
Style = Mapping[str, Any]
WeasyElement = Any

SIDES = ("top", "right", "bottom", "left")


def look_of(style: Style, initial: Style) -> Look:
    """Return what a computed style looks like. Raises `Unsupported` for what the typesetter does not set."""
    from weasyprint.text.line_break import strut

    check_style(style, initial)
    table = style["display"] == ("block", "table")
    if (style["box_sizing"] == "border-box") != table and not (style["width"] == style["height"] == "auto"):
        raise Unsupported("the stylesheet sets box-sizing")
    lead, base = strut(style)
    align = side_of(style["text_align_all"])
    if style["text_align_last"] != "auto" and side_of(style["text_align_last"]) != align:
        raise Unsupported("the stylesheet sets text-align-last")
    return Look(
        style["display"],
        Sides(*(_pixels(f"margin-{side}", style[f"margin_{side}"]) for side in SIDES)),
        Sides(*(_pixels(f"padding-{side}", style[f"padding_{side}"]) for side in SIDES)),
        _borders(style),
        Ink(font_of(style), color_of(style["color"], style), lead, base),
        color_of(style["background_color"], style) if style["background_color"].alpha else None,
        align,
        _pixels("text-indent", style["text_indent"], negative=True),
        style["white_space"] != "nowrap",
        style["white_space"] == "pre-wrap",
        style["break_before"],
        style["break_after"],
        style["break_inside"] == "avoid",
        style["orphans"],
        style["widows"],
        style["border_collapse"] == "collapse",
        style["vertical_align"],
        None if style["width"] == "auto" else (style["width"].value, style["width"].unit),
        None if style["height"] == "auto" else _pixels("height", style["height"]),
        _strings(style),
        0 if style["bookmark_level"] == "none" else style["bookmark_level"],
    )


def check_root(style: Style, initial: Style) -> None:
    """Raise `Unsupported` where the root or the body of a page draws anything, or moves what it holds."""
    check_style(style, initial)
    edges = [_pixels(what, style[f"{what}_{side}"]) for what in ("margin", "padding") for side in SIDES]
    filled = style["background_color"].alpha or any(border.width for border in _borders(style))
    if any(edges) or filled or style["break_inside"] == "avoid" or not style["width"] == style["height"] == "auto":
        raise Unsupported("the stylesheet draws or moves the body")


def side_of(align: str) -> str:
    """Return where lines are put that run from left to right: left, center, right."""
    return {"start": "left", "end": "right"}.get(align, align)


def font_of(style: Style) -> FontKey:
    """Return the font of a style: the first of its families that letters have. Other names are no fonts of ours."""
    family = next((name for name in style["font_family"] if name in fonts.FAMILIES), None)
    if family is None:
        raise Unsupported("the stylesheet asks for no font of letters")
    spacing = style["letter_spacing"]
    return FontKey(family, style["font_weight"] == 700, style["font_size"], 0.0 if spacing == "normal" else spacing)


def color_of(color: Any, style: Style) -> str:
    """Return a color as three operands. Raises `Unsupported` for one through which others are seen."""
    if color == "currentcolor":
        color = style["color"]
    if color.alpha not in (0, 1):
        raise Unsupported("the stylesheet sets colors that let others through")
    return " ".join(f"{round(each, 6):g}" for each in color.to("srgb").coordinates)


def _borders(style: Style) -> tuple[Border, Border, Border, Border]:
    top, right, bottom, left = (
        Border(style[f"border_{side}_width"], color_of(style[f"border_{side}_color"], style))
        if style[f"border_{side}_style"] == "solid" and style[f"border_{side}_width"]
        else NO_BORDER
        for side in SIDES
    )
    return top, right, bottom, left


def _pixels(name: str, value: Any, *, negative: bool = False) -> float:
    if value == "auto" or value.unit != "px":
        raise Unsupported(f"the stylesheet sets {name} in a way that depends on other lengths")
    if value.value < 0 and not negative:
        raise Unsupported(f"the stylesheet sets {name} below zero")
    return float(value.value)


def _strings(style: Style) -> tuple[tuple[str, tuple[str | None, ...]], ...]:
    if style["string_set"] == "none":
        return ()
    found = []
    for name, parts in style["string_set"]:
        made: list[str | None] = []
        for kind, value in parts:
            if kind == "string":
                made.append(value)
            elif kind == "content()" and value == "text":
                made.append(None)
            else:
                raise Unsupported("the stylesheet sets string-set to more than words")
        found.append((name, tuple(made)))
    return tuple(found)


class Contexts:
    """The looks of one stylesheet, by context. What is not known yet is learned from a whole letter."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        #: By the number of a context; a reason where the typesetter does not set such elements.
        self._looks: dict[int, Look | str] = {}

    def give(self, root: Element) -> bool:
        """Give every element its look; return whether all are known. Raises `Unsupported` as `look_of` did."""
        return self._walk(root, 0)

    def _walk(self, node: Element, number: int) -> bool:
        looks, whole = self._looks, True
        for kid, context in self._contexts(node, number):
            look = looks.get(context)
            if isinstance(look, str):
                raise Unsupported(look)
            if look is None:
                whole = False
            else:
                kid.look = look
            if not self._walk(kid, context):
                whole = False
        return whole

    def _contexts(self, node: Element, number: int) -> list[tuple[Element, int]]:
        """Return the elements right below, and the numbers of their contexts."""
        numbers, found, before = self._numbers, [], None
        kids = node.elements()
        for place, kid in enumerate(kids, start=1):
            after = kids[place].signature if place < len(kids) else None
            context = number, kid.signature, before, after
            before = kid.signature
            found.append((kid, numbers.setdefault(context, len(numbers) + 1)))
        return found

    def learn(self, root: Element, body: WeasyElement, style_for: Any, initial: Style) -> None:
        """Learn the looks of a letter's elements; `body` is what WeasyPrint reads of the same markup."""
        self._pair(root, 0, body, style_for, initial)

    def _pair(self, node: Element, number: int, element: WeasyElement, style_for: Any, initial: Style) -> None:
        others = _elements(element, style_for, initial)
        kids = self._contexts(node, number)
        if [kid.tag for kid, _ in kids] != [_tag(other) for other in others]:
            raise Unsupported("markup that HTML reads in another way")
        for (kid, context), other in zip(kids, others, strict=True):
            if context not in self._looks:
                try:
                    self._looks[context] = look_of(style_for(other), initial)
                except Unsupported as reason:
                    self._looks[context] = str(reason)
            self._pair(kid, context, other, style_for, initial)


def _elements(element: WeasyElement, style_for: Any, initial: Style) -> list[WeasyElement]:
    """Return the elements right below; those of the body of a table, which HTML puts in, as the table's own."""
    found: list[WeasyElement] = []
    for each in element:
        if _tag(each) == "tbody":
            if not look_of(style_for(each), initial).bare:
                raise Unsupported("the stylesheet sets the bodies of tables apart")
            found += each
        else:
            found.append(each)
    return found


def _tag(element: WeasyElement) -> str:
    return str(element.tag).rpartition("}")[2]
