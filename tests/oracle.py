"""WeasyPrint's pages against the typesetter's, sign by sign: `python -m tests.oracle [--generated N] [--edits N]`.

The samples are compared, the real letters of the folder named by IMR_LETTERS_CORPUS, N generated letters, and N edits
of the stylesheet at random. It says how many letters agree, and which are left to WeasyPrint, and why.

The two agree on a letter where they have the same pages, the same signs on them, each within a quarter of a point of
its place, and pages that look alike. Signs are compared line by line: a line that is broken elsewhere has other signs.
"""

from __future__ import annotations

import argparse
import ctypes
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from hypothesis import HealthCheck, Phase, given, seed, settings
from PIL import ImageChops

from imr_letters import Decision, load, render, samples
from imr_letters.engine.errors import ImrLettersError
from imr_letters.imr.model import for_recipients
from imr_letters.letters import RenderedLetter
from imr_letters.media import html
from imr_letters.media.pdf import letterhead, writer
from imr_letters.media.pdf.typeset import letter as typesetter
from imr_letters.media.pdf.typeset.faces import face
from imr_letters.media.pdf.typeset.supported import Unsupported
from tests import mailing, strategies
from tests.campaign import PDF_LENGTHS, Mixer
from tests.conftest import PUBLISHED, real_letters, real_reading

#: As far as a sign may be from its place, in points.
NEAR = 0.25
#: Squares of four points may differ by this shade. A sign that is moved by a hundredth of a point may be drawn a whole
#: pixel further; what is missing, added or of another color changes the ink of a square by more.
SHADE = 20

Sign = tuple[str, float, float]


@dataclass
class Outcome:
    """What was found of one letter: why the typesetter leaves it to WeasyPrint, or what differs."""

    fallback: str = ""
    difference: str = ""
    pages: int = 0
    furthest: float = 0.0
    shade: int = 0


def asked(letter: RenderedLetter, css: str | None = None) -> dict[str, Any]:
    """Return what a writer is asked for."""
    printable = letter.printable()
    sheet, pictures = letterhead.letterhead(printable.family.logo, printable.family.about.letterhead.lines)
    if printable.draft:
        stamp, picture = letterhead.stamp()
        sheet, pictures = sheet + stamp, pictures | picture
    return {
        "body": printable.body,
        "css": (printable.family.css if css is None else css) + sheet,
        "title": printable.title,
        "created": printable.created,
        "attachment": printable.attachment,
        "pictures": pictures,
    }


def by_typesetter(letter: RenderedLetter, css: str | None = None) -> bytes:
    """Return a letter's PDF by the typesetter. Raises `Unsupported`."""
    return typesetter.write(**asked(letter, css))


def by_weasyprint(letter: RenderedLetter, css: str | None = None) -> bytes:
    """Return a letter's PDF by WeasyPrint."""
    return by_weasyprint_of(asked(letter, css))


def by_weasyprint_of(what: dict[str, Any]) -> bytes:
    """Return the PDF that WeasyPrint makes of what a writer is asked for."""
    rest = {name: value for name, value in what.items() if name != "body"}
    return writer.write(html.page(what["body"], title=what["title"]), **rest)


@cache
def _drawn_by_all() -> frozenset[str]:
    """Return the characters that all faces of letters draw themselves, and those of markup."""
    faces = [face(family, bold) for family in ("Letter Serif", "Letter Sans") for bold in (False, True)]
    return frozenset(map(chr, frozenset.intersection(*(frozenset(each.glyphs) for each in faces)))) | {"\n"}


def compared(letter: RenderedLetter, css: str | None = None, *, plain: bool = False) -> Outcome:
    """Return how the two writers agree on a letter, which may be given another stylesheet.

    If `plain`, an "n" replaces each character for whose sake a letter would be left to WeasyPrint, and long words are
    cut.
    """
    given = asked(letter, css)
    if plain:
        drawn = "".join(char if char in _drawn_by_all() else "n" for char in given["body"])
        given["body"] = re.sub(r"[^\s<>&]{28,}", lambda found: found[0][:24], drawn)
    try:
        mine = typesetter.write(**given)
    except Unsupported as reason:
        return Outcome(fallback=str(reason))
    except ImrLettersError as error:
        try:
            by_weasyprint_of(given)
        except ImrLettersError as other:
            return Outcome(fallback="refused by both" if str(error) == str(other) else "", difference=str(other))
        return Outcome(difference=f"refused by one: {error}")
    return difference(by_weasyprint_of(given), mine)


