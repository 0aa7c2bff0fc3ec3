"""`batch parse`: letters by the thousand become a table of letters and one of disputed items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from imr_letters.batch import addresses, inputs, rows, tables, work
from imr_letters.batch.options import DEFAULT, Options, Progress, Watch, job_for, unwatched, working
from imr_letters.batch.rows import Row
from imr_letters.batch.together import whole
from imr_letters.batch.work import Job, Result, Shard, Task
from imr_letters.engine.showing import masked
from imr_letters.letters import parse as read_letter
from imr_letters.workers.parts import in_order

#: Letters of a shard at most. Their rows hold whole letters, so shards are short.
SHARD = 10


@dataclass(slots=True)
class Table:
    """What came of reading letters."""

    letters: int = 0
    read: int = 0
    items: int = 0
    upheld: int = 0
    overturned: int = 0
    #: Letters that could not be read: the place, the code, and codes and fields of the findings.
    unread: list[Row] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """What a command ends with."""
        return 3 if self.unread else 0

    def shape(self) -> Row:
        """Return it as `--json` prints it."""
        return {name: getattr(self, name) for name in self.__slots__}


def parse_shard(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Read letters."""
    return work.shard(job, tasks, parse_one)


def parse_one(job: Job, task: Task) -> Result:
    """Read a letter into the rows of both tables."""
    reading = read_letter(inputs.letter(task.ref), job.family, job.wording, accept_drift=job.accept_drift)
    findings = [{**each, "severity": finding.severity} for finding in reading.findings for each in rows.bare([finding])]
    resolved = job.wording.phrases_of(reading.decision).resolve(reading.decision)
    form = job.wording.form_of(reading.decision)
    row = {
        "letter": tables.letter_row(reading.decision, reading.family, findings, form),
        "items": tables.item_rows(reading.decision, resolved, form),
    }
    return Result("done", task.id, row)


def parse(
    given: Sequence[str],
    table: str,
    options: Options = DEFAULT,
    *,
    accept_drift: bool = False,
    replace_table: bool = False,
    watch: Watch = unwatched,
    shard: Shard = parse_shard,
) -> Table:
    """Read letters into a table and the one of their items beside it; return what came of it.

    A letter that cannot be read has a row with the code of its error. Raises as `render` does.
    """
    suffix = tables.suffix_of(table)
    names = [addresses.absolute(each) for each in (table, tables.items_name(table))]
    refs = inputs.letters(given)
    shown = _shown(given, refs)
    job = replace(job_for("", options), accept_drift=accept_drift)
    found = Table(letters=len(refs))
    tasks = [Task(ref, id=shown[ref]) for ref in refs]
    tasks.sort(key=lambda task: task.id)
    with (
        working(options, job, given, SHARD) as (runner, job),
        whole(names, replace=replace_table, mode=options.mode) as (letters, items),
    ):
        letters_writer = tables.writer(suffix, letters, tables.letter_columns(job.wording.forms))
        items_writer = tables.writer(suffix, items, tables.item_columns(job.wording.forms))
        for done in in_order(runner.run(shard, job, tasks, SHARD)):
            result, source = done.result, {"source": tasks[done.index].id}
            if result.state == "aside":
                found.unread.append({**source, "code": result.code, "findings": list(result.findings)})
                letters_writer.add({**source, "error": result.code, "findings": list(result.findings)})
            else:
                letter = result.row["letter"]
                found.read += 1
                for name in ("items", "upheld", "overturned"):
                    setattr(found, name, getattr(found, name) + letter[name])
                letters_writer.add({**source, **letter})
                for row in result.row["items"]:
                    items_writer.add({**source, **row})
            watch(Progress("letters", found.read + len(found.unread), len(tasks), len(found.unread)))
        letters_writer.end()
        items_writer.end()
    return found


def _shown(given: Sequence[str], refs: Sequence[inputs.Ref]) -> dict[inputs.Ref, str]:
    """Return by reference the place of a letter in the words in which it was given."""
    roots = sorted(((addresses.absolute(each), each) for each in given), key=lambda pair: -len(pair[0]))

    def words(address: str) -> str:
        for root, as_given in roots:
            if address == root:
                return as_given
            if address.startswith(root.rstrip("/") + "/"):
                return as_given.rstrip("/") + address[len(root.rstrip("/")) :]
        return address

    return {ref: masked(words(ref.address)) for ref in refs}
