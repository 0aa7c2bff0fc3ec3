"""The markup of a letter as a tree: what templates hold, and nothing that HTML would read in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from imr_letters.media.pdf.typeset.look import Look
from imr_letters.media.pdf.typeset.supported import Unsupported

#: Elements that hold words, those that may be within them, and those that hold only other elements.
WORDS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "th", "td"})
_INLINE = frozenset({"b", "strong", "em", "i", "u", "span", "small"})
_CONTAINERS = frozenset({"article", "section", "div", "header", "footer", "main"})
_TABLES = {"table": frozenset({"tr"}), "tr": frozenset({"th", "td"})}

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z]+=\"[^\"<>&]*\")*)>|([^<]+)")


@dataclass(slots=True, eq=False)
class Element:
    """An element: its tag, its tag with attributes as written, what it holds, what it looks like."""

    tag: str
    signature: str
    kids: list[Element | str] = field(default_factory=list)
    look: Look = None  # type: ignore[assignment] # given by `cascade` before anything else asks for it

    def elements(self) -> list[Element]:
        """Return the elements right below."""
        return [kid for kid in self.kids if isinstance(kid, Element)]

    def text(self) -> str:
        """Return all words below."""
        return "".join(kid if isinstance(kid, str) else kid.text() for kid in self.kids)

    def attribute(self, name: str) -> str:
        """Return the value of an attribute, nothing where there is none."""
        return self.signature.partition(f' {name}="')[2].partition('"')[0]


def tree(body: str) -> Element:
    """Return the body of a letter. Raises `Unsupported` for other elements, and elements in other places."""
    root = Element("body", "body")
    stack = [root]
    end = 0
    for found in _TOKEN.finditer(body):
        if found.start() != end:
            break
        end = found.end()
        close, tag, attributes, text = found.groups()
        here = stack[-1]
        if text is not None:
            if here.tag in WORDS or here.tag in _INLINE:
                here.kids.append(unescape(text) if "&" in text else text)
            elif not text.isspace():
                raise Unsupported(f"words right within <{here.tag}>")
        elif close:
            if stack.pop().tag != tag or not stack:
                raise Unsupported(f"</{tag}> where another element ends")
        else:
            if not _may_hold(here.tag, tag):
                raise Unsupported(f"<{tag}> within <{here.tag}>")
            node = Element(tag, tag + attributes)
            here.kids.append(node)
            stack.append(node)
    if end != len(body) or len(stack) != 1:
        raise Unsupported("markup other than elements and words")
    return root


def _may_hold(tag: str, kid: str) -> bool:
    if tag in _TABLES:
        return kid in _TABLES[tag]
    if tag in WORDS:
        return kid in _INLINE
    return tag not in _INLINE and (kid in _CONTAINERS or kid == "table" or (kid in WORDS and kid not in ("th", "td")))


def leaves(node: Element) -> Iterator[Element]:
    """Yield the elements with words, in order."""
    for kid in node.elements():
        if kid.tag in WORDS:
            yield kid
        else:
            yield from leaves(kid)
