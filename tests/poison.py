"""What workers do in tests instead of making letters: some crash, hang or grow. Nothing in the package knows of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from imr_letters.batch import inputs, making
from imr_letters.batch.work import Job, Result, Task

CRASH, HANG, GROW, FAULT = (f"poison-{name}" for name in ("crash", "hang", "grow", "fault"))


def poisoned(job: Job, task: Task) -> Result:
    """Make a letter, unless the record holds poison."""
    data = inputs.decision(task.ref).decode()
    if CRASH in data:
        os.abort()
    if HANG in data:
        while True:
            time.sleep(0)
    if GROW in data:
        grown = bytearray(10 << 30)
        grown[0 :: 1 << 12] = b"x" * len(grown[0 :: 1 << 12])
    if FAULT in data:
        raise RuntimeError(data)
    return making.render_one(job, task)


def shard(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Make letters of a shard that may hold poison."""
    return making.render_with(poisoned, job, tasks)


def shard_at_fault(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Fail with a whole shard, where a record of it holds poison, in words that quote the record."""
    for task in tasks:
        if FAULT in (data := inputs.decision(task.ref).decode()):
            raise RuntimeError(data)
    return making.render(job, tasks)


def slow(job: Job, task: Task) -> Result:
    """Make a letter and take a moment, so that a test meets a batch at work."""
    time.sleep(0.02)
    return making.render_one(job, task)


def slow_shard(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Make letters of a shard, slowly."""
    return making.render_with(slow, job, tasks)
