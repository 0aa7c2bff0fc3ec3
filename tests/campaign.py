"""Many more round trips than the test-suite has time for: `python -m tests.campaign COUNT [pdf]`.

Every decision is rendered, read back and compared; a loss stops the campaign with the decision that was lost. The
work is shared by all processors, each with its own random seed.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, given, seed, settings

from imr_letters import Decision, parse, render
from imr_letters.families import families
from tests import strategies


def campaign(number: int, count: int, family: str, medium: str) -> int:
    """Make `count` round trips of one family from one seed; return how many were made."""
    done = 0

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.decisions(family))
    def round_trip(decision: Decision) -> None:
        nonlocal done
        letter = render(decision, family)
        if medium == "pdf":
            assert parse(letter.pdf()).decision == decision
        else:
            text = letter.text
            reading = parse(text)
            assert reading.decision == decision
            assert render(reading.decision, family).text == text
        done += 1

    round_trip()
    return done


def main() -> None:
    """Run the campaign the arguments ask for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    medium = sys.argv[2] if len(sys.argv) > 2 else "text"
    jobs = os.cpu_count() or 1
    share = 2_500 if medium == "text" else 250
    names = sorted(families())
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
