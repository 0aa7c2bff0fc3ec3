"""What a medium is: a row of the table of media, what it writes and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from imr_letters.engine.errors import Finding
from imr_letters.engine.letter import Block, Source

if TYPE_CHECKING:
    from imr_letters.engine.families import Family

#: Largest file of a letter that is read, in bytes.
LARGEST = 20_000_000

#: Whether the bytes of a letter are as our own writer makes them, or come from elsewhere and are not trusted.
Provenance = Literal["ours", "foreign"]


@dataclass(frozen=True)
class Printable:
    """A letter as any medium writes it; what takes time is made when a medium asks for it."""

    title: str
    blocks: Sequence[Block]
    #: The family, for its stylesheet and letterhead.
    family: Family[Any]
    _: KW_ONLY
    #: The day of the decision; None where the letter has no header.
    created: datetime | None
    make_body: Callable[[], str]
    make_attachment: Callable[[], bytes]
    #: Whether it is stamped as a draft.
    draft: bool = False
    #: Whether WeasyPrint makes its PDF, whatever else could: for comparing with one that WeasyPrint made.
    by_weasyprint: bool = False

    @cached_property
    def body(self) -> str:
        """The letter as HTML: what is in the body of its page."""
        return self.make_body()

    @cached_property
    def attachment(self) -> bytes:
        """The decision, or the draft of one, as JSON."""
        return self.make_attachment()

    def marked(self, words: str) -> Printable:
        """Return the same letter with a paragraph of its own above all others, and as its title."""
        body = f"<p><b>{words}</b></p>\n"
        blocks = [Block("p", words), *self.blocks]
        return replace(self, title=words, blocks=blocks, make_body=lambda: body + self.body)


@dataclass(frozen=True, slots=True)
class Portrait:
    """A letter as a snapshot keeps it: its words in a file that people can review, and pictures of its pages."""

    words: str
    suffix: str = ".txt"
    #: What of the letter the words are, where one medium has several; it becomes a part of the file's name.
    part: str = ""
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class PreparedSource:
    """The content of a letter, asked once what it is: which medium recognised it, and where it was made."""

    content: str | bytes
    name: str
    medium: Medium
    provenance: Provenance = "foreign"

    @property
    def data(self) -> bytes:
        """The content as bytes."""
        return self.content.encode("utf-8", "surrogatepass") if isinstance(self.content, str) else self.content

    @cached_property
    def source(self) -> Source:
        """The blocks of the letter, read once. Raises as the medium's reader does."""
        assert self.medium.read is not None, "what cannot be read is not recognised either"
        return self.medium.read(self)


class Again(Protocol):
    """Renders the letter of a file again."""

    def __call__(self, *, draft: bool, by_weasyprint: bool = False) -> bytes:
        """Return the letter as a file, stamped as a draft or not; a PDF by WeasyPrint even if another would make it."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A row of the table of media. What a medium does not have is left out.

    Only media that are read take part in `parse`, `verify` and batches: what goes out must read back.
    """

    name: str
    #: What messages call a letter in this medium.
    title: str
    #: The endings of its files; the first is the one that is written.
    suffixes: tuple[str, ...]
    write: Callable[[Printable], bytes]
    #: Returns the blocks of a letter; None for a medium that is written only.
    read: Callable[[PreparedSource], Source] | None = None
    #: Returns where bytes in this medium were made, None for bytes of another one. What no medium recognises is text.
    recognise: Callable[[bytes], Provenance | None] | None = None
    _: KW_ONLY
    #: Whether a terminal can show it.
    shown: bool = True
    #: Whether it stamps every page of a draft.
    stamps: bool = False
    #: Returns what a snapshot keeps of a letter; the words of the file without.
    portrait: Callable[[bytes], Portrait] | None = None
    #: Returns all that a file says anywhere, for the search for what was withheld; without it, nothing is published.
    strings: Callable[[bytes], Collection[str]] | None = None
    #: Returns what the manifest of a batch counts in a file, by name.
    counts: Callable[[bytes], Mapping[str, int]] | None = None
    #: Returns which of several writers made a file; None where there is one.
    writer: Callable[[bytes], str] | None = None
    #: Returns the fingerprint of what draws its letters; None where their bytes depend on the words alone.
    engine: Callable[[], str] | None = None
    #: Returns the decision that is attached to a file, and whether one should be.
    attached: Callable[[PreparedSource], tuple[bytes | None, bool]] | None = None
    #: Compares a file with the letter rendered again.
    compare: Callable[[PreparedSource, Again], list[Finding]] | None = None
    #: The module that worker processes begin with; letters of a shard of a batch at most.
    preload: str = ""
    shard: int = 50

    @property
    def suffix(self) -> str:
        """The ending of the files that are written."""
        return self.suffixes[0]

    def portrayed(self, data: bytes) -> Portrait:
        """Return what a snapshot keeps of a letter."""
        return self.portrait(data) if self.portrait else Portrait(data.decode(), self.suffix)

    def counted(self, data: bytes) -> Mapping[str, int]:
        """Return what the manifest of a batch counts in a file."""
        return self.counts(data) if self.counts else {}

    def prepared(self, data: bytes, name: str = "") -> PreparedSource | None:
        """Return bytes as a source, None where they are of another medium."""
        provenance = self.recognise(data) if self.recognise else None
        return PreparedSource(data, name, self, provenance) if provenance else None
