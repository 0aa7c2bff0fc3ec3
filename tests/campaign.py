"""Many more round trips than the test-suite has time for: `python -m tests.campaign COUNT [pdf]`.

Decisions are drawn from the strategies of the property tests, and most are recombined from the parts of those
drawn before, which costs a hundredth of drawing one. Each is rendered, read back and compared; a loss stops the
campaign with the decision that was lost. The work is shared by all processors, each with its own random seed.

Making a PDF takes as long as it has pages, so its letters are mostly of two to six pages as real ones are, and now and
then of thirty: many letters try more than long ones.
"""

from __future__ import annotations

import os
import random
import sys
import time
from bisect import bisect_right
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, given, seed, settings

from imr_letters import Decision, parse, render
from imr_letters.imr.model import OwnText
from tests import strategies
from tests.conftest import PUBLISHED

#: Round trips for each decision that is drawn.
MIXED = 25
#: Characters of prose in a letter that becomes a PDF, the first lengths often and the last seldom; a page has 2,500.
PDF_LENGTHS = [2_000, 4_000, 6_000, 9_000, 12_000] * 12 + [75_000]


def campaign(number: int, count: int, family: str, medium: str) -> int:
    """Make `count` round trips of one family from one seed; return how many were made."""
    done = 0
    mixed = Mixer(number)

    @seed(number)
    @settings(
        max_examples=-(-count // MIXED),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.decisions(family))
    def round_trips(drawn: Decision) -> None:
        nonlocal done
        mixed.add(drawn)
        if medium == "pdf":
            decisions = [mixed.decision(mixed.pick(PDF_LENGTHS)) for _ in range(MIXED)]
        else:
            decisions = [drawn, *(mixed.decision() for _ in range(MIXED - 1))]
        for decision in decisions:
            letter = render(decision, family)
            if medium == "pdf":
                assert parse(letter.pdf()).decision == decision, decision
            else:
                text = letter.text
                reading = parse(text)
                assert reading.decision == decision, decision
                assert render(reading.decision, family).text == text, decision
            done += 1

    round_trips()
    return done


class Mixer:
    """Makes decisions of the parts of others."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 - repeatable, not secret
        self.pick = self._random.choice
        self._seen: list[Decision] = []
        self._paragraphs: list[str] = []

    def add(self, decision: Decision) -> None:
        """Take in the parts of one more decision."""
        self._seen.append(decision)
        proses = [decision.clinical_summary]
        proses += [block.text for item in decision.items for block in item.rationale if isinstance(block, OwnText)]
        self._paragraphs += [paragraph for prose in proses for paragraph in prose.split("\n\n")]
        self._paragraphs.sort(key=len)

    def decision(self, most: int | None = None) -> Decision:
        """Return another decision, with `most` characters of prose, or more where all that was seen is longer."""
        pick = self.pick
        count = pick([1, 1, 2, 3, 5, 21])
        share = None if most is None else most // (count + 1)
        items = tuple(
            pick(pick(self._seen).items).model_copy(update={"rationale": (OwnText(text=self._prose(share)),)})
            for _ in range(count)
        )
        return Decision(
            case=pick(self._seen).case,
            reviewer=pick(self._seen).reviewer,
            clinical_summary=self._prose(share),
            items=items,
        )

    def _prose(self, most: int | None) -> str:
        if most is None:
            return "\n\n".join(self._random.choices(self._paragraphs, k=self.pick([1, 2, 2, 4])))
        chosen: list[str] = []
        while most > 0:
            # Of those that fit, rather the longer, since most of all are short.
            fit = max(1, bisect_right(self._paragraphs, most, key=len))
            chosen.append(self._paragraphs[int(fit * self._random.random() ** 0.2)])
            most -= len(chosen[-1]) + 50
        return "\n\n".join(chosen)


def main() -> None:
    """Run the campaign the arguments ask for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    medium = sys.argv[2] if len(sys.argv) > 2 else "text"
    jobs = os.cpu_count() or 1
    share = 2_500 if medium == "text" else 250
    names = PUBLISHED
    tasks = [(number, share, names[number % len(names)], medium) for number in range(-(-count // share))]
    start = time.perf_counter()
    done = 0
    with ProcessPoolExecutor(jobs) as pool:
        for made in pool.map(campaign, *zip(*tasks, strict=True)):
            done += made
            print(f"{done:,} round trips, {time.perf_counter() - start:,.0f} s", file=sys.stderr)  # noqa: T201
    print(f"{done:,} {medium} round trips in {time.perf_counter() - start:,.0f} s, none lost")  # noqa: T201


if __name__ == "__main__":
    main()
