"""`batch verify`: everything in a place is compared with its manifest, and read again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from imr_letters.batch import addresses, rows, work
from imr_letters.batch.inputs import Ref
from imr_letters.batch.options import DEFAULT, Options, Progress, Watch, job_for, unwatched, working
from imr_letters.batch.rows import Row
from imr_letters.batch.store import Store
from imr_letters.batch.work import Task
from imr_letters.engine.errors import InputError

_SHARD = 8


@dataclass(slots=True)
class Verified:
    """What was found: how many letters agree with their manifest, and every fault by id of the letter."""

    letters: int = 0
    sound: int = 0
    faults: list[Row] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """What a command ends with."""
        return 1 if self.faults else 0

    def shape(self) -> Row:
        """Return it as `--json` prints it."""
        return {"letters": self.letters, "sound": self.sound, "faults": self.faults}


def verify(out: str, options: Options = DEFAULT, *, watch: Watch = unwatched) -> Verified:
    """Check the letters of a place: files, digests, page counts, decisions, counts, and the letter rendered again.

    Raises `InputError` where there is no manifest.
    """
    out = addresses.absolute(out)
    store = work.place(out)
    state = manifest_of(store, out)
    found = Verified(letters=len(state))
    found.faults += _strays(store, state)
    job = replace(job_for(out, options), media=tuple(sorted({name for row in state for name in row["outputs"]})))
    tasks = [Task(Ref(out), row["id"], row=row) for row in state]
    with working(options, job, [out], _SHARD) as (runner, job):
        for count, done in enumerate(runner.run(work.check, job, tasks, _SHARD), start=1):
            outcome = done.result
            faults = list(outcome.findings) if outcome.state == "done" else [{"code": outcome.code}]
            found.sound += not faults
            found.faults += [{"id": tasks[done.index].id, **each} for each in faults]
            watch(Progress("letters", count, len(tasks), len(found.faults)))
    found.faults.sort(key=lambda fault: (str(fault["id"]), str(fault.get("file")), str(fault["code"])))
    return found


def manifest_of(store: Store, out: str) -> list[Row]:
    """Return the rows of the manifest of a place. Raises `InputError` where there is none."""
    if store.read(rows.MANIFEST) is None:
        remedy = "run imr-letters batch render to its end first"
        raise InputError.of("holds no finished batch: there is no manifest", source=out, remedy=remedy)
    return [row for _, row in sorted(rows.load(store).letters.items())]


def _strays(store: Store, state: list[Row]) -> list[Row]:
    """Return faults of the place itself: letters that no row knows, rows out of order."""
    known = {output["name"] for row in state for output in row["outputs"].values()}
    faults: list[Row] = [
        {"id": id_, "code": "unknown-file", "file": name}
        for name in store.names()
        if (id_ := rows.id_of_name(name)) is not None and name not in known
    ]
    written = (store.read(rows.MANIFEST) or b"").splitlines()
    if written != [rows.line(row) for row in state]:
        faults.append({"id": "", "code": "other-manifest", "file": rows.MANIFEST})
    return faults
