"""What the typesetter sets: properties and their values, tags, selectors. All else is WeasyPrint's.

Values are the computed ones, as WeasyPrint's cascade gives them. A property that is not in the table must have its
initial value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tinycss2

# A node of the tree of a stylesheet; tinycss2 carries no types.
CssNode = Any


class Unsupported(Exception):  # noqa: N818 - no error: another writer makes the letter
    """Raised for what the typesetter does not set, with the reason. It quotes no words of a letter."""


_SIDES = ("top", "right", "bottom", "left")

#: Values that a property may have; any where there is an empty set.
PROPERTIES: dict[str, frozenset[Any]] = {
    "display": frozenset(
        {
            ("block", "flow"),
            ("inline", "flow"),
            ("block", "table"),
            ("table-row-group",),
            ("table-row",),
            ("table-cell",),
        }
    ),
    "font_weight": frozenset({400, 700}),
    "text_align_all": frozenset({"left", "start", "center", "right", "end"}),
    "text_align_last": frozenset({"auto", "left", "start", "center", "right", "end"}),
    "white_space": frozenset({"pre-wrap", "nowrap", "normal"}),
    "overflow_wrap": frozenset({"normal", "break-word"}),
    "hyphens": frozenset({"manual", "none"}),
    "lang": frozenset({"en-US"}),
    "break_before": frozenset({"auto", "avoid", "page"}),
    "break_after": frozenset({"auto", "avoid", "page"}),
    "break_inside": frozenset({"auto", "avoid"}),
    "border_collapse": frozenset({"separate", "collapse"}),
    "vertical_align": frozenset({"baseline", "top", "middle"}),
    **{f"border_{side}_style": frozenset({"none", "solid"}) for side in _SIDES},
    **dict.fromkeys(
        (
            "color",
            "background_color",
            "font_family",
            "font_size",
            "line_height",
            "letter_spacing",
            "text_indent",
            "orphans",
            "widows",
            "width",
            "height",
            "string_set",
            "bookmark_label",
            "bookmark_level",
            "border_spacing",
            *(f"{what}_{side}" for what in ("margin", "padding") for side in _SIDES),
            *(f"border_{side}_{what}" for what in ("width", "color") for side in _SIDES),
            # What follows has no effect on what may be used of the others.
            "box_sizing",
            "page",
            "appearance",
            "color_scheme",
            "outline_width",
            "outline_color",
            "column_rule_width",
            "column_rule_color",
            "text_decoration_color",
            *(f"bleed_{side}" for side in _SIDES),
            *(f"background_{what}" for what in ("position", "attachment", "origin", "clip", "repeat", "size")),
        ),
        frozenset(),
    ),
}

#: Pseudo-classes whose answer is in what a style is remembered by: an element, its ancestors, its direct neighbors.
_PSEUDO_CLASSES = frozenset({"first-child", "last-child", "only-child", "root"})
_PSEUDO_FUNCTIONS = frozenset({"not", "is", "where"})
_COMBINATORS = frozenset({">", "+"})
_MEDIA = frozenset({"all", "print"})


def check_style(style: Mapping[str, Any], initial: Mapping[str, Any]) -> None:
    """Raise `Unsupported` for computed values outside the table."""
    for name, usual in initial.items():
        if name.startswith(("border_block", "border_inline")):
            continue  # other names for those of the sides
        found = tuple(style[name]) if isinstance(style[name], list) else style[name]
        known = PROPERTIES.get(name)
        if known is None:
            if found != usual:
                raise Unsupported(f"the stylesheet sets {_css(name)}")
        elif known and found not in known:
            raise Unsupported(f"the stylesheet sets {_css(name)}: {_words(found)}")


def _css(name: str) -> str:
    return name.removesuffix("_all").replace("_", "-")


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def check_stylesheet(css: str) -> None:
    """Raise `Unsupported` for rules that choose by more than the typesetter remembers a style by."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: CssNode) -> None:
    if rule.type == "qualified-rule":
        _check_selectors(rule.prelude)
        for inner in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
            if inner.type != "declaration":
                raise Unsupported("the stylesheet nests rules")
    elif rule.type == "at-rule" and rule.lower_at_keyword == "media":
        media = {each.lower_value for each in rule.prelude if each.type == "ident"}
        if any(each.type not in ("ident", "whitespace", "comment") for each in rule.prelude):
            raise Unsupported("the stylesheet asks for a medium by more than its name")
        if media & _MEDIA:
            for inner in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
                _check_rule(inner)
    elif rule.type == "at-rule" and rule.lower_at_keyword == "page":
        if tinycss2.serialize(rule.prelude).strip().lower() not in ("", ":first"):
            raise Unsupported("the stylesheet sets pages other than the first apart")
    elif rule.type != "comment":
        name = f"@{rule.at_keyword}" if rule.type == "at-rule" else rule.type
        raise Unsupported(f"the stylesheet has {name}")


