"""Speed, side by side in one run: `python -m tests.benchmark [LETTERS]`.

Text is measured against matching the same letter with one plain compiled regular expression, PDF against what a user
would write with WeasyPrint alone for the same page. Rows say letters a second and the ratio to the row they name.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

from imr_letters import Decision, load, parse, render, samples
from imr_letters.media import html

_SUMMARY = re.compile(r"CLINICAL CASE SUMMARY\n\n.*?:\n\n(.*?)\n\n +IMR ISSUES", re.DOTALL)
_ITEM = re.compile(
    r"\n\n([^\n]+(?:\n[^\n]+)*): (Upheld|Overturned)\n\nClaims Administrator guideline: (.*?)"
    r"\n\nMAXIMUS guideline: (.*?)\n\nDecision rationale: ",
    re.DOTALL,
)


def plain_matching(letter: str) -> object:
    """Read the summary and the items with two regular expressions, without any check."""
    return _SUMMARY.search(letter), _ITEM.findall(letter)


def three_pages() -> Decision:
    """Return a decision whose letter has three pages and four items."""
    return load(samples.samples_folder() / "decisions" / "03-partial-overturn.yaml")


def rate(do: Callable[[], object], count: int, rounds: int = 5) -> float:
    """Return the median number of runs a second."""
    do()
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(count):
            do()
        rates.append(count / (time.perf_counter() - start))
    return sorted(rates)[rounds // 2]


def main() -> None:
    """Print the table."""
    import weasyprint

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    decision = three_pages()
    letter = render(decision)
    text, document, css = letter.text, letter.html, letter._family.css
    page = html.page(letter._body, title=letter.title)
    pdf = letter.pdf()

    def naive() -> bytes:
        made: bytes = weasyprint.HTML(string=page).write_pdf(
            stylesheets=[weasyprint.CSS(string=css)], pdf_variant="pdf/ua-1"
        )
        return made

    rows: list[tuple[str, float, str, float]] = []
    plain = rate(lambda: plain_matching(text), count * 10)
    rows.append(("match summary and items with plain regular expressions", plain, "", 1.0))
    parses = rate(lambda: parse(text), count)
    rows.append(("parse the text letter", parses, "plain matching", parses / plain))
    one = rate(lambda: parse(text, letter.family), count)
    rows.append(("parse the text letter, family named", one, "plain matching", one / plain))
    renders = rate(lambda: render(decision).text, count)
    rows.append(("render the text letter, read back", renders, "parse", renders / parses))
    ours = rate(lambda: letter.pdf(), max(3, count // 40), 3)
    theirs = rate(naive, max(3, count // 40), 3)
    rows.append(("render the PDF", ours, "naive WeasyPrint", ours / theirs))
    rows.append(("naive WeasyPrint, same page", theirs, "", 1.0))
    reads = rate(lambda: parse(pdf), max(5, count // 10), 3)
    rows.append(("parse the PDF", reads, "parse text", reads / parses))
    print(f"{len(decision.items)} items, {len(text):,} characters, {len(document):,} of HTML, {len(pdf):,} of PDF")  # noqa: T201
    for name, figure, against, ratio in rows:
        print(f"{name:52} {figure:10,.1f} a second" + (f"   {ratio:6.2f} x {against}" if against else ""))  # noqa: T201


if __name__ == "__main__":
    main()
