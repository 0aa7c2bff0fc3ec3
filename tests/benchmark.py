"""Speed, side by side in one run: `python -m tests.benchmark [LETTERS] [--memory N] [--snippets]`.

The letters are samples 03, 08 and 12 in turn (four, three and six pages). Rows are timed in rounds that take turns, and
the median round counts. They say letters a second, the ratio to the row they name, and the pages and KiB of three PDFs.

- naive WeasyPrint: the same page and stylesheet, given anew for each letter, PDF/A-3a only, the machine's fonts
- Typst: the same words in a plain template with our fonts, one warm compiler. It keeps what it laid out, so a number
  after every paragraph makes it another one in each letter, as the words of real letters are
- Chromium: the HTML letter in one warm tab over DevTools, tagged, without PDF/A or PDF/UA, the machine's fonts

Peers are no dependencies of the project; one that is missing is a row "not installed". `uv sync` removes them again:
`uv pip install typst`, `apt-get install chromium`.

`--snippets` shows what reading a letter costs with rationale libraries of 10, 200 and 2,000 snippets, made up, and what
loading such a library costs.

`--memory N` shows how a process's memory grows over N letters after its first thirty (on Linux).
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import re
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from imr_letters import load, parse, render, samples
from imr_letters.imr.model import SnippetUse
from imr_letters.media import html
from imr_letters.media.pdf import fonts, writer
from imr_letters.media.pdf.typeset import letter as typesetter
from imr_letters.snippets import read_library
from imr_letters.wording import SHIPPED
from tests.browser import Tab, browser
from tests.pdfs import read as read_pdf
from tests.pdfs import read_guarded

_SUMMARY = re.compile(r"CLINICAL CASE SUMMARY\n\n.*?:\n\n(.*?)\n\n +IMR ISSUES", re.DOTALL)
_ITEM = re.compile(
    r"\n\n([^\n]+(?:\n[^\n]+)*): (Upheld|Overturned)\n\nClaims Administrator guideline: (.*?)"
    r"\n\nMAXIMUS guideline: (.*?)\n\nDecision rationale: ",
    re.DOTALL,
)


def missing(_: Sample) -> bytes:
    raise NotImplementedError("stands for a peer that is not installed")


class Sample:
    """One letter in every form that a row begins with."""

    def __init__(self, path: Path) -> None:
        self.decision = load(path)
        self.letter = render(self.decision)
        self.text, self.html, self.title = self.letter.text, self.letter.html, self.letter.title
        printable = self.letter.printable()
        self.body, self.css = printable.body, printable.family.css
        self.page = html.page(self.body, title=self.title)
        self.source = json.dumps(self.decision.data(), ensure_ascii=False, indent=1).encode()
        self.day = datetime(2017, 2, 7, tzinfo=UTC)


def chosen() -> list[Sample]:
    return [Sample(path) for path in samples.decisions() if path.stem[:2] in {"03", "08", "12"}]


def ours(sample: Sample) -> bytes:
    return sample.letter.pdf()


def unread(sample: Sample) -> bytes:
    return typesetter.write(sample.body, sample.css, title=sample.title, created=sample.day, attachment=sample.source)


def by_weasyprint(sample: Sample) -> bytes:
    return writer.write(sample.page, sample.css, title=sample.title, created=sample.day, attachment=sample.source)


def naive(sample: Sample) -> bytes:
    import weasyprint

    sheets = [weasyprint.CSS(string=sample.css)]
    return bytes(weasyprint.HTML(string=sample.page).write_pdf(stylesheets=sheets, pdf_variant="pdf/a-3a"))


_TYPST = """\
#set document(title: {title})
#set page("us-letter", margin: (top: 0.9in, x: 1in, bottom: 1in), footer: context text(9pt, font: "Source Sans Pro")[
  #{title} #h(1fr) Page #counter(page).display() of #counter(page).final().first()])