def difference(theirs: bytes, mine: bytes) -> Outcome:
    """Return how two PDFs of a letter agree."""
    one, other = pypdfium2.PdfDocument(theirs), pypdfium2.PdfDocument(mine)
    try:
        found = Outcome(pages=len(one))
        if len(one) != len(other):
            return replace(found, difference=f"{len(one)} pages and {len(other)}")
        for number, (left, right) in enumerate(zip(one, other, strict=True), start=1):
            _compare_pages(found, number, left, right)
            if found.difference:
                break
        return found
    finally:
        one.close()
        other.close()


def _compare_pages(found: Outcome, number: int, one: Any, other: Any) -> None:
    left, right = _by_line(_signs(one)), _by_line(_signs(other))
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a[0] != b[0]), None)
    if at is not None or len(left) != len(right):
        at = min(len(left), len(right)) if at is None else at
        words = ["".join(sign for sign, *_ in side[max(0, at - 20) : at + 15]) for side in (left, right)]
        found.difference = f"page {number}, sign {at}: {words[0]!r} and {words[1]!r}"
        return
    far = max((max(abs(a[1] - b[1]), abs(a[2] - b[2])) for a, b in zip(left, right, strict=True)), default=0.0)
    found.furthest = max(found.furthest, far)
    if far > NEAR:
        here, there = next(
            (a, b) for a, b in zip(left, right, strict=True) if max(abs(a[1] - b[1]), abs(a[2] - b[2])) > NEAR
        )
        found.difference = f"page {number}: {here} is at {there}"
        return
    pictures = [page.render(scale=4).to_pil().convert("RGB").reduce(16) for page in (one, other)]
    most = max(at % 256 for at, count in enumerate(ImageChops.difference(*pictures).histogram()) if count)
    found.shade = max(found.shade, most)
    if most > SHADE:
        found.difference = f"page {number}: a square looks different by {most} shades of gray"


def _by_line(signs: Iterator[Sign]) -> list[Sign]:
    return sorted(signs, key=lambda sign: (-round(sign[2]), sign[1]))


def _signs(page: Any) -> Iterator[Sign]:
    """Yield the signs of a page and where each begins; spaces are not seen."""
    text = page.get_textpage()
    x, y = ctypes.c_double(), ctypes.c_double()
    for number in range(pdfium.FPDFText_CountChars(text.raw)):
        code = pdfium.FPDFText_GetUnicode(text.raw, number)
        if pdfium.FPDFText_IsGenerated(text.raw, number) or code in (0x20, 0x0A, 0x0D, 0xA0):
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, number, ctypes.byref(x), ctypes.byref(y))
        yield ("-" if code in (0xFFFE, 0x02) else chr(code)), x.value, y.value


Letters = Iterator[tuple[str, RenderedLetter, str | None]]


def sampled() -> Letters:
    """Yield the samples."""
    for path in samples.decisions():
        yield path.stem, render(load(path)), None


def real() -> Letters:
    """Yield the letters that real ones read as, where there are any."""
    for path in real_letters():
        try:
            reading = real_reading(path)
            yield path.stem, render(reading.decision, reading.family), None
        except ImrLettersError:
            continue


