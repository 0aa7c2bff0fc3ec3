"""The tags a template may use, and how its constant text is read into words and block boundaries."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from imr_letters.engine.grammar.nodes import BlockRole, Origin
from imr_letters.engine.grammar.problems import Problems, did_you_mean

#: Tags that hold blocks, and tags they may stand in.
CONTAINERS = frozenset({"article", "section", "header", "footer", "main", "div", "table"})
#: Tags that make a block of their words.
BLOCKS: dict[str, BlockRole] = {
    **{tag: tag for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "p")},
    "tr": "row",
}
#: Cells of a row; one space parts their words.
CELLS = frozenset({"th", "td"})
#: Tags that only change how words look.
INLINE = frozenset({"b", "strong", "em", "i", "u", "span", "small"})
VOID = frozenset({"br", "hr"})
_SPACE = re.compile(r"\s+")
ATTRIBUTES = frozenset({"class", "id", "scope", "colspan", "rowspan", "lang"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of constant text: `text` with its words, or `open` and `close` of a tag."""

    kind: str
    value: str
    origin: Origin


def shown(token: Token) -> str:
    """Return the words that a token shows in the linear reading, where each block is on a line."""
    if token.kind == "text":
        return _SPACE.sub(" ", token.value)
    return "\n" if token.value in BLOCKS else " " if token.value in CELLS else ""


class MarkupReader:
    """Reads the constant pieces of a template in order, and keeps the tags that are open between them."""

    def __init__(self, problems: Problems) -> None:
        #: The open tags, each with the place it was opened at.
        self.open: list[tuple[str, Origin]] = []
        self._problems = problems
        self._in_tag = False

    def read(self, data: str, origin: Origin) -> list[Token]:
        """Return the tokens of one constant piece. Faults of its tags are noted."""
        if self._in_tag:  # the rest of a tag with a value in it, which was noted
            rest, end, after = data.partition(">")
            if not end:
                return []
            self._in_tag = False
            origin = Origin(origin.file, origin.line + rest.count("\n"))
            data = after
        parser = _Parser(self, origin, self._problems)
        parser.feed(data)
        if parser.rawdata:
            line = origin.line + data.count("\n", 0, len(data) - len(parser.rawdata))
            self._in_tag = parser.rawdata.startswith("<")
            self._problems.add(
                "value-in-tag",
                Origin(origin.file, line),
                "a tag is not finished before the value or statement that follows it",
                "put values between tags, after > and before <; write &lt; for a plain < and &amp; for a plain &",
                excerpt=parser.rawdata.strip()[:80],
            )
        return parser.tokens

    def close_all(self) -> None:
        """Note the tags that are still open at the end of the template."""
        for tag, where in self.open:
            self._problems.add("tag-balance", where, f"<{tag}> is never closed", f"add </{tag}>")

    @property
    def block(self) -> str | None:
        """The tag of the block that is open, if one is."""
        return next((tag for tag, _ in self.open if tag in BLOCKS), None)

    @property
    def takes_words(self) -> bool:
        """Whether words may stand here: in a block, and in a row only in a cell."""
        tags = [tag for tag, _ in self.open]
        return self.block is not None and (self.block != "tr" or any(tag in CELLS for tag in tags))


class _Parser(HTMLParser):
    def __init__(self, reader: MarkupReader, origin: Origin, problems: Problems) -> None:
        super().__init__(convert_charrefs=False)
        self.tokens: list[Token] = []
        self._reader = reader
        self._start = origin
        self._problems = problems

    @property
    def _origin(self) -> Origin:
        return Origin(self._start.file, self._start.line + self.getpos()[0] - 1)

    def _fault(self, code: str, message: str, remedy: str) -> None:
        self._problems.add(code, self._origin, message, remedy)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = CONTAINERS | BLOCKS.keys() | CELLS | INLINE | VOID
        if tag not in known:
            self._fault(
                "tag",
                f"the tag <{tag}> is not allowed{did_you_mean(tag, known)}",
                f"use one of {' '.join(sorted(known))}",
            )
            return
        for name, _ in attrs:
            if name not in ATTRIBUTES:
                self._fault(
                    "attribute",
                    f'the attribute "{name}" of <{tag}> is not allowed',
                    f"use only {', '.join(sorted(ATTRIBUTES))}; looks belong in letter.css",
                )
        self._check_place(tag)
        if tag in VOID:
            if tag == "br":
                self.tokens.append(Token("text", " ", self._origin))
            return
        self._reader.open.append((tag, self._origin))
        self.tokens.append(Token("open", tag, self._origin))

    def _check_place(self, tag: str) -> None:
        parent = self._reader.open[-1][0] if self._reader.open else ""
        block = self._reader.block
        if tag in CELLS:
            fits = parent == "tr"
        elif tag in INLINE or tag == "br":
            fits = block is not None and parent != "tr"
        elif tag == "tr":
            fits = parent == "table"
        else:
            fits = block is None and parent != "table"
        if not fits:
            within = f"inside <{parent}>" if parent else "outside every other tag"
            self._fault(
                "tag-place",
                f"<{tag}> cannot stand {within}",
                "paragraphs and headings stand in an article or section, rows in a table, cells in a row",
            )

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._reader.open]
        if tag not in names:
            self._fault(
                "tag-balance", f"</{tag}> closes nothing that is open", f"take it out, or open <{tag}> before it"
            )
            return
        while True:
            name, where = self._reader.open.pop()
            self.tokens.append(Token("close", name, self._origin))
            if name == tag:
                return
            self._problems.add(
                "tag-balance", where, f"<{name}> is not closed before </{tag}>", f"add </{name}> before </{tag}>"
            )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        line = self._origin.line
        for index, piece in enumerate(data.split("\n")):
            text = piece if index == 0 else "\n" + piece
            if text:
                self.tokens.append(Token("text", text, Origin(self._start.file, line + index)))

    def handle_entityref(self, name: str) -> None:
        self.tokens.append(Token("text", html.unescape(f"&{name};"), self._origin))

    def handle_charref(self, name: str) -> None:
        self.tokens.append(Token("text", html.unescape(f"&#{name};"), self._origin))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the parser's signature
        self._fault("tag", "an HTML comment would go out with the letter", "write comments as {# ... #}")

    def handle_decl(self, decl: str) -> None:
        self._fault(
            "tag",
            f"<!{decl[:20]}> is not allowed",
            "leave it out; the page around the letter is made elsewhere",
        )

    def handle_pi(self, data: str) -> None:
        self._fault("tag", f"<?{data[:20]} is not allowed", "leave it out")

    def unknown_decl(self, data: str) -> None:
        self._fault("tag", f"<![{data[:20]} is not allowed", "leave it out")
