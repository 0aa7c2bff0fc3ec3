"""Change single characters of the fixed wording of sample letters: `python -m tests.drift_campaign [COUNT]`.

Fixed wording is what no value of the decision prints, and the phrases that a codec prints around its parts. Whoever
changes a character of it gets drift or another error, never a decision without a word. COUNT changes are drawn
evenly over all families and letters, each tried with the lines as they are and wrapped again.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import NamedTuple

from imr_letters import parse
from imr_letters.engine.errors import ImrLettersError
from imr_letters.imr.form import Letter
from imr_letters.media import text
from tests.letters import sample_letters

#: What is put in place of a character, or before it.
SIGNS = "xQ7;é.,:'- \n"


class Change(NamedTuple):
    """One changed letter: its name, the block, the offset in it, what was done, and the letter's text."""

    letter: str
    block: int
    offset: int
    done: str
    text: str


def fixed(letter: Letter) -> list[tuple[int, int]]:
    """Return block and offset of each character of fixed wording that is no space."""
    values = {(place.block, at) for place in letter.places for at in range(place.start, place.end)}
    phrases = set()
    for place in letter.places:
        words = letter.blocks[place.block].text[place.start : place.end]
        for phrase in place.value.codec.phrases:
            start = words.find(phrase)
            while start >= 0:
                phrases |= {(place.block, place.start + start + at) for at in range(len(phrase))}
                start = words.find(phrase, start + 1)
    return [
        (number, at)
        for number, block in enumerate(letter.blocks)
        for at, char in enumerate(block.text)
        if char != " " and ((number, at) not in values or (number, at) in phrases)
    ]


def changes(count: int, seed: int = 0) -> Iterator[Change]:
    """Yield `count` changes of the sample letters, drawn evenly."""
    draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
    letters = [(name, letter, fixed(letter.letter)) for name, letter in sample_letters()]
    known = [set(places) for _, _, places in letters]
    for number in range(count):
        name, letter, places = letters[number % len(letters)]
        block, at = draw.choice(places)
        blocks = [each.text for each in letter.letter.blocks]
        words = blocks[block]
        new = draw.choice(SIGNS)
        done, put = draw.choice([("put", new), ("drop", ""), ("before", new + words[at]), ("double", words[at] * 2)])
        changed = words[:at] + put + words[at + 1 :]
        if " ".join(changed.split()) == words or (
            done == "before" and (block, at - 1) not in known[number % len(known)]
        ):
            continue  # no change, or one of the value before
        blocks[block] = changed
        rewrapped = number % 2 == 0 and "\n" not in put
        if rewrapped:
            raw = "\n\n".join(map(text.wrap, blocks)) + "\n"
        else:
            raw = _in_place(letter.text, [each.text for each in letter.letter.blocks], block, at, put)
        yield Change(name, block, at, f"{done} {new!r}", raw)


def _in_place(raw: str, blocks: list[str], block: int, at: int, put: str) -> str:
    """Return a text letter with one character changed, its lines left as they were."""
    pieces = raw.rstrip("\n").split("\n\n")
    piece = pieces[block]
    indent = len(piece) - len(piece.lstrip())
    assert " ".join(piece.split()) == blocks[block]
    pieces[block] = piece[: indent + at] + put + piece[indent + at + 1 :]
    return "\n\n".join(pieces) + "\n"


def silent(count: int, seed: int = 0) -> list[Change]:
    """Return the changes that were read without an error and without a warning."""
    found = []
    for change in changes(count, seed):
        try:
            reading = parse(change.text)
        except ImrLettersError:
            continue
        if not any(finding.severity in ("error", "warning") for finding in reading.findings):
            found.append(change)
    return found


def main() -> None:
    """Run as many changes as the argument asks for and list those that nobody noticed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    found = silent(count)
    for change in found:
        print(change.letter, change.block, change.offset, change.done)  # noqa: T201
    print(f"{count:,} changes, {len(found)} silent")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
