"""How long `imr-letters diff` takes: `python -m tests.benchmark_diff [LETTERS] [--jobs N]`.

The decisions are invented, all different, of one to four items; one word of a sentence of every letter is changed, then
one label that half of the letters have, then a line that none has.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from imr_letters import changes
from imr_letters.changes import webpage
from imr_letters.imr.model import Decision
from imr_letters.testing.factories import make_decision
from tests import edits
from tests.conftest import ROOT

_FORM = "templates/shared/form.html.jinja"
_EDITS = {
    "every letter changes": [_FORM, "that were sent", "that were received"],
    "one in four changes": [_FORM, "Some of the treatments", "A part of the treatments"],
    "no letter changes": [_FORM, "{# A form", "{# The form"],
}


def main() -> None:
    """Print a row for each edit."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("letters", nargs="?", type=int, default=1_000)
    reader.add_argument("--jobs", type=int, default=None)
    given = reader.parse_args()
    rng = random.Random(6)  # noqa: S311
    corpus = changes.Corpus(tuple(_entry(number, rng) for number in range(given.letters)), ())
    for name, change in _EDITS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = edits.edited({"change": [change]}, Path(place) / "edited")
            with changes.opened(str(edits.BASE), ROOT) as old, changes.opened(str(folder), ROOT) as new:
                began = time.perf_counter()
                report = changes.compare(old, new, corpus, jobs=given.jobs)
                took = time.perf_counter() - began
        size = len(webpage.written(report)) >> 10
        print(f"{name:22} {report.changed:>7,} of {report.letters:,} letters  {took:6.1f} s  page {size:,} KiB")  # noqa: T201


def _entry(number: int, rng: random.Random) -> changes.Entry:
    items = rng.randint(1, 4)
    outcomes: list[str] = [rng.choice(("upheld", "overturned")) for _ in range(items)]
    made = make_decision(items=items, number=number % 900).data()
    for item, outcome in zip(made["items"], outcomes, strict=True):
        item["outcome"] = outcome
    made["clinical_summary"] += "\n\n" + " ".join(rng.choice(_WORDS) for _ in range(300))
    return changes.Entry(f"{number:05}", Decision.model_validate(made))


_WORDS = "the worker reports pain at rest after a long day and takes half a tablet with water in the evening".split()

if __name__ == "__main__":
    main()
