"""The HTML medium."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from imr_letters.engine import text as normal
from imr_letters.engine.template.markup import BLOCKS, CELLS
from imr_letters.media.medium import Portrait, Printable

#: A letter runs nothing and fetches nothing, whatever a value of it may hold.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{style}</head>
<body>
{body}
</body>
</html>
"""


_STYLE = re.compile("<style>.*?</style>", re.DOTALL)


def write(letter: Printable) -> bytes:
    """Return a letter as one HTML page with its stylesheet inside."""
    return page(letter.body, title=letter.title, css=letter.family.css).encode()


def portrait(data: bytes) -> Portrait:
    """Return a page without its stylesheet, which would change every letter's snapshot with each rule of it."""
    return Portrait(_STYLE.sub("<style></style>", data.decode(), count=1), ".html")


def page(body: str, *, title: str, language: str = "en-US", css: str = "") -> str:
    """Return a complete HTML document around the markup of a letter, with a stylesheet inside if one is given."""
    # "</" could end the style element. In CSS it is only in strings, where the backslash changes nothing.
    style = "<style>\n" + css.strip("\n").replace("</", r"<\/") + "\n</style>\n" if css else ""
    return _PAGE.format(
        language=escape(language),
        policy=_POLICY,
        title=escape(title, quote=False),
        style=style,
        body=body.strip("\n"),
    )


def blocks(document: str) -> list[str]:
    """Return the words of the blocks of a letter's page, in normal form."""
    reader = _Reader()
    reader.feed(document)
    reader.close()
    return [words for words in map(normal.words, reader.blocks) if words]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self._head = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the signature
        self._head = self._head and tag != "body"
        self._boundary(tag)

    def handle_endtag(self, tag: str) -> None:
        self._boundary(tag)

    def _boundary(self, tag: str) -> None:
        if tag in BLOCKS:
            self.blocks.append("")
        elif tag in CELLS or tag == "br":
            self.blocks[-1] += " "

    def handle_data(self, data: str) -> None:
        if not self._head:
            self.blocks[-1] += data