#set text(font: ("Source Serif Pro", "DejaVu Sans"), size: 12pt, lang: "en", region: "US", hyphenate: false)
#set par(leading: 0.72em, spacing: 1.4em)
#show selector(strong).or(heading): set text(12pt, font: ("Source Sans Pro", "DejaVu Sans"))
#show heading.where(level: 1): it => align(center, block(above: 2em, it))
#show heading.where(level: 2): it => block(width: 100%, stroke: (top: 0.75pt), inset: (top: 6pt), sticky: true, it)
"""


_BEGIN = {"table": "\n#table(columns: 4, ", "b": "#strong[", "h1": "\n\n= ", "h2": "\n\n== ", "p": "\n\n"}
_END = {"table": ")\n", "th": "]], ", "td": "], ", "b": "]"}


class _ToTypst(HTMLParser):
    """Puts the markup of a letter into Typst's, every word as a string."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.out: list[str] = []
        self._number = number

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cell = f"table.cell(colspan: {dict(attrs).get('colspan', '1')})["
        self.out.append({"td": cell, "th": f"{cell}#strong[", **_BEGIN}.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self.out.append(f" {self._number}" if tag == "p" else _END.get(tag, ""))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.out.append(f"#{json.dumps(data, ensure_ascii=False)};")


def typst(first: Sample) -> tuple[str, Callable[[Sample], bytes]]:
    """Return what the installed Typst can promise of a letter, and what makes its letters."""
    engine: Any = import_module("typst")
    folders = [str(file.parent) for file in (fonts.SERIF[0], fonts.SANS[0], fonts.FALLBACK[0])]
    compiler = engine.Compiler(font_paths=folders, ignore_system_fonts=True)
    numbers = itertools.count(1)

    def make(standards: list[str], sample: Sample) -> bytes:
        head = _TYPST.format(title=json.dumps(sample.title))
        if "a-3a" in standards:
            data = json.dumps(sample.source.decode(), ensure_ascii=False)
            head += f'#pdf.attach("decision.json", bytes({data}), relationship: "source", '
            head += 'mime-type: "application/json", description: "The decision")\n'
        body = _ToTypst(next(numbers))
        body.feed(sample.body)
        made: bytes = compiler.compile(
            "".join([head, *body.out]).encode(), format="pdf", pdf_standards=standards, timestamp=sample.day
        )
        return made

    for name, standards in (("PDF/A-3a, PDF/UA-1, attachment", ["a-3a", "ua-1"]), ("PDF/UA-1", ["ua-1"])):
        with suppress(RuntimeError, TypeError, ValueError):  # what an older Typst says of a standard it does not know
            make(standards, first)
            return name, partial(make, standards)
    return "plain", partial(make, [])


def chromium(tab: Tab, sample: Sample) -> bytes:
    """Print a letter in a tab that is open."""
    tab.show(sample.html)
    return tab.pdf(tagged=True)


@dataclass(slots=True)
class Row:
    name: str
    do: Callable[[Sample], object]
    against: str = ""
    text: bool = False
    rates: list[float] = field(default_factory=list)
    made: str = ""


def rows(stack: ExitStack, first: Sample, pdfs: dict[str, bytes]) -> list[Row]:
    by_us, matching, read = "our PDF", "plain regular expressions", "read our PDF back to blocks"
    promise, typeset = typst(first) if find_spec("typst") else ("PDF/UA-1", missing)
    printed = partial(chromium, stack.enter_context(browser())) if shutil.which("chromium") else missing
    return [
        Row(matching, lambda it: (_SUMMARY.search(it.text), _ITEM.findall(it.text)), text=True),
        Row("parse the text letter", lambda it: parse(it.text), matching, text=True),
        Row("render the text letter, read back", lambda it: render(it.decision).text, matching, text=True),
        Row(by_us, ours, "naive WeasyPrint"),
        Row("our PDF, not read back", unread, "naive WeasyPrint"),
        Row("our PDF where WeasyPrint makes it, not read back", by_weasyprint, "naive WeasyPrint"),
        Row("naive WeasyPrint", naive),
        Row(f"Typst ({promise})", typeset, by_us),
        Row("Chromium, one warm tab (tagged)", printed, by_us),
        Row(read, lambda it: read_pdf(pdfs[it.title]), by_us),
        Row("the same in a guarded process", lambda it: read_guarded(pdfs[it.title]), read),
        Row("parse our PDF", lambda it: parse(pdfs[it.title]), "parse the text letter"),
    ]


def about(made: list[object]) -> str:
    """Return the pages and the size of what a row made, where it made PDFs."""
    files = [each for each in made if isinstance(each, bytes)]
    pages = sum(len(pikepdf.open(BytesIO(each)).pages) for each in files)
    return f"{pages:4} pages {sum(map(len, files)) / 1024:6.0f} KiB" if files else ""


def resident() -> float:
    """Return the MiB this process holds, as Linux reports them."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def growth(make: Callable[[Sample], bytes], count: int) -> tuple[float, float]:
    """Return the MiB held after thirty letters, and after `count` more."""
    letters = itertools.cycle(chosen())
    for _ in range(30):
        make(next(letters))
    before = resident()
    for _ in range(count):
        make(next(letters))
    return before, resident()


def memory(count: int) -> Iterator[str]:
    makers = {"our PDF": ours, "naive WeasyPrint": naive}
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        grown = pool.starmap(growth, [(make, count) for make in makers.values()], chunksize=1)
    for name, (before, after) in zip(makers, grown, strict=True):
        each = (after - before) / count * 1024
        yield f"{name:18} {before:7.1f} MiB, after {count:,} letters {after:7.1f} MiB: {each:.2f} KiB a letter"


def speed(texts: int, pdfs: int) -> Iterator[str]:
    letters = chosen()
    with ExitStack() as stack:
        table = rows(stack, letters[0], {sample.title: ours(sample) for sample in letters})
        present = [row for row in table if row.do is not missing]
        for row in present:
            row.made = about([row.do(sample) for sample in letters])
        for _, row in itertools.product(range(5), present):
            count = texts if row.text else pdfs
            start = time.perf_counter()
            for sample in itertools.islice(itertools.cycle(letters), count):
                row.do(sample)
            row.rates.append(count / (time.perf_counter() - start))
    rates = {row.name: statistics.median(row.rates) for row in present}
    for row in table:
        figure = f"{rates[row.name]:10,.1f} a second" if row.rates else "not installed"
        ratio = f"{rates[row.name] / rates[row.against]:7.2f} x {row.against}" if row.rates and row.against else ""
        yield f"{row.name:46} {figure:19} {row.made:21} {ratio}".rstrip()
    extra = 1 / rates["the same in a guarded process"] - 1 / rates["read our PDF back to blocks"]
    yield f"starting the guarded process takes {extra * 1000:,.0f} ms"


SNIPPET = SHIPPED.snippets_folder / "ppi-no-risk" / "1.md"
_WORDS = "the of guideline record pain use drug worker support function visit trial evidence plan change risk".split()


def made_up(count: int, folder: Path) -> Path:
    """Write a library of snippets of one paragraph each, with a value of words and a number."""
    chosen_words = random.Random(count)  # noqa: S311 - repeatable, not secret
    front = SNIPPET.read_text(encoding="utf-8").partition("variables:")[0]
    variables = "".join(
        f"  - name: {name}\n    kind: {kind}\n    question: Which?\n"
        for name, kind in (("drug", "words"), ("n", "number"))
    )
    for number in range(count):
        first, second, third = (" ".join(chosen_words.choices(_WORDS, k=size)) for size in (6, 20, 12))
        body = f"Wording {number} says {first} {{{{ drug | words }}}} {second}. It asks {{{{ n | number }}}} {third}."
        place = folder / f"made-up-{number}" / "1.md"
        place.parent.mkdir(parents=True)
        place.write_text(f"{front}variables:\n{variables}---\n{body}\n", encoding="utf-8")
    return folder


def with_snippets(counts: tuple[int, ...] = (10, 200, 2_000), rounds: int = 7) -> Iterator[str]:
    """Print what reading letters of five snippets each costs with libraries of these sizes."""
    decision = load(samples.decisions()[0])
    with tempfile.TemporaryDirectory() as place:
        folders = {count: made_up(count, Path(place, str(count))) for count in counts}
        letters: dict[int, list[str]] = {}
        loading: dict[int, float] = {}
        rates: dict[int, list[float]] = {count: [] for count in counts}
        for count, folder in folders.items():
            start = time.perf_counter()
            read_library(folder)
            loading[count] = time.perf_counter() - start
            used = [
                SnippetUse(snippet=f"made-up-{number}", version=1, values={"drug": "alpha beta", "n": "6"})
                for number in range(5)
            ]
            item = decision.items[0].model_copy(update={"rationale": tuple(used)})
            letter = render(decision.model_copy(update={"items": (item,)}), snippets=folder).text
            letters[count] = [letter, *(render(load(path)).text for path in samples.decisions()[:4])]
        for _, count in itertools.product(range(rounds), counts):
            start = time.perf_counter()
            for letter in letters[count] * 20:
                parse(letter, snippets=folders[count])
            rates[count].append(20 * len(letters[count]) / (time.perf_counter() - start))
        least = statistics.median(rates[counts[0]])
        for count in counts:
            rate = statistics.median(rates[count])
            yield (
                f"parse with {count:6,} snippets {rate:8,.0f} a second, {least / rate:5.2f} x the time with {counts[0]}"
                f"; loaded in {loading[count]:.2f} s"
            )


def main() -> None:
    """Print the table, or how memory grows."""
    parser = argparse.ArgumentParser(prog="tests.benchmark")
    parser.add_argument("letters", nargs="?", type=int, default=240, help="letters a round; of PDF a fortieth")
    parser.add_argument("--memory", type=int, metavar="N", help="how memory grows over N letters, and no speed")
    parser.add_argument("--snippets", action="store_true", help="what reading costs with libraries of several sizes")
    options = parser.parse_args()
    if options.snippets:
        lines = with_snippets()
    else:
        lines = memory(options.memory) if options.memory else speed(options.letters, max(3, options.letters // 120 * 3))
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
