"""The tags a template may use, and how its constant text is read into words and block boundaries."""

from __future__ import annotations

import html
from dataclasses import dataclass
from html.parser import HTMLParser

from imr_letters.grammar.nodes import Origin, Role
from imr_letters.grammar.problems import Problems, did_you_mean

#: Tags that hold blocks, and tags they may stand in.
CONTAINERS = frozenset({"article", "section", "header", "footer", "main", "div", "ul", "ol", "table", "thead", "tbody"})
#: Tags that make a block of their words.
BLOCKS: dict[str, Role] = {
    **{tag: tag for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "caption")},
    "tr": "row",
}
#: Cells of a row; one space parts their words.
CELLS = frozenset({"th", "td"})
#: Tags that only change how words look.
INLINE = frozenset({"b", "strong", "em", "i", "u", "span", "small"})
VOID = frozenset({"br", "hr"})
ATTRIBUTES = frozenset({"class", "id", "scope", "colspan", "rowspan", "lang"})

_PARENTS = {
    "tr": frozenset({"table", "thead", "tbody"}),
    "caption": frozenset({"table"}),
    "li": frozenset({"ul", "ol"}),
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of constant text: `text` with its words, or `open` and `close` of a tag."""

    kind: str
    value: str
    origin: Origin


class MarkupReader:
    """Reads the constant pieces of a template in order, and keeps the tags that are open between them."""

    def __init__(self, problems: Problems) -> None:
        self.open: list[str] = []
        self._problems = problems

    def read(self, data: str, origin: Origin) -> list[Token]:
        """Return the tokens of one constant piece. Faults of its tags are noted."""
        parser = _Parser(self, origin, self._problems)
        parser.feed(data)
        if parser.rawdata:
            line = origin.line + data.count("\n", 0, len(data) - len(parser.rawdata))
            self._problems.add(
                "value-in-tag",
                Origin(origin.file, line),
                "a tag is not finished before the value or statement that follows it",
                "values may stand only between tags; write &lt; for a plain <",
                excerpt=parser.rawdata.strip()[:80],
            )
        return parser.tokens

    @property
    def block(self) -> str | None:
        """The tag of the block that is open, if one is."""
        return next((tag for tag in self.open if tag in BLOCKS), None)


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
        self._reader.open.append(tag)
        self.tokens.append(Token("open", tag, self._origin))

    def _check_place(self, tag: str) -> None:
        parent = self._reader.open[-1] if self._reader.open else ""
        block = self._reader.block
        if tag in CELLS:
            fits = parent == "tr"
        elif tag in INLINE or tag == "br":
            fits = block is not None and parent != "tr"
        else:
            fits = block is None and (tag not in _PARENTS or parent in _PARENTS[tag])
        if not fits:
            within = f"inside <{parent}>" if parent else "outside every other tag"
            self._fault(
                "tag-place",
                f"<{tag}> cannot stand {within}",
                "paragraphs, headings and rows stand in an article or section, cells in a row, the rest in a paragraph",
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in self._reader.open[-1:]:
            self._reader.open.pop()
            self.tokens.append(Token("close", tag, self._origin))
            return
        if tag in CONTAINERS | BLOCKS.keys() | CELLS | INLINE:
            last = f"<{self._reader.open[-1]}>" if self._reader.open else "no tag"
            self._fault(
                "tag-balance",
                f"</{tag}> closes {last}",
                "close each tag where it was opened, the last one first",
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
