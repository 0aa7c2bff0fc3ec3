"""`batch render`: a day's decisions become letters, each exactly once."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from imr_letters.batch import addresses, inputs, making, rows, work
from imr_letters.batch.inputs import Ref
from imr_letters.batch.options import DEFAULT, Options, Progress, Watch, job_for, unwatched, working
from imr_letters.batch.rows import Ledger, Row
from imr_letters.batch.store import Store, StoreError
from imr_letters.batch.supervise import Runner
from imr_letters.batch.work import Job, Result, Shard, Task
from imr_letters.engine.errors import ImrLettersError, UsageError
from imr_letters.engine.records.loading import LARGEST
from imr_letters.media import table as media
from imr_letters.workers.parts import Done

#: Records of a shard at most, where they are only identified.
_RECORDS = 500
#: Seconds between two writings of the journal.
_PERIOD = 0.5


@dataclass(slots=True)
class Summary:
    """What came of a batch. Records that were given twice are counted once, and as duplicates."""

    given: int = 0
    duplicates: int = 0
    made: int = 0
    kept: int = 0
    replaced: int = 0
    aside: list[Row] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)
    #: By id of a record without a letter: the places it was read from. For the person at the terminal, not for files.
    places: dict[str, list[str]] = field(default_factory=dict)

    @property
    def letters(self) -> int:
        """The letters that are there for what was given."""
        return self.made + self.kept + self.replaced

    @property
    def exit_code(self) -> int:
        """What a command ends with."""
        return 4 if self.refused else 3 if self.aside else 0

    def shape(self) -> Row:
        """Return the counts, and what has no letter, as `--json` prints them."""
        counts = {name: getattr(self, name) for name in ("given", "duplicates", "letters", "made", "kept", "replaced")}
        return {**counts, "set_aside": self.aside, "refused": self.refused}


def render(
    given: Sequence[str],
    out: str,
    made_in: Sequence[str],
    options: Options = DEFAULT,
    *,
    replace_letters: bool = False,
    watch: Watch = unwatched,
    shard: Shard = making.render,
) -> Summary:
    """Make the letters of all records of the input in a folder or store; return what came of it.

    `shard` is what workers do, which tests replace. Raises `ConflictError` where another batch is at work there,
    `InputError` for input that is not there, `StoreError` where the place cannot be written.
    """
    out = addresses.absolute(out)
    store = work.place(out, options.mode)
    job = replace(job_for(out, options), media=tuple(sorted(set(made_in))), replace=replace_letters)
    if not job.media or not set(job.media) <= media.READ.keys():
        message = f"the letters of a batch are made in one or more of the media {', '.join(media.READ)}"
        raise UsageError.of(message, remedy=f"--to {','.join(media.READ)}")
    with store.lock():
        ledger = rows.load(store)
        refs = inputs.decisions(given, out)
        job = replace(job, known=bool(ledger.letters))
        with working(options, job, [out, *given], _most(job)) as (runner, job):
            rendering = _Rendering(store, ledger, job, runner, options, watch, shard)
            try:
                return rendering.run(refs)
            finally:
                with contextlib.suppress(StoreError):  # what could not be noted will be found, and is not made twice
                    rendering.flush()


def _most(job: Job) -> int:
    return min(media.READ[name].shard for name in job.media)


class _Rendering:
    """One run of a batch."""

    def __init__(
        self, store: Store, ledger: Ledger, job: Job, runner: Runner, options: Options, watch: Watch, shard: Shard
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._job = job
        self._runner = runner
        self._no_lint = None if job.lint else (options.no_lint or "").strip()
        self._watch = watch
        self._shard = shard
        self._summary = Summary()
        #: By id of a record: the letters that were there when the batch began.
        self._there: dict[str, list[str]] = defaultdict(list)
        self._waiting: list[bytes] = []
        self._written = time.monotonic()

    def run(self, refs: Sequence[Ref]) -> Summary:
        """Make what is to be made, and write the manifest."""
        summary = self._summary
        summary.given = len(refs)
        self._note("begin", records=len(refs), media=list(self._job.media), **self._unlinted())
        tasks = self._plan(self._known(refs))
        self.flush()
        begun = time.monotonic()
        kept = summary.kept
        for done, each in enumerate(self._runner.run(self._shard, self._job, tasks, _most(self._job)), start=1):
            self._take(each, tasks[each.index], begun)
            self._watch(Progress("letters", kept + done, kept + len(tasks), len(summary.aside)))
        self._ledger.aside = {row["id"]: row for row in (*summary.aside, *summary.refused)}
        self.flush()
        rows.save(self._store, self._ledger, self._about())
        self._note("end", letters=summary.letters, aside=len(summary.aside), refused=len(summary.refused))
        self.flush()
        return summary

    def _known(self, refs: Sequence[Ref]) -> Iterator[tuple[Ref, Result]]:
        """Yield for each record which one it is, in the order of their references.

        A record that alone has its number, and has no letter yet, is told by that number: the rest of it will be read
        when its letter is made. Of all others the content is read first, to compare it.
        """
        for name in self._store.names():
            if (id_ := rows.id_of_name(name)) is not None:
                self._there[id_].append(name)
        found = self._asked(making.sight, refs, "records")
        times = Counter(result.id for result in found)
        due = [
            index
            for index, result in enumerate(found)
            if result.state == "done"
            and "input" not in result.row
            and (times[result.id] > 1 or result.id in self._there or result.id in self._ledger.letters)
        ]
        for index, result in zip(
            due, self._asked(making.identify, [refs[i] for i in due], "known records"), strict=True
        ):
            found[index] = result
        yield from zip(refs, found, strict=True)

    def _asked(self, do: Shard, refs: Sequence[Ref], doing: str) -> list[Result]:
        tasks = [Task(ref) for ref in refs]
        found: dict[int, Result] = {}
        for done in self._runner.run(do, self._job, tasks, _RECORDS):
            found[done.index] = done.result
            self._watch(Progress(doing, len(found), len(tasks), 0))
        return [found[index] for index in range(len(tasks))]

    def _plan(self, known: Iterable[tuple[Ref, Result]]) -> list[Task]:
        """Return the records whose letters are to be made."""
        by_id: dict[str, list[tuple[Ref, Result]]] = defaultdict(list)
        for ref, result in known:
            if result.state == "aside":
                result = replace(result, id=_unreadable_id(ref))
            by_id[result.id].append((ref, result))
        tasks: list[Task] = []
        for id_, found in sorted(by_id.items()):
            (ref, result), *more = found
            self._summary.duplicates += len(more)
            places = [each.where for each, _ in found]
            if result.state == "aside":
                self._set_aside(result, places)
            elif len({each.row.get("input") for _, each in found}) > 1:
                self._refuse(id_, "given-twice", places)
            elif "input" not in result.row:
                tasks.append(Task(ref, id_))
            elif (task := self._task(ref, result.row, self._there.get(id_, []))) is not None:
                if (task.others or self._differs(result.row)) and not self._job.replace:
                    self._refuse(id_, "conflict", places)
                else:
                    tasks.append(task)
        return tasks

    def _task(self, ref: Ref, known: Row, names: list[str]) -> Task | None:
        """Return what is to be done for a record; None where its letters are there and would come out the same."""
        own = rows.stem(known["id"], known["input"])
        row = self._ledger.letters.get(known["id"])
        # A letter in a medium that is not asked for now is another one too where it was made from other wording.
        asked = {own + media.READ[name].suffix for name in self._job.media}
        stale = row is not None and any(row.get(name) != value for name, value in known.get("recipe", {}).items())
        others = tuple(name for name in names if name not in asked and (stale or not name.startswith(own)))
        if row is not None and not others and self._is_current(row, known):
            self._summary.kept += 1
            return None
        return Task(ref, known["id"], known["input"], others)

    def _differs(self, known: Row) -> bool:
        row = self._ledger.letters.get(known["id"])
        return row is not None and row["input"] != known["input"]

    def _is_current(self, row: Row, known: Row) -> bool:
        recipe = {"input": known["input"], **known.get("recipe", {"input": None})}
        if any(row.get(name) != value for name, value in recipe.items()):
            return False
        for name, facts in known["media"].items():
            output = row["outputs"].get(name, {})
            if not output or any(output.get(key) != value for key, value in facts.items()):
                return False
            data = self._store.read(output["name"])
            if data is None or rows.digest(data) != output["digest"]:
                return False
        return True

    def _take(self, done: Done[Result], task: Task, begun: float) -> None:
        """Take in what came of a record."""
        result = done.result
        if result.state == "aside":
            if result.code == "conflict":
                self._refuse(task.id, "conflict", [task.ref.where])
            else:
                result = replace(result, id=result.id or _unreadable_id(task.ref))
                self._set_aside(result, [task.ref.where], done.attempts)
            return
        row = result.row
        old = self._ledger.letters.get(task.id)
        if old is not None:
            row = _merged(old, row)
        if result.detail == "same" and task.id in self._there:  # or an attempt before had put it there
            self._summary.kept += 1
        elif result.detail == "replaced":
            self._summary.replaced += 1
        else:
            self._summary.made += 1
        self._ledger.letters[task.id] = row
        self._note("letter", row=row, attempts=done.attempts, after=round(time.monotonic() - begun, 3))

    def _set_aside(self, result: Result, places: list[str], attempts: int = 1) -> None:
        row = work.plain(result)
        self._summary.aside.append(row)
        self._summary.places[row["id"]] = places
        self._note("aside", row=row, attempts=attempts)

    def _refuse(self, id_: str, code: str, places: list[str]) -> None:
        row = {"id": id_, "code": code, "findings": []}
        self._summary.refused.append(row)
        self._summary.places[id_] = places
        self._note("aside", row=row)

    def _about(self) -> Row:
        """Return what the batch was asked for, and its counts."""
        summary = self._summary
        return {
            "version": rows.VERSION,
            "media": list(self._job.media),
            "family": self._job.family,
            **self._unlinted(),
            "given": summary.given,
            "duplicates": summary.duplicates,
            "letters": summary.letters,
            "set_aside": len(summary.aside),
            "refused": len(summary.refused),
        }

    def _unlinted(self) -> Row:
        """Return why letters were made although lint finds errors, where they were."""
        return {} if self._no_lint is None else {"no_lint": self._no_lint}

    def _note(self, event: str, **about: object) -> None:
        """Put an event into the journal, now or with the next ones."""
        self._waiting.append(rows.line({"at": rows.now(), "event": event, **about}))
        if time.monotonic() - self._written > _PERIOD:
            self.flush()

    def flush(self) -> None:
        """Write the journal as far as it has come."""
        if self._waiting:
            self._store.append(rows.JOURNAL, rows.lines(self._waiting))
            self._waiting.clear()
        self._written = time.monotonic()


def _merged(old: Row, new: Row) -> Row:
    """Return the row of a letter that was there: what made its bytes is what made them first."""
    there = {name: output["digest"] for name, output in old["outputs"].items()}
    same = all(there.get(name, output["digest"]) == output["digest"] for name, output in new["outputs"].items())
    if old["input"] != new["input"] or not same:
        return new
    return {**old, "outputs": dict(sorted({**new["outputs"], **old["outputs"]}.items()))}


def _unreadable_id(ref: Ref) -> str:
    """Return what identifies a record that does not tell who it is: its bytes."""
    try:
        if ref.kind == "row":
            data = inputs.decision(ref)
        else:
            data = addresses.read(ref.address, ref.start, min(ref.size or LARGEST, LARGEST))
    except ImrLettersError:
        data = ref.where.encode()  # digested, so it tells nothing
    return f"unreadable-{rows.digest(data)[:32]}"
