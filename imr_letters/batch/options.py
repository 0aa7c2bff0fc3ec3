"""What can be asked of every batch, how far it is, and the workers that do it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from imr_letters.batch import addresses
from imr_letters.batch.cluster import Cluster
from imr_letters.batch.supervise import Here, Local, Runner
from imr_letters.batch.work import Job
from imr_letters.wording import SHIPPED, Wording


@dataclass(frozen=True, slots=True)
class Options:
    """What can be asked of every batch.

    `jobs` is the number of worker processes; with 0 this process does all by itself, without limits: for measuring and
    for stores that no other process can see. `on` is the address of a cluster to use instead.
    """

    family: str | None = None
    wording: Wording = SHIPPED
    jobs: int = 1
    seconds: float = 60.0
    memory: int = 1 << 30
    on: str | None = None
    trust_network: bool = False
    #: Why letters are made although lint finds errors; None where they are not. It is written down, so it names nobody.
    no_lint: str | None = None
    #: The mode of new files; None leaves it to the folder they are in.
    mode: int | None = None


DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    doing: str
    done: int
    total: int
    aside: int


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Watch nothing."""


def job_for(out: str, options: Options) -> Job:
    """Return what every worker needs to know. Raises `UsageError` where there is no family of that name."""
    if options.family:
        options.wording.family(options.family)
    return Job(
        out=out,
        family=options.family,
        wording=options.wording.absolute(),
        seconds=options.seconds,
        memory=options.memory,
        lint=not (options.no_lint or "").strip(),
        mode=options.mode,
    )


@contextlib.contextmanager
def working(options: Options, job: Job, places: Iterable[str], most: int) -> Iterator[tuple[Runner, Job]]:
    """Start the workers of a batch that reads from and writes to these places, in shards of at most so many.

    Yields them with the job that they get, and ends them after the block.
    """
    runner = _runner(options, job, places, most)
    with contextlib.closing(runner):
        yield runner, replace(job, limited=not isinstance(runner, Here))


def _runner(options: Options, job: Job, places: Iterable[str], most: int) -> Runner:
    """Return who does the work of a batch that reads from and writes to these places, in shards of at most so many."""
    if options.on:
        return Cluster(options.on, trust_network=options.trust_network)
    if options.jobs == 0 or any(addresses.is_in_memory(each) for each in places):
        return Here()
    return Local(options.jobs, job, most)
