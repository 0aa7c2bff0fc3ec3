"""Attack the proof of templates: `python -m tests.proof_campaign [TRIES] [PART/PARTS]`.

Every hand-made template and every mutant of `tests/cases/mutants.txt` is checked. Of those that are proved, TRIES
decisions are rendered, and none may be ambiguous or read back otherwise; and TRIES letters are searched for a second
decision that prints the same. Of those that are refused, two decisions with one letter are searched for. What is not
found is printed, with the reason for the refusal.

`python -m tests.proof_campaign table` rewrites the table of mutants: look at the difference.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT
from tests.proving import REFUSED, Sample, Search, family, hand_made, mutant, refusal, unchecked, verdict

TABLE = ROOT / "tests" / "cases" / "mutants.txt"
#: Mutants of each hand-made template of which the table takes those that are templates.
EACH = 6


def attack(sample: Sample, folder: Path, tries: int) -> tuple[str, str]:
    """Return the verdict on a template, and what speaks against it, if anything does."""
    found, findings = verdict(sample)
    if found in REFUSED:
        template = unchecked(sample)
        if template is None or Search(template, sample.needs, 1).twins(tries) is None:
            return found, f"no two decisions with one letter found: {findings[0].message}"
    if found != "proved":
        return found, ""
    made = family(sample, folder)
    search = Search(made.template, sample.needs, 2)
    for _ in range(tries):
        refused = refusal(search.decision(), made)
        if refused is not None and (refused.code != "collision" or '"' not in refused.message):
            return found, f"FALSE: {refused}"
    twins = search.twins(tries)
    refusals = [refusal(each, made) for each in twins or ()]
    if twins and not any(each is not None and each.code == "collision" for each in refusals):
        return found, f"FALSE: {twins}"
    return found, ""


def table() -> str:
    """Return the table: of each mutant its sample, its number, and the verdict."""
    lines = []
    for sample in hand_made():
        for number in range(EACH):
            found, _ = verdict(mutant(sample, number))
            if found == "proved" or found in REFUSED:
                lines.append(f"{sample.name} {number} {found}\n")
    return "".join(lines)


def main() -> int:
    """Run the campaign that the arguments ask for."""
    if sys.argv[1:] == ["table"]:
        TABLE.write_text(table(), encoding="utf-8")
        return 0
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    part, parts = map(int, (sys.argv[2] if len(sys.argv) > 2 else "1/1").split("/"))
    samples = hand_made()
    by_name = {each.name: each for each in samples}
    rows = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines()]
    todo = [(each, str((each.case or {})["verdict"])) for each in samples]
    todo += [(mutant(by_name[name], int(number)), expected) for name, number, expected in rows]
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for sample, expected in todo[part - 1 :: parts]:
            found, against = attack(sample, Path(folder), tries)
            if found != expected and not (expected == "refused" and found != "proved"):
                against = f"CHANGED: expected {expected}; {against}"
            counts[found] += 1
            if against:
                counts[against.split(":")[0]] += 1
                print(f"{sample.name}: {found}: {against}", flush=True)  # noqa: T201
    print(f"{sum(counts.values())}: {dict(counts)}, {time.perf_counter() - start:.0f} s")  # noqa: T201
    return int(any(word in counts for word in ("FALSE", "CHANGED")))


if __name__ == "__main__":
    sys.exit(main())
