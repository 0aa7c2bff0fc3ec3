"""The workers of a Dask cluster: the same shards, on other machines.

Only references to records and rows of manifests travel; decisions are read, and letters published, by the workers, who
need the same addresses for input and output. A shard that the cluster runs twice publishes the same letters twice,
which changes nothing. The names of tasks are numbers. Traffic with a scheduler is pickled and unprotected, so it stays
on this machine unless asked otherwise.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from imr_letters.batch import origins
from imr_letters.batch.store import Store
from imr_letters.batch.supervise import results
from imr_letters.batch.work import Job, Result, Shard, Task, place
from imr_letters.engine.errors import EngineError, ImrLettersError, UsageError
from imr_letters.workers.parts import Done, Lost, TaskPart, parts

_HERE = ("127.0.0.1", "localhost", "[::1]")
#: Seconds to wait for the scheduler, and for its first worker.
_PATIENCE = 30


class Cluster:
    """A Dask cluster that runs already: `dask://HOST:PORT`, or `dask+tls://HOST:PORT` with the keys of its settings."""

    def __init__(self, address: str, *, trust_network: bool = False) -> None:
        kind, _, place_ = address.partition("://")
        host = place_.rpartition(":")[0]
        if kind not in ("dask", "dask+tls") or not host:
            raise UsageError.of("is no address of a cluster", source=address, remedy="dask://HOST:PORT")
        if kind == "dask" and host not in _HERE and not trust_network:
            remedy = "use dask+tls://, or --trust-network where everybody on the way is trusted"
            raise UsageError.of("is another machine, and the way there is not protected", source=address, remedy=remedy)
        self._address = address
        self._distributed = _distributed()
        try:
            self._client = self._distributed.Client(
                f"{'tls' if kind == 'dask+tls' else 'tcp'}://{place_}", timeout=_PATIENCE, set_as_default=False
            )
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError):
            raise self._lost("cannot be reached, or has no workers") from None

    def run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done[Result]]:
        """Work on tasks, some shards ahead of what the workers need."""
        self._compare(job)
        yield from results(self._run(do, job, tasks, most), tasks)

    def _run(self, do: Shard, job: Job, tasks: Sequence[Task], most: int) -> Iterator[Done[Result] | Lost]:
        waiting = parts(len(tasks), most, self._workers())
        running: dict[Any, TaskPart] = {}
        while waiting or running:
            ahead = 2 * self._workers()
            while waiting and len(running) < ahead:
                part = waiting.popleft()
                shard = [tasks[index] for index in part.indices]
                future = self._client.submit(
                    published, do, job, shard, key=f"imr-letters-{uuid.uuid4().hex}", pure=False
                )
                running[future] = part
            try:
                with self._client.as_current():
                    done = self._distributed.wait(list(running), return_when="FIRST_COMPLETED").done
            except (OSError, CancelledError):
                raise self._lost("was lost") from None
            for future in done:
                part = running.pop(future)
                try:
                    yield from part.done(self._result(future))
                except ImrLettersError:
                    raise
                except Exception as error:  # noqa: BLE001 - only its kind is given: its text may quote a record
                    killed = isinstance(error, self._distributed.KilledWorker)
                    yield from part.failed(waiting, "crashed" if killed else "fault")

    def close(self) -> None:
        """Leave the cluster, which goes on without us."""
        self._client.close(timeout=5)

    def _workers(self) -> int:
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def _result(self, future: Any) -> list[Result]:
        try:
            found: list[Result] = future.result(timeout=_PATIENCE)
        except self._distributed.KilledWorker:
            raise
        except (OSError, CancelledError):
            raise self._lost("was lost") from None
        except ImportError:  # a worker that came after all were compared
            raise self._unlike("a worker of the cluster cannot run imr-letters") from None
        return found

    def _compare(self, job: Job) -> None:
        """Refuse workers whose letters would not be the same bytes as those of this machine."""
        try:
            theirs = self._client.run(signature, job)
        except (OSError, CancelledError):
            raise self._lost("was lost") from None
        except Exception:  # noqa: BLE001 - Dask passes on what a worker said by its text alone
            raise self._unlike("workers of the cluster cannot run imr-letters") from None
        own = signature(job)
        if any(each != own for each in theirs.values()):
            message = "workers of the cluster have other templates or snippets, or another version of imr-letters"
            raise self._unlike(message)

    def _unlike(self, message: str) -> EngineError:
        remedy = "install the same on all machines, from the same lock file, and start the workers anew"
        return EngineError.of(message, source=self._address, remedy=remedy)

    def _lost(self, how: str) -> EngineError:
        remedy = "mend the cluster and run the same command again: what was published is not made twice"
        return EngineError.of(f"the cluster {how}", source=self._address, remedy=remedy)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        remedy = "pip install 'imr-letters[dask]'"
        raise EngineError.of("distributed, for clusters, is missing", remedy=remedy) from None
    return distributed


def signature(job: Job) -> str:
    """Return one digest for what must be the same on all machines, as this process once read it."""
    return origins.everything(job.wording, made_in=job.media)


def published(do: Shard, job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Work on a shard; a batch that begins meanwhile waits for its end."""
    store: Store | None = place(job.out, job.mode) if job.out else None
    held = store.join() if store else None
    try:
        return do(job, tasks)
    finally:
        if held is not None:
            held.close()