def _check_selectors(prelude: Iterable[CssNode]) -> None:
    selector: list[CssNode] = []
    for node in [*prelude, None]:
        if node is None or node == ",":
            _check_selector(selector)
            selector = []
        else:
            selector.append(node)


def _check_selector(nodes: list[CssNode]) -> None:
    neighbors = 0  # how many "+" in a row
    colon = False
    for node in nodes:
        if colon:
            _check_pseudo(node)
            colon = False
        elif node == ":":
            colon = True
        elif node.type == "literal":
            if node.value in _COMBINATORS:
                neighbors = neighbors + 1 if node.value == "+" else 0
                if neighbors > 1:
                    raise Unsupported("the stylesheet chooses by neighbors of neighbors")
            elif node.value not in (".", "*"):
                raise Unsupported(f"the stylesheet chooses by {node.value}")
        elif node.type not in ("ident", "hash", "[] block", "whitespace", "comment"):
            raise Unsupported("the stylesheet has a selector that is not known")


def _check_pseudo(node: CssNode) -> None:
    if node.type == "ident" and node.lower_value in _PSEUDO_CLASSES:
        return
    if node.type == "function" and node.lower_name in (*_PSEUDO_FUNCTIONS, "has"):
        inside = [each for each in node.arguments if each.type not in ("whitespace", "comment")]
        if node.lower_name == "has":
            if not inside or inside[0] != "+":
                raise Unsupported("the stylesheet chooses by what an element holds")
            inside = inside[1:]
        if any(each.type == "literal" and each.value in ("+", ">", "~") for each in inside):
            raise Unsupported("the stylesheet chooses by neighbors of neighbors")
        _check_selectors(inside)
        return
    raise Unsupported(f"the stylesheet chooses by :{tinycss2.serialize([node])}")


#: Short names for several properties of the table, and other names for one.
_SHORTHANDS = frozenset(
    {"margin", "padding", "font", "background", "text-align", "size", "content", "border"}
    | {f"border-{part}" for part in (*_SIDES, "width", "style", "color")}
    | {f"page-break-{where}" for where in ("before", "after", "inside")}
)
_EVERYWHERE = frozenset({"inherit", "initial", "unset", "revert"})
_NAMES = {_css(name): values for name, values in PROPERTIES.items()}


def declared_outside(css: str) -> str:
    """Return what a stylesheet declares that is outside the supported set; nothing where all of it is within.

    It says so without WeasyPrint, by the names and words of declarations: letters without the elements that a
    declaration is for are set by the typesetter nonetheless.
    """
    try:
        check_stylesheet(css)
    except Unsupported as reason:
        return str(reason)
    return next(_outside(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)), "")


def _outside(rules: Iterable[CssNode]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            for each in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
                yield from _outside_declaration(each)
        elif rule.lower_at_keyword == "media" and _MEDIA & {
            each.value for each in rule.prelude if each.type == "ident"
        }:
            yield from _outside(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


def _outside_declaration(declaration: CssNode) -> Iterator[str]:
    name = declaration.lower_name
    if name not in _NAMES and name not in _SHORTHANDS:
        yield f"the stylesheet sets {name}"
    known = _NAMES.get(name) or ()
    words = {word for value in known for word in (value if isinstance(value, tuple) else (value,))}
    if known and all(isinstance(word, str) for word in words):
        for each in declaration.value:
            if each.type == "ident" and each.lower_value not in words | _EVERYWHERE:
                yield f"the stylesheet sets {name}: {each.value}"
