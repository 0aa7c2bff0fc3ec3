"""`batch verify`: everything in a place is compared with its manifest, and read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from imr_letters import letters
from imr_letters.batch import addresses, rows, work
from imr_letters.batch.inputs import Ref
from imr_letters.batch.options import DEFAULT, Options, Progress, Watch, job_for, unwatched, working
from imr_letters.batch.rows import Row
from imr_letters.batch.store import Store
from imr_letters.batch.work import Job, Result, Task
from imr_letters.engine.errors import Finding, ImrLettersError, InputError

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
    manifest = manifest_of(store, out)
    found = Verified(letters=len(manifest))
    found.faults += _strays(store, manifest)
    job = replace(job_for(out, options), media=tuple(sorted({name for row in manifest for name in row["outputs"]})))
    tasks = [Task(Ref(out), row["id"], row=row) for row in manifest]
    with working(options, job, [out], _SHARD) as (runner, job):
        for count, done in enumerate(runner.run(check, job, tasks, _SHARD), start=1):
            result = done.result
            faults = list(result.findings) if result.state == "done" else [{"code": result.code}]
            found.sound += not faults
            found.faults += [{"id": tasks[done.index].id, **each} for each in faults]
            watch(Progress("letters", count, len(tasks), len(found.faults)))
    found.faults.sort(key=lambda fault: (str(fault["id"]), str(fault.get("file")), str(fault["code"])))
    return found


def check(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Compare letters with their rows of the manifest, and verify them."""
    return work.shard(job, tasks, check_one)


def check_one(job: Job, task: Task) -> Result:
    """Read each file of a letter again: its digest, its decision, and the letter rendered from that."""
    store = work.place(job.out, job.mode)
    outputs = sorted(task.row["outputs"].items())
    found = [finding for _, output in outputs for finding in _faults(store, job, task.row, output)]
    told = tuple({**each, "file": finding.source} for finding in found for each in rows.bare([finding]))
    return Result("done", task.id, {"id": task.id}, findings=told)


def _faults(store: Store, job: Job, row: Row, output: Row) -> Iterator[Finding]:
    """Yield what is wrong with one file of a letter."""
    file = output["name"]
    if rows.id_of_name(file) != row["id"]:  # and so it is no path to somewhere else
        yield _fault("other-manifest", "the manifest names a file that is no letter of this record", "")
        return
    data = store.read(file)
    if data is None:
        yield _fault("missing-file", "the letter is not there", file)
        return
    if rows.digest(data) != output["digest"]:
        yield _fault("other-bytes", "the file is not the one that was made", file)
    given = letters.prepared(data, file)
    try:
        yield from [each for each in letters.verify(given, wording=job.wording) if each.severity == "error"]
        decision = letters.parse(given, wording=job.wording).decision
    except ImrLettersError as error:
        yield from (each.at(file) for each in error.findings)
        return
    if rows.decision_digest(decision) != row["decision"]:
        yield _fault("other-decision", "the letter says another decision than the one it was made from", file)
    if any(row[key] != count for key, count in rows.counts(decision).items()):
        yield _fault("other-counts", "the manifest counts other outcomes", file)
    for what, count in given.medium.counted(data).items():
        if output.get(what) != count:
            yield _fault(f"other-{what}", f"the manifest counts other {what}", file)


def _fault(code: str, message: str, file: str) -> Finding:
    return Finding(code, "error", message, source=file)


def manifest_of(store: Store, out: str) -> list[Row]:
    """Return the rows of the manifest of a place. Raises `InputError` where there is none."""
    if store.read(rows.MANIFEST) is None:
        remedy = "run imr-letters batch render to its end first"
        raise InputError.of("holds no finished batch: there is no manifest", source=out, remedy=remedy)
    return [row for _, row in sorted(rows.load(store).letters.items())]


def _strays(store: Store, manifest: list[Row]) -> list[Row]:
    """Return faults of the place itself: letters that no row knows, rows out of order."""
    known = {output["name"] for row in manifest for output in row["outputs"].values()}
    faults: list[Row] = [
        {"id": id_, "code": "unknown-file", "file": name}
        for name in store.names()
        if (id_ := rows.id_of_name(name)) is not None and name not in known
    ]
    written = (store.read(rows.MANIFEST) or b"").splitlines()
    if written != [rows.line(row) for row in manifest]:
        faults.append({"id": "", "code": "other-manifest", "file": rows.MANIFEST})
    return faults