def generated(count: int, number: int) -> Letters:
    """Yield letters of decisions made of the parts of generated ones, some of them mailed."""
    for family in PUBLISHED:
        mixer = Mixer(number)
        for decision in _drawn(family, number):
            mixer.add(decision)
        for at in range(-(-count // len(PUBLISHED))):
            decision = mixer.decision(mixer.pick(PDF_LENGTHS[:-1]))
            if at % 5 or not decision.case:
                yield f"{family} {at}", render(decision, family), None
            else:
                yield f"mailed {at}", render(mailed(decision, mixer)), None


def _drawn(family: str, number: int) -> list[Decision]:
    found: list[Decision] = []

    @seed(number)
    @settings(
        max_examples=30, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(strategies.decisions(family, most_items=2))
    def draw(decision: Decision) -> None:
        found.append(decision)

    draw()
    return found


def mailed(decision: Decision, mixer: Mixer) -> Decision:
    """Return a decision as it is mailed to one of its recipients."""
    known = mailing.decision()
    documents = (known.documents or ()) * mixer.pick([1, 2, 5])
    changed = known.model_copy(update={"items": decision.items[:9], "documents": documents})
    return mixer.pick(for_recipients(changed))


#: Rules that an edit adds: each is followed, or left to WeasyPrint.
_RULES = (
    "p { text-align: right } h1 { page-break-before: always } h2 { color: #036 } b { font-size: 1.2em } "
    "p { orphans: 5; widows: 4 } h2 { break-after: auto } table.case { break-inside: auto } "
    "td { vertical-align: middle } "
    "p { text-align: justify } h1 { font-variant: small-caps } p { hyphens: auto } p:nth-child(2) { color: red } "
    "p.line { padding: 3pt } h2 { border-bottom: 2pt solid #999 } p { text-indent: 2em } article { margin: 9pt } "
    "h1 { background: #eee } p { break-inside: avoid } p + p { margin-top: 1em } th { font-weight: normal } "
    "h1 { text-decoration: underline } b { font-style: italic } p { word-spacing: 2pt } p { letter-spacing: 0.02em } "
    "@page { border: 1pt solid } @page :first { margin-left: 2in } td { padding: 6pt } table.case th { width: 25% }"
)


def edited(count: int, number: int) -> Letters:
    """Yield letters with stylesheets that were edited at random: a rule added, a length changed, or both."""
    choose = random.Random(number)  # noqa: S311 - repeatable, not secret
    rules = re.findall(r"[^{}]+\{[^{}]*\}", _RULES)
    letters = [letter for _, letter, _ in sampled()]
    for at in range(count):
        letter = choose.choice(letters)
        css = letter.printable().family.css
        lengths = list(re.finditer(r"\b(\d+(?:\.\d+)?)(pt|em|in|%)(?=[ ;])", css.partition("@media")[0]))
        place = choose.choice(lengths)
        css = f"{css[: place.start()]}{float(place[1]) * choose.uniform(0.7, 1.3):.3f}{place[2]}{css[place.end() :]}"
        rule = choose.choice(rules) if choose.random() < 0.6 else ""
        yield f"edit {at} ({place[0]} {rule.strip()})", letter, css + rule


def main() -> None:
    """Compare the letters that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="tests.oracle")
    parser.add_argument("--generated", type=int, default=0, metavar="N")
    parser.add_argument("--edits", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--only", action="store_true", help="leave out samples and real letters")
    options = parser.parse_args()
    kinds = {
        "samples": iter(()) if options.only else sampled(),
        "real letters": iter(()) if options.only else real(),
        "generated": generated(options.generated // 10, options.seed),
        "generated in the characters of all faces": generated(options.generated, options.seed + 1),
        "edits": edited(options.edits, options.seed),
    }
    different = 0
    for kind, letters in kinds.items():
        count = pages = 0
        furthest = 0.0
        left: Counter[str] = Counter()
        for name, letter, css in letters:
            outcome = compared(letter, css, plain=kind == "generated in the characters of all faces")
            count += 1
            pages += outcome.pages
            furthest = max(furthest, outcome.furthest)
            if outcome.fallback:
                left[outcome.fallback] += 1
            elif outcome.difference:
                different += 1
                # A real letter is named, and not quoted.
                said = outcome.difference if kind != "real letters" else outcome.difference.partition(",")[0]
                print(f"{name}: {said}")  # noqa: T201
        print(f"{kind}: {count} letters, {pages} pages; signs within {furthest:.3f} pt; left: {left.total()}")  # noqa: T201
        for reason, times in left.most_common():
            print(f"    {times:4} {reason}")  # noqa: T201
    print(f"{different} letters differ")  # noqa: T201
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
