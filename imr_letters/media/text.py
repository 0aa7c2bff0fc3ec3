"""The text letter: blocks separated by a blank line, lines of at most 95 columns.

A word is never broken, and no line ends with a word that ends in a hyphen, so that joining the lines again is exact:
a line that does end so was broken by somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from imr_letters.engine import text as normal
from imr_letters.engine.errors import Finding, InputError
from imr_letters.engine.letter import Block, Source, Where
from imr_letters.engine.matching.automaton import Automaton
from imr_letters.media import others
from imr_letters.media.medium import PreparedSource, Printable
from imr_letters.media.recover.feet import without_feet
from imr_letters.media.recover.layout import recover
from imr_letters.media.recover.letterhead import without_letterhead
from imr_letters.media.recover.lines import Line
from imr_letters.media.recover.signs import Signs, refused_character
from imr_letters.media.recover.wholeness import edge_lines, in_order, repeats

#: Width of a line, in characters.
WIDTH = 95
#: Longest letter that is read, in characters; the longest real ones have 30,000.
LONGEST = 8_000_000

_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
#: A word split at its hyphen over a line: never by this toolkit, so another program made the lines.
_SPLIT_WORD = re.compile(r"-(?<=[^\W_]-)[^\S\n]*\n[^\S\n]*[^\W_]")
_SPLIT_WORD_END = re.compile(r"(?<=[^\W_]-)[^\S\n]*\n[^\S\n]*(?=[^\W_])")
#: Some extractors mark a hyphen at a line end with a character of their own.
_MARKED_HYPHEN = re.compile("[\x02\ufffe]\n?")
_HEADINGS = frozenset({"h1"})
#: A letter in our own form has at least so many line ends within its blocks, and so many of all as we make them.
_FEWEST_ENDS, _MOSTLY = 4, 0.75


def write(letter: Printable) -> bytes:
    """Return a letter as a text file."""
    return compose(letter.blocks).encode()


def read(given: PreparedSource) -> TextSource:
    """Read a text letter. Raises as `source` does."""
    return source(given.content, given.name)


def strings(data: bytes) -> list[str]:
    """Return all that a file of text says."""
    return [data.decode()]


def compose(blocks: Sequence[Block]) -> str:
    """Return the text of a letter."""
    return "\n\n".join(map(_written, blocks)) + "\n"


def _written(block: Block) -> str:
    if block.role in _HEADINGS and len(block.text) < WIDTH:
        return " " * ((WIDTH - len(block.text)) // 2) + block.text
    return wrap(block.text)


def wrap(words: str) -> str:
    """Break words into lines of at most `WIDTH` columns, never after a word that ends in a hyphen."""
    if len(words) <= WIDTH:
        return words
    lines: list[str] = []
    start = 0
    while len(words) - start > WIDTH:
        at = words.rfind(" ", start, start + WIDTH + 1)
        while at > start and words[at - 1] == "-":
            at = words.rfind(" ", start, at)
        if at <= start:  # nothing fits: the shortest line that may end
            at = words.find(" ", start + 1)
            while at > 0 and words[at - 1] == "-":
                at = words.find(" ", at + 1)
            if at < 0:
                break
        lines.append(words[start:at])
        start = at + 1
    lines.append(words[start:])
    return "\n".join(lines)


@dataclass(slots=True)
class TextSource:
    """A text letter that was read; a `Source`."""

    name: str
    raw: str
    blocks: list[str]
    findings: list[Finding] = field(default_factory=list)
    #: Whether its lines end where this toolkit ends them, a few edited ones aside: the blocks are then as they stand.
    ours: bool = False
    _pieces: list[re.Match[str]] = field(default_factory=list, repr=False)

    @property
    def certain(self) -> bool:
        """Whether blocks are as they stand: the letter is in our own form, or as this toolkit writes it."""
        return self.ours or self.as_written

    @property
    def as_written(self) -> bool:
        """Whether the lines are those this toolkit writes: blocks separated by one blank line, wrapped as it wraps."""
        pieces = self.raw.strip().split("\n\n")
        return len(pieces) == len(self.blocks) and all(
            piece == wrap(block) or piece.strip() == block for piece, block in zip(pieces, self.blocks, strict=True)
        )

    @property
    def page_breaks(self) -> list[tuple[int, int]]:
        """Where pages begin after the first, as block and offset: extractors write a form feed there."""
        found: list[tuple[int, int]] = []
        pages = [sum(map(len, page.split())) for page in self.raw.split("\f")] if "\f" in self.raw else []
        sizes = [sum(map(len, block.split())) for block in self.blocks]
        block = before = signs = 0
        for page in pages[:-1]:
            signs += page
            while block < len(sizes) and before + sizes[block] <= signs:
                before += sizes[block]
                block += 1
            if signs and block < len(sizes):
                found.append((block, _offset(self.blocks[block], signs - before)))
        return found

    def where(self, block: int, offset: int) -> Where:
        """Return the place of an offset in a block."""
        if not self._pieces:
            self._pieces = list(re.finditer(r"(?:[^\n]*\S[^\n]*(?:\n|$))+", self.raw))
        pieces = self._pieces
        if block >= len(pieces):
            last = self.raw.rstrip().split("\n")
            return Where(len(last), len(last[-1]) + 1, last[-1].strip(), len(last[-1].strip()))
        piece = pieces[block]
        number = self.raw.count("\n", 0, piece.start()) + 1
        for line in piece.group().split("\n"):
            words = normal.words(line)
            if offset <= len(words):
                indent = len(line) - len(line.lstrip())
                return Where(number, indent + offset + 1, words, offset)
            offset -= len(words) + 1
            number += 1
        return Where(number, 1, "", 0)

    def recovered(self, automaton: Automaton) -> Source | None:
        """Return the blocks as a family's grammar suggests them; None for a letter in our own form.

        A letter that the family cannot begin to read has a header by another program, whatever its lines are like.
        """
        if self.ours and automaton.begins(self.blocks):
            return None
        lines: Sequence[Line] = _lines(self.raw)
        above: list[Finding] = []
        if "\f" in self.raw:  # extracted from pages, which may have a letterhead
            lines, above = without_letterhead(self.name, lines, automaton)
        return recover(self.name, lines, automaton, [*self.findings, *above])


def source(data: str | bytes, name: str = "") -> TextSource:
    """Return what text, or the bytes of a text file, holds.

    Raises `InputError` for what is no text and for more than `LONGEST` characters, `LetterError` for characters no
    letter may hold.
    """
    findings: list[Finding] = []
    if isinstance(data, bytes):
        others.refuse(data, name)
        if b"\x00" in data:
            raise _binary(name)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = data.decode("cp1252")
            except UnicodeDecodeError:
                raise _binary(name) from None
            findings.append(Finding("encoding", "warning", "is not UTF-8; it was read as Windows-1252", source=name))
    else:
        text = data.removeprefix("\ufeff")
    if len(text) > LONGEST:
        raise InputError.of(
            f"has {len(text):,} characters; no letter is longer than {LONGEST:,}",
            source=name,
            remedy="give one letter at a time",
            code="too-long",
        )
    raw = text.replace("\r\n", "\n").replace("\r", "\n")
    if not raw.strip():
        raise InputError.of("is empty", source=name, remedy="give a letter", code="empty")
    if "\x02" in raw or "\ufffe" in raw:
        message = "an extractor's sign for a hyphen at a line end was read as a hyphen"
        findings.append(Finding("encoding", "note", message, source=name))
        raw = _MARKED_HYPHEN.sub("-\n", raw)
    if "\f" in raw:
        paged = raw
        raw, feet = without_feet(raw, name)
        findings += feet
    plain = _is_plain(raw)
    try:
        if not plain:
            normal.words(raw)  # refuses what no letter may hold, wherever it is
        ours = _wrapped_as_ours(raw)
        split = _SPLIT_WORD.search(raw) is not None
        joined = _SPLIT_WORD_END.sub("", raw) if split else raw
        blocks = [] if split and not ours else _blocks(joined, plain)
        if split and ours:
            message = "a word is split at its hyphen over a line; it was joined"
            findings.append(Finding("split-word", "note", message, source=name))
    except normal.CharacterError as error:
        signs = Signs(drawn=False)
        known = signs.plain(raw)
        plainer = source(known, name) if known != raw else None
        if plainer is None or plainer.as_written:  # a letter in our own form holds none of these
            raise refused_character(error, _place(raw, error.char), name) from None
        plainer.findings = [*findings, *signs.findings(name), *plainer.findings]
        return plainer
    if "\f" in raw:
        findings += _of_pages(paged, name)
    return TextSource(name, raw, blocks, findings, ours)


def _of_pages(raw: str, name: str) -> Iterator[Finding]:
    """Report pages that are twice in a text, out of order, or those of another letter."""
    pages = [[words for line in page.split("\n") if (words := normal.words(line))] for page in raw.split("\f")]
    yield from in_order(name, edge_lines(pages), len(pages))
    yield from repeats(name, [(number, words) for number, page in enumerate(pages, start=1) for words in page])


def _offset(words: str, signs: int) -> int:
    """Return where in words so many characters that are no spaces have gone by, and the space after them."""
    at = 0
    while signs > 0 or words[at] == " ":
        signs -= words[at] != " "
        at += 1
    return at


def _binary(name: str) -> InputError:
    return InputError.of("is not text", source=name, remedy="give a text letter in UTF-8, or a PDF", code="binary")


def _wrapped_as_ours(raw: str) -> bool:
    """Return whether nearly all line ends within blocks are where `wrap` puts them: no earlier, no later."""
    if "\f" in raw:
        return False
    ends = good = 0
    for before, line in pairwise(map(str.strip, raw.split("\n"))):
        if before and line:
            ends += 1
            first = line.find(" ") if " " in line else len(line)
            room = WIDTH - len(before)
            good += room >= 0 and before[-1] != "-" and (first >= room or line[first - 1] == "-")
    return ends >= _FEWEST_ENDS and good >= _MOSTLY * ends


def _is_plain(raw: str) -> bool:
    """Return whether lines are nothing but printable ASCII, as in nearly every letter of ours."""
    return raw.isascii() and raw.replace("\n", "").isprintable() and " \n" not in raw


def _blocks(raw: str, plain: bool) -> list[str]:
    """Return what is between blank lines in normal form, lines joined. Raises as `text.words` does."""
    if plain and "\n\n\n" not in raw:  # at a fraction of the cost
        return [" ".join(piece.split()) for piece in raw.strip().split("\n\n")]
    return [normal.words(piece) for piece in _BLANK.split(raw.strip())]


def _place(raw: str, char: str) -> Where:
    """Return the first place of a character."""
    at = max(raw.find(char), 0)
    start = raw.rfind("\n", 0, at) + 1
    line = raw[start:].split("\n", 1)[0]
    shown = "".join(char if char.isprintable() else "?" for char in line)
    return Where(raw.count("\n", 0, at) + 1, at - start + 1, shown, at - start)


def _lines(raw: str) -> list[Line]:
    lines: list[Line] = []
    gap = 0
    page = False
    for number, text in enumerate(raw.split("\n"), start=1):
        for index, piece in enumerate(text.split("\f")):  # every character was accepted when the letter was read
            page = page or index > 0
            words = normal.words(piece)
            if not words:
                gap += index == 0
                continue
            column = text.index(piece) + len(piece) - len(piece.lstrip()) + 1
            lines.append(Line(words, number, column, gap if lines else 0, page and bool(lines)))
            gap, page = 0, False
    usual = sorted(len(line.text) for line in lines)[len(lines) * 4 // 5] if lines else 0
    return [
        replace(line, full=len(before.text) + 1 + len(line.text.partition(" ")[0]) > usual) if line.page else line
        for before, line in pairwise([*lines[:1], *lines])
    ]
